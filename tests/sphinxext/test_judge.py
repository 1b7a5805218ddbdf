"""Chapters judged without pages: what holds, what is false, what fails, and what is not there."""

import json

import pytest

from groundtruth.sphinxext import cores
from groundtruth.sphinxext.judge import alone_in, judge, main

PAGE = """---
kernelspec: {name: python3, display_name: Python 3}
---
# One

```{code-cell}
from groundtruth.evidence import claim, claim_every, compare, record

values = [40.0, 42.0, 44.0, 41.0, 43.0]
record("answer", 42, "d")
claim("large", "The answer is large.", values, seeds=range(5), at_least=BOUND, trained=False)
compare("sides", values, 1.0, seeds=range(5), labels=("left", "right"), measure="size", trained=False)
claim_every("later", "It is large when trained.", [1.0], ">=", 2.0, labels=("size", "bound"), trained=True)
```
"""


@pytest.fixture
def book(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "quick")
    (tmp_path / "one.md").write_text(PAGE.replace("BOUND", "30"), encoding="utf-8")
    (tmp_path / "false.md").write_text(PAGE.replace("BOUND", "42"), encoding="utf-8")
    broken = PAGE.replace("BOUND", "30").replace(
        "values =", "import sys; print('oh', file=sys.stderr); 1 / 0\nvalues ="
    )
    (tmp_path / "broken.md").write_text(broken, encoding="utf-8")
    (tmp_path / "prose.md").write_text("# Prose\n", encoding="utf-8")
    return tmp_path


def test_a_chapter_that_holds_says_so_and_its_evidence_is_written(book, capsys):
    out = book / "evidence.json"
    assert main(["one", "--source", str(book), "--kept", str(book / "kept"), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "✓ large: The answer is large. (claim holds)" in said
    assert "▲ sides" in said
    assert "○ later" in said
    assert "1 of 1 claims hold (1 not evaluated in this profile), 0 faults" in said
    assert [entry["name"] for entry in json.loads(out.read_text())["one"]] == [
        "answer",
        "large",
        "sides",
        "later",
    ]


def test_a_false_claim_is_named_with_its_values(book, capsys):
    assert main(["false", "--source", str(book), "--kept", str(book / "kept")]) == 1
    said = capsys.readouterr().out
    assert "claim 'false/large' is false: The answer is large." in said
    assert "40, 42, 44, 41, 43" in said


def test_an_error_and_words_on_stderr_are_faults(book):
    faults = judge(book / "broken.md", book / "kept").faults
    assert len(faults) == 2
    assert "ZeroDivisionError" in faults[0]
    assert faults[1] == "a cell of 'broken' wrote to stderr: oh"


def test_a_chapter_that_is_not_there(book, capsys):
    assert main(["two", "--source", str(book), "--kept", str(book / "kept")]) == 2
    assert "no chapter 'two'; choose from: broken, false, one" in capsys.readouterr().err


def test_no_chapter_is_started_when_the_time_is_over_and_those_left_are_named(book, capsys):
    assert main(["one", "false", "--minutes", "-1", "--source", str(book), "--kept", str(book / "kept")]) == 0
    said = capsys.readouterr().out
    assert "Not judged, for lack of time: one, false." in said
    assert "0 of 0 claims hold" in said


def test_a_chapter_has_the_threads_that_it_has_in_a_build(book, monkeypatch):
    monkeypatch.setattr(cores, "cores", lambda: 4)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    page = PAGE.split("from groundtruth", maxsplit=1)[0] + (
        "import os\nfrom groundtruth.evidence import record\n"
        'record("threads", os.environ.get("OMP_NUM_THREADS", "all"))\n```\n'
    )
    (book / "one.md").write_text(page, encoding="utf-8")
    (book / "_config.yml").write_text("sphinx: {config: {groundtruth_alone: [one]}}\n", encoding="utf-8")
    beside = judge(book / "one.md", book / "kept")
    alone = judge(book / "one.md", book / "kept", alone_in(book / "_config.yml"))
    assert not beside.faults + alone.faults
    assert [result.evidence[0]["text"] for result in (beside, alone)] == ["2", "all"]
    assert alone_in(book / "none.yml") == []
