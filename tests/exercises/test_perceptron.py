"""Wrong answers to the chapter's exercises, the sentence meant for each, and the facts the text leans on."""

import itertools
import math

import numpy as np
import pytest
import torch

from groundtruth.exercises import perceptron
from groundtruth.exercises.perceptron import CUBE, check, points_to_scale
from groundtruth.scratch.perceptron import Perceptron

OK_SCALING = {"without bias": [10, 10], "with bias": [5, 20], "constant": 10, "bound": "stays"}
ONES, THIRDS = torch.ones(3, 3), torch.tensor([-0.5, -1.5, -2.5])
ALTERNATING = torch.tensor([1.0, -1.0, 1.0])


def in_place(weights, bias, x, y):
    weights += (y - int(weights @ x + bias > 0)) * x
    return weights, bias


def drop_passes(X, y, passes):
    return perceptron._averaged(X, y, 1)


def identity(k):
    return torch.eye(k), torch.ones(k)


def always_two(k):
    return [[1.0, 0.1], [-1.0, 0.1]], [1, 1]


def pair(k):
    return [[1.0, 1 / k], [1.0 - k, 1 / k]], [1, 1]


def wide(k):
    """Right in number, and far from tight: two examples in the plane."""
    return pair(k) if k > 1 else ([[1.0, 0.0]], [1])


