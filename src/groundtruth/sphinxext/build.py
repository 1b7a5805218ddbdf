"""Build the book: ``python -m groundtruth.sphinxext.build``, which ``make book`` calls.

It wraps Jupyter Book's own build with what makes its exit status worth trusting: the profile is checked and the
data files are verified first, warnings are failures, and after a failure the half-read pages are forgotten, so
that the next build meets the same failure rather than a cached silence.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from groundtruth import profiles
from groundtruth.data import files
from groundtruth.sphinxext import archive, cores, lock
from groundtruth.sphinxext.report import NAME

UNFINISHED = "unfinished"
"""Where the pages are while a build is at work, and where they stay when it fails."""


def build(source: Path, config: Path, toc: Path, out: Path) -> int:
    """Build the book in ``source`` into ``out/html`` and return the exit status.

    ``out/html`` is there when the last build has come to a good end, and only then: the pages are moved away before
    anything in them changes, and moved back as the last step.

    Args:
        source: folder of the pages.
        config, toc: ``_config.yml`` and ``_toc.yml``.
        out: folder for the pages and everything that is kept between builds.

    Raises:
        ProfileError: the profile is unknown or needs a device that is not there.
        CoresError: the number of chapters that may run at once is none.
        DataFileError: a data file is missing or altered.
        LockError: another build is at work in ``out``.
        KeyboardInterrupt: a person, or a signal, has ended it.
        OSError: a file could not be written.

    """
    cores.at_once(profiles.active())
    with ThreadPoolExecutor(1) as beside:  # unpacking and hashing leave the interpreter to the imports
        verified = beside.submit(_verify_data)
        profiles.active().device()
        from jupyter_book.sphinx import build_sphinx  # noqa: PLC0415 - a bad profile is answered before a slow import

        verified.result()
    with lock.held(out):
        isolate(out)
        # It asks every living object for its class, torch's deprecated ones included.
        warnings.filterwarnings("ignore", category=FutureWarning, module="sphinx_external_toc")
        html, unfinished, doctrees = out / "html", out / UNFINISHED, out / ".doctrees"
        take_up(out)
        try:
            result = build_sphinx(
                str(source),
                str(unfinished),
                noconfig=True,
                path_config=str(config),
                confoverrides={
                    "external_toc_path": str(toc),
                    "latex_individualpages": False,
                    "nitpicky": True,
                },
                doctreedir=str(doctrees),
                warningiserror=True,
                keep_going=True,
            )
            if isinstance(result, KeyboardInterrupt | OSError):
                raise result
            failed = result != 0 or not _claims_hold(unfinished / NAME)
            if (
                not failed
                and config.is_file()
                and "groundtruth_archive: true" in config.read_text(encoding="utf-8")
            ):
                archive.make(unfinished, config.parent, out / ".wheel")
        except BaseException:
            shutil.rmtree(doctrees, ignore_errors=True)
            raise
        if failed:
            # Sphinx keeps the pages it has read and would be silent about them next time. What ran is kept.
            shutil.rmtree(doctrees, ignore_errors=True)
            return 1
        unfinished.rename(html)
        return 0


def _verify_data() -> None:
    for name in files.manifest():
        files.read_set(name)


def take_up(out: Path) -> None:
    """Move the pages of a finished build to where this one works on them; forget those of an unfinished one.

    Sphinx writes a page again only if its source is newer. Of pages that a killed build left behind some are old, one
    may be half written, and all look new: they cannot be told apart. What has run, and what was drawn, is kept.
    """
    html, unfinished = out / "html", out / UNFINISHED
    if (html / NAME).is_file() and (out / ".doctrees").is_dir():
        remove(unfinished)
        html.rename(unfinished)
        (unfinished / NAME).unlink()  # a report speaks of the build that wrote it, or is not there
        return
    for name in ("html", UNFINISHED, ".doctrees", "jupyter_execute", "instructors", archive.INSTRUCTORS):
        remove(out / name)


def remove(path: Path) -> None:
    """Remove a folder or a file, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _claims_hold(report: Path) -> bool:
    """Say whether there is a report, and no claim in it is false."""
    return report.is_file() and not any(
        claim["holds"] is False
        for chapter in json.loads(report.read_text(encoding="utf-8"))["chapters"]
        for claim in chapter["claims"]
    )


