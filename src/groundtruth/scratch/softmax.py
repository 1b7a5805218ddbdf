"""Log-sum-exp, softmax and log-softmax, written out by hand so that no logit is too large or too small.

Used by the chapter *classification*, and by `groundtruth.scratch.cross_entropy`.

Each function comes with its gradient: ``…_backward`` gets the slope of some loss in each output, the *upstream*
gradient, and returns its slope in each logit.

Sources: the name and the use as the last layer of a network are Bridle's (1990, doi
10.1007/978-3-642-76153-9_28); the shift by the largest logit and its rounding errors are analysed by Blanchard,
Higham & Higham (2021, doi 10.1093/imanum/draa038); the temperature is that of Boltzmann's distribution.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def logsumexp(logits: Tensor, dim: int = -1) -> Tensor:
    """Return log Σ exp(z) along one dimension: (..., K, ...) -> (..., ...).

    The largest logit m comes out of the sum, log Σ exp(z) = m + log Σ exp(z − m), so that the largest power is
    exp(0) = 1: nothing overflows, and the sum is at least 1. Logits of −∞ count for nothing; if all are −∞, or one is
    +∞, so is the result.

    Raises:
        ValueError: the logits are not floating numbers, or there are none along ``dim``.

    """
    _checked(logits, dim)
    top = logits.amax(dim=dim, keepdim=True)  # (..., 1, ...)
    top = torch.where(top.isfinite(), top, torch.zeros_like(top))  # ∞ − ∞ would not be a number
    return (logits - top).exp().sum(dim=dim).log() + top.squeeze(dim)


def logsumexp_backward(logits: Tensor, upstream: Tensor, dim: int = -1) -> Tensor:
    """Return the slope in each logit: the softmax, times the upstream gradient (..., ...) of each sum."""
    return softmax(logits, dim=dim) * upstream.unsqueeze(dim)


def softmax(logits: Tensor, temperature: float = 1.0, dim: int = -1) -> Tensor:
    """Return exp(z/T) / Σ exp(z/T): shares that are positive and add up to 1, of the shape of the logits.

    The largest logit is subtracted first, which changes no share. In floating-point arithmetic a share whose logit lies
    far below the largest comes out as 0.

    Raises:
        ValueError: the temperature is not a positive finite number; and as for `logsumexp`.

    """
    _checked(logits, dim, temperature)
    shifted = logits - logits.amax(dim=dim, keepdim=True)  # at most 0
    powers = (shifted / temperature).exp()  # from 0 to 1
    return powers / powers.sum(dim=dim, keepdim=True)


def softmax_backward(shares: Tensor, upstream: Tensor, temperature: float = 1.0, dim: int = -1) -> Tensor:
    """Return the slope in each logit, p (g − Σ p g) / T.

    Share i changes with logit j by p_i (δ_ij − p_j) / T: with its own logit up, with every other one down.

    Args:
        shares: p (..., K, ...), what `softmax` returned.
        upstream: g (..., K, ...), the slope of the loss in each share.
        temperature: the one that `softmax` was given.
        dim: along which the shares add up to 1.

    """
    _checked(shares, dim, temperature)
    mean = (shares * upstream).sum(dim=dim, keepdim=True)  # (..., 1, ...)
    return shares * (upstream - mean) / temperature


def log_softmax(logits: Tensor, temperature: float = 1.0, dim: int = -1) -> Tensor:
    """Return the logarithm of the softmax, z/T − log Σ exp(z/T), without ever forming a share that could be 0.

    Raises:
        ValueError: as for `softmax`.

    """
    _checked(logits, dim, temperature)
    # The shift comes before the division: a difference of huge logits is exact, a huge quotient may be infinite.
    shifted = (logits - logits.amax(dim=dim, keepdim=True)) / temperature
    return shifted - shifted.exp().sum(dim=dim, keepdim=True).log()


def log_softmax_backward(
    log_shares: Tensor, upstream: Tensor, temperature: float = 1.0, dim: int = -1
) -> Tensor:
    """Return the slope in each logit, (g − p Σ g) / T, where ``log_shares`` is what `log_softmax` returned."""
    _checked(log_shares, dim, temperature)
    return (upstream - log_shares.exp() * upstream.sum(dim=dim, keepdim=True)) / temperature


def _checked(logits: Tensor, dim: int, temperature: float = 1.0) -> None:
    if not logits.is_floating_point():
        raise ValueError(f"logits must be floating numbers; got {logits.dtype}")
    if not -logits.dim() <= dim < logits.dim() or logits.shape[dim] == 0:
        raise ValueError(f"there must be logits along dimension {dim}; got shape {tuple(logits.shape)}")
    if not (temperature > 0 and math.isfinite(temperature)):
        raise ValueError(f"temperature must be positive and finite; got {temperature}")
