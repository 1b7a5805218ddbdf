"""Formulas as native MathML, made when the book is built: no script, no request, nothing moves on the page.

``latex2mathml`` does the parsing. What it leaves to the browser is mended here, because browsers follow
MathML Core, which is smaller: `mathvariant` knows only ``normal`` there, alignment of cells is left to style
sheets, and a name such as ``softmax`` must not be set as an operator with wide spaces on both sides. What it
passes over in silence (an unknown command becomes red-less plain text) is refused: a formula that cannot be
converted is a warning with its place, and warnings break the build.

Used by every page with a formula. Selected by ``html_math_renderer = "mathml"``.
"""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from latex2mathml.converter import convert as parse_latex
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# Stand-ins, from the private use area, that carry a meaning through latex2mathml inside \text, the one
# command whose content it leaves alone: a function, a function with limits below, an upright word.
FUNCTION, LIMITS, WORD = "\ue000", "\ue001", "\ue002"
THIN = "0.167em"

# Commands of ours, and mends of commands that latex2mathml does not know. Applied as text, longest first.
MACROS = {
    r"\argmax": r"\operatorname*{arg\,max}",
    r"\argmin": r"\operatorname*{arg\,min}",
    r"\softmax": r"\operatorname{softmax}",
    r"\relu": r"\operatorname{ReLU}",
    r"\mathop": "",
    r"\R": r"\mathbb{R}",
    r"\E": r"\mathbb{E}",
    r"\not\in": r"\notin",
    r"\not=": r"\ne",
    r"\bm": r"\boldsymbol",
    r"\arg": r"\operatorname{arg}",
}
ENVIRONMENTS = {  # what latex2mathml knows under another name, or would number by itself
    "aligned": "align*",
    "align": "align*",
    "split": "align*",
    "equation": None,
    "equation*": None,
}
KEPT = (
    "align*",
    "array",
    "cases",
    "matrix",
    "pmatrix",
    "bmatrix",
    "Bmatrix",
    "vmatrix",
    "Vmatrix",
    "smallmatrix",
)
CENTRED = ("gather", "gather*", "gathered", "multline", "multline*")

WITH_LIMITS = {"max", "min", "sup", "inf", "lim", "det", "Pr", "gcd", "lim sup", "lim inf"}
FUNCTIONS = WITH_LIMITS | {
    "arccos",
    "arcsin",
    "arctan",
    "cos",
    "cosh",
    "cot",
    "coth",
    "csc",
    "deg",
    "dim",
    "exp",
    "hom",
    "ker",
    "lg",
    "ln",
    "log",
    "sec",
    "sin",
    "sinh",
    "tan",
    "tanh",
}
OPENING = set("([{⟨⌊⌈⟦")
CLOSING = set(")]}⟩⌋⌉⟧")
BARS = set("|‖∥")
SIGNS = set("+-−±∓")
# Symbols that take no room around them, although they are no letters.
ORDINARY = set("∞∅∂∇⊤⊥′″‴…⋯⋮⋱%!?@#∀∃ℓ△□°ℏ\\/")
# Accents: what latex2mathml writes, and the character whose glyph has the right height in a maths font.
ACCENTS = {"^": "ˆ", "~": "˜", "¯": "¯", "→": "\u20d7", "˙": "˙", "¨": "¨", "―": "‾", "ˇ": "ˇ", "˘": "˘"}
ARITY = {
    "mfrac": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "mroot": 2,
    "msubsup": 3,
    "munderover": 3,
}
SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
KNOWN = set(ARITY) | {
    "math",
    "mi",
    "mn",
    "mo",
    "mtext",
    "mspace",
    "mrow",
    "mstyle",
    "mpadded",
    "mphantom",
    "msqrt",
    "mtable",
    "mtr",
    "mtd",
    "merror",
}
# mathvariant -> (capital A, small a, capital Alpha, small alpha, digit 0) in the mathematical alphabets.
VARIANTS: dict[str, tuple[int, int, int, int, int]] = {
    "bold": (0x1D400, 0x1D41A, 0x1D6A8, 0x1D6C2, 0x1D7CE),
    "italic": (0x1D434, 0x1D44E, 0x1D6E2, 0x1D6FC, 0),
    "bold-italic": (0x1D468, 0x1D482, 0x1D71C, 0x1D736, 0x1D7CE),
    "double-struck": (0x1D538, 0x1D552, 0, 0, 0x1D7D8),
    "script": (0x1D49C, 0x1D4B6, 0, 0, 0),
    "sans-serif": (0x1D5A0, 0x1D5BA, 0, 0, 0x1D7E2),
    "monospace": (0x1D670, 0x1D68A, 0, 0, 0x1D7F6),
}
HOLES = {0x1D455: "ℎ", 0x1D53A: "ℂ", 0x1D53F: "ℍ", 0x1D545: "ℕ", 0x1D547: "ℙ", 0x1D548: "ℚ", 0x1D551: "ℤ"}
HOLES |= {0x1D54C - 1: "𝕋", 0x1D549: "ℝ", 0x1D49D: "ℬ", 0x1D4A0: "ℰ", 0x1D4A1: "ℱ", 0x1D4A3: "ℋ"}
HOLES |= {0x1D4A4: "ℐ", 0x1D4A7: "ℒ", 0x1D4A8: "ℳ", 0x1D4AD: "ℛ"}
GREEK_VARIANTS = {"ϵ": 0, "ϑ": 1, "ϰ": 2, "ϕ": 3, "ϱ": 4, "ϖ": 5}


