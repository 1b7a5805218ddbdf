"""Plain and residual networks of any depth, over pictures or over sequences, and a small one for clothes.

Used by the chapter *deep-architectures*.

Ideas and where they come from:

- shortcuts that add a block's input to its output: He, Zhang, Ren & Sun, "Deep residual learning for image
  recognition", CVPR 2016, doi 10.1109/CVPR.2016.90. The layouts are theirs: for small pictures (section 4.2) 6n + 2
  layers in three stages, for ImageNet (section 4.1) a 7×7 convolution, a pooling and four stages. Where a stage
  halves the side and doubles the channels, the shortcut takes every second place and fills new channels with zeros
  (their option A): so a residual network has exactly the weights of the plain one of its depth;
- first weights: He et al., ICCV 2015, doi 10.1109/ICCV.2015.123;
- a short residual network that is trained in seconds: Page, "How to train your ResNet" (2018), whose DAWNBench entry
  has nine layers; `SmallResNet` follows its pattern of a convolution between two residual pairs.

Counts (asserted in ``tests/models/test_residual.py``): 20 layers on colour pictures 269,722, 56 layers 853,018 (0.27
and 0.85 million in their table 6), ``imagenet_34()`` 21,623,848, ``SmallResNet()`` 463,594.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from groundtruth.models.copies import Affine


class Block(nn.Module):
    """Two convolutions of width 3, each with batch normalisation; with ``residual`` the input is added before the end.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output, at least as many.
        stride: of the first convolution.
        residual: whether the block has a shortcut; without it the block is plain.
        dims: 2 for pictures, 1 for sequences, which are taken as pictures of a single row.
        norm: whether the convolutions are followed by batch normalisation; else they have a bias.
        copies: how many such blocks stand side by side (see ``groundtruth.models.copies``).

    Shapes:
        input ``(N, copies · in_channels, H, W)``; output ``(N, copies · out_channels, …)``, each side divided by the
        stride, rounded up.

    Raises:
        ValueError: a count below 1, fewer channels out than in, or dimensions other than 1 and 2.

    """

    def __init__(  # noqa: PLR0917
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        residual: bool = True,
        dims: int = 2,
        norm: bool = True,
        copies: int = 1,
    ) -> None:
        super().__init__()
        if min(in_channels, stride, copies) < 1 or out_channels < in_channels:
            raise ValueError(
                "a block needs counts of at least 1, and no fewer channels out than in; got "
                f"in_channels={in_channels}, out_channels={out_channels}, stride={stride}, copies={copies}"
            )
        self.first = _convolution(in_channels, out_channels, stride, dims, norm, copies=copies)
        self.second = _convolution(out_channels, out_channels, 1, dims, norm, copies=copies)
        self.residual, self.stride, self.copies = residual, stride, copies
        self.new = out_channels - in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Return maps ``(N, copies · out_channels, …)`` for maps ``(N, copies · in_channels, H, W)``."""
        out = F.relu(self.first(x))  # (N, K, H/stride, W/stride)
        out = self.second(out)  # (N, K, H/stride, W/stride)
        if self.residual:
            out = out + self.shortcut(x)
        return F.relu(out)

    def shortcut(self, x: Tensor) -> Tensor:
        """Return the input at every ``stride``-th place, with channels of zeros behind it: no weights."""
        if self.stride > 1:
            x = x[:, :, :: self.stride, :: self.stride]
        if self.new:
            x = x.unflatten(1, (self.copies, -1))  # (N, R, C, H, W)
            x = F.pad(x, (0, 0, 0, 0, 0, self.new)).flatten(1, 2)  # (N, R·K, H, W)
        return x


