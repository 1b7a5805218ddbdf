"""Moving pictures by whole pixels, to ask whether what a layer says moves along.

Used by the chapter *convolution*.

A function f of pictures is equivariant to translation if f(moved x) = moved f(x): what it says moves along. It is
invariant if f(moved x) = f(x): what it says stays.
"""

from __future__ import annotations

import torch
from torch import Tensor


def move(pictures: Tensor, down: int = 0, right: int = 0, fill: float = 0.0) -> Tensor:
    """Return pictures (…, H, W) moved by whole pixels; what leaves is lost, and what comes in is ``fill``.

    Args:
        pictures: any number of axes before H and W.
        down: pixels, negative for up.
        right: pixels, negative for left.
        fill: of the places that become free.

    Raises:
        ValueError: fewer than two axes, or a distance that is not a whole number.

    """
    if pictures.dim() < 2:
        raise ValueError(f"needs pictures (…, H, W); got shape {tuple(pictures.shape)}")
    if not isinstance(down, int) or not isinstance(right, int):
        raise ValueError(f"pictures move by whole pixels; got down={down!r}, right={right!r}")
    moved = torch.full_like(pictures, fill)
    into, out_of = zip(
        *(_overlap(n, by) for n, by in zip(pictures.shape[-2:], (down, right), strict=True)), strict=True
    )
    moved[(..., *into)] = pictures[(..., *out_of)]
    return moved


def _overlap(size: int, by: int) -> tuple[slice, slice]:
    """Return where along an axis the kept part goes, and where it comes from."""
    by = max(-size, min(size, by))
    return slice(max(by, 0), size + min(by, 0)), slice(max(-by, 0), size - max(by, 0))
