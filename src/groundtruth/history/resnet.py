"""2015: shortcuts, and networks of more than a hundred layers.

Used by the chapter *history*.

Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition", CVPR 2016 (arXiv 2015), doi
10.1109/CVPR.2016.90. More layers made plain networks worse, on the *training* examples too; with shortcuts they made
them better: on CIFAR-10 residual networks of 20 and 56 layers have test errors of 8.75 % and 6.97 %. An ensemble,
whose deepest networks have 152 layers, won the ImageNet challenge of 2015 with 3.57 % (best five answers).

The networks are ``groundtruth.models.residual``, in one dimension, on MNIST-1D; a network a seed, side by side. At so
few steps the run shows slow learning, not where it would end. The chapter *deep-architectures* looks at this at
length.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

from groundtruth.data import mnist1d
from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.models.copies import side_by_side
from groundtruth.models.residual import ResidualNet, of_depth
from groundtruth.profiles import Profile

KINDS = {"residual-56": (56, True), "plain-56": (56, False), "plain-20": (20, False)}
WIDTHS = (8, 16, 32)


def train(
    seeds: Sequence[int], depth: int, residual: bool, steps: int, *, x: Tensor, y: Tensor, batch: int = 128
) -> ResidualNet:
    """Return networks side by side, one a seed, after so many steps on inputs (N, 1, L) and labels (N,)."""

    def make(copies: int) -> ResidualNet:
        return of_depth(depth, residual, dims=1, widths=WIDTHS, copies=copies)

    networks = []
    for seed in seeds:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            networks.append(make(1))
    net = side_by_side(networks, make)
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    shufflers = [torch.Generator().manual_seed(1000 + seed) for seed in seeds]
    for step in range(steps):
        chosen = torch.stack(
            [torch.randint(len(x), (batch,), generator=g) for g in shufflers], dim=1
        )  # (B, S)
        optimizer.param_groups[0]["lr"] = 0.1 * min(
            (step + 1) / (0.1 * steps), (steps - step) / (0.9 * steps)
        )
        scores = net(x[chosen][:, :, 0]).view(batch * len(seeds), 10)  # each copy its own sequences
        loss = F.cross_entropy(scores, y[chosen].flatten(), reduction="sum") / batch
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net.eval()


def errors(net: ResidualNet, copies: int, x: Tensor, y: Tensor) -> Tensor:
    """Return each copy's share of wrong answers, (S,)."""
    wrong = torch.zeros(copies)
    with torch.no_grad():
        for some, truth in zip(x.split(500), y.split(500), strict=True):
            scores = net(some.expand(-1, copies, -1)).view(len(some), copies, 10)
            wrong += (scores.argmax(dim=2) != truth[:, None]).sum(dim=0)
    return wrong / len(y)


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Train plain and residual networks of 56 layers, and a plain one of 20."""
    seeds = profile.seeds(3) if seeds is None else seeds
    steps = profile.pick(quick=2, cpu=200)
    waves = mnist1d.make(seed=0)
    found = {}
    for name, (depth, residual) in KINDS.items():
        net = train(seeds, depth, residual, steps, x=waves.train_inputs, y=waves.train_labels)
        found[name] = errors(net, len(seeds), waves.train_inputs, waves.train_labels)
    source = "he2016deep"
    return Milestone(
        name="resnet",
        year=2015,
        idea="shortcuts, and more than a hundred layers",
        outcomes=(
            Outcome("training error, residual, 56 layers", tuple(found["residual-56"].tolist()), ".1%", source,
                    "falls with depth (drawn)"),
            Outcome("training error, plain, 56 layers", tuple(found["plain-56"].tolist()), ".1%", source,
                    "above that of 20 layers (drawn)"),
            Outcome("training error, plain, 20 layers", tuple(found["plain-20"].tolist()), ".1%", source),
        ),
        data="MNIST-1D; theirs CIFAR-10 and ImageNet",
        size="their layout in one dimension, half their channels",
        passes=f"{steps} steps of 128; theirs 64,000",
        seeds=tuple(seeds),
        profile=profile.name,
    )  # fmt: skip


if __name__ == "__main__":
    command_line(run)
