"""Answer checks for the chapter ``perceptron``.

The conventions are those of `groundtruth.scratch.perceptron`, which shares no code with this module, so that
tests can hold one against the other: f(x) = 1 if w·x + b > 0, else 0; targets are 0 or 1; a mistake on (x, y)
changes w by (y − f(x))·x and b by y − f(x); training starts at zero, and goes through the examples in order,
again and again, until one whole pass makes no mistake.

The bound of the last exercise is Novikoff's (1962), "On convergence proofs on perceptrons".
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy.optimize import nnls

from groundtruth.exercises.answers import (
    Choice,
    Exercise,
    Function,
    NotRightError,
    Numeric,
    Parts,
    Predicate,
    call,
    checks_of,
    kind_of,
    read,
)

CORNERS = np.array(list(itertools.product((0.0, 1.0), repeat=2)))  # (4, 2)
CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=3)))  # (8, 3)

SEPARATOR = ((3.0, 4.0), -5.0)
SEPARATED = (((3.0, 4.0), 1), ((1.0, 2.0), 1), ((0.0, 0.0), 0), ((-1.0, 1.0), 0))

SCALED = (((4, 2), 1), ((-2, -2), 1), ((-2, 4), 0), ((3, 3), 0), ((-2, -4), 1), ((2, -1), 1))
SCALE = 10.0


def points_to_scale() -> tuple[torch.Tensor, torch.Tensor]:
    """Return the data of ``scale-by-ten``: inputs (6, 2), float32, and targets (6,), 0 or 1."""
    return torch.tensor([x for x, _ in SCALED]).float(), torch.tensor([y for _, y in SCALED])


# --- what the checks compute with ------------------------------------------------------------------------


def mistakes(X: np.ndarray, y: np.ndarray, *, limit: int) -> int | None:
    """Return how many mistakes the perceptron without a bias makes, or None if it makes more than ``limit``.

    X has shape (n, d), y has shape (n,) with entries 0 or 1. For a bias, give X a last column of ones.
    """
    w = np.zeros(X.shape[1])
    total, clean = 0, False
    while not clean:
        clean = True
        for x, target in zip(X, y, strict=True):
            error = target - float(w @ x > 0)
            if error:
                w = w + error * x
                total, clean = total + 1, False
                if total > limit:
                    return None
    return total


def largest_margin(X: np.ndarray, y: np.ndarray) -> float:
    """Return the margin of the best line through the origin, in the units of X, and 0 where there is none.

    The shortest w with s·(w·x) ≥ 1 for all examples (s = +1 or −1 by class) has length 1/margin. It is found as
    a least-distance problem: Lawson & Hanson, *Solving Least Squares Problems* (1974), chapter 23.
    """
    Z = (2 * y - 1)[:, None] * X
    scale = np.abs(Z).max(initial=0.0)
    if scale == 0:
        return 0.0
    E = np.vstack([Z.T / scale, np.ones(len(Z))])
    f = np.zeros(len(E))
    f[-1] = 1.0
    u, residual = nnls(E, f)
    if residual < 1e-9:
        return 0.0
    r = E @ u - f
    return float(scale / np.linalg.norm(r[:-1] / r[-1]))


def separable(features: np.ndarray, y: np.ndarray) -> bool:
    """Whether a line (with a bias) separates the classes in these features, (n, d)."""
    spread = np.abs(features).max(axis=0, initial=1e-12)
    with_bias = np.column_stack([features / spread, np.ones(len(features))])
    return largest_margin(with_bias, y) > 1e-6


def _step(total: np.ndarray) -> np.ndarray:
    return (np.asarray(total) > 0).astype(float)


# --- hand-set-nand ---------------------------------------------------------------------------------------


def _nand(answer: object) -> str | None:
    weights, bias = _pair(answer, ("weights", "bias"))
    w = read(weights, (2,), what="The list of weights")
    b = float(read(bias, (), what="The bias"))
    target = 1 - CORNERS.prod(axis=1)
    sums = CORNERS @ w + b
    if np.array_equal(_step(sums), target):
        return None
    if np.array_equal(1 - _step(sums), target):
        raise NotRightError(
            "Every output is the wrong way round: your unit computes AND. What turns a sum round?"
        )
    if np.array_equal((sums >= 0).astype(float), target):
        raise NotRightError("A sum of exactly 0 counts as 0: the unit fires only where the sum is above 0.")
    if np.array_equal(_step(CORNERS @ w - b), target):
        raise NotRightError("It is right when the bias is subtracted. Here the bias is added: flip its sign.")
    if np.array_equal(_step(sums), (CORNERS.sum(axis=1) == 0).astype(float)):
        raise NotRightError("Your unit computes NOR: it should still fire when one input alone is 1.")
    raise NotRightError(f"{int((_step(sums) == target).sum())} of the 4 rows of the table come out right.")


def _pair(answer: object, names: Sequence[str]) -> list[object]:
    """Return the entries of a tuple or list of this many parts."""
    if not isinstance(answer, list | tuple) or len(answer) != len(names):
        raise NotRightError(f"A tuple ({', '.join(names)}) is wanted, and this is {kind_of(answer)}.")
    return list(answer)


# --- margin-of-a-line ------------------------------------------------------------------------------------


def _scores() -> np.ndarray:
    """Return s·(w·x + b) for each of the four points: positive where the point is on its own side."""
    (w, b) = SEPARATOR
    return np.array([(2 * y - 1) * (np.dot(w, x) + b) for x, y in SEPARATED])


def _length() -> float:
    return math.hypot(*SEPARATOR[0])


MARGIN = Numeric(
    expected=lambda: _scores().min() / _length(),
    what="The margin",
    traps={
        "This is w·x + b of the nearest point, which is no distance yet: it grows when w and b are doubled, and "
        "the line does not move.": lambda: _scores().min(),
        "You divided by the length of (w, b). The bias moves the line and does not stretch distances: divide by "
        "the length of w alone.": lambda: _scores().min() / math.hypot(*SEPARATOR[0], SEPARATOR[1]),
        "You divided by the square of the length of w.": lambda: _scores().min() / _length() ** 2,
        "This is the mean distance. The margin belongs to the nearest point.": lambda: (
            _scores().mean() / _length()
        ),
        "This is the distance of the farthest point. The margin belongs to the nearest.": (
            lambda: _scores().max() / _length()
        ),
    },
)


# --- one-update ------------------------------------------------------------------------------------------


def _update(weights: torch.Tensor, bias: float, x: torch.Tensor, y: int) -> tuple[torch.Tensor, float]:
    error = y - int(weights @ x + bias > 0)
    return weights + error * x, bias + error


def _update_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    # Small whole numbers: every sum is exact, so that no rounding decides on which side of 0 it falls.
    calls: list[tuple[object, ...]] = [
        (torch.zeros(2), 0.0, torch.tensor([2.0, -1.0]), 1),
        (torch.zeros(2), 0.0, torch.tensor([2.0, -1.0]), 0),
        (torch.tensor([1.0, 1.0]), -2.0, torch.tensor([1.0, 1.0]), 1),  # a sum of exactly 0
    ]
    for case in range(24):
        size = 2 + case % 4
        weights, x = torch.randint(-3, 4, (2, size), generator=generator).float()
        bias = float(torch.randint(-3, 4, (), generator=generator))
        calls.append((weights, bias, x, case % 2))
    return calls


def _step_wrong_at_zero(
    weights: torch.Tensor, bias: float, x: torch.Tensor, y: int
) -> tuple[torch.Tensor, float]:
    error = y - int(weights @ x + bias >= 0)
    return weights + error * x, bias + error


def _always(weights: torch.Tensor, bias: float, x: torch.Tensor, y: int) -> tuple[torch.Tensor, float]:
    return weights + (2 * y - 1) * x, bias + (2 * y - 1)


def _only_ones(weights: torch.Tensor, bias: float, x: torch.Tensor, y: int) -> tuple[torch.Tensor, float]:
    error = max(y - int(weights @ x + bias > 0), 0)
    return weights + error * x, bias + error


def _hebb(weights: torch.Tensor, bias: float, x: torch.Tensor, y: int) -> tuple[torch.Tensor, float]:
    return weights + y * x, bias + y


def _backwards(weights: torch.Tensor, bias: float, x: torch.Tensor, y: int) -> tuple[torch.Tensor, float]:
    error = int(weights @ x + bias > 0) - y
    return weights + error * x, bias + error


def _bias_kept(weights: torch.Tensor, bias: float, x: torch.Tensor, y: int) -> tuple[torch.Tensor, float]:
    return _update(weights, bias, x, y)[0], bias


UPDATE = Function(
    reference=_update,
    inputs=_update_calls,
    returns=("weights", "bias"),
    traps={
        "The sign of the update is flipped: it pushes the sum further to the wrong side.": _backwards,
        "The weights are right; the bias never changes.": _bias_kept,
        "A sum of exactly 0 counts as 0: the unit fires only where the sum is above 0.": _step_wrong_at_zero,
        "Your function also changes weights and bias where the example was already right.": _always,
        "Your function adds y·x whatever the unit said. That is Hebb's rule; here the error y − f(x) decides.": _hebb,
        "Your function learns from missed examples of class 1, and not from false alarms on class 0.": _only_ones,
    },
)


# --- scale-by-ten ----------------------------------------------------------------------------------------


def _scaled(factor: float, constant: float | None) -> int:
    """Return the mistakes on the inputs times ``factor``, with a last column of this constant, if any."""
    X = factor * np.array([x for x, _ in SCALED], dtype=np.float64)
    if constant is not None:
        X = np.column_stack([X, np.full(len(X), constant)])
    count = mistakes(X, np.array([y for _, y in SCALED]), limit=10_000)
    assert count is not None, "the data of this exercise can be separated"
    return count


def bound_on_mistakes(X: np.ndarray, y: np.ndarray) -> float:
    """Return Novikoff's bound (R/γ)² for the perceptron without a bias, infinite where no line separates."""
    margin = largest_margin(X, y)
    radius = float(np.linalg.norm(X, axis=1).max())
    return (radius / margin) ** 2 if margin else math.inf


