"""Which chapters use which module of the package: read from the imports of their cells."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from groundtruth.sphinxext.fingerprint import HEAD, cells_of, closure, imports_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

TITLE = re.compile(r"^# .+$", re.MULTILINE)


def imported_by(env: BuildEnvironment) -> dict[str, dict[str, bool]]:
    """Return, for each page with cells, the modules that they use: True where a cell names the module itself.

    A page that asks is read again when the imports or the title of one of those pages change, not when its words do.
    """
    found, titles = _read(env)
    _asked(env)[env.docname] = _state(found, titles)
    return found


def _read(env: BuildEnvironment) -> tuple[dict[str, dict[str, bool]], dict[str, str]]:
    """Return what :func:`imported_by` does, and the pages' titles, which links to them show."""
    found: dict[str, dict[str, bool]] = {}
    titles: dict[str, str] = {}
    for docname in sorted(env.found_docs):
        text = Path(env.doc2path(docname)).read_text(encoding="utf-8")
        head = HEAD.match(text)
        if head is None or "jupytext:" not in head[1]:
            continue
        title = TITLE.search(text)
        titles[docname] = title[0] if title else ""
        with contextlib.suppress(SyntaxError):  # the page itself reports it
            found[docname] = _modules_of(text)
    return found, titles


def _state(found: dict[str, dict[str, bool]], titles: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps([found, titles], sort_keys=True).encode()).hexdigest()


def _asked(env: BuildEnvironment) -> dict[str, str]:
    """Return, for each page that has asked, the state of what it was told."""
    if not hasattr(env, "groundtruth_uses"):
        env.groundtruth_uses = {}  # type: ignore[attr-defined]
    return env.groundtruth_uses  # type: ignore[attr-defined]


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the pages that were told something else than what is true now (event ``env-get-outdated``)."""
    asked = _asked(env)
    if not asked:
        return []
    now = _state(*_read(env))
    return [docname for docname, then in asked.items() if then != now]


@functools.lru_cache(maxsize=64)
def _modules_of(text: str) -> dict[str, bool]:
    cells = cells_of(text)
    direct: set[str] = set().union(*(imports_of(cell) for cell in cells))
    return {module: module in direct for module in closure(cells)}


def users_of(env: BuildEnvironment, module: str) -> list[str]:
    """Return the pages whose cells import a module by name, or else those that use it through others, in book order."""
    pages = imported_by(env)
    direct = [docname for docname, modules in pages.items() if modules.get(module)]
    return in_order(env, direct or [docname for docname, modules in pages.items() if module in modules])


def in_order(env: BuildEnvironment, docnames: list[str]) -> list[str]:
    """Return pages in the order of the table of contents."""
    site = getattr(env.config, "external_site_map", None)
    order = list(site) if site is not None else []
    return sorted(docnames, key=lambda name: (order.index(name) if name in order else len(order), name))


def names_of(env: BuildEnvironment, docnames: list[str]) -> Iterator[nodes.Node]:
    """Yield links to pages, by their titles, with commas between them; a word where there are none."""
    if not docnames:
        yield nodes.Text("no chapter")
    for number, docname in enumerate(docnames):
        if number:
            yield nodes.Text(", ")
        yield link_to(env, docname)


def link_to(env: BuildEnvironment, docname: str) -> nodes.Node:
    """Return a link to a page, by its title."""
    return addnodes.pending_xref(
        "", nodes.inline("", ""), refdomain="std", reftype="doc", reftarget=f"/{docname}", refexplicit=False,
        refwarn=True, refdoc=env.docname,
    )  # fmt: skip


def setup(app: Sphinx) -> None:
    """Connect to the choice of pages that are read."""
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", lambda app, env, docname: _asked(env).pop(docname, None))