class ResidualNet(nn.Module):
    """A first convolution, stages of blocks, the mean over places, one affine map.

    Args:
        blocks: how many blocks each stage has; each stage but the first begins with stride 2.
        widths: channels of each stage.
        residual: with shortcuts, or plain; the weights are the same.
        dims: 2 for pictures, 1 for sequences.
        in_channels: channels of the inputs.
        classes: number of logits.
        large: begin as for ImageNet, with width 7 and stride 2, and a maximum over 3 places with stride 2.
        norm: whether there is batch normalisation.
        copies: how many such networks stand side by side (see ``groundtruth.models.copies``).

    Attributes:
        depth: layers with weights, the first and the last included.

    Shapes:
        input ``(N, copies · in_channels, H, W)``, or ``(N, copies · in_channels, L)`` for sequences; output
        ``(N, classes)``, with several copies ``(N, copies, classes)``; not normalised.

    Raises:
        ValueError: no stage, stages and widths of different number, or what a block refuses.

    """

    def __init__(  # noqa: PLR0917
        self,
        blocks: Sequence[int],
        widths: Sequence[int] = (16, 32, 64),
        residual: bool = True,
        dims: int = 2,
        in_channels: int = 1,
        classes: int = 10,
        large: bool = False,
        norm: bool = True,
        copies: int = 1,
    ) -> None:
        super().__init__()
        if not blocks or len(blocks) != len(widths) or min(*blocks, *widths, in_channels, classes) < 1:
            raise ValueError(
                "a ResidualNet needs a width for each stage, and counts of at least 1; got "
                f"blocks={tuple(blocks)}, widths={tuple(widths)}, in_channels={in_channels}, classes={classes}"
            )
        start = {"stride": 2, "width": 7} if large else {"stride": 1, "width": 3}
        stem: list[nn.Module] = [
            _convolution(in_channels, widths[0], dims=dims, norm=norm, copies=copies, **start),
            nn.ReLU(),
        ]
        if large:
            stem.append(nn.MaxPool2d(3, stride=2, padding=1))
        self.stem = nn.Sequential(*stem)
        stages, width = [], widths[0]
        for number, (count, outputs) in enumerate(zip(blocks, widths, strict=True)):
            for place in range(count):
                stride = 2 if number > 0 and place == 0 else 1
                stages.append(Block(width, outputs, stride, residual, dims, norm, copies))
                width = outputs
        self.blocks = nn.Sequential(*stages)
        self.head = Affine(width, classes, copies)
        self.dims, self.copies = dims, copies
        self.depth = 2 * sum(blocks) + 2
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Return logits for inputs; shapes as above."""
        if self.dims == 1:
            x = x.unsqueeze(2)  # (N, C, L) -> (N, C, 1, L)
        x = self.blocks(self.stem(x))  # (N, R·widths[-1], …)
        x = x.mean(dim=(2, 3))  # (N, R·widths[-1]): global average pooling
        x = self.head(x)  # (N, R·classes)
        return x if self.copies == 1 else x.unflatten(1, (self.copies, -1))


def of_depth(depth: int, residual: bool = True, **others: Any) -> ResidualNet:
    """Return the network for small pictures with this many layers: 3 stages of n blocks, 6n + 2 layers.

    Args:
        depth: 8, 14, 20, …
        residual: with shortcuts, or plain.
        others: as for `ResidualNet`.

    Raises:
        ValueError: the depth is not of that form.

    """
    if depth < 8 or (depth - 2) % 6:
        raise ValueError(f"depth must be 6n + 2 with n at least 1: 8, 14, 20, …; got {depth}")
    return ResidualNet(((depth - 2) // 6,) * 3, residual=residual, **others)


def imagenet_34(residual: bool = True) -> ResidualNet:
    """Return the 34 layers for colour pictures of 224×224 and 1,000 classes."""
    return ResidualNet((3, 4, 6, 3), (64, 128, 256, 512), residual, in_channels=3, classes=1000, large=True)


class Pair(nn.Module):
    """x + f(x), where f is two rounds of 3×3 convolution, batch normalisation and rectifier.

    Args:
        channels: of input and output.
        residual: whether x is added; without it the pair is f(x).

    Shapes:
        input and output ``(N, channels, H, W)``.

    """

    def __init__(self, channels: int, residual: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _convolution(channels, channels), nn.ReLU(), _convolution(channels, channels), nn.ReLU()
        )
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """Return maps of the same shape."""
        return x + self.body(x) if self.residual else self.body(x)


class SmallResNet(nn.Module):
    """A residual network for 28×28 grey pictures that is trained in less than a minute on two cores with bf16.

    On cores that do not multiply in bfloat16 it takes about five times as long.

    A convolution with stride 2 (at full size each channel would cost four times as much), then for each further width
    a convolution, a 2×2 maximum and a residual pair; in the end the mean over places. The maximum comes before the
    normalisation and the rectifier, which then have a quarter of the work.

    Args:
        widths: channels of the first convolution, and of each stage.
        in_channels: channels of the pictures.
        classes: number of logits.
        stem: side of the first kernels, odd.
        mirror: in evaluation, look at each picture and at its mirror image, and take the mean of the logits.
        residual: whether the pairs have shortcuts; the weights are the same.

    Shapes:
        input ``(N, in_channels, H, W)``; output ``(N, classes)``, not normalised.

    Raises:
        ValueError: fewer than two widths, a count below 1, or an even stem.

    """

    def __init__(  # noqa: PLR0917
        self,
        widths: Sequence[int] = (32, 64, 128),
        in_channels: int = 1,
        classes: int = 10,
        stem: int = 3,
        mirror: bool = False,
        residual: bool = True,
    ) -> None:
        super().__init__()
        if len(widths) < 2 or min(*widths, in_channels, classes, stem) < 1 or stem % 2 == 0:
            raise ValueError(
                "a SmallResNet needs two widths or more, counts of at least 1 and an odd stem; got "
                f"widths={tuple(widths)}, in_channels={in_channels}, classes={classes}, stem={stem}"
            )
        layers: list[nn.Module] = [_convolution(in_channels, widths[0], 2, width=stem), nn.ReLU()]
        for inputs, outputs in pairwise(widths):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.MaxPool2d(2)]
            layers += [nn.BatchNorm2d(outputs), nn.ReLU(), Pair(outputs, residual)]
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(widths[-1], classes)
        self.mirror = mirror

    def forward(self, x: Tensor) -> Tensor:
        """Return logits ``(N, classes)`` for pictures ``(N, in_channels, H, W)``."""
        if self.mirror and not self.training:
            return (self.logits(x) + self.logits(x.flip(3))) / 2
        return self.logits(x)

    def logits(self, x: Tensor) -> Tensor:
        """Return logits ``(N, classes)`` for one look at the pictures."""
        x = self.features(x)  # (N, 128, 3, 3) from (N, 1, 28, 28) with the default widths
        # Global average pooling. x.mean(dim=(2, 3)) is the same, but hands back a slope with channels first in memory,
        # and the layers just before it would be slower by that.
        x = F.avg_pool2d(x, x.shape[2:]).flatten(1)  # (N, 128)
        return self.head(x)  # (N, classes)


def _convolution(  # noqa: PLR0917
    inputs: int,
    outputs: int,
    stride: int = 1,
    dims: int = 2,
    norm: bool = True,
    width: int = 3,
    copies: int = 1,
) -> nn.Module:
    """Return a convolution that keeps the side (divided by the stride), and its normalisation."""
    if dims not in (1, 2):
        raise ValueError(f"dims must be 1 for sequences or 2 for pictures; got {dims}")
    kernel, steps, padding = (width, width), (stride, stride), (width // 2, width // 2)
    if dims == 1:  # a picture of one row
        kernel, steps, padding = (1, width), (1, stride), (0, width // 2)
    layer = nn.Conv2d(copies * inputs, copies * outputs, kernel, steps, padding, groups=copies, bias=not norm)
    return nn.Sequential(layer, nn.BatchNorm2d(copies * outputs)) if norm else layer
