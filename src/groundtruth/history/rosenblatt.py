"""1958: a machine that learns from its mistakes.

Used by the chapter *history*.

Source: Rosenblatt, "The perceptron: A probabilistic model for information storage and organization in the brain",
Psychological Review 65 (1958), doi 10.1037/h0042519; the rule that corrects errors, and the machine, are in his
"Principles of Neurodynamics" (1962). A retina of light-sensitive points is wired at random to association units,
which fire above a threshold and never change; only the weights from these to the response are learned. Here: a retina
of 20×20, 512 association units, and the task to tell a square from a circle, each anywhere on the retina.

The number beside ours is that of the Mark I, the machine: squares from circles of one size, moved and turned, with 500
units and 10,000 examples, as Wikipedia's article "Mark I Perceptron" reports it. The paper has curves of a theory.

The rule is ``groundtruth.scratch.perceptron``. What nothing fixes is guessed: each association unit reads 20 points
with +1 and 20 with −1, and fires above 0; the response looks at the mean of all states that its weights went through.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.profiles import Profile
from groundtruth.scratch.perceptron import Perceptron, step

SIDE, UNITS, WIRES = 20, 512, 20


def figures(count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Return outlines of circles (label 0) and squares (1) of the same size, two points wide, anywhere on the retina.

    Returns:
        float64 (N, 400) of zeros and ones, and int64 (N,).

    """
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (count,), generator=generator)
    radius = 5.0
    middle = radius + (SIDE - 1 - 2 * radius) * torch.rand(count, 2, generator=generator)  # (N, 2)
    points = torch.arange(SIDE, dtype=torch.float64)
    down = (points[:, None] - middle[:, 0, None, None]).abs()  # (N, 20, 1)
    right = (points[None, :] - middle[:, 1, None, None]).abs()  # (N, 1, 20)
    circle = (down.square() + right.square()).sqrt()  # (N, 20, 20): distance from the middle
    square = torch.maximum(down.expand_as(circle), right.expand_as(circle))
    distance = torch.where(labels[:, None, None] == 1, square, circle)
    return ((distance <= radius) & (distance > radius - 2)).double().flatten(1), labels


def wiring(seed: int, units: int = UNITS) -> Tensor:
    """Return random connections (400, units): 20 points that excite and 20 that inhibit each association unit."""
    generator = torch.Generator().manual_seed(seed)
    wires = torch.zeros(SIDE * SIDE, units, dtype=torch.float64)
    for unit in range(units):
        chosen = torch.randperm(SIDE * SIDE, generator=generator)
        wires[chosen[:WIRES], unit] = 1
        wires[chosen[WIRES : 2 * WIRES], unit] = -1
    return wires


def associate(retina: Tensor, wires: Tensor) -> Tensor:
    """Return which association units fire: (N, 400) -> (N, units)."""
    return step(retina @ wires)


def accuracy(train: tuple[Tensor, Tensor], test: tuple[Tensor, Tensor]) -> float:
    """Return the share of test examples that a perceptron gets right after one pass: features (N, D), labels (N,)."""
    unit = Perceptron.zeros(train[0].shape[1])
    unit.one_pass(*train)
    return float((unit.averaged().predict(test[0]) == test[1]).double().mean())


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Teach squares and circles to perceptrons with random association units, and to ones without."""
    seeds = profile.seeds(5) if seeds is None else seeds
    count = profile.pick(quick=1000, cpu=10_000)
    with_units, without = [], []
    for seed in seeds:
        seen, labels = figures(count, 2 * seed)
        new, truth = figures(2000, 2 * seed + 1)
        wires = wiring(seed)
        with_units.append(accuracy((associate(seen, wires), labels), (associate(new, wires), truth)))
        without.append(accuracy((seen, labels), (new, truth)))
    return Milestone(
        name="rosenblatt",
        year=1958,
        idea="a machine that learns from its mistakes",
        outcomes=(
            Outcome(
                "square or circle, accuracy",
                tuple(with_units),
                ".1%",
                "wikipedia2024mark",
                "99.8 %",
            ),
            Outcome("without association units", tuple(without), ".1%", "rosenblatt1958perceptron"),
        ),
        data="drawn by a program",
        size=f"{UNITS} association units",
        passes=f"one pass over {count:,} figures",
        seeds=tuple(seeds),
        profile=profile.name,
    )


if __name__ == "__main__":
    command_line(run)
