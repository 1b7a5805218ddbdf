"""Which pages are read again when a chapter changes: those that were told something else."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from groundtruth.sphinxext import uses

CHAPTER = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
---

# One

Words.

```{code-cell} ipython3
from groundtruth.data import mnist
```
"""


@pytest.fixture
def env(tmp_path):
    """An environment with a chapter, and a page that has asked which chapters use what."""
    (tmp_path / "one.md").write_text(CHAPTER)
    (tmp_path / "cards.md").write_text("# Cards\n")
    env = SimpleNamespace(
        found_docs={"one", "cards"}, docname="cards", doc2path=lambda name: str(tmp_path / f"{name}.md"),
        config=SimpleNamespace(),
    )  # fmt: skip
    assert uses.users_of(env, "groundtruth.data.mnist") == ["one"]
    return env


def stale(env):
    return uses.outdated(None, env, set(), set(), set())


def rewrite(env, old, new):
    path = Path(env.doc2path("one"))
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "is_read_again"),
    [
        ("Words.", "Other words.", False),
        ("import mnist\n", "import mnist\n\nx = 1\n", False),
        ("import mnist", "import fashion_mnist", True),
        ("# One", "# Two", True),
    ],
    ids=["words", "code", "imports", "title"],
)
def test_a_page_that_asked_is_read_again_when_the_answer_changes(env, old, new, is_read_again):
    assert stale(env) == []
    rewrite(env, old, new)
    assert stale(env) == (["cards"] if is_read_again else [])


def test_a_new_chapter_is_an_other_answer(env, tmp_path):
    (tmp_path / "two.md").write_text(CHAPTER)
    env.found_docs = env.found_docs | {"two"}
    assert stale(env) == ["cards"]


def test_where_nobody_asked_nothing_is_read():
    assert uses.outdated(None, SimpleNamespace(), set(), set(), set()) == []
