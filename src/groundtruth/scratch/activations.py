"""Activations, each with its derivative, written out by hand; and what it means that a unit is dead or saturated.

Used by the chapter *neural-networks*. (Softmax acts on a whole row of scores, not on each by itself; it belongs to the
chapter *classification*.)

Sources: the rectifier in deep networks is Nair and Hinton's (2010) and Glorot, Bordes and Bengio's (2011); the leaky
one Maas, Hannun and Ng's (2013); GELU is Hendrycks and Gimpel's (2016, arXiv 1606.08415), here in its exact form
z Φ(z) and not in the approximation by tanh.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


def sigmoid(z: Tensor) -> Tensor:
    """Return 1 / (1 + e^−z), without overflow for any z: any shape, same shape, from 0 to 1."""
    small = torch.exp(-z.abs())  # at most 1
    return torch.where(z >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_slope(z: Tensor) -> Tensor:
    """Return σ(z) (1 − σ(z)): at most ¼, at z = 0."""
    small = torch.exp(-z.abs())
    return small / (1 + small) ** 2  # the same, without the loss of digits in 1 − σ


def tanh(z: Tensor) -> Tensor:
    """Return (e^z − e^−z) / (e^z + e^−z) = 2σ(2z) − 1: any shape, same shape, from −1 to 1."""
    twice = -2 * z.abs()
    return -z.sign() * torch.expm1(twice) / (1 + torch.exp(twice))


def tanh_slope(z: Tensor) -> Tensor:
    """Return 1 − tanh²(z): at most 1, at z = 0."""
    small = torch.exp(-2 * z.abs())
    return 4 * small / (1 + small) ** 2


def relu(z: Tensor) -> Tensor:
    """Return max(0, z): any shape, same shape."""
    return torch.where(z > 0, z, torch.zeros_like(z))


def relu_slope(z: Tensor) -> Tensor:
    """Return 1 where z > 0, else 0. At z = 0 there is no derivative; 0 is PyTorch's choice and ours."""
    return (z > 0).to(z.dtype)


def leaky_relu(z: Tensor, leak: float = 0.01) -> Tensor:
    """Return z where z > 0, else leak · z: any shape, same shape."""
    return torch.where(z > 0, z, leak * z)


def leaky_relu_slope(z: Tensor, leak: float = 0.01) -> Tensor:
    """Return 1 where z > 0, else ``leak`` (also at z = 0)."""
    return torch.where(z > 0, torch.ones_like(z), torch.full_like(z, leak))


def _normal_below(z: Tensor) -> Tensor:
    """Return Φ(z), the share of a standard normal variable that lies below z."""
    return torch.erfc(-z / math.sqrt(2)) / 2


def gelu(z: Tensor) -> Tensor:
    """Return z Φ(z): any shape, same shape. It has a minimum of about −0.17 near z = −0.75."""
    return z * _normal_below(z)


def gelu_slope(z: Tensor) -> Tensor:
    """Return Φ(z) + z φ(z), with φ the density of the standard normal distribution."""
    return _normal_below(z) + z * torch.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@dataclass(frozen=True)
class Activation:
    """A function of one number, its derivative, and where it lies."""

    value: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
    lowest: float
    """Nothing it returns lies below."""
    highest: float
    """Nothing it returns lies above."""


ACTIVATIONS = {
    "sigmoid": Activation(sigmoid, sigmoid_slope, 0.0, 1.0),
    "tanh": Activation(tanh, tanh_slope, -1.0, 1.0),
    "ReLU": Activation(relu, relu_slope, 0.0, math.inf),
    "leaky ReLU": Activation(leaky_relu, leaky_relu_slope, -math.inf, math.inf),
    "GELU": Activation(gelu, gelu_slope, -0.17, math.inf),
}
"""By the names that the book writes."""


# --- units that do not listen -----------------------------------------------------------------------------


def dead(scores: Tensor, slope: Callable[[Tensor], Tensor] = relu_slope) -> Tensor:
    """Return which units have slope 0 on every example: (N, K) -> bool (K,).

    No example can then move their weights: the slope of any loss in them passes through this factor.

    Raises:
        ValueError: scores are not (N, K) with at least one example.

    """
    _table(scores)
    return (slope(scores) == 0).all(dim=0)


def always_on(scores: Tensor) -> Tensor:
    """Return which units have a positive score on every example: (N, K) -> bool (K,).

    Under ReLU such a unit only hands its score on, so that on these examples it is linear.

    Raises:
        ValueError: scores are not (N, K) with at least one example.

    """
    _table(scores)
    return (scores > 0).all(dim=0)


def saturated(scores: Tensor, slope: Callable[[Tensor], Tensor], below: float) -> float:
    """Return the share of scores at which the slope is smaller than ``below``: any shape -> a number from 0 to 1.

    Raises:
        ValueError: there are no scores, or ``below`` is not above 0.

    """
    if scores.numel() == 0 or below <= 0:
        raise ValueError(f"needs scores, and below > 0; got {scores.numel()} scores and below={below}")
    return float((slope(scores) < below).double().mean())


def _table(scores: Tensor) -> None:
    if scores.dim() != 2 or len(scores) == 0:
        raise ValueError(f"scores must have shape (N, K) with N ≥ 1; got {tuple(scores.shape)}")
