"""Folds for cross-validation, and the rule of early stopping.

Used by the chapter *refining*.

Sources: cross-validation, Stone (1974, doi 10.1111/j.2517-6161.1974.tb00994.x); the folds without shuffling are those
of scikit-learn's ``KFold`` and ``StratifiedKFold``; early stopping with patience, Prechelt (1998, doi
10.1007/3-540-49430-8_3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Generator, Tensor

Fold = tuple[Tensor, Tensor]
"""Indices to train on and indices to validate on: int64, ascending, together all examples."""


def k_folds(examples: int, folds: int, generator: Generator | None = None) -> list[Fold]:
    """Return k pairs of index sets, in which every example is validated on once.

    Args:
        examples: N.
        folds: k, from 2 to N.
        generator: shuffles the examples first; without it a fold is a run of neighbours.

    Raises:
        ValueError: ``folds`` is out of range.

    """
    _check_folds(folds, examples)
    order = torch.arange(examples) if generator is None else torch.randperm(examples, generator=generator)
    number = torch.empty(examples, dtype=torch.int64)  # (N,): which fold an example belongs to
    for fold, part in enumerate(order.tensor_split(folds)):  # the first N mod k parts are one longer
        number[part] = fold
    return _pairs(number, folds)


def stratified_folds(labels: Tensor, folds: int, generator: Generator | None = None) -> list[Fold]:
    """Return k pairs of index sets as `k_folds` does, with nearly the same shares of the classes in every fold.

    Args:
        labels: (N,), whole numbers.
        folds: k, at least 2 and at most the size of the smallest class.
        generator: shuffles the examples of each class first.

    Raises:
        ValueError: labels are not whole numbers of shape (N,), or a class is smaller than ``folds``.

    """
    if labels.dim() != 1 or labels.is_floating_point():
        raise ValueError(
            f"labels must be whole numbers (N,); got {labels.dtype} of shape {tuple(labels.shape)}"
        )
    _check_folds(folds, len(labels))
    members = [(labels == label).nonzero().flatten() for label in labels.unique()]
    members.sort(key=lambda inside: int(inside[0]))  # classes in the order in which they first appear
    if min(len(inside) for inside in members) < folds:
        raise ValueError(f"each class needs {folds} examples or more; got {min(len(m) for m in members)}")
    number = torch.empty(len(labels), dtype=torch.int64)
    dealt = 0  # deal out the sizes as cards, class after class, so that the folds stay equally large
    for inside in members:
        sizes = torch.bincount((dealt + torch.arange(len(inside))) % folds, minlength=folds)
        dealt += len(inside)
        own = torch.arange(folds).repeat_interleave(sizes)  # (n_k,): 0, …, 0, 1, …, 1, …
        if generator is not None:
            own = own[torch.randperm(len(own), generator=generator)]
        number[inside] = own
    return _pairs(number, folds)


def _pairs(number: Tensor, folds: int) -> list[Fold]:
    return [
        ((number != fold).nonzero().flatten(), (number == fold).nonzero().flatten()) for fold in range(folds)
    ]


def _check_folds(folds: int, examples: int) -> None:
    if not 2 <= folds <= examples:
        raise ValueError(f"folds must be from 2 to {examples}, the number of examples; got {folds}")


@dataclass
class EarlyStopping:
    """Says when to stop: once the validation loss has not reached a new low for ``patience`` epochs.

    Raises:
        ValueError: ``patience`` is below 1.

    """

    patience: int
    """Epochs to wait for a new low."""
    best_loss: float = field(default=math.inf, init=False)
    """The lowest loss so far."""
    best_epoch: int = field(default=0, init=False)
    """Its epoch, from 1; 0 before the first."""
    epochs: int = field(default=0, init=False)
    """Epochs seen."""

    def __post_init__(self) -> None:
        if self.patience < 1:
            raise ValueError(f"patience must be at least 1; got {self.patience}")

    def stop(self, loss: float) -> bool:
        """Take the validation loss of one more epoch; return whether to stop now.

        Raises:
            ValueError: the loss is not a number.

        """
        if math.isnan(loss):
            raise ValueError("the validation loss is not a number")
        self.epochs += 1
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, self.epochs
        return self.epochs - self.best_epoch >= self.patience
