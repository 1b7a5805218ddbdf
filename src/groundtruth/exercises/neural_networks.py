"""Answer checks for the chapter ``neural-networks``.

The conventions are those of the chapter: row i of a weight matrix belongs to unit i, biases are added, and there is no
activation after the last layer. What the checks compute with is NumPy, and shares no code with
`groundtruth.scratch.dense`, `groundtruth.scratch.activations` and `groundtruth.scratch.initialisation`, so that tests
can hold one against the other.

The zigzag of the last exercise is Telgarsky's (2016), "Benefits of depth in neural networks".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Generator, Tensor

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

__all__ = ["EXERCISES", "check"]


def _relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0)


# --- count-the-numbers -----------------------------------------------------------------------------------


def _count(sizes: Sequence[int], biases: bool = True) -> int:
    return sum(a * b + (b if biases else 0) for a, b in pairwise(sizes))


GREY, COLOUR = (28 * 28, 100, 50, 10), (32 * 32 * 3, 20, 1)

COUNT = Parts(
    {
        "grey": Numeric(
            expected=lambda: _count(GREY),
            rtol=0,
            what="The count for the grey pictures",
            traps={
                "The biases are missing: every hidden and every output unit has one.": lambda: _count(
                    GREY, False
                ),
                "You have counted units. Count connections and biases.": lambda: sum(GREY),
                "The inputs have no biases: nothing is computed there.": lambda: _count(GREY) + GREY[0],
            },
        ),
        "colour": Numeric(
            expected=lambda: _count(COLOUR),
            rtol=0,
            what="The count for the colour pictures",
            traps={
                "The biases are missing: every hidden and every output unit has one.": lambda: _count(
                    COLOUR, False
                ),
                "A colour picture has three numbers at each pixel.": lambda: _count((32 * 32, 20, 1)),
                "The inputs have no biases: nothing is computed there.": lambda: _count(COLOUR) + COLOUR[0],
            },
        ),
    }
)


# --- forward-by-hand -------------------------------------------------------------------------------------

X_BY_HAND = np.array([-1.0, 2.0])
W1_WORKED = np.array([[0.5, -1.0], [1.0, 0.5], [-1.0, 0.5]])
B1_WORKED = np.array([0.5, -0.5, 0.0])
W2_WORKED, B2_WORKED = np.array([1.0, 0.5, -1.0]), 0.25


def _by_hand(
    relu: bool = True, biases: bool = True, on_output: bool = False, minus: bool = False
) -> np.ndarray:
    sign = (-1.0 if minus else 1.0) if biases else 0.0
    z = W1_WORKED @ X_BY_HAND + sign * B1_WORKED
    h = _relu(z) if relu else z
    out = W2_WORKED @ h + sign * B2_WORKED
    return np.append(h, _relu(out) if on_output else out)


FORWARD = Numeric(
    expected=_by_hand,
    what="The list of four numbers",
    traps={
        "These are the scores of the hidden layer. The activation is missing.": lambda: _by_hand(relu=False),
        "The first three are right. The output unit has a bias too, and it is missing.": lambda: (
            _by_hand() - np.array([0, 0, 0, B2_WORKED])
        ),
        "The output has no activation here: it may be negative.": lambda: _by_hand(on_output=True),
        "You have subtracted the biases. This network adds them.": lambda: _by_hand(minus=True),
    },
)


# --- a-batch-through ---------------------------------------------------------------------------------------


def _through(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    return torch.relu(X @ W1.T + b1) @ W2.T + b2


def _through_no_relu(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    return (X @ W1.T + b1) @ W2.T + b2


def _through_relu_twice(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    return torch.relu(_through(X, W1, b1, W2, b2))


def _through_no_bias(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    return torch.relu(X @ W1.T) @ W2.T


def _through_minus(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    return torch.relu(X @ W1.T - b1) @ W2.T - b2


def _draw(generator: Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator)


def _through_calls(generator: Generator) -> list[tuple[object, ...]]:
    sizes = ((1, 2, 3, 1), (5, 2, 4, 2), (7, 3, 3, 3), (2, 6, 1, 4))
    return [
        (
            _draw(generator, n, d),
            _draw(generator, h, d),
            _draw(generator, h),
            _draw(generator, k, h),
            _draw(generator, k),
        )
        for n, d, h, k in sizes
    ]


THROUGH = Function(
    reference=_through,
    inputs=_through_calls,
    traps={
        "The activation between the layers is missing, so these are one layer.": _through_no_relu,
        "No activation after the last layer: its output may be negative.": _through_relu_twice,
        "The biases are missing.": _through_no_bias,
        "The biases are added in this book, not subtracted.": _through_minus,
    },
)


# --- three-layers-into-one -----------------------------------------------------------------------------------


def _into_one(  # noqa: PLR0917 - three layers, as the exercise hands them
    W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, W3: Tensor, b3: Tensor
) -> tuple[Tensor, Tensor]:
    return W3 @ W2 @ W1, W3 @ (W2 @ b1 + b2) + b3


def _sum_of_biases(  # noqa: PLR0917 - three layers, as the exercise hands them
    W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, W3: Tensor, b3: Tensor
) -> tuple[Tensor, Tensor]:
    return W3 @ W2 @ W1, b1.sum() + b2.sum() + b3


def _last_bias(  # noqa: PLR0917 - three layers, as the exercise hands them
    W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, W3: Tensor, b3: Tensor
) -> tuple[Tensor, Tensor]:
    return W3 @ W2 @ W1, b3


def _one_step(  # noqa: PLR0917 - three layers, as the exercise hands them
    W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, W3: Tensor, b3: Tensor
) -> tuple[Tensor, Tensor]:
    return W3 @ W2 @ W1, W3 @ b2 + b3


def _into_one_calls(generator: Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for sizes in ((2, 3, 4, 1), (3, 3, 3, 3), (1, 5, 2, 4), (4, 1, 6, 2)):
        shapes = [(k, d) for d, k in pairwise(sizes)]
        calls.append(tuple(t for k, d in shapes for t in (_draw(generator, k, d), _draw(generator, k))))
    return calls


CARRIED = "The weights are right. A bias is carried through every layer above it: it is not just added."
INTO_ONE = Function(
    reference=_into_one,
    inputs=_into_one_calls,
    returns=("W", "b"),
    traps={
        CARRIED: _sum_of_biases,
        "The weights are right. The lower biases are missing: they too reach the output.": _last_bias,
        "The weights are right. The lowest bias is missing: it passes through two layers.": _one_step,
    },
)


def _three_into_one(answer: object) -> str | None:
    # b1 + b2 + b3 fails where the layers differ in size, with PyTorch's words. Where they agree it can be named.
    generator = torch.Generator().manual_seed(1)
    square = [_draw(generator, 3, 3) if i % 2 == 0 else _draw(generator, 3) for i in range(6)]
    made = call(answer, square, ("W1", "b1", "W2", "b2", "W3", "b3"))
    if isinstance(made, list | tuple) and len(made) == 2:
        added = (square[1] + square[3] + square[5]).numpy()
        bias = read(made[1], what="The returned `b`")
        if bias.shape == added.shape and np.allclose(bias, added, atol=1e-5):
            raise NotRightError(CARRIED)
    return INTO_ONE.judge(answer)


# --- slope-of-silu -------------------------------------------------------------------------------------------


def _silu_slope(z: Tensor) -> Tensor:
    s = torch.sigmoid(z)
    return s + z * s * (1 - s)


SILU = Function(
    reference=_silu_slope,
    inputs=lambda generator: [(3 * _draw(generator, *shape),) for shape in ((1,), (6,), (3, 4))],
    traps={
        "This is the value of the function, not its slope.": lambda z: z * torch.sigmoid(z),
        "A product has two parts, and each has a slope: the slope of σ is missing.": torch.sigmoid,
        "A product has two parts: where z stands still, σ has a slope; where σ stands still, z has one too.": (
            lambda z: z * torch.sigmoid(z) * (1 - torch.sigmoid(z))
        ),
        "The slope of σ is σ(1 − σ), and z multiplies it.": (
            lambda z: torch.sigmoid(z) + torch.sigmoid(z) * (1 - torch.sigmoid(z))
        ),
    },
)


# --- what-moves-from-zero ------------------------------------------------------------------------------------

WHAT = ("nothing", "output bias", "output weights and bias", "everything")
FROM_ZERO = Parts(
    {
        "tanh": Choice(
            options=WHAT,
            expected=lambda: "output bias",
            hints={
                "nothing": "The output is wrong at the start, and one parameter is free to mend it.",
                "output weights and bias": "An output weight is moved by what its hidden unit gives. What is tanh(0)?",
                "everything": "A hidden weight is moved through the output weight above it. How large is that?",
            },
        ),
        "sigmoid": Choice(
            options=WHAT,
            expected=lambda: "output weights and bias",
            hints={
                "nothing": "The output is wrong at the start, and something is free to mend it.",
                "output bias": "An output weight is moved by what its hidden unit gives. What is σ(0)?",
                "everything": "A hidden weight is moved through the output weight above it: how large is that?",
            },
        ),
        "ever": Choice(
            options=("yes", "no"),
            expected=lambda: "no",
            hints={
                "yes": "Two units with the same weights give the same output. If the weights above them are the same "
                "too, what could make their slopes differ?"
            },
        ),
    }
)


# --- a-diamond -------------------------------------------------------------------------------------------------


def _network(answer: object) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    if not isinstance(answer, list | tuple) or len(answer) != 4:
        raise NotRightError(f"A tuple (W1, b1, w2, b2) is wanted, and this is {kind_of(answer)}.")
    W1 = read(answer[0], (None, 2), what="`W1`")
    units = len(W1)
    if not 1 <= units <= 4:
        raise NotRightError(f"There are {units} hidden units. Use at least one, and at most four.")
    b1 = read(answer[1], (units,), what="`b1`")
    w2 = read(answer[2], (units,), what="`w2`")
    return W1, b1, w2, float(read(answer[3], (), what="`b2`"))


def _diamond_points() -> tuple[np.ndarray, np.ndarray]:
    """Return points (P, 2) off the edge of |x₁| + |x₂| < 1, and whether they are inside."""
    points = np.random.default_rng(3).uniform(-2, 2, size=(4000, 2))
    far = np.random.default_rng(4).uniform(-30, 30, size=(400, 2))
    close = np.random.default_rng(5)
    edge = close.uniform(-1, 1, size=(800, 2))
    edge /= np.abs(edge).sum(axis=1, keepdims=True)  # on the edge, then moved off it
    edge *= 1 + close.choice([-1, 1], size=(800, 1)) * close.uniform(0.0005, 0.001, size=(800, 1))
    points = np.concatenate([points, far, edge])
    away = np.abs(points).sum(axis=1) - 1
    keep = np.abs(away) > 0.0004
    return points[keep], away[keep] < 0


def _diamond(answer: object) -> str | None:
    W1, b1, w2, b2 = _network(answer)
    points, inside = _diamond_points()
    says = _relu(points @ W1.T + b1) @ w2 + b2 > 0
    if np.array_equal(says, inside):
        return f"All {len(points)} hidden points are answered rightly."
    if np.array_equal(says, ~inside):
        raise NotRightError("It answers 1 outside and 0 inside: the other way round.")
    if says.all() or not says.any():
        raise NotRightError("It gives the same answer everywhere.")
    if (np.abs(np.abs(points[says != inside]).sum(axis=1) - 1) < 0.05).all():
        raise NotRightError("It is nearly the diamond: all mistakes lie close to the edge.")
    missed = float((says & ~inside).sum()), float((~says & inside).sum())
    where = (
        "outside, where the answer should be 0" if missed[0] >= missed[1] else "inside, where it should be 1"
    )
    share = float((says == inside).mean())
    raise NotRightError(f"{share:.0%} of the hidden points are right. Most mistakes lie {where}.")


# --- zigzag -----------------------------------------------------------------------------------------------------


def _zigzag(answer: object) -> str | None:
    for k in range(1, 9):
        made = call(answer, (k,), ("k",))
        if not isinstance(made, list | tuple) or len(made) != k + 1:
            raise NotRightError(
                f"For k = {k}, a list of {k + 1} layers is wanted, {k} of them hidden, and this is {kind_of(made)}."
            )
        x = np.linspace(0, 1, 2 ** (k + 2) + 1)
        h = x[:, None]  # (P, 1)
        for number, layer in enumerate(made, start=1):
            if not isinstance(layer, list | tuple) or len(layer) != 2:
                raise NotRightError(f"A layer is a pair (W, b), and layer {number} is {kind_of(layer)}.")
            W = read(layer[0], (None, h.shape[1]), what=f"`W` of layer {number} for k = {k}")
            b = read(layer[1], (len(W),), what=f"`b` of layer {number} for k = {k}")
            last = number == k + 1
            if last and len(W) != 1:
                raise NotRightError(f"The output layer has {len(W)} units, and should have one.")
            if not last and len(W) > 2:
                raise NotRightError(
                    f"Layer {number} has {len(W)} units. Two are allowed, however large k is."
                )
            h = h @ W.T + b if last else _relu(h @ W.T + b)
        wanted = 1 - np.abs((x * 2**k) % 2 - 1)
        got = h[:, 0]
        if np.allclose(got, 1 - wanted, atol=1e-6):
            raise NotRightError(f"For k = {k} the zigzag is upside down: it should begin at 0.")
        if not np.allclose(got, wanted, atol=1e-6):
            turns = int((np.abs(np.diff(np.sign(np.diff(got)))) > 0).sum())
            raise NotRightError(
                f"For k = {k} yours turns {turns} time(s) between 0 and 1, and it is not the zigzag that is wanted."
            )
    return "Two units a layer, and every layer doubles the number of pieces."


EXERCISES = {
    "count-the-numbers": Exercise(COUNT, code=False),
    "forward-by-hand": Exercise(FORWARD, "Two of the three hidden units are off for this input.", code=False),
    "a-batch-through": Exercise(THROUGH),
    "three-layers-into-one": Exercise(Predicate(_three_into_one)),
    "slope-of-silu": Exercise(SILU, "Unlike ReLU, it is smooth, and a little negative on the left."),
    "what-moves-from-zero": Exercise(FROM_ZERO, code=False),
    "a-diamond": Exercise(Predicate(_diamond)),
    "zigzag": Exercise(Predicate(_zigzag)),
}

check = checks_of(EXERCISES)
