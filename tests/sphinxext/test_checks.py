"""Every fault in what the pages hand over and show: that it is found, where, and in which words."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinxcontrib.bibtex.bibfile import BibFile

from groundtruth.sphinxext import checks
from groundtruth.sphinxext.checks import falsity, faults
from groundtruth.sphinxext.pages import Page, Placed, Shown, find, pages_of, purge, slug_of

CLAIM = {
    "kind": "claim", "name": "large", "statement": "It is large.", "rule": "the mean lies at or above 30",
     "holds": True,
    "verdict": "holds", "labels": ["value"], "values": {"value": [40.0, -42.5]}, "spec": ".3g",
    "interval": [39.0, 43.0], "mean": 41.25,
    "note": "", "line": 9, "source": None,
}  # fmt: skip


def record(name, line=5, **more):
    return {"kind": "record", "name": name, "value": 1, "text": "1", "line": line, "source": None, **more}


@pytest.fixture
def env():
    """An environment of two pages without a fault."""
    env = SimpleNamespace(docname="alpha", domaindata={})
    alpha, beta = Page("alpha"), Page("more/beta")
    alpha.evidence = {"answer": record("answer"), "large": dict(CLAIM)}
    alpha.figures = {"line": {"kind": "figure", "name": "line", "stages": ["<svg/>"], "line": 12}}
    alpha.placed = [
        Placed("line", "run", "It ends.", "A line.", 1, 20),
        Placed("drawn", "diagram", "It.", "It.", 3, 30),
    ]
    alpha.shown = [Shown("rec", "alpha", "answer", 7)]
    beta.shown = [Shown("claim", "alpha", "large", 3)]
    pages_of(env).update({page.docname: page for page in (alpha, beta)})
    return env


@pytest.fixture
def alpha(env):
    return pages_of(env)["alpha"]


def test_a_sound_book_has_no_fault(env):
    assert faults(env) == []


def only(env):
    (found,) = faults(env)
    return found


def test_what_is_never_shown(env, alpha):
    alpha.evidence["spare"] = record("spare", 6)
    assert only(env) == ("alpha", 6, "record 'alpha/spare' is never shown")


def test_being_shown_under_the_same_name_elsewhere_does_not_count(env, alpha):
    alpha.shown[0].slug = "beta"
    pages_of(env)["more/beta"].evidence["answer"] = record("answer")
    assert only(env) == ("alpha", 5, "record 'alpha/answer' is never shown")


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (
            Shown("rec", "alpha", "none", 4),
            "page 'alpha' has no evidence named 'none'; it has: answer, large",
        ),
        (Shown("rec", "beta", "none", 4), "page 'beta' has no evidence named 'none'; it has: none"),
        (Shown("rec", "gamma", "x", 4), "there is no page 'gamma' for 'gamma/x'"),
        (
            Shown("claim", "alpha", "answer", 4),
            "'alpha/answer' is a record, and is shown by a role for a claim",
        ),
        (
            Shown("given", "alpha", "answer", 4),
            "'alpha/answer' is a record, and is shown by a role for a given",
        ),
        (
            Shown("verdict", "alpha", "large", 4),
            "'alpha/large' is a claim, and is shown by a role for a verdict",
        ),
    ],
)
def test_what_is_shown_and_not_there(env, shown, says):
    pages_of(env)["more/beta"].shown.append(shown)
    assert only(env) == ("more/beta", 4, says)
    assert find(env, shown) == says


def test_a_false_claim_names_chapter_claim_rule_and_values(env, alpha):
    alpha.evidence["large"] |= {"holds": False, "note": "run at least 5."}
    page, line, says = only(env)
    assert (page, line) == ("alpha", 9)
    assert says == falsity("alpha", alpha.evidence["large"])
    assert says == (
        "claim 'alpha/large' is false: It is large. Rule: the mean lies at or above 30. "
        "Mean 41.2, 95 % interval 39 to 43. run at least 5. Values: value: 40, −42.5"
    )


@pytest.mark.parametrize("holds", [True, None])
def test_a_claim_that_holds_or_was_not_evaluated_is_no_fault(env, alpha, holds):
    alpha.evidence["large"]["holds"] = holds
    assert faults(env) == []


def test_a_source_must_be_in_the_bibliography(env, alpha):
    alpha.evidence["answer"]["source"] = "nobody1900"
    says = ("alpha", 5, "given 'alpha/answer' names the unknown source 'nobody1900'")
    assert only(env) == says  # there is no bibliography at all
    known = {"somebody1901": None}
    env.domaindata["cite"] = {}
    files = {Path("references.bib"): BibFile(mtime=0.0, keys=known)}
    env.get_domain = lambda name: SimpleNamespace(bibdata=SimpleNamespace(bibfiles=files))
    assert only(env) == says
    known["nobody1900"] = None
    assert faults(env) == []


def test_two_pages_with_one_slug(env):
    pages_of(env)["other/alpha"] = Page("other/alpha")
    assert only(env) == ("other/alpha", None, "pages alpha and other/alpha share the slug 'alpha'")


def test_a_figure_drawn_and_not_placed_and_one_placed_and_not_drawn(env, alpha):
    alpha.placed[0].name = "curve"
    assert faults(env) == [
        ("alpha", 20, "no cell of 'alpha' draws figure 'curve'; drawn are: line"),
        ("alpha", 12, "figure 'alpha/line' is drawn and never placed"),
    ]


def test_stages_are_counted(env, alpha):
    alpha.placed[0].stages = 2
    assert only(env) == ("alpha", 20, "figure 'alpha/line' has 1 stages, 2 are described")


def test_what_reading_a_page_noted_is_said_every_time(env, alpha, monkeypatch):
    alpha.problems.append((4, "typed number '0.5'"))
    said = []
    monkeypatch.setattr(checks.logger, "warning", lambda text, **more: said.append((more["location"], text)))
    for _ in range(2):
        checks.check(SimpleNamespace(), env)
    assert said == [(("alpha", 4), "typed number '0.5'")] * 2


def test_a_page_that_is_read_again_is_forgotten_first(env):
    purge(SimpleNamespace(), env, "alpha")
    assert list(pages_of(env)) == ["more/beta"]
    assert slug_of("more/beta") == pages_of(env)["more/beta"].slug == "beta"
