"""MNIST: 28 × 28 grey images of handwritten digits, 60,000 to train on and 10,000 to test (LeCun et al., 1998).

Licence, origin and known problems: ``files/manifest.json``.
"""

from __future__ import annotations

from groundtruth.data.images import ImageSet, from_files


def load() -> ImageSet:
    """Return MNIST: images uint8 (60000, 1, 28, 28) and (10000, 1, 28, 28), white ink (255) on black.

    Each call reads and verifies the files and returns new tensors.

    Raises:
        DataFileError: a file is missing or damaged (see ``groundtruth.data.files``).

    """
    return from_files("mnist")
