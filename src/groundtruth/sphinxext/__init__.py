"""What the build of the book needs: the grammar, cache keys, checks, pages, notebooks and the report.

``_config.yml`` lists this package as a Sphinx extension. Each module connects itself to the build.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundtruth import __version__
from groundtruth.evidence import BUILD_VARIABLE, MIME
from groundtruth.sphinxext import (
    api,
    benchmarks,
    cards,
    checks,
    collect,
    execution,
    fingerprint,
    grammar,
    head,
    lint,
    live,
    look,
    mathml,
    nodes,
    notebooks,
    pages,
    recorded,
    report,
    resolve,
    search,
    teaching,
    uses,
    watched,
)

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

HERE = Path(__file__).parent


def settings(app: Sphinx, config: Config) -> None:
    """Set what every book of this grammar shares (event ``config-inited``)."""
    config.nb_mime_priority_overrides = [*config.nb_mime_priority_overrides, ("*", MIME, 1)]
    config.nb_execution_cache_path = str(Path(app.doctreedir).parent / ".jupyter_cache")
    config.nb_execution_show_tb = True  # a failing cell is shown with its error
    config.html_static_path.append(str(HERE / "static"))
    config.templates_path.append(str(HERE / "templates"))
    # The kernels of this build inherit it; outputs that carry another one come from the cache.
    os.environ[BUILD_VARIABLE] = uuid.uuid4().hex[:12]


def quiet(app: Sphinx) -> None:
    """Leave it to the build to say where the pages are: Sphinx knows only where it has worked on them."""
    app.builder.epilog = ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything."""
    app.add_config_value("groundtruth_figures", "../figures", "env", [str])
    app.add_config_value(
        "comments_config", {}, "", [dict]
    )  # Jupyter Book sets it for an extension we leave out
    app.connect("config-inited", settings, priority=1)
    app.connect("builder-inited", quiet)
    # The order of these is the order in which a page that was read is looked at.
    app.connect("env-purge-doc", pages.purge)
    app.connect("doctree-read", collect.collect, priority=400)
    for module in (
        look, nodes, mathml, grammar, live, cards, api, teaching, recorded, benchmarks, fingerprint, execution, lint,
        resolve, notebooks, search, checks, report, uses, watched, head,
    ):  # fmt: skip
        module.setup(app)
    app.add_css_file("groundtruth.css")
    app.add_js_file("build-info.js", loading_method="defer")
    app.add_js_file("groundtruth.js", loading_method="defer")
    return {
        "version": __version__,
        "env_version": 5,
        "parallel_read_safe": False,
        "parallel_write_safe": False,
    }
