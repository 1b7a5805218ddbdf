"""The perceptron by hand against torch's autograd, scikit-learn, and what is proved about it."""

import itertools

import numpy as np
import pytest
import torch
from sklearn.linear_model import Perceptron as LibraryPerceptron
from sklearn.svm import LinearSVC

from groundtruth.scratch.perceptron import (
    MulticlassPerceptron,
    Perceptron,
    TwoLayers,
    fate,
    homogeneous,
    homogeneous_margin,
    margin,
    maximum_margin,
    novikoff_bound,
    step,
    xor_network,
)

CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
XOR = torch.tensor([0, 1, 1, 0])


def separable(seed: int, examples: int = 80, features: int = 3, gap: float = 0.05):
    """Points of a cube on both sides of a known plane, none nearer to it than ``gap``."""
    generator = torch.Generator().manual_seed(seed)
    weights = torch.randn(features, generator=generator, dtype=torch.float64)
    bias = 0.3 * float(torch.randn(1, generator=generator))
    points = 2 * torch.rand(40 * examples, features, generator=generator, dtype=torch.float64) - 1
    scores = points @ weights + bias
    far = scores.abs() > gap * torch.linalg.vector_norm(weights)
    return points[far][:examples], (scores[far][:examples] > 0).long(), weights, bias


# --- against the library --------------------------------------------------------------------------


@pytest.mark.parametrize(("features", "seed"), [*itertools.product((1, 2, 7, 784), range(3))])
def test_update_is_the_gradient_step_on_the_perceptron_loss(features, seed):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(20, features, generator=generator, dtype=torch.float64)
    labels = torch.randint(2, (20,), generator=generator)
    unit = Perceptron(torch.randn(features, generator=generator, dtype=torch.float64), bias=0.25)
    layer = torch.nn.Linear(features, 1).double()
    with torch.no_grad():
        layer.weight[0] = unit.weights
        layer.bias[0] = unit.bias
    optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
    mistakes = []
    for x, label in zip(inputs, labels, strict=True):
        output = layer(x)[0]  # ()
        torch.testing.assert_close(unit.score(x), output.detach())
        loss = torch.relu(-(2 * label - 1) * output)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mistakes.append(unit.update(x, int(label)))
        assert mistakes[-1] == bool(loss > 0)
        torch.testing.assert_close(unit.weights, layer.weight[0].detach())
        torch.testing.assert_close(torch.tensor(unit.bias).double(), layer.bias[0].detach())
    assert any(mistakes)
    assert not all(mistakes)


@pytest.mark.parametrize("seed", range(4))
def test_passes_give_the_weights_of_scikit_learn(seed):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(60, 4, generator=generator, dtype=torch.float64)
    labels = (inputs[:, 0] + 0.8 * torch.randn(60, generator=generator, dtype=torch.float64) > 0).long()
    start = torch.randn(
        4, generator=generator, dtype=torch.float64
    )  # not zero: the two treat ties differently
    for passes in (1, 2, 5):
        unit = Perceptron(start, bias=0.1)
        wrong = [len(unit.one_pass(inputs, labels)) for _ in range(passes)]
        library = LibraryPerceptron(shuffle=False, max_iter=passes, tol=None)
        library.fit(
            inputs.numpy(), labels.numpy(), coef_init=start[None].numpy(), intercept_init=np.array([0.1])
        )
        np.testing.assert_allclose(unit.weights, library.coef_[0], atol=1e-9)
        np.testing.assert_allclose(unit.bias, library.intercept_[0], atol=1e-9)
        assert wrong[-1] > 0  # the labels are noisy: it went on learning to the end
        np.testing.assert_array_equal(unit.predict(inputs), library.predict(inputs.numpy()))


@pytest.mark.parametrize("seed", range(3))
def test_multiclass_update_is_the_gradient_step_on_its_loss(seed):
    generator = torch.Generator().manual_seed(seed)
    inputs = torch.randn(40, 6, generator=generator, dtype=torch.float64)
    labels = torch.randint(4, (40,), generator=generator)
    unit = MulticlassPerceptron(4, 6, torch.float64)
    unit.weights = torch.randn(4, 6, generator=generator, dtype=torch.float64)
    layer = torch.nn.Linear(6, 4).double()
    with torch.no_grad():
        layer.weight.copy_(unit.weights)
        layer.bias.copy_(unit.biases)
    optimizer = torch.optim.SGD(layer.parameters(), lr=1.0)
    wrong = 0
    for x, label in zip(inputs, labels, strict=True):
        scores = layer(x)
        torch.testing.assert_close(unit.score(x), scores.detach())
        optimizer.zero_grad()
        (scores.max() - scores[label]).backward()
        optimizer.step()
        wrong += unit.update(x, int(label))
        torch.testing.assert_close(unit.weights, layer.weight.detach())
        torch.testing.assert_close(unit.biases, layer.bias.detach())
    assert 0 < wrong < 40


