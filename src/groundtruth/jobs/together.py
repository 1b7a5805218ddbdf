"""Start a job as several processes of this machine, and wait for all of them.

Used by the chapter *gpus-and-clusters*. A job is a module with a function ``main()``. Its processes are forked from a
server that has imported the jobs and done nothing else: importing takes seconds, and forking a notebook's kernel, which
has threads, may hang. What the processes write to stderr is shown only where one of them fails; then, or when time is
up, the others are ended.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import multiprocessing
import os
import socket
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Iterator, Mapping
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundtruth.training.team import MEETING_VARIABLE

if (
    TYPE_CHECKING
):  # run in processes, never imported here: named so that a change in one runs the chapter again
    from groundtruth.jobs import clothes, loading, scaling  # noqa: F401
    from groundtruth.scratch import data_parallel  # noqa: F401

__all__ = ["ProcessError", "kill_when", "prepare", "run"]

JOBS = [
    "groundtruth.jobs.clothes",
    "groundtruth.jobs.loading",
    "groundtruth.jobs.scaling",
    "groundtruth.scratch.data_parallel",
    "torch._dynamo",  # the first step of any optimizer imports it, and takes seconds for that
]
"""Imported once, by the server."""


class ProcessError(RuntimeError):
    """One of several processes failed, or they did not end in time; the message says which, and what it said."""


def prepare(*, wait: bool) -> None:
    """Start the server, whose imports take some seconds.

    Args:
        wait: until it has imported everything, so that what is timed next is not disturbed.

    """
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(JOBS)
    with _apart():
        forkserver.ensure_running()
    if wait:
        with _started("groundtruth.jobs.nothing", (), 1, 1, None) as (processes, _):
            processes[0].join()


def run(
    module: str,
    *arguments: str,
    count: int = 1,
    seconds: float = 120,
    threads: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """Run a module's ``main()`` with these arguments in ``count`` processes at once, and return what each printed.

    Each finds in its environment what ``torchrun`` would have put there (``RANK``, ``LOCAL_RANK``, ``WORLD_SIZE``), and
    a file to meet the others in place of an address.

    Args:
        module: full name of a module.
        arguments: the same for each.
        count: how many processes; a single one is not told of any team.
        seconds: time limit for all of them.
        threads: threads of each; an equal share of the machine's cores without it.
        environment: variables that differ from ours.

    Raises:
        ValueError: fewer than one process.
        ProcessError: one ended with an error, or they were not done in time.

    """
    with _started(module, arguments, count, threads, environment) as (processes, folder):
        deadline = time.monotonic() + seconds
        while any(process.exitcode is None for process in processes):
            if any(process.exitcode for process in processes) or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        codes = [process.exitcode for process in processes]
        for rank, code in enumerate(codes):
            if code:
                said = _end_of(folder / f"{rank}.err")
                raise ProcessError(f"process {rank} of {count} ({module}) failed with status {code}:\n{said}")
        for rank, code in enumerate(codes):
            if code is None:
                said = _end_of(folder / f"{rank}.err")
                raise ProcessError(
                    f"process {rank} of {count} ({module}) had not ended after {seconds:g} s and was stopped. Does it "
                    f"wait for one that never came?\n{said}"
                )
        return [(folder / f"{rank}.out").read_text(encoding="utf-8") for rank in range(count)]


def kill_when(
    there: Path,
    module: str,
    *arguments: str,
    seconds: float = 120,
    threads: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Start a job as one process, and kill it, by the signal that nobody can catch, as soon as a file is there.

    Raises:
        ProcessError: the process ended by itself, or the file was not there in time.

    """
    with _started(module, arguments, 1, threads, environment) as ((process,), folder):
        deadline = time.monotonic() + seconds
        while not there.exists():
            if process.exitcode is not None or time.monotonic() > deadline:
                why = "ended by itself" if process.exitcode is not None else f"took more than {seconds:g} s"
                raise ProcessError(f"{module} {why} before {there} was there:\n{_end_of(folder / '0.err')}")
            time.sleep(0.005)
        process.kill()
        process.join()
        if process.exitcode == 0:
            raise ProcessError(f"{module} was done before it could be killed: give it more to do")


@contextlib.contextmanager
def _started(
    module: str,
    arguments: tuple[str, ...],
    count: int,
    threads: int | None,
    environment: Mapping[str, str] | None,
) -> Iterator[tuple[list[Any], Path]]:
    """Start the processes, and leave none of them running."""
    if count < 1:
        raise ValueError(f"count must be at least 1; got {count}")
    each = threads or max(1, (os.cpu_count() or 1) // count)
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(JOBS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        processes = []
        try:
            for rank in range(count):
                process = server.Process(
                    target=_child,
                    args=(
                        module,
                        arguments,
                        _environment(rank, count, each, folder) | dict(environment or {}),
                        each,
                        folder / str(rank),
                    ),
                )
                with _apart():
                    process.start()
                processes.append(process)
            yield processes, folder
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.join(2)
                if process.exitcode is None:
                    process.kill()
                    process.join()


@contextlib.contextmanager
def _apart() -> Iterator[None]:
    """Start the server, where it does not run yet, without a second thread in it, and processes without our script.

    A new process would else import the script that starts it, and so run it once more.
    """
    kept, main = os.environ.get("OPENBLAS_NUM_THREADS"), sys.modules["__main__"]
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        if kept is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = kept


def _environment(rank: int, count: int, threads: int, folder: Path) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "MASTER_"))}
    given |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads))
    if count > 1:
        given |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(count)}
        given |= {"LOCAL_WORLD_SIZE": str(count), MEETING_VARIABLE: str(folder / "meeting")}
        # They talk by the machine's own loop, also where its name leads nowhere.
        loops = [name for _, name in socket.if_nameindex() if name.startswith("lo")]
        if loops:
            given.setdefault("GLOO_SOCKET_IFNAME", loops[0])
    return given


def _child(
    module: str, arguments: tuple[str, ...], environment: dict[str, str], threads: int, said: Path
) -> None:
    """Be one of the processes: its own environment, arguments and files in place of the terminal."""
    for stream, number in (("out", 1), ("err", 2)):
        target = os.open(f"{said}.{stream}", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(target, number)
        os.close(target)
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(open(number, "wb", buffering=0, closefd=False), encoding="utf-8", write_through=True)  # noqa: SIM115
        for number in (1, 2)
    )
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [module, *arguments]
    import torch  # noqa: PLC0415 - the server has it; the module that starts processes need not wait for it

    torch.set_num_threads(threads)
    try:
        importlib.import_module(module).main()
    except Exception:
        traceback.print_exc()
        os._exit(1)


def _end_of(path: Path) -> str:
    if not path.is_file():
        return "(it said nothing)"
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-12:])
