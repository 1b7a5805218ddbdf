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
HOW = (
    "benchmarks/full_fine_tuning.py, as of the commit of this file; one thread of a 2-core processor, bfloat16, "
    "PyTorch 2.13.0, Python 3.11.7"
)
FULL_FINE_TUNING: dict[str, list[Run]] = {
    "eval": [Run(0, 0.879, 5, 911)],
    "train": [Run(0, 0.684, 5, 235)],
}
"""Batch normalisation held still, and in training mode; rates 1e-3 for the head, 1e-4 for the body. One seed each, and
the recipe was not tuned: these runs show an order of size, and support no comparison of a few points."""
