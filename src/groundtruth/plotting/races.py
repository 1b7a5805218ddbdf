"""Accuracy against seconds of training, several trainings in one picture.

Used by the appendix *benchmarks*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from groundtruth.plotting import style

BELOW = 1.2
"""How far the axis goes on below the lowest level, as a share of the distance from there to the highest."""


@dataclass(frozen=True)
class Runner:
    """One training."""

    label: str
    ours: bool
    marks: Sequence[tuple[float, float]]
    """Seconds of training so far and accuracy, 0 … 1, after each epoch."""


def race(axes: Axes, runners: Sequence[Runner], levels: Sequence[float]) -> Axes:
    """Draw the accuracy of each training against its seconds, on a logarithmic axis.

    Ours share one colour and the others another; markers and dashes tell them apart.

    Args:
        axes: where to draw.
        runners: the trainings; at most as many of a kind as the style has markers.
        levels: accuracies to reach, 0 … 1, which become the ticks; marks far below the lowest are not shown.

    Raises:
        ValueError: fewer than two levels, a training without marks, or more of a kind than can be told apart.

    """
    if len(set(levels)) < 2:
        raise ValueError(f"race needs two levels or more; got {list(levels)}")
    low, high = min(levels), max(levels)
    for ours, colour in ((False, style.ORANGE), (True, style.BLUE)):
        kind = [runner for runner in runners if runner.ours == ours]
        if len(kind) > len(style.MARKERS):
            raise ValueError(f"race tells {len(style.MARKERS)} trainings of a kind apart; got {len(kind)}")
        for runner, marker, dash in zip(kind, style.MARKERS, style.DASHES, strict=False):
            if not runner.marks:
                raise ValueError(f"race: {runner.label!r} has no marks")
            seconds, accuracy = zip(*runner.marks, strict=True)
            axes.plot(
                seconds, [100 * share for share in accuracy], color=colour, linestyle=dash, marker=marker,
                markevery=max(1, len(seconds) // 8), markersize=4.5, linewidth=1.4, label=runner.label,
            )  # fmt: skip
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_locator(FixedLocator([100 * level for level in levels]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4g}"))
    best = max((share for runner in runners for _, share in runner.marks), default=high)
    axes.set_ylim(100 * (low - BELOW * (high - low)), 100 * (max(high, best) + 0.15 * (high - low)))
    axes.set_xlabel("seconds of training")
    axes.set_ylabel("accuracy, %")
    return axes
