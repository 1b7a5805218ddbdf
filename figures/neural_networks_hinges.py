"""Hinges and their sum: three ReLU units on one input draw a function with three kinks.

Used by the chapter *neural-networks*.
"""

import numpy as np
from matplotlib.figure import Figure

from groundtruth.plotting import style

# (weight, bias, output weight) of each hidden unit; the output bias is 0.
UNITS = ((1.0, 0.0, 1.0), (1.0, -1.0, -2.0), (1.0, -2.0, 2.0))


def draw() -> list[Figure]:
    return [_stage(count) for count in (1, 2, 3)]


def _stage(count: int) -> Figure:
    figure, axes = style.new_figure(height=2.7)
    x = np.linspace(-1, 3.2, 421)
    total = np.zeros_like(x)
    for number, (w, b, v) in enumerate(UNITS[:count]):
        part = v * np.maximum(w * x + b, 0)
        total = total + part
        if number == count - 1 and count > 1:
            axes.plot(
                x,
                part,
                color=style.SERIES[number],
                linestyle=style.DASHES[1],
                linewidth=1.6,
                label="new hinge",
            )
    axes.plot(x, total, color=style.INK, linestyle="-", linewidth=2.6, label="sum so far")
    for number, (w, b, _) in enumerate(UNITS[:count]):
        kink = -b / w
        height = sum(v * max(w * kink + b, 0) for w, b, v in UNITS[:count])
        axes.plot(kink, height, style.MARKERS[number], color=style.SERIES[number], markersize=9, zorder=4)
    axes.set(xlim=(-1, 3.2), ylim=(-2.3, 2.6), xlabel="input x", ylabel="output")
    axes.set(xticks=[-1, 0, 1, 2, 3], yticks=[-2, -1, 0, 1, 2])
    axes.legend(loc="lower left")
    return figure
