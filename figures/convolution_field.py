"""Units of a map look at small windows of the picture; windows of neighbours overlap; all have the same weights.

Used by the chapter *convolution*.
"""

from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from groundtruth.plotting import style

SIDE, WINDOW = 8, 3
UNITS = ((1, 1, style.ORANGE), (1, 2, style.TEAL), (5, 4, style.PURPLE))


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.0, bare=True)
    for row in range(SIDE):
        for column in range(SIDE):
            axes.add_patch(
                Rectangle((column, -row - 1), 1, 1, facecolor="none", edgecolor=style.GRID, linewidth=0.8)
            )
    start, step = 11.2, 1.15
    for row in range(SIDE - WINDOW + 1):
        for column in range(SIDE - WINDOW + 1):
            axes.add_patch(
                Circle(
                    (start + step * column, -0.85 - step * row), 0.36, facecolor="none", edgecolor=style.MUTED
                )
            )
    for number, (row, column, colour) in enumerate(UNITS):
        centre = (start + step * column, -0.85 - step * row)
        axes.add_patch(
            Rectangle((column, -row - WINDOW), WINDOW, WINDOW, facecolor=colour, alpha=0.14, edgecolor="none")
        )
        axes.add_patch(
            Rectangle(
                (column, -row - WINDOW),
                WINDOW,
                WINDOW,
                facecolor="none",
                edgecolor=colour,
                linewidth=2,
                linestyle=style.DASHES[number],
            )
        )
        axes.add_patch(Circle(centre, 0.36, facecolor=colour, edgecolor=colour))
        for corner in (-row, -row - WINDOW):
            axes.plot(
                [column + WINDOW, centre[0] - 0.36],
                [corner, centre[1]],
                color=colour,
                linewidth=0.9,
                linestyle="-",
            )
    axes.text(0, 0.35, "picture", ha="left", va="bottom")
    axes.text(start - 0.4, 0.35, "map of units", ha="left", va="bottom")
    axes.set(xlim=(-0.2, 17.7), ylim=(-8.2, 1.4), aspect="equal")
    return figure
