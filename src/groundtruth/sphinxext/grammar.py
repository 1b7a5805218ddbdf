"""The roles and directives of a chapter (see the authors' page): what reading a page makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective, SphinxRole

from groundtruth.evidence import NAME
from groundtruth.sphinxext import diagrams
from groundtruth.sphinxext.nodes import (
    build_fact,
    chapter_facts,
    colophon,
    evidence_ref,
    figure_place,
    solution,
    stub,
)
from groundtruth.sphinxext.pages import KINDS, Placed, Shown, page_of, slug_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import OptionSpec

INLINE = re.compile(r"\{(" + "|".join(KINDS) + r")\}`([^`]+)`")
"""A role inside plain text, such as an alt text."""

FACTS = ("profile", "commit", "date", "seconds", "device", "cpu", "cores", "memory", "python", "torch")


def target_of(text: str, docname: str) -> tuple[str, str]:
    """Return slug and name of what a role shows; without a slug it is the page's own.

    Raises:
        ValueError: the text is no name.

    """
    slug, _, name = text.rpartition("/")
    if not NAME.fullmatch(name):
        raise ValueError(f"{text!r} is no name of evidence: expected 'name' or 'slug/name' in lower case")
    return slug or slug_of(docname), name


class EvidenceRole(SphinxRole):
    """``{rec}``, ``{given}``, ``{claim}``, ``{verdict}``: show what a cell handed over."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Note the place, and leave a node that is replaced when the page is resolved."""
        try:
            slug, name = target_of(self.text.strip(), self.env.docname)
        except ValueError as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [nodes.problematic(self.rawtext, self.rawtext)], [message]
        page_of(self.env).shown.append(Shown(self.name, slug, name, self.lineno))
        # The text is the role again, so that a caption read as text can be resolved later.
        marker = nodes.Text(f"{{{self.name}}}`{slug}/{name}`")
        node = evidence_ref("", marker, kind=self.name, slug=slug, name=name)
        self.set_source_info(node)
        return [node], []


class BuildRole(SphinxRole):
    """``{build}``: a fact about this build, filled in by a script so that pages do not change with it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the element to fill in."""
        if self.text not in FACTS:
            message = self.inliner.reporter.error(
                f"unknown build fact {self.text!r}; choose one of: {', '.join(FACTS)}", line=self.lineno
            )
            return [nodes.problematic(self.rawtext, self.rawtext)], [message]
        return [build_fact(fact=self.text)], []


class PageDirective(SphinxDirective):
    """What the directives of a page share."""

    def fail(self, text: str) -> list[nodes.Node]:
        """Report a problem at this directive's line; the build fails over it, on every run."""
        page_of(self.env).problems.append((self.lineno, text))
        return []

    def body(self) -> list[nodes.Node]:
        """Parse the body as Markdown."""
        return self.parse_content_to_nodes()

    def alt(self) -> str:
        """Return the alt text with every role made explicit, and note what it shows."""
        page = page_of(self.env)

        def explicit(match: re.Match[str]) -> str:
            slug, name = target_of(match[2], self.env.docname)
            page.shown.append(Shown(match[1], slug, name, self.lineno))
            return f"{{{match[1]}}}`{slug}/{name}`"

        return INLINE.sub(explicit, str(self.options.get("alt", "")).strip())


