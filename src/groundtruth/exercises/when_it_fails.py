"""Answer checks for the chapter ``when-it-fails``.

What the checks compute with shares no code with `groundtruth.scratch`, so that tests can hold one against the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

from groundtruth.data import faults
from groundtruth.exercises.answers import Choice, Exercise, Function, Numeric, Parts, checks_of

__all__ = ["EXERCISES", "check"]

Case = list[tuple[object, ...]]


# --- before-the-first-step -------------------------------------------------------------------------------

START = Parts(
    {
        "hundred": Numeric(
            expected=lambda: math.log(100),
            what="The first loss",
            traps={
                "This is a logarithm to the base 10. Nats belong to the natural one.": lambda: 2.0,
                "This is a number of bits. Nats belong to the natural logarithm.": lambda: math.log2(100),
                "This is the share of a class. The loss is its surprise.": lambda: 0.01,
            },
        ),
        "lopsided": Numeric(
            expected=lambda: -(0.9 * math.log(0.9) + 0.1 * math.log(0.1)),
            what="The loss of the best constant answer",
            traps={
                "That is the loss of equal shares. The same answer for all may favour the frequent class.": (
                    lambda: math.log(2)
                ),
                "That is the surprise of the frequent class alone. One example in ten is of the other.": (
                    lambda: -math.log(0.9)
                ),
                "This is a number of bits. Nats belong to the natural logarithm.": (
                    lambda: -(0.9 * math.log2(0.9) + 0.1 * math.log2(0.1))
                ),
                "That is the share of mistakes. The loss is a surprise.": lambda: 0.1,
            },
        ),
        "floor": Numeric(
            expected=lambda: math.log(math.e + 1) - 1,
            what="The floor",
            traps={
                "That is the floor for a loss that fits. Here the second softmax gets shares, not logits.": (
                    lambda: 0.0
                ),
                "That is the floor for ten classes. Here there are two.": lambda: math.log(math.e + 9) - 1,
                "That is the start, with equal shares, and not the floor.": lambda: math.log(2),
                "That is the share of the right class. The loss is its surprise.": (
                    lambda: math.e / (math.e + 1)
                ),
            },
        ),
        "expected": Numeric(
            expected=lambda: 2 * (1 - 6 / 28),
            what="The expected number of classes",
            traps={
                "You have drawn the two independently. A batch holds no example twice.": lambda: 1.5,
                "That is how often one given class is there. There are two of them.": lambda: 1 - 6 / 28,
                "That is how many there are in all. A batch of two may lack one.": lambda: 2.0,
            },
        ),
    }
)


# --- ask-the-neighbour -----------------------------------------------------------------------------------


def _nearest(inputs: Tensor, *, itself: bool = False, farthest: bool = False) -> Tensor:
    away = (inputs[:, None] - inputs[None]).square().sum(dim=2)  # (N, N)
    if farthest:
        return away.argmax(dim=1)
    if not itself:
        away = away.masked_fill(torch.eye(len(inputs), dtype=torch.bool), math.inf)
    return away.argmin(dim=1)


def _agreement(inputs: Tensor, labels: Tensor) -> Tensor:
    return (labels[_nearest(inputs)] == labels).double().mean()


def _clouds(generator: torch.Generator) -> Case:
    calls: Case = []
    for count, width, classes in ((6, 1, 2), (40, 2, 3), (60, 5, 4)):
        labels = torch.randint(classes, (count,), generator=generator)
        centres = 1.5 * torch.randn(classes, width, generator=generator, dtype=torch.float64)
        noise = torch.randn(count, width, generator=generator, dtype=torch.float64)
        calls.append((centres[labels] + noise, labels))
    return calls


NEIGHBOUR = Function(
    reference=_agreement,
    inputs=_clouds,
    traps={
        "It is 1 for all data: each example is its own nearest neighbour. Leave it out.": (
            lambda inputs, labels: (labels[_nearest(inputs, itself=True)] == labels).double().mean()
        ),
        "You have taken the farthest example.": (
            lambda inputs, labels: (labels[_nearest(inputs, farthest=True)] == labels).double().mean()
        ),
        "You have counted the disagreements.": lambda inputs, labels: 1 - _agreement(inputs, labels),
        "You have counted them. A share is wanted.": (
            lambda inputs, labels: len(labels) * _agreement(inputs, labels)
        ),
    },
)


# --- count-the-classes -----------------------------------------------------------------------------------


def _variety(labels: Tensor, batch: int) -> float:
    whole = len(labels) // batch
    return sum(len(set(labels[i * batch : (i + 1) * batch].tolist())) for i in range(whole)) / whole


def _with_the_rest(labels: Tensor, batch: int) -> float:
    parts = labels.split(batch)
    return sum(len(set(part.tolist())) for part in parts) / len(parts)


def _label_lists(generator: torch.Generator) -> Case:
    sizes = ((10, 3, 4), (47, 5, 10), (40, 2, 8), (33, 6, 7))
    calls: Case = [(torch.randint(k, (n,), generator=generator), batch) for n, k, batch in sizes]
    return [*calls, (torch.arange(31) // 7, 5)]


VARIETY = Function(
    reference=_variety,
    inputs=_label_lists,
    traps={
        "You have counted what is left over at the end as a batch.": _with_the_rest,
        "You have counted the labels of all batches together.": (
            lambda labels, batch: float(len(set(labels.tolist())))
        ),
        "You have counted how often the label changes, not how many there are.": (
            lambda labels, batch: (
                sum(len(torch.unique_consecutive(one)) for one in labels.split(batch) if len(one) == batch)
                / (len(labels) // batch)
            )
        ),
    },
)


# --- in-the-right-order ----------------------------------------------------------------------------------


def _pairs(lower: Tensor, higher: Tensor) -> float:
    return _counted(lower, higher, 0.5)


def _counted(lower: Tensor, higher: Tensor, equal: float) -> float:
    return sum((b > a) + equal * (b == a) for a in lower.tolist() for b in higher.tolist()) / (
        len(lower) * len(higher)
    )


def _scores(generator: torch.Generator) -> Case:
    calls: Case = []
    for n, m in ((1, 1), (3, 5), (8, 4), (20, 30)):
        lower = torch.randint(6, (n,), generator=generator).double()
        higher = torch.randint(1, 8, (m,), generator=generator).double()
        calls.append((lower, higher))
    return calls


ORDERED = Function(
    reference=_pairs,
    inputs=_scores,
    traps={
        "Equal scores count one half.": lambda lower, higher: _counted(lower, higher, 0.0),
        "Equal scores count one half, not one.": lambda lower, higher: _counted(lower, higher, 1.0),
        "It is the wrong way round: the second score should be the larger one.": (
            lambda lower, higher: 1 - _pairs(lower, higher)
        ),
        "You have compared the means. All pairs are wanted.": (
            lambda lower, higher: float(higher.mean() > lower.mean())
        ),
    },
)


# --- what-one-input-knows --------------------------------------------------------------------------------


def _explained(inputs: Tensor, labels: Tensor) -> Tensor:
    return _between(inputs, labels, weighted=True)


def _between(inputs: Tensor, labels: Tensor, *, weighted: bool) -> Tensor:
    middle = inputs.mean(dim=0)
    between = torch.zeros_like(middle)
    for label in labels.unique():
        mine = inputs[labels == label]
        between += (len(mine) if weighted else 1) * (mine.mean(dim=0) - middle) ** 2
    return between / ((inputs - middle) ** 2).sum(dim=0)


KNOWS = Function(
    reference=_explained,
    inputs=_clouds,
    traps={
        "Each class has counted once. It counts once for each of its examples.": (
            lambda inputs, labels: _between(inputs, labels, weighted=False)
        ),
        "This is the share within the classes: what the label does not explain.": (
            lambda inputs, labels: 1 - _explained(inputs, labels)
        ),
        "This is its square root. A share of variance is wanted.": (
            lambda inputs, labels: _explained(inputs, labels).sqrt()
        ),
        "You have put the variance between the classes over that within them, not over all of it.": (
            lambda inputs, labels: _explained(inputs, labels) / (1 - _explained(inputs, labels))
        ),
    },
)


# --- a-table-with-leaks ----------------------------------------------------------------------------------


def _leaking_column() -> int:
    rows, labels, _, _ = faults.table()
    return int(_explained(rows, labels).argmax())


def _copies(which: int = 1) -> int:
    rows, _, test, _ = faults.table()
    same = (test[:, None] == rows[None]).all(dim=2)  # (test, training)
    return int(same.any(dim=which).sum())


TABLE = Parts(
    {
        "column": Numeric(
            expected=_leaking_column,
            rtol=0,
            what="The column",
            traps={
                "You have counted from one. The first column is 0.": lambda: _leaking_column() + 1,
            },
        ),
        "copies": Numeric(
            expected=_copies,
            rtol=0,
            what="The number of copies",
            traps={
                "None? Compare all numbers of a row with all numbers of another.": lambda: 0,
                "These are all test rows. Only some have a copy.": lambda: len(faults.table()[2]),
                "These are the training rows that have no copy.": lambda: len(faults.table()[0]) - _copies(),
                "These are the test rows that have no copy.": lambda: len(faults.table()[2]) - _copies(),
            },
        ),
    }
)


# --- mend-the-loop ---------------------------------------------------------------------------------------


def _descent(
    loss: Callable[[Tensor, Tensor], Tensor], *, piles_up: bool = False
) -> Callable[[Tensor, Tensor, Tensor, float, int], Tensor]:
    def train(inputs: Tensor, labels: Tensor, weights: Tensor, rate: float, steps: int) -> Tensor:
        weights, sum_of_slopes = weights.clone(), torch.zeros_like(weights)
        for _ in range(steps):
            leaf = weights.detach().requires_grad_()
            (slope,) = torch.autograd.grad(loss(inputs @ leaf, labels), leaf)
            sum_of_slopes = sum_of_slopes + slope if piles_up else slope
            weights = weights - rate * sum_of_slopes
        return weights

    return train


def _twice(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits.softmax(dim=1), labels)


def _summed(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits, labels, reduction="sum")


def _both(logits: Tensor, labels: Tensor) -> Tensor:
    return F.cross_entropy(logits.softmax(dim=1), labels, reduction="sum")


def _trainings(generator: torch.Generator) -> Case:
    calls: Case = []
    for count, width, classes, rate, steps in ((5, 2, 2, 0.5, 3), (12, 3, 4, 0.1, 10), (8, 4, 3, 1.0, 25)):
        inputs = torch.randn(count, width, generator=generator, dtype=torch.float64)
        weights = 0.3 * torch.randn(width, classes, generator=generator, dtype=torch.float64)
        calls.append((inputs, torch.randint(classes, (count,), generator=generator), weights, rate, steps))
    return calls


LOOP = Function(
    reference=_descent(F.cross_entropy),
    inputs=_trainings,
    traps={
        "All three faults are still in it.": _descent(_both, piles_up=True),
        "One fault is left: the loss gets shares where it should get logits.": _descent(_twice),
        "One fault is left: the loss is a sum, so steps grow with the number of examples.": _descent(_summed),
        "One fault is left: each gradient is added to those of the steps before.": _descent(
            F.cross_entropy, piles_up=True
        ),
        "Two faults are left: the softmax, and gradients that pile up.": _descent(_twice, piles_up=True),
        "Two faults are left: the sum, and gradients that pile up.": _descent(_summed, piles_up=True),
        "Two faults are left: the softmax, and the sum.": _descent(_both),
    },
)


# --- name-the-cause --------------------------------------------------------------------------------------

CAUSES = ("leak", "order", "loss", "few", "short", "shift", "rate")

CAUSE = Parts(
    {
        "first": Choice(
            CAUSES,
            lambda: "few",
            {
                "short": "More training would help only where the gap is small.",
                "leak": "A leak makes validation look better than it should, not worse.",
            },
        ),
        "second": Choice(
            CAUSES,
            lambda: "short",
            {
                "rate": "Its steps are as long as they should be.",
                "few": "There is no gap: nothing has been learned by heart.",
            },
        ),
        "third": Choice(
            CAUSES,
            lambda: "loss",
            {"rate": "No learning rate moves the floor. What alone decides it?"},
        ),
        "fourth": Choice(
            CAUSES,
            lambda: "leak",
            {
                "shift": "The sets differ in one pixel only. What does this pixel know, in training?",
                "few": "Too few examples would show in validation.",
            },
        ),
        "fifth": Choice(
            CAUSES,
            lambda: "rate",
            {"short": "More steps would help. But why does it need so many? Read the last measurement."},
        ),
    }
)


EXERCISES: dict[str, Exercise] = {
    "before-the-first-step": Exercise(
        START, code=False, praise="Four numbers that you can check before any training."
    ),
    "ask-the-neighbour": Exercise(NEIGHBOUR, praise="And no network was needed."),
    "count-the-classes": Exercise(VARIETY),
    "in-the-right-order": Exercise(ORDERED, praise="One half is guessing."),
    "what-one-input-knows": Exercise(KNOWS),
    "a-table-with-leaks": Exercise(TABLE, praise="Take both out before you believe any score on this table."),
    "mend-the-loop": Exercise(LOOP, praise="All three faults are gone."),
    "name-the-cause": Exercise(CAUSE, code=False),
}

check = checks_of(EXERCISES)
