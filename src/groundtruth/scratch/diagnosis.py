"""What to measure when a training fails: of the data before the first step, of the first steps, and of the curves.

Used by the chapter *when-it-fails*, and by the exercises of that chapter.

Each function gives one number (or one a layer, or one an input) that separates one cause from a sound run. They take
plain tensors and know nothing of networks, except that a loss is a function of logits (N, K) and labels (N,). Dead
units are counted by `groundtruth.scratch.activations.dead`.

Sources: the start of the loss at log K and other checks are in Karpathy (2019), "A recipe for training neural
networks"; a classifier that tells two samples apart is the test of Lopez-Paz and Oquab (2017, arXiv 1610.06545). Its
score here is the area under the ROC curve, which is the share of pairs in the right order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes logits (N, K) and labels (N,); returns the mean loss, ()."""


# --- before the first step: the data ----------------------------------------------------------------------


class Scale(NamedTuple):
    """Mean and standard deviation of all numbers that a network is fed."""

    mean: float
    spread: float


def scale(inputs: Tensor) -> Scale:
    """Return mean and standard deviation (divisor: their number) over all of ``inputs``, any shape.

    Raises:
        ValueError: there are no inputs, or one of them is not finite.

    """
    if inputs.numel() == 0 or not bool(inputs.isfinite().all()):
        raise ValueError("inputs must be finite numbers, at least one")
    values = inputs.double()
    return Scale(float(values.mean()), float(values.std(correction=0)))


def neighbour_agreement(inputs: Tensor, labels: Tensor, rows: int = 500) -> float:
    """Return the share of examples whose nearest other example has the same label.

    Labels that belong to their inputs agree far more often than `chance_agreement`; shuffled ones do not.

    Args:
        inputs: (N, D).
        labels: (N,).
        rows: how many examples are compared with all others at a time; only memory depends on it.

    Raises:
        ValueError: fewer than two examples, or the shapes do not fit.

    """
    _examples(inputs, labels)
    if len(inputs) < 2:
        raise ValueError("an example has no neighbour: give at least two")
    squares = inputs.square().sum(dim=1)  # (N,)
    agreeing = 0
    for first in range(0, len(inputs), rows):
        some = inputs[first : first + rows]  # (n, D)
        # |a − b|² = |a|² − 2ab + |b|², and |a|² is the same for every b
        away = squares - 2 * some @ inputs.T  # (n, N)
        own = torch.arange(len(some))
        away[own, first + own] = math.inf  # nobody is his own neighbour
        agreeing += int((labels[away.argmin(dim=1)] == labels[first : first + rows]).sum())
    return agreeing / len(inputs)


def chance_agreement(labels: Tensor) -> float:
    """Return how often two examples, drawn independently, have the same label: the sum of the squared shares.

    Raises:
        ValueError: there are no labels.

    """
    if labels.dim() != 1 or len(labels) == 0:
        raise ValueError(f"labels must have shape (N,) with N ≥ 1; got {tuple(labels.shape)}")
    return float((labels.bincount().double() / len(labels)).square().sum())


def explained(inputs: Tensor, labels: Tensor) -> Tensor:
    """Return, for each input by itself, the share of its variance that lies between the classes: (D,), from 0 to 1.

    This is the correlation ratio η² of analysis of variance. An input that holds the label has 1; an input that says
    nothing about it has nearly 0, and so by definition has one that never changes.

    Args:
        inputs: (N, D).
        labels: (N,), whole numbers from 0.

    Raises:
        ValueError: the shapes do not fit.

    """
    _examples(inputs, labels)
    x = inputs.double()
    counts = labels.bincount().double()  # (K,)
    sums = torch.zeros(len(counts), x.shape[1], dtype=x.dtype).index_add_(0, labels, x)  # (K, D)
    means = sums / counts.clamp(min=1)[:, None]
    between = (counts[:, None] * (means - x.mean(dim=0)).square()).sum(dim=0)  # (D,)
    total = (x - x.mean(dim=0)).square().sum(dim=0)
    return torch.where(total > 0, between / total.clamp(min=1e-300), 0.0).clamp(max=1.0)


