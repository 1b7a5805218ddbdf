"""Results of the benchmarks, on the page: the tables that a script printed, its goals, and where its numbers are from.

A script ``benchmarks/<name>.py`` writes ``benchmarks/results/<name>.json``; ``{benchmark} <name>``, with hyphens, shows
that file. Its tables hold the words that were printed, so nothing is formatted twice. Where nothing has been recorded
the page says so in one line. A smoke run is no result, and is refused.

``{benchmark-figure} time-to-accuracy`` draws accuracy against seconds from the marks in such a file, for one data set;
without a result, or with one that has not trained on that set, there is no figure.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from groundtruth.sphinxext.diagrams import Drawn
from groundtruth.sphinxext.grammar import PageDirective
from groundtruth.sphinxext.nodes import figure_place
from groundtruth.sphinxext.pages import Placed, page_of
from groundtruth.sphinxext.watched import watch

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.util.typing import OptionSpec

FOLDER = "results"
SCHEMA = 2
"""Also in ``benchmarks/shared/report.py``, which writes these files."""
NONE = "No result of this benchmark has been recorded yet."

Result = dict[str, Any]


class BenchmarkError(ValueError):
    """There is no such benchmark, or its result cannot be read; the message names the file and says what to do."""


# --- reading ----------------------------------------------------------------------------------------------


def read(folder: Path, name: str) -> Result | None:
    """Return the recorded result of a benchmark, or None where there is none.

    Args:
        folder: that of the scripts.
        name: as the page writes it, words joined by hyphens.

    Raises:
        BenchmarkError: no script has this name; the file is of a smoke run; it cannot be read.

    """
    stem = name.replace("-", "_")
    known = sorted(path.stem.replace("_", "-") for path in folder.glob("*.py"))
    if name not in known:
        raise BenchmarkError(f"there is no benchmark '{name}'; there is: {', '.join(known) or 'none'}")
    path = folder / FOLDER / f"{stem}.json"
    if not path.is_file():
        return None
    where, script = f"{folder.name}/{FOLDER}/{stem}.json", f"{folder.name}/{stem}.py"
    mend = f"run 'python {script}' on an idle machine, or remove the file"
    try:
        result: Result = json.loads(path.read_text(encoding="utf-8"))
        fault = _fault(result, stem)
    except (OSError, ValueError) as error:
        fault = str(error)
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        fault = f"{type(error).__name__}: {error}"
    if fault:
        raise BenchmarkError(f"{where} is no result of this benchmark ({fault}): {mend}")
    if result["quick"]:
        raise BenchmarkError(f"{where} is of a smoke run (--quick), and its numbers mean nothing: {mend}")
    return result


def _fault(result: Result, stem: str) -> str:
    """Return what is wrong with the form of a result; empty where nothing is. What is not there raises."""
    if result["schema"] != SCHEMA:
        return f"schema {result['schema']}, expected {SCHEMA}"
    if result["benchmark"] != stem:
        return f"of the benchmark {result['benchmark']!r}"
    if not result["tables"]:
        return "no table"
    for table in result["tables"]:
        head, rows = table["head"], table["rows"]
        if not head or not rows or any(len(row) != len(head) for row in rows):
            return f"rows and head of the table {table['title']!r} do not fit"
        if not all(isinstance(word, str) for word in (*head, *(word for row in rows for word in row))):
            return f"the table {table['title']!r} holds what is no text"
        _ = table["note"] + table["title"]
    for goal in result["goals"]:
        _ = goal["statement"] + goal["found"]
        if not isinstance(goal["reached"], bool):
            return f"reached is {goal['reached']!r} in the goal {goal['statement']!r}"
    _ = bool(result["quick"]), origin(result)
    return ""


def origin(result: Result) -> str:
    """Return the line below the tables: on what, when, from which commit and with what they were measured."""
    machine = result["machine"]
    device = "" if machine["device"] == "cpu" else f", {machine['device']}"
    edited = " (edited)" if result["edited"] else ""
    doubts = "".join(f" {doubt}" for doubt in result["doubts"])
    return (
        f"Measured on {machine['cpu']}, {machine['cores']} cores{device}, {result['started'][:10]}, "
        f"commit {result['commit'][:12]}{edited}, PyTorch {machine['torch']}, {result['arithmetic']}, "
        f"threads: {result['threads']}, cores busy before the start: {result['load']}; "
        f"it took {round(result['seconds']):,} seconds.{doubts}"
    )


# --- the page ---------------------------------------------------------------------------------------------


def tables_of(result: Result) -> list[nodes.Node]:
    """Return the tables of a result with their notes, and then its goals."""
    shown: list[nodes.Node] = []
    for one in result["tables"]:
        shown += [_title(one["title"]), _table(one["head"], one["rows"])]
        if one["note"]:
            shown.append(nodes.paragraph("", one["note"], classes=["gt-recorded"]))
    if result["goals"]:
        rows = [
            [goal["statement"], goal["found"], "✓ reached" if goal["reached"] else "✗ missed"]
            for goal in result["goals"]
        ]
        shown += [_title("Goals"), _table(["goal", "found", "outcome"], rows)]
    return shown


def _title(text: str) -> nodes.Node:
    return nodes.paragraph("", "", nodes.strong("", text), classes=["gt-table-title"])


def _table(head: list[str], rows: list[list[str]]) -> nodes.table:
    from groundtruth.sphinxext.resolve import table  # noqa: PLC0415 - resolve imports the grammar, as this does

    made = table(head, rows)
    next(iter(made.findall(nodes.colspec)))["stub"] = 1  # the first column names its row
    return made


class OfResult(PageDirective):
    """What the directives of a result share."""

    required_arguments = 1

    def result(self) -> Result | None:
        """Return what was recorded, and note that this page shows it.

        Raises:
            BenchmarkError: as for `read`.

        """
        name = self.arguments[0]
        folder = folder_of(self.env)
        watch(self.env, folder / FOLDER / f"{name.replace('-', '_')}.json")
        return read(folder, name)


class Benchmark(OfResult):
    """``{benchmark} name``: what a benchmark found. The option ``none`` is the line where nothing was recorded."""

    option_spec: ClassVar[OptionSpec] = {"none": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return tables, goals and origin, or the line."""
        try:
            result = self.result()
        except BenchmarkError as error:
            return self.fail(str(error))
        if result is None:
            line = self.options.get("none", NONE)
            return [nodes.paragraph("", line, classes=["gt-recorded"])]
        line = nodes.paragraph("", origin(result), classes=["gt-recorded"])
        return [nodes.container("", *tables_of(result), line, classes=["gt-benchmark"])]


