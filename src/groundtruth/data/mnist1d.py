"""MNIST-1D: ten templates of twelve numbers, moved, stretched, tilted and hidden in noise: sequences of forty numbers.

Used by the chapter *deep-architectures*.

No file is needed: the examples are made by the published recipe, with its numbers. Source: Greydanus and Kobak (2024),
"Scaling down deep learning with MNIST-1D", ICML, arXiv:2011.14439 (recipe and templates: the authors' repository,
greydanus/mnist1d). The draws come from generators of our own, so the examples are not the authors' examples; there are
4,000 for training and 1,000 for testing by default, as there.

The steps for one example, in the recipe's order: put 36 to 60 zeros behind the template; stretch the whole to 72
numbers; multiply by a factor from 0.8 to 1.2; rotate by 0 to 47 places; fill the zeros with smoothed noise (standard
deviation 0.25 before a Gaussian filter of width 2); add a little noise everywhere (0.02); tilt by a line; sample 40
places.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

CLASSES = tuple(str(digit) for digit in range(10))

TEMPLATES = np.array(
    [
        [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
        [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
        [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
        [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
        [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
        [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
        [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
        [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
    ]
)
"""(10, 12): the recipe's numbers for each digit."""

LENGTH = 40
_PADDING = (36, 60)
_LONG = TEMPLATES.shape[1] + _PADDING[1]  # 72, the length at which an example is made


class Sequences(NamedTuple):
    """Examples of both parts, in random order."""

    train_inputs: Tensor
    """float32 (N, 1, 40), mean 0 and standard deviation 1 over all of both parts, as in the recipe."""
    train_labels: Tensor
    """int64 (N,), as many of each digit as of any other."""
    test_inputs: Tensor
    """(M, 1, 40)."""
    test_labels: Tensor
    """(M,)."""


def templates() -> np.ndarray:
    """Return the ten signals (10, 12): standardised, starting at 0, divided by 6."""
    centred = TEMPLATES - TEMPLATES.mean(axis=1, keepdims=True)
    scaled = centred / centred.std(axis=1, keepdims=True)
    return (scaled - scaled[:, :1]) / 6


def make(seed: int = 0, train: int = 4000, test: int = 1000) -> Sequences:
    """Return examples made by the recipe.

    Args:
        seed: other seeds give other examples.
        train: examples for training, a multiple of 10.
        test: examples for testing, a multiple of 10.

    Raises:
        ValueError: a negative seed, or a number of examples that is not a positive multiple of 10.

    """
    if seed < 0:
        raise ValueError(f"seed must be at least 0; got {seed}")
    for name, count in (("train", train), ("test", test)):
        if count < 10 or count % 10:
            raise ValueError(f"{name} must be a positive multiple of 10, as many of each digit; got {count}")
    parts = []
    for stream, count in zip(np.random.SeedSequence(seed).spawn(2), (train, test), strict=True):
        generator = np.random.default_rng(stream)
        labels = generator.permutation(np.arange(count) % 10)  # (N,)
        parts.append((_examples(labels, generator), labels))
    together = np.concatenate([inputs for inputs, _ in parts])
    mean, spread = together.mean(), together.std()
    tensors = []
    for inputs, labels in parts:
        tensors.append(torch.from_numpy((inputs - mean) / spread).float().unsqueeze(1))  # (N, 1, 40)
        tensors.append(torch.from_numpy(labels).long())
    return Sequences(*tensors)


def _examples(labels: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    signals = templates()
    grid = np.linspace(0, 1, _LONG)
    short = np.linspace(0, 1, LENGTH)
    made = np.empty((len(labels), LENGTH))
    for number, label in enumerate(labels):
        zeros = generator.integers(_PADDING[0], _PADDING[1] + 1)
        signal = np.concatenate(
            [signals[label] + 1e-8, np.zeros(zeros)]
        )  # never exactly 0 where it is signal
        signal = np.interp(grid, np.linspace(0, 1, len(signal)), signal)  # (72,)
        signal = signal * (1 + 0.4 * (generator.random() - 0.5))
        signal = np.roll(signal, generator.integers(0, 48))
        smooth = gaussian_filter1d(0.25 * generator.standard_normal(_LONG), 2, mode="reflect")
        signal = np.where(signal != 0, signal, smooth)
        signal = signal + 0.02 * generator.standard_normal(_LONG)
        signal = signal - 0.75 * (generator.random() - 0.5) * np.linspace(-0.5, 0.5, _LONG)
        made[number] = np.interp(short, grid, signal)  # (40,)
    return made