def _what_the_bound_does() -> str:
    X = np.array([x for x, _ in SCALED], dtype=np.float64)
    y = np.array([y for _, y in SCALED], dtype=np.float64)
    before, after = bound_on_mistakes(X, y), bound_on_mistakes(SCALE * X, y)
    if math.isclose(before, after, rel_tol=1e-6):
        return "stays"
    return "grows" if after > before else "shrinks"


SCALING = Parts(
    {
        "without bias": Numeric(
            expected=lambda: [_scaled(1.0, None), _scaled(SCALE, None)],
            what="The list of the two counts",
            traps={
                "These are the counts with a bias. Leave the bias out, and do not change it at a mistake.": (
                    lambda: [_scaled(1.0, 1.0), _scaled(SCALE, 1.0)]
                )
            },
        ),
        "with bias": Numeric(
            expected=lambda: [_scaled(1.0, 1.0), _scaled(SCALE, 1.0)],
            what="The list of the two counts",
            traps={
                "The counts do not differ: you scaled the bias's constant input too. Multiply X alone by 10.": (
                    lambda: [_scaled(1.0, 1.0), _scaled(SCALE, SCALE)]
                ),
                "These are the counts without a bias.": lambda: [_scaled(1.0, None), _scaled(SCALE, None)],
                "The two counts have changed places: first the inputs as they are, then times 10.": (
                    lambda: [_scaled(SCALE, 1.0), _scaled(1.0, 1.0)]
                ),
            },
        ),
        "constant": Numeric(
            expected=lambda: next(c for c in (1.0, SCALE) if _scaled(SCALE, c) == _scaled(1.0, 1.0)),
            what="The constant input",
            traps={
                "This is the constant input before scaling, which is what changed the count.": lambda: 1.0,
                "You have shrunk the constant. The other inputs have grown: what keeps step with them?": (
                    lambda: 1 / SCALE
                ),
            },
        ),
        "bound": Choice(
            ("grows", "stays", "shrinks"),
            expected=_what_the_bound_does,
            hints={
                "grows": "The radius R does grow. What does the margin do at the same time?",
                "shrinks": "Look at numerator and denominator: how does each change with the scale?",
            },
        ),
    }
)


