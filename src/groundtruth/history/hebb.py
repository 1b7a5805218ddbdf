"""1949: what fires together, wires together.

Used by the chapter *history*.

Source: Hebb, "The Organization of Behavior", Wiley, 1949, which states the rule in words: a cell that repeatedly
takes part in firing another becomes better at it. As a formula it is Δw = η·y·x, and that lets the weights grow
without end. With the decay of Oja, "A simplified neuron model as a principal component analyzer", Journal of
Mathematical Biology 15 (1982), doi 10.1007/BF00275687, Δw = η·y·(x − y·w), the length tends to 1 and the weights to
the direction in which the inputs vary most.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from groundtruth.data import mnist
from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.profiles import Profile


def learn(inputs: Tensor, start: Tensor, rate: float, decay: bool = True) -> Tensor:
    """Return the weights after one pass over the inputs, one at a time.

    Args:
        inputs: (N, D), or (N, S, D) with an order of its own for each of S units.
        start: (S, D).
        rate: η; with decay it falls as 1 / (1 + n/100) with the number n of examples seen.
        decay: Oja's term; without it, Hebb's rule alone.

    Raises:
        ValueError: inputs and weights of different size.

    """
    if inputs.shape[-1] != start.shape[-1]:
        raise ValueError(f"inputs have {inputs.shape[-1]} numbers, and the weights {start.shape[-1]}")
    weights = start.clone()
    for number, x in enumerate(inputs):  # (D,) or (S, D)
        y = (weights * x).sum(dim=1, keepdim=True)  # (S, 1)
        step = rate / (1 + number / 100) if decay else rate
        weights += step * y * (x - y * weights if decay else x)
    return weights


def principal_direction(inputs: Tensor) -> Tensor:
    """Return the unit vector (D,) along which centred inputs (N, D) vary most."""
    return torch.linalg.eigh(inputs.T @ inputs / len(inputs)).eigenvectors[:, -1]


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Let one unit look at digits, by Hebb's rule with and without decay."""
    seeds = profile.seeds(5) if seeds is None else seeds
    count = profile.pick(quick=2000, cpu=20_000)
    x = mnist.load().train_images[:count].flatten(1).double() / 255
    x = x - x.mean(dim=0)
    best = principal_direction(x)
    starts, orders = [], []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        first = torch.randn(x.shape[1], generator=generator, dtype=torch.float64)
        starts.append(first / first.norm())
        orders.append(torch.randperm(count, generator=generator))
    start, shown = torch.stack(starts), x[torch.stack(orders, dim=1)]  # (S, D), (N, S, D)
    weights = learn(shown, start, rate=0.02)
    wild = learn(shown[:2000], start, rate=0.002, decay=False)
    aligned = (weights @ best).abs() / weights.norm(dim=1)
    return Milestone(
        name="hebb",
        year=1949,
        idea="what fires together, wires together",
        outcomes=(
            Outcome("length of the weights, with decay", tuple(weights.norm(dim=1).tolist()), ".3f",
                    "oja1982simplified", "none; Oja: 1"),
            Outcome("cosine to the direction of most variance", tuple(aligned.tolist()), ".3f",
                    "oja1982simplified", "tends to 1"),
            Outcome("length of the weights, Hebb's rule alone", tuple(wild.norm(dim=1).tolist()), ".2g",
                    "hebb1949organization"),
        ),
        data="handwritten digits; Hebb's book has words, Oja's paper a proof",
        size="one unit, as there",
        passes=f"one pass over {count:,} digits",
        seeds=tuple(seeds),
        profile=profile.name,
    )  # fmt: skip


if __name__ == "__main__":
    command_line(run)
