"""What students and instructors unpack: every chapter as a notebook, and the package they import, data included."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from groundtruth.sphinxext import pins
from groundtruth.sphinxext.first_cell import EXTRAS
from groundtruth.sphinxext.report import NAME as REPORT

NAME = "notebooks.zip"
INSTRUCTORS = "instructors.zip"
"""With solutions: beside the folder of the pages and not in it, so that publishing the pages does not publish it."""
EPOCH = (2020, 1, 1, 0, 0, 0)
"""The date of every file in the archive: the same content gives the same bytes."""

README = """\
Deep Learning from Ground Truth: the chapters as notebooks
===========================================================
{whose}
Unpack this archive and keep its files together in one folder. You need Python 3.11 or newer. Open a terminal in that
folder, and give these commands:

    python3 -m venv deep-learning
    . deep-learning/bin/activate          (Windows: py -m venv deep-learning, then deep-learning\\Scripts\\activate)
    pip install jupyterlab -r requirements.txt {wheel}
    jupyter lab

The third line needs the internet, once, and takes some minutes, because PyTorch is large. After that nothing is
downloaded: the data are in the package '{wheel}'.

In JupyterLab open a chapter and choose Run > Run All Cells. VS Code (extensions Python and Jupyter) and the classic
notebook work as well: choose the environment 'deep-learning' as the kernel. On Colab, upload the notebook, and drop
the package, the file that ends in .whl, into the Files panel before you run the first cell.

The first cell of every notebook installs the package where it is missing, and says what to do where it cannot.
{extras}
How much work a run does, and where, is told by the environment variable GROUNDTRUTH_PROFILE, or in the first cell:

    quick   everything in short, to see that it runs; trained results mean nothing
    cpu     as in the book (this is meant where nothing is said)
    gpu     bigger networks and longer runs on a CUDA device

    Linux, macOS:   GROUNDTRUTH_PROFILE=quick jupyter lab
    Windows:        set "GROUNDTRUTH_PROFILE=quick" && jupyter lab

The chapters, in the order of the book:

{chapters}
Exercises are cells for you to fill in; check(...) says whether the answer is right, or what is wrong with it. The last
cell prints your values beside the book's.

Code: MIT licence. Text and figures: CC BY 4.0. Data sets: each its own licence, named on the book's colophon page.
"""
EXTRA_LINE = """
The chapter '{slug}' alone needs more. Before you open it:   pip install -r requirements-{slug}.txt
"""
SOLUTIONS = """
FOR INSTRUCTORS: these notebooks hold the solutions. The students' archive is notebooks.zip.
"""

HEAD = """\
# What the notebooks need, in the versions that the book was built and tested with. The package itself is the wheel
# in this folder.
"""
EXTRA_HEAD = "# What the chapter '{slug}' needs besides.\n"


class ArchiveError(RuntimeError):
    """The wheel could not be made, or the lock does not say what students have to install."""


def make(html: Path, package: Path, kept: Path) -> Path:
    """Write ``notebooks.zip`` beside the pages, and the instructors' beside their folder; return the students'.

    Args:
        html: the built pages, with their report and ``notebooks``; the instructors' folder is beside it.
        package: the folder of ``pyproject.toml`` and of the lock, ``requirements.txt``.
        kept: where the wheel and the pins are kept until a source of the package or the lock changes.

    Raises:
        ArchiveError: the wheel could not be made, the message is what the packager said; or a package has no pin.

    """
    folder = _package(package, kept)
    wheel = next(folder.glob("*.whl"))
    report = json.loads((html / REPORT).read_text(encoding="utf-8"))
    chapters = "".join(f"    {one['slug'] + '.ipynb':<34}{one['title']}\n" for one in report["chapters"])
    extras = "".join(EXTRA_LINE.format(slug=slug) for slug in sorted(EXTRAS))
    parts = {"wheel": wheel.name, "extras": extras, "chapters": chapters}
    solved = README.format(**parts, whose=SOLUTIONS)
    _pack(html.parent / INSTRUCTORS, html.parent / "instructors", folder, solved)
    return _pack(html / NAME, html / "notebooks", folder, README.format(**parts, whose=""))


def _pack(archive: Path, notebooks: Path, folder: Path, readme: str) -> Path:
    """Write one archive, unless the one that is there holds just this."""
    content = [("README.txt", readme.encode())]
    beside = [*notebooks.glob("*.ipynb"), *folder.glob("*.txt"), *folder.glob("*.whl")]
    content += [(path.name, path.read_bytes()) for path in sorted(beside, key=lambda path: path.name)]
    mark = _digest(content)
    if archive.exists():
        with zipfile.ZipFile(archive) as old:
            if old.comment == mark:
                return archive
    new = archive.with_suffix(".new")
    with zipfile.ZipFile(new, "w") as bundle:
        for name, data in content:
            entry = zipfile.ZipInfo(name, date_time=EPOCH)
            # A wheel is compressed already.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, data)
        bundle.comment = mark
    new.replace(archive)
    return archive


def _digest(content: Iterable[tuple[str, bytes]]) -> bytes:
    digest = hashlib.sha256()
    for name, data in content:
        digest.update(f"{name} {len(data)} ".encode() + data)
    return digest.hexdigest().encode()


def _package(package: Path, kept: Path) -> Path:
    """Return the folder of wheel and pins, made anew only if the lock or a file of the package has changed."""
    sources = sorted(
        path for path in (package / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    digest = hashlib.sha256()
    for path in (package / "pyproject.toml", package / "requirements.txt", *sources):
        digest.update(str(path.relative_to(package)).encode() + path.read_bytes())
    whole = kept / digest.hexdigest()[:16]
    if whole.is_dir():
        return whole
    if kept.is_dir():
        shutil.rmtree(kept)
    folder = kept / "unfinished"  # it gets its name when all is in it: a build may be killed, and a disk full
    folder.mkdir(parents=True)
    try:
        needed = pins.run_time(package)
        (folder / "requirements.txt").write_text(HEAD + pins.as_lines(needed), encoding="utf-8")
        for extra in sorted(EXTRAS):
            more = {n: v for n, v in pins.run_time(package, extra).items() if n not in needed}
            text = EXTRA_HEAD.format(slug=extra) + "-r requirements.txt\n" + pins.as_lines(more)
            (folder / f"requirements-{extra}.txt").write_text(text, encoding="utf-8")
    except pins.PinError as error:
        raise ArchiveError(str(error)) from error
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    ended = subprocess.run(command, cwd=package, check=False, capture_output=True, text=True)
    if ended.returncode:
        raise ArchiveError(f"the wheel for {NAME} could not be made:\n{ended.stdout}{ended.stderr}")
    return folder.rename(whole)
