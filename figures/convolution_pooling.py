"""Pooling in windows of 2 × 2 with a step of 2: the largest number of each, or the mean.

Used by the chapter *convolution*. A cell of the chapter asserts the same numbers by hand and with torch.
"""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

MAP = ((1, 3, 0, 2), (5, 7, 4, 2), (0, 0, 6, 1), (2, 6, 1, 8))
COLOURS = (style.ORANGE, style.TEAL, style.PURPLE, style.BLUE)


def draw() -> Figure:
    figure, axes = style.new_figure(height=2.5, bare=True)
    for row in range(4):
        for column in range(4):
            _cell(axes, column, -row, str(MAP[row][column]), COLOURS[2 * (row // 2) + column // 2])
    rules: list[tuple[str, Callable[[list[int]], float]]] = [("largest", max), ("mean", _mean)]
    for number, (title, rule) in enumerate(rules):
        left = 5.6 + 3.6 * number
        for row in range(2):
            for column in range(2):
                window = [MAP[2 * row + i][2 * column + j] for i in range(2) for j in range(2)]
                _cell(axes, left + column, -row - 1, f"{rule(window):g}", COLOURS[2 * row + column])
        axes.text(left + 1, -0.7, title, ha="center", va="bottom")
    axes.annotate(
        "", (5.3, -2), (4.3, -2), arrowprops={"arrowstyle": "->", "color": style.MUTED, "linewidth": 1.6}
    )
    axes.text(2, 0.25, "map", ha="center", va="bottom")
    axes.set(xlim=(-0.2, 11.4), ylim=(-4.2, 1.0), aspect="equal")
    return figure


def _mean(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers)


def _cell(axes: Axes, left: float, top: float, text: str, colour: str) -> None:
    axes.add_patch(
        Rectangle((left, top - 1), 1, 1, facecolor=colour, alpha=0.2, edgecolor=style.PAPER, linewidth=1.2)
    )
    axes.text(left + 0.5, top - 0.5, text, ha="center", va="center", fontsize=12)
