"""1989: shared local weights, learned, read zip codes.

Used by the chapter *history*.

Source: LeCun, Boser, Denker, Henderson, Howard, Hubbard & Jackel, "Backpropagation applied to handwritten zip code
recognition", Neural Computation 1 (1989), doi 10.1162/neco.1989.1.4.541: 9,760 weights, 7,291 training and 2,007 test
digits, 23 passes with a step after every digit, 0.14 % errors in training and 5.0 % in the test.

The network, its counts and its guesses are those of ``groundtruth.models.lenet1989``. A library spends far more time
between such small sums than in them, so here the backward pass is written out, in about forty operations a step, and
a network a seed goes side by side: tensors begin with their number S. Tests hold it against autograd.

What is guessed beyond that: plain gradient descent with a rate that falls to a third in the course of the passes (the
paper uses a second-order method), and digits of MNIST, cut to 16×16, in place of the zip codes, which are not at
hand. The paper's errors are on other digits and are not to be compared with ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

from groundtruth.data import mnist
from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.models.lenet1989 import BACKGROUND, READS, LeNet1989
from groundtruth.profiles import Profile

TRAIN, TEST, PASSES, RATE = 7291, 2007, 23, 0.06


def windows(side: int) -> Tensor:
    """Return which places of a framed map each unit reads: int64 (units, 25), for 5×5 windows with stride 2."""
    framed = side + 4
    places = torch.arange(framed * framed).view(framed, framed)
    return places.unfold(0, 5, 2).unfold(1, 5, 2).reshape(-1, 25)


FIRST, SECOND = windows(16), windows(8)  # (64, 25), (16, 25)
INNER = torch.arange(144).view(12, 12)[2:10, 2:10].reshape(-1, 1)  # (64, 1): H1's units in their frame
BACK = (SECOND.flatten() == INNER).float()
"""(64, 400): which of H1's units each place of H2's windows is; multiplying by it adds up what comes back."""


class Copies:
    """S networks of 1989 with the backward pass by hand.

    Attributes:
        weights: ``h1`` (S, 25, 12) with bias ``b1`` (S, 64, 12), a bias a unit; ``h2`` (S, 300, 12), rows ordered by
            place and map, with ``b2`` (S, 16, 12); ``h3`` (S, 192, 30), ``b3``; ``out`` (S, 30, 10), ``bo``.

    """

    def __init__(self, networks: Sequence[LeNet1989]) -> None:
        """Take the weights of networks with one copy each."""
        read = torch.zeros(12, 12)
        for number, maps in enumerate(READS):
            read[list(maps), number] = 1
        self.reads = read.repeat(25, 1)  # (300, 12): 0 where a map is not read
        kept: dict[str, list[Tensor]] = {}
        for net in networks:
            full = torch.zeros(12, 12, 5, 5).scatter(1, net.h2.reads, net.h2.weight.detach())  # type: ignore[arg-type]
            # Units of H2 are numbered map by map in the model and place by place here.
            dense = net.h3.weight.detach().view(30, 12, 16).permute(2, 1, 0).reshape(192, 30)
            for name, part in {
                "h1": net.h1.weight.detach().view(12, 25).T,
                "b1": net.h1_bias.detach().view(12, 64).T,
                "h2": full.permute(2, 3, 1, 0).reshape(300, 12),
                "b2": net.h2_bias.detach().view(12, 16).T,
                "h3": dense,
                "b3": net.h3.bias.detach()[None],
                "out": net.out.weight.detach().T,
                "bo": net.out.bias.detach()[None],
            }.items():
                kept.setdefault(name, []).append(part)
        self.weights = {name: torch.stack(parts).contiguous() for name, parts in kept.items()}
        self.count = len(networks)

    def forward(self, patches: Tensor) -> tuple[Tensor, ...]:
        """Return windows of H1's maps and what the four layers give, for one digit each: patches (S, 64, 25)."""
        w = self.weights
        h1 = torch.baddbmm(w["b1"], patches, w["h1"]).tanh_()  # (S, 64, 12)
        framed = F.pad(h1.view(self.count, 8, 8, 12), (0, 0, 2, 2, 2, 2), value=BACKGROUND).view(
            self.count, 144, 12
        )
        seen = framed.index_select(1, SECOND.flatten()).view(
            self.count, 16, 300
        )  # place by place, then map by map
        h2 = torch.baddbmm(w["b2"], seen, w["h2"]).tanh_()  # (S, 16, 12)
        h3 = torch.baddbmm(w["b3"], h2.view(self.count, 1, 192), w["h3"]).tanh_()  # (S, 1, 30)
        out = torch.baddbmm(w["bo"], h3, w["out"]).tanh_()  # (S, 1, 10)
        return h1, seen, h2, h3, out

    def gradient(self, patches: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        """Return the slopes of each network's mean squared error on one digit: (S, 64, 25) and targets (S, 1, 10)."""
        w = self.weights
        h1, seen, h2, h3, out = self.forward(patches)
        back_o = (out - wanted) * (1 - out * out) * 0.2  # (S, 1, 10): the mean of ten squares
        back_3 = torch.bmm(back_o, w["out"].transpose(1, 2)) * (1 - h3 * h3)  # (S, 1, 30)
        back_2 = torch.bmm(back_3, w["h3"].transpose(1, 2)).view(self.count, 16, 12) * (1 - h2 * h2)
        to_seen = torch.bmm(back_2, w["h2"].transpose(1, 2)).view(self.count, 16 * 25, 12)
        back_1 = torch.bmm(BACK.expand(self.count, -1, -1), to_seen) * (1 - h1 * h1)  # (S, 64, 12)
        return {
            "h1": torch.bmm(patches.transpose(1, 2), back_1),
            "b1": back_1,
            "h2": torch.bmm(seen.transpose(1, 2), back_2).mul_(self.reads),
            "b2": back_2,
            "h3": torch.bmm(h2.view(self.count, 192, 1), back_3),
            "b3": back_3,
            "out": torch.bmm(h3.transpose(1, 2), back_o),
            "bo": back_o,
        }

    def errors(self, patches: Tensor, labels: Tensor) -> Tensor:
        """Return each network's share of wrong answers, (S,), for patches (N, 64, 25) and labels (N,)."""
        wrong = torch.zeros(self.count)
        for x, y in zip(patches, labels, strict=True):
            answer = self.forward(x.expand(self.count, -1, -1))[-1][:, 0].argmax(dim=1)
            wrong += answer != y
        return wrong / len(labels)


def cut(pictures: Tensor) -> Tensor:
    """Return what H1's units see of digits cut to 16×16, from −1 to 1: bytes (N, 1, 28, 28) -> (N, 64, 25)."""
    small = F.interpolate(pictures.float(), size=16, mode="bilinear", antialias=True) / 127.5 - 1
    framed = F.pad(small, (2, 2, 2, 2), value=BACKGROUND).flatten(1)  # (N, 400)
    return framed[:, FIRST]


def digits(train: int = TRAIN, test: int = TEST) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return windows and labels of training and of test digits, the same ones every time."""
    whole = mnist.load()
    drawn = torch.Generator().manual_seed(1989)
    chosen = torch.randperm(len(whole.train_labels), generator=drawn)[:train]
    tested = torch.randperm(len(whole.test_labels), generator=drawn)[:test]
    return (
        cut(whole.train_images[chosen]), whole.train_labels[chosen],
        cut(whole.test_images[tested]), whole.test_labels[tested],
    )  # fmt: skip


def train(seeds: Sequence[int], patches: Tensor, labels: Tensor, passes: int, rate: float = RATE) -> Copies:
    """Return networks trained one digit at a time, each in an order of its own."""
    networks = []
    for seed in seeds:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            networks.append(LeNet1989())
    copies = Copies(networks)
    wanted = 2.0 * F.one_hot(labels, 10)[:, None] - 1  # (N, 1, 10)
    shufflers = [torch.Generator().manual_seed(1000 + seed) for seed in seeds]
    for number in range(passes):
        now = rate * (1 - 2 / 3 * number / max(passes - 1, 1))
        orders = torch.stack([torch.randperm(len(labels), generator=g) for g in shufflers], dim=1)  # (N, S)
        for chosen in orders:
            slopes = copies.gradient(patches[chosen], wanted[chosen])
            for name, slope in slopes.items():
                copies.weights[name].sub_(slope, alpha=now)
    return copies


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Train the network of 1989 one digit at a time."""
    seeds = profile.seeds(5) if seeds is None else seeds
    few, passes = profile.pick(quick=200, cpu=TRAIN), profile.pick(quick=1, cpu=PASSES)
    x, y, test_x, test_y = digits(few, profile.pick(quick=100, cpu=TEST))
    with torch.no_grad():
        copies = train(seeds, x, y, passes)
        train_error, test_error = copies.errors(x, y), copies.errors(test_x, test_y)
    source = "lecun1989backpropagation"
    return Milestone(
        name="zip_codes",
        year=1989,
        idea="shared local weights, learned",
        outcomes=(
            Outcome("test error", tuple(test_error.tolist()), ".1%", source, "5.0 %"),
            Outcome("training error", tuple(train_error.tolist()), ".2%", source, "0.14 %"),
        ),
        data="MNIST cut to 16×16; the zip codes are not at hand",
        size=f"9,760 weights, {len(y):,} digits, as there",
        passes=f"{passes} passes, one digit at a time, as there; plain descent",
        seeds=tuple(seeds),
        profile=profile.name,
    )


if __name__ == "__main__":
    command_line(run)
