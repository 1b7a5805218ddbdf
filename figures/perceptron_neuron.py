"""A nerve cell above, a perceptron below, each part in the colour of the part that stands for it.

Used by the chapter *perceptron*.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from groundtruth.plotting import style

INPUTS = (2.3, 1.3, 0.3)


def draw() -> Figure:
    figure, (cell, unit) = style.new_figure(2, height=2.55, bare=True)
    _cell(cell)
    _unit(unit)
    for panel in (cell, unit):
        panel.set(xlim=(-0.4, 9.4), ylim=(-0.75, 3.15))
    return figure


def _cell(axes: Axes) -> None:
    axes.set_title("a nerve cell")
    for height, bend in zip(INPUTS, (0.5, 0.0, -0.5), strict=True):
        t = np.linspace(0, 1, 30)
        x, y = 0.9 + 2.5 * t, height + (1.3 + 0.35 * bend - height) * t**2
        axes.plot(x, y, color=style.BLUE, linewidth=3.2, linestyle="-", solid_capstyle="round")
        for at, side in ((8, 1), (15, -1)):  # twigs
            axes.plot(
                [x[at], x[at] - 0.75],
                [y[at], y[at] + 0.36 * side],
                color=style.BLUE,
                linewidth=1.8,
                linestyle="-",
            )
        axes.plot([-0.2, 0.55], [height, height], color=style.MUTED, linewidth=1.4, linestyle="-")
        axes.add_patch(Circle((0.72, height), 0.14, color=style.ORANGE, zorder=4))
    axes.add_patch(Circle((3.9, 1.3), 0.72, color=style.TEAL, alpha=0.25, linewidth=0))
    axes.add_patch(Circle((3.9, 1.3), 0.72, fill=False, edgecolor=style.TEAL, linewidth=1.8))
    axes.plot([4.62, 8.1], [1.3, 1.3], color=style.PURPLE, linewidth=3.2, linestyle="-")
    for end in (2.0, 1.3, 0.6):
        axes.plot([8.1, 8.8], [1.3, end], color=style.PURPLE, linewidth=1.8, linestyle="-")
        axes.add_patch(Circle((8.85, end), 0.12, color=style.PURPLE))
    spikes = np.array([0, 0, 1, 0, 0, 1, 0, 1, 0, 0])
    axes.plot(
        np.repeat(np.linspace(5.2, 7.6, 11), 2)[1:-1],
        1.62 + 0.5 * np.repeat(spikes, 2),
        color=style.PURPLE,
        linewidth=1.3,
        linestyle="-",
    )
    axes.text(0.72, 2.62, "synapses", color=style.ORANGE, ha="center", va="bottom")
    axes.text(2.1, -0.25, "dendrites", color=style.BLUE, ha="center", va="top")
    axes.text(3.9, 0.4, "cell body", color=style.TEAL, ha="center", va="top")
    axes.text(6.4, 1.0, "axon, with spikes", color=style.PURPLE, ha="center", va="top")


def _unit(axes: Axes) -> None:
    axes.set_title("a perceptron")
    for number, height in enumerate(INPUTS, start=1):
        axes.text(0.15, height, f"$x_{number}$", ha="center", va="center", color=style.INK)
        axes.add_patch(_arrow((0.5, height), (3.22, 1.3 + 0.45 * (height - 1.3)), style.BLUE))
        above = height + 0.25 * (1.3 - height) + 0.2
        axes.text(1.75, above, f"$w_{number}$", ha="center", va="bottom", color=style.ORANGE)
    axes.add_patch(Circle((3.9, 1.3), 0.72, color=style.TEAL, alpha=0.25, linewidth=0))
    axes.add_patch(Circle((3.9, 1.3), 0.72, fill=False, edgecolor=style.TEAL, linewidth=1.8))
    axes.text(3.9, 1.3, "$\\Sigma + b$", ha="center", va="center", color=style.TEAL)
    axes.add_patch(_arrow((4.66, 1.3), (5.55, 1.3), style.TEAL))
    axes.plot(
        [5.75, 6.35, 6.35, 6.95], [1.0, 1.0, 1.65, 1.65], color=style.PURPLE, linewidth=2.4, linestyle="-"
    )
    axes.add_patch(_arrow((7.1, 1.3), (7.95, 1.3), style.PURPLE))
    axes.text(8.1, 1.3, "0 or 1", ha="left", va="center", color=style.PURPLE)
    axes.text(6.35, 0.75, "step", ha="center", va="top", color=style.PURPLE)
    axes.text(3.9, 0.4, "weighted sum", ha="center", va="top", color=style.TEAL)


def _arrow(start: tuple[float, float], end: tuple[float, float], colour: str) -> FancyArrowPatch:
    return FancyArrowPatch(
        start, end, arrowstyle="-|>", mutation_scale=12, color=colour, linewidth=1.8, shrinkA=0, shrinkB=0
    )
