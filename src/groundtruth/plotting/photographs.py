"""Colour photographs as tiles, and methods beside each other with their intervals.

Used by the chapter *refining*.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from groundtruth.plotting import curves, style


def mosaic(axes: Axes, photographs: ArrayLike, columns: int, gap: int = 2) -> Axes:
    """Draw colour photographs of one size as tiles of a single picture, row by row.

    Args:
        axes: where to draw; its ticks and grid go.
        photographs: (N, 3, H, W), whole bytes from 0 to 255.
        columns: tiles in a row.
        gap: clear pixels between tiles.

    Raises:
        ValueError: not such photographs, none, or no column.

    """
    stack = np.asarray(photographs)
    if stack.ndim != 4 or stack.shape[1] != 3 or len(stack) == 0 or stack.dtype != np.uint8 or columns < 1:
        raise ValueError(
            f"mosaic needs photographs (N, 3, H, W) in bytes and a column; got {stack.dtype} of shape "
            f"{stack.shape}, columns={columns}"
        )
    count, _, height, width = stack.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 4), np.uint8)  # clear
    for index, photograph in enumerate(stack):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width, :3] = photograph.transpose(1, 2, 0)
        sheet[top : top + height, left : left + width, 3] = 255
    axes.imshow(sheet)
    axes.set_axis_off()
    return axes


def ladder(axes: Axes, names: Sequence[str], values: ArrayLike, label: str, against: int = 0) -> Axes:
    """Draw one row a method: a light dot for each seed, and the mean with its 95 % t interval.

    A dotted line marks the mean of the method that the others are measured against.

    Args:
        axes: where to draw.
        names: of the methods, from top to bottom.
        values: (methods, S), one number a seed.
        label: of the x axis.
        against: which method the line belongs to.

    Raises:
        ValueError: not one row of values for each name.

    """
    runs = np.asarray(values, dtype=float)
    if runs.ndim != 2 or len(runs) != len(names):
        raise ValueError(f"ladder needs one row of values a name; got {runs.shape} for {len(names)} names")
    mean, half = curves.interval(runs.T)  # (methods,), (methods,)
    places = np.arange(len(names))
    axes.axvline(mean[against], color=style.MUTED, linestyle=":", linewidth=1.4)
    for place, row in zip(places, runs, strict=True):
        axes.plot(row, np.full(len(row), place), "o", color=style.MUTED, markersize=4, alpha=0.6)
    error = np.nan_to_num(half)
    axes.errorbar(mean, places, xerr=error, fmt="D", color=style.BLUE, markersize=6, capsize=4, linewidth=2)
    axes.set(yticks=places, yticklabels=list(names), ylim=(len(names) - 0.5, -0.5), xlabel=label)
    axes.grid(visible=False, axis="y")
    return axes
