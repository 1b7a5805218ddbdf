"""One parabola, one start, four learning rates: each step multiplies the distance by 1 − ηc.

Used by the chapter *loss-and-gradient-descent*.
"""

import numpy as np
from matplotlib.figure import Figure

from groundtruth.plotting import style

# Learning rate times curvature, one stage each.
PRODUCTS = (0.5, 1.5, 2.0, 2.2)
START = -2.0
STEPS = 5


def draw() -> list[Figure]:
    return [_stage(product) for product in PRODUCTS]


def _stage(product: float) -> Figure:
    figure, axes = style.new_figure(height=2.9)
    distance = np.linspace(-6.4, 6.4, 301)
    axes.plot(distance, distance**2 / 2, color=style.MUTED, linestyle="-", linewidth=1.3)
    path = START * (1 - product) ** np.arange(STEPS + 1)
    axes.plot(path, path**2 / 2, color=style.BLUE, linestyle="-", linewidth=1.0, zorder=3)
    axes.plot(path, path**2 / 2, "o", color=style.BLUE, markersize=5, zorder=4)
    axes.plot(path[0], path[0] ** 2 / 2, "o", markersize=11, markerfacecolor="none", color=style.BLUE)
    factor = f"{1 - product:.2g}".replace("-", "−")
    axes.set_title(f"η c = {product:g}:  factor {factor}")
    axes.set(xlim=(-6.4, 6.4), ylim=(-0.8, 18), xlabel="distance from the bottom", ylabel="loss")
    axes.set_yticks([0, 5, 10, 15])
    return figure
