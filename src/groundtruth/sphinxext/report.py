"""The build report: everything that anything else wants to know about a build, in one JSON file."""

from __future__ import annotations

import datetime
import functools
import hashlib
import html
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundtruth import profiles
from groundtruth.data import files
from groundtruth.evidence import BUILD_VARIABLE
from groundtruth.sphinxext.pages import Page, claims_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SCHEMA = 1
NAME = "build-report.json"

JUDGED = (
    "statement",
    "rule",
    "holds",
    "verdict",
    "seeds",
    "cases",
    "labels",
    "values",
    "mean",
    "interval",
    "spec",
)
"""What a report keeps of a claim or verdict, besides kind, name and timing."""

VERSIONS = ("torch", "pytorch-lightning", "numpy", "scikit-learn", "matplotlib", "myst-nb", "sphinx")

_started = time.time()


@functools.cache
def machine() -> dict[str, Any]:
    """Return processor, cores, memory, device and versions."""
    profile = profiles.active()
    facts: dict[str, Any] = {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "device": _device(profile),
        "python": platform.python_version(),
    }
    facts.update({name: importlib.metadata.version(name) for name in VERSIONS})
    return facts


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _device(profile: profiles.Profile) -> str:
    if profile.accelerator == "cpu":
        return "cpu"
    import torch  # noqa: PLC0415 - only where there is a CUDA device to name

    return str(torch.cuda.get_device_name(profile.device()))


def data_sets() -> list[dict[str, Any]]:
    """Return name, title, sha256, licence and examples of every data set of the package."""
    return [
        {
            "name": e.name,
            "title": e.title,
            "sha256": e.sha256,
            "licence": e.licence_short,
            "examples": e.examples,
        }
        for e in files.manifest().values()
    ]


def commit(source: Path, *apart: str) -> tuple[str, bool]:
    """Return the commit of the sources, and whether the working tree differs from it.

    Args:
        source: a folder of the project.
        apart: where not to look for a difference, as git writes it, such as ``":(top,exclude)benchmarks/results"``.

    """
    try:
        run = functools.partial(
            subprocess.run, cwd=source, capture_output=True, text=True, check=True, timeout=20
        )
        head = run(["git", "rev-parse", "HEAD"]).stdout.strip()
        return head, bool(run(["git", "status", "--porcelain", "--", ":/", *apart]).stdout.strip())
    except (OSError, subprocess.SubprocessError):
        return "unknown", False


def _chapter(app: Sphinx, page: Page, part: str, build: str) -> dict[str, Any]:
    from groundtruth.sphinxext.resolve import fill  # noqa: PLC0415 - resolve shows the report's facts

    env = app.env
    captions = _captions(Path(app.builder.get_outfilename(page.docname)))  # type: ignore[attr-defined]
    return {
        "slug": page.slug,
        "title": env.titles[page.docname].astext(),
        "part": part,
        "words": page.words,
        "seconds": round(page.seconds, 2),
        "peak_rss_mb": page.peak_rss_mb,
        "executed": page.executed_in(build),
        "code_cells": page.code_cells,
        "exercises": len(page.exercises),
        "data": page.data,
        "figures": [
            {
                "name": f.name,
                "caption": captions.get(f.name, ""),
                "alt": fill(env, f.alt),
                "kind": f.kind,
                "timing": page.figures.get(f.name, {}).get("timing", False),
            }
            for f in page.placed
        ],
        "records": [
            {
                "name": p["name"],
                "value": p["value"],
                "text": p["text"],
                "kind": p["kind"],
                "timing": p.get("timing", False),
            }
            for p in page.evidence.values()
            if p["kind"] in ("record", "given")
        ],
        "claims": [
            {key: p[key] for key in ("kind", "name", *JUDGED)} | {"timing": p.get("timing", False)}
            for p in claims_of(page)
        ],
    }


def _captions(page: Path) -> dict[str, str]:
    """Return the caption of every figure as its page shows it: with numbers, equations and terms resolved."""
    found = re.findall(
        r'<figure class="gt-figure[^>]* id="fig-([\w-]+)">.*?'
        r'<span class="caption-text">(.*?)</span><a class="headerlink"',
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    return {name: " ".join(html.unescape(re.sub(r"<annotation.*?</annotation>|<[^>]+>", "", text)).split())
            for name, text in found}  # fmt: skip


def make(app: Sphinx) -> dict[str, Any]:
    """Return the report of this build."""
    from groundtruth.sphinxext.resolve import ordered  # noqa: PLC0415 - resolve shows the report's facts

    build = os.environ[BUILD_VARIABLE]
    head, dirty = commit(Path(app.srcdir))
    parts = parts_of(app)
    notebooks = Path(app.outdir, "notebooks")
    return {
        "schema": SCHEMA,
        "title": app.config.html_title,
        "commit": head,
        "dirty": dirty,
        "profile": profiles.active().name,
        "arithmetic": profiles.active().precision(),
        "started": datetime.datetime.fromtimestamp(_started, datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(time.time() - _started, 1),
        "machine": machine(),
        "data": data_sets(),
        "chapters": [
            _chapter(app, page, parts.get(page.docname, ""), build)
            for page in ordered(app.env)
            if page.is_chapter
        ],
        "notebooks": [
            {
                "slug": path.stem,
                "path": f"notebooks/{path.name}",
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in sorted(notebooks.glob("*.ipynb"))
        ],
    }


def parts_of(app: Sphinx) -> dict[str, str]:
    """Return the caption of the part that each page belongs to."""
    site = getattr(app.config, "external_site_map", None)
    found: dict[str, str] = {}
    if site is None:
        return found
    for tree in site.root.subtrees:
        for item in tree.items:
            found[str(item)] = tree.caption or ""
    return found


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the report and the facts that the pages read (event ``build-finished``)."""
    out = Path(app.outdir)
    if error is not None or app.builder.format != "html":
        return
    report = make(app)
    _replace(out / NAME, json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    facts = {
        "profile": report["profile"], "commit": report["commit"][:12] + (" (edited)" if report["dirty"] else ""),
        "date": report["started"][:10], "seconds": str(round(report["seconds"])),
        "device": report["machine"]["device"], "cpu": report["machine"]["cpu"],
        "cores": str(report["machine"]["cores"]), "memory": f"{report['machine']['memory_gib']} GiB",
        "python": report["machine"]["python"], "torch": report["machine"]["torch"],
    }  # fmt: skip
    (out / "_static").mkdir(exist_ok=True)
    _replace(out / "_static" / "build-info.js", f"window.GROUNDTRUTH_BUILD = {json.dumps(facts)};\n")


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    new = path.with_suffix(path.suffix + ".new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def setup(app: Sphinx) -> None:
    """Connect the report to the end of the build."""
    app.connect("build-finished", write)
