"""The smallest harm of a given size: one step along the sign of the gradient, and the control of equal size.

Used by the chapter *looking-inside*.

To first order a step d changes the loss by the sum over pixels of slope · d. If no pixel may move by more than ε, the
sum is largest where each pixel moves by ε in the direction of its own slope: d = ε · sign(slope). For a linear score
this is not only the best first step but the best step.

Source: Goodfellow, Shlens and Szegedy (2015), "Explaining and harnessing adversarial examples", arXiv:1412.6572.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Generator, Tensor


def fast_gradient_sign(
    losses: Callable[[Tensor], Tensor],
    pictures: Tensor,
    size: float,
    low: float = -torch.inf,
    high: float = torch.inf,
) -> Tensor:
    """Return the pictures after one step that raises each one's loss as fast as pixels of this size can: (N, C, H, W).

    Args:
        losses: pictures to one loss each, (N,).
        pictures: (N, C, H, W).
        size: by how much each pixel moves, in the pictures' unit; a pixel whose slope is exactly 0 stays.
        low, high: what a pixel can be; what would go beyond is cut off.

    Raises:
        ValueError: a negative size, or losses that are not one a picture.

    """
    _check(size)
    leaf = pictures.detach().clone().requires_grad_()
    each = losses(leaf)
    if each.shape != pictures.shape[:1]:
        raise ValueError(f"losses must be one a picture, ({len(pictures)},); got {tuple(each.shape)}")
    slope = torch.autograd.grad(each.sum(), leaf)[0]
    return (pictures + size * slope.sign()).clamp(low, high)


def random_signs(
    pictures: Tensor, size: float, generator: Generator, low: float = -torch.inf, high: float = torch.inf
) -> Tensor:
    """Return the pictures with every pixel moved up or down by this size, by the toss of a coin: (N, C, H, W).

    Raises:
        ValueError: a negative size.

    """
    _check(size)
    coins = torch.randint(0, 2, pictures.shape, generator=generator).to(pictures.dtype) * 2 - 1
    return (pictures + size * coins).clamp(low, high)


def _check(size: float) -> None:
    if not size >= 0:
        raise ValueError(f"size must be at least 0; got {size}")
