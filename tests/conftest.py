"""What a student has: the unpacked archive, and a fresh environment made from what it says is needed, offline.

Shared by the tests that run notebooks (``tests/book``) and the one that opens JupyterLab (``tests/browser``). The
packages are the ones that are installed here, linked one by one: what the archive's requirements name, and what those
ask for; without the package itself and without the tools of the site. Any connection that would leave the machine
raises.

And a shell, for the tests of what a cell hands over.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
HTML = Path(os.environ.get("GROUNDTRUTH_HTML", ROOT / "_build" / "html")).resolve()

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


def required(file: Path) -> dict[str, str]:
    """Name and version of every line of a requirements file, those of the files that it includes too."""
    found: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found |= required(file.parent / line[3:])
        elif line and not line.startswith("#"):
            name, version = line.split("==")
            found[name] = version
    return found


def installed_with(names: list[str]) -> dict[str, importlib.metadata.Distribution]:
    """What pip would install for these: themselves, and all that they ask for on this system."""
    waiting, found = list(names), {}
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            if name == "setuptools":  # torch asks for it where it compiles; no freeze lists it
                continue
            raise
        for line in found[name].requires or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                waiting.append(need.name)
    return found


@dataclass
class Student:
    """A folder with the unpacked archive, and an environment made for it."""

    folder: Path
    python: Path
    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        """What a program of the student's sees: nothing of this project, a home of its own, one thread."""
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("GROUNDTRUTH_", "PYTHON", "JUPYTER"))
        }
        threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
        return {
            **kept, **threads, "HOME": str(self.home),
            "MPLCONFIGDIR": str(self.home / "matplotlib"), "GROUNDTRUTH_PROFILE": "quick",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1", **more,
        }  # fmt: skip

    def run(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run the student's Python in a folder."""
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=folder or self.folder, env=self.environment(), check=False, capture_output=True, text=True,
        )  # fmt: skip

    def add_kernel(self, folder: Path, name: str) -> None:
        """Let a folder of ``JUPYTER_PATH`` know the student's Python as a kernel."""
        spec = folder / "kernels" / name / "kernel.json"
        spec.parent.mkdir(parents=True)
        argv = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        content = {"argv": argv, "display_name": "Python 3", "language": "python"}
        spec.write_text(json.dumps(content), encoding="utf-8")

    def wheel(self) -> Path:
        return next(self.folder.glob("groundtruth-*.whl"))


def student_in(folder: Path, archive: Path, requirements: str = "requirements.txt") -> Student:
    """Unpack an archive, and make an environment from one of its requirements files."""
    student = Student(folder / "unpacked", folder / "env" / "bin" / "python", folder / "home")
    with zipfile.ZipFile(archive) as bundle:
        bundle.extractall(student.folder)
    pins = required(student.folder / requirements)
    venv.create(folder / "env", with_pip=True)
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    for name, distribution in installed_with(list(pins)).items():
        assert name != "groundtruth", "the package comes as the wheel"
        tops = {Path(file).parts[0] for file in distribution.files or [] if Path(file).parts[0] != ".."}
        for top in tops - {"__pycache__"}:
            origin, target = Path(distribution.locate_file(top)), site / top
            if origin.exists() and not target.exists():
                target.symlink_to(origin)
    (site / "sitecustomize.py").write_text(OFFLINE, encoding="utf-8")
    fonts = (
        HTML.parent / ".matplotlib"
    )  # made by the build: else the first cell that draws would say that it waits
    if fonts.is_dir():
        shutil.copytree(fonts, student.home / "matplotlib")
    return student


@pytest.fixture(scope="session")
def archive() -> Path:
    """The students' archive of the built book."""
    path = HTML / "notebooks.zip"
    if not path.is_file():
        pytest.skip(f"no archive in {HTML}: run 'make test-all', or 'make book' first")
    return path


@pytest.fixture(scope="session")
def student(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Student:
    """A student with the environment that the README describes, but for the package."""
    assert sys.prefix != sys.base_prefix, (
        "run the tests in an environment: it is the one that packages are linked from"
    )
    return student_in(tmp_path_factory.mktemp("student"), archive)


@pytest.fixture(scope="session")
def make_student() -> Callable[..., Student]:
    """Make one more, in a folder, from an archive and one of its requirements files."""
    return student_in


@pytest.fixture
def shell(monkeypatch, tmp_path):
    """An IPython shell in this process whose displays are kept."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    for name in ("displayhook", "excepthook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = CapturingDisplayPublisher(parent=shell)
    yield shell
    shell.restore_sys_module_state()
    InteractiveShell.clear_instance()
