"""First weights by hand against torch.nn.init, draw by draw, and against the variances that theory asks for."""

import itertools
import math

import pytest
import torch
from torch import nn

from groundtruth.scratch import initialisation as by_hand

SHAPES = [(1, 1), (3, 7), (7, 3), (20, 20)]
THEIRS = {
    "glorot_uniform": nn.init.xavier_uniform_,
    "glorot_normal": nn.init.xavier_normal_,
    "he_uniform": lambda t, generator: nn.init.kaiming_uniform_(t, nonlinearity="relu", generator=generator),
    "he_normal": lambda t, generator: nn.init.kaiming_normal_(t, nonlinearity="relu", generator=generator),
    "linear_default": lambda t, generator: nn.init.kaiming_uniform_(t, a=math.sqrt(5), generator=generator),
}
VARIANCES = {
    "glorot_uniform": lambda k, d: 2 / (k + d),
    "glorot_normal": lambda k, d: 2 / (k + d),
    "he_uniform": lambda k, d: 2 / d,
    "he_normal": lambda k, d: 2 / d,
    "linear_default": lambda k, d: 1 / (3 * d),
}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("name", "shape", "seed"), [*itertools.product(THEIRS, SHAPES, (0, 1))])
def test_the_same_generator_gives_torchs_weights(name, shape, seed):
    ours = getattr(by_hand, name)(*shape, seeded(seed))
    theirs = THEIRS[name](torch.empty(shape, dtype=torch.float64), generator=seeded(seed))
    assert ours.shape == shape
    assert ours.dtype == torch.float64
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("name", "shape"), [*itertools.product(VARIANCES, [(300, 100), (100, 300)])])
def test_variances_are_those_of_theory(name, shape):
    weights = getattr(by_hand, name)(*shape, seeded(3))
    variance = VARIANCES[name](*shape)
    assert float(weights.var()) == pytest.approx(variance, rel=0.03)
    assert abs(float(weights.mean())) < 4 * math.sqrt(variance / weights.numel())
    if name.endswith(("uniform", "default")):
        assert 0.99 < float(weights.abs().max()) / math.sqrt(3 * variance) <= 1
    else:
        assert float(weights.abs().max()) > 3 * math.sqrt(variance)  # a normal variable has no edge


def test_a_linear_layer_starts_as_the_text_says():
    torch.manual_seed(0)
    weights = nn.Linear(400, 300).weight.detach()
    assert float(weights.abs().max()) <= 1 / math.sqrt(400)
    assert float(weights.var()) == pytest.approx(1 / (3 * 400), rel=0.03)


@pytest.mark.parametrize(("units", "inputs", "seed"), [(1, 1, 0), (7, 3, 1), (3, 20, 2)])
def test_linear_biases_are_torchs_draw_by_draw(units, inputs, seed):
    edge = 1 / math.sqrt(inputs)
    theirs = torch.empty(units, dtype=torch.float64).uniform_(-edge, edge, generator=seeded(seed))
    torch.testing.assert_close(
        by_hand.linear_biases(units, inputs, seeded(seed)), theirs, rtol=1e-12, atol=1e-14
    )


def test_a_linear_layer_draws_biases_of_the_same_edge_as_its_weights():
    torch.manual_seed(0)
    theirs = nn.Linear(400, 30_000).bias.detach().double()
    ours = by_hand.linear_biases(30_000, 400, seeded())
    for biases in (theirs, ours):
        assert 0.99 < float(biases.abs().max()) * 20 <= 1
        assert float(biases.var()) == pytest.approx(1 / (3 * 400), rel=0.03)


@pytest.mark.parametrize("leak", [0.0, 0.01, 0.5, 1.0])
def test_he_knows_leaks(leak):
    theirs = nn.init.calculate_gain("leaky_relu", leak) / math.sqrt(9)
    assert by_hand.he_std(9, leak) == pytest.approx(theirs, rel=1e-12)


