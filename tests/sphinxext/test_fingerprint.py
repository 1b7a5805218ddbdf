"""When a chapter runs again: what its fingerprint holds, and what it leaves out."""

from types import SimpleNamespace

import pytest

from groundtruth import profiles
from groundtruth.data import files
from groundtruth.sphinxext import fingerprint
from groundtruth.sphinxext.fingerprint import (
    cells_of,
    closure,
    imports_of,
    inject,
    key_of,
    of_chapter,
    outdated,
)
from groundtruth.sphinxext.pages import page_of

HEAD = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
---
"""
PAGE = HEAD + "\n# Page\n\n```{code-cell} ipython3\nfrom groundtruth.top import answer\n```\n\nProse.\n"
MODULES = {
    "__init__": "",
    "top": "from groundtruth.middle import half\n",
    "middle": "def half():\n    from groundtruth import deep\n    return deep.x\n",
    "deep": "x = 1\n",
    "other": "from groundtruth import deep\n",
    "data/__init__": "",
    "data/mnist": "from .files import read\n",
    "data/files": "from ..deep import x\n",
    "package/__init__": "from .part import thing\nfrom . import sibling\n",
    "package/part": "thing = 1\n",
    "package/sibling": "import groundtruth.deep as d\n",
    "loop": "import groundtruth.pool\n",
    "pool": "import groundtruth.loop\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package of our name in a folder that may be changed."""
    root = tmp_path / "groundtruth"
    for name, source in MODULES.items():
        path = root / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    monkeypatch.setattr(fingerprint, "ROOT", root)
    monkeypatch.setenv(profiles.VARIABLE, "cpu")
    fingerprint._file_of.cache_clear()
    yield root
    fingerprint._file_of.cache_clear()
    fingerprint._arithmetic.cache_clear()


def names(source):
    return [name.removeprefix("groundtruth").removeprefix(".") for name in closure([source])]


# --- cells ----------------------------------------------------------------------------------------


def test_cells_come_without_options_and_magics():
    page = (
        "```{code-cell} ipython3\n:tags: [hide-input]\n:name: x\n%matplotlib inline\n!ls\na = 1\n```\n"
        "~~~{code-cell}\n---\ntags: [a]\n---\nb = ('%d'\n     % 3)\n~~~\n"
        "````{code-cell} python\nc = '''\n```\n'''\n````\n"
        "```python\nnot_a_cell = 1\n```\n"
    )
    assert cells_of(page) == ["a = 1", "b = ('%d'\n     % 3)", "c = '''\n```\n'''"]


# --- imports --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize(
    ("source", "module", "expected"),
    [
        ("import groundtruth.deep", "", {"groundtruth", "groundtruth.deep"}),
        ("import groundtruth.deep as d, os", "", {"groundtruth", "groundtruth.deep"}),
        ("from groundtruth import deep, top", "", {"groundtruth", "groundtruth.deep", "groundtruth.top"}),
        ("from groundtruth.deep import x", "", {"groundtruth", "groundtruth.deep"}),
        ("from groundtruth.data import mnist", "", {"groundtruth", "groundtruth.data", "groundtruth.data.mnist"}),
        ("def f():\n    if 1:\n        import groundtruth.deep", "", {"groundtruth", "groundtruth.deep"}),
        ("from . import deep", "groundtruth.top", {"groundtruth", "groundtruth.deep"}),
        ("from .deep import x", "groundtruth.top", {"groundtruth", "groundtruth.deep"}),
        ("from ..deep import x", "groundtruth.data.files", {"groundtruth", "groundtruth.deep"}),
        ("from . import mnist", "groundtruth.data.files", {"groundtruth", "groundtruth.data",
         "groundtruth.data.mnist"}),
        ("import torch, groundtruthful\nfrom groundtruthful import x", "", set()),
        ("x = 'import groundtruth.deep'", "", set()),
    ],
)  # fmt: skip
def test_imports_of_a_source(source, module, expected):
    assert imports_of(source, module) == expected


@pytest.mark.usefixtures("package")
def test_the_closure_goes_through_indirect_relative_and_late_imports():
    assert names("from groundtruth.top import answer") == ["", "deep", "middle", "top"]
    assert names("from groundtruth.data.mnist import load") == [
        "",
        "data",
        "data.files",
        "data.mnist",
        "deep",
    ]
    assert names("import groundtruth.package") == ["", "deep", "package", "package.part", "package.sibling"]
    assert names("import groundtruth.loop") == ["", "loop", "pool"]
    assert names("import torch") == []


# --- the key --------------------------------------------------------------------------------------


def key(page=PAGE, lock=None, threads=1):
    return key_of(of_chapter(page, lock, threads))


@pytest.mark.parametrize(
    ("module", "changes"), [("top", 1), ("middle", 1), ("deep", 1), ("__init__", 1), ("other", 0)]
)
def test_a_changed_import_changes_the_key_and_a_changed_neighbour_does_not(package, module, changes):
    before = key()
    path = package / f"{module}.py"
    path.write_text(path.read_text() + "# changed\n")
    assert (key() != before) is bool(changes)
    path.write_text(MODULES[module])
    assert key() == before


@pytest.mark.usefixtures("package")
def test_prose_and_the_options_of_a_cell_leave_the_key_alone():
    before = key()
    assert key(PAGE.replace("Prose", "Other prose")) == before
    assert key(PAGE.replace("ipython3\n", "ipython3\n:tags: [hide-input]\n%time\n")) == before
    assert key(PAGE.replace("from groundtruth.top import answer", "from groundtruth.deep import x")) != before


