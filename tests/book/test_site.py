"""What a published book has besides its pages: addresses, pictures, sitemap, the page for lost readers, and notes."""

import json
import re

import pytest

pytestmark = pytest.mark.book

SITE, REPOSITORY = "https://example.org/our/book", "https://example.org/us/book"


@pytest.fixture(scope="module")
def published(new_book):
    """The fixture book, built knowing where it is published."""
    book = new_book("published")
    built = book.build(GROUNDTRUTH_URL=SITE, GROUNDTRUTH_REPOSITORY=REPOSITORY)
    assert built.status == 0, built.output
    return book


def meta(page: str, name: str) -> list[str]:
    return re.findall(rf'<meta (?:name|property)="{name}" content="([^"]*)">', page)


def test_pages_know_where_they_are_published(published):
    for name in ("alpha", "beta", "words", "index"):
        page = published.page(name)
        assert f'<link rel="canonical" href="{SITE}/{name}.html">' in page
        assert meta(page, "og:url") == [f"{SITE}/{name}.html"]
        assert meta(page, "og:image") == [f"{SITE}/previews/{name}.png"]
        assert (published.out / "html" / "previews" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert len(meta(page, "description")) == 1
        assert len(meta(page, "description")[0]) > 20
        assert meta(page, "og:description") == meta(page, "description")
        assert f'<a rel="edit" href="{REPOSITORY}/edit/main/book/{name}.md">Edit this page</a>' in page
    assert meta(published.page("alpha"), "description")[0].startswith("The answer is 42, and that is large.")


def test_the_sitemap_lists_the_pages_and_nothing_else(published):
    text = (published.out / "html" / "sitemap.xml").read_text("utf-8")
    found = re.findall(r"<loc>(.*?)</loc>", text)
    assert found == [f"{SITE}/{name}.html" for name in ("alpha", "beta", "colophon", "index", "words")]


def test_lost_readers_are_led_back_from_any_folder(published):
    page = published.page("404")
    assert "This page does not exist" in page
    links = [link for link in re.findall(r'(?:href|src|action)="([^"]*)"', page) if not link.startswith("#")]
    assert links
    assert not [link for link in links if not link.startswith(("/our/book/", "https://"))]


def test_an_unpublished_book_names_no_address(warm):
    page = warm.page("alpha")
    for absent in ("canonical", "og:url", "og:image", "Edit this page"):
        assert absent not in page
    assert not (warm.out / "html" / "sitemap.xml").exists()
    assert len(meta(page, "description")) == 1


def test_a_wrong_address_stops_the_build(book):
    built = book.build(GROUNDTRUTH_URL="example.org")
    assert built.status != 0
    assert "GROUNDTRUTH_URL is 'example.org'" in built.output


def script(book, name: str):
    text = (book.out / "html" / "_static" / name).read_text("utf-8")
    return json.loads(text.partition("=")[2].strip().removesuffix(";"))


def test_terms_and_references_have_notes_after_every_build(new_book):
    book = new_book("notes")
    assert book.build().status == 0
    first = script(book, "notes.js")
    assert first["words.html#term-margin"] == (
        "<p><strong>margin</strong></p><p>The distance of the nearest example to the line.</p>"
    )
    assert any("Frank Rosenblatt" in text for text in first.values())
    found = script(book, "search-data.js")["entries"]
    assert {entry["kind"] for entry in found} == {"page", "chapter", "section", "term", "reference"}
    # An unchanged page is not read again, and what it holds must not be lost.
    book.swap("book/beta.md", "# Beta", "# Gamma")
    assert book.build().status == 0
    assert script(book, "notes.js") == first
    titles = {entry["title"] for entry in script(book, "search-data.js")["entries"]}
    assert "Gamma" in titles
    assert "Alpha" in titles
    assert "Beta" not in titles
