"""A convolution taken apart: first each channel by itself, then all channels at each place.

Used by the chapter *deep-architectures*.

A full convolution looks at k×k places and C channels at once, with a kernel for every pair of channels. The depthwise
one has a single kernel a channel, and the pointwise one (a 1×1 convolution) mixes channels: together they are a full
convolution whose kernel for the pair (c, d) is the number mix[d, c] times the kernel of channel c. Sources: Sifre &
Mallat (2014); Howard et al. (2017), "MobileNets", arXiv:1704.04861, which counts the cost as it is counted here.
"""

from __future__ import annotations

import torch
from torch import Tensor


def depthwise(x: Tensor, kernels: Tensor) -> Tensor:
    """Return each channel filtered by a kernel of its own, zeros outside, same size.

    Args:
        x: (N, C, H, W).
        kernels: (C, k, k), k odd. As in every network, they are not turned round.

    Raises:
        ValueError: shapes that do not fit, or an even kernel.

    """
    if x.dim() != 4 or kernels.dim() != 3 or len(kernels) != x.shape[1] or kernels.shape[1] % 2 == 0:
        raise ValueError(
            f"needs pictures (N, C, H, W) and an odd kernel a channel (C, k, k); got {tuple(x.shape)} and "
            f"{tuple(kernels.shape)}"
        )
    height, width = x.shape[2:]
    k = kernels.shape[1]
    padded = torch.nn.functional.pad(x, (k // 2,) * 4)
    out = torch.zeros_like(x)
    for row in range(k):
        for column in range(k):
            seen = padded[:, :, row : row + height, column : column + width]  # (N, C, H, W)
            out = out + kernels[:, row, column, None, None] * seen
    return out


def pointwise(x: Tensor, mix: Tensor) -> Tensor:
    """Return new channels, each a weighted sum of the old ones at the same place: (N, C, H, W) -> (N, K, H, W).

    Args:
        x: (N, C, H, W).
        mix: (K, C).

    Raises:
        ValueError: shapes that do not fit.

    """
    if x.dim() != 4 or mix.dim() != 2 or mix.shape[1] != x.shape[1]:
        raise ValueError(
            f"needs pictures (N, C, H, W) and a mixture (K, C); got {tuple(x.shape)} and {tuple(mix.shape)}"
        )
    return (mix[None, :, :, None, None] * x[:, None]).sum(dim=2)  # (N, K, C, H, W) -> (N, K, H, W)


def as_full(kernels: Tensor, mix: Tensor) -> Tensor:
    """Return the kernels (K, C, k, k) of the one full convolution that does both: depthwise, then pointwise."""
    return mix[:, :, None, None] * kernels[None]


def full_cost(channels: int, outputs: int, kernel: int, places: int = 1) -> int:
    """Return the multiply-adds of a full convolution; with one place, its weights without bias."""
    return kernel * kernel * channels * outputs * places


def separable_cost(channels: int, outputs: int, kernel: int, places: int = 1) -> int:
    """Return the multiply-adds of the two steps; with one place, their weights without bias."""
    return (kernel * kernel * channels + channels * outputs) * places
