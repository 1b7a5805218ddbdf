"""Convolution by hand, in one dimension and in two: forward, backward, stride, padding, and the size that comes out.

Used by the chapter *convolution*.

What networks call a convolution is a cross-correlation: the kernel lies on the input as it is, and is not turned
around (`convolve` turns it around, as mathematicians do). In one dimension there is a single channel, and the loops go
over the places of the output, as one would do it with a pencil. In two dimensions there are batches and channels, and
the loops go over the places of the kernel, which are few: each multiplies a whole picture at once.

Weights are stored as in `torch.nn.Conv2d`: (K, C, kH, kW), a kernel for each output channel, one slice a channel of the
input.

Sources: shared local weights, and the gradient of a shared weight as a sum over its places, follow LeCun et al. (1989,
doi 10.1162/neco.1989.1.4.541). Sizes as in Dumoulin and Visin (2016, arXiv 1603.07285).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

# --- sizes --------------------------------------------------------------------------------------------------


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """Return how many places a kernel takes along one axis: ⌊(size + 2·padding − kernel) / stride⌋ + 1.

    Args:
        size: of the input along this axis.
        kernel: of the window along this axis.
        stride: from one place to the next.
        padding: zeros added at each end.

    Raises:
        ValueError: a number out of range, or a kernel larger than the padded input.

    """
    if size < 1 or kernel < 1 or stride < 1 or padding < 0:
        raise ValueError(
            f"size, kernel and stride must be at least 1 and padding at least 0; got size={size}, kernel={kernel}, "
            f"stride={stride}, padding={padding}"
        )
    room = size + 2 * padding - kernel
    if room < 0:
        raise ValueError(
            f"a kernel of {kernel} does not fit on {size} + 2·{padding} = {size + 2 * padding}: choose a smaller "
            "kernel or more padding"
        )
    return room // stride + 1


# --- one dimension, one channel -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Slopes:
    """The slopes of a loss in what a convolution reads."""

    inputs: Tensor
    """The shape of the inputs."""
    weights: Tensor
    """The shape of the weights."""
    biases: Tensor
    """One for each output channel; a single number, shape (), in one dimension."""


def correlate(x: Tensor, kernel: Tensor, bias: float = 0.0, stride: int = 1, padding: int = 0) -> Tensor:
    """Lay the kernel on every place of a signal, multiply, and add up: (L,), (k,) -> (L',).

    y[i] = bias + Σⱼ kernel[j] · x[i·stride + j], where x has ``padding`` zeros at both ends.

    Raises:
        ValueError: not two vectors, or sizes that do not fit.

    """
    padded = _signal(x, kernel, padding)  # (L + 2·padding,)
    places = output_size(len(x), len(kernel), stride, padding)
    windows = (padded[i * stride : i * stride + len(kernel)] for i in range(places))
    return torch.stack([(window * kernel).sum() + bias for window in windows])  # (L',)


def convolve(x: Tensor, kernel: Tensor, bias: float = 0.0, stride: int = 1, padding: int = 0) -> Tensor:
    """Return the convolution of mathematics: the same with the kernel turned around. Arguments as for `correlate`."""
    return correlate(x, kernel.flip(0), bias, stride, padding)


def correlate_backward(x: Tensor, kernel: Tensor, slope: Tensor, stride: int = 1, padding: int = 0) -> Slopes:
    """Return the slopes of a loss in signal, kernel and bias, from its slopes in the output of `correlate`.

    A weight acts at every place, so its slope is a sum over all places; a number of the signal lies under several
    windows, so its slope is a sum over those.

    Args:
        x: (L,), the signal of the forward pass.
        kernel: (k,).
        slope: (L',), the slope of the loss in each output.
        stride, padding: those of the forward pass.

    Raises:
        ValueError: shapes do not fit.

    """
    padded = _signal(x, kernel, padding)
    places = output_size(len(x), len(kernel), stride, padding)
    if slope.shape != (places,):
        raise ValueError(f"slope must have the shape of the output, ({places},); got {tuple(slope.shape)}")
    to_kernel, to_padded = torch.zeros_like(kernel), torch.zeros_like(padded)
    for i in range(places):
        under = slice(i * stride, i * stride + len(kernel))
        to_kernel += slope[i] * padded[under]
        to_padded[under] += slope[i] * kernel
    return Slopes(to_padded[padding : padding + len(x)], to_kernel, slope.sum())


def _signal(x: Tensor, kernel: Tensor, padding: int) -> Tensor:
    """Return the signal with zeros at both ends."""
    if x.dim() != 1 or kernel.dim() != 1:
        raise ValueError(
            f"needs a signal (L,) and a kernel (k,); got {tuple(x.shape)} and {tuple(kernel.shape)}"
        )
    if padding < 0:
        raise ValueError(f"padding must be at least 0; got {padding}")
    padded = x.new_zeros(len(x) + 2 * padding)
    padded[padding : padding + len(x)] = x
    return padded


# --- two dimensions, batches and channels -------------------------------------------------------------------


class Conv2d:
    """A convolutional layer: every kernel (C, kH, kW) goes over all places of a picture (C, H, W), and makes a map.

    Attributes:
        weights: (K, C, kH, kW).
        biases: (K,).
        stride: from one place to the next, along both axes.
        padding: zeros added on all four sides.

    """

    def __init__(self, weights: Tensor, biases: Tensor, stride: int = 1, padding: int = 0) -> None:
        """Take weights (K, C, kH, kW) and biases (K,) as they are, without a copy.

        Raises:
            ValueError: the shapes do not belong together, ``stride`` is below 1, or ``padding`` below 0.

        """
        if weights.dim() != 4 or biases.shape != weights.shape[:1]:
            raise ValueError(
                f"a layer needs weights (K, C, kH, kW) and biases (K,); got {tuple(weights.shape)} "
                f"and {tuple(biases.shape)}"
            )
        if stride < 1 or padding < 0:
            raise ValueError(
                f"stride must be at least 1 and padding at least 0; got stride={stride}, padding={padding}"
            )
        self.weights, self.biases, self.stride, self.padding = weights, biases, stride, padding

    @property
    def parameters(self) -> int:
        """A weight for each number of each kernel and a bias for each kernel: K · (C·kH·kW + 1)."""
        return self.weights.numel() + self.biases.numel()

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps (N, K, H', W') of pictures (N, C, H, W).

        Raises:
            ValueError: pictures of another shape, or smaller than the kernel.

        """
        padded = self._padded(x)
        height, width = self._places(x)
        maps = self.biases[None, :, None, None].repeat(len(x), 1, height, width)  # (N, K, H', W')
        for i, j, seen in self._looks(height, width):
            # what the kernel's place (i, j) sees, at all places of the picture at once: (N, C, H', W')
            maps += torch.einsum("ncyx,kc->nkyx", padded[seen], self.weights[:, :, i, j])
        return maps

    def backward(self, x: Tensor, slope: Tensor) -> Slopes:
        """Return the slopes of a loss in pictures, weights and biases, from its slopes in the maps.

        Args:
            x: (N, C, H, W), the pictures of the forward pass.
            slope: (N, K, H', W'), the slope of the loss in each number of the maps.

        Raises:
            ValueError: shapes do not fit.

        """
        padded = self._padded(x)
        height, width = self._places(x)
        if slope.shape != (len(x), len(self.weights), height, width):
            raise ValueError(
                f"slope must have the shape of the maps, {(len(x), len(self.weights), height, width)}; "
                f"got {tuple(slope.shape)}"
            )
        to_weights, to_padded = torch.zeros_like(self.weights), torch.zeros_like(padded)
        for i, j, seen in self._looks(height, width):
            to_weights[:, :, i, j] = torch.einsum("nkyx,ncyx->kc", slope, padded[seen])  # sum over places
            to_padded[seen] += torch.einsum("nkyx,kc->ncyx", slope, self.weights[:, :, i, j])
        rows, columns = (slice(self.padding, self.padding + size) for size in x.shape[2:])
        return Slopes(to_padded[:, :, rows, columns], to_weights, slope.sum(dim=(0, 2, 3)))

    def _looks(self, height: int, width: int) -> Iterator[tuple[int, int, tuple[slice, slice, slice, slice]]]:
        """Yield each place (i, j) of the kernel, and which numbers of the padded pictures it meets."""
        every, s = slice(None), self.stride
        for i in range(self.weights.shape[2]):
            for j in range(self.weights.shape[3]):
                yield i, j, (every, every, slice(i, i + s * height, s), slice(j, j + s * width, s))

    def _places(self, x: Tensor) -> tuple[int, int]:
        """Return H' and W'."""
        height, width = (
            output_size(size, kernel, self.stride, self.padding)
            for size, kernel in zip(x.shape[2:], self.weights.shape[2:], strict=True)
        )
        return height, width

    def _padded(self, x: Tensor) -> Tensor:
        """Return the pictures with zeros around them: (N, C, H + 2·padding, W + 2·padding)."""
        if x.dim() != 4 or x.shape[1] != self.weights.shape[1]:
            raise ValueError(
                f"pictures must have shape (N, {self.weights.shape[1]}, H, W); got {tuple(x.shape)}"
            )
        p, (count, channels, height, width) = self.padding, x.shape
        padded = x.new_zeros(count, channels, height + 2 * p, width + 2 * p)
        padded[:, :, p : p + height, p : p + width] = x
        return padded
