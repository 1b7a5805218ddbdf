"""Answer checks for the chapter ``backpropagation``.

The conventions are those of the chapter: a layer is Z = X Wᵀ + b with a row of W for each unit; G is the slope of the
loss in each entry of Z; the slope of ReLU at zero is zero. What the checks compute with shares no code with
`groundtruth.scratch.autodiff` and `groundtruth.scratch.scalar_autodiff`, so that tests can hold one against the other.

Dual numbers are Clifford's (1873); forward mode by dual numbers is section 3.1.1 of Baydin et al. (2018).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

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

__all__ = ["EXERCISES", "check", "suspects"]


# --- one-hidden-unit -------------------------------------------------------------------------------------

X, W1, B1, W2, B2, Y = 3.0, 0.5, 0.5, -1.0, 1.0, 1.0


def _one_unit(*, two: float = 2.0, sign: float = 1.0, through: float = W2, source: float = X) -> np.ndarray:
    z = W1 * X + B1
    h = max(z, 0.0)
    d = sign * two * (W2 * h + B2 - Y)
    return np.array([d * through * source, d * through, d * h, d])


ONE_UNIT = Numeric(
    expected=_one_unit,
    what="The list of four slopes",
    traps={
        "The 2 of the square's derivative is missing.": lambda: _one_unit(two=1.0),
        "Every sign is flipped: the error is prediction minus target.": lambda: _one_unit(sign=-1.0),
        "On its way to the hidden unit the slope passes the last weight; yours has not.": lambda: _one_unit(
            through=1.0
        ),
        "The slope in the first weight is that in its unit's score, times what came along the weight.": lambda: (
            _one_unit(source=1.0)
        ),
        "The first two and the last two have changed places.": lambda: _one_unit()[[2, 3, 0, 1]],
    },
)


# --- which-way -------------------------------------------------------------------------------------------

WHICH_WAY = Parts(
    {
        "forward": Numeric(
            expected=lambda: 3,
            what="The number of forward walks",
            traps={"That is the number of walks that start from an output.": lambda: 1000},
        ),
        "reverse": Numeric(
            expected=lambda: 1000,
            what="The number of backward walks",
            traps={
                "That is the number of walks that start from an input.": lambda: 3,
                "One backward walk gives the slopes of one output alone.": lambda: 1,
            },
        ),
        "training": Choice(
            ("forward", "reverse"),
            expected=lambda: "reverse",
            hints={
                "forward": "How many outputs has a loss, and how many inputs, if the parameters are inputs?"
            },
        ),
    }
)


# --- layer-backward --------------------------------------------------------------------------------------


def _layer(X: Tensor, W: Tensor, b: Tensor, G: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    scores = torch.einsum("nd,kd->nk", X, W) + b
    return _linear(X, W, torch.where(scores > 0, G, torch.zeros_like(G)))


def _linear(X: Tensor, W: Tensor, G: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (
        torch.einsum("nk,kd->nd", G, W),
        torch.einsum("nk,nd->kd", G, X),
        torch.einsum("nk->k", G),
    )


def _layer_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for n, d, k in ((5, 3, 2), (2, 4, 4), (6, 1, 3), (3, 3, 3)):
        calls.append(
            tuple(
                torch.randn(*shape, generator=generator, dtype=torch.float64)
                for shape in ((n, d), (k, d), (k,), (n, k))
            )
        )
    return calls


def _mean_bias(X: Tensor, W: Tensor, b: Tensor, G: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    d_x, d_w, d_b = _layer(X, W, b, G)
    return d_x, d_w, d_b / len(X)


def _mean_all(X: Tensor, W: Tensor, b: Tensor, G: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    d_x, d_w, d_b = _layer(X, W, b, G)
    return d_x, d_w / len(X), d_b / len(X)


LAYER = Function(
    reference=_layer,
    inputs=_layer_calls,
    returns=("X slopes", "W slopes", "b slopes"),
    traps={
        "You have not gone back through ReLU: G holds the slopes in H, after it.": lambda X, W, b, G: _linear(
            X, W, G
        ),
        "ReLU lets a slope through by the sign of the *score*, not by that of the slope.": lambda X, W, b, G: (
            _linear(X, W, G.clamp(min=0))
        ),
        "The scores that decide what ReLU lets through have a bias.": lambda X, W, b, G: _layer(
            X, W, 0 * b, G
        ),
        "The bias acts in every example: its slopes add up, and are not averaged.": _mean_bias,
        "The mean over the batch is in G already; the layer itself only adds.": _mean_all,
    },
)


# --- sum-out ---------------------------------------------------------------------------------------------


def _sum_out(gradient: Tensor, shape: tuple[int, ...]) -> Tensor:
    values = np.asarray(gradient, dtype=np.float64)
    values = values.sum(axis=tuple(range(values.ndim - len(shape))))
    for axis, size in enumerate(shape):
        if size == 1:
            values = values.sum(axis=axis, keepdims=True)
    return torch.from_numpy(np.asarray(values))


def _mean_out(gradient: Tensor, shape: tuple[int, ...]) -> Tensor:
    summed = _sum_out(gradient, shape)
    return summed * (summed.numel() / gradient.numel())


def _sum_out_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    pairs = [
        ((3, 4), (4,)),
        ((3, 4), (3, 1)),
        ((2, 3, 4), (3, 1)),
        ((3, 4), ()),
        ((3, 4), (3, 4)),
        ((2, 5), (1, 1)),
    ]
    return [(torch.randn(*big, generator=generator, dtype=torch.float64), small) for big, small in pairs]


SUM_OUT = Function(
    reference=_sum_out,
    inputs=_sum_out_calls,
    traps={
        "You have averaged the copies. Each copy acts on the loss by itself, and their slopes add up.": _mean_out
    },
)


# --- in-order --------------------------------------------------------------------------------------------


def _graphs() -> list[tuple[dict[str, list[str]], str, str]]:
    """Return graphs as dictionaries from a name to its parents, an output, and what is special about them."""
    diamond = {"L": ["u", "v"], "v": ["u", "x"], "u": ["x", "w"], "x": [], "w": []}
    spare = {"a": [], "b": ["a"], "c": ["a"], "d": ["c", "c"], "unused": ["d", "b"]}
    length = 20_000
    chain = {f"n{i}": [f"n{i - 1}"] if i else [] for i in range(length)}
    ladder = {f"n{i}": [f"n{i - 1}", f"n{i - 1}", f"n{max(i - 2, 0)}"] if i else [] for i in range(60)}
    return [
        (diamond, "L", "a graph in which values are used twice"),
        (spare, "d", "a graph with values that the output does not depend on"),
        (ladder, "n59", "a graph with more paths than anyone can walk"),
        (chain, f"n{length - 1}", "a very long chain"),
    ]


def _in_order(answer: object) -> str | None:
    for parents, output, what in _graphs():
        try:
            result = call(answer, (parents, output), ("parents", "output"))
        except NotRightError as wrong:
            if "RecursionError" in str(wrong):
                raise NotRightError(
                    "Python's recursion ends before a very long chain does. Keep a stack of your own: a list."
                ) from None
            # the arguments are too long to be shown
            raise NotRightError(str(wrong).split(" (It was called")[0] + f" (It was {what}.)") from None
        if not isinstance(result, list | tuple) or not all(isinstance(name, str) for name in result):
            raise NotRightError("A list of names is wanted.")
        if len(set(result)) < len(result):
            raise NotRightError(f"A name stands in your list twice, in {what}.")
        needed, stack = {output}, [output]
        while stack:
            for parent in parents[stack.pop()]:
                if parent not in needed:
                    needed.add(parent)
                    stack.append(parent)
        if set(result) - needed:
            raise NotRightError(f"Your list holds a name that the output does not depend on, in {what}.")
        if needed - set(result):
            raise NotRightError(f"Your list lacks a name that the output depends on, in {what}.")
        place = {name: number for number, name in enumerate(result)}
        if any(place[parent] > place[name] for name in result for parent in parents[name]):
            if all(place[parent] > place[name] for name in result for parent in parents[name]):
                raise NotRightError(
                    "Your list runs from the output to the inputs: it is the wrong way round."
                )
            raise NotRightError(f"A value stands before one that it is computed from, in {what}.")
    return None


# --- dual-numbers ----------------------------------------------------------------------------------------


def _power(x: object, times: int) -> object:
    for _ in range(times):
        x = x * x  # type: ignore[operator]
    return x


def _functions() -> list[tuple[Callable[[object], object], float, float]]:
    """Return functions of sums and products, a place, and the slope there."""
    return [
        (lambda x: x * x * x + x, 1.5, 3 * 1.5**2 + 1),
        (lambda x: 3 * x + x * 2 + 1, -0.7, 5.0),
        (lambda x: 1e8 + x * x, 0.3, 0.6),
        (lambda x: _power(x, 5), 1.01, 32 * 1.01**31),
        (lambda x: (x + 1) * (2 + x) * (x + -3), 0.25, 2.25 * -2.75 + 1.25 * -2.75 + 1.25 * 2.25),
    ]


def _dual(answer: object) -> str | None:
    worst = 0.0
    for f, x, expected in _functions():
        got = float(read(call(answer, (f, x), ("f", "x")), (), what="What your function returns"))
        worst = max(worst, abs(got / expected - 1))
    if worst <= 1e-11:
        return None
    if worst < 0.05:
        raise NotRightError(
            "It is a slope, and not exact: digits were lost in a difference of two nearly equal numbers."
        )
    raise NotRightError(
        "On some of the five functions this is not the slope. Is one of the products' two halves missing?"
    )


# --- three-times-a-third ---------------------------------------------------------------------------------

RESCALED = Parts(
    {
        "loss": Choice(
            ("grows", "stays", "shrinks"),
            expected=lambda: "stays",
            hints={
                "grows": "ReLU of three times a score is three times ReLU of the score.",
                "shrinks": "ReLU of three times a score is three times ReLU of the score.",
            },
        ),
        "first": Numeric(
            expected=lambda: 1 / 3,
            what="The factor for the first layer",
            traps={
                "The other way round: what does the second layer do to a nudge of the first?": lambda: 3.0,
                "The loss is the same, but the same nudge is now a smaller part of the weight.": lambda: 1.0,
            },
        ),
        "second": Numeric(
            expected=lambda: 3.0,
            what="The factor for the second layer",
            traps={
                "The other way round: what comes along these weights has grown.": lambda: 1 / 3,
                "The loss is the same, but what comes along these weights has grown.": lambda: 1.0,
            },
        ),
        "product": Choice(
            ("changes", "stays"),
            expected=lambda: "stays",
            hints={"changes": "Multiply the factor of the weights by the factor of their slopes."},
        ),
    }
)


# --- find-the-fault --------------------------------------------------------------------------------------

GUILTY = {2, 3}
Suspect = tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]


def suspects() -> list[Suspect]:
    """Return five pairs (loss, gradient). Both take four parameters, shape (4,); two of the gradients are wrong."""

    def product_slopes(p: Tensor) -> Tensor:
        e = (p[0] * p[1]).exp()
        return torch.stack([p[1] * e, p[0] * e, 2 * p[2] * p[3], p[2] ** 2 * (1 + 1e-4)])

    return [
        (lambda p: p.tanh().sum() ** 2, lambda p: 2 * p.tanh().sum() * (1 - p.tanh() ** 2)),
        (lambda p: 1e6 * (p**4).sum(), lambda p: 4e6 * p**3),
        (lambda p: (p.relu() ** 2).sum(), lambda p: 2 * p),
        (lambda p: (p[0] * p[1]).exp() + p[2] ** 2 * p[3], product_slopes),
        (lambda p: (p**2).mean(), lambda p: p / 2),
    ]


def _find(answer: object) -> str | None:
    values = read(answer, (None,), what="The list of numbers")
    if not all(value in range(5) for value in values):
        raise NotRightError("The suspects are numbered from 0 to 4.")
    named = {int(value) for value in values}
    if named - GUILTY:
        raise NotRightError(
            "You accuse one that is right. Compare relative gaps, in float64, with central differences: a large slope "
            "has a large gap even where it is right."
        )
    if named != GUILTY:
        raise NotRightError(
            "A wrong one goes free. Some faults show only at some points, and some only to a sharp eye: try many "
            "points, of both signs, and look at relative gaps far below one in a thousand."
        )
    return None


# --- all of them -----------------------------------------------------------------------------------------

EXERCISES = {
    "one-hidden-unit": Exercise(ONE_UNIT, "Two products a layer: that is all there is to it.", code=False),
    "which-way": Exercise(WHICH_WAY, "The narrow end of a function is where to start from.", code=False),
    "layer-backward": Exercise(LAYER, "These three products are most of the work of every training run."),
    "sum-out": Exercise(SUM_OUT, "What was copied on the way forward is summed on the way back."),
    "in-order": Exercise(Predicate(_in_order), "Each value once, and never before its parents."),
    "dual-numbers": Exercise(Predicate(_dual), "A second engine, in a dozen lines, and exact."),
    "three-times-a-third": Exercise(
        RESCALED,
        "The same function, the same loss, and another gradient: descent sees the weights, and not the function alone.",
        code=False,
    ),
    "find-the-fault": Exercise(
        Predicate(_find), "You found a sign that was forgotten, and one part in ten thousand."
    ),
}

check = checks_of(EXERCISES)
