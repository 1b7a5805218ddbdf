"""The whole book as one PDF: ``python -m groundtruth.sphinxext.pdf``, which ``make pdf`` calls.

It puts the built pages together, in the order of the contents, and lets Chromium print them: nothing is executed a
second time, formulas and figures are the ones of the pages, and bookmarks come from the headings. What needs a click
on the page is written out: evidence as a line with rule and interval, solutions at the end of their chapter. Figures
are the light ones, a stepped figure shows all its stages, and what a script would add is left out.

Chromium cannot write page numbers into a table of contents. So the book is printed twice: the first time tells on which
page every heading stands.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from groundtruth.sphinxext.report import NAME as REPORT

STYLE = Path(__file__).parent / "paper" / "paper.css"
NAME = "deep-learning-from-ground-truth.pdf"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--allow-file-access-from-files",
)
ARTICLE = re.compile(r'<article role="main".*?</article>', re.DOTALL)
SHEET = re.compile(r'<link rel="stylesheet"[^>]* href="([^"]+)"')
AUTHOR = "The Ground Truth authors"
SHORT = 8
"""Characters of a commit that the title page shows."""


class PdfError(RuntimeError):
    """The PDF could not be made; the message says what is missing."""


@dataclass
class Entry:
    """One line of the contents."""

    level: str
    """``part``, ``chapter`` or ``section``."""
    title: str
    anchor: str
    under: list[Entry] = field(default_factory=list)


@dataclass
class Chapter:
    """One page of the book, ready to be printed."""

    docname: str
    title: str
    body: str
    sections: list[Entry]


def key_of(docname: str) -> str:
    """Return what stands in front of every anchor of a page, so that pages in one file share none."""
    return "p-" + docname.replace("/", "-")


def contents_of(index: Path) -> list[tuple[str, list[str]]]:
    """Return the parts of the book, each with the names of its pages, as the landing page lists them.

    Raises:
        PdfError: the page lists nothing.

    """
    soup = _soup(index.read_text(encoding="utf-8"))
    parts: list[tuple[str, list[str]]] = []
    tree = soup.select_one(".sidebar-tree")
    for element in tree.find_all(["p", "ul"], recursive=False) if tree else []:
        if element.name == "p":
            parts.append((" ".join(element.get_text().split()), []))
            continue
        if not parts or parts[-1][1]:
            parts.append(("", []))
        links = element.select("li.toctree-l1 > a")
        parts[-1][1].extend(str(link["href"]).removesuffix(".html") for link in links)
    if not any(pages for _, pages in parts):
        raise PdfError(f"{index} lists no pages")
    return parts


def _soup(text: str) -> Any:
    from bs4 import BeautifulSoup  # noqa: PLC0415 - the theme brings it; only this command needs it

    return BeautifulSoup(text, "html.parser")


def chapter_of(site: Path, docname: str, known: set[str], into: Path, facts: dict[str, str]) -> Chapter:
    """Return one page as it is to be printed.

    Args:
        site: the built pages.
        docname: which one.
        known: the pages that are printed, so that links between them stay links.
        into: folder of the file that is printed: pictures are named from there.
        facts: facts of the build, which a script fills in on the page.

    Raises:
        PdfError: the page is not one of this book.

    """
    # The contents of the book stand on every page; parsing them every time would take longer than all else.
    found = ARTICLE.search((site / f"{docname}.html").read_text(encoding="utf-8"))
    if found is None:
        raise PdfError(f"{docname}.html has no article: was it built by this theme?")
    soup = _soup(found[0])
    article = soup.select_one("article[role=main]")
    prefix = key_of(docname)
    for gone in article.select(
        "script, button, input, .headerlink, .gt-only-page, .gt-live-start, .gt-controls, img.gt-dark, "
        ".toctree-wrapper, .gt-hidden"
    ):
        gone.decompose()
    for place in article.select("[data-build]"):
        place.string = facts.get(str(place["data-build"]), "–")
    _write_out(soup, article, docname)
    for element in article.find_all(id=True):
        element["id"] = f"{prefix}--{element['id']}"
    for element in article.select("[aria-labelledby], [aria-describedby]"):
        for name in ("aria-labelledby", "aria-describedby"):
            element.attrs.pop(name, None)
    folder = (site / docname).parent
    for picture in article.find_all("img"):
        picture.attrs.pop("loading", None)
        picture.attrs.pop("decoding", None)
        if not urlsplit(picture["src"]).scheme:
            picture["src"] = os.path.relpath(folder / str(picture["src"]), into)
    for link in article.find_all("a", href=True):
        target = _target(str(link["href"]), docname, known)
        if target is None:
            link.unwrap()
        else:
            link["href"] = target
    for level in range(5, 0, -1):  # parts come in above
        for heading in article.find_all(f"h{level}"):
            heading.name = f"h{level + 1}"
    top = article.find("h2")
    title = " ".join(top.get_text().split())
    sections: list[Entry] = []
    for heading in article.select("h3"):
        if heading.find_parent(class_="admonition") is None:
            heading["id"] = heading.get("id") or f"{prefix}--{len(sections)}--head"
            sections.append(Entry("section", " ".join(heading.get_text().split()), str(heading["id"])))
    return Chapter(docname, title, article.decode_contents(), sections)


def _target(href: str, docname: str, known: set[str]) -> str | None:
    """Return where a link leads in the one file; None where there is nothing on paper."""
    parts = urlsplit(href)
    if parts.scheme:
        return href
    page = docname
    if parts.path:
        page = os.path.normpath(os.path.join(os.path.dirname(docname), parts.path)).removesuffix(".html")  # noqa: PTH118, PTH120
        if not parts.path.endswith(".html") or page not in known:
            return None
    return f"#{key_of(page)}--{parts.fragment or 'top'}"


def _write_out(soup: Any, article: Any, docname: str) -> None:
    """Write out what is folded on the page, and leave out what only a page can be searched for."""
    for heading in article.select(
        "section > h2:only-child"
    ):  # what stood under it is on the contents' own page
        heading.parent.decompose()
    for entry in article.select(
        "details.gt-api"
    ):  # of the package the signatures: the rest would be 150 pages
        if entry.select_one("details.gt-api") is None:
            for part in [part for part in entry.find_all(recursive=False) if part.name != "summary"]:
                part.decompose()
    for claims in article.select("section#every-claim-and-verdict"):  # of the colophon
        for fold in claims.select("details, .rubric"):
            fold.decompose()
        line = soup.new_tag("p")
        line.string = "Each chapter ends with its claims and verdicts; their values are on the book's pages."
        claims.append(line)
    solutions = [(fold, _exercise_before(fold)) for fold in article.select("details.gt-solution")]
    panel = article.select_one("section#evidence")
    if solutions:
        section = soup.new_tag("section", id="solutions")
        head = soup.new_tag("h2")
        head.string = "Solutions"
        section.append(head)
        for fold, title in solutions:
            fold.summary.decompose()
            fold.name = "div"
            fold["class"] = ["paper-solution"]
            name = soup.new_tag("p")
            strong = soup.new_tag("strong")
            strong.string = title
            name.append(strong)
            fold.insert(0, name)
            section.append(fold.extract())
        if panel is not None:
            panel.insert_before(section)
        else:
            article.append(section)
    for fold in article.select("details.gt-evidence"):
        line = soup.new_tag("p", id=fold["id"])
        line["class"] = ["paper-evidence"]
        strong = soup.new_tag("strong")
        strong.string = " ".join(fold.summary.get_text().split()) + ". "
        line.append(strong)
        said = [" ".join(p.get_text().split()) for p in fold.select(".gt-evidence-body > p")]
        line.append(" ".join(text for text in said if not text.startswith("The first ")))
        fold.replace_with(line)
    if panel is not None:
        for paragraph in panel.find_all("p", recursive=False, class_=False):
            paragraph.string = (
                "Every claim and verdict of this chapter, with its rule and what came out in this build. The "
                "values that each was judged by are on the book's page."
            )
    for fold in article.find_all("details"):
        fold["open"] = ""


def _exercise_before(fold: Any) -> str:
    box = fold.find_previous(class_="gt-exercise")
    title = box.select_one(".admonition-title") if box else None
    return " ".join(title.get_text().split()) if title else "Solution"


def heads_of(site: Path, pages: Sequence[str], into: Path) -> str:
    """Return the style sheets of all pages, each once, in their order, and the theme's own styles."""
    sheets: dict[str, None] = {}
    style = ""
    for docname in pages:
        head = (site / f"{docname}.html").read_text(encoding="utf-8").partition("</head>")[0]
        for href in SHEET.findall(head):
            file = (site / docname).parent / urlsplit(html.unescape(href)).path
            sheets[os.path.relpath(file, into)] = None
        style = style or "".join(re.findall(r"<style>.*?</style>", head, re.DOTALL))
    links = "".join(f'<link rel="stylesheet" href="{html.escape(sheet)}">\n' for sheet in sheets)
    return links + style


