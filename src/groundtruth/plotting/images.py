"""Grey pictures and pictures of weights.

Used by the chapter *perceptron*.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from groundtruth.plotting import style

# Purple for negative, orange for positive, white for zero: told apart with any colour vision, and the
# lightness says how far from zero.
SIGNED_MAP = "PuOr_r"


def grey(axes: Axes, image: ArrayLike, title: str | None = None) -> Axes:
    """Draw one grey picture, white for 0 and black for the largest value.

    Args:
        axes: where to draw; its ticks and grid go.
        image: (H, W) or (1, H, W).
        title: stands above it.

    """
    axes.imshow(_plane(image), cmap="Greys", vmin=0)
    return _frame(axes, title)


def mosaic(axes: Axes, images: ArrayLike, columns: int, gap: int = 2) -> Axes:
    """Draw pictures of one size as tiles of a single picture, row by row.

    Args:
        axes: where to draw; its ticks and grid go.
        images: (N, H, W) or (N, 1, H, W).
        columns: tiles in a row.
        gap: white pixels between tiles.

    """
    stack = np.asarray(images, dtype=float)
    if stack.ndim == 4 and stack.shape[1] == 1:
        stack = stack[:, 0]
    if stack.ndim != 3 or len(stack) == 0 or columns < 1:
        raise ValueError(f"mosaic needs images (N, H, W) and a column; got {stack.shape}, columns={columns}")
    count, height, width = stack.shape
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap))
    for index, image in enumerate(stack):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = image
    axes.imshow(sheet, cmap="Greys", vmin=0)
    axes.set_axis_off()
    return axes


def signed(axes: Axes, weights: ArrayLike, title: str | None = None, limit: float | None = None) -> Axes:
    """Draw weights as a picture: orange where positive, purple where negative, white at zero.

    Args:
        axes: where to draw; its ticks and grid go.
        weights: (H, W) or (1, H, W).
        title: stands above it.
        limit: the value of full colour, in the weights' unit; the largest absolute weight if left out.

    """
    plane = _plane(weights)
    top = float(np.abs(plane).max()) if limit is None else limit
    axes.imshow(plane, cmap=SIGNED_MAP, vmin=-(top or 1.0), vmax=top or 1.0)
    return _frame(axes, title)


def _plane(image: ArrayLike) -> np.ndarray:
    plane = np.asarray(image, dtype=float)
    if plane.ndim == 3 and plane.shape[0] == 1:
        plane = plane[0]
    if plane.ndim != 2:
        raise ValueError(f"a picture has shape (H, W) or (1, H, W); got {plane.shape}")
    return plane


def _frame(axes: Axes, title: str | None) -> Axes:
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set(visible=True, color=style.MUTED)
    if title is not None:
        axes.set_title(title)
    return axes
