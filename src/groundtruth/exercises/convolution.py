"""Answer checks for the chapter ``convolution``.

The conventions are those of the chapter and of `torch.nn.Conv2d`. What the checks compute with shares no code with
`groundtruth.scratch`, so that tests can hold one against the other.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

from groundtruth.exercises.answers import (
    Choice,
    Exercise,
    Function,
    NotRightError,
    Numeric,
    Parts,
    Predicate,
    checks_of,
    read,
)

__all__ = ["EXERCISES", "check"]


# --- with-a-pencil ---------------------------------------------------------------------------------------

PICTURE = [[1.0, 2, 0, 1], [0, 1, 3, 1], [2, 0, 1, 0], [1, 1, 0, 2]]
KERNEL = [[1.0, 0], [2, -1]]


def _laid(*, turned: bool = False, stride: int = 1, transposed: bool = False) -> Tensor:
    kernel = torch.tensor(KERNEL)
    kernel = kernel.flip(0, 1) if turned else kernel.T if transposed else kernel
    return F.conv2d(torch.tensor(PICTURE)[None, None], kernel[None, None], stride=stride)[0, 0]


PENCIL = Parts(
    {
        "map": Numeric(
            expected=_laid,
            what="The map",
            traps={
                "You have turned the kernel around. Here it lies on the picture as it is.": (
                    lambda: _laid(turned=True)
                ),
                "The rows and columns of the kernel have changed places.": lambda: _laid(transposed=True),
            },
        ),
        "strided": Numeric(
            expected=lambda: _laid(stride=2),
            what="The map with stride 2",
            traps={
                "These are the first places, side by side. A stride of 2 leaves every second one out.": (
                    lambda: _laid()[:2, :2]
                ),
                "You have started one place too far: the first window lies in the corner.": (
                    lambda: _laid()[1:, 1:]
                ),
                "You have turned the kernel around.": lambda: _laid(turned=True, stride=2),
            },
        ),
        "turned": Numeric(
            expected=lambda: _laid(turned=True),
            what="The convolution of mathematics",
            traps={
                "This is the cross-correlation again. Turn the kernel by half a turn first.": _laid,
                "You have flipped the kernel along one axis. Both are turned around.": (
                    lambda: F.conv2d(
                        torch.tensor(PICTURE)[None, None], torch.tensor(KERNEL).flip(0)[None, None]
                    )[0, 0]
                ),
            },
        ),
    }
)


# --- how-many-places -------------------------------------------------------------------------------------


def _count(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    return (size + 2 * padding - kernel) // stride + 1


ROUND_DOWN = "A window that hangs over the edge does not count: round down."
BOTH_ENDS = "Padding is added at both ends of a line."

PLACES = Parts(
    {
        "plain": Numeric(
            expected=lambda: _count(32, 5),
            rtol=0,
            what="The side of the plain map",
            traps={"This is the side of the picture; the kernel needs room as well.": lambda: 32},
        ),
        "strided": Numeric(
            expected=lambda: _count(224, 7, 2, 3),
            rtol=0,
            what="The side of the strided map",
            traps={
                BOTH_ENDS: lambda: (224 + 3 - 7) // 2 + 1,
                ROUND_DOWN: lambda: (224 + 6 - 7) / 2 + 1,
            },
        ),
        "pooled": Numeric(
            expected=lambda: _count(13, 2, 2),
            rtol=0,
            what="The side of the pooled map",
            traps={ROUND_DOWN: lambda: 7, "It is no fraction: round down.": lambda: 6.5},
        ),
        "same": Numeric(
            expected=lambda: 3,
            rtol=0,
            what="The padding",
            traps={
                "This is the padding of both ends together.": lambda: 6,
                "That would be the padding of a kernel of 9.": lambda: 4,
            },
        ),
    }
)


# --- count-the-weights -----------------------------------------------------------------------------------

WEIGHTS = Parts(
    {
        "first": Numeric(
            expected=lambda: 64 * (9 * 3 + 1),
            rtol=0,
            what="The number of the first layer",
            traps={
                "Every kernel has a slice for each channel of its input.": lambda: 64 * (9 + 1),
                "One bias a kernel is missing.": lambda: 64 * 27,
                "One bias a kernel, not one a slice.": lambda: 64 * 3 * 10,
                "How often a kernel is used does not matter for how many weights it has.": (
                    lambda: 64 * 28 * 32 * 32
                ),
            },
        ),
        "second": Numeric(
            expected=lambda: 64 * (9 * 64 + 1),
            rtol=0,
            what="The number of the second layer",
            traps={
                "Its input has sixty-four channels, not three.": lambda: 64 * 28,
                "Every kernel has a slice for each channel of its input.": lambda: 64 * 10,
                "One bias a kernel is missing.": lambda: 64 * 9 * 64,
            },
        ),
        "dense": Numeric(
            expected=lambda: 3 * 32 * 32 * 64 * 32 * 32 + 64 * 32 * 32,
            rtol=0,
            what="The number of the dense layer",
            traps={
                "The biases are missing.": lambda: 3 * 32 * 32 * 64 * 32 * 32,
                "It has to give a number for every place of every map, not one a map.": (
                    lambda: (3 * 32 * 32 + 1) * 64
                ),
            },
        ),
        "ratio": Numeric(
            expected=lambda: 4.0,
            what="The factor",
            traps={
                "The weights stay the same. But each is used at more places.": lambda: 1.0,
                "Two sides have doubled.": lambda: 2.0,
            },
        ),
    }
)


# --- write-the-layer -------------------------------------------------------------------------------------


def _layer(pictures: Tensor, kernels: Tensor, biases: Tensor, stride: int) -> Tensor:
    return F.conv2d(pictures, kernels, biases, stride)


def _layer_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for count, channels, kernels, height, width, tall, wide, stride in (
        (1, 1, 1, 5, 5, 3, 3, 1),
        (2, 3, 4, 6, 7, 3, 2, 1),
        (1, 2, 3, 7, 9, 3, 3, 2),
        (2, 2, 2, 8, 6, 2, 4, 3),
    ):
        shapes = (count, channels, height, width), (kernels, channels, tall, wide), (kernels,)
        parts = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
        calls.append((*parts, stride))
    return calls


LAYER = Function(
    reference=_layer,
    inputs=_layer_calls,
    traps={
        "Your kernels are turned around: this is the convolution of mathematics.": (
            lambda pictures, kernels, biases, stride: F.conv2d(pictures, kernels.flip(2, 3), biases, stride)
        ),
        "The biases are missing.": lambda pictures, kernels, biases, stride: F.conv2d(
            pictures, kernels, None, stride
        ),
        "You have averaged over the channels. They are added up.": (
            lambda pictures, kernels, biases, stride: F.conv2d(
                pictures, kernels / pictures.shape[1], biases, stride
            )
        ),
        "Only the first channel is read. A kernel has a slice for each, and the slices' sums are added.": (
            lambda pictures, kernels, biases, stride: F.conv2d(
                pictures[:, :1], kernels[:, :1], biases, stride
            )
        ),
        "The bias is added once a channel. It is one number a kernel.": (
            lambda pictures, kernels, biases, stride: F.conv2d(
                pictures, kernels, biases * pictures.shape[1], stride
            )
        ),
    },
)


# --- who-was-largest -------------------------------------------------------------------------------------


def _routed(maps: Tensor, slope: Tensor) -> Tensor:
    leaf = maps.clone().requires_grad_()
    F.max_pool2d(leaf[None, None], 2)[0, 0].backward(slope)
    assert leaf.grad is not None
    return leaf.grad


def _spread(maps: Tensor, slope: Tensor) -> Tensor:
    return slope.repeat_interleave(2, 0).repeat_interleave(2, 1)


def _maps(generator: torch.Generator) -> list[tuple[object, ...]]:
    sizes = (2, 2), (4, 4), (2, 6), (8, 4)
    return [
        (
            torch.randn(tall, wide, generator=generator, dtype=torch.float64),
            torch.randn(tall // 2, wide // 2, generator=generator, dtype=torch.float64),
        )
        for tall, wide in sizes
    ]


ROUTED = Function(
    reference=_routed,
    inputs=_maps,
    traps={
        "Every number of a window gets the whole slope. Only the largest had a say.": _spread,
        "Every number of a window gets a quarter of the slope: that is the backward pass of the mean.": (
            lambda maps, slope: _spread(maps, slope) / 4
        ),
        "The place is right, and it gets one. It should get the slope of its window.": (
            lambda maps, slope: _routed(maps, torch.ones_like(slope))
        ),
        "The slope was multiplied by the number itself.": lambda maps, slope: _routed(maps, slope) * maps,
        "You have looked for the largest size. Pooling takes the largest number, and −5 is smaller than 1.": (
            lambda maps, slope: _routed(maps.abs(), slope)
        ),
    },
)


# --- a-kernel-for-edges ----------------------------------------------------------------------------------


def _answers(kernel: Tensor, picture: Tensor) -> Tensor:
    return F.conv2d(picture[None, None], kernel[None, None])[0, 0]


def _for_edges(answer: object) -> str | None:
    kernel = torch.tensor(read(answer, (3, 3), what="The kernel"))
    down = torch.arange(8, dtype=torch.float64)[:, None].expand(8, 8)  # the number of the row
    bright_below, bright_right = (down >= 4).double(), (down.T >= 4).double()
    tolerance = 1e-6 * max(1.0, float(kernel.abs().max()))
    if float(_answers(kernel, torch.full((8, 8), 0.7, dtype=torch.float64)).abs().max()) > tolerance:
        raise NotRightError("It answers to an even grey picture. Its weights should add up to zero.")
    if float(_answers(kernel, bright_right).abs().max()) > tolerance:
        raise NotRightError(
            "It answers to an upright edge. Along each row its weights should tell nothing apart."
        )
    level = _answers(kernel, bright_below)
    if float(level.abs().max()) <= tolerance:
        raise NotRightError("It answers to nothing at all, not even to a level edge.")
    if float(level.max()) <= tolerance:
        raise NotRightError(
            "The sign is flipped: it answers with a negative number where it is bright below."
        )
    if float(level.min()) < -tolerance:
        raise NotRightError(
            "It answers positively beside the edge and negatively on the other side: that finds lines. For an edge, "
            "what is above should count against what is below."
        )
    lines = _answers(kernel, (down == 4).double())
    return f"On a bright level line it answers {float(lines.max()):g} above and {float(lines.min()):g} below."


# --- does-it-move-along ----------------------------------------------------------------------------------

MOVES = ("moves", "stays", "neither")
WRAPPED = {
    "neither": "Nothing is lost at a border that wraps around.",
    "stays": "The map is not the same as before: it has moved.",
}

MOVE = Parts(
    {
        "wrapped": Choice(MOVES, lambda: "moves", WRAPPED),
        "stride-by-one": Choice(
            MOVES,
            lambda: "neither",
            {
                "moves": "With a stride of 2 the windows now lie on other pixels: every second place was left out.",
                "stays": "The windows see other pixels than before.",
            },
        ),
        "pool-by-two": Choice(
            MOVES,
            lambda: "moves",
            {
                "neither": "A move by the whole step puts the same four numbers under the next window.",
                "stays": "The map moves, by one of its own places.",
            },
        ),
        "mean-of-all": Choice(
            MOVES,
            lambda: "stays",
            {
                "moves": "There is one number a map left, and nowhere for it to move to.",
                "neither": "A sum does not care about the order of what is added.",
            },
        ),
        "dense": Choice(
            MOVES,
            lambda: "neither",
            {
                "moves": "Every pixel has weights of its own, and now meets those of its neighbour.",
                "stays": "Every pixel now meets its neighbour's weights: the sums are others.",
            },
        ),
    }
)


# --- the-matrix-of-a-kernel ------------------------------------------------------------------------------


def _toeplitz(kernel: Tensor, length: int) -> Tensor:
    unit = torch.eye(length, dtype=kernel.dtype)
    return F.conv1d(unit[:, None], kernel[None, None])[:, 0].T


MATRIX = Function(
    reference=_toeplitz,
    inputs=lambda generator: [
        (torch.randn(size, generator=generator, dtype=torch.float64), length)
        for size, length in ((1, 3), (2, 4), (3, 7), (5, 9))
    ],
    traps={
        "Your kernel is turned around.": lambda kernel, length: _toeplitz(kernel.flip(0), length),
        "Every row holds the kernel in the same place. It moves on by one from row to row.": (
            lambda kernel, length: F.pad(kernel, (0, length - len(kernel))).repeat(
                length - len(kernel) + 1, 1
            )
        ),
    },
)


EXERCISES: dict[str, Exercise] = {
    "with-a-pencil": Exercise(
        PENCIL, code=False, praise="Four products and a sum, and then the window moves on."
    ),
    "how-many-places": Exercise(PLACES, code=False),
    "count-the-weights": Exercise(WEIGHTS, code=False),
    "write-the-layer": Exercise(LAYER, praise="It agrees with PyTorch on every hidden call."),
    "who-was-largest": Exercise(ROUTED, praise="Each slope has found its way back to the number that won."),
    "a-kernel-for-edges": Exercise(Predicate(_for_edges)),
    "does-it-move-along": Exercise(MOVE, code=False),
    "the-matrix-of-a-kernel": Exercise(
        MATRIX, praise="Every diagonal holds one number: it is a Toeplitz matrix."
    ),
}

check = checks_of(EXERCISES)
