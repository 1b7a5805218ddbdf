"""Options, tables and result files of the benchmarks, in one form.

Every script prints a small table and writes ``benchmarks/results/<name>.json``; with ``--quick``, which only shows that
it runs, ``_build/benchmarks/<name>.json``, so that a smoke run replaces no result. Such a file says on which machine,
with which versions and from which commit it comes, how often each thing was measured, and how far the values spread:

    {"schema", "benchmark", "quick", "commit", "edited", "started", "seconds", "profile", "arithmetic", "threads",
     "load", "doubts": ["…"], "machine": {…}, "versions": {…}, "settings": {…}, "rows": [{…}],
     "tables": [{"title", "head", "rows", "note"}], "goals": [{…}]}

A measured quantity of a row is ``{"n", "median", "min", "max", "values"}`` (see `spread`), in seconds unless its name
says otherwise. What was not reached is null. ``tables`` hold the words that were printed, and the page *benchmarks* of
the book shows those: what it says and what a script said cannot differ.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import math
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from groundtruth import profiles
from groundtruth.sphinxext.report import commit, machine

ROOT = Path(__file__).resolve().parents[2]
RESULTS = Path("benchmarks", "results")
SMOKE = Path("_build", "benchmarks")
SCHEMA = 2
"""Also in `groundtruth.sphinxext.benchmarks`, which reads these files."""
LOOK = 3.0
"""Seconds for which a benchmark waits before it starts, and looks how busy the cores are without it. (The load that
systems report is a mean over a minute or more: where two benchmarks run in a row, it would count the first.)"""
BUSY = 0.2
"""Cores busy with something else, from which on seconds mean little."""
INNERMOST = re.compile(r"\[\n\s*([^\[\]{}]*?)\n\s*\]")


def at_least(least: int) -> Any:
    """Return a reader of command-line numbers that refuses those below ``least``."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"must be a whole number of at least {least}; got {text!r}")
        return value

    return read


def options(
    description: str | None, *, rounds: int, what: str = "rounds that count"
) -> argparse.ArgumentParser:
    """Return the parser of the options that every benchmark has.

    Args:
        description: docstring of the script.
        rounds: how many are made when nobody says.
        what: what a round is.

    """
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=at_least(1), help=f"{what} (default {rounds}; with --quick 1)")
    parser.add_argument(
        "--quick", action="store_true", help="some seconds, to see that it runs: numbers mean nothing"
    )
    parser.add_argument("--json", type=Path, help="write the numbers here instead")
    parser.set_defaults(usual_rounds=rounds)
    return parser


