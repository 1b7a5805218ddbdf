"""When a chapter must run again: a fingerprint of everything its outputs depend on besides its own cells.

The execution cache of myst-nb knows a page by its kernelspec and its code cells alone. The fingerprint goes into
the kernelspec, and so becomes part of that key: source of every module that the cells import, directly or
through others; the data those modules load; the lock; profile; versions of Python and torch; arithmetic; threads.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import platform
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

from groundtruth import profiles
from groundtruth.data import files
from groundtruth.sphinxext import cores
from groundtruth.sphinxext.pages import page_of, slug_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

PACKAGE = "groundtruth"
ROOT = Path(__file__).resolve().parents[1]

BESIDE = ("*.toml", "recorded/*.json")
"""What a package's modules read that is neither Python nor a data set of the manifest."""

HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
KERNELSPEC = re.compile(r"^kernelspec:\s*\{(.*)\}\s*$", re.MULTILINE)
CELL = re.compile(
    r"^(?P<fence>`{3,}|~{3,}|:{3,})\{code-cell\}[^\n]*\n(?P<code>.*?)^(?P=fence)[`~:]*\s*$",
    re.MULTILINE | re.DOTALL,
)
OPTIONS = re.compile(r"\A(?::[\w-]+:[^\n]*\n)+|\A---\n.*?\n---\n", re.DOTALL)

Fingerprint = dict[str, str]


def cells_of(text: str) -> list[str]:
    """Return the code of every cell of a MyST page, options and magics left out."""
    return [
        "\n".join(
            line
            for line in OPTIONS.sub("", match["code"]).splitlines()
            if not line.startswith(("%", "!"))  # indented, a % continues an expression
        )
        for match in CELL.finditer(text)
    ]