def test_multiclass_with_two_classes_is_the_perceptron_twice():
    inputs, labels, *_ = separable(5)
    one, two = Perceptron.zeros(3), MulticlassPerceptron(2, 3, torch.float64)
    # From zeros the first tie goes to class 0 in both.
    wrong = [len(one.one_pass(inputs, labels)) for _ in range(3)]
    assert wrong == [two.one_pass(inputs, labels) for _ in range(3)]
    torch.testing.assert_close(two.weights[1] - two.weights[0], 2 * one.weights)
    torch.testing.assert_close(two.averaged().weights[1], one.averaged().weights)


# --- the learning rule ----------------------------------------------------------------------------


def test_an_update_worked_by_hand():
    unit = Perceptron(torch.tensor([1.0, -1.0], dtype=torch.float64), bias=0.0)
    assert unit.update(torch.tensor([2.0, 3.0], dtype=torch.float64), 1)  # 2 − 3 + 0 = −1: silent, wrongly
    assert (unit.weights.tolist(), unit.bias) == ([3.0, 2.0], 1.0)
    assert not unit.update(torch.tensor([2.0, 3.0], dtype=torch.float64), 1)  # 6 + 6 + 1 = 13
    assert unit.update(torch.tensor([1.0, 2.0], dtype=torch.float64), 0)  # 3 + 4 + 1 = 8: fires, wrongly
    assert (unit.weights.tolist(), unit.bias) == ([2.0, 0.0], 0.0)
    assert unit.seen == 3


def test_a_score_of_zero_is_answered_with_zero():
    assert step(torch.tensor([-1.0, 0.0, 1e-30])).tolist() == [0, 0, 1]
    assert not Perceptron.zeros(2).update(torch.ones(2, dtype=torch.float64), 0)
    assert Perceptron.zeros(2).update(torch.ones(2, dtype=torch.float64), 1)


def test_the_average_is_the_mean_over_presentations():
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(30, 3, generator=generator, dtype=torch.float64)
    labels = torch.randint(2, (30,), generator=generator)
    start = torch.randn(3, generator=generator, dtype=torch.float64)
    unit, states = Perceptron(start, bias=0.5), []
    for x, label in zip(inputs, labels, strict=True):
        unit.update(x, int(label))
        states.append(torch.cat([unit.weights, torch.tensor([unit.bias]).double()]))
    mean = torch.stack(states).mean(dim=0)
    torch.testing.assert_close(unit.averaged().weights, mean[:3])
    assert unit.averaged().bias == pytest.approx(float(mean[3]))

    many = MulticlassPerceptron(3, 3, torch.float64)
    labels = torch.randint(3, (30,), generator=generator)
    weights, biases = [], []
    for x, label in zip(inputs, labels, strict=True):
        many.update(x, int(label))
        weights.append(many.weights.clone())
        biases.append(many.biases.clone())
    torch.testing.assert_close(many.averaged().weights, torch.stack(weights).mean(dim=0))
    torch.testing.assert_close(many.averaged().biases, torch.stack(biases).mean(dim=0))


def test_fit_tells_its_path_and_its_mistakes():
    inputs, labels, *_ = separable(2)
    unit = Perceptron.zeros(3)
    history = unit.fit(inputs, labels, passes=500, generator=torch.Generator().manual_seed(0))
    assert history.converged
    assert history.mistakes[-1] == 0
    assert 0 < sum(history.mistakes) == len(history.path) - 1
    torch.testing.assert_close(history.path[-1][0], unit.weights)
    assert history.path[-1][1] == unit.bias
    assert torch.equal(history.path[0][0], torch.zeros(3, dtype=torch.float64))
    # Each step of the path is one signed example, and it was a mistake of the state before.
    signed = {
        (*(s * x).tolist(), float(s)) for x, y in zip(inputs, labels, strict=True) for s in [2 * int(y) - 1]
    }
    for (w, b), (w2, b2) in itertools.pairwise(history.path):
        change = torch.cat([w2 - w, torch.tensor([b2 - b]).double()])
        nearest = min(signed, key=lambda one: float((torch.tensor(one) - change).abs().max()))
        assert torch.allclose(torch.tensor(nearest).double(), change)
        assert nearest[-1] * float(torch.tensor(nearest[:3]).double() @ w * nearest[-1] + b) <= 0
    assert torch.equal(unit.predict(inputs), labels.double())


