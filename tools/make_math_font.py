"""Make the book's web fonts: a maths font and a text font, cut down to what pages use.

The results lie in ``src/groundtruth/sphinxext/static/fonts`` and are committed, so building the book does
not need this script. Run it again when a formula needs a glyph that the subset lacks (the page test
``tests/browser`` does not see that: the browser falls back to another font for the one glyph, so look).

Sources, both under the SIL Open Font Licence 1.1, from the npm registry::

    npm pack @fontsource/stix-two-math@5.3.0 && tar xzf fontsource-stix-two-math-5.3.0.tgz
    npm pack @fontsource-variable/source-serif-4@5.3.1 && tar xzf fontsource-variable-source-serif-4-5.3.1.tgz

    python tools/make_math_font.py \
        --math stix-two-math-latin-400-normal.woff2 \
        --text source-serif-4-latin-wght-normal.woff2 \
        --italic source-serif-4-latin-wght-italic.woff2 \
        --into src/groundtruth/sphinxext/static/fonts

Needs ``fonttools`` and ``brotli``.
"""

from __future__ import annotations

import argparse
import base64
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

# The plane-1 mathematical alphabets, by first code point and length. Holes in them (such as U+1D455, italic h)
# live among the letterlike symbols, which are kept whole below.
ALPHABETS = {
    "bold": (0x1D400, 52),
    "italic": (0x1D434, 52),
    "bold italic": (0x1D468, 52),
    "script capitals": (0x1D49C, 26),
    "double-struck capitals": (0x1D538, 26),
    "dotless i and j": (0x1D6A4, 2),
    "bold Greek": (0x1D6A8, 58),
    "italic Greek": (0x1D6E2, 58),
    "bold italic Greek": (0x1D71C, 58),
    "bold digits": (0x1D7CE, 10),
    "double-struck digits": (0x1D7D8, 2),
}
# Letterlike symbols that fill the holes of the alphabets, and a few that stand alone (ell, aleph, angstrom).
LETTERLIKE = "ℂℍℕℙℚℝℤℎℏℓℒℬℰℱℋℐℳℛℑℜℵ"
SYMBOLS = (
    "¬±·×÷°´¯¨ˆˇ˘˙˚˜‖–—†…′″‴⁗⁠⁡⁢⁣\u2009\u202f"
    "←↑→↓↔↦↪⇐⇒⇔⟵⟶⟷⟸⟹⟺⟼"
    "∀∂∃∅∇∈∉∋∏∐∑−∓∕∖∗∘√∛∝∞∠∣∤∥∦∧∨∩∪∫∬∮∴∵∶∼≃≅≈≠≡≤≥≪≫≺≻⊂⊃⊆⊇⊕⊖⊗⊘⊙⊤⊥⊢⊨⋀⋁⋂⋃⋄⋅⋆⋮⋯⋰⋱"
    "⌈⌉⌊⌋〈〉⟨⟩⟦⟧⎰⎱⏞⏟⏜⏝⎴⎵□■◦★≔≜⨀⨁⨂⩽⩾"
    "\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u030a\u030c\u0332\u0338\u20d7\u203e\u23af"
)


def maths_code_points() -> set[int]:
    """Every code point that a formula of the book may ask for."""
    points = set(range(0x20, 0x7F)) | set(range(0x391, 0x3CA)) | {0x3D1, 0x3D5, 0x3D6, 0x3F0, 0x3F1, 0x3F5}
    for first, count in ALPHABETS.values():
        points |= set(range(first, first + count))
    return points | {ord(character) for character in LETTERLIKE + SYMBOLS}


def text_code_points() -> set[int]:
    """Latin letters of western European names, punctuation, and the few symbols that prose uses."""
    points = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))
    return points | {ord(character) for character in "‐‑‒–—‘’‚“”„†‡•…′″‹›€−×·≈≤≥→"}


def cut(font: TTFont, points: set[int], features: list[str]) -> None:
    """Keep `points` and what they need (size variants of the MATH table included), drop the hints."""
    options = subset.Options()
    options.layout_features = features
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.drop_tables += ["DSIG", "FFTM", "STAT"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=points)
    cutter.subset(font)


