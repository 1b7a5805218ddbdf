"""Judge chapters without building pages: ``python -m groundtruth.sphinxext.judge SLUG …``, which ``make judge`` calls.

Each chapter's cells run from the first to the last in a kernel of their own, as in the build, without any cache; then
every claim and verdict is printed. For an author who wants to know whether what one chapter says holds, and for
machines on which the whole book in the published profile would take too long.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from groundtruth import profiles
from groundtruth.evidence import BUILD_VARIABLE, MIME
from groundtruth.sphinxext import cores, recorded
from groundtruth.sphinxext.build import isolate
from groundtruth.sphinxext.checks import falsity
from groundtruth.sphinxext.fingerprint import cells_of
from groundtruth.sphinxext.pages import Payload
from groundtruth.sphinxext.resolve import state_of


@dataclass
class Judgement:
    """What the cells of one chapter handed over."""

    slug: str
    seconds: float = 0.0
    """Of the cells, as the report of a build counts them."""
    peak_rss_mb: int = 0
    evidence: list[Payload] = field(default_factory=list)
    """Records, givens, claims and verdicts in the order of the cells."""
    faults: list[str] = field(default_factory=list)
    """What would fail the build: false claims, an error, words on stderr."""


def judge(page: Path, kernels: Path, alone: Collection[str] = ()) -> Judgement:
    """Run the cells of a page and return what they handed over.

    Args:
        page: a chapter, ``<slug>.md``.
        kernels: folder for the settings of the kernels.
        alone: chapters that have all cores in a build; the others have as many threads as there, so that both give
            the same numbers.

    Raises:
        FileNotFoundError: there is no such page; the message lists those with cells.

    """
    if not page.is_file():
        known = ", ".join(sorted(path.stem for path in page.parent.glob("*.md") if _cells(path)))
        raise FileNotFoundError(f"there is no chapter '{page.stem}'; choose from: {known}")
    isolate(kernels)
    os.environ[BUILD_VARIABLE] = uuid.uuid4().hex[:12]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code in _cells(page)])
    result = Judgement(page.stem)
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=None, resources={"metadata": {"path": folder}})
        try:
            client.execute(env=cores.environment_of(cores.threads_of(page.stem, alone, profiles.active())))
        except CellExecutionError as error:
            result.faults.append(f"a cell of '{page.stem}' failed: {error}")
    for output in (output for cell in notebook.cells for output in cell.outputs):
        if output.output_type == "stream" and output.name == "stderr":
            result.faults.append(f"a cell of '{page.stem}' wrote to stderr: {output.text.strip()}")
        payload = output.get("data", {}).get(MIME)
        if payload is None or payload["kind"] == "figure":
            continue
        if payload["kind"] == "cost":
            result.seconds += payload["seconds"]
            result.peak_rss_mb = max(result.peak_rss_mb, payload["peak_rss_mb"])
        else:
            result.evidence.append(payload)
            if payload.get("holds") is False:
                result.faults.append(falsity(page.stem, payload))
    return result


def alone_in(config: Path) -> list[str]:
    """Return the chapters that ``_config.yml`` lets run alone; none where there is no such file."""
    if not config.is_file():
        return []
    read = yaml.safe_load(config.read_text(encoding="utf-8")) or {}
    return list(read.get("sphinx", {}).get("config", {}).get("groundtruth_alone", []))


def _cells(page: Path) -> list[str]:
    return cells_of(page.read_text(encoding="utf-8"))


def told(result: Judgement) -> str:
    """Return a line for each claim and verdict, and the faults below."""
    lines = [f"\n{result.slug}: {result.seconds:.0f} seconds, {result.peak_rss_mb} MB"]
    for payload in result.evidence:
        if payload["kind"] in ("claim", "verdict"):
            _, sign, words = state_of(payload)
            lines.append(f"  {sign} {payload['name']}: {payload['statement']} ({words})")
    return "\n".join([*lines, *(f"  FAULT: {fault}" for fault in result.faults)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; exit status 1 if there is a fault, 2 for a chapter that is not there."""
    parser = argparse.ArgumentParser(
        prog="python -m groundtruth.sphinxext.judge", description="Run chapters and judge their claims."
    )
    parser.add_argument("slugs", nargs="+", metavar="SLUG", help="chapters, such as perceptron")
    parser.add_argument("--source", type=Path, default=Path("book"), help="folder of the pages")
    parser.add_argument("--config", type=Path, default=Path("_config.yml"))
    parser.add_argument("--kept", type=Path, default=Path("_build"), help="folder for what kernels need")
    parser.add_argument(
        "--minutes", type=float, help="start no further chapter after that long; name what is left"
    )
    parser.add_argument("--out", type=Path, help="file to write all evidence to, as JSON")
    parser.add_argument(
        "--record", action="store_true", help="keep the runs beside the pages, which show them as recorded"
    )
    chosen = parser.parse_args(arguments)
    results: list[Judgement] = []
    alone = alone_in(chosen.config)
    started = time.monotonic()
    try:
        profiles.active().device()
        for number, slug in enumerate(chosen.slugs):
            if chosen.minutes is not None and time.monotonic() - started > 60 * chosen.minutes:
                print(f"\nNot judged, for lack of time: {', '.join(chosen.slugs[number:])}.")
                break
            results.append(judge(chosen.source / f"{slug}.md", chosen.kept.resolve(), alone))
            print(told(results[-1]), flush=True)
            if chosen.record and not results[-1].faults:  # at once: the next one may take an hour
                run = recorded.from_cells(results[-1].evidence, results[-1].seconds, chosen.source)
                print(
                    f"  {recorded.keep(chosen.source / recorded.FOLDER, slug, run)}: {recorded.origin(run)}"
                )
    except (FileNotFoundError, profiles.ProfileError, recorded.RecordedError) as error:
        print(f"Not judged: {error}", file=sys.stderr)
        return 2
    if chosen.out:
        everything = {result.slug: result.evidence for result in results}
        chosen.out.write_text(json.dumps(everything, indent=1), encoding="utf-8")
    claims = [p for result in results for p in result.evidence if p["kind"] == "claim"]
    judged = [p for p in claims if p["holds"] is not None]
    faults = sum(len(result.faults) for result in results)
    print(
        f"\nProfile {profiles.active().name}: {sum(p['holds'] for p in judged)} of {len(judged)} claims hold "
        f"({len(claims) - len(judged)} not evaluated in this profile), {faults} faults, "
        f"{sum(result.seconds for result in results):.0f} seconds."
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