def shared(first: Tensor, second: Tensor) -> float:
    """Return which share of the rows of ``second`` (M, D) occurs, number for number, in ``first`` (N, D).

    Raises:
        ValueError: the rows have different lengths, or ``second`` is empty.

    """
    if first.dim() != 2 or second.dim() != 2 or first.shape[1] != second.shape[1] or len(second) == 0:
        raise ValueError(
            f"needs rows (N, D) and (M, D) with M ≥ 1; got {tuple(first.shape)}, {tuple(second.shape)}"
        )
    # Adding 0 turns −0 into 0: they are equal, but their bytes are not.
    known = {row.tobytes() for row in (first + 0).numpy()}
    return sum(row.tobytes() in known for row in (second + 0).numpy()) / len(second)


def classes_per_batch(labels: Tensor, batch: int) -> float:
    """Return how many different labels a batch holds on average, if examples are read in this order.

    Args:
        labels: (N,), in the order of reading.
        batch: examples a batch; what is left over at the end is not counted.

    Raises:
        ValueError: there is not one whole batch.

    """
    if labels.dim() != 1 or batch < 1 or len(labels) < batch:
        raise ValueError(
            f"needs labels (N,) and a batch from 1 to N; got {tuple(labels.shape)} and batch={batch}"
        )
    batches = labels[: len(labels) // batch * batch].reshape(-1, batch)
    return sum(len(one.unique()) for one in batches) / len(batches)


def expected_classes(labels: Tensor, batch: int) -> float:
    """Return how many different labels a batch would hold on average, if the examples (N,) were shuffled.

    Class k is missing if all of the batch comes from the others: with n of N examples in it, that has the probability
    C(N − n, B) / C(N, B).

    Raises:
        ValueError: labels are no (N,), or the batch is below 1 or above N.

    """
    if labels.dim() != 1 or batch < 1 or len(labels) < batch:
        raise ValueError(
            f"needs labels (N,) and a batch from 1 to N; got {tuple(labels.shape)} and batch={batch}"
        )
    total, counts = len(labels), labels.unique(return_counts=True)[1].tolist()
    return sum(1 - math.comb(total - n, batch) / math.comb(total, batch) for n in counts)


def telling_apart(first: Tensor, second: Tensor, generator: Generator, penalty: float = 1e-2) -> float:
    """Return how well a linear score tells two samples apart, on rows that it was not fitted to: about ½ if it cannot.

    One half of each sample fits a linear rule by least squares, 1 for ``second`` and 0 for ``first``. The result is
    `pairs_in_order` of its scores on the other halves.

    Args:
        first: (N, D).
        second: (M, D).
        generator: draws the halves.
        penalty: added to the diagonal of the inputs' covariance, in units of its mean entry there; above 0.

    Raises:
        ValueError: fewer than four rows in a sample, other shapes, or ``penalty`` not above 0.

    """
    if first.dim() != 2 or second.dim() != 2 or first.shape[1] != second.shape[1] or penalty <= 0:
        raise ValueError(
            f"needs rows (N, D) and (M, D), penalty > 0; got {tuple(first.shape)}, {tuple(second.shape)}, {penalty}"
        )
    if min(len(first), len(second)) < 4:
        raise ValueError("needs at least four rows in each sample: half of them fit the rule")
    halves = []
    for sample in (first, second):
        shuffled = sample.double()[torch.randperm(len(sample), generator=generator)]
        halves.append((shuffled[: len(sample) // 2], shuffled[len(sample) // 2 :]))
    (fit0, new0), (fit1, new1) = halves
    centre = (fit0.mean(dim=0) + fit1.mean(dim=0)) / 2
    inside = torch.cat([fit0 - fit0.mean(dim=0), fit1 - fit1.mean(dim=0)])
    covariance = inside.T @ inside / len(inside)  # (D, D), within the samples
    covariance += penalty * covariance.diagonal().mean().clamp(min=1e-12) * torch.eye(len(covariance))
    direction = torch.linalg.solve(covariance, fit1.mean(dim=0) - fit0.mean(dim=0))  # (D,)
    return pairs_in_order((new0 - centre) @ direction, (new1 - centre) @ direction)


def pairs_in_order(lower: Tensor, higher: Tensor) -> float:
    """Return the share of all pairs in which the second score is the higher one; equal scores count one half.

    Args:
        lower: (N,).
        higher: (M,).

    Raises:
        ValueError: a sample is empty or not one-dimensional.

    """
    if lower.dim() != 1 or higher.dim() != 1 or min(len(lower), len(higher)) == 0:
        raise ValueError(
            f"needs scores (N,) and (M,), at least one each; got {tuple(lower.shape)}, {tuple(higher.shape)}"
        )
    ordered = lower.sort().values
    below = torch.searchsorted(ordered, higher, side="left")  # how many are smaller
    not_above = torch.searchsorted(ordered, higher, side="right")  # how many are smaller or equal
    return float((below + not_above).double().mean() / 2 / len(lower))


# --- before the first step: the loss ----------------------------------------------------------------------


def excess_at_start(loss: float, classes: int) -> float:
    """Return how far a first loss lies above log K, that of equal shares for K classes, in nats.

    Raises:
        ValueError: fewer than two classes.

    """
    if classes < 2:
        raise ValueError(f"a choice needs at least two classes; got {classes}")
    return loss - math.log(classes)


def floor(loss: Loss, classes: int, lead: float = 1e4) -> float:
    """Return the loss of logits that are right and entirely sure: 0 if loss and last layer fit each other.

    Args:
        loss: as it is called in training, with whatever stands between the last layer and the loss.
        classes: K.
        lead: the right logit; all others are minus this.

    Raises:
        ValueError: fewer than two classes, or ``lead`` not above 0.

    """
    if classes < 2 or lead <= 0:
        raise ValueError(f"needs at least two classes and lead > 0; got {classes} and {lead}")
    sure = lead * (
        2 * torch.eye(classes, dtype=torch.float64) - 1
    )  # (K, K): +lead for the right class, else −lead
    return float(loss(sure, torch.arange(classes)))


# --- the first steps --------------------------------------------------------------------------------------


def update_ratio(before: Tensor, after: Tensor) -> Tensor:
    """Return how far a step moved the weights, as a share of their own length: (…, P) and (…, P) -> (…).

    Raises:
        ValueError: the shapes differ, or weights before the step are all zero.

    """
    if before.shape != after.shape or before.dim() == 0:
        raise ValueError(
            f"needs weights of one shape (…, P); got {tuple(before.shape)} and {tuple(after.shape)}"
        )
    length = before.norm(dim=-1)
    if bool((length == 0).any()):
        raise ValueError("weights that are all zero have no length to compare a step with")
    return (after - before).norm(dim=-1) / length


def growth(norms: Sequence[float]) -> float:
    """Return the factor by which gradients grow from each layer to the one below it, on (geometric) average.

    Args:
        norms: of each layer's gradient, the first layer's first; at least two.

    Returns:
        Above 1 they explode on their way back, below 1 they fade; not a number where a norm is 0 or not finite.

    Raises:
        ValueError: fewer than two layers, or a negative norm.

    """
    if len(norms) < 2 or min(norms) < 0:
        raise ValueError(f"needs the norms of at least two layers, none negative; got {list(norms)}")
    first, last = norms[0], norms[-1]
    if not (0 < first < math.inf and 0 < last < math.inf):
        return math.nan
    return float((first / last) ** (1 / (len(norms) - 1)))


# --- the curves -------------------------------------------------------------------------------------------


class Reading(NamedTuple):
    """What two loss curves say, in the unit of the loss; three numbers that point to three causes."""

    gap: float
    """Validation loss minus training loss at the end: large where the examples are learned by heart."""
    rise: float
    """Validation loss at the end minus its lowest: large where training went on too long."""
    falling: float
    """What a hundred steps still bring: the fall of the mean training loss from the third quarter to the last, for each
    hundred steps between them. Large where training stopped too soon."""


def read_curves(training: Sequence[float], validation: Sequence[float], every: float) -> Reading:
    """Read two loss curves that were measured after the same steps, evenly apart.

    Args:
        training: T ≥ 4 losses on training examples.
        validation: T losses on validation examples.
        every: steps from one measurement to the next, above 0.

    Raises:
        ValueError: fewer than four points, lengths that differ, or ``every`` not above 0.

    """
    if len(training) != len(validation) or len(training) < 4 or every <= 0:
        raise ValueError(
            f"needs two curves of one length ≥ 4, and every > 0; got {len(training)} and {len(validation)}, {every}"
        )
    quarter = len(training) // 4
    before, last = training[-2 * quarter : -quarter], training[-quarter:]
    fall = (sum(before) - sum(last)) / quarter
    return Reading(
        gap=validation[-1] - training[-1],
        rise=validation[-1] - min(validation),
        falling=100 * fall / (quarter * every),
    )


def _examples(inputs: Tensor, labels: Tensor) -> None:
    if inputs.dim() != 2 or labels.shape != inputs.shape[:1] or len(inputs) == 0:
        raise ValueError(
            f"needs inputs (N, D) and labels (N,), N ≥ 1; got {tuple(inputs.shape)} and {tuple(labels.shape)}"
        )
