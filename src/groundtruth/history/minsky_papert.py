"""1969: what a single layer cannot do.

Used by the chapter *history*.

Source: Minsky & Papert, "Perceptrons: An Introduction to Computational Geometry", MIT Press, 1969. A perceptron of
order k is one threshold unit over features each of which looks at no more than k of the inputs. They prove that
parity, "is the number of ones odd?", has order n: some feature has to look at all n inputs.

Here two things decide it. Linear programming says for each order whether *any* weights separate; and the perceptron's
learning rule is followed until it has learned, or is provably in a circle (``groundtruth.scratch.perceptron.fate``).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import torch
from scipy.optimize import linprog
from torch import Tensor

from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.profiles import Profile
from groundtruth.scratch.perceptron import Fate, fate


def corners(n: int) -> Tensor:
    """Return all rows of n zeros and ones: (2ⁿ, n)."""
    return torch.tensor(list(product((0.0, 1.0), repeat=n)), dtype=torch.float64)


def parity(x: Tensor) -> Tensor:
    """Return 1 where the number of ones is odd, else 0: (N, n) -> (N,)."""
    return x.sum(dim=1) % 2


def features(x: Tensor, order: int) -> Tensor:
    """Return the products of up to ``order`` inputs, each 1 where all of them are: (N, n) -> (N, M).

    Raises:
        ValueError: an order below 1 or above n.

    """
    if not 1 <= order <= x.shape[1]:
        raise ValueError(f"order must be from 1 to {x.shape[1]}; got {order}")
    masks = [mask for size in range(1, order + 1) for mask in combinations(range(x.shape[1]), size)]
    return torch.stack([x[:, list(mask)].prod(dim=1) for mask in masks], dim=1)


def separable(x: Tensor, labels: Tensor) -> bool:
    """Return whether any weights and bias give every example's answer: a linear program, (N, D) and (N,) of {0, 1}."""
    signs = 2 * labels.numpy() - 1
    rows = -signs[:, None] * np.hstack([x.numpy(), np.ones((len(x), 1))])
    found = linprog(
        np.zeros(rows.shape[1]), A_ub=rows, b_ub=-np.ones(len(x)), bounds=(None, None), method="highs"
    )
    return bool(found.status == 0)


def order_of(n: int) -> int:
    """Return the smallest order of features with which one unit computes the parity of n inputs."""
    x = corners(n)
    return next(order for order in range(1, n + 1) if separable(features(x, order), parity(x)))


def learned(n: int, order: int) -> Fate:
    """Return how the perceptron's rule ends on parity with features up to this order."""
    x = corners(n)
    return fate(features(x, order), parity(x), passes=100_000)


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Find the order of parity for 2 … 7 inputs, and let the rule try."""
    most = profile.pick(quick=4, cpu=7)
    numbers = range(2, most + 1)
    orders = [order_of(n) for n in numbers]
    ends = [learned(n, n) for n in range(2, 5)]
    stuck = [learned(n, n - 1) for n in range(2, 5)]
    return Milestone(
        name="minsky_papert",
        year=1969,
        idea="what a single layer cannot do",
        outcomes=(
            Outcome("order of parity, minus n",
                    tuple(order - n for order, n in zip(orders, numbers, strict=True)), ".0f",
                    "minsky1969perceptrons", "0 for every n"),
            Outcome("n = 2, 3, 4: learned with order n, of 3", (sum(end.converged for end in ends),), ".0f",
                    "minsky1969perceptrons", "3"),
            Outcome("n = 2, 3, 4: learned with order n − 1, of 3", (sum(end.converged for end in stuck),), ".0f",
                    "minsky1969perceptrons", "0"),
        ),
        data="all rows of zeros and ones, as there",
        size=f"n = 2 … {most} inputs; theirs is a proof for any number",
        passes="until the rule stops or is in a circle for ever",
        seeds=tuple(numbers),
        profile=profile.name,
    )  # fmt: skip


if __name__ == "__main__":
    command_line(run)
