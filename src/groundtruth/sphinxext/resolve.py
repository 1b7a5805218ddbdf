"""One resolver for the page and the notebook: every place that shows evidence gets this build's values.

It runs when a page is written, after all pages are read, so that a page may show what another has measured.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from groundtruth import profiles
from groundtruth.evidence import as_text
from groundtruth.sphinxext import pictures, recorded, report, teaching
from groundtruth.sphinxext.collect import drop_invisible
from groundtruth.sphinxext.diagrams import Drawn
from groundtruth.sphinxext.grammar import INLINE
from groundtruth.sphinxext.nodes import (
    chapter_facts,
    colophon,
    drawing,
    evidence_details,
    evidence_mark,
    evidence_ref,
    evidence_value,
    figure_place,
    stage,
    stages,
)
from groundtruth.sphinxext.pages import (
    Page,
    Payload,
    Shown,
    by_slug,
    claims_of,
    find,
    page_of,
    pages_of,
    slug_of,
)

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

ROWS = 40
"""Rows of a table of evidence; of longer ones the first are shown and the rest counted."""


def state_of(payload: Payload) -> tuple[str, str, str]:
    """Return class, sign and words for the outcome of a claim or verdict."""
    if payload["verdict"] == "not evaluated":
        return "open", "○", "not evaluated in this profile"
    if payload["kind"] == "claim":
        return ("holds", "✓", "claim holds") if payload["holds"] else ("false", "✗", "claim is false")
    return {
        "better": ("better", "▲", "verdict: better"),
        "worse": ("worse", "▼", "verdict: worse"),
        "not distinguishable": ("same", "≈", "verdict: not distinguishable"),
    }[payload["verdict"]]


def text_of(payload: Payload) -> str:
    """Return what the prose shows of a piece of evidence."""
    return str(payload["text"] if payload["kind"] in ("record", "given") else payload["verdict"])


def fill(env: BuildEnvironment, text: str) -> str:
    """Return text in which every role is replaced by what it shows: an alt text, or a caption read as text."""

    def value(match: re.Match[str]) -> str:
        slug, _, name = match[2].rpartition("/")
        found = find(env, Shown(match[1], slug, name, None))
        if isinstance(found, str):
            return "?"
        return "" if match[1] == "claim" else text_of(found)

    return re.sub(r"\s+([.,;:)])", r"\1", " ".join(INLINE.sub(value, text).split()))


class Resolve(SphinxPostTransform):
    """Replace the places of a page by what they show."""

    default_priority = 6  # after myst-nb has chosen the outputs, before references are resolved

    def run(self, **kwargs: Any) -> None:
        """Resolve one page."""
        self.page = page_of(self.env, self.env.docname)
        for path in list(self.document.findall(teaching.teaching_path)):
            path.replace_self(teaching.fill_path(self.app, self.env, self.env.docname, path))
        for gallery in list(self.document.findall(teaching.key_figures)):  # their evidence is filled in below
            gallery.replace_self(teaching.fill_figures(self.app, self.env, self.env.docname, gallery))
        for node in list(self.document.findall(evidence_ref)):
            if node["kind"] == "claim":
                _join(node)
            node.replace_self(self._shown(node))
        for node in list(self.document.findall(figure_place)):
            node.replace_self(self._drawings(node))
        for node in list(self.document.findall(chapter_facts)):
            node.replace_self(self._facts(node))
        for place in list(self.document.findall(recorded.recorded_place)):
            place.replace_self(recorded.fill(self.env, self.page, place))
        for node in list(self.document.findall(colophon)):
            node.replace_self(self._colophon())
        claims = list(claims_of(self.page))
        if claims:
            heading = nodes.rubric("", "Evidence")  # a title of the page's contents would want a number
            heading["heading-level"] = 2
            panel = nodes.section("", heading, ids=["evidence"], classes=["gt-evidence-list"])
            panel += nodes.paragraph(
                "", "Every claim and verdict of this chapter, and the values it was judged by in this build."
            )
            panel += [details_of(payload, f"evidence-{payload['name']}") for payload in claims]
            top = next(self.document.findall(nodes.section), self.document)
            top += panel
        drop_invisible(self.document)

    def _shown(self, node: evidence_ref) -> list[nodes.Node]:
        shown = Shown(node["kind"], node["slug"], node["name"], node.line)
        payload = find(self.env, shown)
        if isinstance(payload, str):  # already reported when the environment was checked
            return [nodes.problematic("", "?")]
        made: list[nodes.Node] = []
        if shown.kind != "claim":
            kind = {"record": "rec", "given": "given", "verdict": "verdict"}[payload["kind"]]
            classes = [f"gt-{kind}"]
            if kind == "verdict":
                classes.append(f"gt-{state_of(payload)[0]}")
            text = text_of(payload)
            made.append(
                evidence_value(
                    "",
                    text,
                    classes=classes,
                    name=f"{shown.slug}/{shown.name}",
                    timing=payload.get("timing", False),
                    kind=payload["kind"],
                )
            )
        if shown.kind == "verdict":
            made.append(nodes.Text("\u00a0"))
        if shown.kind in ("claim", "verdict"):
            state, sign, says = state_of(payload)
            made.append(
                evidence_mark(
                    state=state,
                    sign=sign,
                    says=f"{says}, show the evidence",
                    refuri=self._uri(shown),
                    statement=payload["statement"],
                    timing=payload.get("timing", False),
                )
            )
        return made

    def _uri(self, shown: Shown) -> str:
        anchor = f"#evidence-{shown.name}"
        if shown.slug == self.page.slug:
            return anchor
        other = by_slug(self.env, shown.slug)
        assert other is not None
        return self.app.builder.get_relative_uri(self.page.docname, other.docname) + anchor

    def _drawings(self, node: figure_place) -> nodes.Element | list[nodes.Element]:
        name, slug = node["name"], node["slug"]
        # A figure of a run has no picture for the notebook: there its cell draws it.
        page = by_slug(self.env, slug) or self.page  # a key figure is another page's
        drawn = node.get("drawn") or [Drawn(svg, "") for svg in page.figures.get(name, {}).get("stages", [])]
        alt = fill(self.env, node["alt"])
        if not node.children:
            return [self._drawing(slug, name, one, alt) for one in drawn[:1]]
        row = stages()
        for number, (picture, sentence) in enumerate(zip(drawn, node.children, strict=False), start=1):
            one = stage(number=number)
            one += self._drawing(slug, f"{name}-{number}", picture, f"{alt} (stage {number} of {len(drawn)})")
            # A list item's children are paragraphs; the number goes into the first.
            first, *rest = sentence.children
            text = nodes.paragraph("", "", classes=["gt-stage-text"])
            text += nodes.inline("", str(number), classes=["gt-stage-number"])
            text += nodes.Text(" ")
            text += first.children
            one += [text, *rest]
            row += one
        return row

    def _drawing(self, slug: str, name: str, picture: Drawn, alt: str) -> drawing:
        found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', picture.svg)
        assert found is not None  # matplotlib writes one
        width, height = (round(float(points) * 4 / 3) for points in found.groups())  # points to pixels
        node = drawing(
            light=f"{slug}-{name}.light.svg", dark=f"{slug}-{name}.dark.svg", name=f"{slug}-{name}",
            alt=alt, width=width, height=height, svg=picture.svg, png=picture.png,
        )  # fmt: skip
        if self.app.builder.format == "html":
            write_drawing(self.app, node)
        return node

    def _facts(self, node: chapter_facts) -> list[nodes.Node]:
        line = nodes.paragraph("", "", classes=["gt-facts"])
        if node.children:
            line += nodes.inline("", "", nodes.Text("You need first: "), *node.children, nodes.Text(". "))
        minutes, seconds = self.page.reading_minutes, max(1, round(self.page.seconds))
        line += nodes.Text(
            f"{minutes}\u00a0{'minute' if minutes == 1 else 'minutes'} to read; the code ran for "
            f"{seconds}\u00a0{'second' if seconds == 1 else 'seconds'} in this build "
            f"(profile {profiles.active().name})."
        )
        up = "../" * self.page.docname.count("/")
        link = nodes.reference(
            "", "Download this chapter as a notebook", refuri=f"{up}notebooks/{self.page.slug}.ipynb",
            classes=["gt-download"], internal=True,
        )  # fmt: skip
        links = nodes.inline("", "", link)
        if self.app.config.groundtruth_archive:
            links += nodes.Text(", or ")
            links += nodes.reference(
                "", "all chapters with the package they import", refuri=f"{up}notebooks.zip",
                classes=["gt-download"], internal=True,
            )  # fmt: skip
        links += nodes.Text(".")
        return [line, nodes.paragraph("", "", links, classes=["gt-facts", "gt-only-page"])]

    def _colophon(self) -> list[nodes.Node]:
        return list(colophon_of(self.app, self.env))


def _join(node: evidence_ref) -> None:
    """Keep a mark on the line of the word it follows."""
    siblings = node.parent.children
    position = siblings.index(node)
    before = siblings[position - 1] if position else None
    if isinstance(before, nodes.Text) and before.astext().endswith((" ", "\n")):
        node.parent.replace(before, nodes.Text(before.astext()[:-1] + "\u00a0"))


def write_drawing(app: Sphinx, node: drawing) -> None:
    """Write both drawings beside the page's images, if they are not there yet."""
    from groundtruth.plotting.style import darken  # noqa: PLC0415 - matplotlib, only where there are figures

    folder = Path(app.outdir, "_images")
    folder.mkdir(parents=True, exist_ok=True)
    drawn = pictures.lighter(node["svg"])
    for theme, svg in (("light", drawn), ("dark", darken(drawn))):
        path = folder / node[theme]
        if not path.exists() or path.read_text(encoding="utf-8") != svg:
            path.write_text(svg, encoding="utf-8")