def test_fit_stops_when_the_passes_are_over():
    history = Perceptron.zeros(2).fit(CORNERS, XOR, passes=7)
    assert not history.converged
    assert len(history.mistakes) == 7
    assert min(history.mistakes) > 0


def test_the_order_is_the_generators():
    inputs, labels, *_ = separable(3, examples=200, gap=0.01)
    runs = [
        Perceptron.zeros(3).fit(inputs, labels, 1000, torch.Generator().manual_seed(seed)).path[-1][0]
        for seed in (0, 0, 1)
    ]
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


# --- what is proved -------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_mistakes_stay_within_novikoffs_bound(seed):
    inputs, labels, weights, bias = separable(seed, features=2 + seed % 4, gap=0.02 * (1 + seed % 3))
    bound = novikoff_bound(inputs, labels)
    for order in range(3):
        history = Perceptron.zeros(inputs.shape[1]).fit(
            inputs, labels, 2_000, torch.Generator().manual_seed(order)
        )
        assert history.converged
        assert sum(history.mistakes) <= bound.mistakes
    loose = novikoff_bound(inputs, labels, separator=(weights, bias))
    assert loose.radius == bound.radius
    assert loose.mistakes >= bound.mistakes
    assert bound.radius == pytest.approx(max(float(x @ x) + 1 for x in inputs) ** 0.5)


@pytest.mark.parametrize("power", range(1, 6))
def test_the_bound_is_reached_by_orthogonal_inputs(power):
    hadamard = torch.ones(1, 1, dtype=torch.float64)
    for _ in range(power):
        hadamard = torch.cat([torch.cat([hadamard, hadamard], 1), torch.cat([hadamard, -hadamard], 1)])
    inputs, labels = hadamard[:, 1:], torch.ones(2**power, dtype=torch.long)  # column 0 is the bias's 1
    history = Perceptron.zeros(inputs.shape[1]).fit(inputs, labels, passes=3)
    assert history.mistakes == [2**power, 0]
    assert novikoff_bound(inputs, labels).mistakes == pytest.approx(2**power)


@pytest.mark.parametrize("seed", range(6))
def test_maximum_margin_agrees_with_a_support_vector_machine(seed):
    inputs, labels, weights, bias = separable(seed)
    w, b, gamma = maximum_margin(inputs, labels)
    machine = LinearSVC(
        C=1e6, loss="hinge", fit_intercept=False, tol=1e-9, max_iter=2_000_000, random_state=0
    )
    machine.fit(homogeneous(inputs).numpy(), labels.numpy())
    assert gamma == pytest.approx(1 / np.linalg.norm(machine.coef_), rel=1e-4)
    assert gamma == pytest.approx(homogeneous_margin(inputs, labels, w, b))
    assert gamma >= homogeneous_margin(inputs, labels, weights, bias)


def test_the_two_margins_differ_and_have_their_units():
    inputs = torch.tensor([[0.0, 3.0], [0.0, 5.0]], dtype=torch.float64)
    labels, weights = torch.tensor([0, 1]), torch.tensor([0.0, 2.0], dtype=torch.float64)
    assert margin(inputs, labels, weights, -8.0) == pytest.approx(1.0)  # the line y = 4, one away from both
    assert margin(10 * inputs, labels, weights, -80.0) == pytest.approx(10.0)
    assert homogeneous_margin(inputs, labels, weights, -8.0) == pytest.approx(2 / 68**0.5)
    assert margin(inputs, labels, weights, -4.0) == pytest.approx(
        -1.0
    )  # y = 2: the first is on the wrong side
    with pytest.raises(ValueError, match="draw no line"):
        margin(inputs, labels, torch.zeros(2, dtype=torch.float64), 1.0)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_xor_comes_back_to_where_it_was_in_every_order(order):
    inputs, labels = CORNERS[list(order)], XOR[list(order)]
    ending = fate(inputs, labels)
    assert not ending.converged
    assert len(ending.cycle) > 0
    # One more turn from a state of the cycle, by hand, is the same turn.
    unit = Perceptron(torch.tensor(ending.cycle[-1][:2]).double(), ending.cycle[-1][2])
    turn = []
    for _ in range(ending.cycle_passes):
        for x, label in zip(inputs, labels, strict=True):
            if unit.update(x, int(label)):
                turn.append((*unit.weights.tolist(), unit.bias))
    assert turn == ending.cycle


