"""Where a kernel of 3 × 3 may lie on a picture of 5 × 5, by stride and padding, and the map that comes out.

Used by the chapter *convolution*.
"""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style
from groundtruth.scratch.convolution import output_size

SIZE, KERNEL = 5, 3
CASES = ((1, 0), (1, 1), (2, 0), (2, 1))


def draw() -> list[Figure]:
    return [_stage(stride, padding) for stride, padding in CASES]


def _stage(stride: int, padding: int) -> Figure:
    figure, axes = style.new_figure(height=3.1, bare=True)
    side = output_size(SIZE, KERNEL, stride, padding)
    for row in range(-padding, SIZE + padding):
        for column in range(-padding, SIZE + padding):
            real = 0 <= row < SIZE and 0 <= column < SIZE
            axes.add_patch(
                Rectangle(
                    (column, -row - 1),
                    1,
                    1,
                    facecolor=style.BLUE if real else "none",
                    alpha=0.16 if real else 1,
                    edgecolor="none",
                )
            )
            axes.add_patch(
                Rectangle(
                    (column, -row - 1),
                    1,
                    1,
                    facecolor="none",
                    edgecolor=style.MUTED if real else style.GRID,
                    linestyle="-" if real else (0, (3, 2)),
                    linewidth=0.8,
                )
            )
            if not real:
                axes.text(
                    column + 0.5, -row - 0.5, "0", ha="center", va="center", color=style.MUTED, fontsize=9
                )
    for number, colour in ((0, style.ORANGE), (1, style.TEAL)):
        left = number * stride - padding
        axes.add_patch(
            Rectangle(
                (left + 0.05 * number, padding - 3 + 0.05 * number),
                3,
                3,
                facecolor="none",
                edgecolor=colour,
                linewidth=2.4,
                linestyle=style.DASHES[number],
            )
        )
    for row in range(side):
        for column in range(side):
            axes.text(
                column * stride - padding + 1.5,
                -(row * stride - padding) - 1.5,
                "●",
                ha="center",
                va="center",
                color=style.INK,
                fontsize=9,
            )
    start = 7.4
    for row in range(side):
        for column in range(side):
            axes.add_patch(
                Rectangle(
                    (start + 0.8 * column, 0.2 - 0.8 * row - 0.8),
                    0.8,
                    0.8,
                    facecolor="none",
                    edgecolor=style.INK,
                    linewidth=0.9,
                )
            )
    for number, colour in ((0, style.ORANGE), (1, style.TEAL)):
        axes.add_patch(
            Rectangle((start + 0.8 * number, -0.6), 0.8, 0.8, facecolor=colour, alpha=0.35, edgecolor="none")
        )
    axes.text(start, 0.45, f"map: {side} × {side}", ha="left", va="bottom")
    axes.text(-1, 1.35, f"stride {stride}, padding {padding}", ha="left", va="bottom")
    axes.set(xlim=(-1.15, 11.6), ylim=(-6.2, 2.2), aspect="equal")
    return figure
