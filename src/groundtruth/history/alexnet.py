"""2012: rectifiers, much data and graphics processors win the ImageNet challenge.

Used by the chapter *history*.

Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012
(reprinted with doi 10.1145/3065386). The network itself, 60,965,224 weights, is ``groundtruth.models.alexnet``, where
its counts are asserted; two cores cannot train it. What they can repeat is the paper's figure 1: on small colour
photographs (CIFAR-10), a convolutional network of four layers with rectifiers comes to a training error of 25 % six
times sooner than the same with tanh, each with a learning rate of its own, chosen to be fast.

Here: the same question for cats and dogs out of CIFAR-10. The rates are the fastest of six, looked up with other
seeds.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from groundtruth.data import cats_dogs
from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.models.alexnet import AlexNet
from groundtruth.profiles import Profile

GOAL = 0.25
RATES = {"relu": 0.02, "tanh": 0.03}


def four_layers(kind: str, classes: int = 2) -> nn.Sequential:
    """Return three convolutions and a dense layer for colour pictures of 32×32.

    Args:
        kind: ``"relu"``, from He's weights, or ``"tanh"``, from Glorot's: each from those that were made for it.
        classes: number of logits.

    Raises:
        ValueError: an unknown kind.

    """
    if kind not in RATES:
        raise ValueError(f"kind must be one of {', '.join(RATES)}; got {kind!r}")
    activation = nn.ReLU if kind == "relu" else nn.Tanh
    net = nn.Sequential(
        nn.Conv2d(3, 16, 5, stride=2, padding=2), activation(),  # (N, 16, 16, 16)
        nn.Conv2d(16, 32, 3, stride=2, padding=1), activation(),  # (N, 32, 8, 8)
        nn.Conv2d(32, 32, 3, stride=2, padding=1), activation(),  # (N, 32, 4, 4)
        nn.Flatten(), nn.Linear(512, classes),
    )  # fmt: skip
    for layer in net:
        if isinstance(layer, nn.Conv2d | nn.Linear):
            if kind == "relu":
                nn.init.kaiming_normal_(layer.weight)
            else:
                nn.init.xavier_normal_(layer.weight)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]
    return net


def photographs() -> tuple[Tensor, Tensor]:
    """Return the training pictures, each channel scaled to mean 0 and standard deviation 1, and their labels."""
    whole = cats_dogs.load()
    x = whole.train_images.float() / 255
    mean, spread = x.mean(dim=(0, 2, 3), keepdim=True), x.std(dim=(0, 2, 3), keepdim=True)
    return (x - mean) / spread, whole.train_labels


def passes_to_goal(kind: str, x: Tensor, y: Tensor, seed: int, most: int, *, batch: int = 64) -> int:
    """Return after how many passes the training error, counted during the pass, is below 25 %; ``most`` if never."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = four_layers(kind)
    optimizer = torch.optim.SGD(net.parameters(), RATES[kind], momentum=0.9)
    shuffler = torch.Generator().manual_seed(seed)
    for number in range(1, most + 1):
        wrong = 0
        for chosen in torch.randperm(len(x), generator=shuffler).split(batch):
            scores = net(x[chosen])
            loss = F.cross_entropy(scores, y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            wrong += int((scores.argmax(dim=1) != y[chosen]).sum())
        if wrong < GOAL * len(x):
            return number
    return most


def weights() -> int:
    """Return the count of the whole network of 2012, without giving it memory."""
    with torch.device("meta"):
        return sum(part.numel() for part in AlexNet().parameters())


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Race rectifiers against tanh to a training error of 25 %."""
    seeds = profile.seeds(10) if seeds is None else seeds
    most = profile.pick(quick=2, cpu=30)
    x, y = photographs()
    if profile.name == "quick":
        x, y = x[:200], y[:200]
    took = {kind: [passes_to_goal(kind, x, y, seed, most) for seed in seeds] for kind in RATES}
    ratio = tuple(slow / fast for slow, fast in zip(took["tanh"], took["relu"], strict=True))
    source = "krizhevsky2012imagenet"
    return Milestone(
        name="alexnet",
        year=2012,
        idea="rectifiers, much data, graphics processors",
        outcomes=(
            Outcome("times as many passes with tanh as with rectifiers", ratio, ".1f", source, "about 6"),
            Outcome("passes with rectifiers", tuple(took["relu"]), ".1f", source),
            Outcome("passes with tanh", tuple(took["tanh"]), ".1f", source),
            Outcome("weights of the whole network", (weights(),), ",.0f", source, "60 million"),
        ),
        data=f"{len(y):,} cats and dogs; theirs all of CIFAR-10",
        size="four layers, as there; 16,130 weights",
        passes="until a training error of 25 %, as there",
        seeds=tuple(seeds),
        profile=profile.name,
    )


if __name__ == "__main__":
    command_line(run)
