"""2011: convolutional networks on graphics processors, distorted digits, and committees.

Used by the chapter *history*.

Source: Cireşan, Meier, Masci, Gambardella & Schmidhuber, "Flexible, high performance convolutional neural networks
for image classification", IJCAI 2011, doi 10.5591/978-1-57735-516-8/IJCAI11-210, trained on a graphics processor:
0.35 % errors on MNIST. Cireşan, Meier, Gambardella & Schmidhuber, "Convolutional neural network committees for
handwritten character classification", ICDAR 2011, doi 10.1109/ICDAR.2011.229: seven such networks, each for digits
squeezed or widened in another way, whose answers are averaged: 0.27 %.

Here, seven LeNets (``groundtruth.models.lenet``), six of them for digits of another width; all learn from digits that
are distorted anew in every pass. Every member is a seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from groundtruth.data import mnist
from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.models.lenet import LeNet
from groundtruth.profiles import Profile

WIDTHS: tuple[int | None, ...] = (None, 10, 12, 14, 16, 18, 20)
"""Of the digit in each member's pictures, in pixels; None: as it is. These widths are the paper's."""


def widened(pictures: Tensor, width: int | None) -> Tensor:
    """Return digits stretched from left to right to a width, about their middle: (N, 1, H, W), ink above 0."""
    if width is None:
        return pictures
    inked = pictures.amax(dim=(1, 2)) > 0  # (N, W)
    columns = torch.arange(inked.shape[1])
    first = torch.where(inked, columns, inked.shape[1]).amin(dim=1)
    last = torch.where(inked, columns, -1).amax(dim=1)
    found = (last - first + 1).clamp(min=1).float()
    middle = (first + last + 1) / inked.shape[1] - 1  # from −1 to 1
    theta = torch.zeros(len(pictures), 2, 3)
    theta[:, 0, 0] = found / width
    theta[:, 0, 2] = middle
    theta[:, 1, 1] = 1
    return _sampled(pictures, theta)


def distorted(pictures: Tensor, generator: torch.Generator) -> Tensor:
    """Return each picture turned, scaled, slanted and moved a little: by up to 15°, 15 %, 0.2 and two pixels."""
    n = len(pictures)

    def draw(most: float) -> Tensor:
        return most * (2 * torch.rand(n, generator=generator) - 1)

    turn, slant = draw(torch.pi / 12), draw(0.2)
    wide, tall = 1 + draw(0.15), 1 + draw(0.15)
    cos, sin = torch.cos(turn), torch.sin(turn)
    down, right = draw(2 / 14), draw(2 / 14)
    rows = [
        torch.stack([cos * wide, (slant - sin) * tall, right]),
        torch.stack([sin * wide, cos * tall, down]),
    ]
    return _sampled(pictures, torch.stack(rows).permute(2, 0, 1))


def _sampled(pictures: Tensor, theta: Tensor) -> Tensor:
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, align_corners=False)


def train(
    pictures: Tensor, labels: Tensor, passes: int, seed: int, *, distort: bool = True, batch: int = 50
) -> nn.Module:
    """Return a network trained on pictures (N, 1, 28, 28) from 0 to 1, by Adam with a rate that falls to 0."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = LeNet()
    generator = torch.Generator().manual_seed(1000 + seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
    steps = passes * -(-len(labels) // batch)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, total_iters=steps)
    for _ in range(passes):
        for chosen in torch.randperm(len(labels), generator=generator).split(batch):
            x = distorted(pictures[chosen], generator) if distort else pictures[chosen]
            loss = F.cross_entropy(net(x), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net.eval()


def probabilities(net: nn.Module, pictures: Tensor) -> Tensor:
    """Return what a network believes: (N, 10)."""
    with torch.no_grad():
        return torch.cat([net(some).softmax(dim=1) for some in pictures.split(1000)])


def wrong(beliefs: Tensor, labels: Tensor) -> float:
    """Return the share of wrong answers."""
    return float((beliefs.argmax(dim=1) != labels).double().mean())


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Train seven networks on distorted digits, and let them vote."""
    seeds = list(range(len(WIDTHS)))[: profile.pick(quick=2, cpu=None)] if seeds is None else seeds
    count, passes = profile.pick(quick=200, cpu=6000), profile.pick(quick=1, cpu=7)
    digits = mnist.load()
    x, y = digits.train_images[:count].float() / 255, digits.train_labels[:count]
    test, truth = digits.test_images[: profile.pick(quick=500, cpu=None)].float() / 255, digits.test_labels
    truth = truth[: len(test)]
    beliefs = []
    for seed in seeds:
        width = WIDTHS[seed % len(WIDTHS)]
        net = train(widened(x, width), y, passes, seed)
        beliefs.append(probabilities(net, widened(test, width)))
    plain = train(x, y, passes, seeds[0], distort=False)
    committee = torch.stack(beliefs).mean(dim=0)
    source = "ciresan2011committees"
    return Milestone(
        name="ciresan",
        year=2011,
        idea="graphics processors, distorted digits, committees",
        outcomes=(
            Outcome("test error, committee of seven", (wrong(committee, truth),), ".2%", source, "0.27 %"),
            Outcome("test error, its members", tuple(wrong(b, truth) for b in beliefs), ".2%",
                    "ciresan2011flexible", "0.35 % (IJCAI)"),
            Outcome("test error, one without distortions", (wrong(probabilities(plain, test), truth),), ".2%", source),
        ),
        data=f"{count:,} of the 60,000 digits",
        size="LeNets of 61,706 weights; theirs far larger",
        passes=f"{passes} passes; theirs hundreds, on graphics processors",
        seeds=tuple(seeds),
        profile=profile.name,
    )  # fmt: skip


if __name__ == "__main__":
    command_line(run)
