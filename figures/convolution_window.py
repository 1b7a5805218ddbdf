"""A kernel of 3 × 3 goes over a picture of 5 × 5: nine places, nine products each, one number a place.

Used by the chapter *convolution*. A cell of the chapter asserts the same result by hand and with torch.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

PICTURE = ((1, 1, 1, 0, 0), (0, 1, 1, 1, 0), (0, 0, 1, 1, 1), (0, 0, 1, 1, 0), (0, 1, 1, 0, 0))
KERNEL = ((1, 0, 1), (0, 1, 0), (1, 0, 1))
CELL, GAP = 1.0, 1.7


def draw() -> list[Figure]:
    return [_stage(number) for number in range(9)]


def _value(row: int, column: int) -> int:
    return sum(KERNEL[i][j] * PICTURE[row + i][column + j] for i in range(3) for j in range(3))


def _stage(number: int) -> Figure:
    figure, axes = style.new_figure(height=3.0, bare=True)
    top, left = divmod(number, 3)
    for row in range(5):
        for column in range(5):
            inside = 0 <= row - top < 3 and 0 <= column - left < 3
            lit = inside and KERNEL[row - top][column - left] and PICTURE[row][column]
            _cell(axes, column, -row, str(PICTURE[row][column]), filled=bool(lit))
            if inside:
                axes.text(
                    column + 0.93,
                    -row - 0.93,
                    f"×{KERNEL[row - top][column - left]}",
                    ha="right",
                    va="bottom",
                    fontsize=8.5,
                    color=style.ORANGE,
                )
    axes.add_patch(Rectangle((left, -top - 3), 3, 3, facecolor="none", edgecolor=style.ORANGE, linewidth=2.4))
    start = 5 + GAP
    for other in range(9):
        row, column = divmod(other, 3)
        done = other <= number
        text = str(_value(row, column)) if done else ""
        _cell(axes, start + column, -row - 1, text, filled=other == number, colour=style.ORANGE)
    axes.annotate(
        "",
        (start - 0.2, -2.5),
        (5.2, -2.5),
        arrowprops={"arrowstyle": "->", "color": style.MUTED, "linewidth": 1.6},
    )
    axes.text(0, 0.25, "picture, and the kernel on it", ha="left", va="bottom")
    axes.text(start, 0.25, "map", ha="left", va="bottom")
    axes.set(xlim=(-0.1, start + 3.2), ylim=(-5.15, 1.0), aspect="equal")
    return figure


def _cell(axes: Axes, left: float, top: float, text: str, *, filled: bool, colour: str = style.BLUE) -> None:
    axes.add_patch(
        Rectangle(
            (left, top - 1),
            CELL,
            CELL,
            facecolor=colour if filled else "none",
            alpha=0.25 if filled else 1,
            edgecolor="none",
        )
    )
    axes.add_patch(
        Rectangle((left, top - 1), CELL, CELL, facecolor="none", edgecolor=style.GRID, linewidth=1)
    )
    axes.text(left + 0.45, top - 0.5, text, ha="center", va="center", fontsize=12)