@pytest.mark.parametrize(("features", "learnable"), [(1, 4), (2, 14), (3, 104)])
def test_fate_tells_the_functions_that_one_unit_can_learn(features, learnable):
    corners = torch.tensor(list(itertools.product((0.0, 1.0), repeat=features)))
    endings = [fate(corners, torch.tensor(y)) for y in itertools.product((0, 1), repeat=len(corners))]
    assert sum(ending.converged for ending in endings) == learnable
    for ending, y in zip(endings, itertools.product((0, 1), repeat=len(corners)), strict=True):
        if ending.converged:
            assert ending.mistakes <= novikoff_bound(corners.double(), torch.tensor(y)).mistakes
            assert (ending.cycle, ending.cycle_passes) == ([], 0)
        else:
            with pytest.raises(ValueError, match="cannot be separated"):
                maximum_margin(corners.double(), torch.tensor(y))


def test_two_layers_answer_xor():
    network = xor_network()
    assert network.hidden(CORNERS).tolist() == [[0, 1], [1, 1], [1, 1], [1, 0]]
    assert network.predict(CORNERS).tolist() == XOR.tolist()
    reference = torch.nn.Linear(2, 2).double()
    with torch.no_grad():
        reference.weight.copy_(network.hidden_weights)
        reference.bias.copy_(network.hidden_biases)
    points = torch.randn(50, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    torch.testing.assert_close(network.hidden(points), (reference(points) > 0).double())
    wide = TwoLayers(torch.randn(5, 3), torch.randn(5), torch.randn(5), 0.1)
    assert wide.predict(torch.randn(7, 3)).shape == (7,)


# --- wrong input ----------------------------------------------------------------------------------


def test_wrong_input_is_named():
    x, y = CORNERS, XOR
    unit = Perceptron.zeros(2)
    with pytest.raises(ValueError, match=r"needs inputs \(N, D\)"):
        unit.one_pass(x, y[:3])
    with pytest.raises(ValueError, match=r"needs inputs \(N, D\)"):
        unit.one_pass(x[0], y)
    with pytest.raises(ValueError, match=r"labels must be among 0 … 1"):
        unit.one_pass(x, 2 * y - 1)
    with pytest.raises(ValueError, match="2 features"):
        unit.one_pass(x[:, :1], y)
    with pytest.raises(ValueError, match="passes"):
        unit.fit(x, y, passes=0)
    with pytest.raises(ValueError, match=r"shape \(D,\)"):
        Perceptron(torch.zeros(1, 2))
    with pytest.raises(ValueError, match="at least one presented"):
        unit.averaged()
    with pytest.raises(ValueError, match="whole numbers"):
        fate(x / 3, y)
    with pytest.raises(RuntimeError, match="within 1 passes"):
        fate(x, torch.tensor([0, 0, 0, 1]), passes=1)
    with pytest.raises(ValueError, match="gets an example wrong"):
        novikoff_bound(x, torch.tensor([0, 1, 1, 1]), separator=(torch.ones(2).double(), -1.5))
    with pytest.raises(ValueError, match="all zero"):
        homogeneous_margin(x, y, torch.zeros(2).double(), 0.0)
    with pytest.raises(ValueError, match="two classes"):
        MulticlassPerceptron(1, 2)
    many = MulticlassPerceptron(3, 2, torch.float64)
    with pytest.raises(ValueError, match=r"labels must be among 0 … 2"):
        many.one_pass(x, torch.tensor([0, 1, 2, 3]))
    with pytest.raises(ValueError, match="2 features"):
        many.score(torch.zeros(4, 3, dtype=torch.float64))
    with pytest.raises(ValueError, match="at least one presented"):
        many.averaged()


def test_the_cycle_of_xor_is_entered_in_the_middle_of_a_pass():
    """By hand: corrected are (0, 1) and (1, 1) once, and then for ever (0, 1), (1, 0), (1, 1), (0, 0)."""
    corners = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=torch.float64)
    ending = fate(corners, torch.tensor([0, 1, 1, 0]))
    assert (ending.mistakes, len(ending.cycle), ending.cycle_passes) == (2, 4, 1)
