"""From a cell's outputs to the environment: the renderer of our MIME type, and what reading a page collects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes

from groundtruth.evidence import MIME
from groundtruth.sphinxext.pages import Page, page_of

if TYPE_CHECKING:
    from myst_nb.core.render import MimeData, NbElementRenderer
    from sphinx.application import Sphinx


class evidence_data(nodes.Element):  # noqa: N801 - docutils names its nodes in lower case
    """One payload of a cell's outputs. Invisible: the page shows it where a role or directive asks for it."""


class EvidenceRenderer:
    """Turn an output of our MIME type into a node, whatever the builder (a plugin of myst-nb)."""

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = [("*", MIME, 1)]

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list[nodes.Element] | None:
        """Return the node for one output, or None where the type is not ours."""
        if data.mime_type != MIME:
            return None
        node = evidence_data(payload=dict(data.content))
        node.line = data.line
        return [node]


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Move what the cells handed over into the environment (event ``doctree-read``)."""
    page = page_of(app.env)
    metadata = app.env.metadata.get(app.env.docname, {})
    page.is_chapter = "kernelspec" in metadata
    for cell in doctree.findall(nodes.container):
        page.code_cells += cell.get("nb_element") == "cell_code"
    for node in list(doctree.findall(evidence_data)):
        # myst-nb says a line in the cell, two behind the one in which it opens.
        _take(page, node["payload"], node.line and node.line - 2)
    page.words = _words(doctree)


def _take(page: Page, payload: dict[str, Any], line: int | None) -> None:
    kind = payload["kind"]
    if kind == "cost":
        page.costs.append(payload)
        return
    name = payload["name"]
    known = {"figure": page.figures, "live": page.live}.get(kind, page.evidence)
    if name in known:
        page.problems.append(
            (line, f"{kind} '{page.slug}/{name}' is handed over twice; names are unique in a chapter")
        )
        return
    known[name] = {**payload, "line": line}


def _words(doctree: nodes.document) -> int:
    """Count the words that are read rather than run."""
    total = 0
    for text in doctree.findall(nodes.Text):
        parent: nodes.Node | None = text.parent
        while parent is not None and not isinstance(
            parent, nodes.literal_block | nodes.math_block | nodes.comment
        ):
            parent = parent.parent
        if parent is None:
            total += len(text.split())
    return total


def drop_invisible(doctree: nodes.document) -> None:
    """Remove the payloads, and the output containers that hold nothing else, from a resolved page."""
    for node in list(doctree.findall(evidence_data)):
        parent = node.parent
        parent.remove(node)
        while isinstance(parent, nodes.container) and not parent.children and parent.parent is not None:
            empty, parent = parent, parent.parent
            parent.remove(empty)
