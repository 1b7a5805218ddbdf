"""Results that this build did not compute: runs too long for it, recorded on another machine and shown beside its own.

They lie in ``book/_results/<slug>.json``, one run a profile, with what made them: hardware, versions, commit, date, and
for every claim the number of seeds and their spread. ``{recorded-run}`` shows some of them in a table beside the values
of this build; where nothing is recorded the page says so in one line, so nobody takes one machine's numbers for
another's.

A run is recorded from the report of a build, ``make record CHAPTERS="…"`` after ``make book PROFILE=gpu``, or when
chapters are judged, ``python -m groundtruth.sphinxext.judge --record``. Nothing is recorded that has a false claim.
"""

from __future__ import annotations

import argparse
import datetime
import json
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from groundtruth import profiles
from groundtruth.evidence import as_text
from groundtruth.sphinxext import report
from groundtruth.sphinxext.grammar import INLINE, PageDirective, target_of
from groundtruth.sphinxext.pages import Payload, Shown, page_of
from groundtruth.sphinxext.watched import watch

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from groundtruth.sphinxext.pages import Page

FOLDER = "_results"
SCHEMA = 1
HARDWARE = ("cpu", "cores", "memory_gib", "device")

Run = dict[str, Any]


class RecordedError(ValueError):
    """A run cannot be recorded, or a recorded one cannot be read; the message names the file or the chapter."""


# --- writing ----------------------------------------------------------------------------------------------


def described(evidence: Iterable[Payload], *, profile: str, seconds: float, made: dict[str, Any]) -> Run:
    """Return what a run of one chapter is kept as.

    Args:
        evidence: records, givens, claims and verdicts, in the order of the cells.
        profile: the profile it ran in.
        seconds: of the cells.
        made: ``commit``, ``dirty``, ``started`` and ``machine``, as in a build report.

    Raises:
        RecordedError: the profile does not evaluate training, or a claim is false.

    """
    if not profiles.named(profile).evaluates_training:
        raise RecordedError(
            f"in the profile {profile!r} trained results mean nothing; record a run of cpu or gpu"
        )
    kept = []
    for payload in evidence:
        if payload["kind"] == "given":  # the same wherever it runs
            continue
        one = {"kind": payload["kind"], "name": payload["name"], "timing": payload.get("timing", False)}
        if payload["kind"] == "record":
            kept.append(one | {"value": payload["value"], "text": payload["text"]})
            continue
        if payload.get("holds") is False:
            raise RecordedError(f"claim '{payload['name']}' is false: {payload['statement']}")
        numbers = _differences(payload)
        one |= {key: payload[key] for key in report.JUDGED}
        kept.append(
            one | {"n": len(numbers), "spread": statistics.stdev(numbers) if len(numbers) > 1 else 0.0}
        )
    machine = made["machine"]
    return {
        "profile": profile,
        "date": made["started"][:10],
        "seconds": round(seconds, 1),
        "commit": made["commit"],
        "edited": made["dirty"],
        "hardware": {key: machine[key] for key in HARDWARE},
        "versions": {key: value for key, value in machine.items() if key not in HARDWARE},
        "evidence": kept,
    }


def _differences(payload: Payload) -> list[float]:
    """Return the numbers that were judged, one a seed or case."""
    first, *second = (payload["values"][label] for label in payload["labels"])
    return [a - b for a, b in zip(first, second[0], strict=True)] if second else list(first)


def keep(folder: Path, slug: str, run: Run) -> Path:
    """Write a run beside those of other profiles, in place of an older one of its own, and return the file.

    Raises:
        RecordedError: the file that is there cannot be read.

    """
    path = folder / f"{slug}.json"
    runs = _runs(path, slug) | {run["profile"]: run}
    content = {"schema": SCHEMA, "slug": slug, "runs": dict(sorted(runs.items()))}
    folder.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(path)
    return path


def from_report(content: dict[str, Any], slug: str) -> Run:
    """Return a chapter's run as the report of a build has it.

    Raises:
        RecordedError: the build has no such chapter; and as for `described`.

    """
    chapters = {one["slug"]: one for one in content["chapters"]}
    if slug not in chapters:
        raise RecordedError(f"the build has no chapter '{slug}'; it has: {', '.join(chapters)}")
    chapter = chapters[slug]
    return described(
        [*chapter["records"], *chapter["claims"]],
        profile=content["profile"],
        seconds=chapter["seconds"],
        made=content,
    )


def from_cells(evidence: Sequence[Payload], seconds: float, source: Path) -> Run:
    """Return the run of a chapter whose cells have just run on this machine.

    Raises:
        RecordedError: as for `described`.

    """
    head, dirty = report.commit(source)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    made = {"commit": head, "dirty": dirty, "started": now, "machine": report.machine()}
    return described(evidence, profile=profiles.active().name, seconds=seconds, made=made)


# --- reading ----------------------------------------------------------------------------------------------


