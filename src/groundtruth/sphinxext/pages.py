"""What the build knows of each page, kept in the Sphinx environment so that it survives an unchanged rebuild."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

Payload = dict[str, Any]

KINDS = {"rec": "record", "given": "given", "claim": "claim", "verdict": "verdict"}
"""Role name to the kind of evidence that it shows."""


@dataclass
class Shown:
    """One place where a page shows evidence."""

    kind: str
    slug: str
    name: str
    line: int | None


@dataclass
class Placed:
    """One figure that a page places. Caption and alt text still hold their roles."""

    name: str
    kind: str
    caption: str
    alt: str
    stages: int
    line: int | None


@dataclass
class Page:
    """Everything about one page that other pages, the report and the checks need."""

    docname: str
    evidence: dict[str, Payload] = field(default_factory=dict)
    figures: dict[str, Payload] = field(default_factory=dict)
    live: dict[str, Payload] = field(default_factory=dict)
    """What the cells hand over for figures that a reader can go on with."""
    costs: list[Payload] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)
    alive: list[tuple[str, int | None]] = field(default_factory=list)
    """Figures that the page places as live ones: name and line."""
    exercises: list[str] = field(default_factory=list)
    problems: list[tuple[int | None, str]] = field(default_factory=list)
    foreign: list[tuple[int | None, str, str]] = field(default_factory=list)
    """Sections, exercises and figures of other pages that this one leads to: line, name and kind."""
    words: int = 0
    code_cells: int = 0
    data: list[str] = field(default_factory=list)
    is_chapter: bool = False
    signature: str = ""

    @property
    def slug(self) -> str:
        """The last part of the page's name: it binds figures, records, notebook and tests to the page."""
        return slug_of(self.docname)

    @property
    def seconds(self) -> float:
        """Seconds that the cells took in the run that made these outputs."""
        return float(sum(cost["seconds"] for cost in self.costs))

    @property
    def peak_rss_mb(self) -> int:
        """Peak memory of the kernel, in MB."""
        return max((int(cost["peak_rss_mb"]) for cost in self.costs), default=0)

    def executed_in(self, build: str) -> bool:
        """Whether the outputs were made by this build rather than served from the cache."""
        return any(cost["build"] == build for cost in self.costs)

    @property
    def reading_minutes(self) -> int:
        """Minutes of reading: 200 words a minute, and half a minute for a code cell."""
        return max(1, round(self.words / 200 + self.code_cells / 2))


def slug_of(docname: str) -> str:
    """Return the slug of a page."""
    return docname.rsplit("/", 1)[-1]


def pages_of(env: BuildEnvironment) -> dict[str, Page]:
    """Return the pages of this environment by docname."""
    if not hasattr(env, "groundtruth_pages"):
        env.groundtruth_pages = {}  # type: ignore[attr-defined]
    return env.groundtruth_pages  # type: ignore[attr-defined]


def page_of(env: BuildEnvironment, docname: str | None = None) -> Page:
    """Return the page, made if need be; without a name the one that is being read."""
    name = docname or env.docname
    return pages_of(env).setdefault(name, Page(name))


def by_slug(env: BuildEnvironment, slug: str) -> Page | None:
    """Return the page with this slug."""
    return next((page for page in pages_of(env).values() if page.slug == slug), None)


def find(env: BuildEnvironment, shown: Shown) -> Payload | str:
    """Return the evidence that a place shows, or a sentence that says why there is none."""
    page = by_slug(env, shown.slug)
    if page is None:
        return f"there is no page '{shown.slug}' for '{shown.slug}/{shown.name}'"
    payload = page.evidence.get(shown.name)
    if payload is None:
        known = ", ".join(sorted(page.evidence)) or "none"
        return f"page '{shown.slug}' has no evidence named '{shown.name}'; it has: {known}"
    wanted = KINDS[shown.kind]
    if payload["kind"] != wanted:
        return f"'{shown.slug}/{shown.name}' is a {payload['kind']}, and is shown by a role for a {wanted}"
    return payload


def claims_of(page: Page) -> Iterator[Payload]:
    """Yield the claims and verdicts of a page in the order of its cells."""
    for payload in page.evidence.values():
        if payload["kind"] in ("claim", "verdict"):
            yield payload


def purge(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a page that is about to be read again or is gone."""
    pages_of(env).pop(docname, None)
