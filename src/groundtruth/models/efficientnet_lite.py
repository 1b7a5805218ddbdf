"""EfficientNet-Lite0: 16 inverted bottlenecks, a 1×1 convolution, the mean over positions, one affine map.

Used by the chapters *looking-inside* and *transfer-learning*; ``groundtruth.weights`` fills it with ImageNet weights.

Ideas and where they come from:

- the sequence of blocks (widths, kernels, strides, repeats) found by search: Tan & Le, "EfficientNet: rethinking model
  scaling for convolutional neural networks", ICML 2019, arXiv:1905.11946, table 1;
- the Lite variant, made for phones: no squeeze and excitation, the rectifier clipped at 6 in place of swish, stem and
  top of fixed width. It comes from code, not from a paper: ``models/official/efficientnet/lite`` in the repository
  tensorflow/tpu. There 75.1 % of the first answers on ImageNet's validation images are right;
- the block itself: ``groundtruth.models.mbconv``.

Counts (asserted in ``tests/models/test_efficientnet_lite.py``): 4,652,008 weights with 1,000 classes. The head has
1,280·1,000 + 1,000 = 1,281,000 of them, the body 3,371,008. A state holds 42,016 more numbers, the running means and
variances of 21,008 normalised channels, and 49 counters of batches.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from groundtruth.models.mbconv import MBConv, SameConv2d

STAGES = (
    # out, blocks, kernel, stride, expansion    side of the maps for an input of 224 pixels
    (16, 1, 3, 1, 1),  # 112
    (24, 2, 3, 2, 6),  # 56
    (40, 2, 5, 2, 6),  # 28
    (80, 3, 3, 2, 6),  # 14
    (112, 3, 5, 1, 6),  # 14
    (192, 4, 5, 2, 6),  # 7
    (320, 1, 3, 1, 6),  # 7
)
"""For each stage: output channels, blocks, side of the depthwise kernels, stride of the first block, expansion."""

SIZE = 224
"""Side in pixels of the images that the published weights were trained on."""
FEATURES = 1280
"""Numbers that the body makes of an image, and that the head sees."""


class EfficientNetLite0(nn.Module):
    """A body that turns a photograph into 1,280 features, and a head that turns these into logits.

    Args:
        classes: number of logits.
        dropout: share of the features set to zero before the head, in training mode only.

    Attributes:
        stem: 3×3 convolution with stride 2, normalisation, clipped rectifier.
        blocks: the 16 blocks of ``STAGES``, in a row.
        top: 1×1 convolution to 1,280 channels, normalisation, clipped rectifier.
        head: the affine map; replace it for classes of your own (``fresh_head``).

    Shapes:
        input ``(N, 3, H, W)``, any H and W from 1 on, as ``prepare`` makes it; output ``(N, classes)``, not normalised.

    Raises:
        ValueError: fewer than one class, or a dropout outside 0 ≤ … < 1.

    """

    def __init__(self, classes: int = 1000, dropout: float = 0.2) -> None:
        super().__init__()
        if classes < 1 or not 0 <= dropout < 1:
            raise ValueError(
                "an EfficientNetLite0 needs at least one class and a dropout of at least 0 and below 1; "
                f"got classes={classes}, dropout={dropout}"
            )
        self.stem = nn.Sequential(SameConv2d(3, 32, 3, stride=2), _normalise(32), nn.ReLU6())
        blocks: list[nn.Module] = []
        width = 32
        for out, repeats, kernel, first_stride, expansion in STAGES:
            for number in range(repeats):
                stride = first_stride if number == 0 else 1
                blocks.append(
                    MBConv(width, out, kernel, stride, expansion, eps=1e-3, momentum=0.01, same=True)
                )
                width = out
        self.blocks = nn.Sequential(*blocks)
        self.top = nn.Sequential(SameConv2d(width, FEATURES, 1), _normalise(FEATURES), nn.ReLU6())
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(FEATURES, classes)

    def maps(self, x: Tensor) -> Tensor:
        """Return the last feature maps ``(N, 1280, H/32, W/32)``, sides rounded up, for images ``(N, 3, H, W)``."""
        x = self.stem(x)  # (N, 32, 112, 112) from (N, 3, 224, 224)
        x = self.blocks(x)  # (N, 320, 7, 7)
        return self.top(x)  # (N, 1280, 7, 7)

    def features(self, x: Tensor) -> Tensor:
        """Return the features ``(N, 1280)`` of images ``(N, 3, H, W)``: each map's mean over its positions."""
        return self.maps(x).mean(dim=(2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Return logits ``(N, classes)`` for images ``(N, 3, H, W)``."""
        x = self.features(x)  # (N, 1280)
        return self.head(self.dropout(x))  # (N, classes)

    def fresh_head(self, classes: int) -> EfficientNetLite0:
        """Put a new head, with random weights, in place of the old one; return this network.

        Raises:
            ValueError: fewer than one class.

        """
        if classes < 1:
            raise ValueError(f"a head needs at least one class; got {classes}")
        here = self.head.weight
        self.head = nn.Linear(FEATURES, classes, device=here.device, dtype=here.dtype)
        return self


def cut(model: EfficientNetLite0, first: int) -> tuple[nn.Sequential, nn.Sequential]:
    """Return the network in two pieces, which share its weights: what lies below block ``first``, and the rest.

    If the lower piece stays as it is, its maps need to be computed only once for each image.

    Args:
        model: whole.
        first: block, from 0, with which the upper piece begins; 16 leaves it ``top`` and ``head`` only.

    Returns:
        ``(lower, upper)`` with ``upper(lower(x))`` equal to ``model(x)``; both in the model's mode.

    Raises:
        ValueError: there is no such block.

    """
    if not 0 <= first <= len(model.blocks):
        raise ValueError(f"first must be a block from 0 to {len(model.blocks)}; got {first}")
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())  # (N, 1280, h, w) -> (N, 1280)
    blocks = list(model.blocks)
    lower = nn.Sequential(model.stem, *blocks[:first])
    upper = nn.Sequential(*blocks[first:], model.top, pool, model.dropout, model.head)
    for piece in (
        pool,
        lower,
        upper,
    ):  # not .train(): that would go through the parts, whose modes may differ
        piece.training = model.training
    return lower, upper


def prepare(images: Tensor, size: int | None = SIZE, mode: str = "bicubic") -> Tensor:
    """Return images as the published weights expect them: resized, minus 127, over 128.

    Args:
        images: whole bytes ``(N, 3, H, W)`` or one image ``(3, H, W)``: red, green, blue.
        size: side in pixels of the result, which is square; None leaves the size as it is.
        mode: ``"bicubic"`` (as in the published evaluation), ``"bilinear"``, ``"area"`` or ``"nearest"``.

    Returns:
        float32 ``(N, 3, size, size)``, from about −1 to 1.

    Raises:
        ValueError: the images are not whole bytes, have not three channels, or ``size`` is below 1.

    """
    if images.dim() == 3:
        images = images.unsqueeze(0)
    if images.dtype != torch.uint8 or images.dim() != 4 or images.shape[1] != 3:
        raise ValueError(
            "images must be whole bytes (uint8) of shape (N, 3, H, W), red, green, blue; got "
            f"{images.dtype} of shape {tuple(images.shape)}. Grey images: images.expand(-1, 3, -1, -1)."
        )
    if size is not None and size < 1:
        raise ValueError(f"size must be at least 1 pixel; got {size}")
    x = images.float()
    if size is not None and x.shape[2:] != (size, size):
        smooth = mode in {"bilinear", "bicubic"}  # these look at few pixels: average first where they shrink
        x = F.interpolate(x, size=(size, size), mode=mode, antialias=smooth).clamp_(0, 255)
    return x.sub_(127).div_(128)


def _normalise(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)