def isolate(out: Path) -> None:
    """Give the kernels settings of their own: no start-up files, options or styles of whoever builds; and memory."""
    ipython = out / ".ipython"
    config = ipython / "profile_default" / "ipython_kernel_config.py"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("c.HistoryManager.enabled = False\nc.IPKernelApp.log_level = 40\n", encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(ipython)
    fonts = out / ".matplotlib"
    os.environ["MPLCONFIGDIR"] = str(fonts)
    if not _fonts_are_listed(fonts):  # else the first cell that draws would say so on stderr
        remove(fonts)
        fonts.mkdir()
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"], check=True, capture_output=True
        )
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # silences a notice of every kernel
    # Keep what a step has freed for the next one: given back to the system, it comes again page by page, each cleared.
    # In a body for photographs of 192 pixels that was a third of the time. (glibc reads these; others do not mind.)
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(2**31))
    os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(2**32))


def _fonts_are_listed(folder: Path) -> bool:
    """Say whether matplotlib's list of fonts is there and whole."""
    try:
        lists = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("fontlist-*.json")]
    except (OSError, ValueError):
        return False
    return bool(lists)


def summary(report: dict[str, Any], page: Path, seconds: float) -> str:
    """Return what a person wants to know when the build ends."""
    chapters = report["chapters"]
    claims = [claim for chapter in chapters for claim in chapter["claims"] if claim["holds"] is not None]
    left = sum(
        claim["holds"] is None and claim.get("verdict") == "not evaluated"
        for chapter in chapters
        for claim in chapter["claims"]
    )
    open_ = f" ({left} claims and verdicts are not evaluated in this profile)" if left else ""
    ran = sum(chapter["executed"] for chapter in chapters)
    return (
        f"\nProfile {report['profile']}: {len(chapters)} chapters ({ran} ran, {len(chapters) - ran} from the cache), "
        f"{sum(claim['holds'] for claim in claims)} of {len(claims)} claims hold{open_}, {seconds:.0f} seconds.\n"
        f"Open {page.as_uri()}"
    )


BAD_START = (
    profiles.ProfileError,
    files.DataFileError,
    archive.ArchiveError,
    cores.CoresError,
    lock.LockError,
)
"""What is wrong before a page is read, or after all are written: said in one sentence."""

LITTLE = 16 * 2**20
"""Bytes: with less free space than this a build may have failed for lack of it."""


def _hint(error: OSError, out: Path) -> str:
    """Say what to do where a file could not be written."""
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f" A build writes into {out} and nowhere else; choose another folder: make book OUT=/where/you/may/write"
    return _full(out)


def _full(out: Path) -> str:
    """Say that the disk is full, if it is: what a program says then is often something else."""
    for folder in (out, Path(tempfile.gettempdir())):
        if folder.is_dir() and (free := shutil.disk_usage(folder).free) < LITTLE:
            return (
                f"\nThe disk is full: {free / 2**20:.0f} MB are free in {folder}. Make room there, and build again; "
                "chapters that have run are kept."
            )
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m groundtruth.sphinxext.build", description="Build the book."
    )
    parser.add_argument("--source", type=Path, default=Path("book"), help="folder of the pages")
    parser.add_argument("--config", type=Path, default=Path("_config.yml"))
    parser.add_argument("--toc", type=Path, default=Path("_toc.yml"))
    parser.add_argument("--out", type=Path, default=Path("_build"), help="folder for pages and caches")
    chosen = parser.parse_args(arguments)
    started = time.time()
    out = chosen.out.resolve()
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # from a scheduler: as Ctrl-C
    try:
        status = build(chosen.source.resolve(), chosen.config.resolve(), chosen.toc.resolve(), out)
    except BAD_START as error:
        print(f"The book was not built: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"The book was not built: {error}.{_hint(error, out)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "\nInterrupted. Chapters that have run are kept; the next build goes on from there.",
            file=sys.stderr,
        )
        return 130
    finally:
        signal.signal(signal.SIGTERM, before)
    html = out / "html"
    if status:
        unfinished = out / UNFINISHED
        where = f" The pages, as far as they go, are in {unfinished}." if unfinished.is_dir() else ""
        print(
            f"\nThe build FAILED; the warnings above name file and line.{where}{_full(out)}", file=sys.stderr
        )
        return status
    report = json.loads((html / NAME).read_text(encoding="utf-8"))
    print(summary(report, html / "index.html", time.time() - started))
    return 0


if __name__ == "__main__":
    sys.exit(main())
