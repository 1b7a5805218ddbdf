"""Faults to plant in sound data: each function returns spoiled copies and leaves what it is given alone.

Used by the chapter *when-it-fails* and its exercises. In a real project nobody plants them; they come from a join on
the wrong column, a file sorted by class, a stamp in the corner of a picture, or another camera.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor


def shuffled(labels: Tensor, generator: Generator, share: float = 1.0) -> Tensor:
    """Return labels (N,) of which a share, drawn at random, has been permuted among itself.

    The counts of the classes stay, and some labels are right again by accident.

    Raises:
        ValueError: ``share`` outside 0 … 1.

    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be from 0 to 1; got {share}")
    chosen = torch.randperm(len(labels), generator=generator)[: round(share * len(labels))]
    spoiled = labels.clone()
    spoiled[chosen] = labels[chosen[torch.randperm(len(chosen), generator=generator)]]
    return spoiled


def stamped(inputs: Tensor, labels: Tensor, column: int, height: float = 1.0) -> Tensor:
    """Return inputs (N, D) with the label written into one column: ``height`` times the label.

    Raises:
        ValueError: there is no such column, or the shapes do not fit.

    """
    if inputs.dim() != 2 or labels.shape != inputs.shape[:1] or not 0 <= column < inputs.shape[1]:
        raise ValueError(
            f"needs inputs (N, D), labels (N,) and a column from 0 to D − 1; got {tuple(inputs.shape)}, "
            f"{tuple(labels.shape)} and column={column}"
        )
    spoiled = inputs.clone()
    spoiled[:, column] = height * labels.to(inputs.dtype)
    return spoiled


def copied(train: Tensor, held_out: Tensor, share: float, generator: Generator) -> tuple[Tensor, Tensor]:
    """Put a share of the held-out rows into the training rows, as when the same record was filed twice.

    Args:
        train: (N,), row numbers of the training examples.
        held_out: (M,), row numbers of the held-out examples.
        share: of the held-out rows, 0 … 1; at most N of them.
        generator: draws which rows are copied, and which training rows they replace.

    Returns:
        Row numbers (N,) for training, and of the held-out rows those that were copied.

    Raises:
        ValueError: ``share`` out of range, or more rows to copy than there is room for.

    """
    if not 0 <= share <= 1 or round(share * len(held_out)) > len(train):
        raise ValueError(
            f"share must be from 0 to 1 and fit into {len(train)} training rows; got {share} of {len(held_out)}"
        )
    chosen = held_out[torch.randperm(len(held_out), generator=generator)[: round(share * len(held_out))]]
    places = torch.randperm(len(train), generator=generator)[: len(chosen)]
    spoiled = train.clone()
    spoiled[places] = chosen
    return spoiled, chosen


def other_camera(pictures: Tensor, brightness: float = 0.5, haze: float = 0.25) -> Tensor:
    """Return pictures with values from 0 to 1 as a worse camera would take them: darker, and with a grey haze.

    Raises:
        ValueError: the two settings would leave the range from 0 to 1.

    """
    if brightness <= 0 or haze < 0 or brightness + haze > 1:
        raise ValueError(f"needs brightness > 0, haze ≥ 0, their sum at most 1; got {brightness} and {haze}")
    return haze + brightness * pictures


class Colleague(NamedTuple):
    """A run with three faults, for the reader to find by measuring."""

    inputs: Callable[[Tensor], Tensor]
    """What was done to pictures with values from 0 to 1, (N, D)."""
    order: Tensor
    """(N,), the order in which the rows were read in every epoch."""
    before_loss: Callable[[Tensor], Tensor]
    """What was done to the logits (…, K) before they went into the cross-entropy."""


def colleague(labels: Tensor) -> Colleague:
    """Return the settings of the blind case. Do not read on before you have measured.

    Args:
        labels: (N,), of the training rows.

    """
    return Colleague(
        inputs=lambda pictures: 255 * pictures,  # as bytes, never scaled
        order=labels.argsort(stable=True),  # the file is sorted by class, and nobody shuffles
        before_loss=torch.sigmoid,  # "the network should give probabilities"; the loss makes its own
    )


def table(seed: int = 0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return a small table with two leaks for the reader to find: training rows and labels, test rows and labels.

    Three classes, twelve columns of noise of which four carry a little of the class. One column holds nearly the
    label. And some test rows also stand among the training rows.

    Returns:
        float64 (300, 12), int64 (300,), (120, 12) and (120,).

    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(3, (420,), generator=generator)
    rows = torch.randn(420, 12, generator=generator, dtype=torch.float64)
    rows[:, :4] += 0.8 * torch.randn(3, 4, generator=generator, dtype=torch.float64)[labels]
    leak = int(torch.randint(4, 12, (1,), generator=generator))
    rows[:, leak] = 0.4 * labels - 1.3 + 0.03 * rows[:, leak]
    train, test = rows[:300], rows[300:]
    copies = int(torch.randint(10, 30, (1,), generator=generator))
    places = torch.randperm(300, generator=generator)[:copies]
    which = torch.randperm(120, generator=generator)[:copies]
    train[places], train_labels = test[which], labels[:300].clone()
    train_labels[places] = labels[300:][which]
    return train.clone(), train_labels, test.clone(), labels[300:].clone()
