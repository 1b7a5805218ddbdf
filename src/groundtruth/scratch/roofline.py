"""The roofline: how fast a piece of work can go, if only arithmetic and the memory bound it.

Used by the chapter *gpus-and-clusters*. Source: Williams, Waterman & Patterson, "Roofline: an insightful visual
performance model for multicore architectures", CACM 52(4), 2009, doi 10.1145/1498765.1498785.

A multiply-add counts as two operations. Bytes are those that must move at least once: every input read, every output
written, nothing kept from before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Work:
    """A piece of work, whoever does it."""

    name: str
    operations: float
    """Floating-point operations (FLOP)."""
    moved: float
    """Bytes read and written."""

    @property
    def intensity(self) -> float:
        """Operations a byte."""
        return self.operations / self.moved


def product(n: int, d: int, k: int, size: int = 4, name: str = "product") -> Work:
    """Return the work of (n, d) times (d, k), with numbers of ``size`` bytes: also a dense layer on n examples."""
    return Work(name, 2 * n * d * k, size * (n * d + d * k + n * k))


def convolution(
    n: int, channels: int, maps: int, kernel: int, *, side: int, size: int = 4, name: str = "convolution"
) -> Work:
    """Return the work of ``maps`` square kernels on (n, channels, side, side), padded so that the side stays."""
    weights = maps * channels * kernel**2
    moved = n * channels * side**2 + weights + n * maps * side**2
    return Work(name, 2 * n * side**2 * weights, size * moved)


def elementwise(count: int, *, reads: int = 1, writes: int = 1, operations: int = 1, size: int = 4,
                name: str = "elementwise") -> Work:  # fmt: skip
    """Return the work of a function of each of ``count`` numbers, which reads and writes so many arrays of them."""
    return Work(name, operations * count, size * count * (reads + writes))


def attainable(intensity: float, peak: float, bandwidth: float) -> float:
    """Return the roof above an intensity (operations a byte): operations a second.

    Args:
        intensity: operations a byte, above 0.
        peak: operations a second of the arithmetic units.
        bandwidth: bytes a second of the memory.

    Raises:
        ValueError: an argument that is not positive.

    """
    if min(intensity, peak, bandwidth) <= 0:
        raise ValueError(f"all must be above 0; got {intensity}, {peak} and {bandwidth}")
    return min(peak, intensity * bandwidth)


def ridge(peak: float, bandwidth: float) -> float:
    """Return the intensity at which both bound alike: work below it waits for memory, work above for arithmetic."""
    return peak / bandwidth


def seconds(function: Callable[[], object], *, least: float = 0.05, rounds: int = 3) -> float:
    """Return the seconds of one call, in the fastest of some rounds: what disturbs a call only makes it slower.

    Args:
        function: what to time.
        least: seconds a round takes at least; as many calls are made.
        rounds: how many.

    """
    function()  # the first call allocates and chooses kernels
    started = time.perf_counter()
    function()
    calls = max(1, round(least / max(time.perf_counter() - started, 1e-9)))
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(calls):
            function()
        best = min(best, (time.perf_counter() - started) / calls)
    return best
