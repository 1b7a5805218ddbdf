"""1980: layers that look for features anywhere, and learn them without a teacher.

Used by the chapter *history*.

Source: Fukushima, "Neocognitron: A self-organizing neural network model for a mechanism of pattern recognition
unaffected by shift in position", Biological Cybernetics 36 (1980), doi 10.1007/BF00344251. S-cells answer to a
feature in a small window, and all S-cells of a plane to the same one; C-cells pool over neighbouring S-cells of their
plane, after the simple and complex cells of Hubel and Wiesel. There are no labels: of the S-cells that see the same
part of the picture the one that answers most is reinforced, and its plane with it. The paper shows five patterns, the
digits 0 to 4, on 16×16 points: in the end each made one C-cell of the last layer fire, a cell of its own, wherever it
was shown.

From the paper: three stages with 24 planes, windows of 5×5, the S-cell with its shunting inhibition, the
reinforcement Δa = q·c·u and Δb = q/2·v, twenty presentations. Changed: the stages learn one after another (there,
together), and the selectivity r of the last is 2.5 (there 1.5): with either as it was, digits shared a cell more
often. Guessed: the strokes of the digits, the pooling kernels, and the range of the competition.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.profiles import Profile

PLANES = 24
SHAPES = (
    (".####.", "#....#", "#....#", "#....#", "#....#", "#....#", "#....#", "#....#", ".####."),
    ("..#...", ".##...", "..#...", "..#...", "..#...", "..#...", "..#...", "..#...", "..#..."),
    (".####.", "#....#", ".....#", ".....#", "....#.", "..##..", ".#....", "#.....", "######"),
    (".####.", "#....#", ".....#", ".....#", "..###.", ".....#", ".....#", "#....#", ".####."),
    ("....#.", "...##.", "..#.#.", ".#..#.", "#...#.", "######", "....#.", "....#.", "....#."),
)


def patterns(down: int = 0, right: int = 0) -> Tensor:
    """Return the five digits (5, 1, 16, 16), moved from the middle by so many points.

    Raises:
        ValueError: they would leave the picture.

    """
    if not (-3 <= down <= 4 and -5 <= right <= 5):
        raise ValueError(f"digits can move by −3 … 4 down and −5 … 5 to the right; got {down} and {right}")
    pictures = torch.zeros(5, 1, 16, 16)
    for number, shape in enumerate(SHAPES):
        drawn = torch.tensor([[float(point == "#") for point in row] for row in shape])
        pictures[number, 0, 3 + down : 12 + down, 5 + right : 11 + right] = drawn
    return pictures


def bell(size: int, width: float) -> Tensor:
    """Return weights (size, size) that fall from the middle and add up to 1."""
    places = torch.arange(size) - (size - 1) / 2
    line = torch.exp(-(places / width).square() / 2)
    kernel = line[:, None] * line
    return kernel / kernel.sum()


class Stage:
    """S-cells with what they have learned, and the C-cells behind them.

    Attributes:
        a: (24, C, 5, 5), excitation, shared by all cells of a plane.
        b: (24,), inhibition.

    """

    def __init__(
        self, inputs: int, selectivity: float, strength: float, pool: int, generator: torch.Generator
    ) -> None:
        """Take planes below, r, q, the step of the C-cells (0: one C-cell a plane), what draws weights."""
        self.a = 1e-3 * torch.rand(PLANES, inputs, 5, 5, generator=generator)
        self.b = torch.zeros(PLANES)
        self.r, self.q, self.pool = selectivity, strength, pool
        self.c = bell(5, 2.0)
        self.d = bell(5, 1.5)

    def simple(self, below: Tensor) -> Tensor:
        """Return what S-cells answer: (N, C, H, W) -> (N, 24, H + 4, W + 4)."""
        excited = F.conv2d(below, self.a, padding=4)  # every S-cell that sees a part of the picture
        drive = self.inhibitor(below) * self.b[:, None, None]
        return self.r * F.relu((1 + excited) / (1 + 2 * self.r / (1 + self.r) * drive) - 1)

    def inhibitor(self, below: Tensor) -> Tensor:
        """Return the weighted root mean square of what lies in each window: (N, 1, H + 4, W + 4)."""
        squares = below.square().sum(dim=1, keepdim=True)
        return F.conv2d(squares, self.c[None, None], padding=4).sqrt()

    def complex(self, simple: Tensor) -> Tensor:
        """Return what C-cells answer to S-cells, between 0 and 1, after inhibition by the mean over planes."""
        if self.pool == 0:
            gathered = simple.amax(dim=(2, 3), keepdim=True)
        else:
            kernel = self.d.expand(PLANES, 1, 5, 5)
            gathered = F.conv2d(simple, kernel, stride=self.pool, padding=2, groups=PLANES)
        rest = F.relu((1 + gathered) / (1 + gathered.mean(dim=1, keepdim=True)) - 1)
        return rest / (0.5 + rest)

    def reinforce(self, below: Tensor, reach: int = 2) -> None:
        """Strengthen the winners for one picture (1, C, H, W).

        The cell that answers most wins, and its plane and all cells within ``reach`` of it are out; then the next.
        """
        answers = self.simple(below)[0].clone()  # (24, H, W)
        framed, v = F.pad(below[0], (4, 4, 4, 4)), self.inhibitor(below)[0, 0]
        answers[:, v == 0] = 0  # nothing is there to be learned
        width = answers.shape[2]
        while float(answers.max()) > 0:
            plane, place = divmod(int(answers.argmax()), answers[0].numel())
            y, x = divmod(place, width)
            self.a[plane] += self.q * self.c * framed[:, y : y + 5, x : x + 5]
            self.b[plane] += self.q / 2 * v[y, x]
            answers[plane] = 0
            answers[:, max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1] = 0


class Neocognitron:
    """Three stages. `cells` gives what the 24 last C-cells answer."""

    def __init__(self, seed: int) -> None:
        """Draw first weights."""
        generator = torch.Generator().manual_seed(seed)
        self.stages = [
            Stage(1, 4.0, 1.0, 2, generator),
            Stage(PLANES, 1.5, 16.0, 2, generator),
            Stage(PLANES, 2.5, 16.0, 0, generator),
        ]

    def cells(self, pictures: Tensor) -> Tensor:
        """Return the last C-cells' answers: (N, 1, 16, 16) -> (N, 24)."""
        for stage in self.stages:
            pictures = stage.complex(stage.simple(pictures))
        return pictures.flatten(1)

    def learn(self, pictures: Tensor, presentations: int) -> None:
        """Show every picture so many times, in turn, first to the lowest stage, then to the next; no label is given."""
        for number, stage in enumerate(self.stages):
            below = pictures
            for lower in self.stages[:number]:
                below = lower.complex(lower.simple(below))
            for _ in range(presentations):
                for picture in below.split(1):
                    stage.reinforce(
                        picture, reach=2 if number < 2 else 16
                    )  # in the last, one winner a picture


