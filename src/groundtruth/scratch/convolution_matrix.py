"""A convolution as a matrix: a dense layer in which most weights are zero, and the others are tied together.

Used by the chapter *convolution*.

The picture is read as one row of numbers, channel after channel and line after line. Then a convolution without bias is
a product with a matrix that has a row for each number of the output. In one dimension, with stride 1, every diagonal of
that matrix holds the same number all along: a Toeplitz matrix. In two dimensions it is made of such blocks.

Source: that a shared weight's gradient is the sum of what its copies would get on their own follows LeCun et al. (1989,
doi 10.1162/neco.1989.1.4.541).
"""

from __future__ import annotations

import torch
from torch import Tensor

from groundtruth.scratch.convolution import output_size


def places(
    shape: tuple[int, int, int, int], height: int, width: int, stride: int = 1, padding: int = 0
) -> Tensor:
    """Return which weight stands where in the matrix: (K·H'·W', C·H·W) of numbers, −1 where a zero stands.

    A number points into the weights (K, C, kH, kW), read as one row.

    Args:
        shape: of the weights.
        height, width: H and W of the pictures.
        stride, padding: of the convolution.

    Raises:
        ValueError: sizes that do not fit.

    """
    kernels, channels, tall, wide = shape
    rows = output_size(height, tall, stride, padding)
    columns = output_size(width, wide, stride, padding)
    which = torch.full((kernels, rows, columns, channels, height, width), -1)
    numbers = torch.arange(kernels * channels * tall * wide).view(shape)
    for y in range(rows):
        for x in range(columns):
            for i in range(tall):
                for j in range(wide):
                    down, right = y * stride + i - padding, x * stride + j - padding
                    if 0 <= down < height and 0 <= right < width:  # beyond lies padding: a zero
                        which[:, y, x, :, down, right] = numbers[:, :, i, j]
    return which.view(kernels * rows * columns, channels * height * width)


def matrix(weights: Tensor, height: int, width: int, stride: int = 1, padding: int = 0) -> Tensor:
    """Return the dense layer's weights that do what the convolution does: (K·H'·W', C·H·W).

    Args:
        weights: (K, C, kH, kW).
        height, width: H and W of the pictures.
        stride, padding: of the convolution.

    Raises:
        ValueError: weights of another shape, or sizes that do not fit.

    """
    if weights.dim() != 4:
        raise ValueError(f"weights must have shape (K, C, kH, kW); got {tuple(weights.shape)}")
    kernels, channels, tall, wide = weights.shape
    which = places((kernels, channels, tall, wide), height, width, stride, padding)
    return torch.where(which >= 0, weights.flatten()[which.clamp(min=0)], weights.new_zeros(()))


def gathered(slope: Tensor, which: Tensor, shape: tuple[int, int, int, int]) -> Tensor:
    """Return the slope of a loss in the kernels, from its slope in every entry of the matrix.

    Entries that hold the same weight are added up; those that are held at zero do not count.

    Args:
        slope: of each entry of the matrix, (K·H'·W', C·H·W).
        which: what `places` returned.
        shape: of the weights.

    Raises:
        ValueError: ``slope`` and ``which`` have different shapes.

    """
    if slope.shape != which.shape:
        raise ValueError(
            f"slope must have the shape of the matrix, {tuple(which.shape)}; got {tuple(slope.shape)}"
        )
    held = which >= 0
    total = slope.new_zeros(torch.Size(shape).numel())
    return total.index_add(0, which[held], slope[held]).view(shape)