def test_constants_and_plain_noise():
    assert torch.equal(by_hand.zeros(2, 3), torch.zeros(2, 3, dtype=torch.float64))
    assert torch.equal(by_hand.constant(2, 3, 0.5), torch.full((2, 3), 0.5, dtype=torch.float64))
    theirs = nn.init.normal_(torch.empty(4, 5, dtype=torch.float64), std=0.01, generator=seeded(1))
    torch.testing.assert_close(by_hand.normal(4, 5, seeded(1)), theirs)


@pytest.mark.parametrize(
    "planted",
    [
        lambda k, d, g: math.sqrt(1 / d) * torch.randn(k, d, generator=g, dtype=torch.float64),  # no 2
        lambda k, d, g: math.sqrt(2 / k) * torch.randn(k, d, generator=g, dtype=torch.float64),  # fan out
        lambda k, d, g: 2 / d * torch.randn(k, d, generator=g, dtype=torch.float64),  # a variance as spread
    ],
)
def test_planted_faults_would_be_seen(planted):
    theirs = THEIRS["he_normal"](torch.empty(7, 3, dtype=torch.float64), generator=seeded())
    assert not torch.allclose(planted(7, 3, seeded()), theirs)


# --- what becomes of the signal ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "factor"), [("he_normal", 1.0), ("glorot_normal", 0.5), ("linear_default", 1 / 6)]
)
def test_relu_layers_change_the_mean_square_by_the_factor_of_theory(name, factor):
    x = torch.randn(300, 400, generator=seeded(5), dtype=torch.float64)
    scores = by_hand.scores_by_depth(x, 6, getattr(by_hand, name), torch.relu, seeded(6))
    squares = [float(z.square().mean()) for z in scores]
    assert (squares[-1] / squares[0]) ** (1 / 5) == pytest.approx(factor, rel=0.1)


def test_scores_by_depth_are_those_of_a_loop():
    x = torch.randn(4, 3, generator=seeded(1), dtype=torch.float64)
    scores = by_hand.scores_by_depth(x, 3, by_hand.he_normal, torch.tanh, seeded(2))
    generator = seeded(2)
    for found in scores:
        expected = x @ by_hand.he_normal(3, 3, generator).T
        torch.testing.assert_close(found, expected)
        x = expected.tanh()
    assert len(scores) == 3


def test_scores_by_depth_add_biases_drawn_after_the_weights():
    x = torch.randn(4, 3, generator=seeded(1), dtype=torch.float64)
    rules = (by_hand.linear_default, by_hand.linear_biases)
    scores = by_hand.scores_by_depth(x, 3, rules[0], torch.relu, seeded(2), rules[1])
    generator = seeded(2)
    for found in scores:
        layer = nn.Linear(3, 3).double()
        weights, biases = (rule(3, 3, generator) for rule in rules)
        layer.load_state_dict({"weight": weights, "bias": biases})
        expected = layer(x).detach()
        torch.testing.assert_close(found, expected)
        x = expected.relu()


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="at least one unit"):
        by_hand.zeros(0, 3)
    for name in THEIRS:
        with pytest.raises(ValueError, match="at least one unit"):
            getattr(by_hand, name)(3, 0, seeded())
    with pytest.raises(ValueError, match="at least one unit"):
        by_hand.linear_biases(0, 3, seeded())
    for function in (by_hand.normal, by_hand.uniform):
        with pytest.raises(ValueError, match="std must be"):
            function(2, 2, seeded(), std=-1.0)
    with pytest.raises(ValueError, match="depth ≥ 1"):
        by_hand.scores_by_depth(torch.zeros(2, 2), 0, by_hand.he_normal, torch.relu, seeded())
    with pytest.raises(ValueError, match=r"inputs \(N, D\)"):
        by_hand.scores_by_depth(torch.zeros(2), 1, by_hand.he_normal, torch.relu, seeded())
