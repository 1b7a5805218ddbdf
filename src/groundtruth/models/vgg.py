"""VGG: nothing but 3×3 convolutions, in blocks that end in a 2×2 maximum, and three dense layers.

Used by the chapter *deep-architectures*.

Source: Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015,
arXiv:1409.1556, configurations A, B, D and E of table 1.

Counts (asserted in ``tests/models/test_vgg.py``): 11 layers 132,863,336, 13 layers 133,047,848, 16 layers 138,357,544,
19 layers 143,667,240 (133, 133, 138 and 144 million in its table 2).
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

WIDTHS = (64, 128, 256, 512, 512)
LAYOUTS = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""Convolutions in each block, by the number of layers with weights."""


def block(convolutions: int, in_channels: int, out_channels: int) -> nn.Sequential:
    """Return 3×3 convolutions with rectifiers, and a 2×2 maximum: ``(N, C, H, W)`` to ``(N, K, H/2, W/2)``.

    Raises:
        ValueError: a count below 1.

    """
    if min(convolutions, in_channels, out_channels) < 1:
        raise ValueError(
            f"a block needs counts of at least 1; got {convolutions} convolutions from {in_channels} to "
            f"{out_channels} channels"
        )
    layers: list[nn.Module] = []
    for number in range(convolutions):
        inputs = in_channels if number == 0 else out_channels
        layers += [nn.Conv2d(inputs, out_channels, 3, padding=1), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))


class VGG(nn.Module):
    """Blocks, then dense layers on all that is left of the picture.

    Args:
        convolutions: in each block.
        widths: channels of each block.
        hidden: units of the two dense layers before the last.
        in_channels: channels of the pictures.
        classes: number of logits.
        size: side of the pictures, which the dense layers are made for.

    Shapes:
        input ``(N, in_channels, size, size)``; output ``(N, classes)``, not normalised.

    Raises:
        ValueError: blocks and widths of different number, pictures too small for so many blocks, or a count below 1.

    """

    def __init__(  # noqa: PLR0917
        self,
        convolutions: Sequence[int] = LAYOUTS[16],
        widths: Sequence[int] = WIDTHS,
        hidden: int = 4096,
        in_channels: int = 3,
        classes: int = 1000,
        size: int = 224,
    ) -> None:
        super().__init__()
        left = size >> len(widths)
        if len(convolutions) != len(widths) or min(left, hidden, classes) < 1:
            raise ValueError(
                "a VGG needs a width for each block, and a picture that can be halved as often; got "
                f"convolutions={tuple(convolutions)}, widths={tuple(widths)}, size={size}"
            )
        channels = (in_channels, *widths)
        self.blocks = nn.Sequential(
            *(
                block(count, inputs, outputs)
                for count, inputs, outputs in zip(convolutions, channels, widths, strict=False)
            )
        )
        self.dense = nn.Sequential(
            nn.Linear(widths[-1] * left * left, hidden),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(hidden, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits ``(N, classes)`` for pictures ``(N, in_channels, size, size)``."""
        x = self.blocks(x)  # (N, 512, 7, 7) from (N, 3, 224, 224) with the default blocks
        return self.dense(x.flatten(1))  # (N, classes)