def read(parser: argparse.ArgumentParser, arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options, with the number of rounds filled in.

    Raises:
        SystemExit: an option that cannot be meant; the message is printed.

    """
    chosen = parser.parse_args(arguments)
    if chosen.json is not None and not chosen.json.resolve().parent.is_dir():
        parser.error(f"the folder of --json does not exist: {chosen.json.resolve().parent}")
    if chosen.rounds is None:
        chosen.rounds = 1 if chosen.quick else chosen.usual_rounds
    return chosen


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return how often something was measured, the median, and how far the values spread.

    A value of infinity stands for what was never reached: it sorts behind all others, and is written as null.

    Raises:
        ValueError: no value, or one that is not a number.

    """
    if not values or any(math.isnan(value) for value in values):
        raise ValueError(f"a spread needs one value or more, and numbers; got {list(values)}")
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    found = {
        "median": math.inf if high == math.inf else (low + high) / 2,
        "min": ordered[0],
        "max": ordered[-1],
    }
    return {
        "n": len(values),
        **{name: _finite(value) for name, value in found.items()},
        "values": [_finite(value) for value in values],
    }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def line(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float]:
    """Return slope and intercept of the straight line with the least squares.

    Raises:
        ValueError: fewer than two different places.

    """
    if len(set(xs)) < 2:
        raise ValueError(f"a line needs two places or more; got {list(xs)}")
    slope, intercept = statistics.linear_regression(xs, ys)
    return slope, intercept


def goal(
    statement: str,
    value: float | None,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    form: str = "{:.3f}",
) -> dict[str, Any]:
    """Return a goal and whether it is reached; without a value it was missed, for nothing got there.

    Args:
        statement: what was to be reached.
        value: what was found.
        at_least: the bound, where more is better.
        at_most: the bound, where less is better.
        form: how the value is written, with its unit: fine enough to tell it from the bound.

    Raises:
        ValueError: not exactly one bound.

    """
    if (at_least is None) == (at_most is None):
        raise ValueError("a goal needs either at_least= or at_most=")
    reached = value is not None and (value >= at_least if at_least is not None else value <= (at_most or 0.0))
    bound = {"at_least": at_least} if at_least is not None else {"at_most": at_most}
    found = "–" if value is None else form.format(value)
    return {"statement": statement, "value": value, "found": found, **bound, "reached": reached}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text: the first column flush left, the others flush right.

    Raises:
        ValueError: a row of another length than the head.

    """
    for row in rows:
        if len(row) != len(head):
            raise ValueError(f"a row of {len(row)} entries under a head of {len(head)}: {list(row)}")
    wide = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = []
    for row in (head, *rows):
        first, *others = (
            entry.rjust(width) if column else entry.ljust(width)
            for column, (entry, width) in enumerate(zip(row, wide, strict=True))
        )
        lines.append("  ".join([first, *others]).rstrip())
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def number(value: float | None, digits: int = 2) -> str:
    """Return a number for a table; a dash for what was not reached."""
    return "–" if value is None else f"{value:.{digits}f}"


def quantity(found: dict[str, Any], digits: int = 2) -> str:
    """Return a measured quantity for a table: the median, and in brackets the range where there are several values."""
    if found["n"] == 1 or found["min"] is None:  # once, or never reached
        return number(found["median"], digits)
    return f"{number(found['median'], digits)} ({number(found['min'], digits)} to {number(found['max'], digits)})"


def edited(root: Path) -> bool:
    """Whether the sources differ from their commit; results beside them, new or old, do not count."""
    return commit(root, f":(top,exclude){RESULTS.as_posix()}")[1]


def cores_busy(seconds: float) -> float:
    """Wait for so long, and return how many cores were busy in the meantime, on average."""
    return round(psutil.cpu_percent(interval=seconds) / 100 * (psutil.cpu_count() or 1), 2)


def doubts(load: float, changed: bool, in_turns: bool = True) -> list[str]:
    """Return why a result counts for less, a sentence each: a busy machine, sources that differ from their commit."""
    found = []
    if load > BUSY and in_turns:
        found.append("Other programs were at work: trust the ratios, not the seconds.")
    elif load > BUSY:
        found.append("Other programs were at work, and nothing was measured in turns: trust no number.")
    if changed:
        found.append("The sources differed from their commit.")
    return found


def counted(number: int, word: str) -> str:
    """Return a number and a word for what is counted, in the plural where it is one."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


class Report:
    """What one benchmark found, from its start to its file.

    Args:
        name: of the benchmark, and of its file.
        chosen: its options.
        packages: names of packages, as pip knows them, whose versions matter besides those of every report.
        profile: under which the numbers are made; the active one without it.
        in_turns: what is compared was measured in turns, so that a slow minute falls on all of it.
        settings: what else one has to know to repeat it.

    """

    def __init__(
        self,
        name: str,
        chosen: argparse.Namespace,
        packages: Sequence[str] = (),
        *,
        profile: profiles.Profile | None = None,
        in_turns: bool = True,
        **settings: Any,
    ) -> None:
        import torch  # noqa: PLC0415 - options are refused before a slow import

        profile = profile or profiles.active()
        self._begun = time.perf_counter()
        self.path: Path = chosen.json or ROOT / (SMOKE if chosen.quick else RESULTS) / f"{name}.json"
        self.rows: list[dict[str, Any]] = []
        self.tables: list[dict[str, Any]] = []
        self.goals: list[dict[str, Any]] = []
        changed, load = edited(ROOT), cores_busy(0.1 if chosen.quick else LOOK)
        self.head: dict[str, Any] = {
            "schema": SCHEMA,
            "benchmark": name,
            "quick": chosen.quick,
            "commit": commit(ROOT)[0],
            "edited": changed,
            "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "profile": profile.name,
            "arithmetic": profile.precision(),
            "threads": torch.get_num_threads(),
            "load": load,
            "doubts": doubts(load, changed, in_turns),
            "machine": dict(machine()),
            "versions": {package: _version(package) for package in packages},
            "settings": {"rounds": chosen.rounds, **settings},
        }

    def begin(self) -> None:
        """Print what the numbers below depend on."""
        facts = self.head["machine"]
        device = "" if facts["device"] == "cpu" else f", {facts['device']}"
        print(
            f"{facts['cpu']}, {facts['cores']} cores{device}; threads {self.head['threads']}, "
            f"{self.head['arithmetic']}, torch {facts['torch']}, cores busy before the start {self.head['load']}"
        )
        for doubt in self.head["doubts"]:
            print(doubt)
        if self.head["quick"]:
            print("A smoke run: its numbers mean nothing.")

    def show(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]], note: str = "") -> None:
        """Print a table, and keep its words for the page.

        Args:
            title: what it is a table of; a page that shows several tells them apart by it.
            head: of the columns, none of them empty.
            rows: as `table` takes them.
            note: sentences below it.

        Raises:
            ValueError: a row of another length than the head.

        """
        print(f"\n{title}\n{table(head, rows)}")
        if note:
            print(note)
        self.tables.append(
            {"title": title, "head": list(head), "rows": [list(row) for row in rows], "note": note}
        )

    def content(self) -> dict[str, Any]:
        """Return everything, as it is written."""
        seconds = round(time.perf_counter() - self._begun, 1)
        return {
            **self.head,
            "seconds": seconds,
            "rows": self.rows,
            "tables": self.tables,
            "goals": self.goals,
        }

    def end(self) -> Path:
        """Print the goals, write the file, and return where it is."""
        content = self.content()
        for one in self.goals:
            word = "reached" if one["reached"] else "missed"
            print(f"goal {word}: {one['statement']} (found {one['found']})")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_name(self.path.name + ".new")
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        text = INNERMOST.sub(  # a list of numbers is one line; no string holds a line break
            lambda match: "[" + re.sub(r"\n\s*", " ", match[1]) + "]", text
        )
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(self.path)
        print(f"{content['seconds']:.0f} s; numbers in {self.path}")
        return self.path


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
