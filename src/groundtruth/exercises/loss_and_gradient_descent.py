"""Answer checks for the chapter ``loss-and-gradient-descent``.

The conventions are those of the chapter: error = prediction − target; the loss is the mean of the squared errors,
without a half in front; the bias is the last parameter. What the checks compute with is NumPy, and shares no code
with `groundtruth.scratch.losses` and `groundtruth.scratch.descent` (only the kiosk's data), so that tests can hold one
against the other.

The last exercise is Richardson's iteration with a varying step; a derivative without a subtraction is Squire and
Trapp's (1998, doi 10.1137/S003614459631241X).
"""

from __future__ import annotations

import cmath
from collections.abc import Callable

import numpy as np
import torch

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
    read,
)
from groundtruth.scratch.losses import kiosk

__all__ = ["EXERCISES", "check", "kiosk"]


# --- what the checks compute with ------------------------------------------------------------------------


def _columns(X: torch.Tensor | np.ndarray) -> np.ndarray:
    """Return inputs with a last column of ones, float64: (N, D) -> (N, D + 1)."""
    values = np.asarray(X, dtype=np.float64)
    return np.column_stack([values, np.ones(len(values))])


def _bend(X: torch.Tensor | np.ndarray) -> np.ndarray:
    """Return the second derivatives of the mean squared loss: (N, D) -> (D + 1, D + 1)."""
    columns = _columns(X)
    return 2 * columns.T @ columns / len(columns)


# --- one-step-by-hand ------------------------------------------------------------------------------------

POINTS = np.array([[1.0, 5.0], [3.0, 1.0]])  # x, y
AT, RATE = (1.0, 2.0), 0.1


def _one_step(rate: float = RATE, factor: float = 2.0, mean: bool = True) -> np.ndarray:
    x, y = POINTS.T
    w, b = AT
    wrong = w * x + b - y
    share = factor * (1 / len(x) if mean else 1.0)
    return np.array([w - rate * share * (wrong * x).sum(), b - rate * share * wrong.sum()])


def _one_after_the_other() -> np.ndarray:
    x, y = POINTS.T
    w, b = AT
    w = w - RATE * 2 * ((w * x + b - y) * x).mean()
    return np.array([w, b - RATE * 2 * (w * x + b - y).mean()])


ONE_STEP = Numeric(
    expected=_one_step,
    what="The list [w, b]",
    traps={
        "You have walked uphill: the step goes against the gradient.": lambda: _one_step(-RATE),
        "The 2 of the derivative is missing.": lambda: _one_step(factor=1.0),
        "You have added the two examples up. The loss is their mean.": lambda: _one_step(mean=False),
        "Your bias was moved with the new weight. Both slopes belong to the old point.": _one_after_the_other,
        "These are the slopes. The step is still to be taken.": lambda: (np.array(AT) - _one_step()) / RATE,
        "The bias is in the place of the weight.": lambda: _one_step()[::-1],
    },
)


# --- mean-or-median --------------------------------------------------------------------------------------

SALES = np.array([12.0, 14.0, 15.0, 19.0, 90.0])

MEAN_OR_MEDIAN = Parts(
    {
        "squared": Numeric(
            expected=SALES.mean,
            what="The best constant for squared errors",
            traps={
                "This one is best for absolute errors. Where is the slope of the squared loss zero?": lambda: (
                    np.median(SALES)
                ),
                "This is the middle between the smallest and the largest: it lowers the largest error alone.": (
                    lambda: (SALES.min() + SALES.max()) / 2
                ),
            },
        ),
        "absolute": Numeric(
            expected=lambda: np.median(SALES),
            what="The best constant for absolute errors",
            traps={
                "This one is best for squared errors. Move your constant a little: how many errors grow, and how "
                "many shrink?": SALES.mean,
            },
        ),
        "mistyped": Numeric(
            expected=lambda: [9 * SALES.max() / len(SALES), 0.0],
            what="The list of the two shifts",
            traps={
                "The two have changed places: first the shift for squared errors, then for absolute ones.": (
                    lambda: [0.0, 9 * SALES.max() / len(SALES)]
                ),
                "You have given the new constants. How far have they moved?": lambda: [
                    SALES.mean() + 9 * SALES.max() / len(SALES),
                    np.median(SALES),
                ],
                "The whole change of the one value is not the change of the best constant.": lambda: [
                    9 * SALES.max(),
                    0.0,
                ],
            },
        ),
    }
)


