"""Artificial intelligence holds machine learning, which holds deep learning: three boxes, one inside the other.

Used by the chapter *what-is-deep-learning*.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from groundtruth.plotting import style


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.7, bare=True)
    axes.set(xlim=(0, 10), ylim=(0, 7.7))
    _box(axes, (0.1, 0.1, 9.8, 7.5), style.MUTED)
    _box(axes, (0.6, 0.4, 8.8, 5.1), style.BLUE)
    _box(axes, (1.1, 0.7, 7.8, 2.7), style.ORANGE)
    _words(
        axes,
        7.3,
        "artificial intelligence",
        style.INK,
        "a route planner, a chess program of hand-written rules",
    )
    _words(axes, 5.2, "machine learning", style.BLUE, "a spam filter that counts words, a price from a line")
    _words(axes, 3.1, "deep learning", style.ORANGE, "a network that finds its own features")
    return figure


def _box(axes: Axes, place: tuple[float, float, float, float], colour: str) -> None:
    x, y, width, height = place
    look = {"boxstyle": "round,pad=0,rounding_size=0.45"}
    axes.add_patch(FancyBboxPatch((x, y), width, height, color=colour, alpha=0.1, linewidth=0, **look))  # type: ignore[arg-type]
    axes.add_patch(FancyBboxPatch((x, y), width, height, fill=False, edgecolor=colour, linewidth=1.8, **look))  # type: ignore[arg-type]


def _words(axes: Axes, top: float, name: str, colour: str, examples: str) -> None:
    axes.text(5, top, name, color=colour, ha="center", va="top", fontsize=12.5, fontweight="bold")
    axes.text(5, top - 0.85, examples, ha="center", va="top", fontsize=8.6)
