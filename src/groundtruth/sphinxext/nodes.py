"""The nodes of the grammar, and how each is written as HTML. The notebook writer has its own way for each."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from docutils import nodes

from groundtruth.sphinxext.collect import evidence_data

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

# docutils names its nodes in lower case
# ruff: noqa: N801


class evidence_ref(nodes.Inline, nodes.Element):
    """A place in the prose that shows evidence; replaced when the page is resolved."""


class evidence_value(nodes.inline):
    """The text of a record, a given or a verdict. Attributes: ``name`` (slug/name), ``kind``."""


class evidence_mark(nodes.Inline, nodes.Element):
    """The mark that opens the evidence. Attributes: ``state``, ``sign``, ``says``, ``refuri``."""


class evidence_details(nodes.General, nodes.Element):
    """One claim or verdict with what it was judged by, folded. Attributes: ``state``, ``sign``, ``statement``."""


class drawing(nodes.General, nodes.Element):
    """One stage of a figure. Attributes: ``light``, ``dark`` (file names), ``alt``, ``width``, ``height``, ``svg``."""


class stages(nodes.General, nodes.Element):
    """The stages of a stepped figure."""


class stage(nodes.General, nodes.Element):
    """One drawing and its sentence. Attribute ``number``."""


class figure_place(nodes.General, nodes.Element):
    """Where a figure of a run stands; its drawings are filled in when the page is resolved."""


class live_start(nodes.General, nodes.Element):
    """The button of a live figure. Attributes: ``name``, ``start``; from the resolver also what it loads."""


class chapter_facts(nodes.General, nodes.Element):
    """The computed line of the chapter's box: needs, minutes, seconds, download."""


class stub(nodes.General, nodes.Element):
    """Code for the reader to fill in. Attributes: ``exercise``, ``code``."""


class solution(nodes.General, nodes.Element):
    """A folded solution. Attribute ``exercise``."""


class build_fact(nodes.Inline, nodes.Element):
    """A fact about this build (commit, date, seconds) that a small script fills in. Attribute ``fact``."""


class colophon(nodes.General, nodes.Element):
    """What this build was made of, and every claim with its evidence; filled in when the page is resolved."""


def skip(self: Any, node: nodes.Element) -> None:
    """Write nothing."""
    raise nodes.SkipNode


def nothing(self: Any, node: nodes.Element) -> None:
    """Write only the children."""


def _attributes(self: HTML5Translator, **pairs: object) -> str:
    return "".join(f' {key}="{self.attval(str(value))}"' for key, value in pairs.items())


def visit_value(self: HTML5Translator, node: evidence_value) -> None:
    """Open the span of a value."""
    self.body.append(
        f"<span{_attributes(self, **{'class': ' '.join(node['classes']), 'data-name': node['name']})}>"
    )


def depart_value(self: HTML5Translator, node: evidence_value) -> None:
    """Close it."""
    self.body.append("</span>")


def visit_mark(self: HTML5Translator, node: evidence_mark) -> None:
    """Write the mark: a link to the evidence, which a script turns into a popover."""
    attributes = _attributes(self, **{"class": f"gt-mark gt-{node['state']}", "href": node["refuri"]})
    self.body.append(
        f'<a{attributes}><span aria-hidden="true">{node["sign"]}</span>'
        f'<span class="gt-hidden">{self.encode(node["says"])}</span></a>\u2060'  # no break before a full stop
    )
    raise nodes.SkipNode


def visit_drawing(self: HTML5Translator, node: drawing) -> None:
    """Write the light and the dark picture; the style sheet shows one of them."""
    for theme in ("light", "dark"):
        source = posixpath.join(self.builder.imgpath, node[theme])
        attributes = _attributes(
            self,
            **{"class": f"gt-{theme}", "src": source, "alt": node["alt"], "width": node["width"],
               "height": node["height"], "loading": "lazy", "decoding": "async"},
        )  # fmt: skip
        self.body.append(f"<img{attributes}>\n")
    raise nodes.SkipNode


def visit_live_start(self: HTML5Translator, node: live_start) -> None:
    """Write the button, with what it loads. The style sheet shows it only where scripts run."""
    attributes = _attributes(
        self,
        **{"type": "button", "data-key": node["key"], "data-kind": node["kind"], "data-folder": node["folder"],
           "data-scripts": " ".join(node["scripts"])},
    )  # fmt: skip
    kilobytes = round(node["bytes"] / 1000)
    size = f" <small>loads {kilobytes}\u00a0kB</small>" if kilobytes >= 50 else ""  # worth asking for
    self.body.append(
        f'<div class="gt-live-start"><button{attributes}>{self.encode(node["start"])}{size}</button></div>\n'
    )
    raise nodes.SkipNode


def visit_stages(self: HTML5Translator, node: stages) -> None:
    """Open the list of stages."""
    self.body.append('<div class="gt-stages">\n')


def visit_stage(self: HTML5Translator, node: stage) -> None:
    """Open one stage."""
    self.body.append('<div class="gt-stage">\n')


def close_division(self: HTML5Translator, node: nodes.Element) -> None:
    """Close a division."""
    self.body.append("</div>\n")


def visit_evidence_details(self: HTML5Translator, node: evidence_details) -> None:
    """Open the fold of one claim or verdict."""
    attributes = _attributes(self, **{"class": f"gt-evidence gt-{node['state']}", "id": node["ids"][0]})
    self.body.append(
        f'<details{attributes}><summary><span class="gt-sign" aria-hidden="true">{node["sign"]}</span> '
        f'{self.encode(node["statement"])}</summary>\n<div class="gt-evidence-body">\n'
    )


def depart_evidence_details(self: HTML5Translator, node: evidence_details) -> None:
    """Close it."""
    self.body.append("</div></details>\n")


def visit_stub(self: HTML5Translator, node: stub) -> None:
    """Open the listing of a stub."""
    self.body.append('<div class="gt-stub">\n')


def visit_solution(self: HTML5Translator, node: solution) -> None:
    """Open the fold of a solution."""
    self.body.append('<details class="gt-solution"><summary>Solution</summary>\n')


def depart_solution(self: HTML5Translator, node: solution) -> None:
    """Close it."""
    self.body.append("</details>\n")


def visit_build_fact(self: HTML5Translator, node: build_fact) -> None:
    """Write the element that the script of the build's facts fills in."""
    self.body.append(f'<span data-build="{self.attval(node["fact"])}">–</span>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the nodes."""
    for invisible in (evidence_data, evidence_ref, figure_place, chapter_facts, colophon):
        app.add_node(invisible, html=(skip, None))
    app.add_node(evidence_value, html=(visit_value, depart_value))
    app.add_node(evidence_mark, html=(visit_mark, None))
    app.add_node(drawing, html=(visit_drawing, None))
    app.add_node(live_start, html=(visit_live_start, None))
    app.add_node(stages, html=(visit_stages, close_division))
    app.add_node(stage, html=(visit_stage, close_division))
    app.add_node(evidence_details, html=(visit_evidence_details, depart_evidence_details))
    app.add_node(stub, html=(visit_stub, close_division))
    app.add_node(solution, html=(visit_solution, depart_solution))
    app.add_node(build_fact, html=(visit_build_fact, None))