# --- parity-of-three -------------------------------------------------------------------------------------


def _two_layers(W1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: float) -> np.ndarray:
    return _step(_step(CUBE @ W1.T + b1) @ w2 + b2)


def _parity(answer: object) -> str | None:
    first, bias_1, second, bias_2 = _pair(answer, ("W1", "b1", "w2", "b2"))
    W1 = read(first, (None, 3), what="W1")
    units = len(W1)
    b1 = read(bias_1, (units,), what="b1")
    w2 = read(second, (units,), what="w2")
    b2 = float(read(bias_2, (), what="b2"))
    if units > 3:
        raise NotRightError(f"There are {units} hidden units, and at most 3 are allowed.")
    ones = CUBE.sum(axis=1)
    target = ones % 2
    got = _two_layers(W1, b1, w2, b2)
    if np.array_equal(got, target):
        return None
    if np.array_equal(1 - got, target):
        raise NotRightError(
            "Every output is the wrong way round: your network fires at an even number of ones."
        )
    if np.array_equal(got, ones > 0):
        raise NotRightError("Your network computes OR: it should also be silent at two ones.")
    if np.array_equal(got, ones >= 2):
        raise NotRightError("Your network computes the majority of its inputs.")
    if np.array_equal(got, ones == 1):
        raise NotRightError('Your network computes "exactly one". Three ones are an odd number too.')
    for i, j in itertools.combinations(range(3), 2):
        if np.array_equal(got, (CUBE[:, i] + CUBE[:, j]) % 2):
            raise NotRightError(
                "Your network computes XOR of two of its inputs, and does not heed the third."
            )
    if np.array_equal(_two_layers(W1, -b1, w2, -b2), target):
        raise NotRightError(
            "It is right when the biases are subtracted. Here they are added: flip their signs."
        )
    if units == 3 and np.array_equal(_two_layers(W1.T, b1, w2, b2), target):
        raise NotRightError(
            "It is right when W1 is transposed: row i of W1 holds the weights of hidden unit i."
        )
    raise NotRightError(f"{int((got == target).sum())} of the 8 rows of the table come out right.")