class BenchmarkFigure(OfResult):
    """``{benchmark-figure} name``: accuracy against seconds; the body is the caption, true whatever was found."""

    has_content = True
    option_spec: ClassVar[OptionSpec] = {
        "data": directives.unchanged_required,
        "alt": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the figure, or nothing where nothing was recorded."""
        name, data, alt = f"{self.arguments[0]}", self.options.get("data", ""), self.options.get("alt", "")
        if not data or not alt:
            return self.fail(f"figure of the benchmark '{name}' needs the options 'data' and 'alt'")
        parsed = self.body()
        if len(parsed) != 1 or not isinstance(parsed[0], nodes.paragraph):
            return self.fail(f"figure of the benchmark '{name}' needs a caption of one paragraph")
        try:
            result = self.result()
        except BenchmarkError as error:  # said by the table's directive too, if there is one
            return self.fail(str(error))
        rows = [row for row in (result or {}).get("rows", ()) if row.get("data") == data]
        if not rows:
            return []
        try:
            drawn, described = drawing_of(rows), f"{alt} {words_of(rows)}"
        except (KeyError, TypeError, ValueError, IndexError) as error:
            return self.fail(f"figure of the benchmark '{name}': its rows cannot be drawn: {error!r}")
        page = page_of(self.env)
        identifier = f"{name}-{data}".replace("_", "-")
        place = figure_place(name=identifier, slug=page.slug, alt=described, drawn=[drawn])
        figure = nodes.figure("", place, classes=["gt-figure"], ids=[f"fig-{identifier}"])
        figure += nodes.caption("", "", *parsed[0].children)
        self.set_source_info(figure)
        page.placed.append(Placed(identifier, "diagram", figure.children[-1].astext(), alt, 1, self.lineno))
        return [figure]


def drawing_of(rows: list[dict[str, Any]]) -> Drawn:
    """Return the picture of the first seed of each method."""
    from groundtruth.plotting import races, style  # noqa: PLC0415 - matplotlib, only where there is a result

    figure, axes = style.new_figure(height=4.6)
    levels = [float(level) / 100 for level in rows[0]["reached"]]
    races.race(axes, [races.Runner(row["method"], row["ours"], row["marks"][0]) for row in rows], levels)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8.5)
    return Drawn(style.to_svg(figure), "")


def words_of(rows: list[dict[str, Any]]) -> str:
    """Return what the picture shows, for those who cannot see it."""
    sentences = []
    for row in rows:
        (_, first), (seconds, last) = row["marks"][0][0], row["marks"][0][-1]
        epochs = len(row["marks"][0])
        sentences.append(
            f"{row['method']}: {100 * last:.1f} % after {seconds:.1f} s."
            if epochs == 1
            else f"{row['method']}: {100 * first:.1f} % after the first of {epochs} epochs, "
            f"{100 * last:.1f} % after {seconds:.1f} s."
        )
    return " ".join(sentences)


def folder_of(env: BuildEnvironment) -> Path:
    """Return the folder of the scripts."""
    return Path(env.srcdir, env.config.groundtruth_benchmarks).resolve()


def setup(app: Sphinx) -> None:
    """Register the directives, and where the scripts are."""
    app.add_config_value("groundtruth_benchmarks", "../benchmarks", "env", [str])
    app.add_directive("benchmark", Benchmark)
    app.add_directive("benchmark-figure", BenchmarkFigure)
