"""The inverted bottleneck with a depthwise convolution (MBConv), and a small network of such blocks.

Used by the chapters *deep-architectures* and *transfer-learning*.

Ideas and where they come from:

- one k×k kernel a channel (depthwise), then a 1×1 convolution that mixes the channels: Howard et al., "MobileNets",
  arXiv:1704.04861 (2017);
- widen, filter, narrow again, with a shortcut between the narrow ends and no nonlinearity on them: Sandler et al.,
  "MobileNetV2: inverted residuals and linear bottlenecks", CVPR 2018, doi 10.1109/CVPR.2018.00474;
- networks of such blocks, found by search and scaled: Tan & Le, "EfficientNet", ICML 2019, arXiv:1905.11946. Their
  blocks also weigh the channels (squeeze and excitation); EfficientNet-Lite leaves that out, clips its rectifier at 6,
  and pads as TensorFlow does, and so does this block where it is asked to.

Counts (asserted in ``tests/models/test_mbconv.py``): a block from C to K channels with expansion t and kernel k has
t·C² + k²·t·C + t·C·K weights in its convolutions (no biases) and 2·(2·t·C + K) in its normalisations; with t = 1
the first convolution and its normalisation are left out. ``MobileNet()`` has 25,530.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn


class SameConv2d(nn.Conv2d):
    """A convolution with TensorFlow's "same" padding: the output has ``ceil(H / stride)`` rows, whatever H is.

    As many zeros as that needs are put round the input, and an odd one goes below and to the right. With stride 2 and
    even sides this differs from PyTorch's symmetric padding: weights trained with the one are shifted by a pixel under
    the other.

    Shapes:
        input ``(N, in_channels, H, W)``; output ``(N, out_channels, ceil(H / stride), ceil(W / stride))``.

    """

    def __init__(  # noqa: PLR0917 - the order of nn.Conv2d
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        groups: int = 1,
        bias: bool = False,
    ) -> None:
        super().__init__(in_channels, out_channels, kernel_size, stride, padding=0, groups=groups, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of the padded input."""
        top, bottom = _same(x.shape[2], self.kernel_size[0], self.stride[0])
        left, right = _same(x.shape[3], self.kernel_size[1], self.stride[1])
        return super().forward(F.pad(x, (left, right, top, bottom)))


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return how many zeros stand before and after a side of this size."""
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def convolution(  # noqa: PLR0917 - the order of nn.Conv2d
    in_channels: int, out_channels: int, kernel: int, stride: int = 1, groups: int = 1, same: bool = False
) -> nn.Conv2d:
    """Return a convolution without bias that keeps the side (divided by the stride, rounded up).

    Args:
        in_channels, out_channels: counts of maps.
        kernel: its side, odd.
        stride: steps of the window.
        groups: 1 mixes all channels; ``in_channels`` is a depthwise convolution.
        same: pad as TensorFlow does, not by ``kernel // 2`` on every side.

    """
    if same:
        return SameConv2d(in_channels, out_channels, kernel, stride, groups)
    padding = kernel // 2
    return nn.Conv2d(
        in_channels, out_channels, kernel, stride=stride, padding=padding, groups=groups, bias=False
    )


class MBConv(nn.Module):
    """Widen by a 1×1 convolution, filter each channel by a k×k kernel of its own, narrow by another 1×1 convolution.

    Each convolution is followed by batch normalisation, and the first two by the activation. Where stride is 1 and
    both ends have as many channels, the input is added.

    Args:
        in_channels: channels at the narrow end where the input comes.
        out_channels: channels at the other.
        kernel: side of the depthwise kernels, odd.
        stride: of the depthwise convolution.
        expansion: channels in the middle for each at the input; 1 leaves the first convolution out.
        activation: makes the nonlinearity.
        eps: added to variances by the normalisations (EfficientNet: 1e-3).
        momentum: share of the newest batch in the running statistics (EfficientNet: 0.01).
        same: pad as TensorFlow does (see `SameConv2d`).

    Attributes:
        expand: 1×1 convolution, normalisation, activation; empty where expansion is 1.
        depthwise: k×k convolution, normalisation, activation.
        project: 1×1 convolution and normalisation.
        residual: whether the input is added.

    Shapes:
        input ``(N, in_channels, H, W)``; output ``(N, out_channels, ceil(H / stride), ceil(W / stride))``.

    Raises:
        ValueError: a count below 1, or an even kernel.

    """

    def __init__(  # noqa: PLR0917
        self,
        in_channels: int,
        out_channels: int,
        kernel: int = 3,
        stride: int = 1,
        expansion: int = 6,
        activation: Callable[[], nn.Module] = nn.ReLU6,
        eps: float = 1e-5,
        momentum: float = 0.1,
        same: bool = False,
    ) -> None:
        super().__init__()
        if min(in_channels, out_channels, kernel, stride, expansion) < 1 or kernel % 2 == 0:
            raise ValueError(
                "an MBConv needs counts of at least 1 and an odd kernel; got "
                f"in_channels={in_channels}, out_channels={out_channels}, kernel={kernel}, stride={stride}, "
                f"expansion={expansion}"
            )
        wide = in_channels * expansion

        def normalise(channels: int) -> nn.Module:
            return nn.BatchNorm2d(channels, eps=eps, momentum=momentum)

        self.expand = nn.Sequential()
        if expansion > 1:
            self.expand = nn.Sequential(
                convolution(in_channels, wide, 1, same=same), normalise(wide), activation()
            )
        self.depthwise = nn.Sequential(
            convolution(wide, wide, kernel, stride, groups=wide, same=same), normalise(wide), activation()
        )
        self.project = nn.Sequential(convolution(wide, out_channels, 1, same=same), normalise(out_channels))
        self.residual = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        """Return maps ``(N, out_channels, …)`` for maps ``(N, in_channels, …)``."""
        out = self.expand(x)  # (N, wide, H, W)
        out = self.depthwise(out)  # (N, wide, H/stride, W/stride)
        out = self.project(out)  # (N, out_channels, H/stride, W/stride), no nonlinearity
        return x + out if self.residual else out


class MobileNet(nn.Module):
    """A small network of MBConv blocks, for 28×28 grey images; it takes other sizes as well.

    A 3×3 convolution, stages of blocks, a 1×1 convolution, the mean over positions, one affine map.

    Args:
        stem: channels of the first convolution.
        stages: for each stage its output channels, how many blocks, and the stride of the first of them.
        head: channels of the last convolution.
        expansion: of every block.
        in_channels: channels of the images.
        classes: number of logits.
        same: pad as TensorFlow does.

    Shapes:
        input ``(N, in_channels, H, W)``; output ``(N, classes)``, not normalised.

    Raises:
        ValueError: no stage, or a count below 1.

    """

    def __init__(  # noqa: PLR0917
        self,
        stem: int = 16,
        stages: Sequence[tuple[int, int, int]] = ((16, 2, 2), (32, 2, 2)),
        head: int = 128,
        expansion: int = 4,
        in_channels: int = 1,
        classes: int = 10,
        same: bool = False,
    ) -> None:
        super().__init__()
        if not stages or min(stem, head, in_channels, classes, *(count for s in stages for count in s)) < 1:
            raise ValueError(f"a MobileNet needs a stage, and counts of at least 1; got stages={stages}")
        layers: list[nn.Module] = [
            convolution(in_channels, stem, 3, same=same),
            nn.BatchNorm2d(stem),
            nn.ReLU6(),
        ]
        width = stem
        for outputs, blocks, stride in stages:
            for number in range(blocks):
                layers.append(MBConv(width, outputs, 3, stride if number == 0 else 1, expansion, same=same))
                width = outputs
        layers += [convolution(width, head, 1, same=same), nn.BatchNorm2d(head), nn.ReLU6()]
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(head, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits ``(N, classes)`` for images ``(N, in_channels, H, W)``."""
        x = self.features(x)  # (N, 128, 7, 7) from (N, 1, 28, 28) with the default stages
        x = x.mean(dim=(2, 3))  # (N, 128)
        return self.head(x)  # (N, classes)
