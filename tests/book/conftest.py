"""A bench to build small books on: copies of the fixture, a warmed cache, and builds that share nothing."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

HERE = Path(__file__).parent
FIXTURE = HERE / "fixture"
KEPT = (".jupyter_cache", ".diagrams", ".matplotlib")
"""What a build may find from builds before: what ran, what was drawn, and the list of fonts."""

COLOUR = re.compile(r"\x1b\[[\d;]*m")


@dataclass
class Build:
    """How a build ended."""

    status: int
    output: str
    report: dict | None

    def executed(self) -> list[str]:
        """Slugs of the chapters whose cells ran."""
        return [chapter["slug"] for chapter in self.report["chapters"] if chapter["executed"]]

    def chapter(self, slug: str) -> dict:
        return next(chapter for chapter in self.report["chapters"] if chapter["slug"] == slug)

    def text(self, slug: str, name: str) -> str:
        """What the prose shows for a record."""
        return next(record["text"] for record in self.chapter(slug)["records"] if record["name"] == name)


class Book:
    """A copy of the fixture book in a folder of its own."""

    def __init__(self, folder: Path, server: Path, warm: "Book | None" = None) -> None:
        self.folder = folder
        self.server = server
        self.out = folder / "_build"
        shutil.copytree(FIXTURE, folder)
        if warm is not None:
            for name in KEPT:
                shutil.copytree(warm.out / name, self.out / name)

    def read(self, file: str) -> str:
        return (self.folder / file).read_text(encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def swap(self, file: str, old: str, new: str) -> None:
        """Replace what stands exactly once in a file."""
        text = self.read(file)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        self.write(file, text.replace(old, new))

    def page(self, name: str) -> str:
        return (self.out / "html" / f"{name}.html").read_text(encoding="utf-8")

    def arguments(self) -> list[str]:
        return [
            "--source", str(self.folder / "book"), "--config", str(self.folder / "_config.yml"),
            "--toc", str(self.folder / "_toc.yml"), "--out", str(self.out),
        ]  # fmt: skip

    def environment(self, chosen: dict[str, str]) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GROUNDTRUTH_")}
        return {**kept, "NO_COLOR": "1", "TERM": "dumb", **chosen}

    def build(self, **environment: str) -> Build:
        """Build it in a process that is forked from one with the imports made."""
        log = self.folder / "log.txt"
        request = {
            "arguments": self.arguments(),
            "environment": self.environment(environment),
            "folder": str(self.folder),
            "log": str(log),
        }
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(str(self.server))
            caller.sendall(json.dumps(request).encode() + b"\n")
            with caller.makefile(encoding="utf-8") as answer:
                said = answer.readline()
        output = COLOUR.sub("", log.read_text(encoding="utf-8"))
        assert said, f"the build died:\n{output}"
        return Build(int(said), output, self._report())

    def command(self, **environment: str) -> Build:
        """Build it as a person does, by the command."""
        done = subprocess.run(
            [sys.executable, "-m", "groundtruth.sphinxext.build", *self.arguments()],
            env=self.environment(environment), cwd=self.folder, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return Build(done.returncode, COLOUR.sub("", done.stdout), self._report())

    def start(self, **environment: str) -> "Running":
        """Begin to build it, to be killed or watched."""
        return Running(self, environment)

    def _report(self) -> dict | None:
        path = self.out / "html" / "build-report.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


class Running:
    """A build at work, forked as by :meth:`Book.build`."""

    def __init__(self, book: Book, environment: dict[str, str]) -> None:
        self.book = book
        self.log = book.folder / "log.txt"
        for left in (self.log, book.out / ".lock"):
            left.unlink(missing_ok=True)
        pool = ThreadPoolExecutor(1)
        self.outcome = pool.submit(book.build, **environment)
        pool.shutdown(wait=False)

    def until(self, words: str) -> "Running":
        """Wait until it has said something."""
        deadline = time.monotonic() + 120
        while words not in (said := self.log.read_text(encoding="utf-8") if self.log.exists() else ""):
            assert time.monotonic() < deadline, f"never said {words!r}:\n{said}"
            assert not self.outcome.done(), f"ended and never said {words!r}:\n{said}"
            time.sleep(0.01)
        return self

    @property
    def process(self) -> psutil.Process:
        """The process that builds; its kernels are its children."""
        return psutil.Process(int(re.search(r"process (\d+)", (self.book.out / ".lock").read_text())[1]))

    def send(self, number: signal.Signals) -> list[psutil.Process]:
        """Send it a signal, and return the processes that it had started."""
        process = self.process
        kernels = process.children(recursive=True)
        process.send_signal(number)
        return kernels

    def result(self) -> Build:
        return self.outcome.result(timeout=120)


@pytest.fixture(scope="session")
def server():
    """Where the build server listens."""
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket must be short
        path = Path(folder) / "socket"
        process = subprocess.Popen(
            [sys.executable, str(HERE / "build_server.py"), str(path)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "ready\n"
        yield path
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def warm(server, tmp_path_factory):
    """The fixture book, built once from nothing. Do not edit it: copy it by ``book``."""
    book = Book(tmp_path_factory.mktemp("warm") / "book", server)
    built = book.build()
    assert built.status == 0, built.output
    book.first = built
    return book


@pytest.fixture
def book(server, warm, tmp_path):
    """A copy of the fixture book to spoil, beside a warmed execution cache."""
    return Book(tmp_path / "book", server, warm)


@pytest.fixture(scope="session")
def new_book(server, warm, tmp_path_factory):
    """Make copies of the fixture book, each with a copy of the warmed execution cache."""

    def make(name: str) -> Book:
        return Book(tmp_path_factory.mktemp(name) / "book", server, warm)

    return make
