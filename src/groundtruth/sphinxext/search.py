"""What the search and the small notes know: sections, terms and references of every page, in two scripts.

A page on disk may load a script and nothing else, so both are classic scripts that set one variable. They are loaded
only when they are asked for: ``search-data.js`` by the search page once somebody searches, ``notes.js`` when a term or
a citation is first pointed at. ``static/search.js`` ranks (by MiniSearch), ``static/groundtruth.js`` shows the notes.

What a page holds is kept beside its doctree, so that pages that did not change need not be read again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes

from groundtruth.sphinxext.api import api_entry
from groundtruth.sphinxext.nodes import evidence_details, evidence_mark
from groundtruth.sphinxext.pages import pages_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ALIASES = {
    "ai": "artificial intelligence",
    "ann": "neural network",
    "autograd": "automatic differentiation",
    "backprop": "back-propagation",
    "bn": "batch normalisation",
    "batch norm": "batch normalisation",
    "batchnorm": "batch normalisation",
    "cnn": "convolutional network convolution",
    "convnet": "convolutional network convolution",
    "ddp": "data parallel all-reduce",
    "early stopping": "validation overfitting",
    "eval mode": "evaluation running statistics",
    "exploding gradient": "vanishing gradient",
    "fine tuning": "transfer learning",
    "finetuning": "transfer learning",
    "history of neural networks": "history of deep learning",
    "hyperparameter": "search validation",
    "lr": "learning rate",
    "mlp": "multi-layer network hidden layer",
    "multi-gpu": "data parallel cluster",
    "neuron": "unit",
    "nn": "neural network",
    "overfit": "overfitting",
    "resnet": "residual network shortcut",
    "rnn": "recurrent network",
    "saliency": "attribution gradient",
    "sgd": "stochastic gradient descent mini-batch",
    "skip connection": "shortcut residual",
    "step size": "learning rate",
    "train test split": "test set validation set",
}
"""What readers type, and the words that the book uses for it."""

UNREAD = (
    nodes.literal_block, nodes.math_block, nodes.raw, nodes.comment, nodes.title, nodes.label, nodes.image,
    nodes.citation, addnodes.glossary, evidence_details, evidence_mark,
)  # fmt: skip
"""Nodes whose text is not a section's: code, formulas, the tables of evidence, and what is an entry of its own."""


def text_of(node: nodes.Node) -> str:
    """Return the text of a node without what is not searched, and without the sections in it."""
    parts: list[str] = []

    def walk(one: nodes.Node) -> None:
        if isinstance(one, nodes.Text):
            parts.append(one.astext())
        elif isinstance(one, nodes.math):
            text = one.astext()
            parts.append(text if "\\" not in text else "…")
        elif one is node or not isinstance(one, (*UNREAD, nodes.section)):
            for child in one.children:
                walk(child)
            if isinstance(one, nodes.list_item):
                _close(parts, last=one is one.parent.children[-1])
            if not isinstance(one, nodes.Inline):
                parts.append(" ")

    walk(node)
    return " ".join("".join(parts).replace("\u2060", "").split())


def _close(parts: list[str], last: bool) -> None:
    """End an item of a list that has no sign at its end: in a line of text the next would run into it."""
    while parts and not parts[-1].strip():
        parts.pop()
    if parts and not parts[-1].rstrip(" )”’").endswith(tuple(".,;:!?")):
        parts.append("." if last else ";")


