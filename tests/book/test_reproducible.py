"""Two cold builds of the whole book, in *quick* and from two folders, say the same but for timings."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.book, pytest.mark.slow]

TIMINGS = ("seconds", "peak_rss_mb", "executed")


def cold_build(folder: Path) -> Path:
    """Copy what a build reads into a folder, build there without any cache, and return the pages."""
    for name in ("_config.yml", "_toc.yml", "requirements.txt"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("book", "figures"):
        shutil.copytree(ROOT / name, folder / name)
    for name in (
        "src",
        "pyproject.toml",
        "README.md",
        "LICENSE",
        "LICENSE-text",
    ):  # for listings and the wheel
        (folder / name).symlink_to(ROOT / name)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GROUNDTRUTH_")}
    environment["GROUNDTRUTH_PROFILE"] = "quick"
    command = [sys.executable, "-m", "groundtruth.sphinxext.build"]
    ended = subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return folder / "_build" / "html"


def said(html: Path) -> dict:
    """What a build says of its chapters, without timings, and the hashes of its figures and notebooks."""
    report = json.loads((html / "build-report.json").read_text(encoding="utf-8"))
    chapters = [{k: v for k, v in chapter.items() if k not in TIMINGS} for chapter in report["chapters"]]
    for chapter in chapters:
        chapter["claims"] = _rounded(chapter["claims"])
        chapter["records"] = [record for record in chapter["records"] if not record["timing"]]
    drawings = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(html.glob("_images/*.svg"))
    }
    return {
        "chapters": chapters,
        "data": report["data"],
        "notebooks": _notebooks(html),
        "figures": drawings,
    }


def _rounded(said: object) -> object:
    """Drop what lies beyond nine decimals of a claim's values, and of nothing else.

    A claim that two ways give the same shows their difference, which is round-off: threads add in any order.
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


def test_two_cold_builds_agree(tmp_path_factory):
    first, second = (said(cold_build(tmp_path_factory.mktemp(name))) for name in ("one", "two"))
    assert first["figures"], "no figure was compared"
    for what in first:
        assert first[what] == second[what], what
