"""The first cell of every notebook: it sees to it that the package is there, or says which line installs it.

It runs where nothing of ours is installed yet, so it is text here, and only the standard library there.
"""

from __future__ import annotations

EXTRAS = frozenset({"frameworks"})
"""Chapters that need packages which no other chapter needs: the package has an extra of the chapter's name."""

SOURCE = """\
# Installs what this chapter needs, and only where it is missing or of another version: from the wheel that came with
# this notebook, and once from the internet. Everything else in this notebook runs offline.
import importlib
import importlib.metadata
import os
import pathlib
import re
import subprocess
import sys

os.environ.setdefault("GROUNDTRUTH_PROFILE", "cpu")  # as in the book; "quick" is short, "gpu" needs a CUDA device
EXTRA = "{extra}"  # {meaning}


def missing():
    try:
        needs = importlib.metadata.requires("groundtruth") or []
        if importlib.metadata.version("groundtruth") != "{version}":
            return ["groundtruth {version}"]
    except importlib.metadata.PackageNotFoundError:
        return ["groundtruth"]
    names = [re.match(r"[\\w.-]+", need)[0] for need in needs if EXTRA and re.search(f"extra *== *.{{EXTRA}}", need)]
    return [name for name in names if not any(importlib.metadata.distributions(name=name))]


def here():
    return pathlib.Path(globals().get("__vsc_ipynb_file__") or "notebook").resolve().parent


def wheels():
    # Beside the notebook, in a folder above, where Python works (VS Code may tell them apart), where Colab uploads to.
    colab = pathlib.Path("/content")
    places = [here(), *here().parents, pathlib.Path.cwd(), colab, colab / "drive" / "MyDrive"]
    return [place / "{wheel}" for place in places if os.path.isfile(place / "{wheel}")]


if missing():
    extra = f"[{{EXTRA}}]" if EXTRA else ""
    if not wheels():
        raise SystemExit(
            f"Not installed where this notebook runs: {{', '.join(missing())}}.\\n"
            f"The file {wheel} came in notebooks.zip. It is neither in\\n    {{here()}}\\nnor in a folder above.\\n"
            "Put it beside this notebook (on Colab: into the Files panel at the left) and run this cell again,\\n"
            "or run this line in a cell of its own, with the folder where the file is:\\n"
            f'    %pip install "/the/folder/{wheel}{{extra}}"'
        )
    need = f"{{wheels()[0]}}{{extra}}"
    print(f"Installing {{need}} and what it asks for. The first time this takes some minutes: PyTorch is large.")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", need]
    ended = subprocess.run(pip, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode:
        raise SystemExit(
            f"{{ended.stdout[-1500:]}}\\npip could not install {{need}}; above is what it says.\\n"
            "The packages that it asks for come from the internet, once: is this machine online?\\n"
            "Then run this cell again, or run this line in a cell of its own:\\n"
            f'    %pip install "{{need}}"'
        )
    importlib.invalidate_caches()
"""


def first_cell(slug: str, wheel: str) -> str:
    """Return the first cell of a chapter's notebook.

    Args:
        slug: the chapter.
        wheel: file name of the package's wheel.

    """
    extra = slug if slug in EXTRAS else ""
    meaning = (
        "packages that this chapter alone needs" if extra else "this chapter needs no packages of its own"
    )
    return SOURCE.format(extra=extra, wheel=wheel, version=wheel.split("-")[1], meaning=meaning)