WRONG = [
    ("hand-set-nand", ([2.0, 2.0], -3.0), "computes AND"),
    ("hand-set-nand", ([-2.0, -2.0], -3.0), "bias is subtracted"),
    ("hand-set-nand", ([-1.0, -1.0], 1.0), "exactly 0 counts as 0"),
    ("hand-set-nand", ([-2.0, -2.0], 1.0), "NOR"),
    ("hand-set-nand", ([0.0, 0.0], 1.0), "3 of the 4 rows"),
    ("hand-set-nand", ([-2.0, -2.0, 3.0], 1.0), "should have shape (2,), and has shape (3,)"),
    ("hand-set-nand", [-2.0, -2.0, 3.0], "A tuple (weights, bias) is wanted, and this is a list of 3"),
    ("hand-set-nand", ([-2.0, -2.0], "3"), "The bias should be a number, and is text"),
    ("margin-of-a-line", 4.0, "no distance yet"),
    ("margin-of-a-line", 4 / math.sqrt(50), "divide by the length of w alone"),
    ("margin-of-a-line", 4 / 25, "square of the length"),
    ("margin-of-a-line", 1.75, "mean distance"),
    ("margin-of-a-line", torch.tensor(-0.8), "sign is flipped"),
    ("margin-of-a-line", [4.0, 1.2, 1.0, 0.8], "single number"),
    ("one-update", lambda w, b, x, y: (w, b), "right in"),
    ("one-update", in_place, "changes its input `weights`"),
    ("one-update", perceptron._backwards, "sign of the update is flipped"),
    ("one-update", perceptron._always, "already right"),
    ("one-update", perceptron._step_wrong_at_zero, "exactly 0"),
    ("one-update", perceptron._bias_kept, "bias never changes"),
    ("one-update", perceptron._hebb, "Hebb"),
    ("one-update", perceptron._only_ones, "false alarms"),
    ("one-update", lambda w, b, x, y: w + x, "should return (weights, bias)"),
    ("one-update", lambda w, x, y: w, "should take 4 argument(s), (weights, bias, x, y)"),
    ("one-update", lambda w, b, x, y: (x @ w, b), "should have shape (2,), and is a single number"),
    ("scale-by-ten", OK_SCALING | {"with bias": [5, 5]}, "[with bias] The counts do not differ"),
    ("scale-by-ten", OK_SCALING | {"with bias": [20, 5]}, "changed places"),
    ("scale-by-ten", OK_SCALING | {"without bias": [5, 20]}, "These are the counts with a bias"),
    ("scale-by-ten", OK_SCALING | {"without bias": [9, 9]}, "off by one"),
    ("scale-by-ten", OK_SCALING | {"constant": 0.1}, "shrunk"),
    ("scale-by-ten", OK_SCALING | {"bound": "grows"}, "What does the margin do"),
    ("scale-by-ten", {"bound": "stays"}, "lacks: 'without bias', 'with bias', 'constant'"),
    ("features-for-xor", lambda X: X, "no line separates these classes"),
    ("features-for-xor", lambda X: X**2, "changes its sign"),
    ("features-for-xor", lambda X: X[:, 0] * X[:, 1], "should return shape (64, d)"),
    ("features-for-xor", lambda X: torch.stack([X[:, 0], X[:, 0] * X[:, 1]]), "transposed"),
    ("features-for-xor", lambda X: X.repeat(1, 6), "12 features"),
    ("features-for-xor", lambda X: torch.rand(len(X), 2), "on chance"),
    ("features-for-xor", lambda X: X**3 + X[:, :1] ** 2, "No line in your features"),
    ("averaged-perceptron", lambda X, y, p: perceptron._history(X, y, p)[-1], "last weights"),
    ("averaged-perceptron", perceptron._averaged_over_changes, "only over the mistakes"),
    ("averaged-perceptron", perceptron._summed, "This is the sum"),
    ("averaged-perceptron", lambda X, y, p: perceptron._mean(perceptron._history(X, y, p)), "weights at the start"),
    ("averaged-perceptron", lambda X, y, p: perceptron._mean(perceptron._history(X, y, p)[:-1]), "before each example"),
    ("averaged-perceptron", drop_passes, "right in 2 of 5"),
    ("parity-of-three", (ONES, THIRDS, -ALTERNATING, 0.5), "Every output is the wrong way round"),
    ("parity-of-three", (ONES, -THIRDS, ALTERNATING, 0.5), "biases are subtracted"),
    ("parity-of-three", (ONES[:2], THIRDS[:2], [1.0, -1.0], -0.5), "exactly one"),
    ("parity-of-three", (ONES[:1], [-1.5], [1.0], -0.5), "majority"),
    ("parity-of-three", (ONES[:1], [-0.5], [1.0], -0.5), "computes OR"),
    ("parity-of-three", ([[1.0, 1.0, 0.0]] * 2, THIRDS[:2], [1.0, -1.0], -0.5), "XOR of two"),
    ("parity-of-three", (torch.ones(3, 2), [1.0] * 3, [1.0] * 3, 0.0), "W1 should have shape (N, 3)"),
    ("parity-of-three", (torch.ones(4, 3), [1.0] * 4, [1.0] * 4, 0.0), "4 hidden units"),
    ("two-examples", identity, "two examples in the plane"),
    ("two-examples", always_two, "The perceptron makes 2 mistake(s) on your data, whatever k is"),
    ("two-examples", lambda k: pair(k - 1), "off by one for every k: always one mistake too few"),
    ("two-examples", lambda k: pair(2 * k), "For k = 2 the perceptron makes 4"),
    ("two-examples", lambda k: ([[1.0, 0.0], [-1.0, 0.0]], [1, 1]), "No line through the origin separates"),
    ("two-examples", lambda k: ([[1.0, 0.1], [1.0, -0.1]], [1, -1]), "not −1 and +1"),
    ("two-examples", lambda k: ([[1.0, 0.1], [1.0, -0.1]], [1, 2]), "should be 0 or 1"),
    ("tight-in-space", identity, "a fine answer in many dimensions. Now do it with at most 3 columns"),
    ("tight-in-space", wide, "the bound allows"),
    ("tight-in-space", lambda k: identity(k + 1), "always one mistake too many"),
    ("tight-in-space", lambda k: (torch.zeros(k, 3), torch.ones(k)), "No line through the origin"),
    ("tight-in-space", lambda k: (torch.ones(10**6, 1), torch.ones(10**6)), "far more than this needs"),
    ("tight-in-space", lambda k: torch.eye(k)[k], "raised IndexError"),
]  # fmt: skip


RIGHT = [
    ("hand-set-nand", ([-1, -1], 1.5)),
    ("hand-set-nand", [np.array([-3.0, -5.0]), torch.tensor([6.0])]),
    ("margin-of-a-line", 0.8),
    (
        "one-update",
        lambda w, b, x, y: ((w + x, b + 1) if y else (w - x, b - 1)) if (w @ x + b > 0) != y else (w, b),
    ),
    ("scale-by-ten", OK_SCALING),
    ("scale-by-ten", OK_SCALING | {"with bias": torch.tensor([5, 20])}),
    ("features-for-xor", lambda X: X.prod(dim=1, keepdim=True)),
    ("features-for-xor", lambda X: (X[:, :1] + X[:, 1:]) ** 2 - (X[:, :1] - X[:, 1:]) ** 2),
    ("features-for-xor", lambda X: torch.cat([X, X**2, X[:, :1] * X[:, 1:]], dim=1)),
    ("features-for-xor", lambda X: (X[:, :1].sign() != X[:, 1:].sign()).float()),
    ("parity-of-three", (-ONES, -THIRDS, [-1.0, 1.0, -1.0], 0.5)),
    # the counting network for (1 − x₁, x₂, x₃), whose parity is the other one
    ("parity-of-three", ([[-1, 1, 1]] * 3, [0.5, -0.5, -1.5], [-1, 1, -1], 0.5)),
    ("two-examples", lambda k: ([[1.0, 1 / k], [k - 1.0, -1 / k]], [True, False])),
    ("two-examples", lambda k: ([[1000.0, 1000 / k], [1000 * (1.0 - k), 1000 / k]], [1, 1])),
]


