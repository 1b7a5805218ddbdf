"""The picture of a page that others show beside a link to it: title, part and the page's first diagram.

1200 × 630 pixels, the size that is shown whole everywhere. Drawn by matplotlib in the light colours, in 64 colours, and
kept beside the build until something that is on it changes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import textwrap
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SIZE = (1200, 630)
DPI = 100
COLOURS = 64
WIDE, NARROW = 30, 17
"""Letters of a title in a line: across the picture, and beside a diagram."""


@dataclass(frozen=True)
class Card:
    """What stands on the picture."""

    title: str
    part: str
    book: str
    drawing: str
    """A PNG in base64, or nothing."""


def write(path: Path, card: Card, kept: Path) -> None:
    """Write the picture, drawn anew only if there is none of the same card in ``kept``."""
    text = json.dumps(asdict(card)) + Path(__file__).read_text(encoding="utf-8")
    stored = kept / f"{path.stem}-{hashlib.sha256(text.encode()).hexdigest()[:24]}.png"
    if not stored.is_file():
        kept.mkdir(parents=True, exist_ok=True)
        new = stored.with_suffix(".new")
        new.write_bytes(draw(card))
        new.replace(stored)
    png = stored.read_bytes()
    if not path.is_file() or path.read_bytes() != png:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png)


def draw(card: Card) -> bytes:
    """Return the picture as PNG: the same card gives the same bytes."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - most builds draw nothing
    from PIL import Image  # noqa: PLC0415

    from groundtruth.plotting import style  # noqa: PLC0415

    style.use()
    figure = Figure(figsize=(SIZE[0] / DPI, SIZE[1] / DPI), dpi=DPI, facecolor=style.PAPER)
    edge = figure.add_axes((0, 0, 0.016, 1))
    edge.set_axis_off()
    edge.add_patch(_rectangle(style.BLUE))
    words: dict[str, Any] = {"ha": "left", "color": style.INK, "family": "DejaVu Serif"}
    lines = textwrap.wrap(card.title, NARROW if card.drawing else WIDE)
    longest = max(map(len, lines), default=1)
    size = min(50.0, (620.0 if card.drawing else 1180.0) / longest, 190 / max(1, len(lines)))
    figure.text(0.06, 0.86, card.part, fontsize=22, va="top", **(words | {"color": style.MUTED}))
    figure.text(
        0.06, 0.5, "\n".join(lines), fontsize=size, va="center", weight="bold", linespacing=1.2, **words
    )
    figure.text(0.06, 0.1, card.book, fontsize=20, va="bottom", **(words | {"color": style.MUTED}))
    if card.drawing:
        picture = Image.open(io.BytesIO(base64.b64decode(card.drawing))).convert("RGB")
        axes = figure.add_axes((0.53, 0.1, 0.44, 0.8))
        axes.imshow(picture, interpolation="antialiased")
        axes.set_axis_off()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, facecolor=style.PAPER, metadata={"Software": None})
    small = io.BytesIO()
    Image.open(buffer).convert("RGB").quantize(COLOURS).save(small, format="png", optimize=True)
    return small.getvalue()


def _rectangle(colour: str) -> Any:
    from matplotlib.patches import Rectangle  # noqa: PLC0415

    return Rectangle((0, 0), 1, 1, color=colour)
