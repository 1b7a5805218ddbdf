"""Cats and dogs: 32 × 32 colour images, a small part of CIFAR-10 (Krizhevsky, 2009).

Per class, the first 600 training and the first 500 test images of CIFAR-10, in file order: few enough labels for
transfer learning to matter. Licence, origin and known problems: ``files/manifest.json``.
"""

from __future__ import annotations

from groundtruth.data.images import ImageSet, from_files


def load() -> ImageSet:
    """Return cats (0) and dogs (1): images uint8 (1200, 3, 32, 32) and (1000, 3, 32, 32), channels red, green, blue.

    Each call reads and verifies the files and returns new tensors.

    Raises:
        DataFileError: a file is missing or damaged (see ``groundtruth.data.files``).

    """
    return from_files("cats_dogs")
