"""Diagrams: scripts in ``figures/`` that draw without a run, kept beside the build until their sources change."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import runpy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from groundtruth.sphinxext import fingerprint

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from sphinx.environment import BuildEnvironment


class DiagramError(RuntimeError):
    """A diagram's script is missing or does not draw."""


def script_of(env: BuildEnvironment, slug: str, name: str) -> Path:
    """Return where the script of a diagram lies: ``figures/<slug>_<name>.py``, hyphens as underscores."""
    stem = f"{slug}_{name}".replace("-", "_")
    return Path(env.srcdir, env.config.groundtruth_figures, f"{stem}.py").resolve()


@dataclass(frozen=True)
class Drawn:
    """One stage of a diagram, for the page and for the notebook (which shows no SVG)."""

    svg: str
    png: str
    """Base64."""


def draw(env: BuildEnvironment, script: Path) -> list[Drawn]:
    """Return the stages of a diagram, drawn anew only if its script or what that imports has changed.

    Raises:
        DiagramError: there is no such script, or it does not define ``draw()``, or drawing fails.

    """
    if not script.is_file():
        raise DiagramError(f"there is no diagram {script.name} in {script.parent.name}/")
    source = script.read_text(encoding="utf-8")
    try:
        used = fingerprint.closure([source])
    except SyntaxError as error:
        raise DiagramError(f"{script.name}: {error}") from error
    for path in (script, *used.values()):  # a newer file makes Sphinx read the page again
        env.note_dependency(str(path))
    parts = [
        Path(__file__).read_text(encoding="utf-8"),
        source,
        *(path.read_text(encoding="utf-8") for path in used.values()),
    ]
    key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
    kept = Path(env.doctreedir).parent / ".diagrams" / f"{script.stem}-{key}.json"
    if kept.is_file():
        try:
            return [Drawn(**stage) for stage in json.loads(kept.read_text(encoding="utf-8"))]
        except (ValueError, TypeError):
            kept.unlink()  # half written when a build was killed
    stages = _run(script)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps([asdict(stage) for stage in stages]), encoding="utf-8")
    return stages


def _run(script: Path) -> list[Drawn]:
    from matplotlib.figure import Figure as MatplotlibFigure  # noqa: PLC0415 - most builds draw nothing

    from groundtruth.plotting.style import to_svg  # noqa: PLC0415

    try:
        drawn = runpy.run_path(str(script))["draw"]()
        figures = [drawn] if isinstance(drawn, MatplotlibFigure) else list(drawn)
        stages = [Drawn(to_svg(figure), _png(figure)) for figure in figures]
    except (Exception, SystemExit) as error:
        raise DiagramError(f"{script.name} does not draw: {type(error).__name__}: {error}") from error
    if not stages:
        raise DiagramError(f"{script.name} does not draw: draw() returned no figure")
    return stages


def _png(figure: Figure) -> str:
    """Return the light drawing on white as base64: a notebook's page may be dark, the drawing is not."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=144, facecolor="white", metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode()