# --- gradient-by-hand ------------------------------------------------------------------------------------


def _gradient(
    weights: torch.Tensor, bias: float, X: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, float]:
    wrong = X @ weights + bias - y
    return 2 * X.T @ wrong / len(X), float(2 * wrong.mean())


def _without_two(
    weights: torch.Tensor, bias: float, X: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, float]:
    slope, at_bias = _gradient(weights, bias, X, y)
    return slope / 2, at_bias / 2


def _sum_of_all(
    weights: torch.Tensor, bias: float, X: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, float]:
    slope, at_bias = _gradient(weights, bias, X, y)
    return slope * len(X), at_bias * len(X)


def _uphill(
    weights: torch.Tensor, bias: float, X: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, float]:
    slope, at_bias = _gradient(weights, bias, X, y)
    return -slope, -at_bias


def _bias_forgotten(
    weights: torch.Tensor, bias: float, X: torch.Tensor, y: torch.Tensor
) -> tuple[torch.Tensor, float]:
    return _gradient(weights, 0.0, X, y)


def _gradient_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for case in range(12):
        size, features = 3 + case, 1 + case % 4
        X = torch.randn(size, features, generator=generator, dtype=torch.float64)
        y = torch.randn(size, generator=generator, dtype=torch.float64)
        weights = torch.randn(features, generator=generator, dtype=torch.float64)
        calls.append((weights, 0.5 + 0.25 * case, X, y))
    return calls


GRADIENT = Function(
    reference=_gradient,
    inputs=_gradient_calls,
    returns=("weight slopes", "bias slope"),
    traps={
        "Every sign is flipped: the error is prediction minus target, and the gradient points uphill.": _uphill,
        "The 2 of the derivative is missing.": _without_two,
        "You have added the examples up. The loss is their mean.": _sum_of_all,
        "Your predictions leave the bias out.": _bias_forgotten,
    },
)


# --- hours-into-minutes ----------------------------------------------------------------------------------


def _kiosk_in(unit: float) -> np.ndarray:
    return unit * kiosk()[0].numpy()


def _edge(X: np.ndarray) -> float:
    return float(2 / np.linalg.eigvalsh(_bend(X))[-1])


def _condition(X: np.ndarray) -> float:
    values = np.linalg.eigvalsh(_bend(X))
    return float(values[-1] / values[0])


MINUTES = Parts(
    {
        "rate": Numeric(
            expected=lambda: _edge(_kiosk_in(60.0)),
            atol=1e-12,
            what="The largest stable rate",
            traps={
                "This is the rate for hours divided by 60. The curvature carries the unit of the input squared.": (
                    lambda: _edge(_kiosk_in(1.0)) / 60
                ),
                "This is the rate for hours.": lambda: _edge(_kiosk_in(1.0)),
                "You have divided hours by 60; an hour has 60 minutes.": lambda: _edge(_kiosk_in(1 / 60)),
                "This is 1/λmax. The edge is twice that.": lambda: _edge(_kiosk_in(60.0)) / 2,
            },
        ),
        "condition": Numeric(
            expected=lambda: _condition(_kiosk_in(60.0)),
            what="The condition number",
            traps={
                "This is the condition number for hours.": lambda: _condition(_kiosk_in(1.0)),
                "It is upside down: the largest eigenvalue stands above.": lambda: (
                    1 / _condition(_kiosk_in(60.0))
                ),
            },
        ),
        "weight": Choice(
            ("stays", "60 times as large", "a 60th"),
            expected=lambda: "a 60th",
            hints={
                "stays": "The weight has a unit. Kilograms for each what?",
                "60 times as large": "A minute of sun sells less than an hour of it.",
            },
        ),
        "loss": Choice(
            ("grows", "stays", "shrinks"),
            expected=lambda: "stays",
            hints={
                "grows": "Write the line in minutes that makes the same predictions as the best line in hours.",
                "shrinks": "Is there a line in minutes whose predictions no line in hours can make?",
            },
        ),
    }
)


# --- back-to-units ---------------------------------------------------------------------------------------


def _back(
    weights: torch.Tensor, bias: float, mean: torch.Tensor, spread: torch.Tensor
) -> tuple[torch.Tensor, float]:
    return weights / spread, float(bias - (weights * mean / spread).sum())


