"""The look of every figure, in one place: colours, sizes, and the way from a figure to its two drawings.

Used by every chapter and every script in ``figures/``.

A figure is drawn once, in the colours of the light page. Its SVG names every colour by a hex value from
`TOKENS`, so that `darken` can turn the same drawing into the one for the dark page. Draw with the
constants below (``color=style.BLUE``), never with another hex value: `darken` would leave that one as it is.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, overload

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "DASHES",
    "GRID",
    "HEIGHT",
    "INK",
    "MARKERS",
    "MUTED",
    "OLIVE",
    "ORANGE",
    "PAPER",
    "PURPLE",
    "RC",
    "RED",
    "SERIES",
    "TEAL",
    "TOKENS",
    "WIDTH",
    "Token",
    "darken",
    "foreign_colours",
    "new_figure",
    "to_svg",
    "use",
]


@dataclass(frozen=True)
class Token:
    """A colour with a job: its hex value on the light page and on the dark one."""

    name: str
    light: str
    dark: str


# Ink, muted and the six series colours have a contrast of at least 4.5:1 against the page they stand on
# (white, #131416). The six stay apart for red-, green- and blue-blind readers too, because their lightness
# differs; markers and dashes say the same thing a second time.
TOKENS: tuple[Token, ...] = (
    Token("ink", "#1b1d21", "#e9e9ec"),
    Token("muted", "#5d626b", "#a4a9b3"),
    Token("grid", "#d9dce1", "#373a41"),
    Token("paper", "#ffffff", "#131416"),
    Token("blue", "#204def", "#6d8dff"),
    Token("orange", "#b85708", "#ffc217"),
    Token("teal", "#02817a", "#25cca9"),
    Token("purple", "#934fb2", "#cdb0ff"),
    Token("red", "#6a0f2e", "#e8714f"),
    Token("olive", "#463c00", "#fbffa1"),
)
_LIGHT = {token.name: token.light for token in TOKENS}
INK = _LIGHT["ink"]
MUTED = _LIGHT["muted"]
GRID = _LIGHT["grid"]
PAPER = _LIGHT["paper"]
BLUE = _LIGHT["blue"]
ORANGE = _LIGHT["orange"]
TEAL = _LIGHT["teal"]
PURPLE = _LIGHT["purple"]
RED = _LIGHT["red"]
OLIVE = _LIGHT["olive"]

SERIES: tuple[str, ...] = (BLUE, ORANGE, TEAL, PURPLE, RED, OLIVE)
MARKERS: tuple[str, ...] = ("o", "s", "^", "D", "v", "P")
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)), (0, (8, 3)), (0, (3, 1.2)))

# Inches. A phone of 340 px shows this width at about three quarters of its size: 10.5 pt text is still read.
WIDTH = 4.8
HEIGHT = 3.1

_DARK_OF = {token.light: token.dark for token in TOKENS}

RC: Any = {  # Any: matplotlib types the keys as one long Literal
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same glyphs on every machine
    "font.size": 10.5,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.5,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "patch.edgecolor": INK,
    "patch.facecolor": BLUE,
    "hatch.color": MUTED,
    "boxplot.flierprops.color": INK,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.5,
    "lines.markeredgewidth": 1.0,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "axes.titlelocation": "left",
    "axes.titlepad": 6.0,
    "axes.unicode_minus": True,
    "axes.prop_cycle": cycler(color=SERIES, linestyle=DASHES),
    "legend.frameon": False,
    "legend.handlelength": 2.4,
    "image.cmap": "Greys",
    "image.interpolation": "none",  # embeds the pixels themselves: small, and sharp at any zoom
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "svg.fonttype": "path",
    "svg.hashsalt": "groundtruth",
    "svg.image_inline": True,
    "path.simplify": True,
}


def use() -> None:
    """Make the book's look matplotlib's default in this process; `new_figure` calls it."""
    matplotlib.rcParams.update(RC)


@overload
def new_figure(
    *, height: float = ..., width: float = ..., share_x: bool = ..., share_y: bool = ..., bare: bool = ...
) -> tuple[Figure, Axes]: ...
@overload
def new_figure(
    rows: int,
    columns: int = ...,
    *,
    height: float = ...,
    width: float = ...,
    share_x: bool = ...,
    share_y: bool = ...,
    bare: bool = ...,
) -> tuple[Figure, list[Axes]]: ...
def new_figure(
    rows: int | None = None,
    columns: int = 1,
    *,
    height: float = HEIGHT,
    width: float = WIDTH,
    share_x: bool = False,
    share_y: bool = False,
    bare: bool = False,
) -> tuple[Figure, Axes] | tuple[Figure, list[Axes]]:
    """Make a figure of the book's width, without pyplot: no global state, and no cell shows it twice.

    Args:
        rows: rows of panels; left out, the figure has a single Axes.
        columns: panels in a row. Two fit on a phone, three do not: stack them instead.
        height: height of one row, in inches.
        width: width of the whole figure, in inches; leave it unless the drawing is narrower.
        share_x: all panels have the same x axis.
        share_y: all panels have the same y axis.
        bare: hide axes, ticks and grid, for pictures and diagrams.

    Returns:
        ``(figure, axes)``: one Axes without ``rows``; with ``rows``, the list of panels in reading order.

    """
    use()
    count = 1 if rows is None else rows
    if count < 1 or columns < 1:
        raise ValueError(f"a figure needs at least one panel; got rows={count}, columns={columns}")
    figure = Figure(figsize=(width, height * count), layout="constrained")
    grid = figure.subplots(count, columns, sharex=share_x, sharey=share_y, squeeze=False)
    panels: list[Axes] = list(grid.flat)
    if bare:
        for panel in panels:
            panel.set_axis_off()
    return (figure, panels[0]) if rows is None else (figure, panels)


def to_svg(figure: Figure) -> str:
    """Return the figure as SVG text: the same figure gives the same bytes, in every process.

    Text becomes paths, the background is transparent, and nothing is kept that a page does not need
    (declaration, metadata, comments, unused ids, digits beyond a hundredth of a point). The first call fixes the
    layout: finish the figure before.
    """
    buffer = io.StringIO()
    with matplotlib.rc_context(RC):
        if figure.get_layout_engine() is not None:
            # A constrained layout starts from where it last ended, so a second one differs by a hair.
            figure.savefig(io.StringIO(), format="svg")
            figure.set_layout_engine("none")
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return _trim(buffer.getvalue())


def darken(svg: str) -> str:
    """Return the drawing for the dark page: each token's light value becomes its dark one.

    Pictures inside the drawing (base64, where no ``#`` can occur) and colours that are no token, such as
    those of a colour map, stay as they are. Ids get ``-dark`` behind them: both drawings may stand in one page,
    and a marker of the dark one must not be fetched from the light one.
    """
    dark = re.sub(r"#[0-9a-fA-F]{6}\b", lambda found: _DARK_OF.get(found.group().lower(), found.group()), svg)
    return re.sub(r'((?: id="|url\(#|href="#)[^")]+)(?=[")])', r"\1-dark", dark)


def foreign_colours(svg: str, allowed: Sequence[str] = ()) -> set[str]:
    """Return the hex colours in a drawing that are neither tokens nor ``allowed`` (any matplotlib colour)."""
    known = set(_DARK_OF) | {to_hex(colour) for colour in allowed}
    return {found.lower() for found in re.findall(r"(?<=[: \"])#[0-9a-fA-F]{6}\b", svg)} - known


def _trim(svg: str) -> str:
    """Drop from matplotlib's SVG what a page does not need; what is drawn stays the same."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(?<= )(d|points|transform|x|y)="([^"]*)"', _round_attribute, svg)
    svg = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", svg, flags=re.DOTALL)
    # What that style sheet said of every element of a *page* is inherited from the root instead.
    svg = svg.replace("<svg ", '<svg style="stroke-linejoin: round; stroke-linecap: butt" ', 1)
    svg = re.sub(r"(?<=base64,)[^\"]*", lambda found: "".join(found.group().split()), svg)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda found: found.group() if found.group(1) in used else "", svg)
    svg = re.sub(r">\s+<", "><", svg)
    svg = re.sub(r"\s*\n\s*", " ", svg)
    return svg.strip() + "\n"


def _round_attribute(found: re.Match[str]) -> str:
    """Round the numbers of a geometry attribute to hundredths; scales keep their digits."""
    name, value = found.groups()
    if "scale" in value or "matrix" in value:
        return found.group()
    value = re.sub(
        r"-?\d+\.\d+", lambda number: f"{float(number.group()):.2f}".rstrip("0").rstrip("."), value
    )
    value = re.sub(r"(?<![\d.])-0(?![\d.])", "0", value)
    return f'{name}="{" ".join(value.split())}"'
