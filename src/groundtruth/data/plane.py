"""Two classes of points in the plane that no line parts: circles, moons and spirals.

Used by the chapters *neural-networks* and *backpropagation*.

The points are made, not measured. Each data set has a training, a validation and a test part; every part is drawn
from a generator of its own, so a part stays the same when another changes its size, and no point is in two of them.

The circles and the moons lie on the curves of scikit-learn's ``make_circles`` and ``make_moons``. There the places
along a curve are evenly spaced; here they are drawn at random, so that the points of a part are independent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

Curves = Callable[[Tensor, Tensor], Tensor]
"""Takes places along a curve (N,) from 0 to 1 and labels (N,), 0 or 1; returns points (N, 2)."""


class Points(NamedTuple):
    """Examples of one part, in random order."""

    inputs: Tensor
    """(N, 2), coordinates of order one."""
    labels: Tensor
    """(N,), int64, 0 or 1; as many of the one as of the other, or one more 0 where N is odd."""


@dataclass(frozen=True)
class PlaneData:
    """Points for training, for choosing, and for judging."""

    name: str
    train: Points
    validation: Points
    test: Points


def circles(
    seed: int,
    train: int = 400,
    validation: int = 400,
    test: int = 2000,
    *,
    noise: float = 0.1,
    factor: float = 0.5,
    dtype: torch.dtype = torch.float32,
) -> PlaneData:
    """Return two circles round the origin: radius 1 with label 0, radius ``factor`` with label 1.

    Args:
        seed: other seeds give other points.
        train: examples of the training part, at least 2; ``validation`` and ``test`` likewise.
        noise: standard deviation of the normal noise on each coordinate; 0 puts the points on the curves.
        factor: radius of the inner circle, 0 < … < 1.
        dtype: of the inputs.

    Raises:
        ValueError: an argument out of range.

    """
    if not 0 < factor < 1:
        raise ValueError(f"factor must lie between 0 and 1; got {factor}")

    def curves(at: Tensor, labels: Tensor) -> Tensor:
        radius = 1 - (1 - factor) * labels.double()  # (N,)
        return radius[:, None] * _direction(2 * math.pi * at)

    return _make("circles", curves, seed, (train, validation, test), noise=noise, dtype=dtype)


def moons(
    seed: int,
    train: int = 400,
    validation: int = 400,
    test: int = 2000,
    *,
    noise: float = 0.1,
    dtype: torch.dtype = torch.float32,
) -> PlaneData:
    """Return two half circles of radius 1 that reach into one another: label 0 above, label 1 below.

    Arguments and errors are those of `circles`.
    """

    def curves(at: Tensor, labels: Tensor) -> Tensor:
        upper = _direction(math.pi * at)
        return torch.where(labels[:, None] == 1, torch.tensor([1.0, 0.5]) - upper, upper)

    return _make("moons", curves, seed, (train, validation, test), noise=noise, dtype=dtype)


def spirals(
    seed: int,
    train: int = 400,
    validation: int = 400,
    test: int = 2000,
    *,
    noise: float = 0.02,
    turns: float = 1.0,
    dtype: torch.dtype = torch.float32,
) -> PlaneData:
    """Return two arms of a spiral, the one with label 1 turned by half a turn against the other.

    An arm's radius grows evenly with its angle, from 0.1 to 1. Places are evenly likely along the angle, so points are
    denser near the middle.

    Args:
        seed: other seeds give other points.
        train: examples of the training part, at least 2; ``validation`` and ``test`` likewise.
        noise: standard deviation of the normal noise on each coordinate.
        turns: how often an arm goes round the origin, above 0.
        dtype: of the inputs.

    Raises:
        ValueError: an argument out of range.

    """
    if turns <= 0:
        raise ValueError(f"turns must be above 0; got {turns}")

    def curves(at: Tensor, labels: Tensor) -> Tensor:
        return (0.1 + 0.9 * at)[:, None] * _direction(2 * math.pi * turns * at + math.pi * labels)

    return _make("spirals", curves, seed, (train, validation, test), noise=noise, dtype=dtype)


def _direction(angle: Tensor) -> Tensor:
    return torch.stack([angle.cos(), angle.sin()], dim=1)  # (N,) -> (N, 2)


def _make(
    name: str, curves: Curves, seed: int, sizes: tuple[int, int, int], *, noise: float, dtype: torch.dtype
) -> PlaneData:
    if seed < 0:
        raise ValueError(f"seed must be at least 0; got {seed}")
    if noise < 0:
        raise ValueError(f"noise must be at least 0; got {noise}")
    streams = np.random.SeedSequence(seed).spawn(3)  # one for each part, independent of the others
    parts = []
    for part, size, stream in zip(("train", "validation", "test"), sizes, streams, strict=True):
        if size < 2:
            raise ValueError(f"{part} must be at least 2, one example of each class; got {size}")
        generator = torch.Generator().manual_seed(int(stream.generate_state(1, np.uint64)[0]))
        labels = torch.randperm(size, generator=generator) % 2  # (N,), balanced
        at = torch.rand(size, generator=generator, dtype=torch.float64)  # (N,)
        spread = noise * torch.randn(size, 2, generator=generator, dtype=torch.float64)
        parts.append(Points((curves(at, labels) + spread).to(dtype), labels))
    return PlaneData(name, *parts)