def _bias_kept(
    weights: torch.Tensor, bias: float, mean: torch.Tensor, spread: torch.Tensor
) -> tuple[torch.Tensor, float]:
    return weights / spread, bias


def _multiplied(
    weights: torch.Tensor, bias: float, mean: torch.Tensor, spread: torch.Tensor
) -> tuple[torch.Tensor, float]:
    return weights * spread, float(bias - (weights * spread * mean).sum())


def _scaled_weights(
    weights: torch.Tensor, bias: float, mean: torch.Tensor, spread: torch.Tensor
) -> tuple[torch.Tensor, float]:
    return weights / spread, float(bias - (weights * mean).sum())


def _plus(
    weights: torch.Tensor, bias: float, mean: torch.Tensor, spread: torch.Tensor
) -> tuple[torch.Tensor, float]:
    return weights / spread, float(bias + (weights * mean / spread).sum())


def _back_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for case in range(10):
        size = 1 + case % 4
        weights, mean = torch.randn(2, size, generator=generator, dtype=torch.float64)
        spread = 0.5 + 3 * torch.rand(size, generator=generator, dtype=torch.float64)
        calls.append((weights, 1.0 + case, 5 * mean, spread))
    return calls


BACK = Function(
    reference=_back,
    inputs=_back_calls,
    returns=("weights", "bias"),
    traps={
        "The weights are right; the bias must make up for the means that were subtracted.": _bias_kept,
        "You have multiplied by the spread. Which input is the larger one, and needs the smaller weight?": _multiplied,
        "The weights are right. In the bias, the means are raw: they go with the new weights.": _scaled_weights,
        "The sign of the change of the bias is flipped.": _plus,
    },
)


# --- slope-without-subtraction ---------------------------------------------------------------------------


def _cases() -> list[tuple[Callable[[complex], complex], float, float]]:
    """Return functions of a real or complex number, a place, and the slope there."""
    cases: list[tuple[Callable[[complex], complex], float, float]] = [
        (lambda z: z**3 - 2 * z, 1.5, 3 * 1.5**2 - 2),
        (lambda z: cmath.exp(z) / z, 0.8, float((cmath.exp(0.8) * (0.8 - 1) / 0.8**2).real)),
        (lambda z: cmath.sin(z * z), 2.0, float((4 * cmath.cos(4)).real)),
        (lambda z: 1e6 + (z - 1) ** 2, 1.25, 0.5),  # a large constant: subtraction leaves few digits
        (lambda z: 1 / (1 + cmath.exp(-z)), -3.0, float((cmath.exp(3) / (1 + cmath.exp(3)) ** 2).real)),
    ]
    return [(_real_at_real(f), x, slope) for f, x, slope in cases]


def _real_at_real(f: Callable[[complex], complex]) -> Callable[[complex], complex]:
    """Return a function that answers a float with a float: a reader's difference must not turn complex by itself."""
    return lambda z: f(z) if isinstance(z, complex) else complex(f(z)).real


DIGITS = 1e-12


def _slope(answer: object) -> str | None:
    worst = 0.0
    for f, x, expected in _cases():
        result = call(answer, (f, x), ("f", "x"))
        if isinstance(result, complex):
            raise NotRightError("What your function returns is complex. Which part of it is the slope?")
        got = float(read(result, (), what="What your function returns"))
        worst = max(worst, abs(got / expected - 1))
    if worst <= DIGITS:
        return None
    digits = int(-np.log10(worst)) if worst < 1 else 0
    if digits >= 5:
        raise NotRightError(
            f"It is a slope, to {digits} digits at the worst of five functions. What is missing was lost in a "
            "subtraction, or in a step that is too long: a longer or shorter step only trades the one for the other."
        )
    if digits > 0:
        raise NotRightError(f"It is a slope, but only to {digits} digits at the worst of five functions.")
    raise NotRightError("On some of the five functions this is not the slope at all.")


# --- finish-in-d-plus-one-steps --------------------------------------------------------------------------


def _clouds() -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1910)
    made = [kiosk()[0]]
    for features in (1, 2, 3):
        made.append(0.5 + torch.randn(20, features, generator=generator, dtype=torch.float64))
    return made


