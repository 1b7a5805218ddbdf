"""An entry of the execution cache counts only if it is what a build has stored."""

import sqlite3

import nbformat
import pytest
from jupyter_cache import get_cache

from groundtruth.sphinxext import cache as caches


def notebook(code="answer = 42", said="42"):
    cell = nbformat.v4.new_code_cell(code, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=said)] if said else []
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return nbformat.v4.new_notebook(cells=[cell], metadata=metadata)


@pytest.fixture
def folder(tmp_path):
    """A cache with one notebook."""
    path = tmp_path / ".jupyter_cache"
    caches.store(caches.opened(path), notebook(), "/book/alpha.md", 1.5)
    return path


def has(folder, of=None):
    return caches.holds(caches.opened(folder), of or notebook(said=""))


def test_what_was_stored_is_found_by_its_code_and_read_by_jupyter_cache(folder):
    assert has(folder)
    assert not has(folder, notebook("answer = 43"))
    _, merged = get_cache(folder).merge_match_into_notebook(notebook(said=""))
    assert merged.cells[0].outputs[0].text == "42"


def base(folder):
    (path,) = folder.glob("executed/*/base.ipynb")
    return path


def without_outputs(folder):
    text = base(folder).read_text()
    other = nbformat.reads(text, 4)
    other.cells[0].outputs = []
    base(folder).write_text(nbformat.writes(other))


SPOILT = {
    "cut off": lambda folder: base(folder).write_bytes(base(folder).read_bytes()[:-40]),
    "empty": lambda folder: base(folder).write_text(""),
    "without outputs": without_outputs,
    "another's": lambda folder: base(folder).write_text(nbformat.writes(notebook(said="41"))),
    "gone": lambda folder: base(folder).unlink(),
    "gone with its folder": lambda folder: (
        base(folder).unlink(),
        (folder / "executed").rename(folder / "away"),
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_entry_is_dropped_and_can_be_stored_anew(folder, how):
    SPOILT[how](folder)
    assert not has(folder)
    assert caches.opened(folder).list_cache_records() == []
    caches.store(caches.opened(folder), notebook(), "/book/alpha.md", 1.5)
    assert has(folder)


def test_an_entry_that_no_build_of_ours_stored_is_not_taken(tmp_path):
    from jupyter_cache.base import CacheBundleIn

    folder = tmp_path / "cache"
    get_cache(folder).cache_notebook_bundle(CacheBundleIn(notebook(), "/book/alpha.md", data={}))
    assert not has(folder)


def database(folder):
    return folder / "global.db"


def cut_off(folder):
    content = database(folder).read_bytes()
    database(folder).write_bytes(content[: len(content) // 2])


def foreign(folder):
    database(folder).unlink()
    with sqlite3.connect(database(folder)) as other:
        other.execute("CREATE TABLE nbcache (colour TEXT)")


def scribble(folder):
    content = bytearray(database(folder).read_bytes())
    content[4096:12288] = b"x" * 8192
    database(folder).write_bytes(content)


UNREADABLE = {
    "cut off": cut_off,
    "empty": lambda folder: database(folder).write_bytes(b""),
    "text": lambda folder: database(folder).write_text("this is no database\n" * 100),
    "another's database": foreign,
    "overwritten in the middle": scribble,
}


@pytest.mark.parametrize("how", UNREADABLE)
def test_a_cache_that_cannot_be_read_is_begun_anew(folder, how):
    UNREADABLE[how](folder)
    assert not has(folder)
    caches.store(caches.opened(folder), notebook(), "/book/alpha.md", 1.5)
    assert has(folder)


def test_a_file_in_place_of_the_cache_is_replaced(tmp_path):
    path = tmp_path / ".jupyter_cache"
    path.write_text("a file")
    caches.store(caches.opened(path), notebook(), "/book/alpha.md", 1.5)
    assert has(path)


def test_what_a_killed_build_left_is_swept_up(folder):
    stray = folder / "executed" / "0123456789abcdef"
    stray.mkdir()
    (stray / "base.ipynb").write_text("{")
    assert has(folder)
    assert not stray.exists()


def test_a_cache_that_is_locked_is_kept_and_said(folder):
    other = sqlite3.connect(database(folder), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(caches.CacheError, match="locked"):
            caches.opened(folder)
    finally:
        other.close()
    assert has(folder)


def test_a_disk_that_is_full_is_said(folder, monkeypatch):
    def full(*_, **__):
        try:
            raise sqlite3.OperationalError("database or disk is full")
        except sqlite3.OperationalError as error:
            raise RuntimeError(
                "Unexpected error accessing jupyter cache, it may need to be cleared."
            ) from error

    monkeypatch.setattr("jupyter_cache.cache.main.JupyterCacheBase.cache_notebook_bundle", full)
    with pytest.raises(caches.CacheError, match=r"alpha.md could not be stored: database or disk is full"):
        caches.store(caches.opened(folder), notebook("answer = 43"), "/book/alpha.md", 1.5)
