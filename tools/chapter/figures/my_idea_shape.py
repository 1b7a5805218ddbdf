"""Two losses over the distance: the square, and one that goes on as a straight line.

Used by the chapter *my-idea*.
"""

import numpy as np
from matplotlib.figure import Figure

from groundtruth.plotting import style


def draw() -> Figure:
    figure, axes = style.new_figure(height=2.8)
    r = np.linspace(-4, 4, 161)
    axes.plot(r, r**2 / 2, color=style.ORANGE, linestyle=style.DASHES[1], label="square")
    straight = np.where(np.abs(r) <= 1, r**2 / 2, np.abs(r) - 0.5)
    axes.plot(r, straight, color=style.BLUE, label="goes on straight")
    axes.set(xlabel="distance", ylabel="loss", ylim=(0, 8))
    axes.legend(loc="upper center")
    return figure