def assemble(site: Path, into: Path) -> tuple[str, str, list[Entry]]:
    """Return the book's title, the whole book as one HTML file in the folder ``into``, and its contents.

    Raises:
        PdfError: there is no built book.

    """
    if not (site / REPORT).is_file():
        raise PdfError(f"there is no built book in {site}; run 'make book' first")
    report = json.loads((site / REPORT).read_text(encoding="utf-8"))
    facts = _facts(site)
    parts = contents_of(site / "index.html")
    pages = [page for _, listed in parts for page in listed]
    known = {"index", *pages}
    entries: list[Entry] = []
    body: list[str] = []
    names: list[str] = []

    def add(docname: str, title: str | None = None) -> Entry:
        chapter = chapter_of(site, docname, known, into, facts)
        key = key_of(docname)
        text = chapter.body
        if title:
            text = re.sub(
                r"(<h2[^>]*>).*?</h2>", rf"\g<1>{html.escape(title)}</h2>", text, count=1, flags=re.DOTALL
            )
        names.append(
            f'@page {key} {{ @top-left {{ content: "{_css(title or chapter.title)}"; }} }} #{key} {{ page: {key}; }}'
        )
        body.append(f'<div class="paper-chapter" id="{key}"><a id="{key}--top"></a>{text}</div>')
        return Entry("chapter", title or chapter.title, key, chapter.sections)

    entries.append(add("index", "About this book"))
    for number, (caption, listed) in enumerate(parts):
        under = entries
        if caption:
            anchor = f"part-{number}"
            body.append(f'<div class="paper-part" id="{anchor}"><h1>{html.escape(caption)}</h1></div>')
            entries.append(Entry("part", caption, anchor))
            under = entries[-1].under
        under.extend(add(page) for page in listed)
    made = (
        f"Built from commit {report['commit'][:SHORT]}{' (edited)' if report['dirty'] else ''} on "
        f"{report['started'][:10]}, profile {report['profile']}."
    )
    logo = os.path.relpath(site / "_static" / "logo.svg", into)
    title = re.sub(r"<[^>]+>", "", report["title"])
    head = (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        f"{heads_of(site, ['index', *pages], into)}<style>{STYLE.read_text(encoding='utf-8')}\n"
        f'{chr(10).join(names)}</style></head>\n<body data-theme="light"><article role="main">\n'
    )
    front = (
        f'<div class="paper-title"><img src="{html.escape(logo)}" alt="">'
        f"<h1>{html.escape(title)}</h1><p>{AUTHOR}</p>"
        f"<p>{made} Text and figures: CC BY 4.0. Code: MIT licence.</p></div>\n<!--CONTENTS-->\n"
    )
    return title, head + front + "\n".join(body) + "\n</article></body></html>\n", entries


