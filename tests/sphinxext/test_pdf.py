"""One page as it is printed: what becomes of folds, links and anchors. Printing: ``tests/book/test_pdf.py``."""

import pytest

from groundtruth.sphinxext import pdf

PAGE = """<html><body><div class="sidebar">a long list</div><article role="main" id="main"><section id="waves">
<h1>1. Waves<a class="headerlink" href="#waves">¶</a></h1>
<p>See <a href="#evidence-high">a mark</a>, <a href="tides.html#low">tides</a>, <a href="../index.html">the start</a>,
<a href="notebooks/waves.ipynb">a file</a>, <a href="search.html">search</a>, <a href="https://example.org/x">outside</a>.</p>
<p>Built on <span data-build="device">–</span>.</p><button>Play</button><script>let x;</script>
<img class="gt-light" src="../_images/w.light.svg" loading="lazy"><img class="gt-dark" src="../_images/w.dark.svg">
<section id="more"><h2>More</h2><p>Text.</p>
<details class="gt-api"><summary>module</summary>
<details class="gt-api"><summary>f(x)</summary><p>Long.</p></details></details></section>
<div class="gt-exercise"><p class="admonition-title">Exercise 1 · A sum</p></div>
<details class="gt-solution"><summary>Solution</summary><p>It is two.</p></details>
<section id="list"><h2>Contents</h2><div class="toctree-wrapper"><ul></ul></div></section>
<section id="evidence"><h2>Evidence</h2><p>Every claim.</p>
<details class="gt-evidence" id="evidence-high"><summary>✓ It is high: holds</summary>
<div class="gt-evidence-body"><p>Rule: above 3.</p><table><tr><td>12345</td></tr></table></div></details></section>
</section></article></body></html>
"""


@pytest.fixture
def chapter(tmp_path):
    site = tmp_path / "html"
    (site / "appendix").mkdir(parents=True)
    (site / "appendix" / "waves.html").write_text(PAGE, encoding="utf-8")
    known = {"index", "appendix/waves", "appendix/tides"}
    return pdf.chapter_of(site, "appendix/waves", known, tmp_path / ".pdf", {"device": "a GPU"})


def test_links_between_pages_become_links_in_the_file_and_others_plain_text(chapter):
    for target in (
        "#p-appendix-waves--evidence-high",
        "#p-appendix-tides--low",
        "#p-index--top",
        "https://example.org/x",
    ):
        assert f'href="{target}"' in chapter.body
    assert "notebooks" not in chapter.body
    assert "search.html" not in chapter.body
    assert "a file" in chapter.body


def test_nothing_is_left_that_needs_a_screen(chapter):
    for gone in ("<button", "<script", "gt-dark", "headerlink", "loading=", "sidebar", "toctree", "Contents"):
        assert gone not in chapter.body
    assert "Built on <span" in chapter.body
    assert "a GPU" in chapter.body
    assert 'src="../html/_images/w.light.svg"' in chapter.body


def test_folds_are_written_out(chapter):
    body = chapter.body
    assert "f(x)" in body
    assert "Long." not in body  # of the package the signatures
    assert "12345" not in body
    assert "Rule: above 3." in body
    assert body.index("Exercise 1 · A sum") < body.index(">Solutions<") < body.index("It is two.")
    assert body.index("It is two.") < body.index(">Evidence<")
    assert body.count("Exercise 1 · A sum") == 2


def test_headings_are_one_level_lower_and_sections_are_listed(chapter):
    assert chapter.title == "1. Waves"
    assert "<h1" not in chapter.body
    assert [entry.title for entry in chapter.sections] == ["More", "Solutions", "Evidence"]


def test_a_page_of_another_theme_is_refused(tmp_path):
    (tmp_path / "x.html").write_text("<main>no</main>", encoding="utf-8")
    with pytest.raises(pdf.PdfError, match="has no article"):
        pdf.chapter_of(tmp_path, "x", set(), tmp_path, {})
