"""The fixture book as one PDF: nothing runs again, contents and bookmarks lead where they say, every glyph is there."""

import importlib.util
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from groundtruth.sphinxext import pdf

pytestmark = [pytest.mark.book, pytest.mark.browser]


@pytest.fixture(scope="module", autouse=True)
def _chromium():
    """Skip without what prints, or fail where the browser tests are required."""
    try:
        pdf.chromium()
        absent = [name for name in ("playwright", "pypdf") if importlib.util.find_spec(name) is None]
        what = f"not installed: {', '.join(absent)}" if absent else ""
    except pdf.PdfError as error:
        what = str(error)
    if what and os.environ.get("GROUNDTRUTH_REQUIRE_BROWSER") == "1":
        pytest.fail(what, pytrace=False)
    if what:
        pytest.skip(what)


def aside(function, *arguments):
    """Call a function in a thread of its own: in this one the browser of other tests may be at work."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function, *arguments).result()


def printed(html: str, into: Path) -> Path:
    """Print one page of HTML as the book is printed."""
    (into / "page.html").write_text(f'<!DOCTYPE html><meta charset="utf-8">{html}', encoding="utf-8")
    return aside(_print, into)


def _print(into: Path) -> Path:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=pdf.chromium(), args=list(pdf.FLAGS))
        (into / "page.pdf").write_bytes(pdf.print_to(into / "page.html", browser))
        browser.close()
    return into / "page.pdf"


@pytest.fixture(scope="module")
def site(warm, tmp_path_factory):
    """The pages of the fixture book, and nothing that could execute them."""
    folder = tmp_path_factory.mktemp("printed") / "html"
    shutil.copytree(warm.out / "html", folder)
    return folder


@pytest.fixture(scope="module")
def book(site):
    out, count = aside(pdf.make, site, site.parent / "book.pdf")
    from pypdf import PdfReader

    reader = PdfReader(out)
    assert len(reader.pages) == count
    return reader


def outline(reader, several=None, depth=0):
    for item in reader.outline if several is None else several:
        if isinstance(item, list):
            yield from outline(reader, item, depth + 1)
        else:
            yield depth, item.title, reader.get_destination_page_number(item)


def page_with(reader, text, after=0):
    return next(n for n, page in enumerate(reader.pages) if n >= after and text in page.extract_text())


def test_bookmarks_are_parts_chapters_and_sections_and_lead_to_their_pages(book):
    marks = list(outline(book))
    titles = [title for _, title, _ in marks]
    assert titles[:2] == ["A book to plant faults in", "Contents"]
    for part, chapter in (("Chapters", "1. Alpha"), ("Appendices", "Words")):
        place = titles.index(part)
        depth, title, number = next(mark for mark in marks[place:] if mark[1].endswith(chapter.split()[-1]))
        assert depth == marks[place][0] + 1
        assert title.split()[-1] in book.pages[number].extract_text()


def test_the_contents_say_the_pages_of_the_bookmarks(book):
    lines = book.pages[1].extract_text().splitlines()
    for _, title, number in outline(book):
        if title.endswith(("Alpha", "Beta", "Words")):
            line = next(line for line in lines if title.split()[-1] in line)
            assert line.rstrip().endswith(str(number + 1)), line


def test_what_a_reader_needs_is_on_paper(book):
    text = " ".join(" ".join(page.extract_text() for page in book.pages).split())
    assert "The answer is 42, and that is large" in text
    assert "Fig. 1" in text
    assert "It is large" not in text  # what no page says
    assert "The answer is large: holds. Rule: the whole interval" in text  # evidence as a line
    assert text.rindex("Solutions") > text.index("Add the numbers.")
    assert "Download this chapter" not in text
    assert "Built from commit" in text
    assert "profile cpu" in text
    assert book.metadata.title == "A book to plant faults in"
    assert book.trailer["/Root"]["/Lang"] == "en"


def test_links_lead_inside_and_pictures_are_light(site):
    _, text, _ = pdf.assemble(site, site.parent)
    assert "-dark" not in text.split("</head>")[1].replace("gt-dark", "")
    assert text.count("<script") == 0
    assert 'href="#p-words--term-margin"' in text
    assert 'href="#p-alpha--evidence-large"' in text
    identifiers = pdf.re.findall(r' id="([^"]+)"', text)
    assert len(set(identifiers)) == len(identifiers)
    for target in pdf.re.findall(r'href="#([^"]+)"', text):
        assert target in identifiers, target
    for picture in pdf.re.findall(r'<img[^>]* src="([^"]+)"', text):
        assert (site.parent / picture).is_file(), picture


def test_a_book_without_a_fault_has_none(book, site):
    assert pdf.faults(site.parent / "book.pdf") == []


def test_a_missing_glyph_and_missing_bookmarks_are_found(tmp_path):
    sound = printed("<h1>Head</h1><p>Text, and more.</p>", tmp_path)
    assert pdf.faults(sound) == []
    assert pdf.faults(printed("<p>Text.</p>", tmp_path)) == ["it has no bookmarks"]
    lacking = printed("<h1>Head</h1><p>Text \ue777.</p>", tmp_path)  # private use: no font has it
    assert pdf.faults(lacking) == ["a character has no glyph in any font, on page 1"]


def test_a_heading_of_two_lines_keeps_its_space_in_the_bookmarks(tmp_path):
    from pypdf import PdfReader

    title = "Words that go on"
    page = printed(f'<h1 style="width: 4em">{title}</h1>', tmp_path)
    pdf.named(page, tmp_path / "named.pdf", title, [])
    assert [mark.title for mark in PdfReader(tmp_path / "named.pdf").outline] == [title]


def test_without_a_book_or_a_browser_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    assert pdf.main(["--html", str(tmp_path), "--out", str(tmp_path / "x.pdf")]) == 1
    assert "make book" in capsys.readouterr().err
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert pdf.main(["--html", str(tmp_path), "--out", str(tmp_path / "x.pdf")]) == 1
    assert "apt install chromium" in capsys.readouterr().err
