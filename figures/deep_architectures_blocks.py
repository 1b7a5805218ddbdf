"""Three ways to build a block: residual, Inception and MBConv.

Used by the chapter *deep-architectures*.
"""

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from groundtruth.plotting import style

TOP, BOTTOM = 5.0, 0.0
ARROW = {"arrowstyle": "-|>", "color": style.MUTED, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}


def draw() -> list[Figure]:
    return [_residual(), _inception(), _mobile()]


def _canvas(title: str) -> tuple[Figure, Axes]:
    figure, axes = style.new_figure(height=3.1, bare=True)
    axes.set(xlim=(-5, 5), ylim=(BOTTOM - 0.3, TOP + 0.3))
    axes.set_title(title)
    return figure, axes


def _box(  # noqa: PLR0917
    axes: Axes, x: float, y: float, width: float, text: str, colour: str = style.BLUE
) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.32),
            width,
            0.64,
            boxstyle="round,pad=0,rounding_size=0.12",
            facecolor=style.PAPER,
            edgecolor=colour,
            linewidth=1.6,
            zorder=2,
        )
    )
    axes.text(x, y, text, ha="center", va="center", fontsize=9.5, zorder=3)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", xy=end, xytext=start, arrowprops=ARROW, zorder=1)


def _line(axes: Axes, *points: tuple[float, float]) -> None:
    axes.plot(*zip(*points, strict=True), color=style.ORANGE, linewidth=2, linestyle="-", zorder=1)


def _plus(axes: Axes, x: float, y: float) -> None:
    axes.plot(x, y, "o", markersize=15, markerfacecolor=style.PAPER, color=style.ORANGE, zorder=2)
    axes.text(x, y, "+", ha="center", va="center", color=style.ORANGE, fontsize=12, zorder=3)


def _trunk(axes: Axes, x: float, heights: list[float]) -> None:
    for above, below in pairwise(heights):
        _arrow(axes, (x, above), (x, below))


def _residual() -> Figure:
    figure, axes = _canvas("residual")
    _trunk(axes, 0, [TOP, 3.82])
    _box(axes, 0, 3.5, 3.4, "3×3 convolution")
    _trunk(axes, 0, [3.18, 2.32])
    _box(axes, 0, 2.0, 3.4, "3×3 convolution")
    _trunk(axes, 0, [1.68, BOTTOM])
    _line(axes, (0, 4.6), (3, 4.6), (3, 0.85), (0.3, 0.85))
    _plus(axes, 0, 0.85)
    axes.text(3.15, 2.7, "shortcut", color=style.ORANGE, ha="left", va="center", fontsize=9.5)
    return figure


def _inception() -> Figure:
    figure, axes = _canvas("Inception")
    places = (-3.6, -1.2, 1.2, 3.6)
    upper = (None, "1×1", "1×1", "3×3 max")
    lower = ("1×1", "3×3", "5×5", "1×1")
    for x, first, second in zip(places, upper, lower, strict=True):
        if first is None:
            axes.plot([0, x], [TOP - 0.2, 3.82], color=style.MUTED, linewidth=1.2, linestyle="-", zorder=1)
            _arrow(axes, (x, 3.82), (x, 2.12))
        else:
            _arrow(axes, (0, TOP - 0.2), (x, 3.82))
            _box(
                axes,
                x,
                3.5,
                2.0 if "max" in first else 1.3,
                first,
                style.TEAL if first == "1×1" else style.MUTED,
            )
            _arrow(axes, (x, 3.18), (x, 2.12))
        _box(axes, x, 1.8, 2.0, second)
        _arrow(axes, (x, 1.48), (x, 0.72))
    _box(axes, 0, 0.4, 9.4, "side by side", style.ORANGE)
    return figure


def _mobile() -> Figure:
    figure, axes = _canvas("MBConv")
    _trunk(axes, -0.6, [TOP, 4.42])
    _box(axes, -0.6, 4.1, 7.2, "1×1: widen", style.TEAL)
    _trunk(axes, -0.6, [3.78, 3.12])
    _box(axes, -0.6, 2.8, 7.2, "3×3, each channel alone")
    _trunk(axes, -0.6, [2.48, 1.82])
    _box(axes, -0.6, 1.5, 2.4, "1×1: narrow", style.TEAL)
    _trunk(axes, -0.6, [1.18, BOTTOM])
    _line(axes, (-0.6, 4.75), (3.9, 4.75), (3.9, 0.6), (-0.3, 0.6))
    _plus(axes, -0.6, 0.6)
    return figure
