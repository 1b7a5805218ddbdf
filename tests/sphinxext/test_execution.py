"""Chapters run before their pages are read: so many at once, each with its threads, and nothing is left running."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest

from groundtruth.sphinxext import execution
from groundtruth.sphinxext.execution import Plan, Task, run

NOTE = """
import json, os, time
began = time.time()
time.sleep({nap})
with open({file!r}, "a") as file:
    file.write(json.dumps(["{slug}", began, time.time(), os.environ.get("OMP_NUM_THREADS"), os.getcwd()]) + "\\n")
"""


@pytest.fixture(autouse=True)
def kernels(tmp_path, monkeypatch):
    """Kernels that take nothing from whoever runs the tests."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(execution.cores, "cores", lambda: 4)


def task(slug, *cells, threads=1):
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3"},
            "source_map": [10 * (n + 1) for n in range(len(cells))],
        },
    )
    return Task(f"folder/{slug}", Path(f"/book/{slug}.md"), notebook, "key", threads)


@pytest.fixture
def noted(tmp_path):
    """A task that notes when it ran, with how many threads and where; and what was noted."""
    file = tmp_path / "notes"

    class Noted:
        @staticmethod
        def task(slug, nap=0.0, threads=1):
            return task(slug, NOTE.format(nap=nap, file=str(file), slug=slug), threads=threads)

        @staticmethod
        def notes():
            return {line[0]: line[1:] for line in map(json.loads, file.read_text().splitlines())}

    return Noted


def happened(plan):
    events = []
    run(plan, events.append, lambda: None)
    return [(event.task.slug, event.kind) for event in events], events


def test_two_at_once_and_those_that_run_alone_after_them(noted):
    plan = Plan(
        [noted.task("one", 1.0), noted.task("two", 1.0), noted.task("three")],
        [noted.task("alone", threads=4)],
        at_once=2,
    )
    order, events = happened(plan)
    assert order[:2] == [("one", "started"), ("two", "started")]
    assert order[-2:] == [("alone", "started"), ("alone", "ended")]
    notes = noted.notes()
    assert notes["one"][0] < notes["two"][1]
    assert notes["two"][0] < notes["one"][1]
    assert notes["alone"][0] > max(notes[slug][1] for slug in ("one", "two", "three"))
    assert {slug: note[2] for slug, note in notes.items()} == {
        "one": "1",
        "two": "1",
        "three": "1",
        "alone": None,
    }
    folders = {note[3] for note in notes.values()}
    assert len(folders) == 4, "they share a working directory"
    assert not any(Path(folder).exists() for folder in folders)
    assert all(event.seconds > 1.0 for event in events if event.task.slug == "one" and event.kind == "ended")


def test_one_at_a_time_where_that_is_asked(noted):
    order, _ = happened(Plan([noted.task("one"), noted.task("two")], [], at_once=1))
    assert [kind for _, kind in order] == ["started", "ended", "started", "ended"]


def test_a_cell_that_fails_is_named_by_its_line_and_the_others_run(noted):
    bad = task("bad", "x = 1", "1 / 0", "y = 2")
    order, events = happened(Plan([bad, noted.task("good")], [], at_once=1))
    assert order == [("bad", "started"), ("bad", "failed"), ("good", "started"), ("good", "ended")]
    assert events[1].line == 20
    assert "ZeroDivisionError" in events[1].error
    assert "good" in noted.notes()


def test_a_kernel_that_dies_is_a_failure_and_no_end_of_the_build(noted):
    order, events = happened(Plan([task("bad", "import os; os._exit(1)"), noted.task("good")], [], at_once=1))
    assert [kind for _, kind in order] == ["started", "failed", "started", "ended"]
    assert "DeadKernelError" in events[1].error


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
def test_what_breaks_off_ends_the_kernels(error):
    began = time.monotonic()
    before = set(psutil.Process().children(recursive=True))  # the browser of other tests, say

    def kernels():
        return [one for one in psutil.Process().children(recursive=True) if one not in before]

    def heed(event):
        while not kernels():
            time.sleep(0.01)
        running.extend(kernels())
        raise error

    running = []
    with pytest.raises(error):
        run(Plan([task("long", "import time; time.sleep(60)")], [], at_once=1), heed, lambda: None)
    assert not psutil.wait_procs(running, timeout=10)[1]
    assert time.monotonic() - began < 50, "it waited for the cell"


def test_a_task_knows_its_slug():
    assert task("one").slug == "one"
    assert execution.Task("index", Path("x"), task("one").notebook, "", 1).slug == "index"


def test_a_kernel_is_killed_and_not_interrupted_so_that_it_prints_nothing():
    code = "import time; print('begun', flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code],
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as kernel:  # fmt: skip
        assert kernel.stdout.readline() == "begun\n"
        client = SimpleNamespace(km=SimpleNamespace(provisioner=SimpleNamespace(pid=kernel.pid)))
        execution._kill(client)
        assert kernel.communicate()[1] == ""
    assert kernel.returncode == -signal.SIGKILL
    execution._kill(client)  # it has ended: nothing happens
    execution._kill(SimpleNamespace(km=None))  # nor where none has begun