class MathError(ValueError):
    """A formula that cannot be converted, with the reason."""


# --- before: text that latex2mathml reads as we mean it -------------------------------------------------


def _name(content: str) -> str:
    """Return the words of an operator name, with thin spaces between them."""
    content = re.sub(r"\\[,;: ]|\s+|~", "\u2009", content.strip())
    if "\\" in content or "{" in content:
        raise MathError(f"a name may hold only letters and spaces: {content!r}")
    return content


def _prepare(latex: str) -> str:
    text = re.sub(r"\\label\{[^}]*\}|\\nonumber|\\notag", "", latex.strip())
    for macro in sorted(MACROS, key=len, reverse=True):
        boundary = r"(?![A-Za-z])" if macro[-1].isalpha() else ""
        text = re.sub(re.escape(macro) + boundary, lambda _, m=macro: MACROS[m], text)  # type: ignore[misc]
    text = re.sub(
        r"\\operatorname(\*?)\s*\{([^{}]*)\}",
        lambda m: r"{\text{" + (LIMITS if m[1] else FUNCTION) + _name(m[2]) + "}}",
        text,
    )
    # latex2mathml loses the upright form of \mathrm{d} and sets \mathrm{ReLU} as four letters.
    text = re.sub(
        r"\\mathrm\s*(?:\{([^{}]*)\}|([A-Za-z]))",
        lambda m: r"{\text{" + WORD + _name(m[1] if m[1] is not None else m[2]) + "}}",
        text,
    )
    for old, new in ENVIRONMENTS.items():
        for edge in ("begin", "end"):
            text = text.replace(f"\\{edge}{{{old}}}", f"\\{edge}{{{new}}}" if new else "")
    for old in CENTRED:
        text = text.replace(f"\\begin{{{old}}}", r"\begin{array}{c}").replace(
            f"\\end{{{old}}}", r"\end{array}"
        )
    for name in re.findall(r"\\begin\{([^}]*)\}", text):
        if name not in KEPT:
            raise MathError(f"unknown environment {name}")
    return text.strip()


# --- after: from latex2mathml's tree to what browsers set well --------------------------------------------


def _variant(text: str, variant: str) -> str:
    if variant not in VARIANTS:
        raise MathError(f"no letters for the style {variant!r}")
    capital, small, greek_capital, greek, digit = VARIANTS[variant]
    out = []
    for character in text:
        point = ord(character)
        if "A" <= character <= "Z":
            new = capital + point - 0x41
        elif "a" <= character <= "z":
            new = small + point - 0x61
        elif greek_capital and 0x391 <= point <= 0x3A9:
            new = greek_capital + point - 0x391
        elif greek and 0x3B1 <= point <= 0x3C9:
            new = greek + point - 0x3B1
        elif greek and character in GREEK_VARIANTS:
            new = greek + 26 + GREEK_VARIANTS[character]
        elif character == "∇" and greek_capital:
            new = greek_capital + 25
        elif character == "∂" and greek:
            new = greek + 25
        elif digit and character.isdigit():
            new = digit + point - 0x30
        else:
            new = point
        out.append(HOLES.get(new, chr(new)))
    return "".join(out)