def _finish(answer: object) -> str | None:
    generator = np.random.default_rng(7)
    for X in _clouds():
        steps = X.shape[1] + 1
        rates = read(call(answer, (X,), ("X",)), what="The list of rates")
        if rates.shape != (steps,):
            raise NotRightError(
                f"For inputs with {X.shape[1]} column(s) and a bias {steps} rates are wanted, one a step; "
                f"your function returns shape {rates.shape}."
            )
        values = np.linalg.eigvalsh(_bend(X))
        offset = generator.normal(size=(steps, 5))
        start = np.linalg.norm(offset)
        for rate in rates:
            offset = offset - rate * _bend(X) @ offset
        left = np.linalg.norm(offset) / start
        if left < 1e-6:
            continue
        if np.allclose(rates, rates[0]):
            raise NotRightError(
                "Your rates are all the same. A step at rate η multiplies the distance along each eigenvector by "
                "1 − ηλ: which rate makes one of these factors zero?"
            )
        if np.allclose(np.sort(rates), np.sort(values)):
            raise NotRightError("These are the eigenvalues. Which rate makes the factor 1 − ηλ zero?")
        if np.allclose(np.sort(rates), np.sort(2 / values)):
            raise NotRightError(
                "At these rates every factor becomes −1, so that you arrive on the other side. Which rate makes it "
                "zero? Or is the 2 of the Hessian missing?"
            )
        if np.allclose(np.sort(2 * rates), np.sort(1 / values)):
            raise NotRightError("At these rates every factor is a half: is the 2 of the Hessian there twice?")
        raise NotRightError(
            f"After {steps} step(s) {left:.1%} of the distance is left, on inputs with {X.shape[1]} column(s)."
        )
    return None


# --- steepest-safe-rate ----------------------------------------------------------------------------------


def _largest_rate(X: torch.Tensor) -> float:
    return _edge(X.double().numpy())


def _no_bias(X: torch.Tensor) -> float:
    columns = X.double().numpy()
    return float(2 / np.linalg.eigvalsh(2 * columns.T @ columns / len(columns))[-1])


def _rate_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    return [
        (1.5 + torch.randn(12, features, generator=generator, dtype=torch.float64),)
        for features in (1, 2, 3, 5, 8)
    ]


LARGEST_RATE = Function(
    reference=_largest_rate,
    inputs=_rate_calls,
    traps={
        "You have left the bias out: it is a parameter too, and its input is always 1.": _no_bias,
        "The Hessian of the mean squared loss has a 2 in front; yours has not.": lambda X: (
            2 * _largest_rate(X)
        ),
        "This is 1/λmax. The edge is twice that.": lambda X: _largest_rate(X) / 2,
        "You have taken the mean square of the inputs. The Hessian has a row for each input and one for the bias.": (
            lambda X: float(1 / (X**2).mean())
        ),
        "The Hessian is a mean over the examples; yours is their sum.": lambda X: _largest_rate(X) / len(X),
        "You have taken the smallest eigenvalue. Which direction explodes first?": lambda X: float(
            2 / np.linalg.eigvalsh(_bend(X.double().numpy()))[0]
        ),
        "You have taken the trace, the sum of all eigenvalues: safe, but not the largest rate.": lambda X: (
            float(2 / np.trace(_bend(X.double().numpy())))
        ),
    },
)


# --- all of them -----------------------------------------------------------------------------------------

EXERCISES = {
    "one-step-by-hand": Exercise(
        ONE_STEP, "The loss has fallen, and it took no more than a pencil.", code=False
    ),
    "mean-or-median": Exercise(
        MEAN_OR_MEDIAN, "Squares listen to every value, and absolute errors only count sides.", code=False
    ),
    "gradient-by-hand": Exercise(
        GRADIENT, "This is all that a linear layer's backward pass does with its loss."
    ),
    "steepest-safe-rate": Exercise(
        LARGEST_RATE, "You can tell the edge of a data set before the first step."
    ),
    "hours-into-minutes": Exercise(
        MINUTES, "Nothing about the ice cream has changed, and everything about the walk."
    ),
    "back-to-units": Exercise(
        BACK, "Train on scaled inputs, and read the weights in the units of the owner."
    ),
    "slope-without-subtraction": Exercise(
        Predicate(_slope), "Without a subtraction there is nothing to cancel, and the step may be tiny."
    ),
    "finish-in-d-plus-one-steps": Exercise(
        Predicate(_finish),
        "One of your rates lies far beyond the stable edge, and yet the walk ends at the lowest point: the edge is a "
        "law for rates that stay the same.",
    ),
}

check = checks_of(EXERCISES)
