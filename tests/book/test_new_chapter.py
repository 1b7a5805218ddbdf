"""The skeleton of a chapter that ``make chapter`` makes: it passes lint and tests and builds, as it stands.

Each test makes one in a copy of the tree, where the data files are links.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SLUG = "a-rather-long-name-of-a-chapter"
MODULE = SLUG.replace("-", "_")


def tool():
    spec = importlib.util.spec_from_file_location("new_chapter", ROOT / "tools" / "new_chapter.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


new_chapter = tool()


def copy_of_the_tree(root):
    for folder in ("book", "figures", "src", "tests/scratch", "tests/exercises", "tests/figures"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("files", "__pycache__"))
    data = Path("src/groundtruth/data/files")
    (root / data).symlink_to(ROOT / data)
    for name in ("_config.yml", "_toc.yml", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, root / name)
    return root


@pytest.fixture
def tree(tmp_path):
    """A copy of what the tool reads and writes, without the data."""
    return copy_of_the_tree(tmp_path / "tree")


@pytest.fixture(scope="module")
def untouched(tmp_path_factory):
    """The same, for tests after which nothing may have changed."""
    return copy_of_the_tree(tmp_path_factory.mktemp("untouched") / "tree")


def content(root):
    return {
        path.relative_to(root): path.read_bytes()
        for folder in ("book", "figures", "src/groundtruth/scratch", "src/groundtruth/exercises", "tests")
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
    } | {Path("_toc.yml"): (root / "_toc.yml").read_bytes()}


def run(root, *command, **environment):
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GROUNDTRUTH_")}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=root, capture_output=True, text=True, check=False,
        env={**kept, "PYTHONPATH": str(root / "src"), "NO_COLOR": "1", "OMP_NUM_THREADS": "1", **environment},
    )  # fmt: skip


@pytest.mark.book
def test_a_new_chapter_passes_lint_and_tests_and_builds_without_a_warning(tree):
    assert new_chapter.main([SLUG, "--root", str(tree)]) == 0
    for command in (["check", "."], ["format", "--check", "."]):
        done = run(tree, "ruff", *command)
        assert done.returncode == 0, done.stdout
    sources = [f"src/groundtruth/{room}/{MODULE}.py" for room in ("scratch", "exercises")]
    done = run(tree, "mypy", *sources, f"figures/{MODULE}_shape.py")
    assert done.returncode == 0, done.stdout
    tests = [f"tests/scratch/test_{MODULE}.py", "tests/exercises", "tests/figures"]
    done = run(tree, "pytest", "-q", "-p", "no:cacheprovider", "-k", MODULE, *tests)
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout

    # The chapter by itself, with the appendices that every chapter links to.
    (tree / "book" / "index.md").write_text("# A book of one chapter\n\nRead it.\n", encoding="utf-8")
    pages = [SLUG, "appendix/glossary", "appendix/bibliography", "appendix/colophon"]
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": page} for page in pages]}
    (tree / "small.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    config = (tree / "_config.yml").read_text(encoding="utf-8")
    (tree / "_config.yml").write_text(config.replace("groundtruth_archive: true", ""), encoding="utf-8")
    done = run(
        tree,
        "groundtruth.sphinxext.build",
        "--toc",
        "small.yml",
        "--out",
        "built",
        GROUNDTRUTH_PROFILE="quick",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 of 3 claims hold" in done.stdout
    page = (tree / "built" / "html" / f"{SLUG}.html").read_text(encoding="utf-8")
    assert "<h1>A rather long name of a chapter" in page
    assert "Replace it section by section" not in page  # what a section is for is for authors


def test_the_first_uses_of_terms_in_it_are_links(tree):
    new_chapter.make(SLUG, tree)
    spec = importlib.util.spec_from_file_location("glossary", ROOT / "tests" / "book" / "test_glossary.py")
    glossary = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(glossary)
    page = (tree / "book" / f"{SLUG}.md").read_text(encoding="utf-8")
    assert [(use.term, use.line) for use in glossary.unlinked(page, glossary.TERMS)] == []


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("Weight-Decay", "is no slug"),
        ("weight_decay", "is no slug"),
        ("3d", "is no slug"),
        ("-", "is no slug"),
        ("../escape", "is no slug"),
        ("x" * 41, "is no slug"),
        ("lambda", "a word of Python"),
        ("perceptron", "there is book/perceptron.md"),
        ("glossary", "there is book/appendix/glossary.md"),
        ("pooling", "there is src/groundtruth/scratch/pooling.py"),
        ("answers", "there is src/groundtruth/exercises/answers.py"),
        ("deep", "there is figures/deep_architectures_blocks.py"),
    ],
)
def test_a_bad_or_taken_slug_is_refused_and_nothing_is_written(untouched, capsys, slug, said):
    before = content(untouched)
    assert new_chapter.main(["--root", str(untouched), "--", slug]) == 2
    assert said in capsys.readouterr().err
    assert content(untouched) == before


def test_an_unknown_part_is_refused_by_the_names_of_those_there_are(untouched, capsys):
    before = content(untouched)
    assert new_chapter.main([SLUG, "--root", str(untouched), "--part", "Nowhere"]) == 2
    assert "it has: Start, Ideas" in capsys.readouterr().err
    assert content(untouched) == before


def test_a_disk_that_fills_up_leaves_nothing(untouched, capsys):
    before = content(untouched)
    (untouched / "tests" / "scratch").rename(untouched / "tests" / "gone")  # the last file cannot be written
    assert new_chapter.main([SLUG, "--root", str(untouched)]) == 2
    assert "none were left" in capsys.readouterr().err
    (untouched / "tests" / "gone").rename(untouched / "tests" / "scratch")
    assert content(untouched) == before


def test_the_table_of_contents_keeps_its_comments_and_gets_one_entry():
    text = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    for part in ("Drafts", "Practice", "Appendices"):
        made = new_chapter.contents_with(text, SLUG, part)
        assert made.startswith("# Chapter numbers live here alone.")
        parts = {one["caption"]: one for one in yaml.safe_load(made)["parts"]}
        assert parts[part]["chapters"][-1] == {"file": SLUG}
    assert not new_chapter.contents_with(text, SLUG, "Drafts").count(
        "numbered: true\n    chapters:\n      - file: a-r"
    )
    twice = new_chapter.contents_with(new_chapter.contents_with(text, "one", "Drafts"), "two", "Drafts")
    parts = {one["caption"]: one for one in yaml.safe_load(twice)["parts"]}
    assert parts["Drafts"]["chapters"] == [{"file": "one"}, {"file": "two"}]
    with pytest.raises(new_chapter.ChapterError, match="by hand"):
        new_chapter.contents_with("parts:\n  - caption: A\n    chapters: []\n", SLUG, "A")
