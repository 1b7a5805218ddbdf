"""Photographs inside drawings, made lighter: a drawing is lines, but its photographs are sent as they are stored.

Matplotlib puts a picture into an SVG as PNG, which for a photograph takes several times what WebP takes. Small
pictures, whose pixels the reader is meant to count, and those that hardly gain stay as they are.
"""

from __future__ import annotations

import base64
import functools
import io
import re

SMALLEST = 20_000
"""Letters of base64 below which a picture stays as it is."""
SIDE = 64
"""Pixels of a side up to which a picture stays as it is: there each of them is looked at."""
QUALITY = 90
GAIN = 0.7
"""A lighter picture is used if it takes at most this part of the first one."""


def lighter(svg: str) -> str:
    """Return a drawing whose photographs are WebP."""
    return re.sub(
        rf"data:image/png;base64,([A-Za-z0-9+/=]{{{SMALLEST},}})",
        lambda found: f"data:image/{_webp(found[1])}",
        svg,
    )


@functools.lru_cache(maxsize=64)
def _webp(png: str) -> str:
    """Return type and content of the lighter of the two forms of a picture, as in a data address."""
    from PIL import Image  # noqa: PLC0415 - most builds write no photograph

    picture = Image.open(io.BytesIO(base64.b64decode(png)))
    if min(picture.size) <= SIDE:
        return f"png;base64,{png}"
    buffer = io.BytesIO()
    picture.save(buffer, format="webp", quality=QUALITY, method=6)
    webp = base64.b64encode(buffer.getvalue()).decode()
    return f"webp;base64,{webp}" if len(webp) <= GAIN * len(png) else f"png;base64,{png}"
