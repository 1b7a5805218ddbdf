"""What a place shows: names, values in texts, the table of evidence, and which pages to write again."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from groundtruth.sphinxext import resolve
from groundtruth.sphinxext.grammar import INLINE, target_of
from groundtruth.sphinxext.pages import Page, Shown, pages_of
from groundtruth.sphinxext.resolve import ROWS, details_of, fill, ordered, state_of, text_of, touched

RECORD = {"kind": "record", "name": "answer", "value": 42, "text": "42"}
CLAIM = {
    "kind": "claim", "name": "large", "statement": "It is large.", "rule": "above 30", "holds": True,
     "verdict": "holds",
    "labels": ["net", "line"], "values": {"line": [1.0, 2.5], "net": [40.0, 42.0]}, "smallest": 0.0,
    "seeds": [3, 7], "cases": [], "spec": ".3g", "note": "",
    "interval": [38.0, 40.5], "mean": 39.25,
}  # fmt: skip


@pytest.fixture
def env():
    env = SimpleNamespace(
        docname="beta", config=SimpleNamespace(root_doc="index"),
        toctree_includes={"index": ["part/beta", "alpha"], "alpha": ["gamma"]},
        titles={name: nodes.title("", name) for name in ("index", "alpha", "part/beta", "gamma")},
    )  # fmt: skip
    for name in ("alpha", "gamma", "index", "part/beta"):
        pages_of(env)[name] = Page(name)
    pages_of(env)["alpha"].evidence = {"answer": dict(RECORD), "large": dict(CLAIM)}
    return env


@pytest.mark.parametrize(
    ("text", "target"),
    [("answer", ("beta", "answer")), ("alpha/answer", ("alpha", "answer")), ("a/b/c-d", ("a/b", "c-d"))],
)
def test_a_name_is_the_pages_own_unless_it_has_a_slug(text, target):
    assert target_of(text, "part/beta") == target


@pytest.mark.parametrize("text", ["", "Answer", "alpha/", "an answer", "a_b"])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(ValueError, match="is no name of evidence"):
        target_of(text, "beta")


def test_roles_are_found_in_plain_text():
    text = "At {rec}`a`, {given}`b/c` and {claim}`d`{verdict}`e`; not {math}`f` nor {rec} g."
    assert [match.groups() for match in INLINE.finditer(text)] == [
        ("rec", "a"), ("given", "b/c"), ("claim", "d"), ("verdict", "e"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "holds", "verdict", "state"),
    [
        ("claim", True, "holds", "holds"), ("claim", False, "false", "false"), ("claim", None, "not evaluated", "open"),
        ("verdict", None, "not evaluated", "open"), ("verdict", None, "better", "better"), ("verdict", None,
         "worse", "worse"),
        ("verdict", None, "not distinguishable", "same"),
    ],
)  # fmt: skip
def test_every_outcome_has_a_state_a_sign_and_words(kind, holds, verdict, state):
    found, sign, says = state_of({"kind": kind, "holds": holds, "verdict": verdict})
    assert found == state
    assert len(sign) == 1
    assert says
    assert text_of({"kind": "verdict", "verdict": verdict}) == verdict


def test_a_text_is_filled_with_this_builds_values(env):
    assert fill(env, "It ends at {rec}`alpha/answer` {claim}`alpha/large`, so.") == "It ends at 42, so."
    assert fill(env, "Two\nlines") == "Two lines"
    assert fill(env, "It is {rec}`alpha/none`.") == "It is ?."


def test_the_table_of_evidence_has_a_row_a_seed_and_the_difference():
    shown = details_of(CLAIM, "evidence-large")
    assert [[entry.astext() for entry in row.children] for row in shown.findall(nodes.row)] == [
        ["seed", "difference", "net", "line"], ["3", "39", "40", "1"], ["7", "39.5", "42", "2.5"],
    ]  # fmt: skip
    said = [paragraph.astext() for paragraph in shown.children if isinstance(paragraph, nodes.paragraph)]
    assert said == [
        "Rule: above 30.",
        "Mean 39.25 over 2 seeds, 95\u00a0% t interval 38 to 40.5, paired by seed.",
    ]
    assert shown["ids"] == ["evidence-large"]


@pytest.mark.parametrize(
    ("interval", "smallest", "words"),
    [
        ([-1.0, 2.0], 0.0, "differences of both signs"),
        ([-4.0, 2.0], 3.0, "differences of both signs"),
        ([-1.0, 2.0], 3.0, "lies within 3 of zero"),
        ([1.0, 2.0], 3.0, "lies within 3 of zero"),
        ([1.0, 4.0], 3.0, "does not hold zero, but does not lie beyond 3"),
        ([-4.0, -1.0], 3.0, "does not hold zero, but does not lie beyond 3"),
    ],
)
def test_an_open_verdict_says_in_which_way_it_is_open(interval, smallest, words):
    payload = {
        **CLAIM,
        "kind": "verdict",
        "verdict": "not distinguishable",
        "interval": interval,
        "smallest": smallest,
    }
    assert words in details_of(payload, "x").astext()


def test_the_table_of_cases_names_them_and_is_cut():
    many = {
        **CLAIM,
        "seeds": [],
        "cases": [],
        "interval": None,
        "labels": ["a", "b"],
        "values": {"a": [1.0] * 99, "b": [2.0] * 99},
    }
    shown = details_of(many, "x")
    rows = [[entry.astext() for entry in row.children] for row in shown.findall(nodes.row)]
    assert rows[:2] == [["case", "a", "b"], ["1", "1", "2"]]
    assert len(rows) == ROWS + 1
    assert f"The first {ROWS} of 99 rows" in shown.astext()
    named = details_of({**many, "labels": ["a"], "values": {"a": [1.0]}, "cases": ["w = 0"]}, "x")
    assert "w = 0" in named.astext()


def test_pages_come_in_the_order_of_the_contents(env):
    assert [page.docname for page in ordered(env)] == ["index", "part/beta", "alpha", "gamma"]


def test_a_page_is_written_again_when_what_it_shows_of_others_changed(env, monkeypatch):
    monkeypatch.setattr(resolve.report, "machine", dict)
    app = SimpleNamespace(config=SimpleNamespace(groundtruth_colophon="gamma"))
    pages_of(env)["part/beta"].shown = [Shown("rec", "alpha", "answer", 1)]
    pages_of(env)["alpha"].shown = [Shown("rec", "alpha", "answer", 1)]
    touched(app, env)
    assert touched(app, env) == []
    pages_of(env)["alpha"].evidence["answer"]["text"] = "43"
    assert sorted(touched(app, env)) == ["gamma", "part/beta"]  # the colophon, and the page that shows it
    pages_of(env)["alpha"].evidence["large"]["verdict"] = "false"
    assert touched(app, env) == ["gamma"]
    monkeypatch.setattr(resolve.report, "machine", lambda: {"cores": 64})
    assert touched(app, env) == ["gamma"]


def test_an_interval_that_touches_a_limit_does_not_look_equal_to_it():
    touching = {
        **CLAIM,
        "spec": ".1%",
        "interval": [-0.0002, 0.017],
        "mean": 0.0084,
        "verdict": "not distinguishable",
    }
    said = " ".join(p.astext() for p in details_of(touching, "x").children if isinstance(p, nodes.paragraph))
    assert "−0.02\u00a0% to 1.70\u00a0%" in said
    assert "the seeds do not decide" in said


def test_a_claim_against_one_number_is_not_called_paired():
    single = {**CLAIM, "labels": ["net"], "values": {"net": [40.0, 42.0]}}
    said = " ".join(p.astext() for p in details_of(single, "x").children if isinstance(p, nodes.paragraph))
    assert "one value a seed" in said
    assert "paired" not in said
