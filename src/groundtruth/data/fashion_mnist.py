"""Fashion-MNIST: 28 × 28 grey images of clothes, 60,000 to train on and 10,000 to test (Xiao et al., 2017).

Licence, origin and known problems: ``files/manifest.json``.
"""

from __future__ import annotations

from groundtruth.data.images import ImageSet, from_files


def load() -> ImageSet:
    """Return Fashion-MNIST: images uint8 (60000, 1, 28, 28) and (10000, 1, 28, 28), light clothes on black.

    Each call reads and verifies the files and returns new tensors.

    Raises:
        DataFileError: a file is missing or damaged (see ``groundtruth.data.files``).

    """
    return from_files("fashion_mnist")
