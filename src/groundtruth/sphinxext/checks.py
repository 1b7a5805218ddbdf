"""What must be true of the book besides its cells running. Each fault is a warning with file and line, on every run.

Sphinx drops the warnings of pages that it does not read again. These checks look at what the environment keeps
of every page, at the end of every reading phase, and so a failure stays a failure.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sphinx.util import logging

from groundtruth.evidence import as_text
from groundtruth.sphinxext import live
from groundtruth.sphinxext.pages import Page, Payload, find, pages_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)


def check(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of every fault in what the pages hand over and show (event ``env-updated``)."""
    for docname, line, text in faults(env):
        logger.warning(text, location=(docname, line), type="groundtruth", subtype="evidence")


def faults(env: BuildEnvironment) -> list[tuple[str, int | None, str]]:
    """Return every fault as page, line and sentence."""
    found: list[tuple[str, int | None, str]] = []
    pages = list(pages_of(env).values())
    slugs: dict[str, list[str]] = defaultdict(list)
    shown: set[tuple[str, str]] = set()
    for page in pages:
        slugs[page.slug].append(page.docname)
        shown.update((place.slug, place.name) for place in page.shown)
    for slug, docnames in slugs.items():
        if len(docnames) > 1:
            found.append(
                (docnames[-1], None, f"pages {' and '.join(sorted(docnames))} share the slug '{slug}'")
            )
    for page in pages:
        found += [(page.docname, line, text) for line, text in page.problems]
        for place in page.shown:
            result = find(env, place)
            if isinstance(result, str):
                found.append((page.docname, place.line, result))
        for payload in page.evidence.values():
            name = f"{page.slug}/{payload['name']}"
            if (page.slug, payload["name"]) not in shown:
                found.append((page.docname, payload["line"], f"{payload['kind']} '{name}' is never shown"))
            if payload.get("source") and not _cites(env, payload["source"]):
                found.append(
                    (
                        page.docname,
                        payload["line"],
                        f"given '{name}' names the unknown source '{payload['source']}'",
                    )
                )
            if payload.get("holds") is False:
                found.append((page.docname, payload["line"], falsity(page.slug, payload)))
        found += [(page.docname, line, text) for line, text in _figure_faults(page)]
        found += [(page.docname, line, text) for line, text in live.faults(page)]
    return found


def _figure_faults(page: Page) -> list[tuple[int | None, str]]:
    found: list[tuple[int | None, str]] = []
    placed = {figure.name for figure in page.placed}
    for figure in page.placed:
        if figure.kind == "diagram":
            continue
        payload = page.figures.get(figure.name)
        if payload is None:
            known = ", ".join(sorted(page.figures)) or "none"
            found.append(
                (figure.line, f"no cell of '{page.slug}' draws figure '{figure.name}'; drawn are: {known}")
            )
        elif len(payload["stages"]) != figure.stages:
            found.append(
                (
                    figure.line,
                    f"figure '{page.slug}/{figure.name}' has {len(payload['stages'])} stages, "
                    f"{figure.stages} are described",
                )
            )
    found += [
        (payload["line"], f"figure '{page.slug}/{name}' is drawn and never placed")
        for name, payload in page.figures.items()
        if name not in placed
    ]
    return found


def falsity(slug: str, payload: Payload) -> str:
    """Return the sentence for a false claim: chapter, claim, rule and values."""
    columns = "; ".join(
        f"{label}: {', '.join(as_text(value, payload['spec']) for value in payload['values'][label])}"
        for label in payload["labels"]
    )
    interval = ""
    if payload["interval"] is not None:
        low, high = (as_text(end, payload["spec"]) for end in payload["interval"])
        interval = f" Mean {as_text(payload['mean'], payload['spec'])}, 95 % interval {low} to {high}."
    note = f" {payload['note']}" if payload["note"] else ""
    return (
        f"claim '{slug}/{payload['name']}' is false: {payload['statement']} "
        f"Rule: {payload['rule']}.{interval}{note} Values: {columns}"
    )


def _cites(env: BuildEnvironment, key: str) -> bool:
    """Whether the bibliography has this key; without a bibliography every key is unknown."""
    domain = env.domaindata.get("cite")
    if domain is None:
        return False
    bibliography = env.get_domain("cite")
    return any(key in file.keys for file in bibliography.bibdata.bibfiles.values())  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Connect the check to the end of the reading phase."""
    app.connect("env-updated", check)
