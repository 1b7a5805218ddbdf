"""Three small maps, weighted and added up place by place: a class activation map on paper.

Used by the chapter *looking-inside*.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

Values = Sequence[Sequence[int]]

MAPS = (((4, 0), (0, 4)), ((0, 4), (0, 0)), ((0, 0), (4, 4)))
WEIGHTS = (2, -1, 1)


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.7, bare=True)
    axes.set(xlim=(-0.2, 10.4), ylim=(-3.9, 3.0), aspect="equal")
    for number, (values, weight) in enumerate(zip(MAPS, WEIGHTS, strict=True)):
        left = 1.2 + 3.4 * number
        sign = "" if number == 0 else "+ " if weight > 0 else "− "
        axes.text(left - 0.15, 1.0, f"{sign}{abs(weight)} ×", ha="right", va="center", color=style.INK)
        _grid(axes, (left, 0.0), values, (style.BLUE, 4))
        axes.text(left + 1, 2.25, f"map {number + 1}", ha="center", color=style.MUTED)
    totals = [
        [sum(w * m[r][c] for w, m in zip(WEIGHTS, MAPS, strict=True)) // 4 for c in (0, 1)] for r in (0, 1)
    ]
    axes.text(1.05, -2.5, "a quarter\nof that:", ha="right", va="center", color=style.INK)
    _grid(axes, (1.2, -3.5), totals, (style.ORANGE, 3))
    total = sum(map(sum, totals))
    parts = " ".join(f"{'+' if value >= 0 else '−'} {abs(value)}" for row in totals for value in row)
    axes.text(3.6, -2.2, f"{parts.removeprefix('+ ')} = {total}", va="center", color=style.INK)
    axes.text(3.6, -2.9, "the logit, without its bias", va="center", color=style.MUTED)
    return figure


def _grid(axes: Axes, place: tuple[float, float], values: Values, look: tuple[str, float]) -> None:
    (left, bottom), (colour, full) = place, look
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            corner = (left + column, bottom + 1 - row)
            strength = 0.45 * max(value, 0) / full
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=colour, alpha=strength, linewidth=0))
            axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=style.MUTED, linewidth=0.9))
            text = str(value).replace("-", "−")
            axes.text(corner[0] + 0.5, corner[1] + 0.47, text, ha="center", va="center", color=style.INK)