def _css(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _facts(site: Path) -> dict[str, str]:
    """Return the facts of the build that a script shows on the pages."""
    file = site / "_static" / "build-info.js"
    found = re.search(r"= (\{.*\});", file.read_text(encoding="utf-8")) if file.is_file() else None
    return dict(json.loads(found[1])) if found else {}


def with_contents(text: str, entries: Sequence[Entry], pages: dict[str, int]) -> str:
    """Return the file with its table of contents; page numbers that are not known yet take their room."""

    def lines(several: Sequence[Entry]) -> Iterator[str]:
        for entry in several:
            number = pages.get(entry.anchor)
            yield (
                f'<li><p class="paper-level-{entry.level}" data-page="{number or "000"}">'
                f'<a href="#{entry.anchor}">{html.escape(entry.title)}</a><i></i></p>'
            )
            if entry.under:
                yield f"<ol>{''.join(lines(entry.under))}</ol>"
            yield "</li>"

    made = f'<div class="paper-contents"><h1>Contents</h1><ol>{"".join(lines(entries))}</ol></div>'
    return text.replace("<!--CONTENTS-->", made, 1)


def chromium() -> str:
    """Return the path of Chromium.

    Raises:
        PdfError: it is not installed.

    """
    # The tests of the pages look for it under the same names.
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next((found for name in names if name and (found := shutil.which(name))), None)
    if path is None:
        raise PdfError(
            "Chromium prints the book, and is not installed: apt install chromium, or set CHROMIUM to its path"
        )
    return path


def print_to(file: Path, browser: Any) -> bytes:
    """Print one HTML file, with bookmarks and tags."""
    page = browser.new_page(color_scheme="light")
    page.set_default_timeout(0)
    page.goto(file.as_uri(), wait_until="load")
    page.evaluate("document.fonts.ready.then(() => null)")  # pictures are there when the page is loaded
    printed: bytes = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    page.close()
    return printed


def pages_of(pdf: Path) -> dict[str, int]:
    """Return the number of the page that each anchor stands on: of those that a link leads to."""
    from pypdf import PdfReader  # noqa: PLC0415 - for this command alone

    reader = PdfReader(pdf)
    found: dict[str, int] = {}
    for name, destination in reader.named_destinations.items():
        number = reader.get_destination_page_number(destination)
        if number is not None:
            found[name.lstrip("/")] = number + 1
    return found


def make(site: Path, out: Path) -> tuple[Path, int]:
    """Print the built book, and return the file and the number of its pages.

    Args:
        site: the built pages.
        out: the PDF to write.

    Raises:
        PdfError: no book, no Chromium, or a PDF that has a fault.

    """
    work = out.parent / ".pdf"
    work.mkdir(parents=True, exist_ok=True)
    path = chromium()
    title, text, entries = assemble(site, work)
    try:
        import pypdf  # noqa: F401, PLC0415
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - for this command alone
    except ImportError:
        raise PdfError("playwright and pypdf are needed for it: pip install -e '.[dev]'") from None
    file, draft = work / "book.html", work / "draft.pdf"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        file.write_text(with_contents(text, entries, {}), encoding="utf-8")
        draft.write_bytes(print_to(file, browser))
        file.write_text(with_contents(text, entries, pages_of(draft)), encoding="utf-8")
        draft.write_bytes(print_to(file, browser))
        browser.close()
    wrong = faults(draft)
    if wrong:
        raise PdfError(f"{draft} was printed, and has faults: " + "; ".join(wrong))
    named(draft, out, title, entries)
    draft.unlink()
    from pypdf import PdfReader  # noqa: PLC0415 - for this command alone

    return out, len(PdfReader(out).pages)


# --- what is wrong with a PDF -----------------------------------------------------------------------------

SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj")
"""In the stream of a page: which font is chosen, and the glyphs that are shown."""


def faults(pdf: Path) -> list[str]:
    """Return what is wrong with a printed book: no bookmarks, fonts left out, characters that no font has."""
    from pypdf import PdfReader  # noqa: PLC0415 - for this command alone

    reader = PdfReader(pdf)
    found = [] if reader.outline else ["it has no bookmarks"]
    foreign: set[str] = set()
    bare: list[str] = []
    for number, page in enumerate(reader.pages, start=1):
        listed: Any = page["/Resources"]
        fonts = {name.lstrip("/"): font.get_object() for name, font in listed.get("/Font", {}).items()}
        foreign |= {str(font.get("/BaseFont")) for font in fonts.values() if not _embedded(font)}
        content = page.get_contents()
        if content is not None and _lacks_a_glyph(content.get_data(), fonts):
            bare.append(str(number))
    if foreign:
        found.append(f"fonts are not embedded: {', '.join(sorted(foreign))}")
    if bare:
        found.append(f"a character has no glyph in any font, on page {', '.join(bare)}")
    return found


def _embedded(font: Any) -> bool:
    if font["/Subtype"] == "/Type3":  # its glyphs are drawings in the file itself
        return True
    if font["/Subtype"] == "/Type0":
        font = font["/DescendantFonts"][0].get_object()
    descriptor = font.get("/FontDescriptor")
    return descriptor is not None and any(
        f"/FontFile{kind}" in descriptor.get_object() for kind in ("", "2", "3")
    )


def _lacks_a_glyph(stream: bytes, fonts: dict[str, Any]) -> bool:
    """Whether glyph number 0 is shown: the box that stands for a character which is not there."""
    digits = 4
    for match in SHOWN.finditer(stream):
        if match[1]:
            font = fonts.get(match[1].decode())
            digits = 2 if font is not None and font["/Subtype"] == "/Type3" else 4
        elif any(not match[2][i : i + digits].strip(b"0") for i in range(0, len(match[2]), digits)):
            return True
    return False


def named(pdf: Path, out: Path, title: str, entries: Sequence[Entry]) -> None:
    """Write the printed book with its author and language, open at its bookmarks, and with these whole.

    Chromium drops the space where a heading breaks into two lines; the contents know it.
    """
    from pypdf import PdfReader, PdfWriter  # noqa: PLC0415 - for this command alone
    from pypdf.generic import NameObject, TextStringObject  # noqa: PLC0415

    def titles(several: Sequence[Entry]) -> Iterator[str]:
        for entry in several:
            yield entry.title
            yield from titles(entry.under)

    whole = {"".join(known.split()): known for known in (title, *titles(entries))}
    writer = PdfWriter(clone_from=PdfReader(pdf))
    outline: Any = writer.root_object.get("/Outlines", {})
    waiting = [outline.get("/First")]
    while waiting:
        node = waiting.pop()
        if node is None:
            continue
        item = node.get_object()
        text = str(item["/Title"])
        item[NameObject("/Title")] = TextStringObject(whole.get("".join(text.split()), text))
        waiting += [item.get("/Next"), item.get("/First")]
    writer.add_metadata({"/Title": title, "/Author": AUTHOR})
    writer.root_object[NameObject("/PageMode")] = NameObject("/UseOutlines")
    writer.root_object[NameObject("/Lang")] = TextStringObject("en")
    new = out.with_suffix(".new")
    with new.open("wb") as file:
        writer.write(file)
    new.replace(out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 1 if there is no PDF without a fault."""
    parser = argparse.ArgumentParser(
        prog="python -m groundtruth.sphinxext.pdf", description="Print the built book as one PDF."
    )
    parser.add_argument("--html", type=Path, default=Path("_build/html"), help="the built pages")
    parser.add_argument("--out", type=Path, default=Path("_build") / NAME, help="the PDF to write")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        out, count = make(chosen.html.resolve(), chosen.out.resolve())
    except PdfError as error:
        print(f"No PDF was made: {error}", file=sys.stderr)
        return 1
    print(
        f"{count} pages, {out.stat().st_size / 2**20:.1f} MiB, {time.monotonic() - started:.0f} seconds.\n"
        f"Open {out.as_uri()}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
