"""A new head on features that stay as they are: softmax regression with a penalty, in plain tensors.

Used by the chapter *transfer-learning*.

The loss is the mean cross-entropy plus half the penalty times the sum of all squared weights (not of the biases). It is
convex, so there is one best head, and gradient descent with Nesterov's momentum finds it. Such a head on fixed features
is called a linear probe (Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016,
arXiv 1610.01644).
"""

from __future__ import annotations

import torch
from torch import Tensor


def fit(
    features: Tensor, labels: Tensor, classes: int, penalty: float = 0.1, steps: int = 300
) -> tuple[Tensor, Tensor]:
    """Return weights (D, K) and biases (K,) of the best head.

    The features are centred first, which the biases undo, and the rate is the inverse of a bound on the curvature, so
    there is nothing to tune but the penalty.

    Args:
        features: (N, D), floating.
        labels: (N,), from 0 to ``classes - 1``.
        classes: K.
        penalty: on the squared weights; larger ones suit fewer labels.
        steps: of gradient descent.

    Raises:
        ValueError: shapes, labels or the penalty do not fit.

    """
    _check(features, labels, classes, penalty)
    count, mean = len(features), features.mean(dim=0)  # (D,)
    x = features - mean  # (N, D)
    target = torch.nn.functional.one_hot(labels, classes).to(x.dtype)  # (N, K)
    if few := count < x.shape[1]:
        # Every slope is a sum of examples, so the weights stay one: x.T @ a. It is the same descent, told by its a of
        # (N, K) in place of the weights (D, K), and costs N / D of it.
        x = x @ x.T  # (N, N): what the scores of x.T @ a are made with
        products = x + 1  # the bias counts as the weight of a feature of ones
    else:
        wider = torch.cat([x, torch.ones(count, 1)], dim=1)  # (N, D + 1)
        products = wider.T @ wider
    largest = torch.linalg.eigvalsh(products)[-1] / count  # of x'x / N; softmax curves by 1/2 at most
    rate = 1 / (largest / 2 + penalty)
    w = ahead = torch.zeros(x.shape[1], classes)  # (D, K), or (N, K) with few examples
    b = bias = torch.zeros(classes)
    for step in range(steps):
        slope = ((x @ ahead + bias).softmax(dim=1) - target) / count  # (N, K), of the scores
        new = ahead - rate * ((slope if few else x.T @ slope) + penalty * ahead)
        new_b = bias - rate * slope.sum(dim=0)  # no penalty on the biases
        further = step / (step + 3)  # Nesterov: look ahead along the last move
        ahead, bias = new + further * (new - w), new_b + further * (new_b - b)
        w, b = new, new_b
    if few:
        w = (features - mean).T @ w  # (D, K)
    return w, b - mean @ w


def accuracy(head: tuple[Tensor, Tensor], features: Tensor, labels: Tensor) -> float:
    """Return the share of right answers of a head (weights (D, K), biases (K,)) on features (N, D)."""
    weights, biases = head
    return float(((features @ weights + biases).argmax(dim=1) == labels).double().mean())


def _check(features: Tensor, labels: Tensor, classes: int, penalty: float) -> None:
    if features.dim() != 2 or not features.is_floating_point() or labels.shape != features.shape[:1]:
        raise ValueError(
            "features must be floating (N, D) with one label each; got "
            f"{features.dtype} {tuple(features.shape)} and labels {tuple(labels.shape)}"
        )
    if classes < 2 or not len(labels) or int(labels.min()) < 0 or int(labels.max()) >= classes:
        raise ValueError(
            f"labels must lie from 0 to classes - 1, with two classes at least; got classes={classes}"
        )
    if penalty < 0:
        raise ValueError(f"the penalty must not be negative; got {penalty}")
