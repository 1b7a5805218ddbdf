"""The execution cache: jupyter-cache's, with the doubt that a cache deserves.

A build may be killed, a disk may be full and a folder may come from elsewhere. So an entry counts only if it is letter
by letter what a build has stored: its digest stands in the database, which is written first. Anything else is dropped,
and the chapter runs again.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.cache.db import DB_NAME, NbCacheRecord
from jupyter_cache.cache.main import JupyterCacheBase
from sphinx.errors import SphinxError
from sphinx.util import logging
from sqlalchemy.exc import SQLAlchemyError

logger = logging.getLogger(__name__)

DIGEST = "sha256"
"""Where an entry's digest stands in its data."""


class CacheError(SphinxError):
    """The cache cannot be used, and to begin it anew would not help; the message says why."""

    category = "The execution cache"


def opened(folder: Path) -> JupyterCacheBase:
    """Return the cache in a folder; one that cannot be read is removed, said so, and begun anew.

    Raises:
        CacheError: another process keeps its database locked.
        OSError: the folder cannot be written.

    """
    fault = _fault(folder)
    if fault is None:
        try:
            cache = get_cache(folder)
            _sweep(cache)
        except (SQLAlchemyError, RuntimeError, ValueError, KeyError, TypeError) as error:
            fault = _reason(error)
        else:
            return cache
    if "locked" in fault:
        raise CacheError(
            f"another process keeps the execution cache in {folder} locked; end it, and build again"
        )
    logger.info("The execution cache in %s cannot be read (%s), so every chapter runs again.", folder, fault)
    _remove(folder)
    return get_cache(folder)


def _fault(folder: Path) -> str | None:
    """Say what is wrong with the folder or with the database in it, if anything is."""
    if folder.is_symlink() or not folder.exists():
        return None
    if not folder.is_dir():
        return "it is no folder"
    database = folder / DB_NAME
    if not database.exists():
        return None
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=1)
        try:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            connection.execute("SELECT hashkey, uri, data FROM nbcache LIMIT 1").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        return str(error)
    return None if said == "ok" else str(said)


def _sweep(cache: JupyterCacheBase) -> None:
    """Drop what a killed build has left: records without a file, which jupyter-cache stumbles over, and the reverse."""
    records = cache.list_cache_records()
    gone = [r for r in records if not cache._get_notebook_path_cache(r.hashkey).is_file()]
    NbCacheRecord.remove_records([record.pk for record in gone], cache.db)
    kept = {record.hashkey for record in records} - {record.hashkey for record in gone}
    for folder in (cache.path / "executed").glob("*"):
        if folder.name not in kept:
            _remove(folder)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _reason(error: BaseException) -> str:
    """Return the innermost words of an error: SQLAlchemy and jupyter-cache wrap them."""
    cause = error.__cause__ or error.__context__
    return _reason(cause) if cause is not None else str(error)


def key_of(cache: JupyterCacheBase, notebook: nbformat.NotebookNode) -> str:
    """Return the key under which myst-nb looks a notebook up."""
    return str(cache.create_hashed_notebook(notebook)[1])


def holds(cache: JupyterCacheBase, notebook: nbformat.NotebookNode) -> bool:
    """Say whether the outputs of a notebook are in the cache, as they were stored; a spoilt entry is dropped."""
    key = key_of(cache, notebook)
    try:
        record = NbCacheRecord.record_from_hashkey(key, cache.db)
    except KeyError:
        return False
    path = cache._get_notebook_path_cache(key)
    digest = record.data.get(DIGEST) if isinstance(record.data, dict) else None
    if path.is_file() and digest == hashlib.sha256(path.read_bytes()).hexdigest():
        return True
    logger.info(
        "An entry of the execution cache is not as a build stored it (%s): it runs again.", record.uri
    )
    _remove(path.parent)
    NbCacheRecord.remove_records([record.pk], cache.db)
    return False


def store(cache: JupyterCacheBase, notebook: nbformat.NotebookNode, uri: str, seconds: float) -> None:
    """Store a notebook that has run.

    Raises:
        CacheError: what was stored is not what was meant to be; the disk may be full.
        OSError: it could not be written.

    """
    hashed, key = cache.create_hashed_notebook(notebook)
    text = nbformat.writes(hashed, nbformat.NO_CONVERT)
    digest = hashlib.sha256(text.encode()).hexdigest()
    _remove(cache._get_notebook_path_cache(key).parent)
    try:
        cache.cache_notebook_bundle(
            CacheBundleIn(notebook, uri, data={"execution_seconds": seconds, DIGEST: digest}),
            check_validity=False,
            overwrite=True,
        )
    except (SQLAlchemyError, RuntimeError) as error:
        raise CacheError(f"the outputs of {Path(uri).name} could not be stored: {_reason(error)}") from error
    if not holds(cache, notebook):
        raise CacheError(f"the outputs of {Path(uri).name} were not stored as they are")