def _text(element: ET.Element | None) -> str:
    return (element.text or "") if element is not None else ""


def _core(element: ET.Element) -> ET.Element:
    """Return the element at the bottom of scripts and single rows: what decides the spacing around it."""
    while len(element) and (element.tag in SCRIPTED or (element.tag == "mrow" and len(element) == 1)):
        element = element[0]
    return element


def _is_function(element: ET.Element) -> bool:
    return _core(element).get("class") == "gt-fn"


def _tokens(element: ET.Element) -> None:
    """Give every leaf the right element, character and style."""
    for leaf in element.iter():
        if leaf.tag not in KNOWN:
            raise MathError(f"browsers have no <{leaf.tag}>: write the formula without that command")
        if leaf.tag in ARITY and len(leaf) != ARITY[leaf.tag]:
            raise MathError("a command lacks an argument")
        if leaf.get("linebreak"):
            raise MathError(r"a line break \\ outside an environment such as aligned or cases")
        if leaf.get("width") == "negativethinmathspace":
            leaf.set("width", "-" + THIN)
        text = _text(leaf)
        if leaf.tag not in ("mi", "mn", "mo", "mtext") or not text:
            continue
        if text == r"\|":
            text = leaf.text = "‖"
        if leaf.tag != "mtext" and text.startswith("\\"):
            raise MathError(f"unknown command {text}")
        if leaf.tag == "mo" and text == "^" and leaf.get("stretchy") is None:
            leaf.set("stretchy", "false")
        variant = leaf.attrib.pop("mathvariant", "")
        if text[0] in (FUNCTION, LIMITS, WORD) or (leaf.tag in ("mi", "mo") and text in FUNCTIONS):
            leaf.tag, leaf.text = "mi", text.lstrip(FUNCTION + LIMITS + WORD)
            leaf.attrib.clear()
            if text[0] != WORD:
                leaf.set("class", "gt-fn")
            if text[0] == LIMITS or text in WITH_LIMITS:
                leaf.set("data-limits", "true")
            if len(leaf.text) == 1:
                leaf.set("mathvariant", "normal")
            continue
        if leaf.tag == "mtext":
            if "bold" in variant:
                leaf.set("style", "font-weight:bold")
            elif "italic" in variant:
                leaf.set("style", "font-style:italic")
            continue
        if variant and variant != "normal":
            leaf.text = text = _variant(text, variant)
        if len(text) == 1 and leaf.tag in ("mi", "mo"):
            if text in ORDINARY:
                leaf.tag = "mi"
                leaf.attrib.clear()
                if text != "∂":  # the curly d is slanted in every book
                    leaf.set("mathvariant", "normal")
            elif leaf.tag == "mi" and not unicodedata.category(text).startswith("L"):
                leaf.tag = "mo"
            elif leaf.tag == "mi" and (variant == "normal" or "Α" <= text <= "Ω"):
                leaf.set("mathvariant", "normal")  # capital Greek stands upright


def _accents(element: ET.Element) -> None:
    for over in element.iter():
        if over.tag not in ("mover", "munder") or over[1].tag != "mo":
            continue
        mark = over[1]
        if _text(mark) in ACCENTS:
            mark.attrib.clear()
            line = _text(mark) == "―"
            if over.tag == "mover":
                over.set("accent", "true")
            else:
                over.set("accentunder", "true")
            mark.text = ("_" if over.tag == "munder" else "‾") if line else ACCENTS[_text(mark)]
            wide = line or len(list(over[0].iter())) > 2
            mark.set("stretchy", "true" if wide else "false")


def _merge_numbers(row: ET.Element) -> None:
    r"""``1{,}068`` and ``10\,000`` are one number each, also to a screen reader."""
    position = 0
    while position + 2 < len(row):
        left, middle, right = row[position], row[position + 1], row[position + 2]
        comma = middle.tag == "mrow" and len(middle) == 1 and _text(middle[0]) == ","
        thin = middle.tag == "mspace" and middle.get("width") == THIN
        if left.tag == right.tag == "mn" and (comma or thin) and re.match(r"\d{3}(?!\d)", _text(right)):
            left.text = _text(left) + ("," if comma else "\u2009") + _text(right)
            row.remove(middle)
            row.remove(right)
        else:
            position += 1


