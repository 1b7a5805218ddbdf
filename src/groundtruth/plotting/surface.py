"""The loss over two parameters, as contours, and walks on it.

Used by the chapter *loss-and-gradient-descent*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from groundtruth.plotting import style


def contours(
    axes: Axes,
    loss: Callable[[np.ndarray, np.ndarray], ArrayLike],
    levels: Sequence[float],
    *,
    labelled: Sequence[float] | None = None,
    points: int = 121,
) -> Axes:
    """Draw where a loss has the given values, within the limits that the axes have now.

    Args:
        axes: where to draw; set its limits first.
        loss: takes two grids (P, P), of the x and the y parameter, and returns the loss on them.
        levels: of the contours, ascending.
        labelled: levels that get their value written on them; all if left out.
        points: grid points along each axis.

    """
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x, y = np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))
    drawn = axes.contour(x, y, np.asarray(loss(x, y)), levels=levels, colors=style.MUTED, linewidths=0.9)
    chosen = list(levels if labelled is None else labelled)
    axes.clabel(drawn, levels=chosen, fmt="%g", fontsize=8.5)
    axes.set(xlim=(left, right), ylim=(bottom, top))
    return axes


def walk(axes: Axes, path: ArrayLike, *, series: int = 0, label: str | None = None) -> Axes:
    """Draw a path (T, 2) as dots joined by thin lines, with a ring where it starts.

    Points that are not finite, or far outside the axes, are left out.
    """
    at = np.asarray(path, dtype=float)
    if at.ndim != 2 or at.shape[1] != 2:
        raise ValueError(f"a walk needs a path (T, 2); got {at.shape}")
    middle = np.array([np.mean(axes.get_xlim()), np.mean(axes.get_ylim())])
    reach = np.array([np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())])
    near = np.isfinite(at).all(axis=1) & (np.abs(at - middle) <= 20 * reach).all(axis=1)
    at = at[near]
    limits = axes.get_xlim(), axes.get_ylim()
    colour = style.SERIES[series]
    axes.plot(at[:, 0], at[:, 1], "-", color=colour, linewidth=0.8, zorder=3)
    axes.plot(at[:, 0], at[:, 1], ".", color=colour, markersize=5, label=label, zorder=3)
    axes.plot(*at[0], "o", markersize=9, markerfacecolor="none", color=colour, zorder=4)
    axes.set(xlim=limits[0], ylim=limits[1])
    return axes


def lowest(axes: Axes, x: float, y: float, label: str | None = None) -> Axes:
    """Mark the lowest point with a cross."""
    axes.plot(x, y, "P", color=style.INK, markersize=8, label=label, zorder=5)
    return axes