def table(head: Sequence[str], rows: Iterable[Sequence[str | nodes.Node]]) -> nodes.table:
    """Return a table of texts or inline nodes."""

    def entry(cell: str | nodes.Node) -> nodes.entry:
        return nodes.entry("", nodes.paragraph("", "", nodes.Text(cell) if isinstance(cell, str) else cell))

    def row(cells: Sequence[str | nodes.Node]) -> nodes.row:
        return nodes.row("", *(entry(cell) for cell in cells))

    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", row(head))
    group += nodes.tbody("", *(row(cells) for cells in rows))
    return nodes.table("", group, classes=["gt-table"])


def finer(spec: str) -> str:
    """Return a format spec with one more digit: an end of an interval that touches a limit must not look equal."""
    return re.sub(r"\.(\d+)(?=[%efg])", lambda m: f".{int(m[1]) + 1}", spec)


def undecided(payload: Payload) -> str:
    """Say which of the three kinds of *not distinguishable* it is: level, small, or left open by the seeds."""
    (low, high), smallest = payload["interval"], payload["smallest"]
    least = as_text(smallest, payload["spec"])
    if -smallest <= low and high <= smallest and smallest:
        return f"The whole interval lies within {least} of zero: nearer than that, nobody needs to choose."
    if low > 0 or high < 0:
        return (
            f"The interval does not hold zero, but does not lie beyond {least} either: "
            "a difference, perhaps too small to name."
        )
    return "The interval holds differences of both signs: the seeds do not decide."


