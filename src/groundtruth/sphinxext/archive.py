"""The students' archive: every chapter as a notebook, and the package they import, data included, as a wheel."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

NAME = "notebooks.zip"
EPOCH = (2020, 1, 1, 0, 0, 0)
"""The date of every file in the archive: the same content gives the same bytes."""

README = """\
Deep Learning from Ground Truth: the chapters as notebooks
===========================================================

Unpack this archive, keep its files together in one folder, and start JupyterLab or VS Code there:

    python3 -m venv deep-learning
    . deep-learning/bin/activate          (Windows: deep-learning\\Scripts\\activate)
    pip install jupyterlab
    jupyter lab

The first cell of every notebook installs the package 'groundtruth' from the wheel in this folder, if it is missing.
That needs Python 3.11 or newer, and, once, the internet for PyTorch and the other packages it asks for.
After that nothing is downloaded: the data are in the wheel.

Set the environment variable GROUNDTRUTH_PROFILE=quick for short runs; without it, cpu is meant.
Code: MIT licence. Text and figures: CC BY 4.0. Data sets: each its own licence, named on the book's colophon page.
"""


class ArchiveError(RuntimeError):
    """The wheel could not be made."""


def make(html: Path, package: Path, kept: Path) -> Path:
    """Write ``notebooks.zip`` beside the pages and return its path.

    Args:
        html: the built pages, with their ``notebooks`` folder.
        package: the folder of ``pyproject.toml``.
        kept: where the wheel is kept until a source of the package changes.

    Raises:
        ArchiveError: the wheel could not be made; the message is what the packager said.

    """
    wheel = _wheel(package, kept)
    archive = html / NAME
    new = archive.with_suffix(".new")
    with zipfile.ZipFile(new, "w") as bundle:
        _add(bundle, "README.txt", README.encode(), zipfile.ZIP_DEFLATED)
        for path in sorted((html / "notebooks").glob("*.ipynb")):
            _add(bundle, path.name, path.read_bytes(), zipfile.ZIP_DEFLATED)
        _add(bundle, wheel.name, wheel.read_bytes(), zipfile.ZIP_STORED)  # compressed already
    new.replace(archive)
    return archive


def _add(bundle: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, date_time=EPOCH)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    bundle.writestr(entry, content)


def _wheel(package: Path, kept: Path) -> Path:
    """Return the wheel, made anew only if a file of the package has changed."""
    sources = sorted(
        path for path in (package / "src").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    digest = hashlib.sha256()
    for path in (package / "pyproject.toml", *sources):
        digest.update(str(path.relative_to(package)).encode() + path.read_bytes())
    folder = kept / digest.hexdigest()[:16]
    found = next(folder.glob("*.whl"), None)
    if found is not None:
        return found
    for old in kept.glob("*/*.whl"):
        old.unlink()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    ended = subprocess.run(command, cwd=package, check=False, capture_output=True, text=True)
    if ended.returncode:
        raise ArchiveError(f"the wheel for {NAME} could not be made:\n{ended.stdout}{ended.stderr}")
    return next(folder.glob("*.whl"))