def _spacing(row: ET.Element) -> None:
    """Signs, bars and function names take the room that TeX gives them."""
    new: list[ET.Element] = []
    children = list(row)
    open_bars: list[str] = []
    for index, child in enumerate(children):
        core = _core(child)
        before = _core(children[index - 1]) if index else None
        after = _core(children[index + 1]) if index + 1 < len(children) else None
        if core.tag == "mo":
            text = _text(core)
            if text in SIGNS and (
                before is None or (before.tag == "mo" and _text(before) not in CLOSING | BARS)
            ):
                core.set("form", "prefix")
            if text in BARS and core.get("fence") != "true":
                opening = text not in open_bars
                if opening:
                    open_bars.append(text)
                else:
                    open_bars.remove(text)
                core.attrib.update(
                    form="prefix" if opening else "postfix", stretchy="false", lspace="0", rspace="0"
                )
            beside_table = any(n is not None and n.tag == "mtable" for n in (before, after))
            if text in OPENING | CLOSING and core.get("stretchy") is None and not beside_table:
                core.set("stretchy", "false")
        if _is_function(child):
            ordinary = before is not None and (before.tag in ("mi", "mn") or _text(before) in CLOSING)
            if ordinary and not (new and new[-1].tag == "mspace"):
                new.append(ET.Element("mspace", width=THIN))
            new.append(child)
            if after is not None and after.tag not in ("mspace",):
                apply = ET.Element("mo")
                apply.text = "\u2061"  # "of", to a screen reader; no glyph
                if not (after.tag == "mo" and _text(after) not in OPENING | BARS):
                    new.append(apply)
                if after.tag != "mo" or _text(after) in BARS:
                    new.append(ET.Element("mspace", width=THIN))
            continue
        new.append(child)
    row[:] = new


def _scripts(element: ET.Element, tight: bool = False) -> None:
    """In sub- and superscripts operators stand close, as in TeX; browsers keep the full room."""
    for index, child in enumerate(element):
        inside = tight or (element.tag in SCRIPTED and index > 0)
        if inside and child.tag == "mo" and child.get("stretchy") != "true":
            child.set("lspace", "0")
            child.set("rspace", "0")
        _scripts(child, inside)


def _limits(element: ET.Element) -> None:
    r"""In a displayed formula ``\max_x`` has its x below, as a sum does."""
    for script in element.iter():
        if script.tag in ("msub", "msubsup") and _core(script[0]).get("data-limits"):
            script.tag = "munder" if script.tag == "msub" else "munderover"


def _roots(element: ET.Element) -> None:
    """Give every root the height of a letter with ascender: browsers hang the sign below small letters."""
    for root in list(element.iter()):
        if root.tag == "msqrt":
            root.append(ET.Element("mspace", width="0", height="0.72em", depth="0.12em"))
        elif root.tag == "mroot":
            row = ET.Element("mrow")
            row.extend([root[0], ET.Element("mspace", width="0", height="0.72em", depth="0.12em")])
            root[0] = row


def _tables(element: ET.Element) -> None:
    for table in element.iter("mtable"):
        aligned = table.get("columnspacing") is not None or table.get("rowspacing") is not None
        for name in ("columnspacing", "rowspacing"):
            table.attrib.pop(name, None)
        if aligned:
            table.set("class", "gt-align")
        for cell in table.iter("mtd"):
            # Core leaves alignment to style sheets; an own style works in every browser and in print.
            side = cell.attrib.pop("columnalign", "")
            if side in ("left", "right"):
                cell.set("class", f"gt-{side}")


def _flatten(element: ET.Element) -> None:
    """Drop rows around a single element: half of the bytes, and nothing else changes."""
    for index in range(len(element)):
        while element[index].tag == "mrow" and len(element[index]) == 1 and element[index][0].tag != "mo":
            element[index] = element[index][0]
        _flatten(element[index])


def _rows(element: ET.Element) -> None:
    for child in element:
        _rows(child)
    if element.tag in ("mrow", "mtd", "mstyle", "msqrt", "mpadded", "mphantom", "math"):
        _merge_numbers(element)
        _spacing(element)


