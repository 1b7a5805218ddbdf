"""Live figures on the page: what is written, what is wrong with them, and what a notebook says in their place."""

import json
from types import SimpleNamespace

import pytest
from docutils import nodes

from groundtruth.sphinxext import live
from groundtruth.sphinxext.checks import faults
from groundtruth.sphinxext.collect import _take
from groundtruth.sphinxext.nodes import live_start, visit_live_start
from groundtruth.sphinxext.notebooks import Writer
from groundtruth.sphinxext.pages import Page, pages_of

PAYLOAD = {"kind": "live", "name": "walk", "script": "descent", "data": {"rate": 0.5, "text": "</script> é"}}
FIGURE = {"kind": "figure", "name": "walk", "stages": ["<svg/>"]}


@pytest.fixture
def page():
    page = Page("part/alpha", is_chapter=True)
    _take(page, FIGURE, 7)
    _take(page, PAYLOAD, 7)
    page.placed.append(
        SimpleNamespace(name="walk", kind="run", stages=1, line=12, alt="A walk.", caption="A walk.")
    )
    page.alive.append(("walk", 12))
    return page


def faults_of(page):
    env = SimpleNamespace(domaindata={})
    pages_of(env)[page.docname] = page
    return faults(env)


def test_a_live_figure_that_is_whole_is_no_fault(page):
    assert list(live.faults(page)) == []
    assert faults_of(page) == []


def test_data_that_are_handed_over_twice(page):
    _take(page, PAYLOAD, 9)
    assert page.problems == [(9, "live 'alpha/walk' is handed over twice; names are unique in a chapter")]


def test_a_live_figure_placed_as_a_still_one(page):
    page.alive.clear()
    assert faults_of(page) == [("part/alpha", 7, "live figure 'alpha/walk' is not placed by {live-figure}")]


def test_a_still_figure_placed_as_a_live_one(page):
    page.live.clear()
    ((docname, line, text),) = faults_of(page)
    assert (docname, line) == ("part/alpha", 12)
    assert "its cell hands over no data: call live()" in text


def test_a_live_figure_that_no_cell_draws_is_said_once(page):
    page.live.clear()
    page.figures.clear()
    assert [text for _, _, text in faults_of(page)] == [
        "no cell of 'alpha' draws figure 'walk'; drawn are: none"
    ]


def test_the_file_of_the_data_is_a_script_that_says_just_them():
    text = live.script_of("alpha", PAYLOAD)
    head, data = text.split(" = ", 1)
    assert head == 'GROUNDTRUTH_LIVE.data["alpha/walk"]'
    assert json.loads(data.removesuffix(";\n")) == PAYLOAD["data"]
    assert text == live.script_of("alpha", {**PAYLOAD, "data": dict(reversed(PAYLOAD["data"].items()))})


@pytest.fixture
def fill(monkeypatch, tmp_path):
    """Run the transform on a document with one button, with an app and an environment of ours."""

    def run(page, builder="html"):
        env = SimpleNamespace(docname=page.docname)
        pages_of(env)[page.docname] = page
        app = SimpleNamespace(outdir=str(tmp_path), builder=SimpleNamespace(format=builder))
        monkeypatch.setattr(live.FillStart, "env", env)
        monkeypatch.setattr(live.FillStart, "app", app)
        transform = live.FillStart.__new__(live.FillStart)
        transform.document = nodes.section("", nodes.figure("", live_start(name="walk", start="Walk & see")))
        transform.run()
        return transform.document

    return run


def test_a_page_gets_the_file_and_its_address(page, fill, tmp_path):
    (start,) = fill(page).findall(live_start)
    written = tmp_path / "_static" / "live" / "alpha-walk.js"
    assert written.read_text("utf-8") == live.script_of("alpha", PAYLOAD)
    assert start["folder"] == "../_static/live/"
    assert [name.split("?")[0] for name in start["scripts"]] == ["common.js", "descent.js", "alpha-walk.js"]
    body = []
    writer = SimpleNamespace(
        body=body,
        attval=lambda text: text.replace("&", "&amp;"),
        encode=lambda text: text.replace("&", "&amp;"),
    )
    with pytest.raises(nodes.SkipNode):
        visit_live_start(writer, start)
    (html,) = body
    assert 'data-key="alpha/walk"' in html
    assert 'data-kind="descent"' in html
    assert ">Walk &amp; see</button>" in html  # a small file's size is not worth a word


def test_what_is_large_says_its_size(page, fill):
    page.live["walk"]["data"] = {"weights": "x" * 700_000}
    (start,) = fill(page).findall(live_start)
    body = []
    with pytest.raises(nodes.SkipNode):
        visit_live_start(SimpleNamespace(body=body, attval=str, encode=str), start)
    assert "<small>loads 700\u00a0kB</small>" in body[0]


def test_other_data_have_another_address(page, fill):
    (before,) = fill(page).findall(live_start)
    page.live["walk"]["data"] = {"rate": 0.6}
    (after,) = fill(page).findall(live_start)
    assert before["scripts"][:2] == after["scripts"][:2]
    assert before["scripts"][2] != after["scripts"][2]


def test_other_builders_write_no_file(page, fill, tmp_path):
    fill(page, builder="latex")
    assert not (tmp_path / "_static").exists()


def test_data_of_figures_that_are_gone_are_removed(page, fill, tmp_path):
    fill(page)
    folder = tmp_path / "_static" / "live"
    for name in ("alpha-gone.js", "start.js", "live.css"):
        (folder / name).write_text("", "utf-8")
    env = SimpleNamespace()
    pages_of(env)[page.docname] = page
    app = SimpleNamespace(env=env, outdir=str(tmp_path), builder=SimpleNamespace(format="html"))
    live.prune(app, None)
    assert sorted(path.name for path in folder.iterdir()) == ["alpha-walk.js", "live.css", "start.js"]


def test_a_notebook_says_in_a_sentence_what_the_page_can_do(page, monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "cpu")
    env = SimpleNamespace(toc_fignumbers={})
    writer = Writer(SimpleNamespace(env=env, config=None), page, solutions=False)
    said = writer.block(live_start(name="walk", start="Choose a rate, and walk"))
    assert said == "*On the book's page this figure answers: choose a rate, and walk.*"
