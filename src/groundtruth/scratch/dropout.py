"""Dropout by hand: on in training only, with the scale that keeps the mean, and its backward pass.

Used by the chapter *refining*.

Source: Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple way to prevent neural
networks from overfitting", Journal of Machine Learning Research 15. The paper multiplies the weights by the share
that is kept when the network is *used*; here, as in `torch.nn.Dropout`, what is kept is divided by that share while the
network is *trained*. Both keep the mean of a unit; the second leaves the trained network as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor


def draw_mask(
    shape: Sequence[int], drop: float, generator: Generator, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Return a factor for every number: 0 with probability ``drop``, else 1 / (1 − drop). Their mean is 1.

    Args:
        shape: of the result.
        drop: probability, 0 ≤ drop < 1.
        generator: what to draw from; nothing else is touched.
        dtype: of the result.

    Raises:
        ValueError: ``drop`` is no probability below 1.

    """
    if not 0 <= drop < 1:
        raise ValueError(f"drop must be at least 0 and below 1; got {drop}")
    kept = torch.rand(tuple(shape), generator=generator) >= drop  # rand lies in [0, 1)
    return kept.to(dtype) / (1 - drop)


def forward(
    x: Tensor, drop: float, generator: Generator, *, training: bool = True
) -> tuple[Tensor, Tensor | None]:
    """Return what leaves the layer, and the mask it was multiplied by (None outside training, where x leaves as it is).

    Args:
        x: any shape; every number is dropped or kept by itself.
        drop: probability of being dropped, 0 ≤ drop < 1.
        generator: what to draw the mask from.
        training: whether the network is being trained; a network that is used drops nothing.

    Raises:
        ValueError: ``drop`` is no probability below 1, or x does not hold floating numbers.

    """
    if not x.is_floating_point():
        raise ValueError(f"dropout needs floating numbers; got {x.dtype}")
    if not 0 <= drop < 1:
        raise ValueError(f"drop must be at least 0 and below 1; got {drop}")
    if not training:
        return x, None
    mask = draw_mask(x.shape, drop, generator, x.dtype)
    return x * mask, mask


def backward(slope: Tensor, mask: Tensor | None) -> Tensor:
    """Return the slope of the loss in x: what was dropped gets none, the rest is scaled as on the way forward.

    Args:
        slope: of the loss in the layer's output, any shape.
        mask: what `forward` returned with that output.

    Raises:
        ValueError: the shapes differ.

    """
    if mask is None:
        return slope
    if slope.shape != mask.shape:
        raise ValueError(
            f"slope and mask must have one shape; got {tuple(slope.shape)} and {tuple(mask.shape)}"
        )
    return slope * mask