def test_no_message_tells_the_counts():
    for pair_of_counts in itertools.product(range(4, 22, 3), repeat=2):
        for part in ("without bias", "with bias"):
            feedback = check("scale-by-ten", OK_SCALING | {part: list(pair_of_counts)})
            for count in ("5", "20"):
                assert feedback.right or count not in feedback.message


def test_no_message_tells_the_margin():
    for answer in np.linspace(-10, 10, 401):
        feedback = check("margin-of-a-line", answer)
        assert feedback.right or "0.8" not in feedback.message


# --- the module against the book's own perceptron --------------------------------------------------------


@pytest.mark.parametrize("case", perceptron._update_calls(torch.Generator().manual_seed(5)))
def test_the_update_is_the_books(case):
    weights, bias, x, y = case
    unit = Perceptron(weights, bias)
    unit.update(x, y)
    new_weights, new_bias = perceptron._update(weights, bias, x, y)
    assert torch.equal(unit.weights, new_weights)
    assert unit.bias == new_bias


@pytest.mark.parametrize("case", perceptron._averaged_calls(torch.Generator().manual_seed(5)))
def test_the_average_is_the_books(case):
    X, y, passes = case
    unit = Perceptron.zeros(X.shape[1])
    for _ in range(passes):
        unit.one_pass(X.double(), y)
    weights, bias = perceptron._averaged(X, y, passes)
    torch.testing.assert_close(weights, unit.averaged().weights)
    assert bias == pytest.approx(unit.averaged().bias)


def test_the_counts_are_the_books():
    X, y = points_to_scale()
    for factor, count in zip((1, 10), OK_SCALING["with bias"], strict=True):
        assert sum(Perceptron.zeros(2).fit(factor * X.double(), y, passes=200).mistakes) == count


# --- what the text says ----------------------------------------------------------------------------------


def test_largest_margin_against_all_directions_of_the_plane():
    generator = np.random.default_rng(3)
    angles = np.linspace(0, 2 * np.pi, 20_001)
    directions = np.stack([np.cos(angles), np.sin(angles)])
    for _ in range(20):
        X = generator.normal(size=(6, 2))
        y = (X @ generator.normal(size=2) > 0).astype(float)
        best = ((2 * y - 1)[:, None] * (X @ directions)).min(axis=0).max()
        assert perceptron.largest_margin(X, y) == pytest.approx(best, abs=1e-3)
    assert perceptron.largest_margin(np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([1, 1])) == 0
    assert perceptron.largest_margin(np.zeros((2, 2)), np.array([1, 0])) == 0


def test_two_planes_do_not_cut_all_edges_of_the_cube():
    weights = np.array(list(itertools.product(range(-2, 3), repeat=3)))
    biases = np.arange(-6.5, 7)
    tables = ((CUBE @ weights.T)[:, :, None] + biases > 0).reshape(8, -1)
    tables = np.unique(tables, axis=1)
    assert tables.shape[1] == 104  # all threshold functions of three inputs (a known count)
    edges = [(i, j) for i, j in itertools.combinations(range(8), 2) if np.abs(CUBE[i] - CUBE[j]).sum() == 1]
    cut = np.array([tables[i] != tables[j] for i, j in edges])  # (12, 104)
    assert not any((cut[:, a] | cut[:, b]).all() for a, b in itertools.combinations(range(104), 2))


def test_one_example_makes_one_mistake_at_most():
    generator = np.random.default_rng(4)
    for y in (0, 1):
        for x in generator.normal(size=(20, 3)):
            assert perceptron.mistakes(x[None], np.array([y]), limit=10) == y


def test_the_xor_points_cannot_be_separated_by_a_line():
    X, y = perceptron._quadrants()
    assert not perceptron.separable(X.double().numpy(), y)
    assert 0.2 < y.mean() < 0.8
    assert X.abs().min() >= 0.1 - 1e-6
