"""Answer checks for the chapter ``deep-architectures``.

What the checks compute with shares no code with `groundtruth.scratch` and `groundtruth.models`, so that tests can hold
one against the other.

That a block may start as the identity, with the last scale of its normalisation at zero: Goyal et al. (2017,
arXiv:1706.02677, section 5.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from groundtruth.exercises.answers import (
    UNFINISHED,
    Choice,
    Exercise,
    Function,
    NotRightError,
    Numeric,
    Parts,
    Predicate,
    checks_of,
    kind_of,
    untouched_generators,
)

__all__ = ["EXERCISES", "check"]


# --- count-the-weights -----------------------------------------------------------------------------------

WIDE, SIDE, LAST, CLASSES = 64, 7, 512, 1000

COUNTS = Parts(
    {
        "one-large": Numeric(
            expected=lambda: 25 * WIDE * WIDE,
            rtol=0,
            what="The count of the 5×5 convolution",
            traps={
                "That is a kernel for each channel. Every output channel has one for every input channel.": (
                    lambda: 25 * WIDE
                ),
                "Biases are not wanted here.": lambda: 25 * WIDE * WIDE + WIDE,
            },
        ),
        "two-small": Numeric(
            expected=lambda: 2 * 9 * WIDE * WIDE,
            rtol=0,
            what="The count of the two 3×3 convolutions",
            traps={
                "That is one of the two.": lambda: 9 * WIDE * WIDE,
                "Biases are not wanted here.": lambda: 2 * (9 * WIDE * WIDE + WIDE),
                "Two convolutions one after the other add their weights; they do not multiply.": (
                    lambda: (9 * WIDE * WIDE) ** 2
                ),
            },
        ),
        "dense-head": Numeric(
            expected=lambda: SIDE * SIDE * LAST * CLASSES + CLASSES,
            rtol=0,
            what="The count of the dense head",
            traps={
                "The biases are missing.": lambda: SIDE * SIDE * LAST * CLASSES,
                "The dense layer reads every place of every map, not the maps alone.": (
                    lambda: LAST * CLASSES + CLASSES
                ),
            },
        ),
        "pooled-head": Numeric(
            expected=lambda: LAST * CLASSES + CLASSES,
            rtol=0,
            what="The count of the head behind global average pooling",
            traps={
                "The biases are missing.": lambda: LAST * CLASSES,
                "After the mean over places each map is a single number.": (
                    lambda: SIDE * SIDE * LAST * CLASSES + CLASSES
                ),
            },
        ),
    }
)


# --- inception-bargain -----------------------------------------------------------------------------------

PLACES, IN, NARROW, OUT = 28 * 28, 192, 16, 32


def _through() -> int:
    return PLACES * (IN * NARROW + 25 * NARROW * OUT)


BARGAIN = Parts(
    {
        "direct": Numeric(
            expected=lambda: PLACES * 25 * IN * OUT,
            rtol=0,
            what="The count of the direct way",
            traps={
                "These are the weights. Each is used once at every place.": lambda: 25 * IN * OUT,
                "The kernel has 5×5 numbers a channel, not 5.": lambda: PLACES * 5 * IN * OUT,
            },
        ),
        "through": Numeric(
            expected=_through,
            rtol=0,
            what="The count of the way through 16 channels",
            traps={
                "These are the weights. Each is used once at every place.": lambda: _through() // PLACES,
                "The 1×1 convolution costs something too.": lambda: PLACES * 25 * NARROW * OUT,
                "The 5×5 convolution now reads the few channels.": (
                    lambda: PLACES * (IN * NARROW + 25 * IN * OUT)
                ),
            },
        ),
        "factor": Numeric(
            expected=lambda: PLACES * 25 * IN * OUT / _through(),
            rtol=5e-3,
            what="The factor",
            traps={
                "It is upside down: the direct way is the dear one.": (
                    lambda: _through() / (PLACES * 25 * IN * OUT)
                ),
                "That is the factor of the channels. The 1×1 convolution has its price too.": lambda: (
                    IN / NARROW
                ),
            },
        ),
    }
)


# --- see-far ---------------------------------------------------------------------------------------------


def _field(layers: Sequence[tuple[int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * jump
        jump *= stride
    return size


def _no_jump(layers: Sequence[tuple[int, int]]) -> int:
    return 1 + sum(kernel - 1 for kernel, _ in layers)


def _own_stride_first(layers: Sequence[tuple[int, int]]) -> int:
    size, jump = 1, 1
    for kernel, stride in layers:
        jump *= stride
        size += (kernel - 1) * jump
    return size


def _sum_of_kernels(layers: Sequence[tuple[int, int]]) -> int:
    size, jump = 0, 1
    for kernel, stride in layers:
        size += kernel * jump
        jump *= stride
    return size


def _from_zero(layers: Sequence[tuple[int, int]]) -> int:
    return _field(layers) - 1


def _last_stride_alone(layers: Sequence[tuple[int, int]]) -> int:
    size, before = 1, 1
    for kernel, stride in layers:
        size += (kernel - 1) * before
        before = stride
    return size


FIELD = Function(
    reference=_field,
    inputs=lambda generator: [
        ([],),
        ([(3, 1)],),
        ([(3, 1), (3, 1)],),
        ([(5, 2), (5, 2)],),
        ([(7, 2), (3, 2), (3, 1), (3, 1)],),
        ([(1, 1), (3, 2), (1, 1), (3, 2), (3, 2), (3, 1)],),
    ],
    rtol=0,
    traps={
        "Strides are forgotten: behind a layer with stride 2, neighbours lie two pixels apart.": _no_jump,
        "A layer's own stride moves its outputs apart. What it reads lies as far apart as before it.": (
            _own_stride_first
        ),
        "A kernel of k reaches over k − 1 gaps.": _sum_of_kernels,
        "Without any layer a unit is a pixel, and sees one pixel: begin with 1.": _from_zero,
        "Strides multiply: behind two layers with stride 2, neighbours lie four pixels apart.": (
            _last_stride_alone
        ),
    },
)


# --- block-backward --------------------------------------------------------------------------------------


def _backward(x: Tensor, W1: Tensor, W2: Tensor, slope: Tensor) -> Tensor:
    return _backward_like()(x, W1, W2, slope)


def _backward_like(
    shortcut: str = "masked", outer: bool = True, inner: bool = True, seen: str = "sum"
) -> Callable[..., Tensor]:
    """Return the backward pass, or one with a common mistake in it."""

    def way(x: Tensor, W1: Tensor, W2: Tensor, slope: Tensor) -> Tensor:
        h = (x @ W1).clamp(min=0)
        s = h @ W2 + (x if seen == "sum" else 0)
        at_s = slope * (s > 0) if outer else slope
        at_h = at_s @ W2.T
        at_h = at_h * (h > 0) if inner else at_h
        through = at_h @ W1.T
        along = {"masked": at_s, "raw": slope, "none": torch.zeros_like(slope), "times": None}[shortcut]
        return through * at_s if along is None else through + along

    return way


def _blocks(generator: torch.Generator) -> list[tuple[Tensor, ...]]:
    cases: list[tuple[Tensor, ...]] = []
    for n, features, hidden in ((1, 2, 3), (4, 3, 5), (6, 5, 2)):
        x, slope = (torch.randn(n, features, generator=generator, dtype=torch.float64) for _ in range(2))
        W1 = torch.randn(features, hidden, generator=generator, dtype=torch.float64)
        W2 = torch.randn(hidden, features, generator=generator, dtype=torch.float64)
        cases.append((x, W1, W2, slope))
    return cases


BACKWARD = Function(
    reference=_backward,
    inputs=_blocks,
    traps={
        "This is the slope of a plain block: what comes back along the shortcut is missing.": (
            _backward_like("none")
        ),
        "The shortcut ends before the last rectifier, so its slope passes that rectifier too.": (
            _backward_like("raw")
        ),
        "The two ways are added in the forward pass, so their slopes are added, not multiplied.": (
            _backward_like("times")
        ),
        "The last rectifier is forgotten: where it gave 0, nothing comes back.": _backward_like(outer=False),
        "The rectifier in the middle is forgotten.": _backward_like(inner=False),
        "The last rectifier looks at the sum, with x in it.": _backward_like(seen="branch"),
    },
)


# --- fold-the-norm ---------------------------------------------------------------------------------------


def _fold(
    weight: Tensor, mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor
) -> tuple[Tensor, Tensor]:
    factor = scale / (variance + 1e-5).sqrt()
    return weight * factor[:, None, None, None], shift - mean * factor


def _fold_inputs(generator: torch.Generator) -> list[tuple[Tensor, ...]]:
    cases: list[tuple[Tensor, ...]] = []
    for outputs, inputs, side in ((1, 1, 1), (3, 3, 3), (4, 2, 3)):
        weight = torch.randn(outputs, inputs, side, side, generator=generator, dtype=torch.float64)
        mean, scale, shift = (
            torch.randn(outputs, generator=generator, dtype=torch.float64) for _ in range(3)
        )
        variance = 0.2 + torch.rand(outputs, generator=generator, dtype=torch.float64)
        cases.append((weight, mean, variance, scale, shift))
    return cases


def _fold_by_variance(weight: Tensor, mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor) -> tuple:
    factor = scale / (variance + 1e-5)
    return weight * factor[:, None, None, None], shift - mean * factor


def _fold_mean_left(weight: Tensor, mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor) -> tuple:
    factor = scale / (variance + 1e-5).sqrt()
    return weight * factor[:, None, None, None], shift


def _fold_mean_bare(weight: Tensor, mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor) -> tuple:
    factor = scale / (variance + 1e-5).sqrt()
    return weight * factor[:, None, None, None], shift - mean


def _fold_plus(weight: Tensor, mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor) -> tuple:
    factor = scale / (variance + 1e-5).sqrt()
    return weight * factor[:, None, None, None], shift + mean * factor


FOLD = Function(
    reference=_fold,
    inputs=_fold_inputs,
    returns=("weight", "bias"),
    traps={
        "Divide by the standard deviation, the root of the variance.": _fold_by_variance,
        "The mean is subtracted before the scale: it ends up in the bias.": _fold_mean_left,
        "The mean is scaled as well, since it is subtracted before.": _fold_mean_bare,
        "The mean is subtracted, and you have added it.": _fold_plus,
    },
)


# --- begin-as-nothing ------------------------------------------------------------------------------------


def _begins_as_nothing(answer: object) -> str | None:
    if not callable(answer) or isinstance(answer, nn.Module):
        raise NotRightError(
            f"A function make(channels) is wanted, and this is {kind_of(answer)}. Hand in its name, without brackets."
        )
    with untouched_generators():
        torch.manual_seed(0)
        for channels in (3, 8):
            try:
                block = answer(channels)
            except Exception as error:
                raise NotRightError(f"make({channels}) raised {type(error).__name__}: {error}.") from None
            if block is ...:
                raise NotRightError(UNFINISHED)
            if not isinstance(block, nn.Module):
                raise NotRightError(f"make should return a network, and returns {kind_of(block)}.")
            _judge_block(block.train(), channels)
    return None


def _judge_block(block: nn.Module, channels: int) -> None:
    found = [part for part in block.modules() if isinstance(part, nn.Conv2d)]
    if len(found) < 2 or any(part.kernel_size != (3, 3) for part in found):
        raise NotRightError(f"Two 3×3 convolutions are wanted; the block has {len(found)} convolution(s).")
    if not any(isinstance(part, nn.BatchNorm2d) for part in block.modules()):
        raise NotRightError("There is no batch normalisation in the block.")
    x = torch.rand(4, channels, 6, 5)
    try:
        y = block(x)
    except Exception as error:
        raise NotRightError(
            f"The block raised {type(error).__name__} on pictures (4, {channels}, 6, 5)."
        ) from None
    if not isinstance(y, Tensor) or y.shape != x.shape:
        raise NotRightError("The block should give maps of the shape that it got.")
    if not y.any():
        raise NotRightError("The block gives zeros: is the shortcut missing?")
    if not torch.allclose(y, x, atol=1e-6):
        raise NotRightError("At the start the block does not give back what it got.")
    if any(not part.weight.any() for part in found):
        raise NotRightError(
            "A convolution starts at zero. It works for one of them, but then the other learns nothing at first; "
            "leave the convolutions as they are, and look at what comes behind them."
        )
    if not all(p.requires_grad for p in block.parameters()):
        raise NotRightError("Some of the weights cannot be trained.")
    optimizer = torch.optim.SGD(block.parameters(), lr=0.5)
    target = torch.rand(4, channels, 6, 5)
    for _ in range(2):  # in the first step only what is at zero moves; in the second, everything
        before = [p.detach().clone() for p in block.parameters()]
        optimizer.zero_grad()
        (block(x) - target).square().mean().backward()
        optimizer.step()
    moved = [not torch.equal(a, b) for a, b in zip(before, block.parameters(), strict=True)]
    convolutions = [any(p is part.weight for part in found) for p in block.parameters()]
    if not all(m for m, c in zip(moved, convolutions, strict=True) if c):
        raise NotRightError("After two steps a convolution still has not moved: nothing comes back to it.")


# --- whose-fault -----------------------------------------------------------------------------------------

WORDS = ("overfitting", "underfitting", "chance")


def _case(right: str, hints: dict[str, str]) -> Choice:
    return Choice(options=WORDS, expected=lambda: right, hints=hints)


CASES = Parts(
    {
        "a": _case(
            "underfitting",
            {
                "overfitting": "Look at the training errors: which network fits its examples better?",
                "chance": "The difference is many times as large as the scatter.",
            },
        ),
        "b": _case(
            "overfitting",
            {
                "underfitting": "This network fits its training examples without a mistake.",
                "chance": "The difference is many times as large as the scatter.",
            },
        ),
        "c": _case(
            "chance",
            {
                "overfitting": "Compare the difference with the scatter from seed to seed.",
                "underfitting": "Compare the difference with the scatter from seed to seed.",
            },
        ),
    }
)


EXERCISES: dict[str, Exercise] = {
    "count-the-weights": Exercise(
        COUNTS,
        code=False,
        praise="The same view for fewer weights, and a head that is nearly fifty times smaller.",
    ),
    "inception-bargain": Exercise(
        BARGAIN, code=False, praise="It is a bargain only if 16 channels are enough."
    ),
    "whose-fault": Exercise(CASES, code=False),
    "see-far": Exercise(FIELD, praise="It agrees on every hidden stack."),
    "block-backward": Exercise(
        BACKWARD, praise="It agrees with automatic differentiation on every hidden block."
    ),
    "fold-the-norm": Exercise(FOLD, praise="One layer does the work of two, and nobody sees the difference."),
    "begin-as-nothing": Exercise(
        Predicate(_begins_as_nothing), praise="A stack of a thousand such blocks starts as no network at all."
    ),
}

check = checks_of(EXERCISES)
