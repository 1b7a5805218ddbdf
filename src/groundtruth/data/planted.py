"""Pictures whose truth is known to the pixel: a garment on a photograph, and perhaps a tag that tells its class.

Used by the chapter *looking-inside*. Somebody who explains a network says where in a picture it looked. Whether that
is so can be judged only where it is known what there was to look at; so the pictures are put together here, and the
places of garment and tag are kept.

The garments come from the caller (Fashion-MNIST, Xiao, Rasul & Vollgraf 2017, shrunk to half their side), and so do the
photographs that they lie on. A tag is a square of four by four pixels, black and white, one pattern a class, in one of
the four corners of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Generator, Tensor

SIDE = 32
"""Pixels on a side of a picture."""
GARMENT = 14
"""Pixels on a side of the garment's box."""
TAG = 4
"""Pixels on a side of a tag."""
RIM = 1
"""Pixels between a tag and the edges of the picture."""
DARK = 0.5
"""What the photograph's brightness is multiplied by, so that a garment stands out."""
PATTERNS = torch.tensor(
    [
        [0b1100, 0b1100, 0b0011, 0b0011],
        [0b1111, 0b1001, 0b1001, 0b1111],
        [0b0110, 0b0110, 0b1111, 0b0110],
        [0b1010, 0b0101, 0b1010, 0b0101],
        [0b1111, 0b0000, 0b1111, 0b0000],
        [0b1010, 0b1010, 0b1010, 0b1010],
    ]
)
"""Rows of the tags, in bits: one tag a class."""


@dataclass(frozen=True, eq=False)
class Planted:
    """N pictures and what was put where."""

    pictures: Tensor
    """uint8 (N, 1, 32, 32)."""
    labels: Tensor
    """int64 (N,): the class of the garment."""
    garment: Tensor
    """bool (N, 32, 32): the box of 14 × 14 pixels that the garment was put into."""
    tag: Tensor
    """bool (N, 32, 32): the tag's 4 × 4 pixels; nowhere where there is none."""
    tag_labels: Tensor
    """int64 (N,): the class that the tag stands for; −1 where there is none."""


def plant(
    garments: Tensor,
    labels: Tensor,
    photographs: Sequence[Tensor],
    generator: Generator,
    *,
    tagged: float | None = None,
    classes: int = 5,
) -> Planted:
    """Put each garment on a piece of photograph, at a place of its own, and, if wanted, a tag into a corner.

    Everything is drawn from the generator. Places, photographs and corners do not depend on ``tagged``.

    Args:
        garments: uint8 (N, 1, 28, 28), on black.
        labels: int64 (N,), from 0 to ``classes − 1``.
        photographs: uint8 (H, W) each, grey, with sides of at least 32.
        generator: draws photographs, places, corners and tags.
        tagged: share of the pictures whose tag is that of their own class; the others get the tag of any class, drawn
            evenly. ``None``: no tags.
        classes: how many there are, at most 6.

    Raises:
        ValueError: an argument of another shape, type or range.

    """
    _check(garments, labels, photographs, tagged, classes)
    count = len(garments)
    small = F.avg_pool2d(garments.float(), 2) / 255  # (N, 1, 14, 14)
    which = torch.randint(len(photographs), (count,), generator=generator)
    where = torch.rand(count, 4, generator=generator, dtype=torch.float64)  # window and garment: row, column
    corner = torch.randint(4, (count,), generator=generator)
    honest = torch.rand(count, generator=generator)
    other = torch.randint(classes, (count,), generator=generator)

    ground = torch.stack(
        [
            _window(photographs[int(k)], float(top), float(left))
            for k, (top, left) in zip(which, where[:, :2].tolist(), strict=True)
        ]
    )  # (N, 32, 32)
    pictures = (ground.float() / 255 * DARK)[:, None]  # (N, 1, 32, 32)
    # A garment keeps clear of the corners' tags: it stays inside a frame of RIM + TAG pixels.
    start = RIM + TAG + (where[:, 2:] * (SIDE - 2 * (RIM + TAG) - GARMENT + 1)).long()  # (N, 2)
    rows, columns = _inside(start[:, 0], GARMENT), _inside(start[:, 1], GARMENT)  # (N, 32) each
    box = rows[:, :, None] & columns[:, None, :]  # (N, 32, 32)
    laid = torch.zeros_like(pictures)
    laid[box[:, None]] = small.flatten()
    pictures = torch.where(laid > 0.1, 0.3 + 0.7 * laid, pictures)

    tag = torch.zeros_like(box)
    tag_labels = torch.full_like(labels, -1)
    if tagged is not None:
        tag_labels = torch.where(honest < tagged, labels, other)
        far = SIDE - RIM - TAG
        top = torch.where(corner >= 2, far, RIM)
        left = torch.where(corner % 2 == 1, far, RIM)
        tag = _inside(top, TAG)[:, :, None] & _inside(left, TAG)[:, None, :]
        pictures[tag[:, None]] = tags()[tag_labels].flatten()
    return Planted((pictures * 255).round().to(torch.uint8), labels.clone(), box, tag, tag_labels)


def tags() -> Tensor:
    """Return the tags as pictures: (6, 4, 4), 0 for black and 1 for white."""
    bits = torch.arange(TAG - 1, -1, -1)
    return ((PATTERNS[:, :, None] >> bits) & 1).float()


def _window(photograph: Tensor, top: float, left: float) -> Tensor:
    """Return a piece (32, 32) of a photograph; the place is given in shares of the way."""
    height, width = photograph.shape
    row, column = int(top * (height - SIDE + 1)), int(left * (width - SIDE + 1))
    return photograph[row : row + SIDE, column : column + SIDE]


def _inside(start: Tensor, size: int) -> Tensor:
    """Return which places lie in [start, start + size): (N,) -> (N, 32)."""
    places = torch.arange(SIDE)
    return (places >= start[:, None]) & (places < start[:, None] + size)


def _check(
    garments: Tensor, labels: Tensor, photographs: Sequence[Tensor], tagged: float | None, classes: int
) -> None:
    if garments.dtype != torch.uint8 or garments.shape[1:] != (1, 28, 28):
        raise ValueError(
            f"garments must be uint8 of shape (N, 1, 28, 28); got {garments.dtype}, {tuple(garments.shape)}"
        )
    if not 1 <= classes <= len(PATTERNS):
        raise ValueError(f"classes must be from 1 to {len(PATTERNS)}, one tag each; got {classes}")
    if labels.dtype != torch.int64 or labels.shape != garments.shape[:1]:
        raise ValueError(f"labels must be int64, one a garment; got {labels.dtype}, {tuple(labels.shape)}")
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise ValueError(
            f"labels must lie from 0 to {classes - 1}; got {int(labels.min())} to {int(labels.max())}"
        )
    if not photographs:
        raise ValueError("there must be a photograph to put the garments on; got none")
    for photograph in photographs:
        if photograph.dtype != torch.uint8 or photograph.dim() != 2 or min(photograph.shape) < SIDE:
            raise ValueError(
                f"photographs must be grey, uint8 (H, W), with sides of at least {SIDE}; got "
                f"{photograph.dtype}, {tuple(photograph.shape)}"
            )
    if tagged is not None and not 0 <= tagged <= 1:
        raise ValueError(f"tagged must be a share from 0 to 1, or None for no tags; got {tagged}")
