"""A small convolutional network for 28×28 grey images (Fashion-MNIST, MNIST); it takes other sizes as well.

Ideas and where they come from:

- shared local weights and subsampling: LeCun et al., "Gradient-based learning applied to document recognition",
  Proceedings of the IEEE 86 (1998);
- 3×3 kernels only, twice the channels where the side is halved: Simonyan & Zisserman, "Very deep convolutional
  networks for large-scale image recognition", ICLR 2015;
- batch normalisation before the rectifier: Ioffe & Szegedy, ICML 2015 (here after pooling, which costs less);
- the mean over positions in place of large fully connected layers: Lin, Chen & Yan, "Network in network",
  ICLR 2014.

Counts (asserted in ``tests/models/test_convnet.py``): 94,186 with the default widths. Convolutions 9·1·32 +
9·32·64 + 9·64·128 = 92,448 (no biases: batch normalisation has its own shift), normalisation 2·(32 + 64 + 128) =
448, last layer 128·10 + 10 = 1,290.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn


class ConvNet(nn.Module):
    """Blocks of 3×3 convolution, 2×2 max pooling, batch normalisation and rectifier; then a mean and one affine map.

    Args:
        widths: output channels of each block; the last block does not pool.
        in_channels: channels of the images.
        classes: number of logits.

    Shapes:
        input ``(N, in_channels, H, W)`` with H and W at least ``2 ** (len(widths) - 1)``; output ``(N, classes)``,
        not normalised.

    Raises:
        ValueError: no widths, or a count below 1.

    """

    def __init__(
        self, widths: Sequence[int] = (32, 64, 128), in_channels: int = 1, classes: int = 10
    ) -> None:
        super().__init__()
        if not widths or min(*widths, in_channels, classes) < 1:
            raise ValueError(
                f"a ConvNet needs at least one block, and counts of at least 1; "
                f"got widths={tuple(widths)}, in_channels={in_channels}, classes={classes}"
            )
        layers: list[nn.Module] = []
        for number, (inputs, outputs) in enumerate(pairwise((in_channels, *widths)), start=1):
            layers.append(nn.Conv2d(inputs, outputs, kernel_size=3, padding=1, bias=False))
            if number < len(widths):
                layers.append(nn.MaxPool2d(2))  # before the next two, which then have a quarter of the work
            layers += [nn.BatchNorm2d(outputs), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits ``(N, classes)`` for images ``(N, in_channels, H, W)``."""
        x = self.features(x)  # (N, 128, 7, 7) from (N, 1, 28, 28) with the default widths
        x = x.mean(dim=(2, 3))  # (N, 128)
        return self.head(x)  # (N, classes)
