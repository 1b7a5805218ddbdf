"""Builds books on request, each in a process of its own that finds its imports already made.

Three quarters of the time of a small build go into imports. This process makes them once, and forks for every
build: a build can leave nothing behind that the next one would see. ``conftest.py`` starts it and asks it.
"""

import json
import os
import signal
import socket
import sys
from contextlib import suppress

import furo  # noqa: F401
import jupyter_book.sphinx  # noqa: F401
import matplotlib.backends.backend_agg
import matplotlib.backends.backend_svg
import matplotlib.figure  # noqa: F401
import myst_nb.sphinx_ext  # noqa: F401
import sphinx.builders.html
import sphinx.writers.html5
import sphinx.writers.text  # noqa: F401
import sphinx_external_toc  # noqa: F401
import sphinxcontrib.bibtex  # noqa: F401
import torch  # noqa: F401

from groundtruth.data import files
from groundtruth.plotting import style  # noqa: F401
from groundtruth.sphinxext import build


def serve(path: str) -> None:
    """Answer requests at this Unix socket until the process is told to end."""
    for name in files.manifest():
        files.read_set(name)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the builds: the caller hears of them
        print("ready", flush=True)
        while True:
            caller, _ = server.accept()
            with caller:
                if os.fork() == 0:
                    server.close()
                    answer(caller)


def answer(caller: socket.socket) -> None:
    """Build what the caller asks for, and say the exit status; a crash says nothing."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # ignored by what a shell starts in the background
    with caller.makefile(encoding="utf-8") as lines:
        request = json.loads(lines.readline())
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    if files.VARIABLE not in request["environment"]:
        files.read_set = (
            lambda name: {}
        )  # a second a build: `serve` has verified them, and nobody changes them
    status = 1
    with suppress(SystemExit):
        try:
            status = build.main(request["arguments"])
        except BaseException:
            sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    sys.stderr.flush()
    caller.sendall(f"{status}\n".encode())
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
