"""Paths through the book for those who teach from it, and the key figures of a path on one page.

A path names sections and exercises of chapters; a name that is not there fails the build. Titles come from the
chapters, and machine seconds from this build's runs, so a path cannot go stale in silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import yaml
from docutils import nodes
from sphinx.util import logging

from groundtruth.evidence import NAME
from groundtruth.sphinxext.grammar import PageDirective
from groundtruth.sphinxext.pages import Page, by_slug, page_of, pages_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

FIELDS = {"title", "minutes", "read", "exercises", "able"}


class teaching_path(nodes.General, nodes.Element):  # noqa: N801 - docutils names its nodes in lower case
    """The steps of a path; filled in when the page is resolved. Attribute ``steps``."""


class key_figures(nodes.General, nodes.Element):  # noqa: N801
    """Figures of other chapters, as slides. Attribute ``figures``: slug/name."""


class TeachingPath(PageDirective):
    """``{teaching-path}``: steps as YAML, each with title, minutes, read, exercises, able."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Check the form of the steps, note what they name, and leave a node to fill in."""
        try:
            steps = yaml.safe_load("\n".join(self.content))
        except yaml.YAMLError as error:
            return self.fail(f"the path is no YAML: {error}")
        if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
            return self.fail("a path is a list of steps")
        page = page_of(self.env)
        for step in steps:
            wrong = set(step) ^ FIELDS - ({"exercises"} - set(step))
            if wrong:
                return self.fail(
                    f"a step has the fields {', '.join(sorted(FIELDS))}; amiss: {', '.join(sorted(wrong))}"
                )
            page.foreign += [(self.lineno, str(name), "section") for name in step["read"]]
            page.foreign += [(self.lineno, str(name), "exercise") for name in step.get("exercises", ())]
        return [teaching_path(steps=steps)]


class KeyFigures(PageDirective):
    """``{key-figures}``: a figure of another chapter a line, as slug/name."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Note what is shown, and leave a node to fill in."""
        names = [line.strip() for line in self.content if line.strip()]
        for name in names:
            if not NAME.fullmatch(name.rpartition("/")[2]) or "/" not in name:
                return self.fail(f"{name!r} is no figure of a chapter: write slug/name")
        page_of(self.env).foreign += [(self.lineno, name, "figure") for name in names]
        return [key_figures(figures=names)]


# --- what paths name ----------------------------------------------------------------------------------------


def sections_of(env: BuildEnvironment, docname: str) -> dict[str, str]:
    """Return the titles of a page's sections by their anchors; the page itself is ''."""
    found = {"": env.titles[docname].astext()} if docname in env.titles else {}
    tree = env.tocs.get(docname)
    for reference in tree.findall(nodes.reference) if tree is not None else ():
        found.setdefault(reference["anchorname"].removeprefix("#"), reference.astext())
    return found


def fault_of(env: BuildEnvironment, name: str, kind: str) -> str | None:
    """Return what is wrong with a name in a path, or nothing."""
    slug, sign, rest = name.partition("#" if kind == "section" else "/")
    page = by_slug(env, slug)
    if page is None or page.docname not in env.titles:
        return f"there is no page '{slug}' for the {kind} '{name}'"
    if kind == "section":
        known: list[str] = list(sections_of(env, page.docname))
    elif kind == "exercise":
        known = page.exercises
    else:
        known = [placed.name for placed in page.placed]
    if (rest or sign) and rest not in known:
        return f"page '{slug}' has no {kind} '{rest}'; it has: {', '.join(filter(None, known)) or 'none'}"
    return None


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of every name that leads nowhere, on every run (event ``env-updated``)."""
    for page in pages_of(env).values():
        for line, name, kind in page.foreign:
            fault = fault_of(env, name, kind)
            if fault:
                logger.warning(fault, location=(page.docname, line), type="groundtruth", subtype="teaching")


# --- filling in ---------------------------------------------------------------------------------------------


def fill_path(app: Sphinx, env: BuildEnvironment, docname: str, node: teaching_path) -> list[nodes.Node]:
    """Return the steps of a path, with titles, links and this build's seconds."""
    steps = nodes.enumerated_list(classes=["gt-path"])
    for step in node["steps"]:
        head = nodes.paragraph(
            "", "", nodes.strong("", str(step["title"])), nodes.Text(f", {step['minutes']}\u00a0minutes")
        )
        facts = nodes.bullet_list()
        links = [part for name in step["read"] for part in _section_link(app, env, docname, str(name))]
        facts += _item("Read", _joined(links))
        if step.get("exercises"):
            links = [
                part for name in step["exercises"] for part in _exercise_link(app, env, docname, str(name))
            ]
            facts += _item("Exercises", _joined(links))
        facts += _item("Afterwards you can", [nodes.Text(str(step["able"]))])
        pages = _pages(env, [str(name).partition("#")[0] for name in step["read"]])
        if pages:
            seconds = max(1, round(sum(page.seconds for page in pages)))
            what = "all cells of its chapter" if len(pages) == 1 else "all cells of its chapters"
            facts += _item("Machine", [nodes.Text(f"{what}: {seconds:,}\u00a0s in this build")])
        steps += nodes.list_item("", head, facts)
    whole = _pages(env, [str(name).partition("#")[0] for step in node["steps"] for name in step["read"]])
    minutes = sum(step["minutes"] for step in node["steps"])
    total = nodes.paragraph(
        "",
        f"In all {minutes:,}\u00a0minutes. The cells of every chapter named here took "
        f"{max(1, round(sum(page.seconds for page in whole))):,}\u00a0s in this build.",
        classes=["gt-facts"],
    )
    return [steps, total]