def details_of(payload: Payload, identifier: str) -> evidence_details:
    """Return one claim or verdict with its rule, interval and values, folded."""
    state, sign, _ = state_of(payload)
    node = evidence_details(
        state=state, sign=sign, statement=f"{payload['statement'].rstrip('.')}: {payload['verdict']}"
    )
    node["ids"] = [identifier]
    spec = payload["spec"]
    rule = payload["rule"]
    node += nodes.paragraph("", f"Rule: {rule}.")
    if payload["note"]:
        node += nodes.paragraph("", payload["note"])
    if payload["interval"] is not None:
        low, high = (as_text(end, finer(spec)) for end in payload["interval"])
        mean, seeds = as_text(payload["mean"], finer(spec)), len(payload["seeds"])
        second = [payload["values"][label] for label in payload["labels"][1:]]
        paired = "paired by seed" if second and len(set(second[0])) > 1 else "one value a seed"
        node += nodes.paragraph(
            "", f"Mean {mean} over {seeds} seeds, 95\u00a0% t interval {low} to {high}, {paired}."
        )
        if payload["verdict"] == "not distinguishable":
            node += nodes.paragraph("", undecided(payload))
    columns, labels = payload["values"], payload["labels"]
    difference = bool(payload["seeds"]) and len(labels) == 2
    head = ["seed" if payload["seeds"] else "case", *(["difference"] if difference else []), *labels]
    count = len(columns[labels[0]])
    keys = [str(seed) for seed in payload["seeds"]] or payload["cases"] or [str(i + 1) for i in range(count)]
    rows = []
    for i in range(min(count, ROWS)):
        cells = [keys[i], *(as_text(columns[label][i], spec) for label in labels)]
        if difference:  # first, since it decides: a narrow screen shows the left of a table
            cells.insert(1, as_text(columns[labels[0]][i] - columns[labels[1]][i], spec))
        rows.append(cells)
    node += table(head, rows)
    if count > ROWS:
        node += nodes.paragraph("", f"The first {ROWS} of {count} rows; all are in the build report.")
    return node


