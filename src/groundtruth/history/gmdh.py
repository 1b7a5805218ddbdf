"""1965: a deep network that grows by itself, layer by layer: the group method of data handling.

Used by the chapter *history*.

Source: Ivakhnenko & Lapa, "Cybernetic Predicting Devices" (Kiev 1965; English translation 1966); the name came with
Ivakhnenko (1968), and "Polynomial theory of complex systems", IEEE Transactions on Systems, Man, and Cybernetics 1
(1971), doi 10.1109/TSMC.1971.4308320, describes it in English. A unit is a polynomial of second degree in two inputs,
fitted by least squares. Of all units of a layer those survive that predict best on data that were *held out*; they
are the inputs of the next layer; and when the best held-out error no longer falls, the network stops growing.

A guess: here "falls" means by a fiftieth at least. Each layer squares what the one below gives, so layers that gain
next to nothing still make the answer at a rare new input explode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor

from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.profiles import Profile

INPUTS, EXAMPLES = 6, 2000
NOISE = 0.3
GAIN = 0.02
"""A further layer has to lower the held-out error by this share."""


def terms(a: Tensor, b: Tensor) -> Tensor:
    """Return the six terms of a unit, 1, a, b, ab, a², b²: (…, N) twice -> (…, N, 6)."""
    return torch.stack([torch.ones_like(a), a, b, a * b, a * a, b * b], dim=-1)


@dataclass(frozen=True)
class Layer:
    """The units of a layer that survived."""

    pairs: Tensor
    """int64 (K, 2): the two inputs of each."""
    weights: Tensor
    """(K, 6): of `terms`."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the units' outputs, the best unit first: (N, D) -> (N, K)."""
        a, b = x[:, self.pairs[:, 0]].T, x[:, self.pairs[:, 1]].T  # (K, N)
        return (terms(a, b) @ self.weights[:, :, None])[:, :, 0].T


@dataclass(frozen=True)
class Network:
    """Layers, and the held-out error that each reached."""

    layers: list[Layer]
    held_out: list[float]
    """Mean squared held-out error of each layer's best unit; the last entry is of the layer that was not kept."""

    def predict(self, x: Tensor) -> Tensor:
        """Return the best unit of the last layer: (N, D) -> (N,)."""
        for layer in self.layers:
            x = layer.forward(x)
        return x[:, 0]


def grow(x: Tensor, y: Tensor, held_x: Tensor, held_y: Tensor, *, keep: int = 8, most: int = 20) -> Network:
    """Grow a network until the held-out error no longer falls.

    Args:
        x: (N, D), for the least squares.
        y: (N,).
        held_x: (M, D), for the selection.
        held_y: (M,).
        keep: how many units of a layer survive.
        most: layers at most.

    Raises:
        ValueError: fewer than two inputs, or fewer than six examples: a unit has six weights.

    """
    if x.shape[1] < 2 or len(x) < 6 or keep < 2:
        raise ValueError(
            f"needs two inputs, six examples and two survivors; got {tuple(x.shape)} and keep={keep}"
        )
    layers: list[Layer] = []
    errors: list[float] = []
    while len(layers) < most:
        pairs = torch.tensor(list(combinations(range(x.shape[1]), 2)))  # (P, 2)
        design = terms(x[:, pairs[:, 0]].T, x[:, pairs[:, 1]].T)  # (P, N, 6)
        weights = torch.linalg.lstsq(design, y.expand(len(pairs), -1)[..., None]).solution[..., 0]  # (P, 6)
        layer = Layer(pairs, weights)
        error = (layer.forward(held_x) - held_y[:, None]).square().mean(dim=0)  # (P,)
        best = error.argsort()[:keep]
        errors.append(float(error[best[0]]))
        if len(errors) > 1 and errors[-1] > (1 - GAIN) * errors[-2]:
            break
        layers.append(Layer(pairs[best], weights[best]))
        x, held_x = layers[-1].forward(x), layers[-1].forward(held_x)
    return Network(layers, errors)


def problem(seed: int, count: int) -> tuple[Tensor, Tensor]:
    """Return inputs (N, 6), uniform from −1 to 1, and what a polynomial of fourth degree makes of them, with noise."""
    generator = torch.Generator().manual_seed(seed)
    x = 2 * torch.rand(count, INPUTS, generator=generator, dtype=torch.float64) - 1
    a, b, c, d, e, f = x.T
    clean = 2 * a * b + c * d * (1 + e) - f * f + a - 2 * e * a * b
    return x, clean + NOISE * torch.randn(count, generator=generator, dtype=torch.float64)


def one(seed: int) -> dict[str, float]:
    """Return how deep a network grew, and its errors on new examples beside those of rivals."""
    x, y = problem(seed, EXAMPLES)
    test_x, test_y = problem(10_000 + seed, 2000)
    network = grow(x[::2], y[::2], x[1::2], y[1::2])

    def error(answers: Tensor) -> float:
        return float((answers - test_y).square().mean())

    ones = torch.ones(len(x), 1, dtype=x.dtype)
    line = torch.linalg.lstsq(torch.cat([ones, x], dim=1), y[:, None]).solution[:, 0]
    shallow = Network(network.layers[:1], network.held_out[:1])
    return {
        "layers": len(network.layers),
        "deep": error(network.predict(test_x)),
        "shallow": error(shallow.predict(test_x)),
        "line": error(line[0] + test_x @ line[1:]),
    }


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Grow networks on examples of a polynomial of fourth degree."""
    seeds = profile.seeds(10, quick=5) if seeds is None else seeds
    found = [one(seed) for seed in seeds]
    source = "ivakhnenko1971polynomial"
    return Milestone(
        name="gmdh",
        year=1965,
        idea="a deep network that grows by itself",
        outcomes=(
            Outcome("layers when it stopped", tuple(r["layers"] for r in found), ".1f", "schmidhuber2015deep",
                    "8, in a network of 1971"),
            Outcome("squared error, grown network", tuple(r["deep"] for r in found), ".2f", source),
            Outcome("squared error, its first layer", tuple(r["shallow"] for r in found), ".2f", source),
            Outcome("squared error, linear regression", tuple(r["line"] for r in found), ".2f", source),
        ),
        data=f"{EXAMPLES:,} made-up examples of a known rule",
        size="6 inputs, 8 units survive in a layer",
        passes="one least-squares fit a unit, as there",
        seeds=tuple(seeds),
        profile=profile.name,
    )  # fmt: skip


if __name__ == "__main__":
    command_line(run)
