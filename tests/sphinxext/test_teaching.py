"""Paths and key figures: what they name has to be there, and is said in the chapters' own words."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from groundtruth.sphinxext import teaching
from groundtruth.sphinxext.pages import Page, Placed, pages_of


def toc(*anchors):
    return nodes.bullet_list(
        "", *(nodes.reference("", title, anchorname=anchor) for anchor, title in anchors)
    )


@pytest.fixture
def env():
    env = SimpleNamespace(
        titles={"waves": nodes.title("", "Waves")},
        tocs={"waves": toc(("", "Waves"), ("#at-sea", "At sea"))},
    )
    page = Page("waves", exercises=["by-hand"], is_chapter=True, costs=[{"seconds": 12.4, "peak_rss_mb": 1}])
    page.placed.append(Placed("swell", "run", "caption", "alt", 1, 3))
    pages_of(env)["waves"] = page
    return env


def test_sections_of_a_page(env):
    assert teaching.sections_of(env, "waves") == {"": "Waves", "at-sea": "At sea"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("waves", "section"),
        ("waves#at-sea", "section"),
        ("waves/by-hand", "exercise"),
        ("waves/swell", "figure"),
    ],
)
def test_what_is_there_is_no_fault(env, name, kind):
    assert teaching.fault_of(env, name, kind) is None


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("lakes", "section", "no page 'lakes'"),
        ("waves#on-land", "section", "no section 'on-land'; it has: at-sea"),
        ("waves/by-heart", "exercise", "no exercise 'by-heart'; it has: by-hand"),
        ("waves/calm", "figure", "no figure 'calm'; it has: swell"),
    ],
)
def test_what_is_not_there_is_named(env, name, kind, said):
    assert said in teaching.fault_of(env, name, kind)


def test_a_path_is_filled_in(env):
    step = {"title": "First", "minutes": 45, "read": ["waves#at-sea", "waves"], "exercises": ["waves/by-hand"],
            "able": "swim"}  # fmt: skip
    app = SimpleNamespace(builder=SimpleNamespace(get_relative_uri=lambda here, there: f"../{there}.html"))
    node = teaching.teaching_path(steps=[step, {**step, "minutes": 5}])
    made = nodes.container("", *teaching.fill_path(app, env, "appendix/teaching", node))
    links = {link.astext(): link["refuri"] for link in made.findall(nodes.reference)}
    assert links == {
        "Waves: At sea": "../waves.html#at-sea",
        "Waves": "../waves.html",
        "Waves, exercise 1": "../waves.html#exercise-by-hand",
    }
    text = made.astext().replace("\u00a0", " ")
    assert "First, 45 minutes" in text
    assert "all cells of its chapter: 12 s in this build" in text  # once, though it is named twice
    assert "In all 50 minutes. The cells of every chapter named here took 12 s" in text


def test_a_page_is_written_again_when_what_it_shows_changes(env):
    page = Page("teaching", foreign=[(1, "waves/by-hand", "exercise")])
    before = str(teaching.shown_of(env, page))
    env_page = pages_of(env)["waves"]
    env_page.costs[0]["seconds"] = 99.0
    assert str(teaching.shown_of(env, page)) != before
    assert teaching.shown_of(env, Page("other")) == []
