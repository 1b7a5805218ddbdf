"""Live figures on the page: the directive, the button below the picture, and the file that the page asks for.

Without scripts, on paper and in a notebook a live figure is the figure of a run that it is made of. With them there is
a button, and only who presses it loads the script of the figure and the numbers of this build.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.transforms.post_transforms import SphinxPostTransform

from groundtruth.sphinxext.grammar import FigureDirective
from groundtruth.sphinxext.nodes import live_start
from groundtruth.sphinxext.pages import Page, Payload, page_of, pages_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.util.typing import OptionSpec

SCRIPTS = Path(__file__).parent / "static" / "live"
FOLDER = "_static/live"
"""Where a page finds scripts and data, relative to the site."""
COMMON = ("common.js",)
"""Scripts that every live figure needs besides its own."""


class LiveDirective(FigureDirective):
    """``{live-figure}``: place a figure that a reader can go on with; ``:start:`` is what the button says."""

    option_spec: ClassVar[OptionSpec] = {**FigureDirective.option_spec, "start": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """Return the figure with its button."""
        name = self.arguments[0]
        start = str(self.options.get("start", "")).strip()
        if not start:
            return self.fail(f"live figure '{name}' has no :start: option: say what its button invites to")
        made = super().run()
        if made and isinstance(figure := made[0], nodes.figure):
            page = page_of(self.env)
            page.alive.append((name, self.lineno))
            figure["classes"].append("gt-live")
            figure.insert(1, live_start(name=name, start=start))
        return made


def faults(page: Page) -> Iterator[tuple[int | None, str]]:
    """Yield what is wrong with the live figures of a page, as line and sentence."""
    for name, line in page.alive:
        if name not in page.live and name in page.figures:
            yield (
                line,
                f"figure '{page.slug}/{name}' is placed as a live one, and its cell hands over no data: call live()",
            )
    placed = {name for name, _ in page.alive}
    for name, payload in page.live.items():
        if name not in placed:
            yield payload["line"], f"live figure '{page.slug}/{name}' is not placed by {{live-figure}}"


class FillStart(SphinxPostTransform):
    """Give every button of a page the addresses of what it loads, and write this build's numbers to disk."""

    default_priority = 7

    def run(self, **kwargs: Any) -> None:
        """Fill in one page."""
        page = page_of(self.env, self.env.docname)
        for node in list(self.document.findall(live_start)):
            payload = page.live.get(node["name"])
            if payload is None:  # already reported
                node.parent.remove(node)
                continue
            text = script_of(page.slug, payload)
            node["bytes"] = len(text.encode())
            node["key"] = key_of(page.slug, node["name"])
            up = "../" * page.docname.count("/")
            scripts = [f"{name}?v={_mark((SCRIPTS / name).read_bytes())}" for name in COMMON]
            own = f"{payload['script']}.js"
            scripts.append(f"{own}?v={_mark((SCRIPTS / own).read_bytes())}")
            scripts.append(f"{file_of(page.slug, node['name'])}?v={_mark(text.encode())}")
            node["kind"], node["folder"], node["scripts"] = payload["script"], f"{up}{FOLDER}/", scripts
            if self.app.builder.format == "html":
                path = Path(self.app.outdir, FOLDER, file_of(page.slug, node["name"]))
                path.parent.mkdir(parents=True, exist_ok=True)
                if not path.exists() or path.read_text(encoding="utf-8") != text:
                    path.write_text(text, encoding="utf-8")


def key_of(slug: str, name: str) -> str:
    """Return the name under which a page finds the data of a figure."""
    return f"{slug}/{name}"


def file_of(slug: str, name: str) -> str:
    """Return the name of the file of a figure's data."""
    return f"{slug}-{name}.js"


def script_of(slug: str, payload: Payload) -> str:
    """Return the data as a classic script: a page on disk may load one, and may not fetch a file."""
    data = json.dumps(payload["data"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"GROUNDTRUTH_LIVE.data[{json.dumps(key_of(slug, payload['name']))}] = {data};\n"


def _mark(content: bytes) -> str:
    """Return what tells two versions of a file apart, for browsers that keep files."""
    return hashlib.sha256(content).hexdigest()[:8]


def _scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let pages with a live figure, and only those, load the few lines that wait for the button."""
    if doctree is not None and next(doctree.findall(live_start), None) is not None:
        app.add_js_file("live/start.js", loading_method="defer")


def prune(app: Sphinx, error: Exception | None) -> None:
    """Remove the data of live figures that are gone (event ``build-finished``)."""
    if error is not None or app.builder.format != "html":
        return
    kept = {file_of(page.slug, name) for page in pages_of(app.env).values() for name in page.live}
    kept |= {path.name for path in SCRIPTS.iterdir()}
    for path in Path(app.outdir, FOLDER).glob("*"):
        if path.name not in kept:
            path.unlink()


def setup(app: Sphinx) -> None:
    """Register directive and transform."""
    app.add_directive("live-figure", LiveDirective)
    app.add_post_transform(FillStart)
    app.connect("html-page-context", _scripts)
    app.connect("build-finished", prune)
