"""Curves over seeds with their interval, and the level that chance reaches.

Used by the chapter *perceptron*.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from scipy import stats

from groundtruth.plotting import style


def interval(values: ArrayLike, confidence: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean over seeds and the half-width of its t interval.

    Args:
        values: (S, …), one entry a seed along the first dimension.
        confidence: of the interval.

    Returns:
        Mean (…) and half-width (…); the half-width of a single seed is not a number.

    """
    runs = np.asarray(values, dtype=float)
    count = runs.shape[0]
    mean = runs.mean(axis=0)
    if count < 2:
        return mean, np.full_like(mean, np.nan)
    error = runs.std(axis=0, ddof=1) / np.sqrt(count)
    return mean, stats.t.ppf(0.5 + confidence / 2, count - 1) * error


def over_seeds(axes: Axes, x: ArrayLike, values: ArrayLike, label: str, series: int = 0) -> Axes:
    """Draw the mean over seeds as a curve, and its 95 % t interval as a band.

    Args:
        axes: where to draw.
        x: (T,).
        values: (S, T), one row a seed.
        label: for the legend.
        series: which colour, dash and marker of `groundtruth.plotting.style`.

    """
    at, runs = np.asarray(x, dtype=float), np.asarray(values, dtype=float)
    if at.ndim != 1 or runs.ndim != 2 or runs.shape[1] != len(at):
        raise ValueError(f"over_seeds needs x (T,) and values (S, T); got {at.shape} and {runs.shape}")
    colour, dash = style.SERIES[series], style.DASHES[series]
    mean, half = interval(runs)
    axes.plot(at, mean, color=colour, linestyle=dash, marker=style.MARKERS[series], markersize=4, label=label)
    if len(runs) > 1:
        axes.fill_between(at, mean - half, mean + half, color=colour, alpha=0.18, linewidth=0)
    return axes


def chance(axes: Axes, level: float, label: str = "chance") -> Axes:
    """Draw the level that guessing reaches, as a dotted grey line across the axes."""
    axes.axhline(level, color=style.MUTED, linestyle=":", linewidth=1.4, label=label)
    return axes
