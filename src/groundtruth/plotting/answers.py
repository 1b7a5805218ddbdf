"""A photograph beside a network's most likely answers.

Used by the chapter *transfer-learning*.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from groundtruth.plotting import style


def picture(axes: Axes, photograph: ArrayLike) -> Axes:
    """Draw one colour photograph (3, H, W), whole bytes, without axes.

    Raises:
        ValueError: not such a photograph.

    """
    pixels = np.asarray(photograph)
    if pixels.ndim != 3 or pixels.shape[0] != 3 or pixels.dtype != np.uint8:
        raise ValueError(
            f"a photograph has shape (3, H, W) in bytes; got {pixels.dtype} of shape {pixels.shape}"
        )
    axes.imshow(pixels.transpose(1, 2, 0))
    axes.set_axis_off()
    return axes


def bars(axes: Axes, names: Sequence[str], shares: ArrayLike) -> Axes:
    """Draw one bar an answer, the likeliest on top, with its name written on it.

    Args:
        axes: where to draw.
        names: of the answers, likeliest first.
        shares: (K,), their probabilities, from 0 to 1.

    Raises:
        ValueError: not one share a name, or a share outside 0 … 1.

    """
    lengths = np.asarray(shares, dtype=float)
    if lengths.shape != (len(names),) or not len(names) or lengths.min() < 0 or lengths.max() > 1:
        raise ValueError(
            f"bars needs one share from 0 to 1 for each name; got {lengths} for {len(names)} names"
        )
    places = np.arange(len(names))
    axes.barh(places, lengths, height=0.72, color=style.BLUE, alpha=0.3)
    for place, name in zip(places, names, strict=True):
        axes.text(0.012, float(place), name, ha="left", va="center", fontsize=9)
    axes.set(xlim=(0, 1), ylim=(len(names) - 0.4, -0.6), yticks=[], xticks=[0, 0.5, 1])
    axes.grid(visible=False, axis="y")
    return axes
