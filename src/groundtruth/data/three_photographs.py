"""Three everyday photographs that come with packages which the book needs anyway, as squares.

Used by the chapters *looking-inside* and *transfer-learning*.

- ``portrait``: Grace Hopper in uniform; a sample image of matplotlib.
- ``palace``: a palace in China; a sample image of scikit-learn, CC BY 2.0, danielbuechele on Flickr.
- ``flower``: a sample image of scikit-learn, CC BY 2.0, vultilion on Flickr, by the addresses in its README.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib
import sklearn.datasets
import torch
from torch import Tensor

from groundtruth.data import photographs

NAMES = ("portrait", "palace", "flower")


def paths() -> dict[str, Path]:
    """Return where the files of the three photographs lie, by name, in the order of ``NAMES``."""
    samples = Path(sklearn.datasets.__file__).parent / "images"
    return {
        "portrait": Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg",
        "palace": samples / "china.jpg",
        "flower": samples / "flower.jpg",
    }


def load(size: int = 224) -> Tensor:
    """Return the middle squares of the three, as whole bytes (3, 3, size, size): red, green, blue.

    Raises:
        FileNotFoundError: a package came without its sample images.
        ValueError: ``size`` is below 1.

    """
    return torch.stack([photographs.read(path, size) for path in paths().values()])


def grounds(side: int = 256) -> list[Tensor]:
    """Return palace and flower in grey, bytes (side, side) each: grounds to put something on.

    Raises:
        FileNotFoundError, ValueError: as for `load`.

    """
    colours = load(side)[1:].float()  # (2, 3, side, side)
    share = torch.tensor([0.299, 0.587, 0.114])[:, None, None]  # how bright red, green and blue look
    return list((colours * share).sum(dim=1).round().clamp(0, 255).to(torch.uint8))
