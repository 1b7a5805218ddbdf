"""Errors as sticks and their squares as squares: twice the error is four times the area.

Used by the chapter *loss-and-gradient-descent*.
"""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

ERRORS = (1, 2, 4)


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.0, bare=True)
    axes.set(xlim=(-0.3, 10.6), ylim=(-1.5, 4.9), aspect="equal")
    left = 0.4
    for error in ERRORS:
        axes.add_patch(
            Rectangle((left, 0), error, error, facecolor=style.BLUE, alpha=0.15, edgecolor="none", zorder=1)
        )
        for cell in range(1, error):  # unit squares, to be counted
            axes.plot(
                [left, left + error], [cell, cell], color=style.GRID, linestyle="-", linewidth=0.7, zorder=2
            )
            axes.plot(
                [left + cell, left + cell],
                [0, error],
                color=style.GRID,
                linestyle="-",
                linewidth=0.7,
                zorder=2,
            )
        axes.add_patch(Rectangle((left, 0), error, error, fill=False, edgecolor=style.BLUE, linewidth=1.4))
        axes.plot(
            [left, left + error],
            [0, 0],
            color=style.RED,
            linestyle="-",
            linewidth=3.2,
            solid_capstyle="butt",
            zorder=4,
        )
        middle = left + error / 2
        axes.text(middle, -0.22, f"error {error}", color=style.RED, ha="center", va="top")
        axes.text(middle, error + 0.15, f"square {error**2}", color=style.BLUE, ha="center", va="bottom")
        left += error + 1.35
    return figure