def colophon_of(app: Sphinx, env: BuildEnvironment) -> Iterable[nodes.Node]:
    """Yield the body of the colophon: machine, chapters, data, and every claim with its evidence."""
    chapters = [page for page in ordered(env) if page.is_chapter]

    def section(title: str, *body: nodes.Node) -> nodes.section:
        return nodes.section("", nodes.title("", title), *body, ids=[nodes.make_id(title)])

    machine = report.machine()
    words = {"cpu": "processor", "cores": "cores", "memory_gib": "memory (GiB)", "device": "device"}
    profile = profiles.active()
    yield section(
        "The machine and the versions",
        nodes.paragraph("", f"Profile {profile.name}: {profile.meaning}"),
        table(
            ["what", "in this build"],
            [
                ["arithmetic of fit()", profile.precision()],
                *([words.get(k, k), str(v)] for k, v in machine.items()),
            ],
        ),
    )
    rows: list[list[str | nodes.Node]] = []
    for page in chapters:
        claims = list(claims_of(page))
        judged = [claim for claim in claims if claim["kind"] == "claim" and claim["holds"] is not None]
        held = sum(claim["holds"] for claim in judged)
        title = env.titles[page.docname].astext()
        link = nodes.reference(
            "", title, refuri=app.builder.get_relative_uri(env.docname, page.docname), internal=True
        )
        rows.append(
            [
                link, str(page.reading_minutes), str(round(page.seconds)), str(page.peak_rss_mb),
                f"{held} of {len(judged)}", str(sum(claim["kind"] == "verdict" for claim in claims)),
            ]
        )  # fmt: skip
    yield section(
        "The chapters",
        table(
            ["chapter", "minutes to read", "seconds to run", "peak MB", "claims that hold", "verdicts"],
            rows,
        ),
    )  # fmt: skip
    yield section(
        "The data",
        table(
            ["data set", "training and test images", "licence", "sha256"],
            [
                [e["title"], " + ".join(f"{n:,}" for n in e["examples"].values()), e["licence"],
                 nodes.literal("", e["sha256"][:16])]
                for e in report.data_sets()
            ],
        ),
    )  # fmt: skip
    listed: list[nodes.Node] = []
    for page in chapters:
        claims = list(claims_of(page))
        if claims:
            listed.append(nodes.rubric("", env.titles[page.docname].astext()))
            listed += [details_of(payload, f"evidence-{page.slug}-{payload['name']}") for payload in claims]
    yield section("Every claim and verdict", *listed)


def ordered(env: BuildEnvironment) -> list[Page]:
    """Return the pages in the order of the table of contents."""
    order = {docname: position for position, docname in enumerate(_walk(env, env.config.root_doc))}
    return sorted(
        pages_of(env).values(), key=lambda page: (order.get(page.docname, len(order)), page.docname)
    )


def _walk(env: BuildEnvironment, docname: str) -> Iterable[str]:
    yield docname
    for child in env.toctree_includes.get(docname, []):
        yield from _walk(env, child)


def touched(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Return the pages to write again since what they show of *other* pages has changed (``env-updated``)."""
    everything = [
        [page.docname, page.evidence, page.costs, len(page.placed), env.titles[page.docname].astext()]
        for page in ordered(env)
        if page.docname in env.titles
    ]
    stale = []
    for page in pages_of(env).values():
        foreign: list[Any] = [find(env, shown) for shown in page.shown if shown.slug != slug_of(page.docname)]
        foreign += teaching.shown_of(env, page)
        if page.docname == app.config.groundtruth_colophon:
            foreign += [everything, report.machine()]
        signature = hashlib.sha256(json.dumps(foreign, sort_keys=True, default=str).encode()).hexdigest()
        if page.signature != signature:
            page.signature = signature
            stale.append(page.docname)
    return stale


def setup(app: Sphinx) -> None:
    """Register the resolver."""
    app.add_config_value("groundtruth_archive", False, "env", [bool])
    app.add_config_value("groundtruth_colophon", "appendix/colophon", "env", [str])
    app.add_post_transform(Resolve)
    app.connect("env-updated", touched)
