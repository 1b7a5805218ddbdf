"""Label smoothing by hand: the softened target, its loss with gradient, and the lowest loss that there is.

Used by the chapter *refining*.

Of the right class, a share ε is taken and spread evenly over all K classes: the target becomes 1 − ε + ε/K at the right
class and ε/K elsewhere. Source: Szegedy, Vanhoucke, Ioffe, Shlens and Wojna (2016), "Rethinking the Inception
architecture for computer vision", section 7, doi 10.1109/CVPR.2016.308.
"""

from __future__ import annotations

import math

from torch import Tensor

from groundtruth.scratch.cross_entropy import categorical, categorical_gradient, entropy, one_hot


def smooth(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """Return the softened targets, rows that add up to 1: whole numbers (N,) -> float64 (N, K).

    Args:
        labels: (N,), from 0 to K − 1.
        classes: K.
        smoothing: ε, 0 ≤ ε < 1.

    Raises:
        ValueError: ``smoothing`` is out of range, or the labels are no class numbers.

    """
    _check(smoothing)
    return (1 - smoothing) * one_hot(labels, classes) + smoothing / classes


def loss(logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """Return the mean cross-entropy against the softened targets, as ``cross_entropy(…, label_smoothing=ε)`` in torch.

    Args:
        logits: (N, K).
        labels: (N,), from 0 to K − 1.
        smoothing: ε, 0 ≤ ε < 1.

    Raises:
        ValueError: ``smoothing`` is out of range, or shapes do not fit.

    """
    return categorical(logits, smooth(labels, logits.shape[-1], smoothing).to(logits.dtype))


def gradient(logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """Return the slope of `loss` in each logit, (softmax − softened target) / N: (N, K)."""
    return categorical_gradient(logits, smooth(labels, logits.shape[-1], smoothing).to(logits.dtype))


def lowest_loss(classes: int, smoothing: float) -> float:
    """Return the loss below which no logits come: the entropy of a softened target, in nats.

    Raises:
        ValueError: ``smoothing`` is out of range, or there are fewer than two classes.

    """
    _check(smoothing)
    _check_classes(classes)
    return float(entropy(smooth(_first_label(), classes, smoothing))[0])


def best_lead(classes: int, smoothing: float) -> float:
    """Return by how much the right logit leads the others where `loss` is lowest: ln of right share over wrong share.

    Without smoothing there is no such place: the loss falls for ever as the lead grows.

    Raises:
        ValueError: ``smoothing`` is 0 or out of range, or there are fewer than two classes.

    """
    _check(smoothing)
    _check_classes(classes)
    if smoothing == 0:
        raise ValueError("without smoothing the loss falls for ever as the lead grows: no lead is best")
    wrong = smoothing / classes
    return math.log((1 - smoothing + wrong) / wrong)


def _first_label() -> Tensor:
    return Tensor([0]).long()


def _check(smoothing: float) -> None:
    if not 0 <= smoothing < 1:
        raise ValueError(f"smoothing must be at least 0 and below 1; got {smoothing}")


def _check_classes(classes: int) -> None:
    if classes < 2:
        raise ValueError(f"classes must be two or more; got {classes}")
