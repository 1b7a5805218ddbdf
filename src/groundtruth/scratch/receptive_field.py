"""How much of the input a unit sees: counted from kernels and strides, and measured by a gradient.

Used by the chapter *deep-architectures*.

One layer after another, along one side: a layer with kernel k, on inputs whose neighbours lie j pixels apart, widens
the field by (k − 1)·j pixels, and with stride s its own outputs lie j·s pixels apart. Sources: Araujo, Norris & Sim
(2019), "Computing receptive fields of convolutional neural networks", doi 10.23915/distill.00021; that the pixels in a
field do not count alike: Luo, Li, Urtasun & Zemel (2016), arXiv:1701.04128.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Field(NamedTuple):
    """What a unit of some layer sees, along one side."""

    size: int
    """Pixels of the input."""
    jump: int
    """Pixels of the input between the middles of two neighbouring units."""


def fields(layers: Sequence[tuple[int, int]]) -> list[Field]:
    """Return the field after each layer, and first that of the input itself, a single pixel.

    Args:
        layers: kernel and stride of each convolution or pooling, in order.

    Raises:
        ValueError: a kernel or stride below 1.

    """
    found = [Field(1, 1)]
    for kernel, stride in layers:
        if kernel < 1 or stride < 1:
            raise ValueError(f"kernel and stride must be at least 1; got ({kernel}, {stride})")
        size, jump = found[-1]
        found.append(Field(size + (kernel - 1) * jump, jump * stride))
    return found


def influence(network: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
    """Return how strongly each pixel moves the middle unit of the network's maps: (H, W), mean absolute slope.

    The slope is that of the sum of all channels at the middle place, in every pixel; its size is averaged over the
    inputs and their channels. Where it is exactly zero on all inputs, the pixel is not seen.

    Args:
        network: takes inputs (N, C, H, W) to maps (N, K, H', W').
        inputs: (N, C, H, W); they stay as they are.

    Raises:
        ValueError: the network does not give maps.

    """
    leaf = inputs.detach().clone().requires_grad_()
    maps = network(leaf)
    if maps.dim() != 4:
        raise ValueError(f"the network must return maps (N, K, H, W); got shape {tuple(maps.shape)}")
    row, column = maps.shape[2] // 2, maps.shape[3] // 2
    (slope,) = torch.autograd.grad(maps[:, :, row, column].sum(), leaf)  # (N, C, H, W)
    return slope.abs().mean(dim=(0, 1))  # (H, W)


def extent(influences: Tensor) -> tuple[int, int]:
    """Return how many rows and columns the pixels with any influence span: the field's height and width.

    Raises:
        ValueError: not a picture (H, W), or one without any influence.

    """
    if influences.dim() != 2 or not bool((influences != 0).any()):
        raise ValueError(
            f"extent needs a picture (H, W) that is not zero everywhere; got shape {tuple(influences.shape)}"
        )
    spans = []
    for side in (1, 0):
        seen = (influences != 0).any(dim=side).nonzero().flatten()
        spans.append(int(seen[-1] - seen[0]) + 1)
    return spans[0], spans[1]


def width(influences: Tensor) -> float:
    """Return how wide the influence is: twice its standard deviation along one side, the mean of both sides.

    A field whose pixels all count alike, over n pixels, has a width of about n / √3.
    """
    weights = influences.double() / influences.sum()
    found = []
    for side in (0, 1):
        along = weights.sum(dim=1 - side)  # (H,) or (W,)
        places = torch.arange(len(along), dtype=torch.float64)
        middle = (along * places).sum()
        found.append(2 * float(((places - middle).square() * along).sum().sqrt()))
    return sum(found) / 2
