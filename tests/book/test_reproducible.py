"""Two builds of the whole book, in *quick* and from two folders, say the same but for timings.

One is the build that ``make test`` has looked at, cold in a fresh clone; the other is made here, without any cache.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HTML = Path(os.environ.get("GROUNDTRUTH_HTML", ROOT / "_build" / "html")).resolve()

pytestmark = [pytest.mark.book, pytest.mark.slow]

TIMINGS = ("seconds", "peak_rss_mb", "executed")


def cold_build(folder: Path) -> Path:
    """Copy what a build reads into a folder, build there without any cache, and return the pages."""
    for name in ("_config.yml", "_toc.yml", "requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("benchmarks", "book", "figures", "slurm"):
        shutil.copytree(ROOT / name, folder / name)
    for name in (
        "src",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "LICENSE-text",
    ):  # for listings and the wheel
        (folder / name).symlink_to(ROOT / name)
    # Without the tests' one thread each: the other build had them all, and sums depend on how they are dealt out.
    own = ("GROUNDTRUTH_", "OMP_NUM_THREADS")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(own)}
    environment["GROUNDTRUTH_PROFILE"] = "quick"
    command = [sys.executable, "-m", "groundtruth.sphinxext.build"]
    ended = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return folder / "_build" / "html"


def said(html: Path) -> dict:
    """What a build says of its chapters, without timings, and the hashes of its figures and notebooks."""
    report = json.loads((html / "build-report.json").read_text(encoding="utf-8"))
    chapters = [{k: v for k, v in chapter.items() if k not in TIMINGS} for chapter in report["chapters"]]
    timed: set[str] = set()
    for chapter in chapters:
        drawn = [f"{chapter['slug']}-{figure['name']}" for figure in chapter["figures"] if figure["timing"]]
        timed.update(f"{name}.{theme}.svg" for name in drawn for theme in ("light", "dark"))
        for kind in ("claims", "records", "figures"):
            chapter[kind] = _rounded([entry for entry in chapter[kind] if not entry["timing"]])
    drawings = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(html.glob("_images/*.svg"))
        if path.name not in timed
    }
    return {
        "chapters": chapters,
        "data": report["data"],
        "notebooks": _notebooks(html),
        "figures": drawings,
    }


def _rounded(said: object) -> object:
    """Drop what lies beyond nine decimals of a value; the texts that the pages show are compared letter by letter.

    A sum in double precision differs in its last digits when threads or the memory it lies in are dealt out
    differently. Seen on a busy machine: a largest difference of 4.18e-12 in one build, of 4.26e-12 in the next.
    """
    if isinstance(said, dict):
        return {key: _rounded(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_rounded(value) for value in said]
    return round(said, 9) if isinstance(said, float) else said


def _notebooks(html: Path) -> dict:
    """The cells of every notebook, without the line that says how long the code ran."""
    found = {}
    for path in sorted(html.glob("notebooks/*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = [line for line in cell["source"] if "the code ran for" not in line]
        found[path.name] = notebook
    return found


def differences(first: object, second: object, where: str = "") -> list[str]:
    """Say in one line each where two values differ: a whole report beside another is too long to read."""
    if isinstance(first, dict) and isinstance(second, dict):
        if set(first) != set(second):
            return [f"{where}: {sorted(set(first) ^ set(second))} on one side only"]
        return [line for key in first for line in differences(first[key], second[key], f"{where}/{key}")]
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        return [
            line
            for number, (one, two) in enumerate(zip(first, second, strict=True))
            for line in differences(one, two, f"{where}/{_name(one, number)}")
        ]
    return [] if first == second else [f"{where}: {str(first)[:300]} | {str(second)[:300]}"]


def _name(entry: object, number: int) -> str:
    """Name an entry of a list by its slug or name, where it has one."""
    named = entry.get("slug") or entry.get("name") if isinstance(entry, dict) else None
    return str(named or number)


def test_a_difference_is_named():
    one = {"chapters": [{"slug": "training", "records": [{"name": "training/rate", "value": 0.1}]}]}
    two = {"chapters": [{"slug": "training", "records": [{"name": "training/rate", "value": 0.2}]}]}
    assert differences(one, one) == []
    assert differences(one, two) == ["/chapters/training/records/training/rate/value: 0.1 | 0.2"]
    assert differences({"a": [1]}, {"a": [1, 2]}) == ["/a: [1] | [1, 2]"]
    assert differences({"a": 1}, {"b": 1}) == [": ['a', 'b'] on one side only"]


def test_only_round_off_is_dropped():
    assert _rounded({"value": 1.25 + 4e-12, "text": "1.2"}) == {"value": 1.25, "text": "1.2"}
    assert _rounded([1.25 + 4e-8]) != [1.25]


def test_two_builds_agree(tmp_path_factory):
    report = HTML / "build-report.json"
    if not report.is_file() or json.loads(report.read_text(encoding="utf-8"))["profile"] != "quick":
        pytest.skip(f"no build in quick in {HTML} to compare with: run 'make test-all'")
    first, second = said(HTML), said(cold_build(tmp_path_factory.mktemp("again")))
    assert first["figures"], "no figure was compared"
    found = differences(first, second)
    assert not found, "\n".join(found[:40])
