"""Run the chapters whose outputs are not in the execution cache, before Sphinx reads any page.

Sphinx reads one page after another, and myst-nb runs a page's cells when it reads it. Here they run first, two chapters
at a time where that is faster, and what they give goes into the cache that myst-nb looks into, under the key that it
looks up: both read the page by the same function. When Sphinx then reads the pages, nothing is left to run.

Chapters that measure time run alone, with all cores: ``groundtruth_alone`` in ``_config.yml`` lists them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging as stdlib_logging
import os
import queue
import signal
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from jupyter_cache.cache.main import JupyterCacheBase
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from sphinx.errors import SphinxError
from sphinx.util import logging

from groundtruth import profiles
from groundtruth.sphinxext import cache as caches
from groundtruth.sphinxext import cores, fingerprint, progress
from groundtruth.sphinxext.pages import slug_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

QUIET = stdlib_logging.getLogger("groundtruth.kernels")
QUIET.setLevel(stdlib_logging.ERROR)  # nbclient says of every notebook that it runs it
PATIENCE = 20.0
"""Seconds that kernels have to end in when a build is interrupted."""


class ExecutionError(SphinxError):
    """Cells failed; each is named in a warning of its own."""

    category = "Cells that failed"


@dataclass
class Task:
    """A chapter that has to run."""

    docname: str
    path: Path
    notebook: nbformat.NotebookNode
    key: str
    threads: int

    @property
    def slug(self) -> str:
        """Its name."""
        return slug_of(self.docname)

    @property
    def lines(self) -> list[int]:
        """Of each cell, the line in which it opens."""
        return list(self.notebook.metadata.get("source_map", []))


@dataclass
class Event:
    """Something that happened to a task."""

    task: Task
    kind: str
    """``"started"``, ``"ended"`` or ``"failed"``."""
    seconds: float = 0.0
    error: str = ""
    line: int | None = None


def run_missing(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Run what is about to be read and is not in the cache (event ``env-before-read-docs``).

    Raises:
        ExecutionError: cells failed. The others have run all the same, and are in the cache.

    """
    config = env.mystnb_config  # type: ignore[attr-defined]
    notebooks = list(_notebooks(app, env, docnames)) if config.execution_mode == "cache" else []
    if not notebooks:
        return
    cache = caches.opened(Path(config.execution_cache_path))
    alone, profile = app.config.groundtruth_alone, profiles.active()
    tasks = [
        Task(
            docname,
            Path(env.doc2path(docname)),
            notebook,
            caches.key_of(cache, notebook),
            cores.threads_of(slug_of(docname), alone, profile),
        )
        for docname, notebook in notebooks
        if not caches.holds(cache, notebook)
    ]
    if not tasks:
        return
    kept = Path(app.doctreedir).parent
    expected = progress.known(kept, profile.name)
    tasks.sort(
        key=lambda task: -expected.get(task.slug, float("inf"))
    )  # the longest first, the unknown before
    plan = Plan(
        [task for task in tasks if task.slug not in alone],
        [task for task in tasks if task.slug in alone],
        cores.at_once(profile),
        config.execution_timeout,
    )
    line = progress.Progress(
        [task.slug for task in plan.together], [task.slug for task in plan.apart], expected, plan.at_once
    )
    failed = []

    def heed(event: Event) -> None:
        if event.kind == "started":
            line.started(event.task.slug)
            return
        line.ended(event.task.slug, failed=event.kind == "failed")
        if event.kind == "failed":
            failed.append(event)
            return
        _keep(cache, event)
        progress.keep(kept, profile.name, event.task.slug, event.seconds)

    logger.info("")  # Sphinx has left its line open
    try:
        run(plan, heed, line.tick)
    finally:
        line.close()
    for event in failed:
        logger.warning(
            "Executing notebook failed: %s", event.error, location=(event.task.docname, event.line),
            type="mystnb", subtype="exec",
        )  # fmt: skip
    if failed:
        raise ExecutionError(", ".join(event.task.slug for event in failed))


def _keep(cache: JupyterCacheBase, event: Event) -> None:
    task = event.task
    if caches.key_of(cache, task.notebook) != task.key:
        raise caches.CacheError(
            f"running {task.slug} has changed its key: its outputs would not be found again"
        )
    caches.store(cache, task.notebook, str(task.path), event.seconds)


