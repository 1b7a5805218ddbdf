"""Files beside the pages that a page shows: it is read again when one comes, goes or changes.

Sphinx watches files by itself (``note_dependency``), but reads a page again in every build while such a file is not
there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def watch(env: BuildEnvironment, path: Path) -> None:
    """Read the present page again once this file, which may be missing, is another than now."""
    _watched(env).setdefault(env.docname, {})[str(path)] = _digest(path)


def _watched(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """Return, for each page, what the files that it shows were when it was read."""
    if not hasattr(env, "groundtruth_watched"):
        env.groundtruth_watched = {}  # type: ignore[attr-defined]
    return env.groundtruth_watched  # type: ignore[attr-defined]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the pages of which a file has come, gone or changed (event ``env-get-outdated``)."""
    return [
        docname
        for docname, seen in _watched(env).items()
        if docname in env.found_docs and any(_digest(Path(path)) != digest for path, digest in seen.items())
    ]


def setup(app: Sphinx) -> None:
    """Ask for outdated pages, and forget what a page showed when it goes."""
    app.connect("env-get-outdated", outdated)
    app.connect("env-purge-doc", lambda app, env, docname: _watched(env).pop(docname, None))
