"""When a training reaches a level: the marks it leaves after each epoch, and what several seeds say together."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from shared.report import spread


class Mark(NamedTuple):
    """Where a training stands after an epoch."""

    seconds: float
    """Of training so far; looking at the test examples is not counted."""
    accuracy: float
    """Share of the test examples answered rightly, 0 … 1."""


def reached(marks: Iterable[Mark], level: float) -> float:
    """Return the seconds after which the accuracy was first seen at the level, infinity where it never was.

    Args:
        marks: of one training, in order.
        level: 0 … 1; to be equal is to reach it.

    Raises:
        ValueError: seconds that run backwards.

    """
    before = -math.inf
    for mark in marks:
        if mark.seconds < before:
            raise ValueError(f"seconds of a training must not run backwards: {mark.seconds} after {before}")
        before = mark.seconds
        if mark.accuracy >= level:
            return mark.seconds
    return math.inf


def name_of(level: float) -> str:
    """Return a level in per cent, such as ``"99.5"``."""
    return f"{100 * level:.4g}"


def summary(runs: Sequence[Sequence[Mark]], levels: Sequence[float]) -> dict[str, Any]:
    """Return the seconds to each level over several seeds, and the accuracies at the end and at best.

    A seed that never gets there counts as infinitely slow: where half of them or more do not, the median is null.

    Raises:
        ValueError: no run, or a run without an epoch.

    """
    if not runs or not all(runs):
        raise ValueError("a summary needs one run or more, each of one epoch or more")
    return {
        "reached": {name_of(level): spread([reached(marks, level) for marks in runs]) for level in levels},
        "seconds": spread([marks[-1].seconds for marks in runs]),
        "epochs": [len(marks) for marks in runs],
        "last": spread([marks[-1].accuracy for marks in runs]),
        "best": spread([max(mark.accuracy for mark in marks) for marks in runs]),
        "marks": [[[round(mark.seconds, 4), mark.accuracy] for mark in marks] for marks in runs],
    }


def best_of(rows: Iterable[dict[str, Any]], level: float) -> tuple[str, float] | None:
    """Return the fastest row to a level and its median seconds; None where no row gets there."""
    found = [
        (row["method"], row["reached"][name_of(level)]["median"])
        for row in rows
        if row["reached"][name_of(level)]["median"] is not None
    ]
    return min(found, key=lambda one: one[1], default=None)
