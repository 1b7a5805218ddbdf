"""Results of runs that are too long for a chapter, with how they came about.

Used by the chapter *transfer-learning*. A chapter shows such numbers as given, never as its own. Each table names the
script that made it; its lines are what the script printed.
"""

from __future__ import annotations

from typing import NamedTuple


class Run(NamedTuple):
    """One run of ``benchmarks/full_fine_tuning.py``."""

    seed: int
    test: float
    """Share of the 1,000 test photographs of cats and dogs named rightly, looked at once, after training."""
    epochs: int
    seconds: int
    """On a machine that others used as well."""


SIZE = 128
"""Side of the images in pixels."""
LABELS = 500
"""Labels a class."""
HOW = "benchmarks/full_fine_tuning.py; one thread of a 2-core processor, bfloat16, PyTorch 2.13.0, Python 3.11.2"
FULL_FINE_TUNING: dict[str, list[Run]] = {
    "eval": [Run(0, 0.894, 5, 86)],
    "train": [Run(0, 0.76, 5, 86)],
    "scratch": [Run(0, 0.6, 10, 86)],
}
"""Batch normalisation held still, in training mode, and the same network from random weights."""