@cache
def to_mathml(latex: str, display: bool = False) -> str:
    """Return the `<math>` element for a formula, with its source kept as an annotation.

    Raises MathError where the formula cannot be set in MathML Core.
    """
    text = _prepare(latex)
    if not text:
        raise MathError("an empty formula")
    if display and r"\\" in text and not re.search(r"\\(begin|substack)", text):
        text = rf"\begin{{align*}}{text}\end{{align*}}"
    try:
        source = parse_latex(text, display="block" if display else "inline")
        root = ET.fromstring(source.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "", 1))
    except ET.ParseError as error:
        raise MathError("a stray & or an environment that is not known") from error
    except Exception as error:
        # latex2mathml's own exceptions share no base class and say little beyond their name.
        raise MathError(f"{type(error).__name__} {error}".strip()) from error
    _tokens(root)
    _accents(root)
    _flatten(root)
    _rows(root)
    _scripts(root)
    if display:
        _limits(root)
    _roots(root)
    _tables(root)
    for leaf in root.iter():
        leaf.attrib.pop("data-limits", None)
        if leaf.get("class") == "gt-fn":
            del leaf.attrib["class"]
    content = root[0] if len(root) == 1 else None
    if content is None or content.tag != "mrow":
        content = ET.Element("mrow")
        content[:] = list(root)
    semantics = ET.Element("semantics")
    semantics.append(content)
    annotation = ET.SubElement(semantics, "annotation", encoding="application/x-tex")
    annotation.text = latex.strip()
    math = ET.Element("math")
    if display:
        math.set("display", "block")
    math.append(semantics)
    return ET.tostring(math, encoding="unicode")


# --- Sphinx ---------------------------------------------------------------------------------------------


def _convert(node: nodes.Element, latex: str, display: bool) -> str:
    try:
        return to_mathml(latex, display)
    except MathError as error:
        place: nodes.Element | None = node
        while place is not None and place.line is None:  # inline nodes do not know their line
            place = place.parent
        logger.warning(
            "formula not converted: %s: %s",
            error,
            latex,
            location=place or node,
            type="mathml",
            subtype="convert",
        )
        return f"<code>{escape(latex)}</code>"


class HoldPunctuation(SphinxPostTransform):
    """Keep the comma behind a formula on the formula's line: browsers may break before it, as behind a picture."""

    formats = ("html",)
    default_priority = 800

    def run(self, **_: Any) -> None:
        """Move the punctuation from the text into the formula's node, whose writer holds both together."""
        for node in list(self.document.findall(nodes.math)):
            text = node.next_node(descend=False, siblings=True)
            mark = re.match(r"[,.;:!?)\]’”]+", text.astext()) if isinstance(text, nodes.Text) else None
            if mark is not None and text is not None:
                node["behind"] = mark.group()
                node.parent.replace(text, nodes.Text(text.astext()[mark.end() :]))


def visit_math(self: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula, and the punctuation behind it."""
    behind = node.get("behind", "")
    kind = "math notranslate nohighlight" + (" gt-held" if behind else "")
    self.body.append(self.starttag(node, "span", "", CLASS=kind))
    self.body.append(_convert(node, node.astext(), display=False))
    self.body.append(f"{escape(behind)}</span>")
    raise nodes.SkipNode


def visit_displaymath(self: HTML5Translator, node: nodes.math_block) -> None:
    """Write a displayed formula with its number; `{eq}` links to the anchor."""
    wrapper = node.parent
    ids = node["ids"]
    if isinstance(wrapper, nodes.container) and wrapper["ids"] == ids:
        node["ids"] = []  # the theme's wrapper carries them: an id stands once on a page
    numbered = bool(node["number"])
    self.body.append(
        self.starttag(
            node, "div", CLASS="math notranslate nohighlight" + (" gt-numbered" if numbered else "")
        )
    )
    node["ids"] = ids
    self.body.append(f'<div class="gt-formula">{_convert(node, node.astext(), display=True)}</div>')
    if numbered:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append("</div>\n")
    raise nodes.SkipNode


def _maths_font(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let pages with a formula, and only those, load the maths font."""
    if doctree is not None and next(doctree.findall(_is_formula), None) is not None:
        app.add_css_file("fonts/ground-truth-math.css")


def _is_formula(node: nodes.Node) -> bool:
    return isinstance(node, (nodes.math, nodes.math_block))


def setup(app: Sphinx) -> None:
    """Register the renderer, to be chosen by ``html_math_renderer = "mathml"``."""
    app.add_post_transform(HoldPunctuation)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    app.connect("html-page-context", _maths_font)
