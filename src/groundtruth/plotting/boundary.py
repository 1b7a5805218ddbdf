"""Points of two classes in the plane, and the line that a linear unit decides by.

Used by the chapter *perceptron*.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from groundtruth.plotting import style

# Class 0 and class 1, by colour and by shape, the same in every figure of the book.
CLASS_COLOURS = (style.ORANGE, style.BLUE)
CLASS_MARKERS = ("s", "o")


def points(
    axes: Axes,
    inputs: ArrayLike,
    labels: ArrayLike,
    names: Sequence[str] = ("class 0", "class 1"),
    size: float = 28.0,
) -> Axes:
    """Draw points: squares for label 0 (or −1), discs for label 1.

    Args:
        axes: where to draw.
        inputs: (N, 2).
        labels: (N,), of {0, 1} or {−1, 1}.
        names: what the legend calls the two classes, the one of label 0 first.
        size: area of a point, in points².

    """
    x = np.asarray(inputs, dtype=float)
    positive = np.asarray(labels) > 0
    if x.ndim != 2 or x.shape[1] != 2 or positive.shape != (len(x),):
        raise ValueError(f"points needs inputs (N, 2) and labels (N,); got {x.shape} and {positive.shape}")
    for label, chosen in ((0, ~positive), (1, positive)):
        axes.scatter(
            x[chosen, 0],
            x[chosen, 1],
            s=size,
            marker=CLASS_MARKERS[label],
            color=CLASS_COLOURS[label],
            edgecolors=style.PAPER,
            linewidths=0.6,
            label=names[label],
            zorder=3,
        )
    return axes


def line(
    axes: Axes,
    weights: ArrayLike,
    bias: float,
    *,
    colour: str = style.INK,
    label: str | None = None,
    linestyle: str | tuple[float, tuple[float, ...]] = "-",
    shade: bool = True,
) -> Axes:
    """Draw where w·x + b = 0, within the limits the axes have now, and shade the side where it is positive.

    With all weights zero there is no line: the whole plane is on one side, and nothing is drawn.

    Args:
        axes: where to draw; set its limits first.
        weights: (2,).
        bias: the unit's bias.
        colour: of the line.
        label: for the legend.
        linestyle: matplotlib's.
        shade: tint the half-plane where w·x + b > 0 in the colour of class 1.

    """
    w = np.asarray(weights, dtype=float)
    if w.shape != (2,):
        raise ValueError(f"a line in the plane needs weights of shape (2,); got {w.shape}")
    if not w.any():
        return axes
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    # The line's point nearest to the middle of the axes, and a stretch longer than its diagonal either way.
    middle = np.array([(left + right) / 2, (bottom + top) / 2])
    foot = middle - (w @ middle + bias) / (w @ w) * w
    reach = 2 * np.hypot(right - left, top - bottom)
    along = np.array([-w[1], w[0]]) / np.linalg.norm(w) * reach
    normal = w / np.linalg.norm(w) * reach
    ends = np.stack([foot - along, foot + along])
    if shade:
        corners = np.concatenate([ends, ends[::-1] + normal])
        axes.fill(corners[:, 0], corners[:, 1], color=CLASS_COLOURS[1], alpha=0.12, linewidth=0, zorder=0)
    axes.plot(ends[:, 0], ends[:, 1], color=colour, linestyle=linestyle, label=label, zorder=2)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    return axes
