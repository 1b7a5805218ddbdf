"""How a classifier is judged: which classes it confuses, and how far its confidence can be believed.

Used by the chapter *classification*.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from groundtruth.plotting import style


def confusion(axes: Axes, matrix: ArrayLike, names: Sequence[str]) -> Axes:
    """Draw a confusion matrix as squares: the area is the share of the row, blue on the diagonal, orange beside it.

    A square that fills its cell is a share of 1. Squares are drawn in place of numbers: a hundred numbers cannot be
    read on a phone, and numbers on coloured cells not on a dark page.

    Args:
        axes: where to draw.
        matrix: (K, K), how often each label (row) was given each prediction (column).
        names: of the K classes.

    Raises:
        ValueError: the matrix is not square, a row is empty, or the names are too few or too many.

    """
    counts = np.asarray(matrix, dtype=float)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or len(names) != len(counts):
        raise ValueError(f"confusion needs a matrix (K, K) and K names; got {counts.shape} and {len(names)}")
    if not (counts.sum(axis=1) > 0).all():
        raise ValueError("confusion needs an example of every class: a row of the matrix is empty")
    shares = counts / counts.sum(axis=1, keepdims=True)
    classes = len(counts)
    for (row, column), share in np.ndenumerate(shares):
        side = float(np.sqrt(share))
        if side < 0.03:  # less than a point: not seen
            continue
        colour = style.BLUE if row == column else style.ORANGE
        corner = (column - side / 2, row - side / 2)
        axes.add_patch(Rectangle(corner, side, side, facecolor=colour, edgecolor="none", zorder=3))
    places = np.arange(classes)
    axes.set(xlim=(-0.5, classes - 0.5), ylim=(classes - 0.5, -0.5), aspect="equal")
    axes.set_xticks(places, names, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, names)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for line in np.arange(-0.5, classes):
        axes.axhline(line, color=style.GRID, linestyle="-", linewidth=0.7, zorder=1)
        axes.axvline(line, color=style.GRID, linestyle="-", linewidth=0.7, zorder=1)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def reliability(
    axes: Axes, confidence: ArrayLike, right: ArrayLike, count: ArrayLike, series: int = 0
) -> Axes:
    """Draw, for each bin of confidence, how often its predictions are right; honest bins lie on the diagonal.

    Args:
        axes: where to draw; both axes go from 0 to 1.
        confidence: (B,), mean confidence in the bin; not a number where it is empty.
        right: (B,), share of right predictions in the bin.
        count: (B,), predictions in the bin; a stick shows the 95 % interval of the share (Wilson's).
        series: which colour and marker of `groundtruth.plotting.style`.

    Raises:
        ValueError: the three are not (B,).

    """
    sure, share, n = (np.asarray(values, dtype=float) for values in (confidence, right, count))
    if sure.ndim != 1 or not sure.shape == share.shape == n.shape:
        raise ValueError(f"reliability needs three times (B,); got {sure.shape}, {share.shape} and {n.shape}")
    full = n > 0
    low, high = wilson(share[full], n[full])
    axes.plot([0, 1], [0, 1], color=style.MUTED, linestyle=":", linewidth=1.4, zorder=1)
    colour = style.SERIES[series]
    axes.vlines(sure[full], low, high, color=colour, linewidth=1.4, zorder=2)
    axes.plot(
        sure[full],
        share[full],
        color=colour,
        linestyle="-",
        linewidth=1,
        marker=style.MARKERS[series],
        zorder=3,
    )
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
    axes.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    return axes


def wilson(share: np.ndarray, count: np.ndarray, z: float = 1.96) -> tuple[np.ndarray, np.ndarray]:
    """Return both ends of Wilson's interval of a share of ``count`` cases: (B,) and (B,)."""
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * np.sqrt(share * (1 - share) / count + z * z / (4 * count**2))
    return middle - half, middle + half
