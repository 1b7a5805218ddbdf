"""Activations by hand against torch, in value and slope; their bounds; and units that do not listen."""

import itertools
import math

import pytest
import torch
from torch.nn import functional

from groundtruth.scratch.activations import (
    ACTIVATIONS,
    always_on,
    dead,
    leaky_relu,
    leaky_relu_slope,
    saturated,
)

THEIRS = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "ReLU": torch.relu,
    "leaky ReLU": functional.leaky_relu,
    "GELU": functional.gelu,
}
SHAPES = [(), (5,), (3, 4), (2, 1, 6)]
EXACT = {"rtol": 1e-12, "atol": 1e-15}


def draw(*shape, seed=0, size=3.0):
    return size * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(("name", "shape", "seed"), [*itertools.product(THEIRS, SHAPES, (0, 1))])
def test_values_and_slopes_are_torchs(name, shape, seed):
    z = draw(*shape, seed=seed).requires_grad_()
    value = THEIRS[name](z)
    (slope,) = torch.autograd.grad(value.sum(), z)
    ours = ACTIVATIONS[name]
    torch.testing.assert_close(ours.value(z.detach()), value.detach(), **EXACT)
    torch.testing.assert_close(ours.slope(z.detach()), slope, **EXACT)


@pytest.mark.parametrize("name", THEIRS)
def test_edges_are_torchs(name):
    places = [-800.0, -40.0, -1e-9, -0.0, 0.0, 1e-9, 40.0, 800.0]
    z = torch.tensor(places, dtype=torch.float64, requires_grad=True)
    value = THEIRS[name](z)
    (slope,) = torch.autograd.grad(value.sum(), z)
    ours = ACTIVATIONS[name]
    torch.testing.assert_close(ours.value(z.detach()), value.detach(), **EXACT)
    torch.testing.assert_close(ours.slope(z.detach()), slope, **EXACT)
    assert ours.value(z.detach()).isfinite().all()
    assert ours.slope(z.detach()).isfinite().all()


@pytest.mark.parametrize("name", THEIRS)
def test_slopes_are_those_of_finite_differences(name):
    z = torch.linspace(-5, 5, 41, dtype=torch.float64) + 0.013  # off the kink
    ours = ACTIVATIONS[name]
    difference = (ours.value(z + 1e-6) - ours.value(z - 1e-6)) / 2e-6
    torch.testing.assert_close(ours.slope(z), difference, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", THEIRS)
def test_they_stay_in_their_range_and_dtype(name):
    z = torch.linspace(-60, 60, 2401)
    value = ACTIVATIONS[name].value(z)
    assert value.dtype == torch.float32
    assert ACTIVATIONS[name].lowest <= float(value.min())
    assert float(value.max()) <= ACTIVATIONS[name].highest


def test_what_the_text_says_of_their_slopes():
    z = torch.linspace(-8, 8, 16_001, dtype=torch.float64)
    highest = {name: float(one.slope(z).max()) for name, one in ACTIVATIONS.items()}
    assert highest["sigmoid"] == pytest.approx(0.25)
    assert highest["tanh"] == pytest.approx(1)
    assert highest["ReLU"] == highest["leaky ReLU"] == 1
    assert 1.1 < highest["GELU"] < 1.2
    lowest = float(ACTIVATIONS["GELU"].value(z).min())
    assert lowest == pytest.approx(-0.17, abs=1e-3)
    assert float(z[ACTIVATIONS["GELU"].value(z).argmin()]) == pytest.approx(-0.75, abs=0.01)
    twice = 2 * ACTIVATIONS["sigmoid"].value(2 * z) - 1
    torch.testing.assert_close(ACTIVATIONS["tanh"].value(z), twice)


@pytest.mark.parametrize("leak", [0.0, 0.2, 1.0])
def test_the_leak_is_a_parameter(leak):
    z = draw(50).requires_grad_()
    value = functional.leaky_relu(z, leak)
    (slope,) = torch.autograd.grad(value.sum(), z)
    torch.testing.assert_close(leaky_relu(z.detach(), leak), value.detach(), **EXACT)
    torch.testing.assert_close(leaky_relu_slope(z.detach(), leak), slope, **EXACT)


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("sigmoid", lambda z: torch.sigmoid(z) * (1 + torch.sigmoid(z))),
        ("tanh", lambda z: 1 - torch.tanh(z)),
        ("ReLU", lambda z: (z >= 0).to(z.dtype)),  # differs at the kink alone
        ("leaky ReLU", lambda z: (z > 0).to(z.dtype)),
        ("GELU", torch.special.ndtr),  # the second part of the product rule forgotten
    ],
)
def test_planted_faults_would_be_seen(name, planted):
    z = torch.cat([draw(20), torch.zeros(1, dtype=torch.float64)])
    assert not torch.allclose(ACTIVATIONS[name].slope(z), planted(z), **EXACT)


# --- units that do not listen -----------------------------------------------------------------------------


def test_a_dead_unit_gets_no_slope_and_no_other_is_called_dead():
    scores = torch.tensor([[-1.0, -1.0, 2.0, 0.0], [-3.0, 1.0, 5.0, -1.0]], requires_grad=True)
    torch.relu(scores).square().sum().backward()
    assert dead(scores.detach()).tolist() == [True, False, False, True]
    assert always_on(scores.detach()).tolist() == [False, False, True, False]
    assert (scores.grad[:, dead(scores.detach())] == 0).all()
    assert not dead(scores.detach(), leaky_relu_slope).any()


def test_saturation_is_a_share():
    scores = torch.tensor([[-10.0, 0.0], [10.0, 1.0]])
    slope = ACTIVATIONS["sigmoid"].slope
    assert saturated(scores, slope, 0.025) == 0.5
    assert saturated(scores, slope, 1.0) == 1.0


def test_wrong_input_is_named():
    for function in (dead, always_on):
        for bad in (torch.zeros(3), torch.zeros(0, 3)):
            with pytest.raises(ValueError, match=r"scores must have shape \(N, K\)"):
                function(bad)
    with pytest.raises(ValueError, match="below > 0"):
        saturated(torch.zeros(3), ACTIVATIONS["tanh"].slope, 0.0)
    with pytest.raises(ValueError, match="needs scores"):
        saturated(torch.zeros(0), ACTIVATIONS["tanh"].slope, math.pi)
