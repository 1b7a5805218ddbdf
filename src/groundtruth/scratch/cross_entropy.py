"""Cross-entropy by hand: binary, categorical and sparse, from logits or from probabilities, with its gradients.

Used by the chapter *classification*.

All losses are means over the examples, in nats (natural logarithms). Where a loss starts from logits, its gradient
is the same short formula in every variant: (share − target) / N.

Sources: entropy and its cross relative, Shannon (1948, doi 10.1002/j.1538-7305.1948.tb01338.x); logistic regression,
Cox (1958, doi 10.1111/j.2517-6161.1958.tb00292.x); softmax with this loss in networks, Bridle (1990, doi
10.1007/978-3-642-76153-9_28); a temperature fitted on validation data, Guo et al. (2017, doi
10.48550/arXiv.1706.04599).
"""

from __future__ import annotations

import torch
from torch import Tensor

from groundtruth.scratch.softmax import log_softmax, softmax

SMALLEST_LOG = -100.0
"""`torch.nn.BCELoss` lets no logarithm fall below this, so that a probability of exactly 0 has a finite loss."""
SMALLEST_PRODUCT = 1e-12
"""Its gradient divides by p (1 − p), and lets that fall no lower."""
COOLEST, HOTTEST = 1e-3, 1e3
"""Between these `fit_temperature` looks."""


def one_hot(labels: Tensor, classes: int) -> Tensor:
    """Return rows that are 1 at the label and 0 elsewhere: whole numbers (N,) -> float64 (N, K).

    Raises:
        ValueError: labels are not whole numbers of shape (N,) from 0 to K − 1.

    """
    _check_labels(labels, classes)
    return (
        labels[:, None] == torch.arange(classes, device=labels.device)
    ).double()  # (N, 1) == (K,) -> (N, K)


def sigmoid(logits: Tensor) -> Tensor:
    """Return 1 / (1 + exp(−z)), from the side on which the power is small: any shape."""
    small = (-logits.abs()).exp()  # from 0 to 1
    return torch.where(logits >= 0, 1 / (1 + small), small / (1 + small))


# --- two classes ------------------------------------------------------------------------------------------


