"""A residual block by hand: forward, backward, and what a stack of blocks does to a gradient.

Used by the chapter *deep-architectures*.

    h = relu(x W₁ + b₁),    s = x + h W₂ + b₂,    y = relu(s)

Without the term x it is a plain block. Backwards, the slope at s goes two ways: through the two layers, and along the
shortcut as it is; the slope in x is the sum of both. The maps are dense here, (N, D) to (N, D); in a convolution the
shortcut is the same.

Source: He, Zhang, Ren & Sun (2016), "Deep residual learning for image recognition", doi 10.1109/CVPR.2016.90,
equation 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Gradients:
    """Slopes of the loss in what a block was given and in what it learns; shapes as there."""

    inputs: Tensor
    W1: Tensor
    b1: Tensor
    W2: Tensor
    b2: Tensor


class Block:
    """Two layers with a rectifier behind each, and, if residual, a shortcut round them.

    Attributes:
        W1: (D, H); ``b1``: (H,); ``W2``: (H, D); ``b2``: (D,).
        residual: whether the input is added before the last rectifier.

    """

    def __init__(self, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor, residual: bool = True) -> None:
        """Keep the weights.

        Raises:
            ValueError: their shapes do not fit, or the block does not end with as many features as it begins with.

        """
        features, hidden = W1.shape
        if W2.shape != (hidden, features) or b1.shape != (hidden,) or b2.shape != (features,):
            raise ValueError(
                f"W1 (D, H), b1 (H,), W2 (H, D), b2 (D,) do not fit: got {tuple(W1.shape)}, {tuple(b1.shape)}, "
                f"{tuple(W2.shape)} and {tuple(b2.shape)}"
            )
        self.W1, self.b1, self.W2, self.b2, self.residual = W1, b1, W2, b2, residual
        self._kept: tuple[Tensor, Tensor, Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return y, (N, D), for x, (N, D), and keep what the backward pass needs."""
        h = (x @ self.W1 + self.b1).clamp(min=0)  # (N, H)
        s = h @ self.W2 + self.b2  # (N, D)
        if self.residual:
            s = s + x
        self._kept = (x, h, s)
        return s.clamp(min=0)

    def backward(self, slope: Tensor) -> Gradients:
        """Return all slopes, given that of the loss in the output of the last `forward`, (N, D).

        Raises:
            ValueError: `forward` has not been called, or the shape is not that of its output.

        """
        if self._kept is None:
            raise ValueError("call forward before backward")
        x, h, s = self._kept
        if slope.shape != s.shape:
            raise ValueError(
                f"the slope must have the shape of the output, {tuple(s.shape)}; got {tuple(slope.shape)}"
            )
        at_s = slope * (s > 0)  # (N, D)
        at_h = (at_s @ self.W2.T) * (h > 0)  # (N, H)
        at_x = at_h @ self.W1.T  # (N, D), through the two layers
        if self.residual:
            at_x = at_x + at_s  # and along the shortcut, as it is
        return Gradients(at_x, x.T @ at_h, at_h.sum(dim=0), h.T @ at_s, at_s.sum(dim=0))


def stack(
    depth: int, features: int, generator: torch.Generator, gain: float = 1.0, residual: bool = True
) -> list[Block]:
    """Return blocks with He's first weights, times ``gain``, and biases of zero.

    Args:
        depth: blocks, at least 1.
        features: D, and H as well.
        generator: what the weights are drawn from.
        gain: factor on the second layer's weights; 0 makes every residual block the identity on positive inputs.
        residual: as in `Block`.

    Raises:
        ValueError: no block, or no feature.

    """
    if depth < 1 or features < 1:
        raise ValueError(f"a stack needs a block and a feature; got {depth} and {features}")
    blocks = []
    for _ in range(depth):
        W1, W2 = (
            torch.randn(features, features, generator=generator, dtype=torch.float64) * (2 / features) ** 0.5
            for _ in range(2)
        )
        zero = torch.zeros(features, dtype=torch.float64)
        blocks.append(Block(W1, zero, gain * W2, zero, residual))
    return blocks
