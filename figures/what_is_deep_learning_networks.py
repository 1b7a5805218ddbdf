"""Three ways to connect units: feed-forward, recurrent, convolutional, in the same four colours.

Used by the chapter *what-is-deep-learning*. Blue: input. Teal: hidden units. Orange: output. Purple: what is special.
"""

import itertools

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from groundtruth.plotting import style

RADIUS = 0.3


def draw() -> list[Figure]:
    return [_feed_forward(), _recurrent(), _convolutional()]


def _panel(title: str) -> tuple[Figure, Axes]:
    figure, axes = style.new_figure(height=3.0, bare=True)
    axes.set(xlim=(0, 10), ylim=(0, 6), aspect="equal")
    axes.set_title(title)
    return figure, axes


def _feed_forward() -> Figure:
    figure, axes = _panel("feed-forward: every unit listens to all before it")
    columns = [(1.5, 4, style.BLUE), (4.0, 5, style.TEAL), (6.5, 4, style.TEAL), (8.6, 2, style.ORANGE)]
    places = [[(x, 3.2 + 1.0 * (i - (n - 1) / 2)) for i in range(n)] for x, n, _ in columns]
    for left, right in itertools.pairwise(places):
        for a in left:
            for b in right:
                axes.plot(*zip(a, b, strict=True), color=style.MUTED, linewidth=0.7, linestyle="-", zorder=1)
    for column, (_, _, colour) in zip(places, columns, strict=True):
        for place in column:
            _unit(axes, place, colour)
    for x, word, colour in (
        (1.5, "input", style.BLUE),
        (5.25, "hidden layers", style.TEAL),
        (8.6, "output", style.ORANGE),
    ):
        axes.text(x, 0.35, word, color=colour, ha="center", va="center")
    return figure


def _recurrent() -> Figure:
    figure, axes = _panel("recurrent: the state is handed on from step to step")
    words = ("the", "cat", "sat", "down")
    for step, word in enumerate(words):
        x = 1.4 + 2.35 * step
        axes.text(x, 0.95, word, color=style.BLUE, ha="center", va="center")
        _arrow(axes, (x, 1.3), (x, 2.3), style.MUTED)
        _unit(axes, (x, 3.0), style.TEAL, radius=0.58)
        axes.text(x, 3.0, "state", color=style.TEAL, ha="center", va="center", fontsize=8.6)
        _arrow(axes, (x, 3.7), (x, 4.6), style.MUTED)
        _unit(axes, (x, 5.0), style.ORANGE)
        if step:
            _arrow(axes, (x - 1.72, 3.0), (x - 0.63, 3.0), style.PURPLE, width=2.2)
    axes.text(5, 0.25, "the same weights at every step", color=style.PURPLE, ha="center", va="center")
    return figure


def _convolutional() -> Figure:
    figure, axes = _panel("convolutional: one small window, moved everywhere")
    _grid(axes, (0.5, 1.3), 8, 0.5, style.BLUE)
    _grid(axes, (6.0, 1.8), 6, 0.5, style.TEAL)
    for (row, column), dash in (((4, 1), "-"), ((1, 4), style.DASHES[1])):
        window = (0.5 + 0.5 * column, 1.3 + 0.5 * row)
        axes.add_patch(Rectangle(window, 1.5, 1.5, color=style.PURPLE, alpha=0.2, linewidth=0))
        axes.add_patch(
            Rectangle(window, 1.5, 1.5, fill=False, edgecolor=style.PURPLE, linewidth=1.8, linestyle=dash)
        )
        target = (6.0 + 0.5 * column, 1.8 + 0.5 * row)
        axes.add_patch(Rectangle(target, 0.5, 0.5, color=style.PURPLE, alpha=0.55, linewidth=0))
        middle = (window[0] + 1.5, window[1] + 0.75)
        _arrow(axes, middle, (target[0] - 0.03, target[1] + 0.25), style.PURPLE)
    axes.text(2.5, 0.75, "picture", color=style.BLUE, ha="center", va="center")
    axes.text(7.5, 0.75, "feature map", color=style.TEAL, ha="center", va="center")
    axes.text(5, 0.15, "the same weights at every place", color=style.PURPLE, ha="center", va="center")
    return figure


def _unit(axes: Axes, place: tuple[float, float], colour: str, radius: float = RADIUS) -> None:
    axes.add_patch(Circle(place, radius, color=style.PAPER, linewidth=0, zorder=2))
    axes.add_patch(Circle(place, radius, color=colour, alpha=0.25, linewidth=0, zorder=3))
    axes.add_patch(Circle(place, radius, fill=False, edgecolor=colour, linewidth=1.6, zorder=4))


def _grid(axes: Axes, corner: tuple[float, float], cells: int, side: float, colour: str) -> None:
    x, y = corner
    for line in np.arange(cells + 1) * side:
        axes.plot([x, x + cells * side], [y + line, y + line], color=colour, linewidth=0.8, linestyle="-")
        axes.plot([x + line, x + line], [y, y + cells * side], color=colour, linewidth=0.8, linestyle="-")


def _arrow(
    axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, width: float = 1.4
) -> None:
    axes.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=11,
            color=colour,
            linewidth=width,
            shrinkA=0,
            shrinkB=0,
            zorder=5,
        )
    )
