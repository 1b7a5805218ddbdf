"""Two layers on top of each other, and the same two with a shortcut round them.

Used by the chapter *deep-architectures*.
"""

from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from groundtruth.plotting import style

ARROW = {"arrowstyle": "-|>", "color": style.MUTED, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}


def draw() -> Figure:
    figure, panels = style.new_figure(1, 2, height=2.9, bare=True)
    for axes, residual in zip(panels, (False, True), strict=True):
        _block(axes, residual)
    return figure


def _block(axes: Axes, residual: bool) -> None:
    for above, below in pairwise((5.2, 4.3, 3.3, 2.3, 1.3, 0.5, -0.3)):
        axes.annotate("", xy=(0, below), xytext=(0, above), arrowprops=ARROW, zorder=1)
    for height, text, colour in (
        (4.0, "layer", style.BLUE),
        (3.0, "ReLU", style.MUTED),
        (2.0, "layer", style.BLUE),
        (0.3, "ReLU", style.MUTED),
    ):
        axes.add_patch(
            FancyBboxPatch(
                (-0.8, height - 0.3),
                1.6,
                0.6,
                boxstyle="round,pad=0,rounding_size=0.12",
                facecolor=style.PAPER,
                edgecolor=colour,
                linewidth=1.6,
                zorder=2,
            )
        )
        axes.text(0, height, text, ha="center", va="center", fontsize=9.5, zorder=3)
    axes.text(0.15, 5.0, "x", ha="left", va="center", style="italic")
    axes.text(0.15, -0.25, "y", ha="left", va="center", style="italic")
    if residual:
        corners = [(0, 4.75), (1.4, 4.75), (1.4, 1.15), (0.2, 1.15)]
        axes.plot(*zip(*corners, strict=True), color=style.ORANGE, linewidth=2, linestyle="-", zorder=1)
        axes.plot(0, 1.15, "o", markersize=15, markerfacecolor=style.PAPER, color=style.ORANGE, zorder=2)
        axes.text(0, 1.15, "+", ha="center", va="center", color=style.ORANGE, fontsize=12, zorder=3)
        axes.text(1.55, 3.0, "+ x", color=style.ORANGE, ha="left", va="center")
        axes.text(-1.0, 3.0, "F(x)", ha="right", va="center")
    axes.set(xlim=(-2.2, 2.4), ylim=(-0.5, 5.4))
    axes.set_title("residual: relu(x + F(x))" if residual else "plain: relu(F(x))")
