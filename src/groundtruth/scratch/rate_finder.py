"""A learning-rate finder, written out by hand: raise the rate in every step, and watch where the loss turns.

Used by the chapter *training*.

Source: the range test of Smith, "Cyclical learning rates for training neural networks" (2017, doi
10.1109/WACV.2017.58, section 3.3), in the usual form with rates in equal ratios and a smoothed loss. What is read off
the curve is a rule of thumb: here a fraction of the rate at which the smoothed loss is lowest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence


def ladder(lowest: float, highest: float, steps: int) -> list[float]:
    """Return ``steps`` rates in equal ratios, both ends included.

    Raises:
        ValueError: not 0 < lowest < highest, or fewer than two steps.

    """
    if not 0 < lowest < highest or steps < 2:
        raise ValueError(f"a ladder needs 0 < lowest < highest and 2 steps; got {lowest}, {highest}, {steps}")
    ratio = (highest / lowest) ** (1 / (steps - 1))
    return [lowest * ratio**i for i in range(steps)]


def smoothed(losses: Sequence[float], keep: float = 0.9) -> list[float]:
    """Return running means that forget: each a weighted mean of the losses so far, the last ones counting most.

    Divided by the sum of the weights, as in Adam, so that the first entry is the first loss.

    Raises:
        ValueError: ``keep`` outside 0 ≤ keep < 1.

    """
    if not 0 <= keep < 1:
        raise ValueError(f"keep must be at least 0 and below 1; got {keep}")
    means: list[float] = []
    total = weight = 0.0
    for loss in losses:
        total, weight = keep * total + (1 - keep) * loss, keep * weight + (1 - keep)
        means.append(total / weight)
    return means


def sweep(
    step: Callable[[float], float], rates: Sequence[float], keep: float = 0.9, stop: float = 4.0
) -> list[float]:
    """Take one training step at each rate, and return their smoothed losses.

    Args:
        step: takes a rate, does one step of training with it, and returns the loss before that step.
        rates: ascending.
        keep: see `smoothed`.
        stop: end early when the smoothed loss exceeds so many times the lowest one, or is not finite.

    Returns:
        One smoothed loss for each rate that was used; all are finite.

    """
    losses: list[float] = []
    means: list[float] = []
    for rate in rates:
        loss = step(rate)
        if not math.isfinite(loss):
            break
        losses.append(loss)
        means = smoothed(losses, keep)
        if means[-1] > stop * min(means):
            break
    return means


def suggested(rates: Sequence[float], means: Sequence[float], fraction: float = 0.1) -> float:
    """Return a fraction of the rate at which the smoothed loss is lowest.

    Raises:
        ValueError: no losses, more losses than rates, or a lowest loss at the first rate: the ladder begins too high.

    """
    if not 0 < len(means) <= len(rates):
        raise ValueError(f"needs one loss a rate, and at least one; got {len(means)} for {len(rates)} rates")
    best = min(range(len(means)), key=means.__getitem__)
    if best == 0:
        raise ValueError("the loss rose from the first rate on: begin the ladder lower")
    return fraction * rates[best]
