"""Build the book: ``python -m groundtruth.sphinxext.build``, which ``make book`` calls.

It wraps Jupyter Book's own build with what makes its exit status worth trusting: the profile is checked and the
data files are verified first, warnings are failures, and after a failure the half-read pages are forgotten, so
that the next build meets the same failure rather than a cached silence.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from groundtruth import profiles
from groundtruth.data import files
from groundtruth.sphinxext import archive
from groundtruth.sphinxext.report import NAME


def build(source: Path, config: Path, toc: Path, out: Path) -> int:
    """Build the book in ``source`` into ``out/html`` and return the exit status.

    Args:
        source: folder of the pages.
        config, toc: ``_config.yml`` and ``_toc.yml``.
        out: folder for the pages and everything that is kept between builds.

    Raises:
        ProfileError: the profile is unknown or needs a device that is not there.
        DataFileError: a data file is missing or altered.

    """
    profiles.active().device()
    for name in files.manifest():
        files.read_set(name)
    from jupyter_book.sphinx import build_sphinx  # noqa: PLC0415 - bad input is answered before a slow import

    isolate(out)
    # It asks every living object for its class, torch's deprecated ones included.
    warnings.filterwarnings("ignore", category=FutureWarning, module="sphinx_external_toc")
    html, doctrees = out / "html", out / ".doctrees"
    report = html / NAME
    report.unlink(missing_ok=True)  # a report speaks of the build that wrote it, or is not there
    result = build_sphinx(
        str(source),
        str(html),
        noconfig=True,
        path_config=str(config),
        confoverrides={"external_toc_path": str(toc), "latex_individualpages": False, "nitpicky": True},
        doctreedir=str(doctrees),
        warningiserror=True,
        keep_going=True,
    )
    failed = result != 0 or not report.exists()
    if not failed:
        failed = any(
            claim["holds"] is False
            for chapter in json.loads(report.read_text(encoding="utf-8"))["chapters"]
            for claim in chapter["claims"]
        )
    if failed:
        # Sphinx keeps the pages it has read and would be silent about them next time. What ran is kept.
        shutil.rmtree(doctrees, ignore_errors=True)
        return 1
    if config.is_file() and "groundtruth_archive: true" in config.read_text(encoding="utf-8"):
        archive.make(html, config.parent, out / ".wheel")
    return 0


def isolate(out: Path) -> None:
    """Give the kernels settings of their own: no start-up files, options or styles of whoever builds; and memory."""
    ipython = out / ".ipython"
    config = ipython / "profile_default" / "ipython_kernel_config.py"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("c.HistoryManager.enabled = False\nc.IPKernelApp.log_level = 40\n", encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(ipython)
    fonts = out / ".matplotlib"
    os.environ["MPLCONFIGDIR"] = str(fonts)
    if not any(fonts.glob("fontlist-*.json")):  # else the first cell that draws would say so on stderr
        fonts.mkdir(exist_ok=True)
        subprocess.run(
            [sys.executable, "-c", "import matplotlib.font_manager"], check=True, capture_output=True
        )
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # silences a notice of every kernel
    # Keep what a step has freed for the next one: given back to the system, it comes again page by page, each cleared.
    # In a body for photographs of 192 pixels that was a third of the time. (glibc reads these; others do not mind.)
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(2**31))
    os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(2**32))


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
    try:
        status = build(*(path.resolve() for path in (chosen.source, chosen.config, chosen.toc, chosen.out)))
    except (profiles.ProfileError, files.DataFileError, archive.ArchiveError) as error:
        print(f"The book was not built: {error}", file=sys.stderr)
        return 2
    html = chosen.out.resolve() / "html"
    if status:
        print("\nThe build FAILED; the warnings above name file and line.", file=sys.stderr)
        return status
    report = json.loads((html / NAME).read_text(encoding="utf-8"))
    print(summary(report, html / "index.html", time.time() - started))
    return 0


if __name__ == "__main__":
    sys.exit(main())
