"""The student's notebooks, run as a student would: outside the repository, in a fresh environment, offline.

The environment holds what the wheel asks for and nothing else: the packages are the ones that are installed here,
linked one by one, without the package itself and without the tools of the site. Any connection that would leave the
machine raises.
"""

import functools
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from groundtruth.sphinxext.notebooks import EXTRAS

ROOT = Path(__file__).parents[2]
HTML = Path(os.environ.get("GROUNDTRUTH_HTML", ROOT / "_build" / "html")).resolve()

pytestmark = [pytest.mark.book, pytest.mark.slow]

OFFLINE = '''
"""Nothing here may leave the machine."""
import socket

_connect, _resolve = socket.socket.connect, socket.getaddrinfo


def _check(host):
    if host not in ("localhost", "127.0.0.1", "::1", "", None) and not str(host).startswith("127."):
        raise OSError(f"the network is closed: {host}")


def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6):
        _check(address[0])
    return _connect(self, address)


def getaddrinfo(host, *rest, **named):
    _check(host)
    return _resolve(host, *rest, **named)


socket.socket.connect, socket.getaddrinfo = connect, getaddrinfo
'''


def slugs() -> list[str]:
    """Every notebook of the site, as a student downloads it."""
    return sorted(path.stem for path in (HTML / "notebooks").glob("*.ipynb"))


def run_time_distributions(extra: str) -> list[importlib.metadata.Distribution]:
    """What the package asks for, with an extra of its own or without, directly or through others."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [re.match(r"[\w.-]+", need)[0] for need in project["optional-dependencies"].get(extra, [])]
    waiting, seen = ["groundtruth", *extras], {}
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        try:
            seen[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            seen[name] = None  # asked for on another system only
            continue
        for requirement in seen[name].requires or []:
            if "extra ==" not in requirement:
                waiting.append(re.match(r"[\w.-]+", requirement)[0])
    return [found for name, found in seen.items() if found is not None and name != "groundtruth"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The package as students get it, data included."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        ROOT,
    ]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return next(folder.glob("groundtruth-*.whl"))


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> Path:
    """The Python of a fresh environment, offline."""
    return environment(tmp_path_factory.mktemp("fresh") / "env")


def environment(folder: Path, extra: str = "") -> Path:
    """Make a fresh environment, offline, and return its Python."""
    venv.create(folder, with_pip=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    for distribution in run_time_distributions(extra):
        tops = {Path(file).parts[0] for file in distribution.files or [] if Path(file).parts[0] != ".."}
        for top in tops - {"__pycache__"}:
            origin, target = Path(distribution.locate_file(top)), site / top
            if origin.exists() and not target.exists():
                target.symlink_to(origin)
    (site / "sitecustomize.py").write_text(OFFLINE, encoding="utf-8")
    return folder / "bin" / "python"


@pytest.fixture(scope="module")
def pythons(fresh, tmp_path_factory):
    """Return the Python of a fresh environment, with what a chapter's extra asks for."""
    made = functools.cache(lambda extra: environment(tmp_path_factory.mktemp(extra) / "env", extra))
    return lambda extra: made(extra) if extra else fresh


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """Return the name of a kernel that runs on a Python."""
    folder = tmp_path_factory.mktemp("jupyter")

    def name_of(python: Path) -> str:
        name = hashlib.sha256(str(python).encode()).hexdigest()[:8]
        spec = folder / "kernels" / name / "kernel.json"
        spec.parent.mkdir(parents=True, exist_ok=True)
        argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        spec.write_text(
            json.dumps({"argv": argv, "display_name": name, "language": "python"}), encoding="utf-8"
        )
        return name

    os.environ["JUPYTER_PATH"] = str(folder)
    yield name_of
    del os.environ["JUPYTER_PATH"]


@pytest.fixture(scope="module")
def kernel(fresh, kernels) -> str:
    """The name of a kernel in the fresh environment."""
    return kernels(fresh)


def execute(notebook: nbformat.NotebookNode, kernel: str, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook in a folder, in *quick*, as a person's run rather than a build."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GROUNDTRUTH_", "PYTHON"))}
    environment["GROUNDTRUTH_PROFILE"] = "quick"
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"  # it would try a closed network again and again
    client = NotebookClient(
        notebook, kernel_name=kernel, timeout=300, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=environment)
    return notebook


def test_the_network_of_the_fresh_environment_is_closed(fresh):
    code = "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=3)"
    ended = subprocess.run([fresh, "-c", code], check=False, capture_output=True, text=True)
    assert "the network is closed" in ended.stderr


def test_the_fresh_environment_has_neither_the_package_nor_the_tools_of_the_site(fresh):
    for module in ("groundtruth", "sphinx", "myst_nb"):
        assert (
            subprocess.run([fresh, "-c", f"import {module}"], check=False, capture_output=True).returncode
            != 0
        )


@pytest.mark.parametrize("slug", slugs() or ["none"])
def test_notebook_runs_from_top_to_bottom(slug, wheel, pythons, kernels, tmp_path):
    if slug == "none":
        pytest.skip(f"no notebooks in {HTML}: run 'make test-all'")
    fresh = pythons(slug if slug in EXTRAS else "")
    shutil.copy(wheel, tmp_path)
    subprocess.run([fresh, "-m", "pip", "uninstall", "--quiet", "--yes", "groundtruth"], check=True)
    notebook = nbformat.read(HTML / "notebooks" / f"{slug}.ipynb", as_version=4)
    execute(notebook, kernels(fresh), tmp_path)
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output.text for output in outputs if output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs), "no figure was shown"
    assert sorted(path.name for path in tmp_path.iterdir()) == [wheel.name], "the notebook wrote files"
    last = notebook.cells[-1].outputs[0].text
    assert "here" in last.splitlines()[0]
    assert " – " not in last, "a value of the book was not computed here"


def test_without_the_wheel_the_first_cell_says_what_to_do(fresh, kernel, tmp_path):
    if not slugs():
        pytest.skip(f"no notebooks in {HTML}: run 'make test-all'")
    subprocess.run([fresh, "-m", "pip", "uninstall", "--quiet", "--yes", "groundtruth"], check=True)
    notebook = nbformat.read(HTML / "notebooks" / f"{slugs()[0]}.ipynb", as_version=4)
    with pytest.raises(CellExecutionError, match="wheel is not in this folder"):
        execute(notebook, kernel, tmp_path)
