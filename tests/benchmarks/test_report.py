"""The one form of the benchmarks: options, spreads, lines, goals, tables, files."""

import argparse
import json
import math
import subprocess
import threading

import pytest

from shared import report


@pytest.fixture(autouse=True)
def _no_long_look(monkeypatch):
    monkeypatch.setattr(report, "LOOK", 0.01)


def options(*arguments):
    return report.read(report.options("What it does.", rounds=5), arguments)


def test_rounds_are_the_usual_ones_one_in_a_smoke_run_or_those_that_were_asked_for():
    assert options().rounds == 5
    assert options("--quick").rounds == 1
    assert options("--quick", "--rounds", "2").rounds == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rounds", "0"], "must be a whole number of at least 1; got '0'"),
        (["--rounds", "-3"], "must be a whole number of at least 1; got '-3'"),
        (["--rounds", "many"], "must be a whole number of at least 1; got 'many'"),
        (["--rounds", "2.5"], "must be a whole number of at least 1; got '2.5'"),
        (["--json", "/nowhere/at/all/found.json"], "the folder of --json does not exist: /nowhere/at/all"),
        (["--fast"], "unrecognized arguments: --fast"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit) as ended:
        options(*arguments)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_spread_has_number_median_ends_and_the_values_in_their_order():
    assert report.spread([3, 1, 2]) == {
        "n": 3,
        "median": 2.0,
        "min": 1.0,
        "max": 3.0,
        "values": [3.0, 1.0, 2.0],
    }
    assert report.spread([1, 2, 3, 10])["median"] == 2.5
    assert report.spread([7])["median"] == 7.0


def test_what_was_never_reached_sorts_last_and_is_null():
    two_of_three = report.spread([4.0, math.inf, 2.0])
    assert (two_of_three["median"], two_of_three["max"], two_of_three["values"]) == (
        4.0,
        None,
        [4.0, None, 2.0],
    )
    assert report.spread([4.0, math.inf])["median"] is None  # half of them is not enough
    assert report.spread([math.inf, math.inf, 1.0])["median"] is None
    json.dumps(two_of_three, allow_nan=False)


@pytest.mark.parametrize("values", [[], [1.0, math.nan]])
def test_a_spread_of_nothing_is_refused(values):
    with pytest.raises(ValueError, match="needs one value or more"):
        report.spread(values)


def test_a_line_is_found_from_its_points():
    assert report.line([4, 16, 64], [11 + 2 * n for n in (4, 16, 64)]) == pytest.approx((2, 11))
    with pytest.raises(ValueError, match="two places or more"):
        report.line([4, 4], [1, 2])


def test_a_goal_is_reached_at_its_bound_and_missed_beyond_it():
    assert report.goal("fast", 4.0, at_most=4)["reached"]
    assert not report.goal("fast", 4.1, at_most=4)["reached"]
    assert report.goal("good", 5.0, at_least=5)["reached"]
    assert not report.goal("good", 4.9, at_least=5)["reached"]
    assert not report.goal("good", None, at_least=5)["reached"]  # nothing got there
    assert not report.goal("fast", None, at_most=4)["reached"]
    for bounds in ({}, {"at_least": 1, "at_most": 2}):
        with pytest.raises(ValueError, match="either at_least= or at_most="):
            report.goal("unclear", 1.0, **bounds)


def test_a_goal_says_what_was_found_with_its_unit():
    assert report.goal("fast", 1.23456, at_most=1)["found"] == "1.235"
    assert report.goal("near", 0.54996, at_least=0.55, form="{:.2%}")["found"] == "55.00%"
    assert report.goal("fast", 3.9, at_most=4, form="{:.2f} s")["found"] == "3.90 s"
    assert report.goal("fast", None, at_most=4, form="{:.2f} s")["found"] == "–"


def test_a_busy_machine_and_changed_sources_are_doubts():
    assert report.doubts(0.1, False) == []
    busy, changed = report.doubts(report.BUSY + 0.01, True)
    assert report.doubts(report.BUSY + 0.01, False, in_turns=False)[0].endswith("trust no number.")
    assert "trust the ratios" in busy
    assert "differed from their commit" in changed


def test_what_is_counted_stands_in_the_plural_unless_it_is_one():
    assert (report.counted(1, "round"), report.counted(7, "round")) == ("1 round", "7 rounds")


