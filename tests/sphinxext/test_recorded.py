"""Recorded runs: what is kept of them, what a page shows of them, and what is refused."""

import json
from types import SimpleNamespace

import pytest

from groundtruth.sphinxext import recorded, report
from groundtruth.sphinxext.pages import Page

MACHINE = {
    "cpu": "A processor",
    "cores": 16,
    "memory_gib": 128,
    "device": "A GPU",
    "python": "3.11",
    "torch": "2.13.0",
}
RECORD = {
    "kind": "record",
    "name": "error-of-it",
    "value": 0.25,
    "text": "25 %",
    "source": None,
    "timing": False,
}
GIVEN = {**RECORD, "kind": "given", "name": "constant"}
CLAIM = {
    "kind": "claim", "name": "large", "statement": "It is large.", "rule": "above 30", "holds": True,
    "verdict": "holds", "labels": ["net", "line"], "values": {"line": [1.0, 2.0, 3.0], "net": [40.0, 42.0, 44.0]},
    "smallest": 0.0, "seeds": [3, 7, 8], "cases": [], "spec": ".3g", "note": "", "interval": [37.5, 42.5],
    "mean": 40.0, "timing": False,
}  # fmt: skip
MADE = {"commit": "c" * 40, "dirty": False, "started": "2026-12-01T03:00:00+00:00", "machine": MACHINE}


def run(*evidence, profile="gpu"):
    return recorded.described(evidence, profile=profile, seconds=1234.56, made=MADE)


def test_a_run_is_kept_with_what_made_it(tmp_path):
    path = recorded.keep(tmp_path / "_results", "waves", run(RECORD, GIVEN, CLAIM))
    assert path.name == "waves.json"
    kept = recorded.read(tmp_path / "_results", "waves", "gpu")
    assert kept["hardware"] == {"cpu": "A processor", "cores": 16, "memory_gib": 128, "device": "A GPU"}
    assert kept["versions"] == {"python": "3.11", "torch": "2.13.0"}
    assert (kept["profile"], kept["date"], kept["commit"], kept["edited"]) == (
        "gpu",
        "2026-12-01",
        "c" * 40,
        False,
    )
    assert kept["seconds"] == 1234.6
    record, claim = kept["evidence"]  # what is given is the same everywhere
    assert record == {"kind": "record", "name": "error-of-it", "timing": False, "value": 0.25, "text": "25 %"}
    assert (claim["n"], claim["spread"]) == (3, pytest.approx(1.0))
    assert claim["values"] == CLAIM["values"]


def test_runs_of_several_profiles_stand_side_by_side_and_a_new_one_replaces_its_own(tmp_path):
    recorded.keep(tmp_path, "waves", run(RECORD))
    recorded.keep(tmp_path, "waves", run(RECORD, profile="cpu"))
    recorded.keep(tmp_path, "waves", run({**RECORD, "text": "24 %"}))
    assert recorded.read(tmp_path, "waves", "cpu")["evidence"][0]["text"] == "25 %"
    assert recorded.read(tmp_path, "waves", "gpu")["evidence"][0]["text"] == "24 %"
    assert recorded.read(tmp_path, "tides", "gpu") is None
    assert not list(tmp_path.glob("*.new"))


def test_a_false_claim_and_a_smoke_run_are_not_recorded():
    with pytest.raises(recorded.RecordedError, match="claim 'large' is false"):
        run({**CLAIM, "holds": False})
    with pytest.raises(recorded.RecordedError, match="mean nothing"):
        run(RECORD, profile="quick")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 1, "slug": "tides", "runs": {}}', '{"schema": 1']
)
def test_a_file_that_is_none_is_named_and_not_overwritten(tmp_path, text):
    (tmp_path / "waves.json").write_text(text, encoding="utf-8")
    with pytest.raises(recorded.RecordedError, match=r"waves\.json is no file of recorded runs"):
        recorded.read(tmp_path, "waves", "gpu")
    with pytest.raises(recorded.RecordedError, match=r"waves\.json"):
        recorded.keep(tmp_path, "waves", run(RECORD))
    assert (tmp_path / "waves.json").read_text(encoding="utf-8") == text


# --- the page ---------------------------------------------------------------------------------------------


def shown(tmp_path, *names, kept=None):
    if kept:
        recorded.keep(tmp_path / recorded.FOLDER, "waves", kept)
    page = Page("part/waves", evidence={"large": {**CLAIM, "verdict": "not evaluated", "interval": None, "mean": None},
                                        "error-of-it": {**RECORD, "text": "31 %"}})  # fmt: skip
    place = recorded.recorded_place(profile="gpu", shown=names)
    return recorded.fill(SimpleNamespace(srcdir=str(tmp_path)), page, place)


def test_without_a_record_the_page_says_so_in_one_line(tmp_path):
    (line,) = shown(tmp_path, ("claim", "large"))
    assert line.astext() == "No run of this chapter in the profile gpu has been recorded yet."


def test_a_record_stands_beside_this_builds_own_with_where_it_was_made(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "quick")
    table, line = shown(tmp_path, ("claim", "large"), ("rec", "error-of-it"), kept=run(RECORD, CLAIM))
    rows = [[cell.astext() for cell in row.children] for row in table.findall(recorded.nodes.row)]
    assert rows == [
        ["what", "this build, profile quick", "recorded, profile gpu"],
        ["It is large.", "not evaluated in this profile",
         "40, interval 37.5 to 42.5, 3 seeds with a spread of 1: holds"],
        ["error of it", "31 %", "25 %"],
    ]  # fmt: skip
    assert line.astext() == (
        "Recorded on A GPU, profile gpu, 2026-12-01, commit cccccccccccc, PyTorch 2.13.0; "
        "the cells of the chapter took 1,235 seconds there."
    )


def test_a_recorded_claim_that_says_something_else_is_not_shown_as_this_one(tmp_path):
    table, _ = shown(tmp_path, ("claim", "large"), kept=run({**CLAIM, "statement": "It is very large."}))
    assert "not in that run" in table.astext()
    assert "37.5" not in table.astext()


# --- the commands -----------------------------------------------------------------------------------------


@pytest.fixture
def built(tmp_path):
    content = {
        **MADE, "profile": "gpu",
        "chapters": [{"slug": "waves", "seconds": 12.0, "records": [RECORD], "claims": [CLAIM]}],
    }  # fmt: skip
    path = tmp_path / report.NAME
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_chapters_of_a_built_book_are_recorded(built, tmp_path, capsys):
    into = tmp_path / "_results"
    assert recorded.main(["waves", "--report", str(built), "--into", str(into)]) == 0
    assert "Recorded on A GPU" in capsys.readouterr().out
    assert [one["name"] for one in recorded.read(into, "waves", "gpu")["evidence"]] == [
        "error-of-it",
        "large",
    ]


def test_an_unknown_chapter_is_named_and_nothing_is_recorded(built, tmp_path, capsys):
    into = tmp_path / "_results"
    assert recorded.main(["waves", "tides", "--report", str(built), "--into", str(into)]) == 1
    assert "no chapter 'tides'; it has: waves" in capsys.readouterr().err
    assert not into.exists()
    assert recorded.main(["waves", "--report", str(tmp_path / "none.json")]) == 1
    assert "make book PROFILE=gpu" in capsys.readouterr().err


def test_cells_that_have_just_run_are_described_by_this_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "cpu")
    made = recorded.from_cells([RECORD], 3.0, tmp_path)
    assert made["profile"] == "cpu"
    assert made["versions"]["torch"]
    assert made["commit"] == "unknown"  # no repository there
