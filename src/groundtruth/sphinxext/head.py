"""What others see of a page before they open it: description, address, picture, sitemap, page for lost readers.

Search engines and those who pass on a link read the head of a page. Its description is the page's first paragraph, with
the numbers of this build. Addresses there must be absolute, so the tags that need one are written only where the book
knows where it is published: ``html_baseurl`` in ``_config.yml``, or the variable ``GROUNDTRUTH_URL``. The link "edit
this page" needs the address of the repository: ``groundtruth_repository``, or ``GROUNDTRUTH_REPOSITORY``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit
from xml.sax.saxutils import escape

from docutils import nodes

from groundtruth.sphinxext import preview
from groundtruth.sphinxext.nodes import build_fact, drawing
from groundtruth.sphinxext.pages import slug_of
from groundtruth.sphinxext.report import parts_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

URL_VARIABLE = "GROUNDTRUTH_URL"
REPOSITORY_VARIABLE = "GROUNDTRUTH_REPOSITORY"
BRANCH = "main"
LOST = "404"
"""The page that a host shows for an address that does not exist."""
UNUSED = ("documentation_options.js", "doctools.js", "sphinx_highlight.js")
LONGEST = 155
"""Characters of a description: search engines cut off what is longer."""


def settings(app: Sphinx, config: Config) -> None:
    """Take both addresses from the environment where the configuration has none (event ``config-inited``).

    Raises:
        ValueError: an address is no http address.

    """
    config.html_baseurl = address(config.html_baseurl or os.environ.get(URL_VARIABLE, ""), URL_VARIABLE)
    if config.html_baseurl and not config.html_baseurl.endswith("/"):
        config.html_baseurl += "/"
    repository = config.groundtruth_repository or os.environ.get(REPOSITORY_VARIABLE, "")
    config.groundtruth_repository = address(repository, REPOSITORY_VARIABLE).rstrip("/")


def address(text: str, name: str) -> str:
    """Return an address of the web, or nothing where there is none.

    Raises:
        ValueError: it is something else.

    """
    if text and not (urlsplit(text).scheme in ("http", "https") and urlsplit(text).netloc):
        raise ValueError(
            f"{name} is {text!r}; expected the address of a site, such as https://example.org/book/"
        )
    return text


# --- description -------------------------------------------------------------------------------------------


def described(doctree: nodes.document) -> str:
    """Return the first paragraph of a page as plain text, cut at a word; without one, nothing.

    Paragraphs in boxes do not count, and those with formulas only where there is no other.
    """
    plain, formal = "", ""
    for paragraph in doctree.findall(nodes.paragraph):
        parent = paragraph.parent
        lead = isinstance(parent, nodes.container) and "gt-lead" in parent["classes"]
        told = isinstance(parent, nodes.section) and "gt-evidence-list" not in parent["classes"]
        if not (lead or told):
            continue
        if next(iter(paragraph.findall(build_fact)), None) is not None:
            continue  # its facts are filled in by a script
        text = re.sub(
            r"\s*[\[(][^\[\]()]*\b(?:1[89]|20)\d\d[a-z]?[\])]", "", " ".join(paragraph.astext().split())
        )
        text = re.sub(r"\s+([.,;:?!])", r"\1", text.replace("\u2060", ""))
        if next(iter(paragraph.findall(nodes.math)), None) is None and len(text) > 20:
            plain = text
            break
        formal = formal or text
    return shorten(plain or formal, LONGEST, placeholder=" …")


# --- where the reader is -----------------------------------------------------------------------------------


def place_of(app: Sphinx, docname: str) -> dict[str, Any] | None:
    """Return part, number and count of a page in the contents; nothing for pages outside of them."""
    part = parts_of(app).get(docname, "")
    numbered = [name for name in parts_of(app) if app.env.toc_secnumbers.get(name, {}).get("")]
    if not part:
        return None
    number = app.env.toc_secnumbers.get(docname, {}).get("")
    return {"part": part, "number": number[0] if number else None, "count": len(numbered)}


# --- the context of a page ---------------------------------------------------------------------------------


def context(
    app: Sphinx, pagename: str, templatename: str, found: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the template what the head and the foot of a page need (event ``html-page-context``)."""
    env, config = app.env, app.config
    found["gt_colophon"] = (
        config.groundtruth_colophon if config.groundtruth_colophon in env.found_docs else ""
    )
    # Sphinx's own scripts serve its search and keys that we do not use.
    found["script_files"] = [
        js for js in found["script_files"] if Path(str(js.filename or "")).name not in UNUSED
    ]
    found["gt_part"] = place_of(app, pagename) if doctree is not None else None
    book = str(config.html_title or config.project)
    title = re.sub(r"<[^>]+>", "", str(found.get("title", ""))) or pagename.capitalize()
    found["gt_title"] = title
    told = described(doctree) if doctree is not None else ""
    found["gt_description"] = told or f"{title}: {book}."
    if doctree is None:
        return
    source = env.doc2path(pagename, base=False)
    if config.groundtruth_repository:
        folder = Path(app.srcdir).name
        found["gt_edit"] = f"{config.groundtruth_repository}/edit/{BRANCH}/{folder}/{source}"
    picture = f"previews/{slug_of(pagename)}.png"
    drawn = next((node["png"] for node in doctree.findall(drawing) if node.get("png")), "")
    part = (found["gt_part"] or {}).get("part", "")
    card = preview.Card(title, part, book, drawn)
    if pagename == config.root_doc:
        card = preview.Card(book, "", "", drawn)
    preview.write(
        Path(app.outdir, picture),
        card,
        Path(app.doctreedir).parent / ".previews",
    )
    if config.html_baseurl:
        found["gt_picture"] = urljoin(config.html_baseurl, picture)


# --- files of the site ---------------------------------------------------------------------------------------


def lost(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield the page for an address that does not exist (event ``html-collect-pages``)."""
    yield LOST, {"title": "This page does not exist"}, "lost.html"


def absolute(page: str, root: str) -> str:
    """Return a page whose links start at a root: a host shows it for addresses in any folder."""
    return re.sub(
        r'(\s(?:href|src|action|data-content_root)=")(?!#|[a-z]+:|/)(?:\./)?', rf"\g<1>{root}", page
    )


def sitemap(env: BuildEnvironment, base: str, target: Any) -> str:
    """Return the list of all pages for search engines."""
    lines = (
        f"<url><loc>{escape(urljoin(base, target(name)))}</loc></url>" for name in sorted(env.found_docs)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "\n".join(lines) + "\n</urlset>\n"
    )  # fmt: skip


def finish(app: Sphinx, error: Exception | None) -> None:
    """Write the sitemap, and mend the links of the page for lost readers (event ``build-finished``)."""
    if error is not None or app.builder.format != "html":
        return
    out, base = Path(app.outdir), app.config.html_baseurl
    (out / "sitemap.xml").unlink(missing_ok=True)
    if not base:
        return
    (out / "sitemap.xml").write_text(sitemap(app.env, base, app.builder.get_target_uri), encoding="utf-8")
    page = out / f"{LOST}.html"
    page.write_text(absolute(page.read_text(encoding="utf-8"), urlsplit(base).path), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connect everything to the build."""
    app.add_config_value("groundtruth_repository", "", "html", [str])
    app.connect("config-inited", settings)
    app.connect("html-page-context", context)
    app.connect("html-collect-pages", lost)
    app.connect("build-finished", finish)
