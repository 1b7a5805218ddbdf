"""Forty small pushes: with the signs of the weights they add up, with random signs they mostly cancel.

Used by the chapter *looking-inside*.
"""

import numpy as np
from matplotlib.figure import Figure

from groundtruth.plotting import style

PUSHES = 40


def draw() -> Figure:
    figure, axes = style.new_figure(height=2.7)
    random = np.random.default_rng(3)
    weights = 0.5 + random.random(PUSHES)
    steps = np.arange(PUSHES + 1)
    along = np.concatenate([[0], np.cumsum(weights)])
    axes.plot(steps, along, color=style.ORANGE, linestyle=style.DASHES[1])
    axes.text(23, along[25] + 1, "signs of the weights", color=style.ORANGE, ha="right", va="bottom")
    for _ in range(5):
        walk = np.concatenate([[0], np.cumsum(weights * random.choice([-1, 1], PUSHES))])
        axes.plot(steps, walk, color=style.BLUE, linestyle="-", linewidth=1.2)
    axes.text(39, -11, "random signs, five times", color=style.BLUE, ha="right", va="center")
    axes.set(xlabel="pixels pushed so far", ylabel="change of the score", xlim=(0, PUSHES), ylim=(-16, 46))
    axes.set_yticks([0])
    return figure