def narrow_roots(font: TTFont) -> None:
    """Make the tall root signs nearly as narrow as the small one.

    Chromium keeps room for the widest of them beside every root, so a small one had a hole after it.
    """
    variants = font["MATH"].table.MathVariants
    root = font.getBestCmap()[0x221A]
    record = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(root)]
    names = {variant.VariantGlyph for variant in record.MathGlyphVariantRecord}
    names |= {part.glyph for part in record.GlyphAssembly.PartRecords}
    wanted = font["hmtx"][root][0] + 50
    for name in names - {root}:
        advance, _ = font["hmtx"][name]
        glyph = font["glyf"][name]
        glyph.coordinates.scale((wanted / advance, 1.0))
        glyph.coordinates.toInt()
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (wanted, glyph.xMin)


def write(font: TTFont, path: Path, family: str) -> None:
    """Write woff2 under a name of our own: the licence keeps the original names for the originals.

    There is no time stamp, so the same source gives the same bytes.
    """
    names = {1: family, 4: family, 6: family.replace(" ", ""), 3: f"{family} (subset)"}
    for record in list(font["name"].names):
        if record.nameID in names:
            font["name"].setName(
                names[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID
            )
    font.flavor = "woff2"
    font.recalcTimestamp = False
    font.save(path)
    print(f"{path}: {path.stat().st_size / 1024:.1f} KiB, {len(font.getGlyphOrder())} glyphs")


def style_sheet(path: Path) -> None:
    """Turn the maths font into a style sheet that holds it.

    A formula without its font has other widths and heights, and no fallback comes near: the page would jump
    when the font arrives. Inside a style sheet it is there before the first paint, also from disk, and pages
    without formulas do not ask for it. Compressed by the server it is as small as the file was.
    """
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    sheet = path.with_suffix(".css")
    sheet.write_text(
        "/* Made by tools/make_math_font.py; licence: OFL-ground-truth-math.txt */\n"
        '@font-face{font-family:"Ground Truth Math";'
        f"src:url(data:font/woff2;base64,{data}) format('woff2');font-display:block}}\n",
        "utf-8",
    )
    path.unlink()
    print(f"{sheet}: {sheet.stat().st_size / 1024:.1f} KiB")


def main() -> None:
    """Read the sources named on the command line and write the three subsets."""
    parser = argparse.ArgumentParser(description="Make the book's web fonts.")
    parser.add_argument("--math", type=Path, help="STIX Two Math, any flavour, with its MATH table")
    parser.add_argument("--text", type=Path, help="Source Serif 4, upright, variable in weight")
    parser.add_argument("--italic", type=Path, help="Source Serif 4, italic, variable in weight")
    parser.add_argument("--into", type=Path, required=True, help="folder for the woff2 files")
    arguments = parser.parse_args()
    arguments.into.mkdir(parents=True, exist_ok=True)

    if arguments.math:
        font = TTFont(arguments.math)
        narrow_roots(font)
        # ssty: optical sizes for scripts (primes above all); dtls: dotless i under an accent.
        cut(font, maths_code_points(), ["ssty", "dtls"])
        if "MATH" not in font:
            raise SystemExit(f"{arguments.math} has no MATH table: formulas could not stretch")
        write(font, arguments.into / "ground-truth-math.woff2", "Ground Truth Math")
        style_sheet(arguments.into / "ground-truth-math.woff2")
    if arguments.text:
        font = instancer.instantiateVariableFont(TTFont(arguments.text), {"wght": (400, 700)})
        cut(
            font, text_code_points(), ["kern", "liga", "locl", "mark", "mkmk", "lnum", "tnum", "pnum", "onum"]
        )
        write(font, arguments.into / "ground-truth-serif.woff2", "Ground Truth Serif")
    if arguments.italic:
        font = instancer.instantiateVariableFont(TTFont(arguments.italic), {"wght": 400})
        cut(font, text_code_points(), ["kern", "liga", "locl", "mark", "mkmk"])
        write(font, arguments.into / "ground-truth-serif-italic.woff2", "Ground Truth Serif Italic")


if __name__ == "__main__":
    main()
