"""Where in the plane a classifier answers 1: the region shaded, its edge drawn.

Used by the chapter *neural-networks*.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from groundtruth.plotting import style
from groundtruth.plotting.boundary import CLASS_COLOURS


def region(
    axes: Axes,
    score: Callable[[np.ndarray], ArrayLike],
    level: float = 0.0,
    *,
    points: int = 161,
    edge: str = style.INK,
) -> Axes:
    """Shade where the score is above a level, in the colour of class 1, within the limits that the axes have now.

    Where the score lies on one side of the level everywhere there is no edge to draw.

    Args:
        axes: where to draw; set its limits first.
        score: takes points (P, 2) and returns their scores (P,).
        level: above it the answer is 1.
        points: grid points along each axis.
        edge: colour of the line where the score is at the level.

    Raises:
        ValueError: the scores are not one number a point.

    """
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x, y = np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))
    scores = np.asarray(score(np.stack([x.ravel(), y.ravel()], axis=1)), dtype=float)
    if scores.shape != (points * points,):
        raise ValueError(f"region needs one score a point, shape ({points * points},); got {scores.shape}")
    grid = scores.reshape(points, points) - level
    above = grid > 0
    if above.any():
        ceiling = max(float(grid.max()), 0.0) + 1.0
        axes.contourf(x, y, grid, levels=[0.0, ceiling], colors=[CLASS_COLOURS[1]], alpha=0.16, zorder=0)
    if above.any() and not above.all():
        axes.contour(x, y, grid, levels=[0.0], colors=[edge], linewidths=1.6, zorder=2)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    return axes
