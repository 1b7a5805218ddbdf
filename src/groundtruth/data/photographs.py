"""A picture file of the reader's own, read as the small colour picture that a network of the book was trained on.

Used by the chapter *refining*.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor


def read(path: str | Path, size: int = 32) -> Tensor:
    """Return the middle square of a picture file, as whole bytes (3, size, size): red, green, blue.

    Any format, size and colour mode that Pillow reads: the picture is turned upright as the camera noted it, what is
    transparent becomes white, grey becomes three equal channels, and the square is averaged down (or blown up).

    Args:
        path: of the file; ``~`` is your home folder.
        size: pixels on a side of the result.

    Raises:
        FileNotFoundError: there is no file at this place; the message says where it was looked for.
        ValueError: the file is no picture that can be read, or ``size`` is below 1.

    """
    if size < 1:
        raise ValueError(f"size must be at least 1; got {size}")
    place = Path(path).expanduser()
    if not place.is_file():
        raise FileNotFoundError(f"there is no file {place.resolve()}: give the path of a picture of yours")
    try:
        with Image.open(place) as opened:
            upright = ImageOps.exif_transpose(opened)
            upright.load()
    except UnidentifiedImageError as error:
        raise ValueError(f"{place} is no picture that can be read") from error
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:  # cut off, broken, enormous
        raise ValueError(f"{place} cannot be read as a picture: {error}") from error
    square = ImageOps.fit(_opaque(upright), (size, size), Image.Resampling.BOX)
    pixels = torch.from_numpy(np.array(square, dtype=np.uint8))  # (size, size, 3)
    return pixels.permute(2, 0, 1).contiguous()  # (3, size, size)


def _opaque(picture: Image.Image) -> Image.Image:
    """Return the picture in red, green and blue, on white where it is transparent."""
    if picture.mode.startswith(("I", "F")):  # sixteen bits or more: bring the range of 16 bits to bytes
        values = np.asarray(picture, dtype=np.float64)
        top = 65535.0 if values.max(initial=0) > 255 else 255.0
        return Image.fromarray((values.clip(0, top) * (255 / top)).round().astype(np.uint8)).convert("RGB")
    if "A" in picture.getbands() or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return picture.convert("RGB")
