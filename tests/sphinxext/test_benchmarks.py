"""Results of benchmarks on a page: what is read, what is refused, and what is shown."""

import copy
import json

import pytest
from docutils import nodes

from groundtruth.sphinxext import benchmarks
from shared import report

MARKS = [[[1.0, 0.80], [2.0, 0.91]]]
RESULT = {
    "schema": 2, "benchmark": "time_to_shore", "quick": False, "commit": "c" * 40, "edited": False,
    "started": "2026-12-01T03:00:00+00:00", "seconds": 1234.5, "profile": "cpu", "arithmetic": "bf16-mixed",
    "threads": 2, "load": 0.05, "doubts": [], "versions": {}, "settings": {"rounds": 3},
    "machine": {"cpu": "A processor", "cores": 2, "memory_gib": 8, "device": "cpu", "torch": "2.13.0"},
    "rows": [{"data": "waves", "method": "ours", "ours": True, "reached": {"88": {}, "90": {}}, "marks": MARKS}],
    "tables": [
        {"title": "Seconds", "head": ["what", "s"], "rows": [["a wave", "1.25 (1.20 to 1.30)"]], "note": "Of 3."},
        {"title": "Ratios", "head": ["what", "times"], "rows": [["a wave", "–"]], "note": ""},
    ],
    "goals": [
        {"statement": "fast", "value": 1.25, "found": "1.25 s", "at_most": 2, "reached": True},
        {"statement": "faster", "value": None, "found": "–", "at_most": 1, "reached": False},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """The folder of the scripts, with one script and no result."""
    made = tmp_path / "benchmarks"
    (made / "results").mkdir(parents=True)
    (made / "time_to_shore.py").write_text('"""What it asks."""\n', encoding="utf-8")
    return made


def put(folder, result):
    text = result if isinstance(result, str) else json.dumps(result)
    (folder / "results" / "time_to_shore.json").write_text(text, encoding="utf-8")


def changed(*path, to):
    """The result with one thing in it exchanged."""
    result = copy.deepcopy(RESULT)
    *way, last = path
    place = result
    for step in way:
        place = place[step]
    place[last] = to
    return result


# --- reading ----------------------------------------------------------------------------------------------


def test_a_result_is_read_by_the_name_of_its_script(folder):
    assert benchmarks.read(folder, "time-to-shore") is None
    put(folder, RESULT)
    assert benchmarks.read(folder, "time-to-shore") == RESULT


@pytest.mark.parametrize("name", ["time-to-sea", "time_to_shore", "../time-to-shore", ""])
def test_a_name_that_no_script_has_is_refused_and_the_others_are_named(folder, name):
    with pytest.raises(
        benchmarks.BenchmarkError, match=r"there is no benchmark .*; there is: time-to-shore$"
    ):
        benchmarks.read(folder, name)


def test_where_there_are_no_scripts_that_is_said(tmp_path):
    with pytest.raises(benchmarks.BenchmarkError, match="there is no benchmark 'start'; there is: none"):
        benchmarks.read(tmp_path, "start")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("", "Expecting value"),
        ('{"schema": 2', "Expecting"),
        ("[]", "TypeError"),
        ("null", "TypeError"),
        ({}, "KeyError: 'schema'"),
        (changed("schema", to=1), "schema 1, expected 2"),
        (changed("benchmark", to="start"), "of the benchmark 'start'"),
        (changed("tables", to=[]), "no table"),
        (changed("tables", 0, "rows", to=[["a wave"]]), "rows and head of the table 'Seconds' do not fit"),
        (changed("tables", 1, "rows", to=[]), "rows and head of the table 'Ratios' do not fit"),
        (changed("tables", 0, "rows", to=[["a wave", 1.25]]), "holds what is no text"),
        (changed("goals", 0, "reached", to="yes"), "reached is 'yes' in the goal 'fast'"),
        (changed("goals", 0, to={"statement": "fast"}), "KeyError: 'found'"),
        (changed("machine", to={}), "KeyError: 'device'"),
        (changed("commit", to=None), "TypeError"),
        (changed("seconds", to="long"), "TypeError"),
    ],
)
def test_a_file_that_is_no_result_is_named_with_what_to_do(folder, result, said):
    put(folder, result)
    with pytest.raises(benchmarks.BenchmarkError) as raised:
        benchmarks.read(folder, "time-to-shore")
    message = str(raised.value)
    assert message.startswith("benchmarks/results/time_to_shore.json is no result of this benchmark (")
    assert said in message
    assert message.endswith("run 'python benchmarks/time_to_shore.py' on an idle machine, or remove the file")


