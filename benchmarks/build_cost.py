"""What building the book costs, in quick: cold, unchanged, after an edit, and for each chapter more.

    python benchmarks/build_cost.py [--rounds 2] [--quick] [--json PATH]

Everything is built in copies of the tree that are thrown away, each build by a process of its own. First the whole
book: *cold* (nothing kept from before), *unchanged*, *prose* (a sentence more in one chapter) and *module* (a line more
in a module that this chapter runs). Cold is measured once, the others once a round.

Then books of nothing but generated chapters (`make chapter`) and the appendices that they link to, cold: what a chapter
costs is the slope of the line through 4, 16 and 64 of them, and the intercept is what a build costs before its first
chapter. These books pack no archive of notebooks. Chapters run two at a time, as in ``make book``.

Seconds are those of the whole process. Memory is read five times a second: the most that the building process held,
and the most that it and its kernels held together (what they share counts for each). ``--quick`` builds books of one
and two generated chapters, and takes the one for the whole.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import yaml

from groundtruth.sphinxext.report import NAME
from shared import report

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "_build", "node_modules", "__pycache__", ".*_cache", "dist", "tests"
)
APPENDICES = ("appendix/glossary", "appendix/bibliography", "appendix/colophon")
SIZES = (4, 16, 64)
EVERY = 0.2
"""Seconds between two looks at the memory."""


class BuildError(RuntimeError):
    """A build did not come to a good end; the message is the end of what it said."""


def copy_tree(folder: Path) -> Path:
    """Copy what a build of the book needs, and return where it is."""
    return Path(shutil.copytree(report.ROOT, folder, ignore=LEFT_OUT))


def tool() -> Any:
    """Return the module behind ``make chapter``."""
    spec = importlib.util.spec_from_file_location("new_chapter", report.ROOT / "tools" / "new_chapter.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def slugs(count: int) -> list[str]:
    """Return names for generated chapters."""
    return [f"generated-{number:02d}" for number in range(1, count + 1)]


def small_book(root: Path, count: int) -> None:
    """Make the copy in ``root`` a book of so many generated chapters; more can be added later."""
    made = tool()
    for slug in slugs(count):
        for path, text in made.files_of(slug).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
    (root / "book" / "index.md").write_text("# A book of generated chapters\n\nRead it.\n", encoding="utf-8")
    pages = [{"file": page} for page in (*slugs(count), *APPENDICES)]
    toc = {"format": "jb-book", "root": "index", "chapters": pages}
    (root / "_toc.yml").write_text(yaml.safe_dump(toc), encoding="utf-8")
    config = (root / "_config.yml").read_text(encoding="utf-8")
    (root / "_config.yml").write_text(config.replace("groundtruth_archive: true", ""), encoding="utf-8")


class Watch(threading.Thread):
    """Looks at the memory of a process and of those it started, until told to stop."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process = psutil.Process(process)
        self.alone = 0
        self.together = 0
        self._over = threading.Event()

    def run(self) -> None:
        """Look, and look again."""
        while not self._over.wait(EVERY):
            with contextlib.suppress(psutil.Error):
                alone = self.process.memory_info().rss
                together = alone
                for child in self.process.children(recursive=True):
                    with contextlib.suppress(psutil.Error):
                        together += child.memory_info().rss
                self.alone, self.together = max(self.alone, alone), max(self.together, together)

    def stop(self) -> None:
        """End."""
        self._over.set()
        self.join()


def build(root: Path) -> dict[str, Any]:
    """Build the book in ``root`` once; return seconds, MiB, and how many chapters ran.

    Raises:
        BuildError: it failed.

    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GROUNDTRUTH_")}
    environment = {**kept, "GROUNDTRUTH_PROFILE": "quick", "PYTHONPATH": str(root / "src"), "NO_COLOR": "1"}
    with (root / "build.log").open("w+", encoding="utf-8") as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "groundtruth.sphinxext.build"],
            cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        watch = Watch(process.pid)
        watch.start()
        try:
            status = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
            watch.stop()
        seconds = time.perf_counter() - begun
        if status:
            log.seek(0)
            raise BuildError("\n".join(log.read().splitlines()[-25:]))
    chapters = json.loads((root / "_build" / "html" / NAME).read_text(encoding="utf-8"))["chapters"]
    return {
        "seconds": seconds,
        "mib": watch.alone / 2**20,
        "mib_together": watch.together / 2**20,
        "chapters": len(chapters),
        "executed": sum(chapter["executed"] for chapter in chapters),
    }


def edit_prose(root: Path, slug: str) -> None:
    """Add a sentence to the end of a chapter."""
    with (root / "book" / f"{slug}.md").open("a", encoding="utf-8") as page:
        page.write("\nOne more sentence, which changes nothing that runs.\n")


def edit_module(root: Path, slug: str) -> None:
    """Add a line to the module of a chapter's idea."""
    with (root / "src/groundtruth/scratch" / f"{slug.replace('-', '_')}.py").open(
        "a", encoding="utf-8"
    ) as module:
        module.write("# One more line, which changes nothing that it does.\n")


