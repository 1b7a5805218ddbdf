"""An epoch: a hundred shuffled examples, cut into twenty batches of five.

Used by the chapter *training*.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

BATCHES, SIZE = 20, 5


def draw() -> Figure:
    figure, axes = style.new_figure(height=2.5, bare=True)
    order = np.random.default_rng(3).permutation(BATCHES * SIZE)
    gap, half = 0.45, BATCHES // 2
    for batch in range(BATCHES):
        row, place = divmod(batch, half)
        left, low = place * (SIZE / 2 + gap), -row * 4.2
        for within in range(SIZE):
            example = order[batch * SIZE + within]
            column, line = divmod(within, 3)
            corner = (left + column, low - line)
            shade = 0.15 + 0.8 * example / (BATCHES * SIZE)
            axes.add_patch(Rectangle(corner, 0.86, 0.86, facecolor=style.BLUE, alpha=shade, edgecolor="none"))
        axes.text(left + 0.93, low - 2.35, f"{batch + 1}", ha="center", va="top", fontsize=9.5)
    width = half * (SIZE / 2 + gap)
    axes.text(-0.1, 1.35, "each block is a batch: one iteration", ha="left", va="bottom")
    axes.text(width, -8.0, "one epoch", ha="right", va="top", color=style.ORANGE)
    axes.annotate(
        "",
        (width - 6.2, -8.35),
        (0, -8.35),
        arrowprops={"arrowstyle": "->", "color": style.ORANGE, "linewidth": 1.8},
    )
    axes.set(xlim=(-0.3, width + 0.1), ylim=(-9.2, 2.4), aspect="equal")
    return figure
