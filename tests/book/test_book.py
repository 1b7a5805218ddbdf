"""The book itself, as its last build reported it: by default the one in *quick* that ``make test`` makes first."""

import hashlib
import html
import json
import os
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HTML = Path(os.environ.get("GROUNDTRUTH_HTML", ROOT / "_build" / "html")).resolve()

pytestmark = pytest.mark.book


@pytest.fixture(scope="module")
def report() -> dict:
    path = HTML / "build-report.json"
    if not path.is_file():
        pytest.skip(f"no build report in {HTML}: run 'make test', or 'make book' first")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chapters(report: dict) -> list[dict]:
    return report["chapters"]


@pytest.fixture(scope="module")
def taught(chapters: list[dict]) -> list[dict]:
    """The chapters that teach: pages of an appendix that run are looked up, and need neither exercises nor figures."""
    return [chapter for chapter in chapters if chapter["part"] != "Appendices"]


def test_every_chapter_of_the_contents_is_in_the_report(chapters):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [Path(entry["file"]).name for part in toc["parts"] for entry in part["chapters"]]
    notebooks = [slug for slug in listed if "jupytext:" in _source(slug)[:400]]
    assert [chapter["slug"] for chapter in chapters] == notebooks
    assert notebooks


def test_report_says_what_made_it(report):
    assert report["schema"] == 1
    assert report["profile"] in ("quick", "cpu", "gpu")
    assert report["machine"]["torch"].startswith("2.")
    assert report["seconds"] > 0
    assert all(entry["sha256"] and entry["licence"] for entry in report["data"])


def test_every_chapter_ran_and_says_what_it_cost(chapters):
    for chapter in chapters:
        assert chapter["code_cells"] > 0, chapter["slug"]
        assert chapter["seconds"] > 0, chapter["slug"]
        assert chapter["peak_rss_mb"] > 0, chapter["slug"]
        assert chapter["words"] > 500, chapter["slug"]


def test_no_claim_is_false_and_trained_ones_wait_for_training(report, chapters):
    claims = [claim for chapter in chapters for claim in chapter["claims"]]
    assert claims
    assert not [claim["name"] for claim in claims if claim["holds"] is False]
    if report["profile"] != "quick":
        assert not [claim["name"] for claim in claims if claim["verdict"] == "not evaluated"]


def test_statistical_claims_have_seeds_and_an_interval(report, chapters):
    if report["profile"] == "quick":
        pytest.skip("claims about trained networks are not evaluated in quick")
    for chapter in chapters:
        for claim in chapter["claims"]:
            if claim["seeds"]:
                assert len(claim["seeds"]) >= 3, claim["name"]
                assert claim["interval"][0] <= claim["mean"] <= claim["interval"][1], claim["name"]


def test_every_figure_has_a_caption_and_an_alt_text_with_its_values(chapters, taught):
    assert not [chapter["slug"] for chapter in taught if not chapter["figures"]]
    for chapter in chapters:
        for figure in chapter["figures"]:
            for text in (figure["caption"], figure["alt"]):
                assert len(text) > 30, figure
                assert "{" not in text, figure
                assert "?" not in text.split(), figure


def test_chapters_have_exercises_claims_and_records(chapters, taught):
    assert taught
    assert not [chapter["slug"] for chapter in taught if chapter["exercises"] < 6]
    for chapter in chapters:
        assert chapter["claims"], chapter["slug"]
        assert chapter["records"], chapter["slug"]


def test_every_chapter_has_a_notebook(report, chapters):
    """What is in it: ``test_clean_notebooks.py``."""
    assert [entry["slug"] for entry in report["notebooks"]] == sorted(chapter["slug"] for chapter in chapters)
    for entry in report["notebooks"]:
        assert hashlib.sha256((HTML / entry["path"]).read_bytes()).hexdigest() == entry["sha256"]


def test_pages_hold_what_the_report_says(chapters):
    for chapter in chapters:
        page = next(HTML.rglob(f"{chapter['slug']}.html")).read_text(encoding="utf-8")
        spoken = " ".join(_plain(figure["alt"]) for figure in chapter["figures"])
        for record in chapter["records"]:
            # What a figure draws may stand in its alt text alone, where a number can carry no mark-up.
            written = f'data-name="{chapter["slug"]}/{record["name"]}"' in page
            assert written or _plain(record["text"]) in spoken, record["name"]
        for claim in chapter["claims"]:
            assert f'id="evidence-{claim["name"]}"' in page, claim["name"]


def test_landing_page_is_the_index(chapters):
    index = (HTML / "index.html").read_text(encoding="utf-8")
    for chapter in chapters:
        assert re.search(rf'href="(?:[^"]*/)?{chapter["slug"]}\.html"', index)


def _plain(text: str) -> str:
    """Return the text with every kind of space as a plain one: a screen reader tells no difference."""
    return " ".join(text.split())


def _source(slug: str) -> str:
    return next((ROOT / "book").rglob(f"{slug}.md")).read_text(encoding="utf-8")


MARKUP = re.compile(r"\\[a-z]{2,}|\$[^$\n]{1,80}\$|\{[a-z:]+\}`")
"""TeX commands, dollars around maths, and roles: on a page they should have become something."""


def left_over(page: str) -> list[str]:
    """Return what looks like markup in the text of a page, outside code."""
    text = re.sub(r"<(script|style|pre|code|annotation|math)\b[^>]*>.*?</\1>", " ", page, flags=re.DOTALL)
    return MARKUP.findall(html.unescape(re.sub(r"<[^>]+>", "", text)))


def test_no_markup_is_left_on_a_page():
    pages = sorted(HTML.glob("*.html")) + sorted(HTML.glob("appendix/*.html"))
    assert {
        page.name: found for page in pages if (found := left_over(page.read_text(encoding="utf-8")))
    } == {}


def test_left_over_markup_is_found():
    assert left_over(r"<p>and $64 \cdot (9</p>")
    assert left_over("<p>about $x^2$, see {rec}`loss`</p>") == ["$x^2$", "{rec}`"]
    assert left_over("<pre>cost = {rec}`x`</pre><code>$HOME$</code><p>12 $</p>") == []
