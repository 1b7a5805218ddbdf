"""One kernel on three channels: a slice for each, the three sums added, one bias, one map.

Used by the chapter *convolution*.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from groundtruth.plotting import style

CHANNELS = (("red", style.RED), ("green", style.TEAL), ("blue", style.BLUE))


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.3, bare=True)
    for number, (name, colour) in enumerate(CHANNELS):
        top = -3.6 * number
        _grid(axes, (0, top), 5, colour)
        axes.add_patch(
            Rectangle(
                (0.6, top - 2.4), 1.8, 1.8, facecolor=colour, alpha=0.25, edgecolor=colour, linewidth=1.8
            )
        )
        axes.text(-0.25, top - 1.5, name, ha="right", va="center", color=colour)
        _grid(axes, (4.9, top - 0.6), 3, colour)
        axes.text(4.05, top - 1.5, "×", ha="center", va="center", fontsize=13)
        _arrow(axes, (6.95, top - 1.5), (8.75, -5.1))
    axes.text(9.25, -5.1, "+", ha="center", va="center", fontsize=16)
    axes.text(9.25, -6.15, "bias", ha="center", va="top", color=style.MUTED)
    _arrow(axes, (9.75, -5.1), (10.9, -5.1))
    _grid(axes, (11.1, -4.2), 3, style.INK)
    axes.text(1.5, 0.35, "channels", ha="center", va="bottom")
    axes.text(5.8, 0.35, "one kernel", ha="center", va="bottom")
    axes.text(12.0, -3.85, "one map", ha="center", va="bottom")
    axes.set(xlim=(-2.1, 13.6), ylim=(-10.4, 1.3), aspect="equal")
    return figure


def _grid(axes: Axes, corner: tuple[float, float], cells: int, colour: str, size: float = 0.6) -> None:
    left, top = corner
    for row in range(cells):
        for column in range(cells):
            axes.add_patch(
                Rectangle(
                    (left + size * column, top - size * (row + 1)),
                    size,
                    size,
                    facecolor="none",
                    edgecolor=colour,
                    linewidth=0.7,
                )
            )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.add_patch(
        FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=9, linewidth=1.2, color=style.MUTED)
    )
