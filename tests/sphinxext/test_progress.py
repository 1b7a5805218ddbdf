"""What is said while chapters run."""

import io
import json

import pytest

from groundtruth.sphinxext import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until it is told; ``clock[0]`` is the time."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def line(stream, expected, beside=("short", "long"), alone=("timed",)):
    return progress.Progress(beside, alone, expected, 2, stream)


def test_in_a_log_every_start_and_end_has_a_line(clock):
    log = io.StringIO()
    said = line(log, {"short": 60, "long": 200, "timed": 30})
    said.started("long")
    said.started("short")
    clock[0] += 65
    said.tick()
    said.ended("short")
    clock[0] += 130
    said.ended("long", failed=True)
    said.started("timed")
    clock[0] += 25
    said.ended("timed")
    said.close()
    assert log.getvalue().splitlines() == [
        "[0/3] long runs, 3 min 20 s expected",
        "[0/3] short runs, 1 min 00 s expected",
        "[1/3] short took 1 min 05 s; 2 left, 1 min 05 s so far, about 2 min 45 s to go",
        "[2/3] long FAILED after 3 min 15 s; 1 left, 3 min 15 s so far, about 30 s to go",
        "[2/3] timed runs, 30 s expected",
        "[3/3] timed took 25 s; none left, 3 min 40 s so far",
    ]


def test_on_a_terminal_one_line_is_written_over(clock, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")
    screen = Terminal()
    said = line(screen, {"long": 200})
    said.started("long")
    clock[0] += 10
    said.tick()
    assert screen.getvalue().count("\n") == 0
    last = screen.getvalue().split("\r\x1b[K")[-1]
    assert last == "[0/3] long (10 s, 3 min 20 s expected); 3 left, 10 s so far, more than 3 min 10 s to go"
    monkeypatch.setenv("COLUMNS", "40")
    said.tick()
    assert len(screen.getvalue().split("\r\x1b[K")[-1]) == 39  # a longer line would not be written over
    said.ended("long")
    assert screen.getvalue().endswith("[1/3] long took 10 s; 2 left, 10 s so far, no estimate yet\n")
    said.close()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_without_a_last_time_there_is_no_estimate(clock):
    log = io.StringIO()
    line(log, {}).started("long")
    assert log.getvalue() == "[0/3] long runs, no estimate yet\n"


def test_the_longest_has_to_end_however_well_they_are_dealt_out(clock):
    assert line(io.StringIO(), {"short": 10, "long": 200, "timed": 30}).ahead() == 200 + 30
    assert line(io.StringIO(), {"short": 100, "long": 100}, alone=()).ahead() == 100


def test_one_that_takes_longer_than_expected_counts_for_nothing_and_not_for_less(clock):
    said = line(io.StringIO(), {"short": 10, "long": 50}, alone=())
    said.started("short")
    clock[0] += 40
    assert said.ahead() == 50


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"), (3720, "1 h 02 min")],
)
def test_times_are_written_as_people_read_them(seconds, text):
    assert progress.duration(seconds) == text


def test_what_a_chapter_took_is_kept_for_each_profile(tmp_path):
    assert progress.known(tmp_path, "cpu") == {}
    progress.keep(tmp_path, "cpu", "one", 12.34)
    progress.keep(tmp_path, "quick", "one", 1)
    progress.keep(tmp_path, "cpu", "two", 5)
    assert progress.known(tmp_path, "cpu") == {"one": 12.3, "two": 5.0}
    assert progress.known(tmp_path, "quick") == {"one": 1.0}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cpu": 3}', '{"cpu": {"one": "x"}}', '{"cpu": null}'])
def test_what_another_has_written_there_is_no_estimate_and_no_fault(tmp_path, text):
    (tmp_path / progress.NAME).write_text(text)
    assert progress.known(tmp_path, "cpu") == {}
    progress.keep(tmp_path, "cpu", "two", 5)
    assert progress.known(tmp_path, "cpu").get("two") == 5.0
    json.loads((tmp_path / progress.NAME).read_text())