# --- features-for-xor ------------------------------------------------------------------------------------


def _quadrants() -> tuple[torch.Tensor, np.ndarray]:
    """Return points (64, 2), none near an axis, and targets: 1 where exactly one coordinate is positive."""
    generator = torch.Generator().manual_seed(1969)
    size = 0.1 + 0.9 * torch.rand(64, 2, generator=generator)
    side = 2.0 * torch.randint(0, 2, (64, 2), generator=generator) - 1
    X = torch.cat([torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]), (size * side)[4:]])
    return X, (X.prod(dim=1) < 0).double().numpy()


def _features(answer: object) -> str | None:
    X, y = _quadrants()
    n = len(X)

    def features(points: torch.Tensor) -> np.ndarray:
        result = read(call(answer, (points,), ("X",)), what="What your function returns")
        if result.ndim == 2 and result.shape[1] == len(points) != result.shape[0]:
            raise NotRightError(
                "What your function returns looks transposed: one row for each point, one column for each feature."
            )
        if result.ndim != 2 or len(result) != len(points):
            raise NotRightError(
                f"Your function should return shape ({len(points)}, d), one row for each of the {len(points)} "
                f"points; it returns shape {result.shape}."
            )
        return result

    phi = features(X)
    if phi.shape[1] > 10:
        raise NotRightError(f"Your function makes {phi.shape[1]} features, and at most 10 are allowed.")
    if not np.allclose(features(X.flip(0)), phi[::-1], atol=1e-5) or not np.allclose(
        features(X[:3]), phi[:3], atol=1e-5
    ):
        raise NotRightError(
            "The features of a point must depend on that point alone, not on the others or on chance."
        )
    if separable(phi, y):
        return None
    plane = np.column_stack([X.double().numpy(), np.ones(n)])
    left_over = phi - plane @ np.linalg.lstsq(plane, phi, rcond=None)[0]
    if np.abs(left_over).max(initial=0.0) < 1e-5:
        raise NotRightError(
            "Your features are linear in the inputs, so that a line in them is a line in the plane, and no line "
            "separates these classes. Something has to be bent, or multiplied."
        )
    if np.allclose(features(X * torch.tensor([-1.0, 1.0])), phi, atol=1e-5) or np.allclose(
        features(X * torch.tensor([1.0, -1.0])), phi, atol=1e-5
    ):
        raise NotRightError(
            "Your features stay the same when one coordinate changes its sign, and the class changes then."
        )
    raise NotRightError("No line in your features separates the two classes.")