def _runs(path: Path, slug: str) -> dict[str, Run]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA or content["slug"] != slug:
            raise KeyError("schema or slug")
        runs: dict[str, Run] = content["runs"]
        for run in runs.values():
            _ = (
                run["profile"],
                run["date"],
                run["commit"],
                run["hardware"]["device"],
                run["versions"]["torch"],
            )
            _ = [one["name"] for one in run["evidence"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordedError(
            f"{path.parent.name}/{path.name} is no file of recorded runs ({error}): record the run anew, or remove it"
        ) from None
    return runs


def read(folder: Path, slug: str, profile: str) -> Run | None:
    """Return the recorded run of a chapter in a profile, or None where there is none.

    Raises:
        RecordedError: there is a file, and it cannot be read.

    """
    return _runs(folder / f"{slug}.json", slug).get(profile)


def outcome(payload: Payload) -> str:
    """Return what came out, for the cell of a table: text of a record; mean, interval, seeds and verdict of a claim."""
    if payload["kind"] == "record":
        return str(payload["text"])
    verdict = "not evaluated in this profile" if payload["verdict"] == "not evaluated" else payload["verdict"]
    if payload["interval"] is None:
        return str(verdict)
    mean, low, high = (as_text(x, payload["spec"]) for x in (payload["mean"], *payload["interval"]))
    spread = statistics.stdev(_differences(payload))
    return (
        f"{mean}, interval {low} to {high}, {len(payload['seeds'])} seeds with a spread of "
        f"{as_text(spread, payload['spec'])}: {verdict}"
    )


def origin(run: Run) -> str:
    """Return the line below a table: where and when the run was made, and of what."""
    edited = " (edited)" if run.get("edited") else ""
    device = run["hardware"]["device"]
    where = run["hardware"]["cpu"] if device == "cpu" else device
    return (
        f"Recorded on {where}, profile {run['profile']}, {run['date']}, commit {run['commit'][:12]}{edited}, "
        f"PyTorch {run['versions']['torch']}; the cells of the chapter took {round(run['seconds']):,} seconds there."
    )


# --- the page ---------------------------------------------------------------------------------------------


class recorded_place(nodes.General, nodes.Element):  # noqa: N801 - docutils names its nodes in lower case
    """Where a recorded run is shown; filled in when the page is resolved. Attributes: ``profile``, ``shown``."""


class RecordedRun(PageDirective):
    """``{recorded-run} gpu``: values of a recorded run beside those of this build; the body is roles, one a line."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the place to fill in."""
        profile = self.arguments[0]
        if profile not in profiles.PROFILES:
            return self.fail(f"unknown profile {profile!r}; choose one of: {', '.join(profiles.PROFILES)}")
        text = "\n".join(self.content)
        found = list(INLINE.finditer(text))
        if not found or INLINE.sub("", text).strip():
            return self.fail("a recorded run lists what it shows, one role a line, such as {claim}`name`")
        page = page_of(self.env)
        shown: list[tuple[str, str]] = []
        for match in found:
            try:
                slug, name = target_of(match[2], self.env.docname)
            except ValueError as error:
                return self.fail(str(error))
            if slug != page.slug:
                return self.fail(
                    f"a recorded run shows evidence of its own page; '{match[2]}' is of '{slug}'"
                )
            page.shown.append(Shown(match[1], slug, name, self.lineno))
            shown.append((match[1], name))
        folder = Path(self.env.srcdir, FOLDER)
        try:
            read(folder, page.slug, profile)
        except RecordedError as error:
            return self.fail(str(error))
        watch(self.env, folder / f"{page.slug}.json")
        return [recorded_place(profile=profile, shown=shown)]


def fill(env: BuildEnvironment, page: Page, place: recorded_place) -> list[nodes.Node]:
    """Return what stands at a place: the table and where its run was made, or that there is none."""
    from groundtruth.sphinxext.resolve import table  # noqa: PLC0415 - resolve fills these places

    profile = place["profile"]
    try:
        run = read(Path(env.srcdir, FOLDER), page.slug, profile)
    except RecordedError:  # reported when the page was read
        run = None
    if run is None:
        note = f"No run of this chapter in the profile {profile} has been recorded yet."
        return [nodes.paragraph("", note, classes=["gt-recorded"])]
    theirs = {one["name"]: one for one in run["evidence"]}
    rows = []
    for _, name in place["shown"]:
        ours = page.evidence.get(name)
        if ours is None:  # already reported
            continue
        other = theirs.get(name)
        words = ours.get("statement") or name.replace("-", " ")
        if other is not None and other.get("statement") != ours.get("statement"):
            other = None  # what was judged there is another claim
        rows.append([words, outcome(ours), "not in that run" if other is None else outcome(other)])
    head = ["what", f"this build, profile {profiles.active().name}", f"recorded, profile {profile}"]
    return [table(head, rows), nodes.paragraph("", origin(run), classes=["gt-recorded"])]


def setup(app: Sphinx) -> None:
    """Register the directive and its place."""
    app.add_node(recorded_place)
    app.add_directive("recorded-run", RecordedRun)


def main(arguments: Sequence[str] | None = None) -> int:
    """Record chapters of the last build; 1 if one cannot be recorded, and then none is."""
    parser = argparse.ArgumentParser(
        prog="python -m groundtruth.sphinxext.recorded", description="Record runs of the last build."
    )
    parser.add_argument("slugs", nargs="+", metavar="SLUG", help="chapters, such as deep-architectures")
    parser.add_argument("--report", type=Path, default=Path("_build/html") / report.NAME)
    parser.add_argument("--into", type=Path, default=Path("book") / FOLDER)
    chosen = parser.parse_args(arguments)
    try:
        if not chosen.report.is_file():
            raise RecordedError(
                f"there is no report of a build in {chosen.report}; run 'make book PROFILE=gpu' first"
            )
        content = json.loads(chosen.report.read_text(encoding="utf-8"))
        runs = {slug: from_report(content, slug) for slug in chosen.slugs}
        for slug, run in runs.items():
            print(f"{keep(chosen.into, slug, run)}: {origin(run)}")
    except RecordedError as error:
        print(f"Not recorded: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