def test_a_file_that_is_no_text_is_named(folder):
    (folder / "results" / "time_to_shore.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(benchmarks.BenchmarkError, match=r"time_to_shore\.json is no result"):
        benchmarks.read(folder, "time-to-shore")


def test_a_smoke_run_is_no_result(folder):
    put(folder, changed("quick", to=True))
    with pytest.raises(benchmarks.BenchmarkError, match=r"time_to_shore\.json is of a smoke run \(--quick\)"):
        benchmarks.read(folder, "time-to-shore")


def test_what_the_scripts_write_can_be_read(folder, capsys):
    options = report.options("What it does.", rounds=5)
    path = folder / "results" / "time_to_shore.json"
    made = report.Report("time_to_shore", report.read(options, ["--json", str(path)]))
    made.show("Seconds", ["what", "s"], [["all", "1.00"]])
    made.goals.append(report.goal("fast", None, at_most=1))
    made.end()
    assert benchmarks.read(folder, "time-to-shore")["tables"] == made.tables
    assert benchmarks.SCHEMA == report.SCHEMA
    assert report.RESULTS.name == benchmarks.FOLDER
    capsys.readouterr()


def test_the_origin_says_where_when_of_what_and_what_to_doubt():
    assert benchmarks.origin(RESULT) == (
        "Measured on A processor, 2 cores, 2026-12-01, commit cccccccccccc, PyTorch 2.13.0, bf16-mixed, threads: 2, "
        "cores busy before the start: 0.05; it took 1,234 seconds."
    )
    spoilt = changed("machine", "device", to="A GPU") | {"edited": True, "doubts": report.doubts(2.0, True)}
    line = benchmarks.origin(spoilt)
    assert "2 cores, A GPU, 2026-12-01" in line
    assert "cccccccccccc (edited)" in line
    assert line.endswith("trust the ratios, not the seconds. The sources differed from their commit.")


# --- the page ---------------------------------------------------------------------------------------------


def cells(table):
    return [[cell.astext() for cell in row.children] for row in table.findall(nodes.row)]


def test_the_page_shows_the_printed_words_and_the_goals_with_a_sign():
    holder = nodes.container("", *benchmarks.tables_of(RESULT))
    assert [cells(table) for table in holder.findall(nodes.table)] == [
        [["what", "s"], ["a wave", "1.25 (1.20 to 1.30)"]],
        [["what", "times"], ["a wave", "–"]],
        [["goal", "found", "outcome"], ["fast", "1.25 s", "✓ reached"], ["faster", "–", "✗ missed"]],
    ]
    assert "Of 3." in holder.astext()
    for table in holder.findall(nodes.table):
        assert [bool(column.get("stub")) for column in table.findall(nodes.colspec)][:2] == [True, False]


def test_without_goals_there_is_no_table_of_them():
    holder = nodes.container("", *benchmarks.tables_of(changed("goals", to=[])))
    assert len(list(holder.findall(nodes.table))) == 2
    assert "Goals" not in holder.astext()


def test_the_picture_says_in_words_what_it_shows():
    rows = [*RESULT["rows"], {"method": "theirs", "ours": False, "marks": [[[4.0, 0.9]]]}]
    assert benchmarks.words_of(rows) == (
        "ours: 80.0 % after the first of 2 epochs, 91.0 % after 2.0 s. theirs: 90.0 % after 4.0 s."
    )
    assert "<svg" in benchmarks.drawing_of(rows).svg