# --- averaged-perceptron ---------------------------------------------------------------------------------


Fit = tuple[torch.Tensor, float]


def _history(X: torch.Tensor, y: torch.Tensor, passes: int) -> list[Fit]:
    """Return (weights, bias) before the first example and after every example seen."""
    fits: list[Fit] = [(torch.zeros(X.shape[1]), 0.0)]
    for _ in range(passes):
        for x, target in zip(X, y, strict=True):
            fits.append(_update(*fits[-1], x, int(target)))
    return fits


def _mean(fits: Sequence[Fit]) -> Fit:
    return torch.stack([w for w, _ in fits]).double().mean(dim=0), sum(b for _, b in fits) / len(fits)


def _averaged(X: torch.Tensor, y: torch.Tensor, passes: int) -> Fit:
    return _mean(_history(X, y, passes)[1:])


def _averaged_over_changes(X: torch.Tensor, y: torch.Tensor, passes: int) -> Fit:
    fits = _history(X, y, passes)
    changed = [new for old, new in itertools.pairwise(fits) if new[1] != old[1]]
    return _mean(changed or fits)


def _summed(X: torch.Tensor, y: torch.Tensor, passes: int) -> Fit:
    fits = _history(X, y, passes)[1:]
    w, b = _mean(fits)
    return w * len(fits), b * len(fits)


def _averaged_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    # Whole numbers again, so that the sums are exact; random targets, so that the weights keep moving.
    calls: list[tuple[object, ...]] = []
    for n, size, passes in ((1, 2, 1), (6, 2, 1), (6, 2, 5), (20, 3, 4), (50, 5, 3)):
        X = torch.randint(-3, 4, (n, size), generator=generator).float()
        y = torch.randint(0, 2, (n,), generator=generator)
        y[0] = 1  # so that the first example is a mistake, and no average is zero throughout
        calls.append((X, y, passes))
    return calls


AVERAGED = Function(
    reference=_averaged,
    inputs=_averaged_calls,
    returns=("weights", "bias"),
    traps={
        "These are the last weights and the last bias, not their averages.": lambda X, y, p: _history(
            X, y, p
        )[-1],
        "You average only over the mistakes. A line that stays right for long counts once for every example.": (
            _averaged_over_changes
        ),
        "You add the weights up before each example; add them up after it has been seen (and learnt from).": (
            lambda X, y, p: _mean(_history(X, y, p)[:-1])
        ),
        "You count the zero weights at the start too: average over what stands after each example.": (
            lambda X, y, p: _mean(_history(X, y, p))
        ),
        "You average over one state for each pass; take one for each example.": (
            lambda X, y, p: _mean(_history(X, y, p)[len(X) :: len(X)])
        ),
        "This is the sum. Divide by how many examples were seen in all passes.": _summed,
    },
)


# --- two-examples and tight-in-space ---------------------------------------------------------------------


