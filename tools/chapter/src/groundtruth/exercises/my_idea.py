"""Answer checks for the chapter ``my-idea``.

What the checks compute with shares no code with `groundtruth.scratch`, so that tests can hold one against the other.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

from groundtruth.exercises.answers import Choice, Exercise, Function, Numeric, checks_of

__all__ = ["EXERCISES", "check"]


def _loss(r: Tensor, delta: float) -> Tensor:
    return F.huber_loss(r, torch.zeros_like(r), reduction="none", delta=delta)


def _slope(r: Tensor, delta: float) -> Tensor:
    return torch.where(r.abs() <= delta, r, delta * r.sign())


def _calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    return [(3 * torch.randn(9, generator=generator), delta) for delta in (0.5, 1.0, 2.0)]


EXERCISES = {
    "with-a-pencil": Exercise(
        Numeric(
            expected=lambda: 2.5,
            what="The loss",
            traps={
                "This is the square. Is the distance a small one?": lambda: 4.5,
                "The two lines must meet at delta: a half is missing.": lambda: 3.0,
            },
        ),
        code=False,
    ),
    "slope-far-away": Exercise(
        Numeric(
            expected=lambda: -2.0,
            what="The slope",
            traps={"This is the slope of the square. Is the distance a small one?": lambda: -7.0},
        ),
        code=False,
    ),
    "wide-open": Exercise(
        Choice(
            ("mean", "median", "largest"),
            expected=lambda: "mean",
            hints={
                "median": "That is what a very small delta gives.",
                "largest": "Every number pulls; why should one alone count?",
            },
        ),
        code=False,
    ),
    "write-the-loss": Exercise(
        Function(
            reference=_loss,
            inputs=_calls,
            traps={
                "You square every distance.": lambda r, delta: r**2 / 2,
                "You take the length of every distance.": lambda r, delta: delta * (r.abs() - delta / 2),
            },
        )
    ),
    "write-the-slope": Exercise(
        Function(
            reference=_slope,
            inputs=_calls,
            traps={
                "The slope goes on growing with the distance.": lambda r, delta: r,
                "You count small distances as large ones.": lambda r, delta: delta * r.sign(),
            },
        )
    ),
    "five-numbers": Exercise(
        Numeric(
            expected=lambda: 0.25,
            what="The value",
            traps={
                "This is the mean: the wild number pulls with its whole distance.": lambda: 2.0,
                "This is the median: the wild number does pull a little.": lambda: 0.0,
            },
        )
    ),
}

check = checks_of(EXERCISES)
