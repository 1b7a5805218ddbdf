"""LeNet: two convolutions with pooling behind each, then dense layers; and its twin that shares no weights.

Used by the chapter *convolution*.

Source: LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition", Proceedings of the
IEEE 86 (1998), doi 10.1109/5.726791. It keeps the sizes of LeNet-5 and brings the rest to today's habits: ReLU in place
of tanh, max pooling in place of trained averages, every map of the second convolution reads all maps of the first, and
an affine layer gives the logits. It is therefore not LeNet-5, whose count is another.

Counts (asserted in ``tests/models/test_lenet.py``), for grey images of 28 × 28 and ten classes:

- convolutions 6·(25 + 1) + 16·(6·25 + 1) = 156 + 2,416 = 2,572;
- dense layers (400·120 + 120) + (120·84 + 84) + (84·10 + 10) = 48,120 + 10,164 + 850 = 59,134;
- together 61,706;
- with ``shared=False`` every one of the 784 and 100 places has kernels of its own: 784·156 + 100·2,416 + 59,134 =
  423,038. The multiply-adds of an image are the same, 784·150 + 100·2,400 + 58,920 = 416,520.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn


class LeNet(nn.Module):
    """[convolution → ReLU → max pooling] × 2 → dense layers, for grey images of 28 × 28.

    Args:
        shared: whether all places of a map share one kernel; without it, every place has its own.
        classes: number of logits.

    Shapes:
        input ``(N, 1, 28, 28)``; output ``(N, classes)``, not normalised.

    Raises:
        ValueError: fewer than one class; while running, images of another size: the dense layers are made for 28 × 28.

    """

    def __init__(self, shared: bool = True, classes: int = 10) -> None:
        super().__init__()
        if classes < 1:
            raise ValueError(f"a LeNet needs at least one class; got {classes}")
        if shared:
            first: nn.Module = nn.Conv2d(1, 6, kernel_size=5, padding=2)
            second: nn.Module = nn.Conv2d(6, 16, kernel_size=5)
        else:
            first = UnsharedConv2d(1, 6, kernel_size=5, size=28, padding=2)
            second = UnsharedConv2d(6, 16, kernel_size=5, size=14)
        self.features = nn.Sequential(first, nn.ReLU(), nn.MaxPool2d(2), second, nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Sequential(
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits ``(N, classes)`` for images ``(N, 1, 28, 28)``."""
        x = self.features(x)  # (N, 16, 5, 5): 28 -> 28 -> 14 -> 10 -> 5
        return self.head(x.flatten(1))  # (N, 400) -> (N, classes)


class UnsharedConv2d(nn.Module):
    """A layer with the windows of a convolution, in which every place has kernels of its own: locally connected.

    Args:
        inputs, outputs: channels.
        kernel_size: side of the window.
        size: side of the images, for every place has to have its weights made.
        padding: zeros around the images.

    Attributes:
        seen: (places · inputs · kernel_size²,), the number of the pixel that each weight meets.
        weight: (places, inputs · kernel_size², outputs).
        bias: (places, 1, outputs).

    Shapes:
        input ``(N, inputs, size, size)``; output ``(N, outputs, S, S)`` with S = size + 2 · padding − kernel_size + 1.

    Raises:
        ValueError: a count below 1, or a window that does not fit; while running, images of another size.

    """

    seen: Tensor

    def __init__(self, inputs: int, outputs: int, kernel_size: int, size: int, padding: int = 0) -> None:
        super().__init__()
        side = size + 2 * padding - kernel_size + 1
        if min(inputs, outputs, kernel_size, side) < 1 or padding < 0:
            raise ValueError(
                "an UnsharedConv2d needs counts of at least 1 and a window that fits; got "
                f"{inputs} and {outputs} channels, kernel_size={kernel_size}, size={size}, padding={padding}"
            )
        self.inputs, self.size, self.padding, self.side = inputs, size, padding, side
        wide = size + 2 * padding
        pixels = torch.arange(inputs * wide * wide).view(inputs, wide, wide)
        windows = pixels.unfold(1, kernel_size, 1).unfold(2, kernel_size, 1)  # (C, S, S, k, k)
        windows = windows.permute(1, 2, 0, 3, 4).flatten()  # (P·C·k²,): which pixel each weight meets
        self.register_buffer("seen", windows, persistent=False)
        numbers = inputs * kernel_size**2
        bound = 1 / math.sqrt(numbers)  # as nn.Conv2d starts
        self.weight = nn.Parameter(torch.empty(side * side, numbers, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(side * side, 1, outputs).uniform_(-bound, bound))

    def forward(self, x: Tensor) -> Tensor:
        """Return maps ``(N, outputs, S, S)`` for images ``(N, inputs, size, size)``."""
        if x.shape[1:] != (self.inputs, self.size, self.size):
            raise ValueError(
                f"images must have shape (N, {self.inputs}, {self.size}, {self.size}); got {tuple(x.shape)}"
            )
        if self.padding:
            x = F.pad(x, (self.padding,) * 4)
        pixels = x.flatten(1).T.contiguous()  # (C·H·W, N): a row holds one pixel of every image
        windows = pixels.index_select(0, self.seen)  # copies of whole rows: twice as fast as single pixels
        windows = windows.view(self.side**2, -1, len(x))  # (P, D, N), D = C·k² pixels at each place
        bias, weight = self.bias.transpose(1, 2), self.weight.transpose(1, 2)  # (P, K, 1), (P, K, D)
        scores = torch.baddbmm(bias, weight, windows)  # (P, K, N)
        maps = scores.permute(2, 1, 0).unflatten(2, (self.side, self.side))  # (N, K, S, S)
        return maps.contiguous(memory_format=torch.channels_last)
