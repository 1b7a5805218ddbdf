"""A loss that counts small distances by their square and large ones by their length, with its slope.

Used by the chapter *my-idea*.

Source: Huber (1964, doi 10.1214/aoms/1177703732).
"""

from __future__ import annotations

import torch
from torch import Tensor


def loss(r: Tensor, delta: float = 1.0) -> Tensor:
    """Return the loss of every distance: (...) -> (...).

    Args:
        r: distances, of either sign.
        delta: up to here a distance counts by its square.

    Raises:
        ValueError: delta is not above 0.

    """
    _checked(delta)
    size = r.abs()
    return torch.where(size <= delta, 0.5 * r**2, delta * (size - 0.5 * delta))


def slope(r: Tensor, delta: float = 1.0) -> Tensor:
    """Return the slope of the loss at every distance: (...) -> (...).

    Arguments and errors as for `loss`.

    Raises:
        ValueError: delta is not above 0.

    """
    _checked(delta)
    return r.clamp(-delta, delta)


def centre(numbers: Tensor, delta: float = 1.0, steps: int = 500) -> Tensor:
    """Return the value whose distances to the numbers (N,) have the smallest loss, after so many steps from the mean.

    Raises:
        ValueError: no numbers, or delta is not above 0.

    """
    if numbers.dim() != 1 or len(numbers) == 0:
        raise ValueError(f"numbers must have shape (N,) with N ≥ 1; got {tuple(numbers.shape)}")
    value = numbers.mean()
    for _ in range(steps):
        # The curvature is at most 1: a step of 1 is safe.
        value = value - slope(value - numbers, delta).mean()
    return value


def _checked(delta: float) -> None:
    if not delta > 0:
        raise ValueError(f"delta must be above 0; got {delta}")