def places(reach: int = 3) -> list[tuple[int, int]]:
    """Return all moves by up to ``reach`` points down and to the right."""
    steps = range(-reach, reach + 1)
    return [(down, right) for down in steps for right in steps]


def of_their_own(network: Neocognitron) -> Tensor:
    """Return which of the five digits in the middle have a strongest last cell that they share with none: bool (5,)."""
    home = network.cells(patterns()).argmax(dim=1)
    return (home[:, None] == home).sum(dim=1) == 1


def recognised(network: Neocognitron, reach: int = 3) -> float:
    """Return the share of moved digits that excite the cell which is theirs alone in the middle."""
    home, own = network.cells(patterns()).argmax(dim=1), of_their_own(network)
    moved = [(network.cells(patterns(*move)).argmax(dim=1) == home) & own for move in places(reach)]
    return float(torch.stack(moved).double().mean())


def recognised_by_overlap(reach: int = 3) -> float:
    """Return the same for a memory of the five pictures that answers with the one of most points in common."""
    home = patterns().flatten(1)
    unit = home / home.norm(dim=1, keepdim=True)
    moved = [(patterns(*move).flatten(1) @ unit.T).argmax(dim=1) == torch.arange(5) for move in places(reach)]
    return float(torch.stack(moved).double().mean())


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Show five digits in the middle, without labels, and look for them elsewhere."""
    seeds = profile.seeds(5) if seeds is None else seeds
    presentations = profile.pick(quick=2, cpu=20)
    own, still = [], []
    for seed in seeds:
        network = Neocognitron(seed)
        network.learn(patterns(), presentations)
        own.append(float(of_their_own(network).sum()))
        still.append(recognised(network))
    source = "fukushima1980neocognitron"
    return Milestone(
        name="neocognitron",
        year=1980,
        idea="features anywhere, learned without a teacher",
        outcomes=(
            Outcome(
                "moved digits that excite a cell of their own",
                tuple(still),
                ".0%",
                source,
                "all that are shown",
            ),
            Outcome("digits with a last cell of their own, of 5", tuple(own), ".1f", source, "5"),
            Outcome("the same, by a memory of the five pictures", (recognised_by_overlap(),), ".0%", source),
        ),
        data="five digits on 16×16 points, drawn by us",
        size="three stages of 24 planes, as there",
        passes=f"{presentations} presentations a digit, as there, stage by stage",
        seeds=tuple(seeds),
        profile=profile.name,
    )


if __name__ == "__main__":
    command_line(run)