@pytest.mark.usefixtures("package")
def test_the_lock_is_in_the_key(tmp_path):
    lock = tmp_path / "lock.txt"
    keys = {key(), key(lock=lock)}
    assert len(keys) == 1  # no lock, and one that is not there
    for text in ("torch==2.13.0\n", "torch==2.13.1\n"):
        lock.write_text(text)
        keys.add(key(lock=lock))
    assert len(keys) == 3


@pytest.mark.usefixtures("package")
def test_profile_and_arithmetic_and_versions_are_in_the_key(monkeypatch):
    before = key()
    monkeypatch.setenv(profiles.VARIABLE, "quick")
    assert key() != before
    monkeypatch.setenv(profiles.VARIABLE, "cpu")
    assert key() == before
    keys = set()
    for has in (True, False):
        fingerprint._arithmetic.cache_clear()
        monkeypatch.setattr(profiles, "has_bf16", lambda accelerator, has=has: has)
        keys.add(key())
    assert len(keys) == 2
    monkeypatch.setattr(fingerprint.importlib.metadata, "version", lambda name: "0.0")
    assert key() not in keys
    keys.add(key())
    monkeypatch.setattr(fingerprint.platform, "python_version", lambda: "0.0")
    assert key() not in keys


@pytest.mark.usefixtures("package")
def test_the_number_of_threads_is_in_the_key():
    assert key(threads=2) != key(threads=1)


@pytest.mark.usefixtures("package")
def test_only_the_data_that_a_chapter_loads_is_in_its_key(monkeypatch):
    loads = PAGE.replace("groundtruth.top", "groundtruth.data.mnist")
    before, loading = key(), key(loads)
    assert [part for part in of_chapter(loads, None, 1) if part.startswith("data ")] == ["data mnist"]
    monkeypatch.setattr(files, "entry", lambda name: SimpleNamespace(sha256="f" * 64))
    assert key() == before
    assert key(loads) != loading


# --- in the build ---------------------------------------------------------------------------------


@pytest.fixture
def app(package, tmp_path, monkeypatch):
    """What the events are handed: an environment that has read one page, and its configuration."""
    (tmp_path / "page.md").write_text(PAGE)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    env = SimpleNamespace(
        docname="page", found_docs={"page"}, doc2path=lambda name: str(tmp_path / f"{name}.md")
    )
    return SimpleNamespace(
        env=env, srcdir=str(tmp_path), config=SimpleNamespace(groundtruth_lock="", groundtruth_alone=[])
    )


def injected(app, text):
    source = [text]
    inject(app, "page", source)
    return source[0]


def test_the_key_goes_into_the_kernelspec_and_no_line_moves(app):
    text = injected(app, PAGE)
    assert f"kernelspec: {{name: python3, display_name: Python 3, fingerprint: {key()}}}\n" in text
    assert len(text.splitlines()) == len(PAGE.splitlines())
    changed = [(a, b) for a, b in zip(PAGE.splitlines(), text.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    assert page_of(app.env).problems == []


@pytest.mark.parametrize(
    "text",
    [
        "# A page\n\nkernelspec: {name: x}\n",
        "---\ntitle: x\n---\n\nText.\n",
        HEAD.replace("jupytext", "other"),
    ],
)
def test_what_is_no_notebook_is_left_alone(app, text):
    assert injected(app, text) == text
    assert not fingerprint._kept(app.env)


def test_a_head_that_takes_no_fingerprint_is_a_problem(app):
    text = PAGE.replace("{name: python3, display_name: Python 3}", "\n  name: python3")
    assert injected(app, text) == text
    ((line, says),) = page_of(app.env).problems
    assert line == 1
    assert "on one line" in says


def test_a_cell_that_is_no_python_is_a_problem(app):
    assert injected(app, PAGE.replace("import answer", "import")) == PAGE.replace("import answer", "import")
    ((_, says),) = page_of(app.env).problems
    assert "no Python" in says
    assert "from groundtruth.top import" in says


def stale(app, changed=()):
    return outdated(app, app.env, set(), set(changed), set())


def test_a_page_is_read_again_when_something_under_it_changed(app, package, monkeypatch):
    injected(app, PAGE)
    assert stale(app) == []
    (package / "other.py").write_text("")
    assert stale(app) == []
    (package / "deep.py").write_text("x = 2\n")
    assert stale(app) == ["page"]
    assert stale(app, changed=["page"]) == []  # Sphinx reads it already
    (package / "deep.py").write_text(MODULES["deep"])
    assert stale(app) == []
    monkeypatch.setenv(profiles.VARIABLE, "quick")
    assert stale(app) == ["page"]


def test_a_chapter_that_gets_all_cores_runs_again(app, monkeypatch):
    """Its sums differ in their last digits."""
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(fingerprint.cores, "cores", lambda: 4)
    monkeypatch.setenv(profiles.VARIABLE, "cpu")
    injected(app, PAGE)
    assert stale(app) == []
    app.config.groundtruth_alone = ["page"]
    assert stale(app) == ["page"]


def test_a_page_that_is_gone_is_not_looked_at(app):
    injected(app, PAGE)
    app.env.found_docs = set()
    assert stale(app) == []


def test_recorded_runs_and_tables_beside_a_package_belong_to_the_fingerprint():
    parts = fingerprint.of_chapter("```{code-cell}\nfrom groundtruth.history import hebb\n```\n", None, 1)
    assert "file history/timeline.toml" in parts
    assert "file history/recorded/hebb.json" in parts
    assert not [name for name in parts if name.startswith("file data")]
