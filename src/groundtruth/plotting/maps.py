"""A map laid over the picture that it is about.

Used by the chapter *looking-inside*.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike
from scipy import ndimage

from groundtruth.plotting import style


def overlay(
    axes: Axes,
    picture: ArrayLike,
    heat: ArrayLike | None = None,
    *,
    title: str | None = None,
    top: float | None = None,
    boxes: tuple[tuple[int, int, int, int], ...] = (),
) -> Axes:
    """Draw a picture in light grey, and over it in orange where a map is positive.

    The map is blown up to the picture's size, smoothly. What is negative in it is not drawn. A picture without a map is
    drawn as it is.

    Args:
        axes: where to draw; its ticks and grid go.
        picture: bytes (H, W), (1, H, W), or (3, H, W) in colour.
        heat: (h, w).
        title: stands above it.
        top: value of full colour; the largest of the map if left out.
        boxes: outlines to draw: top, left, bottom, right, in pixels.

    Raises:
        ValueError: no such picture or map.

    """
    colours = _coloured(picture)  # (H, W, 3), 0 to 1
    if heat is not None:
        values = np.clip(np.asarray(heat, dtype=float), 0, None)
        if values.ndim != 2:
            raise ValueError(f"a map has shape (h, w); got {values.shape}")
        height, width = colours.shape[:2]
        zoom = (height / values.shape[0], width / values.shape[1])
        smooth = ndimage.zoom(values, zoom, order=1, mode="nearest", grid_mode=True)
        highest = float(values.max()) if top is None else top
        strength = np.clip(smooth / (highest or 1.0), 0, 1)[:, :, None] * 0.85
        faint = 0.35 + 0.65 * colours.mean(axis=2, keepdims=True)
        colours = faint * (1 - strength) + np.asarray(to_rgb(style.ORANGE)) * strength
    axes.imshow((colours * 255).round().astype(np.uint8))
    for up, left, down, right in boxes:
        axes.add_patch(
            Rectangle(
                (left - 0.5, up - 0.5),
                right - left,
                down - up,
                fill=False,
                edgecolor=style.BLUE,
                linewidth=1.6,
            )
        )
    axes.set(xticks=[], yticks=[])
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if title is not None:
        axes.set_title(title, fontsize=9.5)
    return axes


def _coloured(picture: ArrayLike) -> np.ndarray:
    values = np.asarray(picture)
    if values.ndim == 2:
        values = values[None]
    if values.dtype != np.uint8 or values.ndim != 3 or values.shape[0] not in (1, 3):
        raise ValueError(
            f"a picture is bytes (H, W), (1, H, W) or (3, H, W); got {values.dtype}, {values.shape}"
        )
    return np.broadcast_to(values, (3, *values.shape[1:])).transpose(1, 2, 0) / 255