def _data(answer: object, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Call a reader's ``data_set(k)``; return inputs (n, d) and targets (n,), 0 or 1."""
    X_given, y_given = _pair(call(answer, (k,), ("k",)), ("X", "y"))
    X = read(X_given, (None, None), what="X")
    if not X.size:
        raise NotRightError("X is empty.")
    if max(X.shape) > 1000:
        raise NotRightError(
            f"X has shape {X.shape}. A thousand rows and columns are far more than this needs."
        )
    y = read(y_given, (len(X),), what="y", booleans=True)
    if np.isin(y, (-1, 1)).all() and (y == -1).any():
        raise NotRightError("The targets y should be 0 and 1, not −1 and +1.")
    if not np.isin(y, (0, 1)).all():
        raise NotRightError("The targets y should be 0 or 1.")
    return X, y


def _counted(answer: object, sizes: Sequence[int], allow: Callable[[np.ndarray, int], None]) -> None:
    """Test that ``data_set(k)`` makes exactly k mistakes for each k.

    Raises:
        NotRightError: it does not; or ``allow`` says that the inputs X are not allowed.

    """
    counts: list[int] = []
    for k in sizes:
        X, y = _data(answer, k)
        allow(X, k)
        count = mistakes(X, y, limit=20 * k + 1000)
        if count is None:
            more = " No line through the origin separates it." if largest_margin(X, y) == 0 else ""
            raise NotRightError(
                f"For k = {k} the perceptron goes on making mistakes, more than {20 * k + 1000}.{more}"
            )
        counts.append(count)
    off = [count - k for count, k in zip(counts, sizes, strict=True)]
    if not any(off):
        return
    if len(set(off)) == 1 and abs(off[0]) == 1:
        raise NotRightError(
            f"It is off by one for every k: always one mistake too {'many' if off[0] > 0 else 'few'}."
        )
    if len(set(counts)) == 1:
        raise NotRightError(f"The perceptron makes {counts[0]} mistake(s) on your data, whatever k is.")
    wrong = next(i for i, extra in enumerate(off) if extra)
    raise NotRightError(
        f"For k = {sizes[wrong]} the perceptron makes {counts[wrong]} mistake(s) on your data."
    )


def _two_examples(answer: object) -> str | None:
    def allow(X: np.ndarray, k: int) -> None:
        if X.shape != (2, 2):
            raise NotRightError(
                f"X should hold two examples in the plane, shape (2, 2); for k = {k} it is {X.shape}."
            )

    _counted(answer, (2, 3, 4, 7, 20, 101), allow)
    return None


def _tight(answer: object) -> str | None:
    sizes = (1, 2, 3, 4, 5, 9, 20, 60)
    columns: list[int] = []

    def allow(X: np.ndarray, k: int) -> None:
        columns.append(X.shape[1])

    _counted(answer, sizes, allow)
    for k in sizes:
        X, y = _data(answer, k)
        bound = bound_on_mistakes(X, y)
        if bound >= k + 1:
            raise NotRightError(
                f"The perceptron makes exactly k mistakes on your data. But for k = {k} the bound allows "
                f"{math.floor(bound)}: the radius is too large for the margin, or the margin too small."
            )
    if max(columns) > 3:
        raise NotRightError(
            "Your data makes exactly k mistakes, and the bound allows no more: a fine answer in many dimensions. "
            f"Now do it with at most 3 columns; for k = {sizes[columns.index(max(columns))]} yours has {max(columns)}."
        )
    return None


EXERCISES: dict[str, Exercise] = {
    "hand-set-nand": Exercise(
        Predicate(_nand),
        code=False,
        praise="All 4 rows of the table come out right. Many other weights would do as well.",
    ),
    "margin-of-a-line": Exercise(
        MARGIN, code=False, praise="Doubling w and b together changes neither the line nor this distance."
    ),
    "one-update": Exercise(
        UPDATE, praise="It agrees with the rule on every hidden example, sums of exactly 0 included."
    ),
    "scale-by-ten": Exercise(
        SCALING,
        praise="The rule heeds directions alone, as long as every input grows together, the constant too.",
    ),
    "features-for-xor": Exercise(
        Predicate(_features), praise="One line in your features separates what no line in the plane can."
    ),
    "averaged-perceptron": Exercise(AVERAGED, praise="It agrees with the average on every hidden data set."),
    "parity-of-three": Exercise(
        Predicate(_parity),
        praise="All 8 rows come out right, and fewer than three hidden units cannot do it.",
    ),
    "two-examples": Exercise(
        Predicate(_two_examples),
        praise="Two examples are enough for any number of mistakes; one never makes two.",
    ),
    "tight-in-space": Exercise(
        Predicate(_tight),
        praise="Every mistake that the bound allows is made, in three dimensions, whatever k is.",
    ),
}

check = checks_of(EXERCISES)
