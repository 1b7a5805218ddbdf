"""1986: hidden units that learn what to represent.

Used by the chapter *history*.

Source: Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", Nature 323 (1986), doi
10.1038/323533a0. Six inputs in a row, and one output that shall say whether they mirror each other about the middle.
No single unit can; two hidden units suffice. The paper's settings, all kept: logistic units, half the squared error
added over all 64 rows, a step after each *sweep* through them, ε = 0.1, α = 0.9, first weights uniform from −0.3 to
0.3. Its network took 1,425 sweeps. In the solution it shows, the weights of a hidden unit at mirrored inputs are
equal and opposite, and those on one side are in the ratio 1 : 2 : 4, so that only mirrored rows give each hidden unit
a sum of 0.

Many networks, each with first weights of its own, are trained side by side: tensors begin with their number S.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.profiles import Profile

RATE, MOMENTUM, START = 0.1, 0.9, 0.3


def rows(length: int = 6) -> tuple[Tensor, Tensor]:
    """Return all rows of zeros and ones (2ⁿ, n), and 1 for those that mirror themselves (2ⁿ,), float64."""
    x = torch.tensor(list(product((0.0, 1.0), repeat=length)), dtype=torch.float64)
    return x, (x == x.flip(1)).all(dim=1).double()


@dataclass
class Networks:
    """S networks with one hidden layer of logistic units and one output."""

    w1: Tensor
    """(S, D, H)."""
    b1: Tensor
    """(S, 1, H)."""
    w2: Tensor
    """(S, H, 1)."""
    b2: Tensor
    """(S, 1, 1)."""

    @classmethod
    def start(cls, seeds: Sequence[int], inputs: int = 6, hidden: int = 2) -> Networks:
        """Return a network a seed, all weights and biases uniform from −0.3 to 0.3."""
        shapes = (inputs, hidden), (1, hidden), (hidden, 1), (1, 1)
        drawn = []
        for seed in seeds:
            generator = torch.Generator().manual_seed(seed)
            drawn.append(
                [START * (2 * torch.rand(s, generator=generator, dtype=torch.float64) - 1) for s in shapes]
            )
        return cls(*(torch.stack(part) for part in zip(*drawn, strict=True)))

    def weights(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return all tensors that are learned."""
        return self.w1, self.b1, self.w2, self.b2

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return hidden units (S, N, H) and outputs (S, N) for rows (N, D)."""
        h = torch.sigmoid(x @ self.w1 + self.b1)
        return h, torch.sigmoid(h @ self.w2 + self.b2)[..., 0]

    def gradient(self, x: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the slopes of half the summed squared error of each network, for rows (N, D) and targets (N,)."""
        h, out = self.forward(x)
        back = ((out - target) * out * (1 - out))[..., None]  # (S, N, 1): slope in the output's sum
        to_hidden = back @ self.w2.transpose(1, 2) * h * (1 - h)  # (S, N, H): and in the hidden units' sums
        return (
            x.T @ to_hidden,
            to_hidden.sum(dim=1, keepdim=True),
            h.transpose(1, 2) @ back,
            back.sum(dim=1, keepdim=True),
        )


def train(networks: Networks, x: Tensor, target: Tensor, sweeps: int) -> Tensor:
    """Train all networks, in place, and return for each after how many sweeps it had every row right.

    Returns:
        float64 (S,): sweeps; infinity for those that never had all rows right.

    """
    solved = torch.full((len(networks.w1),), torch.inf, dtype=torch.float64)
    changes = [torch.zeros_like(w) for w in networks.weights()]
    for sweep in range(1, sweeps + 1):
        for w, change, slope in zip(networks.weights(), changes, networks.gradient(x, target), strict=True):
            change.mul_(MOMENTUM).sub_(slope, alpha=RATE)
            w.add_(change)
        right = ((networks.forward(x)[1] > 0.5) == (target > 0.5)).all(dim=1)  # (S,)
        solved[right & solved.isinf()] = sweep
        if not solved.isinf().any():
            break
    return solved


def mirrored(networks: Networks) -> Tensor:
    """Return how far each network is from weights that are opposite at mirrored inputs: (S,), 0 if exactly.

    It is the mean size of the sum of such a pair, divided by the mean size of a weight.
    """
    pairs = networks.w1 + networks.w1.flip(1)  # (S, D, H)
    return pairs.abs().mean(dim=(1, 2)) / networks.w1.abs().mean(dim=(1, 2))


def ratios(networks: Networks) -> Tensor:
    """Return the sizes of each hidden unit's three weights on one side, divided by the smallest: (S, H, 3), rising."""
    side = networks.w1[:, :3].abs().transpose(1, 2).sort(dim=2).values
    return side / side[..., :1]


def powers_of_two(networks: Networks) -> Tensor:
    """Return whether the sizes of both hidden units' weights are 1 : 2 : 4, to within a tenth: bool (S,)."""
    wanted = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64)
    return ((ratios(networks) / wanted - 1).abs() <= 0.1).flatten(1).all(dim=1)


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Train networks with two hidden units to tell rows that mirror themselves."""
    seeds = profile.seeds(100, quick=5) if seeds is None else seeds
    sweeps = profile.pick(quick=200, cpu=5000)
    x, target = rows()
    networks = Networks.start(seeds)
    solved = train(networks, x, target, sweeps)
    done = solved.isfinite()
    source = "rumelhart1986learning"
    kept = solved[done] if done.any() else torch.tensor([float(sweeps)])  # quick comes to nothing
    ended = done if done.any() else torch.ones_like(done)
    opposite, powers = mirrored(networks)[ended], powers_of_two(networks)[ended]
    return Milestone(
        name="back_propagation",
        year=1986,
        idea="hidden units learn what to represent",
        outcomes=(
            Outcome("sweeps until every row is right, where it came to that", tuple(kept.tolist()), ",.0f", source,
                    "1,425"),
            Outcome(f"starts that came to it within {sweeps:,} sweeps", tuple(done.double().tolist()), ".0%", source),
            Outcome("in these: sum of mirrored weights, relative to their size", tuple(opposite.tolist()), ".2%",
                    source, "0 (equal and opposite)"),
            Outcome("in these: sizes as 1 : 2 : 4", tuple(powers.double().tolist()), ".0%", source, "so drawn"),
        ),
        data="all 64 rows, as there",
        size="6-2-1, as there",
        passes="as there; we stop at the first sweep with all rows right",
        seeds=tuple(seeds),
        profile=profile.name,
    )  # fmt: skip


if __name__ == "__main__":
    command_line(run)
