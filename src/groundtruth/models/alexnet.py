"""AlexNet: five convolutions and three dense layers on colour pictures of 227×227, one of 1,000 classes.

Used by the chapters *history* and *deep-architectures*.

Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012
(reprinted with doi 10.1145/3065386). The second, fourth and fifth convolution are of two groups, since the network was
spread over two GPUs. The paper says 224×224; 227 is what its stride of 4 with kernels of 11 and no padding needs to
give 55×55.

Counts (asserted below and in ``tests/models/test_alexnet.py``): 60,965,224. Convolutions 34,944, 307,456, 885,120,
663,936 and 442,624; dense 37,752,832, 16,781,312 and 4,097,000. Without groups it would be 62,378,344.
"""

from __future__ import annotations

from torch import Tensor, nn


class AlexNet(nn.Module):
    """The network of 2012.

    Args:
        classes: number of logits.
        groups: of the second, fourth and fifth convolution; 2 in the paper.
        hidden: units of the two dense layers before the last; 4,096 in the paper.

    Attributes:
        SHAPES: what the five convolutions and their poolings give, one by one, for a 227×227 picture.

    Shapes:
        input ``(N, 3, 227, 227)``; output ``(N, classes)``, not normalised.

    Raises:
        ValueError: pictures of another size.

    """

    SHAPES = (
        (96, 55, 55), (96, 27, 27), (256, 27, 27), (256, 13, 13), (384, 13, 13), (384, 13, 13), (256, 13, 13),
        (256, 6, 6),
    )  # fmt: skip

    def __init__(self, classes: int = 1000, groups: int = 2, hidden: int = 4096) -> None:
        super().__init__()

        def normalised(layer: nn.Module) -> nn.Module:
            # Over five neighbouring channels, alpha 1e-4 in the paper; PyTorch divides it by the five.
            return nn.Sequential(layer, nn.ReLU(), nn.LocalResponseNorm(5, alpha=5e-4, beta=0.75, k=2.0))

        self.features = nn.Sequential(
            normalised(nn.Conv2d(3, 96, 11, stride=4)),  # (N, 96, 55, 55)
            nn.MaxPool2d(3, stride=2),  # (N, 96, 27, 27): windows overlap
            normalised(nn.Conv2d(96, 256, 5, padding=2, groups=groups)),  # (N, 256, 27, 27)
            nn.MaxPool2d(3, stride=2),  # (N, 256, 13, 13)
            nn.Sequential(nn.Conv2d(256, 384, 3, padding=1), nn.ReLU()),  # (N, 384, 13, 13)
            nn.Sequential(nn.Conv2d(384, 384, 3, padding=1, groups=groups), nn.ReLU()),  # (N, 384, 13, 13)
            nn.Sequential(nn.Conv2d(384, 256, 3, padding=1, groups=groups), nn.ReLU()),  # (N, 256, 13, 13)
            nn.MaxPool2d(3, stride=2),  # (N, 256, 6, 6)
        )
        self.dense = nn.Sequential(
            nn.Dropout(0.5),
            nn.Linear(256 * 6 * 6, hidden),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, classes),
        )
        if (classes, groups, hidden) == (1000, 2, 4096):
            assert sum(p.numel() for p in self.parameters()) == 60_965_224

    def forward(self, x: Tensor) -> Tensor:
        """Return logits ``(N, classes)`` for pictures ``(N, 3, 227, 227)``."""
        if x.shape[1:] != (3, 227, 227):
            raise ValueError(f"AlexNet takes pictures (N, 3, 227, 227); got {tuple(x.shape)}")
        for layer, shape in zip(self.features, self.SHAPES, strict=True):
            x = layer(x)
            assert x.shape[1:] == shape
        x = x.flatten(1)  # (N, 9216)
        return self.dense(x)  # (N, classes)
