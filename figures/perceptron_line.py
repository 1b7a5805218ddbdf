"""Where w·x + b = 0: a line across the plane, square to the arrow w.

Used by the chapter *perceptron*.
"""

import numpy as np
from matplotlib.figure import Figure

from groundtruth.plotting import boundary, style

WEIGHTS = np.array([2.0, 1.0])
BIAS = -4.0


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.9)
    axes.set(xlim=(-1.1, 4.3), ylim=(-1.1, 4.1), aspect="equal", xlabel="$x_1$", ylabel="$x_2$")
    axes.axhline(0, color=style.MUTED, linewidth=0.8, linestyle="-")
    axes.axvline(0, color=style.MUTED, linewidth=0.8, linestyle="-")
    boundary.line(axes, WEIGHTS, BIAS)
    foot = -BIAS * WEIGHTS / (WEIGHTS @ WEIGHTS)
    axes.plot([0, foot[0]], [0, foot[1]], color=style.TEAL, linestyle=style.DASHES[1], zorder=3)
    axes.annotate(
        "",
        foot + 0.62 * WEIGHTS,
        foot,
        arrowprops={"arrowstyle": "-|>", "color": style.PURPLE, "linewidth": 2, "shrinkA": 0, "shrinkB": 0},
    )
    tip = foot + 0.62 * WEIGHTS
    axes.text(tip[0], tip[1] + 0.1, "w", color=style.PURPLE, ha="center", va="bottom")
    axes.text(0.55, -0.12, "|b| / ‖w‖", color=style.TEAL, ha="left", va="top")
    axes.text(0.42, 3.55, "w·x + b = 0", ha="left", va="center")
    axes.text(3.2, 2.6, "answer 1", color=boundary.CLASS_COLOURS[1], ha="center")
    axes.text(0.12, -0.8, "answer 0", color=boundary.CLASS_COLOURS[0], ha="left")
    return figure
