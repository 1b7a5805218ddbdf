"""Pooling by hand: the largest number of each window, or the mean, forward and backward.

Used by the chapter *convolution*.

A window goes over each map by itself, usually 2 × 2 with a step of 2, and there is nothing to learn. What does not fill
a whole window at the right or lower edge is left out.

Source: averages of windows, with a trained factor, stand in LeCun et al. (1998, doi 10.1109/5.726791). Where the
largest number occurs twice in a window, the first in reading order gets the slope, as in PyTorch.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from groundtruth.scratch.convolution import output_size


class Pool:
    """What both kinds of pooling share: a window and a step.

    Attributes:
        size: side of the window.
        stride: from one window to the next; the size of the window if left out.

    """

    def __init__(self, size: int = 2, stride: int | None = None) -> None:
        """Take the window's side and its step.

        Raises:
            ValueError: one of them is below 1.

        """
        self.size, self.stride = size, size if stride is None else stride
        if self.size < 1 or self.stride < 1:
            raise ValueError(f"size and stride must be at least 1; got size={size}, stride={stride}")

    def looks(self, x: Tensor) -> Iterator[tuple[slice, ...]]:
        """Yield, for each place of the window, which numbers of maps (N, C, H, W) it meets: (N, C, H', W') of them.

        Raises:
            ValueError: no such maps, or maps smaller than the window.

        """
        if x.dim() != 4:
            raise ValueError(f"maps must have shape (N, C, H, W); got {tuple(x.shape)}")
        height, width = (output_size(side, self.size, self.stride) for side in x.shape[2:])
        every, s = slice(None), self.stride
        for i in range(self.size):
            for j in range(self.size):
                yield every, every, slice(i, i + s * height, s), slice(j, j + s * width, s)

    def _check(self, x: Tensor, slope: Tensor) -> None:
        shape = x[next(iter(self.looks(x)))].shape
        if slope.shape != shape:
            raise ValueError(
                f"slope must have the shape of the output, {tuple(shape)}; got {tuple(slope.shape)}"
            )


class MaxPool(Pool):
    """The largest number of each window."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the largest number of each window: (N, C, H, W) -> (N, C, H', W')."""
        return self._largest(x)[0]

    def backward(self, x: Tensor, slope: Tensor) -> Tensor:
        """Return the slope in each input, (N, C, H, W): all of a window's slope goes to its largest number.

        Args:
            x: the maps of the forward pass.
            slope: (N, C, H', W'), the slope of the loss in each output.

        Raises:
            ValueError: shapes do not fit.

        """
        self._check(x, slope)
        winner = self._largest(x)[1]
        to_inputs = torch.zeros_like(x)
        for number, seen in enumerate(self.looks(x)):
            to_inputs[seen] += slope * (winner == number)  # windows may overlap: add
        return to_inputs

    def _largest(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the largest number of each window, and the number of its place in the window."""
        best: Tensor | None = None
        for number, seen in enumerate(self.looks(x)):
            if best is None:
                best, winner = x[seen], torch.zeros_like(x[seen], dtype=torch.int64)
                continue
            larger = x[seen] > best  # not >=: the first of several stays
            best = torch.where(larger, x[seen], best)
            winner = torch.where(larger, number, winner)
        assert best is not None
        return best, winner


class MeanPool(Pool):
    """The mean of each window: a convolution whose weights are all 1 / size², each map by itself."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the mean of each window: (N, C, H, W) -> (N, C, H', W')."""
        return torch.stack([x[seen] for seen in self.looks(x)]).sum(dim=0) / self.size**2

    def backward(self, x: Tensor, slope: Tensor) -> Tensor:
        """Return the slope in each input, (N, C, H, W): a window's slope goes to all of its numbers in equal parts.

        Arguments and errors as for `MaxPool.backward`.
        """
        self._check(x, slope)
        to_inputs = torch.zeros_like(x)
        for seen in self.looks(x):
            to_inputs[seen] += slope / self.size**2
        return to_inputs