def entries(doctree: nodes.document, chapter: bool) -> Iterator[dict[str, str]]:
    """Yield what can be found on a page: ``kind``, ``at`` (an anchor), ``title`` and ``text``."""
    top = True
    module = next(iter(doctree.findall(api_entry)), None) is not None
    for section in doctree.findall(nodes.section):
        title = next((child.astext() for child in section.children if isinstance(child, nodes.title)), "")
        if not title:
            continue
        kind = ("chapter" if chapter else "page") if top else "module" if module else "section"
        yield {"kind": kind, "at": "" if top else section["ids"][0], "title": title, "text": text_of(section)}
        top = False
    for item in terms(doctree):
        names = [child for child in item.children if isinstance(child, nodes.term)]
        if names and names[0]["ids"]:
            title = ", ".join(text_of(name) for name in names)
            yield {
                "kind": "term",
                "at": names[0]["ids"][0],
                "title": title,
                "text": text_of(item.children[-1]),
            }
    for citation in doctree.findall(nodes.citation):
        text = text_of(citation)
        yield {
            "kind": "reference",
            "at": citation["ids"][0],
            "title": shorten(text, 100, placeholder=" …"),
            "text": text,
        }


def terms(doctree: nodes.document) -> Iterator[nodes.definition_list_item]:
    """Yield the items of the glossaries of a page."""
    for group in doctree.findall(nodes.definition_list):
        if "glossary" in group["classes"]:
            for item in group.children:
                if isinstance(item, nodes.definition_list_item):
                    yield item


def notes(app: Sphinx, doctree: nodes.document) -> dict[str, str]:
    """Return the HTML of what each term and each reference of a page says, by anchor."""

    def render(children: list[nodes.Node]) -> str:
        holder = nodes.container("", *(child.deepcopy() for child in children))
        for node in holder.findall(nodes.Element):
            node["ids"] = []
        html = app.builder.render_partial(holder)["fragment"]  # type: ignore[attr-defined]
        return (
            str(html).strip().removeprefix('<div class="docutils container">').removesuffix("</div>").strip()
        )

    found: dict[str, str] = {}
    for item in terms(doctree):
        definition = item.children[-1]
        html = render(list(definition.children))
        for name in item.children[:-1]:
            if isinstance(name, nodes.term):
                found |= dict.fromkeys(name["ids"], f"<p><strong>{name.astext()}</strong></p>{html}")
    for citation in doctree.findall(nodes.citation):
        html = render([child for child in citation.children if not isinstance(child, nodes.label)])
        found |= dict.fromkeys(citation["ids"], html)
    return found


def _kept(app: Sphinx, docname: str) -> Path:
    return Path(app.doctreedir, "search", f"{docname.replace('/', '--')}.json")


def keep(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Keep what a page holds (event ``doctree-resolved``)."""
    if app.builder.format != "html":
        return
    page = pages_of(app.env).get(docname)
    held = {
        "entries": list(entries(doctree, chapter=bool(page and page.is_chapter))),
        "notes": notes(app, doctree),
    }
    path = _kept(app, docname)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(held), encoding="utf-8")


def write(app: Sphinx, error: Exception | None) -> None:
    """Write both scripts (event ``build-finished``)."""
    if error is not None or app.builder.format != "html":
        return
    from groundtruth.sphinxext.resolve import ordered  # noqa: PLC0415 - resolve imports much

    found: list[dict[str, str]] = []
    said: dict[str, str] = {}
    for docname in (page.docname for page in ordered(app.env) if page.docname in app.env.found_docs):
        path = _kept(app, docname)
        if not path.is_file():
            continue
        held = json.loads(path.read_text(encoding="utf-8"))
        uri, title = app.builder.get_target_uri(docname), app.env.titles[docname].astext()
        for entry in held["entries"]:
            where = f"{uri}#{entry['at']}" if entry["at"] else uri
            found.append({"url": where, "page": title, **{k: entry[k] for k in ("kind", "title", "text")}})
        said |= {f"{uri}#{anchor}": html for anchor, html in held["notes"].items()}
    static = Path(app.outdir, "_static")
    static.mkdir(exist_ok=True)
    _script(static / "search-data.js", "GROUNDTRUTH_SEARCH", {"entries": found, "aliases": ALIASES})
    _script(static / "notes.js", "GROUNDTRUTH_NOTES", said)


def _script(path: Path, name: str, value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"window.{name}={text};\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect both to the build."""
    app.connect("doctree-resolved", keep, priority=900)
    app.connect("build-finished", write)
