"""The head of a page: description, addresses, sitemap, and the page for lost readers."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from groundtruth.sphinxext import head
from groundtruth.sphinxext.nodes import build_fact


def page(*content: nodes.Node) -> nodes.document:
    document = nodes.document(None, None)
    document += nodes.section("", nodes.title("", "Alpha"), *content)
    return document


def words(text: str) -> nodes.paragraph:
    return nodes.paragraph("", text)


def test_the_description_is_the_first_paragraph_that_is_told():
    box = nodes.admonition("", words("After this chapter you can do a great many things."))
    evidence = nodes.section(
        "", words("Every claim of this chapter and its values."), classes=["gt-evidence-list"]
    )
    formal = nodes.paragraph("", "Here the loss falls as ", nodes.math("", r"\eta"))
    plain = words("Two kinds of picture, which one unit can tell apart.")
    assert head.described(page(box, evidence, formal, plain)) == plain.astext()
    assert head.described(page(box, evidence)) == ""
    assert head.described(page(formal)) == r"Here the loss falls as \eta"
    lead = nodes.container("", words("A textbook that runs and checks itself."), classes=["gt-lead"])
    filled = nodes.paragraph("", "Everything here was written by the build of ", build_fact(fact="date"))
    assert head.described(page(filled, plain)) == plain.astext()
    assert head.described(page(lead)) == "A textbook that runs and checks itself."


def test_the_description_has_no_citations_and_is_cut_at_a_word():
    text = (
        "Pullovers and coats, photographed for a shop [Xiao et al., 2017] . "
        + "They look alike and have sleeves. " * 9
    )
    found = head.described(page(words(text)))
    assert found.startswith("Pullovers and coats, photographed for a shop. They look alike")
    assert len(found) <= head.LONGEST
    assert found.endswith(" …")


@pytest.mark.parametrize("wrong", ["example.org/book", "file:///tmp/book", "https://"])
def test_an_address_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"GROUNDTRUTH_URL is .* expected the address of a site"):
        head.address(wrong, "GROUNDTRUTH_URL")
    assert head.address("", "GROUNDTRUTH_URL") == ""


def test_addresses_come_from_the_environment_where_the_configuration_has_none(monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_URL", "https://example.org/book")
    monkeypatch.setenv("GROUNDTRUTH_REPOSITORY", "https://example.org/us/book/")
    config = SimpleNamespace(html_baseurl="", groundtruth_repository="")
    head.settings(None, config)
    assert config.html_baseurl == "https://example.org/book/"
    assert config.groundtruth_repository == "https://example.org/us/book"
    config = SimpleNamespace(html_baseurl="https://other.org/", groundtruth_repository="")
    head.settings(None, config)
    assert config.html_baseurl == "https://other.org/"


def test_the_page_for_lost_readers_works_from_any_folder():
    page = (
        '<html data-content_root="./"><a href="alpha.html#x">a</a><a href="./">b</a><a href="#here">c</a>'
        '<a href="https://example.org/">d</a><img src="_static/logo.svg"><form action="search.html"></form>'
    )
    assert head.absolute(page, "/book/") == (
        '<html data-content_root="/book/"><a href="/book/alpha.html#x">a</a><a href="/book/">b</a><a href="#here">c</a>'
        '<a href="https://example.org/">d</a><img src="/book/_static/logo.svg"><form action="/book/search.html"></form>'
    )


def test_the_sitemap_lists_every_page():
    env = SimpleNamespace(found_docs={"index", "appendix/data & sets"})
    text = head.sitemap(env, "https://example.org/book/", lambda name: f"{name}.html")
    assert text.count("<url>") == 2
    assert "<loc>https://example.org/book/appendix/data &amp; sets.html</loc>" in text
