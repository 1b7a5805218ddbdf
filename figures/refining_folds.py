"""The three sets, and the same examples cut into five folds of which each is held out once.

Used by the chapter *refining*.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

FOLDS = 5


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.6, bare=True)
    axes.set(xlim=(-0.3, 12.1), ylim=(0.2, 8.6))
    axes.text(0, 8.2, "three sets", color=style.INK, fontweight="bold")
    _bar(axes, 0, 5.8, 7.1, style.BLUE, "train")
    _bar(axes, 5.8, 3.0, 7.1, style.ORANGE, "validate")
    _bar(axes, 9.2, 2.8, 7.1, style.PURPLE, "test: once")
    axes.text(0, 6.0, "five folds", color=style.INK, fontweight="bold")
    width = 8.8 / FOLDS
    for row in range(FOLDS):
        for part in range(FOLDS):
            held = part == row
            colour = style.ORANGE if held else style.BLUE
            _bar(axes, part * width, width, 5.0 - 1.15 * row, colour, "validate" if held else "")
    _bar(axes, 9.2, 2.8, 5.0, style.PURPLE, "test: once")
    axes.annotate(
        "", (9.0, 5.3), (9.0, 0.4), arrowprops={"arrowstyle": "-", "color": style.MUTED, "linewidth": 1.2}
    )
    axes.text(9.3, 2.4, "mean of\nfive scores", color=style.MUTED, va="center")
    return figure


def _bar(axes: Axes, left: float, width: float, bottom: float, *look: str) -> None:
    colour, text = look
    box = (left, bottom), width, 0.8
    axes.add_patch(Rectangle(*box, facecolor=colour, alpha=0.2, linewidth=0))
    axes.add_patch(Rectangle(*box, fill=False, edgecolor=colour, linewidth=1.5))
    axes.text(left + width / 2, bottom + 0.38, text, color=colour, ha="center", va="center")