def test_a_table_lines_up_and_refuses_a_row_that_does_not_fit():
    found = report.table(["what", "s"], [["a long name", "1.50"], ["b", "120.00"]])
    assert found.splitlines() == [
        "what              s",
        "-------------------",
        "a long name    1.50",
        "b            120.00",
    ]
    with pytest.raises(ValueError, match="1 entries under a head of 2"):
        report.table(["what", "s"], [["alone"]])


def test_a_quantity_shows_its_range_where_it_has_one_and_a_dash_for_what_was_not_reached():
    assert report.quantity(report.spread([1.0])) == "1.00"
    assert report.quantity(report.spread([1.0, 2.0, 4.0]), 1) == "2.0 (1.0 to 4.0)"
    assert report.quantity(report.spread([math.inf])) == "–"


def test_a_quantity_that_no_round_reached_is_one_dash():
    never = report.spread([math.inf, math.inf])
    assert report.quantity(never) == "–"
    assert report.quantity(report.spread([2.0, math.inf])) == "– (2.00 to –)"


def test_a_file_says_where_its_numbers_are_from(tmp_path, capsys):
    made = report.Report(
        "what", options("--json", str(tmp_path / "what.json")), ("torch", "no-such-package"), size=3
    )
    made.begin()
    made.rows.append({"seconds": report.spread([1.0, math.inf])})
    made.show("What it took", ["what", "s"], [["all", "1.00"]], "One round.")
    made.goals.append(report.goal("fast", None, at_most=1))
    written = json.loads(made.end().read_text(encoding="utf-8"))
    assert set(written) == {
        "schema", "benchmark", "quick", "commit", "edited", "started", "seconds", "profile", "arithmetic", "threads",
        "load", "doubts", "machine", "versions", "settings", "rows", "tables", "goals",
    }  # fmt: skip
    assert written["settings"] == {"rounds": 5, "size": 3}
    assert written["versions"]["torch"]
    assert written["versions"]["no-such-package"] is None
    assert {"cpu", "cores", "memory_gib", "device", "python", "torch"} <= set(written["machine"])
    assert written["rows"] == [
        {"seconds": {"n": 2, "median": None, "min": 1.0, "max": None, "values": [1.0, None]}}
    ]
    assert written["tables"] == [
        {"title": "What it took", "head": ["what", "s"], "rows": [["all", "1.00"]], "note": "One round."}
    ]
    said = capsys.readouterr().out
    assert "What it took\nwhat     s\n----------\nall   1.00\nOne round.\n" in said
    assert "goal missed: fast (found –)" in said
    assert '"values": [1.0, null]' in (tmp_path / "what.json").read_text(
        encoding="utf-8"
    )  # one line, not four
    assert [path.name for path in tmp_path.iterdir()] == ["what.json"]  # no half-written file beside it


def test_a_smoke_run_replaces_no_result():
    assert (
        report.Report("what", options("--quick")).path == report.ROOT / "_build" / "benchmarks" / "what.json"
    )
    assert report.Report("what", options()).path == report.ROOT / "benchmarks" / "results" / "what.json"


def test_results_of_one_benchmark_do_not_make_the_tree_of_the_next_an_edited_one(tmp_path):
    def git(*words):
        settings = [
            "-c",
            "user.name=tests",
            "-c",
            "user.email=tests@example.org",
            "-c",
            "commit.gpgsign=false",
        ]
        subprocess.run(["git", *settings, *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    (tmp_path / "source.py").write_text("1\n")
    git("add", ".")
    git("commit", "-m", "one")
    results = tmp_path / report.RESULTS
    results.mkdir(parents=True)
    (results / "start.json").write_text("{}\n")
    assert not report.edited(tmp_path)
    (tmp_path / "source.py").write_text("2\n")
    assert report.edited(tmp_path)


def test_a_busy_core_is_seen():
    def work():
        while not over.is_set():
            math.factorial(2000)

    over = threading.Event()
    worker = threading.Thread(target=work)
    worker.start()
    try:
        busy = report.cores_busy(0.5)
    finally:
        over.set()
        worker.join()
    assert busy > report.BUSY


def test_a_number_below_the_least_is_refused_by_its_reader():
    assert report.at_least(2)("2") == 2
    with pytest.raises(argparse.ArgumentTypeError):
        report.at_least(2)("1")
