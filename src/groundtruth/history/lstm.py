"""1997: a memory that carries over long time lags.

Used by the chapter *history*.

Source: Hochreiter & Schmidhuber, "Long short-term memory", Neural Computation 9 (1997), doi
10.1162/neco.1997.9.8.1735, experiment 4, the adding problem. A sequence holds numbers; two of them are marked; at the
end the network shall say their sum. Their sequences have about 100 steps, their network learned from 74,000 of them,
and then got 1 of 2,560 new ones wrong, where wrong means off by more than 0.04 on a target between 0 and 1.

Here the numbers are uniform from 0 to 1, the target is the plain sum, and one mark is in the first half, one in the
second. Always answering 1 has a squared error of 1/6. The cells are those of ``groundtruth.scratch.recurrent``, one a
seed, side by side. The LSTM has a forget gate, which that of 1997 did not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.profiles import Profile
from groundtruth.scratch.recurrent import unroll

BATCH = 32
CHANCE = 1 / 6
"""Squared error of always answering 1: the variance of a sum of two numbers, uniform from 0 to 1."""


def adding(count: int, length: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return sequences of numbers and marks, and the sums of the two marked numbers.

    Args:
        count: how many.
        length: T, at least 2.
        generator: draws numbers and marks.

    Returns:
        Shapes (T, N, 2) and (N,).

    """
    numbers = torch.rand(length, count, generator=generator)
    marks = torch.zeros(length, count)
    half = length // 2
    every = torch.arange(count)
    marks[torch.randint(half, (count,), generator=generator), every] = 1
    marks[torch.randint(half, length, (count,), generator=generator), every] = 1
    return torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=0)


@dataclass
class Readers:
    """S recurrent networks side by side, with one output each."""

    w: Tensor
    """(S, 2, H) for plain cells, (S, 2, 4H) for LSTMs."""
    u: Tensor
    """(S, H, H) or (S, H, 4H)."""
    b: Tensor
    """(S, 1, H) or (S, 1, 4H)."""
    v: Tensor
    """(S, H, 1): the output."""
    a: Tensor
    """(S, 1, 1)."""

    @classmethod
    def start(cls, seeds: Sequence[int], hidden: int, gated: bool) -> Readers:
        """Return a network a seed, weights uniform within ±1/√H as in `torch.nn.LSTM`, gated or plain."""
        wide = 4 * hidden if gated else hidden
        shapes = (2, wide), (hidden, wide), (1, wide), (hidden, 1), (1, 1)
        limit = 1 / math.sqrt(hidden)
        drawn = []
        for seed in seeds:
            generator = torch.Generator().manual_seed(seed)
            drawn.append([limit * (2 * torch.rand(s, generator=generator) - 1) for s in shapes])
        return cls(*(torch.stack(part).requires_grad_() for part in zip(*drawn, strict=True)))

    def answer(self, x: Tensor) -> Tensor:
        """Return the sums that the networks say: (S, T, N, 2) -> (S, N)."""
        return (unroll(x, self.w, self.u, self.b) @ self.v + self.a)[..., 0]


def train(
    readers: Readers, seeds: Sequence[int], length: int, steps: int, *, batch: int = BATCH, rate: float = 1e-2
) -> Tensor:
    """Train networks side by side, in place, each on sequences of its own; return squared errors (steps, S).

    Adam, and each network's gradient cut to a length of 1: as their slopes are apart, none feels another's.
    """
    parts = [readers.w, readers.u, readers.b, readers.v, readers.a]
    optimizer = torch.optim.Adam(parts, lr=rate)
    generators = [torch.Generator().manual_seed(10_000 + seed) for seed in seeds]
    errors = []
    for _ in range(steps):
        drawn = [adding(batch, length, generator) for generator in generators]
        x, y = torch.stack([x for x, _ in drawn]), torch.stack([y for _, y in drawn])  # (S, T, N, 2), (S, N)
        error = (readers.answer(x) - y).square().mean(dim=1)  # (S,)
        optimizer.zero_grad()
        error.sum().backward()
        slopes = [part.grad for part in parts if part.grad is not None]
        size = sum(slope.square().sum(dim=(1, 2)) for slope in slopes).sqrt()  # type: ignore[union-attr]
        for slope in slopes:
            slope.mul_((1 / size.clamp(min=1.0))[:, None, None])
        optimizer.step()
        errors.append(error.detach())
    return torch.stack(errors)


def judge(readers: Readers, length: int, count: int, seed: int = 1) -> tuple[Tensor, Tensor]:
    """Return squared errors and shares off by more than 0.08 on new sequences, the same for all: (S,) and (S,).

    0.08 here is the paper's 0.04, whose target is the sum divided by 4, of numbers from −1 to 1, plus 0.5.
    """
    x, y = adding(count, length, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        off = (readers.answer(x.expand(len(readers.w), *x.shape)) - y).abs()
    return off.square().mean(dim=1), (off > 0.08).float().mean(dim=1)


@dataclass(frozen=True)
class Race:
    """What LSTMs and plain networks made of the adding problem; keys are ``"lstm"`` and ``"plain"``."""

    curve: dict[str, Tensor]
    """(steps, S): squared error of each batch in training."""
    error: dict[str, Tensor]
    """(S,): squared error on new sequences."""
    wrong: dict[str, Tensor]
    """(S,): share of new sequences off by more than the paper allows."""
    length: int
    hidden: int
    sequences: int
    """That each network has seen."""
    seeds: tuple[int, ...]
    seconds: float


def experiment(profile: Profile, seeds: Sequence[int] | None = None) -> Race:
    """Train LSTMs and plain recurrent networks on the adding problem."""
    started = time.perf_counter()
    seeds = profile.seeds(5) if seeds is None else seeds
    length, hidden = profile.pick(quick=10, cpu=50), profile.pick(quick=8, cpu=32)
    steps = profile.pick(quick=10, cpu=1200)
    curve, error, wrong = {}, {}, {}
    for kind in ("lstm", "plain"):
        readers = Readers.start(seeds, hidden, gated=kind == "lstm")
        curve[kind] = train(readers, seeds, length, steps)
        error[kind], wrong[kind] = judge(readers, length, 2560)
    seconds = time.perf_counter() - started
    return Race(curve, error, wrong, length, hidden, BATCH * steps, tuple(seeds), seconds)


def summary(race: Race, profile: Profile) -> Milestone:
    """Return the paper's number beside those of a race."""
    source = "hochreiter1997long"
    return Milestone(
        name="lstm",
        year=1997,
        idea="a memory for long time lags",
        outcomes=(
            Outcome("LSTM: share of new sequences wrong", tuple(race.wrong["lstm"].tolist()), ".1%", source,
                    "1 of 2,560"),
            Outcome("plain recurrent net: share wrong", tuple(race.wrong["plain"].tolist()), ".1%", source),
            Outcome("LSTM: squared error", tuple(race.error["lstm"].tolist()), ".4f", source),
            Outcome("plain: squared error (always 1: 0.1667)", tuple(race.error["plain"].tolist()), ".4f", source),
        ),
        data=f"{race.length} steps, a mark in each half; theirs about 100, both marks in the first half",
        size=f"{race.hidden} cells with a forget gate; theirs four, without",
        passes=f"{race.sequences:,} sequences; theirs 74,000",
        seeds=race.seeds,
        profile=profile.name,
    )  # fmt: skip


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Train LSTMs and plain recurrent networks on the adding problem."""
    return summary(experiment(profile, seeds), profile)


if __name__ == "__main__":
    command_line(run)
