"""What the weight and the bias of a unit with one input do: slope, side and shift, on the same axes.

Used by the chapter *perceptron*.
"""

import numpy as np
from matplotlib.figure import Figure

from groundtruth.plotting import style

# (weight, bias), one stage each; only one of the two changes from a stage to the next.
STAGES = ((1.0, 0.0), (4.0, 0.0), (-4.0, 0.0), (-4.0, 4.0), (-1.0, 4.0))


def draw() -> list[Figure]:
    return [_stage(weight, bias) for weight, bias in STAGES]


def _stage(weight: float, bias: float) -> Figure:
    figure, axes = style.new_figure(height=2.9)
    x = np.linspace(-9, 9, 721)
    score = weight * x + bias
    edge = 0.0 if bias == 0 else -bias / weight
    on = np.where(weight > 0, x > edge, x < edge).astype(float)
    left, right = x < edge, x > edge
    for part, label in ((left, "step"), (right, None)):
        axes.plot(x[part], on[part], color=style.BLUE, linestyle="-", linewidth=2.2, label=label)
    axes.plot(
        x, 1 / (1 + np.exp(-score)), color=style.ORANGE, linestyle=style.DASHES[1], label="sigmoid", zorder=3
    )
    axes.axvline(edge, color=style.MUTED, linestyle=":", linewidth=1.4)
    side = (
        1 if weight > 0 else -1
    )  # the answer 1 lies on this side; the words stand low there, off both curves
    axes.text(edge + 0.35 * side, 0.12, f"−b / w = {edge:g}", ha="left" if side > 0 else "right", va="center")
    text = f"w = {weight:g},  b = {bias:g}".replace("-", "−")
    axes.set_title(text)
    axes.set(xlim=(-9, 9), ylim=(-0.08, 1.08), xlabel="input x", ylabel="answer", yticks=[0, 0.5, 1])
    axes.set_xticks([-8, -4, 0, 4, 8])
    axes.legend(loc="lower center", bbox_to_anchor=(0.78, 1.0), ncols=2, borderaxespad=0.1)
    return figure