def binary_with_logits(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of log(1 + exp(z)) − t z, as `torch.nn.BCEWithLogitsLoss` does.

    It is computed as max(z, 0) − t z + log(1 + exp(−|z|)), whose power is at most 1.

    Args:
        logits: z, any shape.
        targets: t of the same shape, 0 or 1, or a probability between.

    Raises:
        ValueError: the shapes differ, there is no example, or a target is no probability.

    """
    _check_pairs(logits, targets)
    return (logits.clamp(min=0) - targets * logits + (-logits.abs()).exp().log1p()).mean()


def binary_with_logits_gradient(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the slope of `binary_with_logits` in each logit, (σ(z) − t) / N."""
    _check_pairs(logits, targets)
    return (sigmoid(logits) - targets) / logits.numel()


def binary(probabilities: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of −t log p − (1 − t) log(1 − p), as `torch.nn.BCELoss` does, logarithms cut at −100.

    Args:
        probabilities: p, any shape, from 0 to 1.
        targets: t of the same shape, from 0 to 1.

    Raises:
        ValueError: the shapes differ, there is no example, or a number is no probability.

    """
    _check_pairs(probabilities, targets)
    _check_probabilities("probabilities", probabilities)
    yes = probabilities.log().clamp(min=SMALLEST_LOG)
    no = (-probabilities).log1p().clamp(min=SMALLEST_LOG)
    return -(targets * yes + (1 - targets) * no).mean()


def binary_gradient(probabilities: Tensor, targets: Tensor) -> Tensor:
    """Return the slope of `binary` in each probability, (p − t) / (p (1 − p) N), with torch's floor below p (1 − p)."""
    _check_pairs(probabilities, targets)
    _check_probabilities("probabilities", probabilities)
    product = (probabilities * (1 - probabilities)).clamp(min=SMALLEST_PRODUCT)
    return (probabilities - targets) / product / probabilities.numel()


# --- many classes -----------------------------------------------------------------------------------------


def categorical(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean over examples of −Σ t log softmax(z), for targets that are distributions.

    Args:
        logits: (N, K).
        targets: (N, K), rows that add up to 1: one-hot, or softer.

    Raises:
        ValueError: shapes do not fit, there is no example, or a row of targets is no distribution.

    """
    _check_rows(logits, targets)
    return -(targets * log_softmax(logits)).sum(dim=1).mean()  # (N, K) -> (N,) -> ()


def categorical_gradient(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the slope of `categorical` in each logit, (softmax(z) − t) / N: (N, K)."""
    _check_rows(logits, targets)
    return (softmax(logits) - targets) / len(logits)


def sparse(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean over examples of −log of the label's share, for targets that are class numbers.

    It equals `categorical` with one-hot targets, and picks one number a row in place of a sum with zeros.

    Args:
        logits: (N, K).
        labels: (N,), whole numbers from 0 to K − 1.

    Raises:
        ValueError: shapes do not fit, there is no example, or a label is outside the classes.

    """
    _check_logits(logits, labels)
    picked = log_softmax(logits).gather(1, labels[:, None])  # (N, K) -> (N, 1)
    return -picked.mean()


def sparse_gradient(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the slope of `sparse` in each logit, (softmax(z) − one-hot) / N: (N, K)."""
    _check_logits(logits, labels)
    return (softmax(logits) - one_hot(labels, logits.shape[1]).to(logits.dtype)) / len(logits)


# --- entropy, and a temperature ---------------------------------------------------------------------------


def entropy(shares: Tensor) -> Tensor:
    """Return −Σ p log p along the last dimension, in nats, with 0 log 0 = 0: (..., K) -> (...).

    Raises:
        ValueError: a row does not consist of shares that add up to 1.

    """
    _check_distributions("shares", shares)
    return -torch.where(shares > 0, shares * shares.log(), torch.zeros_like(shares)).sum(dim=-1)


def entropy_gradient(shares: Tensor) -> Tensor:
    """Return the slope of `entropy` in each share, −log p − 1; it is infinite at p = 0."""
    _check_distributions("shares", shares)
    return -shares.log() - 1


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """Return the temperature T at which `sparse` of logits / T is lowest.

    In β = 1/T the loss is convex, and its slope is the mean over examples of Σ p z − z_label: by how much the
    logit that the shares expect exceeds that of the label. So the slope changes its sign once, and halving an
    interval of log T finds where.

    Args:
        logits: (N, K), of examples that the network was not trained on.
        labels: (N,), whole numbers from 0 to K − 1.

    Raises:
        ValueError: as for `sparse`; or no temperature from 0.001 to 1000 is best, as where every label has the
            largest logit (cooler is always better) or the labels have nothing to do with the logits.

    """
    _check_logits(logits, labels)
    z = logits.double()
    of_label = z.gather(1, labels[:, None])[:, 0]  # (N,)

    def slope(temperature: float) -> float:
        expected = (softmax(z, temperature) * z).sum(dim=1)  # (N,)
        return float((expected - of_label).mean())

    cool, hot = COOLEST, HOTTEST
    if slope(cool) <= 0 or slope(hot) >= 0:
        raise ValueError(f"no temperature from {COOLEST} to {HOTTEST:g} is best for these logits and labels")
    for _ in range(60):
        middle = (cool * hot) ** 0.5
        if slope(middle) > 0:  # the shares expect too much: too cool
            cool = middle
        else:
            hot = middle
    return (cool * hot) ** 0.5


# --- what is refused --------------------------------------------------------------------------------------


def _check_labels(labels: Tensor, classes: int) -> None:
    if labels.dim() != 1 or labels.is_floating_point() or labels.dtype == torch.bool:
        raise ValueError(
            f"labels must be whole numbers of shape (N,); got {labels.dtype} of shape {tuple(labels.shape)}"
        )
    if classes < 1 or (len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes):
        raise ValueError(f"labels must lie from 0 to {classes - 1}; got {labels.unique().tolist()}")


def _check_logits(logits: Tensor, labels: Tensor) -> None:
    if logits.dim() != 2 or len(logits) == 0 or labels.shape != logits.shape[:1]:
        raise ValueError(
            f"needs logits (N, K) with N ≥ 1 and labels (N,); got {tuple(logits.shape)} and {tuple(labels.shape)}"
        )
    _check_labels(labels, logits.shape[1])


def _check_rows(logits: Tensor, targets: Tensor) -> None:
    if logits.dim() != 2 or len(logits) == 0 or targets.shape != logits.shape:
        raise ValueError(
            f"needs logits and targets (N, K) with N ≥ 1; got {tuple(logits.shape)} and {tuple(targets.shape)}"
        )
    _check_distributions("targets", targets)


def _check_pairs(values: Tensor, targets: Tensor) -> None:
    if values.shape != targets.shape or values.numel() == 0:
        raise ValueError(
            f"needs one target for each value, and one at least; got {tuple(values.shape)} and {tuple(targets.shape)}"
        )
    _check_probabilities("targets", targets)


def _check_probabilities(name: str, values: Tensor) -> None:
    if not bool(((values >= 0) & (values <= 1)).all()):
        raise ValueError(f"{name} must lie from 0 to 1; got {float(values.min())} to {float(values.max())}")


def _check_distributions(name: str, rows: Tensor) -> None:
    _check_probabilities(name, rows)
    sums = rows.sum(dim=-1)
    if not torch.allclose(sums, torch.ones_like(sums), atol=1e-5):
        raise ValueError(
            f"{name} must add up to 1 along the last dimension; got sums such as {sums.flatten()[0]}"
        )
