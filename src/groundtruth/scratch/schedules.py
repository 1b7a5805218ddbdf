"""Schedules, written out by hand: what the learning rate is multiplied by in each step of a run.

Used by the chapter *training*.

A schedule is a function of the step, counted from 0, and of the run's length in steps; it returns a factor from 0 to 1.
`rise` puts a warm-up in front of any of them.

Sources: the cosine is that of Loshchilov & Hutter, "SGDR" (2017, arXiv:1608.03983, equation 5), without restarts; the
linear warm-up is that of Goyal et al. (2017, arXiv:1706.02677, section 2.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int, int], float]
"""Takes a step (from 0) and the number of steps; returns the factor of the rate."""


def _checked(step: int, steps: int) -> None:
    if steps < 1 or step < 0:
        raise ValueError(f"a step counts from 0 and a run has at least 1; got step={step}, steps={steps}")


def constant(step: int, steps: int) -> float:
    """Return 1 in every step."""
    _checked(step, steps)
    return 1.0


def linear(step: int, steps: int) -> float:
    """Return a factor that falls on a straight line, from 1 in step 0 to 0 in step ``steps``.

    The last step that is taken is number ``steps`` − 1, so that no step is lost to a rate of 0.
    """
    _checked(step, steps)
    return max(1 - step / steps, 0.0)


def cosine(step: int, steps: int) -> float:
    """Return a factor that falls along half a cosine, from 1 in step 0 to 0 in step ``steps``."""
    _checked(step, steps)
    return (1 + math.cos(math.pi * min(step / steps, 1.0))) / 2


def steps_down(every: float, factor: float = 0.1) -> Schedule:
    """Return a schedule that multiplies the rate by ``factor`` after each fraction ``every`` of the run.

    Raises:
        ValueError: ``every`` or ``factor`` outside 0 < … ≤ 1.

    """
    if not (0 < every <= 1 and 0 < factor <= 1):
        raise ValueError(f"every and factor must be above 0 and at most 1; got {every} and {factor}")

    def schedule(step: int, steps: int) -> float:
        _checked(step, steps)
        length = max(round(every * steps), 1)  # steps on one stair
        return factor ** (step // length)

    return schedule


def rise(warmup: int, then: Schedule = constant) -> Schedule:
    """Return a schedule that rises on a straight line for ``warmup`` steps, and then runs ``then`` over the rest.

    Step 0 has the factor 1/``warmup``, and step ``warmup`` − 1 has 1: no step is lost to a rate of 0.

    Raises:
        ValueError: ``warmup`` is below 0; while running, not shorter than the run.

    """
    if warmup < 0:
        raise ValueError(f"warmup must be at least 0 steps; got {warmup}")

    def schedule(step: int, steps: int) -> float:
        _checked(step, steps)
        if warmup >= steps:
            raise ValueError(f"a warm-up of {warmup} steps leaves nothing of a run of {steps}")
        if step < warmup:
            return (step + 1) / warmup
        return then(step - warmup, steps - warmup)

    return schedule