def _pages(env: BuildEnvironment, slugs: list[str]) -> list[Page]:
    """Return the pages with cells among these, each once."""
    found = (by_slug(env, slug) for slug in dict.fromkeys(slugs))
    return [page for page in found if page is not None and page.is_chapter]


def _item(title: str, content: list[nodes.Node]) -> nodes.list_item:
    return nodes.list_item("", nodes.paragraph("", "", nodes.emphasis("", title), nodes.Text(": "), *content))


def _joined(links: list[nodes.Node]) -> list[nodes.Node]:
    return [
        part
        for number, link in enumerate(links)
        for part in ((nodes.Text("; "),) if number else ()) + (link,)
    ]


def _link(app: Sphinx, here: str, page: Page, anchor: str, text: str) -> nodes.Node:
    uri = app.builder.get_relative_uri(here, page.docname) + (f"#{anchor}" if anchor else "")
    return nodes.reference("", "", nodes.inline("", text), refuri=uri, internal=True)


def _section_link(app: Sphinx, env: BuildEnvironment, here: str, name: str) -> Iterator[nodes.Node]:
    slug, _, anchor = name.partition("#")
    page = by_slug(env, slug)
    if page is None or page.docname not in env.titles:
        return
    sections = sections_of(env, page.docname)
    text = sections.get(anchor, anchor)
    yield _link(app, here, page, anchor, f"{sections['']}: {text}" if anchor else text)


def _exercise_link(app: Sphinx, env: BuildEnvironment, here: str, name: str) -> Iterator[nodes.Node]:
    slug, _, exercise = name.partition("/")
    page = by_slug(env, slug)
    if page is None or exercise not in page.exercises:
        return
    title = env.titles[page.docname].astext()
    yield _link(
        app, here, page, f"exercise-{exercise}", f"{title}, exercise {page.exercises.index(exercise) + 1}"
    )


def fill_figures(app: Sphinx, env: BuildEnvironment, docname: str, node: key_figures) -> list[nodes.Node]:
    """Return the figures that are named, each with its caption and where it comes from."""
    made: list[nodes.Node] = []
    for name in node["figures"]:
        slug, _, figure = name.partition("/")
        page = by_slug(env, slug)
        if page is None or fault_of(env, name, "figure"):
            continue
        tree = env.get_doctree(page.docname)
        found = next(one for one in tree.findall(nodes.figure) if f"fig-{figure}" in one["ids"]).deepcopy()
        found["ids"], found["names"] = [f"key-{slug}-{figure}"], []
        for link in found.findall(lambda one: one.__class__.__name__ == "pending_xref"):
            link["refdoc"] = docname
        caption = next(iter(found.findall(nodes.caption)))
        caption += [
            nodes.Text(" (From "),
            _link(app, docname, page, f"fig-{figure}", env.titles[page.docname].astext()),
        ]
        caption += nodes.Text(".)")
        found["classes"].append("gt-slide")
        made.append(found)
    return made


def shown_of(env: BuildEnvironment, page: Page) -> list[Any]:
    """Return what a page shows of others by paths and key figures: when it changes, the page is written again."""
    slugs = dict.fromkeys(name.partition("#")[0].partition("/")[0] for _, name, _ in page.foreign)
    pages = [found for slug in slugs if (found := by_slug(env, slug))]
    return [
        [one.docname, one.costs, one.exercises, one.figures, one.evidence, [placed.caption for placed in one.placed],
         sections_of(env, one.docname)]
        for one in pages
    ]  # fmt: skip


def setup(app: Sphinx) -> None:
    """Register nodes and directives."""
    app.add_node(teaching_path)
    app.add_node(key_figures)
    app.add_directive("teaching-path", TeachingPath)
    app.add_directive("key-figures", KeyFigures)
    app.connect("env-updated", check)
