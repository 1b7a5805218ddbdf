"""Which chapters use which module of the package: read from the imports of their cells."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from groundtruth.sphinxext.fingerprint import HEAD, cells_of, closure, imports_of

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment


def imported_by(env: BuildEnvironment) -> dict[str, dict[str, bool]]:
    """Return, for each page with cells, the modules that they use: True where a cell names the module itself.

    A page that asks is read again when one of those pages changes.
    """
    found: dict[str, dict[str, bool]] = {}
    for docname in sorted(env.found_docs):
        path = Path(env.doc2path(docname))
        text = path.read_text(encoding="utf-8")
        head = HEAD.match(text)
        if head is None or "jupytext:" not in head[1]:
            continue
        if docname != env.docname:
            env.note_dependency(str(path))
        try:
            found[docname] = _modules_of(text)
        except SyntaxError:  # the page itself reports it
            continue
    return found


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
