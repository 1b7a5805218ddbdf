"""The report: what it says of machine, data, commit and chapters, and that it is whole or not there."""

import json
import os
import subprocess
from types import SimpleNamespace

import pytest
from docutils import nodes

from groundtruth.data import files
from groundtruth.evidence import BUILD_VARIABLE
from groundtruth.sphinxext import report
from groundtruth.sphinxext.pages import Page, Placed, Shown, pages_of

CLAIM = {
    "kind": "claim", "name": "large", "statement": "It is large.", "rule": "above 30", "holds": True,
     "verdict": "holds",
    "labels": ["net"], "values": {"net": [40.0, 42.0]},
    "seeds": [3, 7], "cases": [], "spec": ".3g", "note": "", "interval": [38.0, 40.5],
    "mean": 39.25, "line": 3, "source": None, "timing": False,
}  # fmt: skip

PAGE = """
<figure class="gt-figure align-default" id="fig-other"><img alt="x"><figcaption><p><span class="caption-number">Fig. 1
</span><span class="caption-text">Other.</span><a class="headerlink" href="#fig-other">#</a></p></figcaption></figure>
<figure class="gt-figure gt-stepped" id="fig-line"><img alt="x"><figcaption><p><span class="caption-number">Fig. 2
</span><span class="caption-text">It <em>ends</em>
at <span class="gt-rec">42</span> &amp; <math><semantics><mi>w</mi><annotation encoding="x">\\mathbf w</annotation>
</semantics></math>.</span><a class="headerlink" href="#fig-line">#</a></p></figcaption></figure>
"""
"""Two figures of a built page: a caption is read as the page shows it."""


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv(BUILD_VARIABLE, "now")
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "cpu")
    page = Page("part/alpha", is_chapter=True, words=400, code_cells=2, exercises=["add"], data=["mnist"])
    page.evidence = {
        "answer": {"kind": "record", "name": "answer", "value": 42, "text": "42", "line": 1, "source": None},
         "large": CLAIM,
    }  # fmt: skip
    page.placed = [
        Placed("line", "run", "It ends at {rec}`alpha/answer`.", "A line to {rec}`alpha/answer`.", 1, 2)
    ]
    page.shown = [Shown("rec", "alpha", "answer", 4)]
    page.costs = [
        {"build": "before", "seconds": 1.25, "peak_rss_mb": 300}, {"build": "before", "seconds": 0.5,
         "peak_rss_mb": 320},
    ]  # fmt: skip
    env = SimpleNamespace(
        docname="index", config=SimpleNamespace(root_doc="index"), toctree_includes={"index": ["part/alpha"]},
        titles={"part/alpha": nodes.title("", "Alpha"), "index": nodes.title("", "The book")},
    )  # fmt: skip
    pages_of(env).update({"part/alpha": page, "index": Page("index")})
    html = tmp_path / "html"
    (html / "notebooks").mkdir(parents=True)
    (html / "notebooks" / "alpha.ipynb").write_text("{}")
    site = SimpleNamespace(
        root=SimpleNamespace(subtrees=[SimpleNamespace(caption="Beginnings", items=["part/alpha"])])
    )
    config = SimpleNamespace(html_title="The book", external_site_map=site)
    (html / "alpha.html").write_text(PAGE)
    builder = SimpleNamespace(
        format="html", get_outfilename=lambda docname: str(html / f"{docname[5:]}.html")
    )
    return SimpleNamespace(env=env, config=config, srcdir=str(tmp_path), outdir=str(html), builder=builder)


def test_the_report_has_the_agreed_fields(app):
    made = report.make(app)
    assert set(made) == {
        "schema", "title", "commit", "dirty", "profile", "arithmetic", "started", "seconds", "machine",
         "data", "chapters",
        "notebooks",
    }  # fmt: skip
    assert (made["schema"], made["profile"], made["title"]) == (1, "cpu", "The book")
    assert {"cpu", "cores", "memory_gib", "device", "python", "torch"} <= set(made["machine"])
    (chapter,) = made["chapters"]
    assert {key: chapter[key] for key in ("slug", "title", "part", "words", "seconds", "peak_rss_mb",
     "code_cells")} == {
        "slug": "alpha", "title": "Alpha", "part": "Beginnings", "words": 400, "seconds": 1.75, "peak_rss_mb": 320,
        "code_cells": 2,
    }  # fmt: skip
    assert chapter["exercises"] == 1
    assert chapter["data"] == ["mnist"]
    assert chapter["figures"] == [
        {
            "name": "line",
            "caption": "It ends at 42 & w .",
            "alt": "A line to 42.",
            "kind": "run",
            "timing": False,
        },
    ]
    assert chapter["records"] == [
        {"name": "answer", "value": 42, "text": "42", "kind": "record", "timing": False}
    ]
    (claim,) = chapter["claims"]
    assert {key: CLAIM[key] for key in claim} == claim
    assert {"name", "statement", "holds", "verdict", "seeds", "values", "interval"} <= set(claim)
    (notebook,) = made["notebooks"]
    assert notebook["slug"] == "alpha"
    assert notebook["path"] == "notebooks/alpha.ipynb"
    assert notebook["sha256"] == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # of {}
    json.dumps(made, allow_nan=False)


def test_a_chapter_was_executed_if_this_build_made_an_output(app):
    assert report.make(app)["chapters"][0]["executed"] is False
    pages_of(app.env)["part/alpha"].costs[1]["build"] = "now"
    assert report.make(app)["chapters"][0]["executed"] is True


def test_the_report_and_the_facts_are_written_when_the_build_ends(app, tmp_path):
    report.write(app, None)
    html = tmp_path / "html"
    assert json.loads((html / report.NAME).read_text())["schema"] == 1
    facts = (html / "_static" / "build-info.js").read_text()
    assert facts.startswith("window.GROUNDTRUTH_BUILD = {")
    assert json.loads(facts.removeprefix("window.GROUNDTRUTH_BUILD = ").rstrip(";\n"))["profile"] == "cpu"
    assert not list(html.rglob("*.new"))


def test_a_build_that_broke_off_or_makes_no_pages_leaves_no_report(app, tmp_path):
    report.write(app, RuntimeError())
    app.builder.format = "latex"
    report.write(app, None)
    assert not (tmp_path / "html" / report.NAME).exists()


def test_the_data_are_those_of_the_manifest():
    listed = report.data_sets()
    assert [one["name"] for one in listed] == list(files.manifest())
    assert all(len(one["sha256"]) == 64 and one["licence"] and one["examples"] for one in listed)


@pytest.fixture
def repository(tmp_path):
    hidden = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
    person = ["-c", "user.name=A", "-c", "user.email=a@b.example"]
    (tmp_path / "page.md").write_text("Text.\n")
    for arguments in (["init", "-q"], ["add", "."], [*person, "commit", "-q", "-m", "First"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, env=hidden, check=True)
    return tmp_path


def test_the_commit_is_named_and_edits_are_noticed(repository):
    head, dirty = report.commit(repository)
    assert len(head) == 40
    assert not dirty
    (repository / "page.md").write_text("Other text.\n")
    assert report.commit(repository) == (head, True)


def test_without_a_repository_the_commit_is_unknown(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert report.commit(tmp_path) == ("unknown", False)