class FigureDirective(PageDirective):
    """``{run-figure}``, ``{diagram}``, ``{stepped-figure}``: place a figure; the body is its caption."""

    required_arguments = 1
    has_content = True
    option_spec: ClassVar[OptionSpec] = {"alt": directives.unchanged, "class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        """Return a figure whose drawings are filled in when the page is resolved."""
        name = self.arguments[0]
        slug = slug_of(self.env.docname)
        if not NAME.fullmatch(name):
            return self.fail(f"{name!r} is no name of a figure: use lower-case words joined by hyphens")
        page = page_of(self.env)
        if any(placed.name == name for placed in page.placed):
            return self.fail(f"figure '{slug}/{name}' is placed twice")
        alt = self.alt()
        if not alt:
            return self.fail(
                f"figure '{slug}/{name}' has no alt text: say what a reader who cannot see it needs"
            )
        place = figure_place(name=name, slug=slug, alt=alt, stage_texts=[])
        kind = "run"
        script = diagrams.script_of(self.env, slug, name)
        if self.name == "diagram" or (self.name == "stepped-figure" and script.exists()):
            kind = "diagram"
            try:
                place["drawn"] = diagrams.draw(self.env, script)
            except diagrams.DiagramError as error:
                return self.fail(str(error))
        parsed = self.body()
        if self.name == "stepped-figure":
            if len(parsed) < 2 or not isinstance(parsed[-1], nodes.enumerated_list):
                return self.fail(
                    f"stepped figure '{name}' needs a caption and then a numbered list, one sentence a stage"
                )
            place["stage_texts"] = [item.children for item in parsed.pop().children]
        if len(parsed) != 1 or not isinstance(parsed[0], nodes.paragraph):
            return self.fail(
                f"figure '{slug}/{name}' needs a caption of one paragraph that states its finding"
            )
        figure = nodes.figure("", place, classes=["gt-figure", *self.options.get("class", [])])
        if place["stage_texts"]:
            figure["classes"].append("gt-stepped")
        figure += nodes.caption("", "", *parsed[0].children)
        # Stages' sentences are children too, so that their roles and terms are resolved with the page.
        for number, children in enumerate(place.attributes.pop("stage_texts"), start=1):
            place += nodes.container("", *children, stage=number)
        described = len(place.children) or 1
        if kind == "diagram" and len(place["drawn"]) != described:
            return self.fail(
                f"figure '{slug}/{name}' has {len(place['drawn'])} stages, {described} are described"
            )
        figure["ids"] = [f"fig-{name}"]
        figure["names"] = [f"{slug}/{name}"]
        self.state.document.note_explicit_target(figure, figure)
        self.set_source_info(figure)
        caption = figure.children[-1].astext()
        page.placed.append(Placed(name, kind, caption, alt, described, self.lineno))
        return [figure]


class BoxDirective(PageDirective):
    """``{prediction}``, ``{myth}``, ``{exercise}``: a titled box."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[OptionSpec] = {"title": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        argument = self.arguments[0] if self.arguments else ""
        page = page_of(self.env)
        identifier = None
        if self.name == "exercise":
            if not NAME.fullmatch(argument):
                return self.fail("an exercise needs a name of lower-case words joined by hyphens")
            if argument in page.exercises:
                return self.fail(f"exercise '{argument}' stands twice on the page")
            page.exercises.append(argument)
            identifier = f"exercise-{argument}"
            title = f"Exercise {len(page.exercises)}"
            if self.options.get("title"):
                title += f" · {self.options['title']}"
        elif self.name == "myth":
            title = f"Myth: “{argument}”" if argument else "A myth, tested"
        else:
            title = argument or "Before you read on"
        parsed, messages = self.state.inline_text(title, self.lineno)
        box = nodes.admonition("", nodes.title(title, "", *parsed), *messages)
        box["classes"] = ["gt-box", f"gt-{self.name}"]
        if identifier:
            box["ids"] = [identifier]
            box["names"] = [f"{page.slug}/{identifier}"]
            self.state.document.note_explicit_target(box, box)
        box += self.body()
        self.set_source_info(box)
        return [box]


class ChapterBox(PageDirective):
    """``{chapter-box}``: goals and needs by hand; minutes and seconds computed."""

    has_content = True
    option_spec: ClassVar[OptionSpec] = {"needs": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        box = nodes.admonition("", nodes.title("", "After this chapter you can"))
        box["classes"] = ["gt-box", "gt-chapter-box"]
        box += self.body()
        facts = chapter_facts()
        if self.options.get("needs"):
            children, messages = self.state.inline_text(self.options["needs"], self.lineno)
            facts += nodes.inline("", "", *children)
            box += messages
        box += facts
        self.set_source_info(box)
        return [box]


class StubDirective(PageDirective):
    """``{stub}``: code for the reader to fill in; a cell in the notebook, a listing on the page."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the listing."""
        name = self.arguments[0]
        if name not in page_of(self.env).exercises:
            return self.fail(f"stub '{name}' does not follow an exercise of that name")
        code = "\n".join(self.content)
        return [stub("", nodes.literal_block(code, code, language="python"), exercise=name, code=code)]


class SolutionDirective(PageDirective):
    """``{solution}``: folded on the page, left out of the student's notebook."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the fold."""
        name = self.arguments[0]
        if name not in page_of(self.env).exercises:
            return self.fail(f"solution '{name}' does not follow an exercise of that name")
        return [solution("", *self.body(), exercise=name)]


class Colophon(PageDirective):
    """``{colophon}``: what this build was made of, filled in when the page is resolved."""

    def run(self) -> list[nodes.Node]:
        """Return the node to fill in."""
        return [colophon()]


def setup(app: Sphinx) -> None:
    """Register roles and directives."""
    for role in KINDS:
        app.add_role(role, EvidenceRole())
    app.add_role("build", BuildRole())
    table: dict[str, Any] = {
        "run-figure": FigureDirective,
        "diagram": FigureDirective,
        "stepped-figure": FigureDirective,
        "prediction": BoxDirective,
        "myth": BoxDirective,
        "exercise": BoxDirective,
        "chapter-box": ChapterBox,
        "stub": StubDirective,
        "solution": SolutionDirective,
        "colophon": Colophon,
    }
    for name, directive in table.items():
        app.add_directive(name, directive)