@functools.cache
def _file_of(module: str) -> Path | None:
    """Return the file of a module of our package."""
    base = ROOT.joinpath(*module.split(".")[1:])
    for candidate in (base / "__init__.py", base.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


@functools.cache  # the same modules are behind most chapters
def imports_of(source: str, module: str = "") -> frozenset[str]:
    """Return the modules of our package that this source imports, those inside functions included.

    Args:
        source: Python source.
        module: full name of the module it belongs to, for relative imports.

    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".")[: -node.level]
                base = ".".join([*package, base] if base else package)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    # "from groundtruth.data import mnist" names a module, "from … import load" a thing in one.
    modules = {name for name in found if name.split(".")[0] == PACKAGE and _file_of(name)}
    for name in list(modules):  # importing a module runs the packages around it
        parts = name.split(".")
        modules.update(".".join(parts[:i]) for i in range(1, len(parts)))
    return frozenset(modules)


def closure(sources: list[str]) -> dict[str, Path]:
    """Return every module of our package that these sources import, directly or through others, with its file."""
    waiting: set[str] = set().union(*(imports_of(source) for source in sources))
    seen: dict[str, Path] = {}
    while waiting:
        module = waiting.pop()
        path = _file_of(module)
        if module in seen or path is None:
            continue
        seen[module] = path
        # A relative import in a package's __init__ starts from the package itself.
        inside = f"{module}.__init__" if path.name == "__init__.py" else module
        waiting |= imports_of(path.read_text(encoding="utf-8"), inside)
    return dict(sorted(seen.items()))


def _hash(content: bytes | str) -> str:
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()[:16]


def of_chapter(text: str, lock: Path | None, threads: int) -> Fingerprint:
    """Return the fingerprint of a chapter: what its outputs depend on, each with a hash or a version.

    Args:
        text: the page.
        lock: file with the exact versions of all packages.
        threads: of its kernel; the last digits of a sum depend on them.

    Raises:
        SyntaxError: a cell is no Python.

    """
    modules = closure(cells_of(text))
    parts: Fingerprint = {module: _hash(path.read_bytes()) for module, path in modules.items()}
    for file in files_beside(modules):
        parts[f"file {file.relative_to(ROOT)}"] = _hash(file.read_bytes())
    for name in data_of(modules):
        parts[f"data {name}"] = files.entry(name).sha256[:16]
    profile = profiles.active()
    parts["profile"] = profile.name
    parts["lock"] = _hash(lock.read_bytes()) if lock and lock.exists() else "none"
    parts["python"] = platform.python_version()
    parts["torch"] = importlib.metadata.version("torch")
    parts["arithmetic"] = _arithmetic(profile.name)
    parts["threads"] = str(threads)
    return parts


@functools.cache
def _arithmetic(profile: str) -> str:
    return profiles.named(profile).precision()


def data_of(modules: dict[str, Path]) -> list[str]:
    """Return the data sets whose modules are among these."""
    return sorted(name for name in files.manifest() if f"{PACKAGE}.data.{name}" in modules)


def files_beside(modules: dict[str, Path]) -> list[Path]:
    """Return what lies beside the packages among these modules and is read by them: tables, and recorded runs."""
    packages = [path.parent for path in modules.values() if path.name == "__init__.py"]
    return sorted(file for folder in packages for pattern in BESIDE for file in folder.glob(pattern))


def key_of(parts: Fingerprint) -> str:
    """Return the short form that goes into the kernelspec."""
    return _hash(json.dumps(parts, sort_keys=True))


def _of_page(app: Sphinx, docname: str, text: str) -> Fingerprint:
    lock = Path(app.srcdir, app.config.groundtruth_lock) if app.config.groundtruth_lock else None
    threads = cores.threads_of(slug_of(docname), app.config.groundtruth_alone, profiles.active())
    return of_chapter(text, lock, threads)


def _is_notebook(head: str) -> bool:
    return "jupytext:" in head


@dataclass(frozen=True)
class Marked:
    """A page with its fingerprint in its kernelspec."""

    text: str
    parts: Fingerprint


class HeadError(ValueError):
    """The head of a page with cells has no place for a fingerprint."""


def with_fingerprint(app: Sphinx, docname: str, text: str) -> Marked | None:
    """Return a page with its fingerprint in its kernelspec, on its own line; None for a page without cells.

    Raises:
        HeadError: the kernelspec is missing, or not on one line.
        SyntaxError: a cell is no Python.

    """
    head = HEAD.match(text)
    if head is None or not _is_notebook(head[1]):
        return None
    spec = KERNELSPEC.search(head[1])
    if spec is None:
        raise HeadError("write 'kernelspec: {name: python3, display_name: Python 3}' on one line")
    parts = _of_page(app, docname, text)
    start, end = (head.start(1) + edge for edge in spec.span(1))
    return Marked(f"{text[:start]}{spec[1]}, fingerprint: {key_of(parts)}{text[end:]}", parts)


def inject(app: Sphinx, docname: str, source: list[str]) -> None:
    """Write the fingerprint into the page that is being read (event ``source-read``)."""
    text = source[0]
    page = page_of(app.env, docname)
    try:
        marked = with_fingerprint(app, docname, text)
    except HeadError as error:
        page.problems.append((1, str(error)))
        return
    except SyntaxError as error:
        page.problems.append((None, f"a code cell is no Python: {error.msg}: {(error.text or '').strip()}"))
        return
    if marked is None:
        return
    _kept(app.env)[docname] = marked.parts
    page.data = data_of(closure(cells_of(text)))
    source[0] = marked.text


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the pages whose fingerprint is not the one they were read with (event ``env-get-outdated``)."""
    stale = []
    for docname, kept in list(_kept(env).items()):
        if docname in added | changed | removed or docname not in env.found_docs:
            continue
        try:
            now = _of_page(app, docname, Path(env.doc2path(docname)).read_text(encoding="utf-8"))
        except SyntaxError:
            stale.append(docname)
            continue
        if now != kept:
            why = sorted(key for key in now.keys() | kept.keys() if now.get(key) != kept.get(key))
            logger.info("%s runs again: changed %s", slug_of(docname), ", ".join(why))
            stale.append(docname)
    return stale


def _kept(env: BuildEnvironment) -> dict[str, Fingerprint]:
    if not hasattr(env, "groundtruth_fingerprints"):
        env.groundtruth_fingerprints = {}  # type: ignore[attr-defined]
    return env.groundtruth_fingerprints  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Connect to the reading of sources."""
    app.add_config_value("groundtruth_lock", "", "env", [str])
    app.connect("source-read", inject)
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", lambda app, env, docname: _kept(env).pop(docname, None))
