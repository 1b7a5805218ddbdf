"""Numbers that look typed: every decimal, percentage or number with a unit in prose must come from somewhere.

Free are numbers in maths and code, those that a role shows, and those in a sentence with a citation.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes

from groundtruth.sphinxext.grammar import INLINE
from groundtruth.sphinxext.nodes import build_fact, evidence_ref, stub
from groundtruth.sphinxext.pages import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

UNITS = (
    "seconds?|minutes?|hours?|days?|ms|min|points?|pixels?|px|images?|examples?|epochs?|steps?|updates?|mistakes?|"
    "weights?|parameters?|seeds?|times|MB|MiB|GB|GiB|KB|KiB|kB|FLOPS?|Hz|GHz|MHz|W|kWh|J|m|km|kg|K|s|per cent|percent"
)
TYPED = re.compile(
    r"(?<![\w.·])(?<![A-Za-z]-)[−-]?"  # neither inside a word, a version or a section number, nor CIFAR-10
    r"(?:\d++(?:[.]\d++)?e[+−-]?\d++|(?:\d[\d,]*+)?[.·]\d++(?:\s?[%‰]|\w*+)"
    rf"|\d[\d,]*+(?:\s?[%‰]|[\s-](?:{UNITS})\b))(?!\.\d)"
)
CITED = "\x00"  # stands for a citation, so that its sentence is known
HIDDEN = "\x01"  # stands for what is free: maths, code, evidence
SENTENCE = re.compile(r"(?<=[.!?;:])[”’)\"]*\s+(?=[A-Z“(\x00\x01])")

FREE = (nodes.math, nodes.literal, nodes.raw, evidence_ref, build_fact, nodes.citation_reference)


def lint(app: Sphinx, doctree: nodes.document) -> None:
    """Note every number that looks typed (event ``doctree-read``)."""
    if app.env.docname in app.config.groundtruth_lint_exclude:
        return
    page = page_of(app.env)
    for block in doctree.findall(_is_prose):
        for number in typed_numbers(block):
            line = next((n.line for n in (block, block.parent) if n is not None and n.line), None)
            page.problems.append(
                (
                    line,
                    f"typed number {number!r}: show it by {{rec}} or {{given}}, or cite its source in the sentence",
                )
            )
    for placed in page.placed:
        for number in typed_in(INLINE.sub(HIDDEN, placed.alt)):
            page.problems.append((placed.line, f"typed number {number!r} in an alt text: show it by {{rec}}"))
    for image in doctree.findall(nodes.image):
        alt = image.get("alt", "").strip()
        if not alt or ("/" in alt and " " not in alt):  # without one, myst-nb writes the path of the file
            page.problems.append(
                (image.line or (image.parent and image.parent.line),
                 "image without alt text: give one, or hand a cell's figure over by figure() and place it")
            )  # fmt: skip


def typed_numbers(block: nodes.Node) -> list[str]:
    """Return the numbers of a paragraph, title or caption that come from nowhere."""
    return typed_in("".join(_flat(block)))


def typed_in(text: str) -> list[str]:
    """Return the numbers that look typed, in the sentences without a citation."""
    found: list[str] = []
    for sentence in SENTENCE.split(text):
        if CITED not in sentence:
            found += [match.group().strip() for match in TYPED.finditer(sentence)]
    return found


def _is_prose(node: nodes.Node) -> bool:
    if not isinstance(node, nodes.paragraph | nodes.title | nodes.caption | nodes.term | nodes.rubric):
        return False
    parent: nodes.Node | None = node
    while parent is not None:
        if isinstance(parent, nodes.literal_block | stub | nodes.system_message | nodes.citation):
            return False
        # What the manifest of the data or a benchmark says was not typed on the page.
        if isinstance(parent, nodes.container) and {"gt-manifest", "gt-benchmark"} & set(parent["classes"]):
            return False
        # The output of a cell is a run's own, and needs no role.
        if isinstance(parent, nodes.container) and parent.get("nb_element") in (
            "cell_code",
            "cell_code_output",
        ):
            return False
        parent = parent.parent
    return True


def _flat(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Text):
        yield node.astext()
    elif isinstance(node, FREE):
        yield HIDDEN
    elif node.__class__.__name__ == "pending_xref":
        yield (
            CITED
            if node.get("refdomain") == "cite"
            else "".join(text for child in node.children for text in _flat(child))
        )
    else:
        for child in node.children:
            yield from _flat(child)


def setup(app: Sphinx) -> None:
    """Connect the lint to the reading of pages."""
    app.add_config_value("groundtruth_lint_exclude", [], "env", [list])
    app.connect("doctree-read", lint)