def together(what: str, runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one row for builds of one kind."""
    row: dict[str, Any] = {"build": what, "chapters": runs[-1]["chapters"], "executed": runs[-1]["executed"]}
    return row | {
        key: report.spread([run[key] for run in runs]) for key in ("seconds", "mib", "mib_together")
    }


def whole_book(root: Path, slug: str, rounds: int) -> list[dict[str, Any]]:
    """Build the book in ``root`` cold, and again after each kind of change; return a row a kind."""
    rows = [together("cold", [build(root)])]
    kinds = {"unchanged": None, "prose": edit_prose, "module": edit_module}
    runs: dict[str, list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, edit in kinds.items():
            if edit is not None:
                edit(root, slug)
            runs[kind].append(build(root))
    return rows + [together(kind, found) for kind, found in runs.items()]


def a_chapter_more(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return slope and intercept over the number of generated chapters, of seconds and of memory."""
    counts = [row["generated"] for row in rows]
    lines = {
        key: report.line(counts, [row[key]["median"] for row in rows])
        for key in ("seconds", "mib", "mib_together")
    }
    return {key: {"a_chapter": slope, "before_the_first": start} for key, (slope, start) in lines.items()}


def numbers(cost: dict[str, float], slope: int, intercept: int) -> list[str]:
    """Return slope and intercept for a table, with so many digits."""
    return [report.number(cost["a_chapter"], slope), report.number(cost["before_the_first"], intercept)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, print the tables, and write the numbers."""
    chosen = report.read(report.options(__doc__, rounds=2, what="builds after each kind of edit"), arguments)
    sizes = (1, 2) if chosen.quick else SIZES
    made = report.Report("build_cost", chosen, ("jupyter-book", "psutil"), in_turns=False, sizes=list(sizes))
    made.begin()
    with tempfile.TemporaryDirectory() as name:
        tree = copy_tree(Path(name, "whole"))
        slug = "perceptron"
        if chosen.quick:
            small_book(tree, 1)
            (slug,) = slugs(1)
        made.rows = whole_book(tree, slug, chosen.rounds)
        shutil.rmtree(tree)
        ladder = []
        for size in sizes:
            tree = copy_tree(Path(name, f"of-{size}"))
            small_book(tree, size)
            ladder.append({**together("generated", [build(tree)]), "generated": size})
            shutil.rmtree(tree)
    made.rows += ladder
    made.head["a_chapter_more"] = a_chapter_more(ladder)
    made.show(
        "What a build takes, in the profile quick",
        ["build", "chapters run", "seconds", "MiB, build", "MiB, with kernels"],
        [
            [
                f"{row['generated']} generated, cold" if "generated" in row else f"book, {row['build']}",
                f"{row['executed']} of {row['chapters']}",
                report.quantity(row["seconds"], 1),
                report.number(row["mib"]["max"], 0),
                report.number(row["mib_together"]["max"], 0),
            ]
            for row in made.rows
        ],
        f"Cold builds were made once, the others {report.counted(chosen.rounds, 'time')}: seconds are medians, in "
        "brackets their range. Memory is the most of any of them.",
    )
    costs = made.head["a_chapter_more"]
    made.show(
        "A chapter more",
        ["what", "each chapter", "before the first"],
        [
            ["seconds", *numbers(costs["seconds"], 2, 1)],
            ["MiB, build", *numbers(costs["mib"], 1, 0)],
            ["MiB, with kernels", *numbers(costs["mib_together"], 1, 0)],
        ],
        f"Slope and intercept of the line through {len(ladder)} books of generated chapters, each built once.",
    )
    made.end()


if __name__ == "__main__":
    main()
