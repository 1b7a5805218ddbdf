"""The multilayer perceptron: affine maps with a nonlinearity between them.

Source: Rumelhart, Hinton & Williams, "Learning representations by back-propagating errors", Nature 323 (1986);
the rectifier: Nair & Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
Counts (asserted in ``tests/models/test_mlp.py``): sizes (784, 128, 10) give 784·128 + 128 + 128·10 + 10 = 101,770.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import Tensor, nn


class MLP(nn.Module):
    """A fully connected network.

    Args:
        sizes: features of the input, of each hidden layer and of the output, so ``len(sizes) - 1`` affine maps.
            Two sizes make a linear classifier.
        activation: makes the nonlinearity placed after every affine map but the last.

    Shapes:
        input ``(N, …)`` whose other axes multiply to ``sizes[0]``; output ``(N, sizes[-1])``, not normalised.

    Raises:
        ValueError: fewer than two sizes, or one below 1.

    """

    def __init__(self, sizes: Sequence[int], activation: Callable[[], nn.Module] = nn.ReLU) -> None:
        super().__init__()
        if len(sizes) < 2 or min(sizes) < 1:
            raise ValueError(f"an MLP needs an input and an output size, each at least 1; got {tuple(sizes)}")
        self.sizes = tuple(sizes)
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes):
            layers += [nn.Linear(inputs, outputs), activation()]
        self.layers = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """Return logits ``(N, sizes[-1])`` for inputs ``(N, …)``."""
        x = x.flatten(1)  # (N, sizes[0])
        return self.layers(x)  # (N, sizes[-1])
