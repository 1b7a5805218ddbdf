"""Results of runs that are too long for a chapter, with how they came about.

Used by the chapter *transfer-learning*. A chapter shows such numbers as given, never as its own. Each table names the
script that made it; its lines are what the script printed.
"""

from __future__ import annotations

from typing import NamedTuple


class Run(NamedTuple):
    """One run of ``benchmarks/recorded/full_fine_tuning.py``, with 500 labels a class."""

    arm: str
    """``"eval"``: batch normalisation held still; ``"train"``: in training mode."""
    seed: int
    side: int
    """Of the enlarged images in pixels; they were not sharpened."""
    test: float
    """Share of the 1,000 test photographs of cats and dogs named rightly, looked at once, after training."""
    epochs: int
    seconds: int
    """On a machine that others used as well."""


class Way(NamedTuple):
    """One way to feed thumbnails to a frozen body, from ``benchmarks/recorded/frozen_features.py``."""

    side: int
    """Of the enlarged images in pixels."""
    sharpened: bool
    held_out: float
    """Accuracy of a new head on held-out training photographs, 100 labels a class, mean over seeds 100 to 114."""


HOW = (
    "benchmarks/recorded/full_fine_tuning.py and benchmarks/recorded/frozen_features.py; one thread of a 2-core "
    "processor, bfloat16, PyTorch 2.13.0, Python 3.11.7"
)
FULL_FINE_TUNING = [
    Run("eval", 0, 128, 0.879, 5, 911),
    Run("train", 0, 128, 0.684, 5, 235),
]
"""Rates 1e-3 for the head, 1e-4 for the body. One seed each, and the recipe was not tuned: these runs show an order of
size, and support no comparison of a few points."""
FROZEN_FEATURES = [
    Way(96, False, 0.805),
    Way(96, True, 0.8241),
    Way(128, False, 0.8453),
    Way(128, True, 0.8532),
    Way(160, False, 0.8637),
    Way(160, True, 0.8794),
    Way(192, False, 0.8659),
    Way(192, True, 0.883),
    Way(224, False, 0.8735),
    Way(224, True, 0.8796),
]
"""The body folded, penalty 1.0, one orientation of each image."""
