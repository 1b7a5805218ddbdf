"""What a classifier is judged by: accuracy, the confusion matrix and what is read from it, and its honesty.

Used by the chapter *classification*.

Sources: the sum of squared errors of a forecast of probabilities is Brier's (1950, doi
10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2); the expected calibration error with bins of equal width is that of
Naeini, Cooper & Hauskrecht (2015, doi 10.1609/aaai.v29i1.9602), in the form of Guo et al. (2017, doi
10.48550/arXiv.1706.04599), equations 2, 3 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


def accuracy(predictions: Tensor, labels: Tensor) -> float:
    """Return the share of predictions (N,) that equal their label (N,), from 0 to 1.

    Raises:
        ValueError: shapes differ, or there is no example.

    """
    if predictions.shape != labels.shape or labels.dim() != 1 or len(labels) == 0:
        raise ValueError(
            f"needs predictions (N,) and labels (N,), N ≥ 1; got {tuple(predictions.shape)} and {tuple(labels.shape)}"
        )
    return float((predictions == labels).double().mean())


def confusion_matrix(predictions: Tensor, labels: Tensor, classes: int) -> Tensor:
    """Return how often each label (row) was given each prediction (column): (N,), (N,) -> int64 (K, K).

    Raises:
        ValueError: shapes differ, there is no example, or a number is outside 0 … K − 1.

    """
    accuracy(predictions, labels)  # its checks are ours
    for name, numbers in (("predictions", predictions), ("labels", labels)):
        if numbers.is_floating_point() or not 0 <= int(numbers.min()) <= int(numbers.max()) < classes:
            raise ValueError(f"{name} must be whole numbers from 0 to {classes - 1}")
    cells = labels * classes + predictions  # (N,), one number for each pair
    return cells.bincount(minlength=classes**2).reshape(classes, classes)


@dataclass(frozen=True)
class Rates:
    """Each class against all others, float64 (K,). A division of nothing by nothing counts as 0."""

    precision: Tensor
    """Of those that were called by this name, the share that bear it."""
    recall: Tensor
    """Of those that bear this name, the share that were called by it."""
    f1: Tensor
    """Harmonic mean of the two, 2 P R / (P + R)."""
    support: Tensor
    """Examples that bear this name, int64."""


def rates(matrix: Tensor) -> Rates:
    """Return precision, recall and F1 of each class from a confusion matrix (K, K), labels in rows.

    Raises:
        ValueError: the matrix is not square.

    """
    if matrix.dim() != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"a confusion matrix has shape (K, K); got {tuple(matrix.shape)}")
    hits = matrix.diagonal()  # (K,)
    called, bear = matrix.sum(dim=0), matrix.sum(dim=1)  # (K,), (K,)
    return Rates(_ratio(hits, called), _ratio(hits, bear), _ratio(2 * hits, called + bear), bear)


def _ratio(above: Tensor, below: Tensor) -> Tensor:
    return torch.where(below > 0, above.double() / below.clamp(min=1), torch.zeros(len(above)).double())


@dataclass(frozen=True)
class Bins:
    """Predictions sorted by their confidence into B bins of equal width from 0 to 1: (B,) each."""

    edges: Tensor
    """(B + 1,); a confidence on an edge belongs to the bin below it, and 0 to the first."""
    count: Tensor
    """Predictions in the bin, int64."""
    confidence: Tensor
    """Their mean confidence, float64; not a number where the bin is empty."""
    right: Tensor
    """The share of them that is right, float64; not a number where the bin is empty."""

    @property
    def error(self) -> float:
        """Return the expected calibration error: the mean over all predictions of their bin's |right − confidence|."""
        gap = (self.right - self.confidence).abs().nan_to_num()  # (B,), an empty bin counts for nothing
        return float((gap * self.count).sum() / self.count.sum())


def calibration(confidence: Tensor, right: Tensor, bins: int = 10) -> Bins:
    """Sort predictions into bins by their confidence.

    Args:
        confidence: (N,), the probability given to the predicted class, from 0 to 1.
        right: (N,), whether the prediction was right, as truth values or 0 and 1.
        bins: of equal width.

    Raises:
        ValueError: shapes differ, there is no example or no bin, or a confidence is no probability.

    """
    if confidence.shape != right.shape or confidence.dim() != 1 or len(right) == 0 or bins < 1:
        raise ValueError(
            f"needs confidence (N,), right (N,) with N ≥ 1, and a bin; got {tuple(confidence.shape)}, "
            f"{tuple(right.shape)} and {bins}"
        )
    sure = confidence.double()
    if not bool(((sure >= 0) & (sure <= 1)).all()):
        raise ValueError("confidence must lie from 0 to 1")
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.float64)
    place = torch.bucketize(sure, edges[1:-1])  # (N,), edge[i] < confidence <= edge[i + 1]
    count = place.bincount(minlength=bins)  # (B,)
    empty = torch.zeros(bins, dtype=torch.float64)
    total = empty.index_add(0, place, sure)
    hits = empty.index_add(0, place, right.double())
    return Bins(edges, count, total / count, hits / count)


def brier_score(shares: Tensor, labels: Tensor) -> float:
    """Return the mean over examples of Σ (share − one-hot)², from 0 to 2: (N, K), (N,) -> a number.

    For two classes it is twice the score of the one probability, which scikit-learn calls Brier's.

    Raises:
        ValueError: shapes do not fit, there is no example, or a label is outside the classes.

    """
    if shares.dim() != 2 or len(shares) == 0 or labels.shape != shares.shape[:1]:
        raise ValueError(
            f"needs shares (N, K) with N ≥ 1 and labels (N,); got {tuple(shares.shape)} and {tuple(labels.shape)}"
        )
    if labels.is_floating_point() or not 0 <= int(labels.min()) <= int(labels.max()) < shares.shape[1]:
        raise ValueError(f"labels must be whole numbers from 0 to {shares.shape[1] - 1}")
    right = shares.double().gather(1, labels[:, None])[:, 0]  # (N,)
    # Σ (p − y)² = Σ p² − 2 p_label + 1, which needs no one-hot table
    return float((shares.double().square().sum(dim=1) - 2 * right + 1).mean())