def _notebooks(
    app: Sphinx, env: BuildEnvironment, docnames: list[str]
) -> Iterator[tuple[str, nbformat.NotebookNode]]:
    """Yield the pages with cells as myst-nb will read them; what it alone can judge is left to it.

    Raises:
        ExecutionError: a cell is no Python, which is said before anything runs.

    """
    config = env.mystnb_config  # type: ignore[attr-defined]
    broken = []
    for docname in docnames:
        path = Path(env.doc2path(docname))
        try:
            text = path.read_text(encoding="utf-8")
            changed = fingerprint.with_fingerprint(app, docname, text)
            if changed is None:
                continue
            reader = create_nb_reader(str(path), env.myst_config, config, changed.text)  # type: ignore[attr-defined]
            notebook = reader.read(changed.text) if reader else None
        except SyntaxError as error:
            logger.warning(
                "Executing notebook failed: a code cell is no Python: SyntaxError: %s: %s",
                error.msg, (error.text or "").strip(), location=(docname, None), type="mystnb", subtype="exec",
            )  # fmt: skip
            broken.append(slug_of(docname))
            continue
        except Exception:  # myst-nb will meet the same when it reads the page, and says it better
            continue
        if notebook is not None and config.metadata_key not in notebook.metadata:
            yield docname, notebook
    if broken:
        raise ExecutionError(", ".join(broken))


@dataclass
class Plan:
    """What runs beside what."""

    together: list[Task]
    """These run ``at_once`` at a time, in this order."""
    apart: list[Task]
    """These run after them, one at a time."""
    at_once: int
    timeout: float | None = None
    """Seconds that a cell may take; below zero, or None, as many as it likes."""


def run(plan: Plan, heed: Callable[[Event], None], tick: Callable[[], None]) -> None:
    """Run what is planned; call ``heed`` for everything that happens, and ``tick`` every second in which nothing does.

    The kernels are looked after in a thread of their own. Whatever ends this function, an interrupt or an error in
    ``heed``, ends them too.
    """
    happened: queue.Queue[Event | None] = queue.Queue()
    loop = asyncio.new_event_loop()
    work = _Work(plan, happened.put)
    thread = threading.Thread(target=work.main, args=(loop,), daemon=True)
    thread.start()
    try:
        while True:
            try:
                event = happened.get(timeout=1)
            except queue.Empty:
                tick()
                continue
            if event is None:
                return
            heed(event)
    finally:
        work.stop(loop)
        thread.join(PATIENCE)


class _Work:
    """What goes on in the thread that looks after the kernels."""

    def __init__(self, plan: Plan, say: Callable[[Event | None], None]) -> None:
        self.plan = plan
        self.say = say
        self.clients: set[NotebookClient] = set()
        self.everything: asyncio.Task[None] | None = None

    def main(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            self.everything = loop.create_task(self._all())
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(self.everything)
        finally:
            self.say(None)
            loop.close()

    def stop(self, loop: asyncio.AbstractEventLoop) -> None:
        """End every kernel that still runs, from another thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: all is done
            loop.call_soon_threadsafe(self._end)  # in its thread no kernel is half started

    def _end(self) -> None:
        for client in self.clients:
            client.shutdown_kernel = "immediate"
            _kill(client)
        if self.everything is not None:
            self.everything.cancel()

    async def _all(self) -> None:
        limit = asyncio.Semaphore(self.plan.at_once)

        async def one(task: Task) -> None:
            async with limit:
                await self._one(task)

        await asyncio.gather(*(one(task) for task in self.plan.together))
        for task in self.plan.apart:
            await self._one(task)

    async def _one(self, task: Task) -> None:
        """Run a task, and say how it went."""
        self.say(Event(task, "started"))
        started = time.monotonic()
        try:
            # The same as myst-nb does, which would run it if we did not. Nothing may depend on the working directory.
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
                client = NotebookClient(
                    task.notebook, timeout=self.plan.timeout, allow_errors=False, record_timing=False,
                    resources={"metadata": {"path": folder}}, log=QUIET,
                )  # fmt: skip
                self.clients.add(client)
                try:
                    await client.async_execute(env=cores.environment_of(task.threads))
                finally:
                    self.clients.discard(client)
        except CellExecutionError as error:
            self.say(Event(task, "failed", error=f"CellExecutionError\n{error}", line=_line(task)))
        except Exception as error:  # a kernel that died, a folder that could not be made
            words = "".join(traceback.format_exception_only(error)).strip()
            self.say(Event(task, "failed", error=f"{words}\n(the kernel did not come to the end of a cell)"))
        else:
            self.say(Event(task, "ended", time.monotonic() - started))


def _kill(client: NotebookClient) -> None:
    """End its kernel now: it would be interrupted first, and print a traceback if it is still importing."""
    process = getattr(getattr(client.km, "provisioner", None), "pid", None)
    if process is not None:
        with contextlib.suppress(OSError):  # it has ended
            os.killpg(process, signal.SIGKILL)  # it leads a group of its own


def _line(task: Task) -> int | None:
    """Return the line in which the cell opens that failed."""
    for cell, line in zip(task.notebook.cells, task.lines, strict=False):
        if any(output.get("output_type") == "error" for output in cell.get("outputs", [])):
            return line
    return None


def setup(app: Sphinx) -> None:
    """Connect to the moment before pages are read."""
    app.add_config_value("groundtruth_alone", [], "env", [list])
    app.connect("env-before-read-docs", run_missing)
