"""Random changes of pictures that leave their label as it is: flip, shift, crop and erase, a batch at a time.

Used by the chapter *refining*.

Every function takes a batch (B, C, H, W) and a generator, draws a change for each picture by itself, and returns a new
batch; `chain` makes one function of several, in the form that `groundtruth.data.batches` takes as ``augment``.

Sources: flips and crops as in Krizhevsky, Sutskever and Hinton (2012); shift as padding and cropping, for 32 × 32
pictures, in He, Zhang, Ren and Sun (2016, doi 10.1109/CVPR.2016.90), section 4.2; erase, with a square of fixed size,
is the cutout of DeVries and Taylor (2017, doi 10.48550/arXiv.1708.04552), here wholly inside the picture.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor

Augmentation = Callable[[Tensor, Generator], Tensor]
"""A batch (B, C, H, W) and a generator to a batch of as many pictures."""


def flip(pictures: Tensor, generator: Generator, probability: float = 0.5) -> Tensor:
    """Return the pictures, each mirrored left to right with this probability.

    Raises:
        ValueError: no batch of pictures, or no probability.

    """
    _check(pictures)
    if not 0 <= probability <= 1:
        raise ValueError(f"probability must lie from 0 to 1; got {probability}")
    mirrored = torch.rand(len(pictures), generator=generator) < probability  # (B,)
    return torch.where(mirrored[:, None, None, None], pictures.flip(3), pictures)


def crop(pictures: Tensor, size: int, generator: Generator) -> Tensor:
    """Return a square window of each picture, at a place of its own: (B, C, H, W) -> (B, C, size, size).

    Raises:
        ValueError: no batch of pictures, or a window that does not fit in.

    """
    _check(pictures)
    height, width = pictures.shape[2:]
    if not 1 <= size <= min(height, width):
        raise ValueError(f"size must be from 1 to {min(height, width)}, the picture's side; got {size}")
    top = _draw(len(pictures), height - size, generator)  # (B,)
    left = _draw(len(pictures), width - size, generator)
    return _windows(pictures, top, left, size, size)


def shift(pictures: Tensor, most: int, generator: Generator, fill: float = 0.0) -> Tensor:
    """Return each picture moved by up to ``most`` pixels up or down, and left or right; what comes in is ``fill``.

    It is padding and a crop in one. On inputs with mean 0, a fill of 0 is the mean colour.

    Raises:
        ValueError: no batch of pictures, or ``most`` is negative.

    """
    _check(pictures)
    if most < 0:
        raise ValueError(f"most must be at least 0; got {most}")
    height, width = pictures.shape[2:]
    padded = torch.nn.functional.pad(pictures, (most,) * 4, value=fill)  # (B, C, H + 2 most, W + 2 most)
    top = _draw(len(pictures), 2 * most, generator)  # (B,), `most` leaves the picture where it was
    left = _draw(len(pictures), 2 * most, generator)
    return _windows(padded, top, left, height, width)


def erase(pictures: Tensor, size: int, generator: Generator, fill: float = 0.0) -> Tensor:
    """Return the pictures with a square of each painted over, at a place of its own.

    Raises:
        ValueError: no batch of pictures, or a square that does not fit in.

    """
    _check(pictures)
    height, width = pictures.shape[2:]
    if not 1 <= size <= min(height, width):
        raise ValueError(f"size must be from 1 to {min(height, width)}, the picture's side; got {size}")
    rows = _inside(_draw(len(pictures), height - size, generator), size, height)  # (B, H)
    columns = _inside(_draw(len(pictures), width - size, generator), size, width)  # (B, W)
    square = rows[:, None, :, None] & columns[:, None, None, :]  # (B, 1, H, W)
    return pictures.masked_fill(square, fill)


def chain(*steps: Augmentation) -> Augmentation:
    """Return one augmentation that does several, in this order."""

    def all_of_them(pictures: Tensor, generator: Generator) -> Tensor:
        for step in steps:
            pictures = step(pictures, generator)
        return pictures

    return all_of_them


def _draw(count: int, most: int, generator: Generator) -> Tensor:
    """Return whole numbers from 0 to ``most``, each equally likely: (count,)."""
    return torch.randint(0, most + 1, (count,), generator=generator)


def _windows(pictures: Tensor, top: Tensor, left: Tensor, height: int, width: int) -> Tensor:
    """Return window (top, left) of this size of each picture: (B, C, …, …) -> (B, C, height, width)."""
    every = pictures.unfold(2, height, 1).unfold(
        3, width, 1
    )  # (B, C, tops, lefts, height, width), no copy yet
    return every[torch.arange(len(pictures)), :, top, left]


def _inside(start: Tensor, size: int, length: int) -> Tensor:
    """Return which places lie in [start, start + size): (B,) -> (B, length)."""
    places = torch.arange(length)
    return (places >= start[:, None]) & (places < start[:, None] + size)


def _check(pictures: Tensor) -> None:
    if pictures.dim() != 4:
        raise ValueError(f"needs pictures (B, C, H, W); got shape {tuple(pictures.shape)}")
