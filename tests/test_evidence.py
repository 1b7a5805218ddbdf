"""What a cell hands over: its arithmetic, against SciPy and by hand; its refusals; and the way out of the cell."""

import json
import math
import os
import random
import sys
from dataclasses import asdict

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from scipy import stats

from groundtruth import evidence
from groundtruth.evidence import (
    BUILD_VARIABLE,
    MIME,
    EvidenceError,
    as_text,
    beside_the_book,
    claim,
    claim_every,
    compare,
    figure,
    given,
    record,
    t_interval,
)

FIVE = [40.0, 42.0, 44.0, 41.0, 43.0]
"""Mean 42, standard deviation √2.5: the interval is 42 ± 2.776445 · √0.5 = 42 ± 1.963243."""
THREE = [40.0, 42.0, 44.0]
"""Mean 42, standard deviation 2: the interval is 42 ± 4.302653 · 2/√3 = 42 ± 4.968275."""
SEEDS = range(5)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "cpu")
    monkeypatch.delenv(BUILD_VARIABLE, raising=False)
    monkeypatch.setattr(evidence, "_session", {})


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "quick")


# --- records --------------------------------------------------------------------------------------


@pytest.mark.parametrize("hand_over", [record, given])
@pytest.mark.parametrize(
    "value",
    [
        42, 0.5, True, "Adam", np.float32(0.5), np.int64(3), np.bool_(True), np.array(2.5), np.array([[7]]),
        torch.tensor(0.25), torch.tensor([3]), torch.tensor(0.5, dtype=torch.bfloat16, requires_grad=True),
    ],
    ids=lambda value: f"{type(value).__name__}-{value}",
)  # fmt: skip
def test_a_scalar_of_any_kind_is_kept_plain(hand_over, value):
    assert hand_over("x", value) is None  # a cell that ends with it prints nothing more
    kept = evidence._session["x"]
    assert type(kept.value) in (bool, int, float, str)
    assert kept.value == (
        value if isinstance(value, str) else value.item() if hasattr(value, "item") else value
    )
    json.dumps(asdict(kept), allow_nan=False)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (math.nan, "must be finite"),
        (np.float64("inf"), "must be finite"),
        (torch.tensor(-math.inf), "must be finite"),
        (np.arange(3), r"array of shape \(3,\)"),
        (torch.zeros(2, 2), r"array of shape \(2, 2\)"),
        (np.array([]), r"array of shape \(0,\)"),
        ([1.0], "got list"),
        (None, "got NoneType"),
        (1 + 2j, "got complex"),
    ],
)
def test_what_is_no_finite_scalar_is_refused_by_name(value, says):
    with pytest.raises(EvidenceError, match=f"'accuracy'.*{says}"):
        record("accuracy", value)
    assert not evidence._session


@pytest.mark.parametrize(
    "name", ["", "Accuracy", "test accuracy", "test_accuracy", "-x", "x-", "a--b", "a/b", "ä", "x\n"]
)
@pytest.mark.parametrize(
    "hand_over",
    [
        lambda name: record(name, 1),
        lambda name: given(name, 1),
        lambda name: claim(name, "s", FIVE, seeds=SEEDS, at_least=0),
        lambda name: claim_every(name, "s", [1], "<", 2),
        lambda name: compare(name, FIVE, FIVE, seeds=SEEDS, labels=("a", "b"), measure="size"),
        lambda name: figure(name, Figure()),
    ],
    ids=["record", "given", "claim", "claim_every", "compare", "figure"],
)  # fmt: skip
def test_a_malformed_name_is_refused(hand_over, name):
    with pytest.raises(EvidenceError, match="is no name"):
        hand_over(name)


def test_the_text_is_the_formatted_value_unless_another_is_given():
    record("formatted", 0.9104, ".1%")
    record("spelled", 3, text="three")
    given("cited", 27.0, ".1f", source="rosenblatt1958perceptron")
    assert evidence._session["formatted"].text == "91.0\u00a0%"
    assert evidence._session["spelled"].text == "three"
    assert evidence._session["cited"].source == "rosenblatt1958perceptron"
    assert (evidence._session["spelled"].kind, evidence._session["cited"].kind) == ("record", "given")


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (1234567, ",d", "1,234,567"),
        (-3, "d", "−3"),
        (-0.5, ".1f", "−0.5"),
        (0.913, ".1%", "91.3\u00a0%"),
        (-0.0004, ".1%", "0.0\u00a0%"),
        (-0.04, ".1f", "0.0"),
        (-0.0, ".0f", "0"),
        (-0.06, ".1f", "−0.1"),
        (1.5e-8, ".1e", "1.5 × 10⁻⁸"),
        (1e20, ".3g", "1 × 10²⁰"),
        (-2e-10, ".0e", "−2 × 10⁻¹⁰"),
        (1.0, ".0e", "1 × 10⁰"),
        (0.25, "", "0.25"),
        (True, "", "yes"),
        (False, "", "no"),
        ("plain-net at 5%", "", "plain-net at 5%"),
        ("left", ">6", "  left"),
    ],
)
def test_numbers_are_written_as_prose_has_them(value, spec, text):
    assert as_text(value, spec) == text


@pytest.mark.parametrize(("value", "spec"), [(0.5, "d"), ("x", ".1f"), (3, "%%"), (1.0, ",,f")])
def test_a_spec_that_does_not_fit_is_refused_by_name(value, spec):
    with pytest.raises(EvidenceError, match=r"'loss': format spec .* does not fit"):
        record("loss", value, spec)


# --- the interval ---------------------------------------------------------------------------------


def test_the_interval_of_known_numbers():
    mean, low, high = t_interval(FIVE)
    assert (mean, low, high) == pytest.approx((42, 42 - 1.963243, 42 + 1.963243), abs=1e-6)
    mean, low, high = t_interval(THREE)
    assert (mean, low, high) == pytest.approx((42, 42 - 4.968275, 42 + 4.968275), abs=1e-6)


@pytest.mark.parametrize("n", [3, 5, 12])
def test_a_claim_has_the_interval_of_the_paired_t_test(n):
    rng = random.Random(n)
    shared = [
        rng.gauss(0, 3) for _ in range(n)
    ]  # pairing removes it, an unpaired interval would be far wider
    values, against = ([base + rng.gauss(shift, 0.2) for base in shared] for shift in (1.0, 0.0))
    judged = claim("x", "s", values, against=against, seeds=range(n), at_least=0.0)
    interval = stats.ttest_rel(values, against).confidence_interval(0.95)
    assert judged.interval == pytest.approx([interval.low, interval.high], rel=1e-12)
    assert judged.mean == pytest.approx(np.mean(values) - np.mean(against))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_two_numbers_have_no_interval(n):
    with pytest.raises(EvidenceError, match=f"'gap': {n} seeds; an interval needs at least 3"):
        t_interval([1.0] * n, "gap")


# --- claims ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("margin", "against", "holds"),
    [
        ({"at_least": 40.036}, 0.0, True),
        ({"at_least": 40.037}, 0.0, False),
        ({"at_least": 0.036}, [40.0] * 5, True),
        ({"at_least": 0.037}, [40.0] * 5, False),
        ({"at_least": -1.97}, FIVE[::-1], False),  # pairing by seed: the mean is 0, the spread is not
        ({"at_most": 43.964}, 0.0, True),
        ({"at_most": 43.963}, 0.0, False),
        ({"at_most": -2.036}, 46.0, True),
        ({"at_most": -2.037}, 46.0, False),
        ({"within": 1.964}, 42.0, True),
        ({"within": 1.963}, 42.0, False),
        ({"within": 2.464}, 41.5, True),
        ({"within": 2.463}, 41.5, False),  # the upper end sticks out
        ({"within": 2.464}, 42.5, True),
        ({"within": 2.463}, 42.5, False),  # the lower end sticks out
        ({"at_least": 42.0}, 0.0, False),  # the mean alone does not do
        ({"within": 0.001}, FIVE, True),
    ],
)
def test_a_claim_holds_where_the_whole_interval_does(margin, against, holds):
    judged = claim("x", "s", FIVE, against=against, seeds=SEEDS, **margin)
    assert judged.holds is holds
    assert judged.verdict == ("holds" if holds else "false")
    assert evidence._session["x"] is judged


def test_an_interval_of_no_width_may_touch_the_margin():
    for margin in ({"at_least": 2}, {"at_most": 2}):
        assert claim("x", "s", [2] * 5, seeds=SEEDS, **margin).holds
    assert claim("x", "s", [2] * 5, against=1, seeds=SEEDS, within=1).holds


@pytest.mark.parametrize(
    ("values", "margin", "against", "holds"),
    [  # three half-widths of THREE are 14.904825
        (THREE, {"at_least": 27.09}, 0.0, True),
        (THREE, {"at_least": 27.10}, 0.0, False),
        (THREE, {"at_most": 56.91}, 0.0, True),
        (THREE, {"at_most": 56.90}, 0.0, False),
        (THREE, {"within": 15.91}, 41.0, True),
        (THREE, {"within": 15.90}, 41.0, False),
        (THREE, {"within": 15.90}, 43.0, False),
        ([*THREE, 42.0], {"at_least": 34.20}, 0.0, True),  # four: 3 · 3.182446 · √(8/3)/2 = 7.795…
        ([*THREE, 42.0], {"at_least": 34.21}, 0.0, False),
    ],
)
def test_fewer_than_five_seeds_need_a_clear_effect(values, margin, against, holds):
    judged = claim("x", "s", values, against=against, seeds=range(len(values)), **margin)
    assert judged.holds is holds
    assert ("run at least 5" in judged.note) is not holds


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"seeds": SEEDS}, "exactly one of at_least, at_most, within; got 0"),
        ({"seeds": SEEDS, "at_least": 1, "within": 2}, "got 2"),
        ({"seeds": SEEDS, "at_least": 0.0, "at_most": 0.0}, "got 2"),
        ({"seeds": SEEDS, "within": 0.0}, "within must be above 0"),
        ({"seeds": SEEDS, "within": -1.0}, "within must be above 0"),
        ({"seeds": range(4), "at_least": 1}, "5 values but 4 seeds"),
        ({"seeds": [0, 1, 2, 3, 3], "at_least": 1}, "a seed is repeated"),
        ({"seeds": SEEDS, "against": FIVE[:4], "at_least": 1},
         "5 values of value cannot be paired with 4 of reference"),
        ({"seeds": SEEDS, "against": [1, 2, 3, 4, math.nan], "at_least": 1}, "value 4 of reference is nan"),
        ({"seeds": SEEDS, "against": math.inf, "at_least": 1}, "value 0 of reference is inf"),
        ({"seeds": SEEDS, "at_least": 1, "labels": ("CNN", "CNN")}, "two different names"),
        ({"seeds": SEEDS, "at_least": 1, "labels": ("CNN",)}, "two different names"),
        ({"seeds": SEEDS, "at_least": 1, "spec": "d"}, "does not fit"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("profile", ["cpu", "quick"])
def test_a_claim_that_cannot_be_judged_is_refused_in_every_profile(arguments, says, profile, monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", profile)
    with pytest.raises(EvidenceError, match=f"'gap'.*{says}"):
        claim("gap", "s", FIVE, **arguments)


def test_values_must_be_finite_and_there():
    with pytest.raises(EvidenceError, match="value 2 of value is nan"):
        claim("gap", "s", [1.0, 2.0, math.nan, 3.0, 4.0], seeds=SEEDS, at_least=0)
    with pytest.raises(EvidenceError, match="there are no values"):
        claim("gap", "s", [], seeds=[], at_least=0)
    with pytest.raises(EvidenceError, match="2 seeds; an interval needs at least 3"):
        claim("gap", "s", [5.0, 5.1], seeds=range(2), at_least=0)


@pytest.mark.parametrize("kind", [torch.tensor, np.array, tuple])
def test_values_may_come_in_a_tensor_or_an_array(kind):
    judged = claim(
        "x", "s", kind(FIVE), against=kind(THREE * 2)[:5], seeds=kind([3, 1, 4, 0, 2]), at_least=-10
    )
    assert judged.values == {"value": FIVE, "reference": (THREE * 2)[:5]}
    assert judged.seeds == [3, 1, 4, 0, 2]
    json.dumps(asdict(judged))
    scalar = claim("y", "s", kind(FIVE), against=torch.tensor(2.0), seeds=SEEDS, at_least=30)
    assert scalar.values["reference"] == [2.0] * 5


def test_the_order_of_subtraction_survives_a_notebook_that_sorts_its_keys():
    judged = claim("x", "s", FIVE, against=40, seeds=SEEDS, at_least=-1.0, labels=("net", "line"))
    kept = json.loads(json.dumps(asdict(judged), sort_keys=True))
    first, second = (kept["values"][label] for label in kept["labels"])
    assert sum(first) / 5 - sum(second) / 5 == pytest.approx(kept["mean"])


def test_a_false_claim_does_not_raise_and_gives_notice(capsys):
    claim("gap", "Networks are better.", FIVE, seeds=SEEDS, at_least=45.0)
    said = capsys.readouterr().out
    assert said.startswith("✗ Networks are better. [false] mean difference 42, 95 % interval 40 to 44\n")
    assert (
        "NOTICE: this claim is false in this run. Rule: the whole interval of the mean of value lies at or above 45"
        in said
    )


def test_a_true_claim_says_so_in_one_line(capsys):
    claim("gap", "Networks are better.", FIVE, against=40, seeds=SEEDS, at_least=-1.0, labels=("net", "line"))
    said = capsys.readouterr().out
    assert said.startswith("✓ Networks are better. [holds] mean difference 2,")
    assert said.count("\n") == 1
    assert "NOTICE" not in said


@pytest.mark.parametrize(
    ("margin", "against", "rule"),
    [
        ({"at_least": 0.02}, 1.0, "the whole interval of the mean of net − line lies at or above 0.02"),
        ({"at_most": -0.02}, 1.0, "the whole interval of the mean of net − line lies at or below −0.02"),
        ({"within": 0.02}, 1.0, "the whole interval of the mean of net − line lies between −0.02 and 0.02"),
        ({"at_least": 0.02}, 0.0, "the whole interval of the mean of net lies at or above 0.02"),
    ],
)
def test_the_rule_is_written_out(margin, against, rule):
    assert claim("x", "s", FIVE, against=against, seeds=SEEDS, labels=("net", "line"), **margin).rule == rule


# --- claims about every case ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("relation", "inside", "outside"),
    [("<", 1.0, 2.0), ("<=", 2.0, 2.001), ("==", 2.0, 1.999), (">=", 2.0, 1.999), (">", 2.001, 2.0)],
)
def test_every_case_must_keep_the_relation(relation, inside, outside, capsys):
    kept = claim_every("x", "s", [inside] * 3, relation, 2.0)
    broken = claim_every(
        "y",
        "s",
        [inside, outside, inside, outside],
        relation,
        [2.0] * 4,
        cases="abcd",
        labels=("loss", "bound"),
    )
    assert (kept.holds, kept.verdict, kept.note) == (True, "holds", "")
    assert (broken.holds, broken.verdict) == (False, "false")
    assert broken.note == f"2 of 4 cases break it, first b: {outside:g} against 2."
    assert broken.cases == ["a", "b", "c", "d"]
    assert broken.values == {"loss": [inside, outside, inside, outside], "bound": [2.0] * 4}
    assert "in every one of 4 cases" in broken.rule
    assert "NOTICE" in capsys.readouterr().out


def test_a_case_without_a_name_is_counted_from_one():
    assert "first case 2: 3 against 2" in claim_every("x", "s", [1, 3], "<", 2).note


@pytest.mark.parametrize(
    ("values", "relation", "against", "cases", "says"),
    [
        ([1], "!=", 2, None, "unknown relation '!='; choose one of < <= == >= >"),
        ([], "<", 2, None, "there are no values"),
        ([1, 2], "<", [2], None, "2 values of value cannot be paired with 1 of bound"),
        ([1, 2], "<", 3, ["one"], "2 values but 1 cases"),
        ([1, math.nan], "<", 3, None, "value 1 of value is nan"),
    ],
)
def test_cases_that_cannot_be_judged_are_refused(values, relation, against, cases, says):
    with pytest.raises(EvidenceError, match=f"'every'.*{says}"):
        claim_every("every", "s", values, relation, against, cases=cases)


# --- verdicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("against", "smallest", "higher", "verdict"),
    [
        (40.0, 0.0, True, "better"),  # the interval of the difference is 0.037 to 3.963
        (40.1, 0.0, True, "not distinguishable"),
        (44.0, 0.0, True, "worse"),
        (43.9, 0.0, True, "not distinguishable"),
        (40.0, 0.0, False, "worse"),
        (44.0, 0.0, False, "better"),
        (42.0, 0.0, False, "not distinguishable"),
        (39.0, 1.03, True, "better"),  # 1.037 to 4.963
        (39.0, 1.04, True, "not distinguishable"),
        (45.0, 1.03, True, "worse"),
        (45.0, 1.04, True, "not distinguishable"),
        (45.0, 1.03, False, "better"),
        (39.0, 1.03, False, "worse"),
    ],
)
def test_a_verdict_may_go_either_way(against, smallest, higher, verdict, capsys):
    judged = compare(
        "x",
        FIVE,
        against,
        seeds=SEEDS,
        labels=("a", "b"),
        measure="size",
        smallest=smallest,
        higher_is_better=higher,
    )
    assert (judged.kind, judged.verdict, judged.holds) == ("verdict", verdict, None)
    assert judged.statement == "Size: a against b"
    assert ("higher" if higher else "lower") in judged.rule
    assert "NOTICE" not in capsys.readouterr().out


def test_equal_runs_are_not_distinguishable():
    assert (
        compare("x", FIVE, FIVE, seeds=SEEDS, labels=("a", "b"), measure="size").verdict
        == "not distinguishable"
    )


@pytest.mark.parametrize(
    ("values", "arguments", "says"),
    [
        (FIVE[:4], {}, "4 seeds; a verdict needs at least 5"),
        (FIVE, {"smallest": -0.1}, "smallest must not be negative"),
        (FIVE, {"labels": ("a", "a")}, "two different names"),
        (FIVE, {"seeds": [1] * 5}, "a seed is repeated"),
    ],
)
def test_a_verdict_that_cannot_be_given_is_refused(values, arguments, says):
    with pytest.raises(EvidenceError, match=f"'sides'.*{says}"):
        compare(
            "sides",
            values,
            1.0,
            **{"seeds": range(len(values)), "labels": ("a", "b"), "measure": "size", **arguments},
        )


# --- the quick profile ----------------------------------------------------------------------------


def test_a_verdict_on_times_says_so():
    given_ = {"seeds": SEEDS, "labels": ("a", "b"), "measure": "pictures a second"}
    assert compare("x", FIVE, 1.0, timing=True, **given_).timing
    assert not compare("y", FIVE, 1.0, **given_).timing


@pytest.mark.usefixtures("quick")
def test_quick_does_not_evaluate_what_needs_training(capsys):
    judged = [
        claim("a", "s", [1.0, 2.0], seeds=range(2), at_least=45.0),
        claim_every("b", "s", [3.0], "<", 2.0, trained=True),
        compare("c", [1.0, 2.0], 0.0, seeds=range(2), labels=("a", "b"), measure="size"),
    ]
    for one in judged:
        assert (one.holds, one.verdict, one.interval, one.mean) == (None, "not evaluated", None, None)
    said = capsys.readouterr().out
    assert said.count("[not evaluated]") == 3
    assert "NOTICE" not in said


@pytest.mark.usefixtures("quick")
def test_quick_evaluates_what_needs_none():
    assert claim("a", "s", FIVE, seeds=SEEDS, at_least=45.0, trained=False).holds is False
    assert claim_every("b", "s", [3.0], "<", 2.0).holds is False
    assert (
        compare("c", FIVE, 0.0, seeds=SEEDS, labels=("a", "b"), measure="size", trained=False).verdict
        == "better"
    )


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("drawn", [[], [Figure(), "no figure"], 3, "figure", Figure().subplots()], ids=type)
def test_what_is_no_figure_is_refused(drawn):
    with pytest.raises(EvidenceError, match="figure 'line': expected a matplotlib Figure"):
        figure("line", drawn)


def test_a_pyplot_figure_is_closed(monkeypatch):
    import matplotlib

    monkeypatch.setattr(matplotlib, "get_backend", lambda **_: "agg")
    matplotlib.use("agg")
    from matplotlib import pyplot

    drawn, _ = pyplot.subplots()
    figure("line", drawn)
    assert not pyplot.fignum_exists(drawn.number)


# --- the way out of the cell ----------------------------------------------------------------------


def all_kinds():
    record("answer", 42, "d")
    given("bias", 0.5)
    claim("large", "It is large.", FIVE, seeds=SEEDS, at_least=30)
    claim_every("order", "In order.", [1, 2], "<", 3)
    compare("sides", FIVE, 41, seeds=SEEDS, labels=("a", "b"), measure="size")
    claim("false", "It is not.", FIVE, seeds=SEEDS, at_most=30)


def test_in_a_build_the_evidence_travels_under_its_own_type(shell, monkeypatch):
    monkeypatch.setenv(BUILD_VARIABLE, "abc")
    all_kinds()
    bundles = [output["data"] for output in shell.display_pub.outputs]
    for bundle, item in zip(bundles, evidence._session.values(), strict=True):
        assert set(bundle) == {"text/plain", MIME}
        assert json.loads(json.dumps(bundle[MIME], allow_nan=False)) == asdict(item)
    assert [bundle[MIME]["kind"] for bundle in bundles] == [
        "record",
        "given",
        "claim",
        "claim",
        "verdict",
        "claim",
    ]
    assert bundles[0]["text/plain"] == "answer = 42"
    assert "NOTICE" in bundles[-1]["text/plain"]


def test_a_person_sees_text_alone(shell, capsys):
    all_kinds()
    assert [set(output["data"]) for output in shell.display_pub.outputs] == [{"text/plain"}] * 6
    assert capsys.readouterr().out == ""


def test_without_a_notebook_it_is_printed(capsys):
    record("answer", 42, "d")
    assert capsys.readouterr().out == "answer = 42\n"


def test_a_claim_at_the_end_of_a_cell_is_shown_once(shell, capsys):
    shell.run_cell(
        "from groundtruth.evidence import claim\nclaim('x', 'It is.', [1] * 5, seeds=range(5), at_least=0)"
    )
    assert len(shell.display_pub.outputs) == 1
    assert "Claim(" not in capsys.readouterr().out


def test_in_a_build_a_figure_travels_as_a_drawing(shell, monkeypatch):
    monkeypatch.setenv(BUILD_VARIABLE, "abc")
    figure("line", [Figure((1, 1)), Figure((2, 1))])
    (output,) = shell.display_pub.outputs
    payload = output["data"][MIME]
    assert (payload["kind"], payload["name"], len(payload["stages"])) == ("figure", "line", 2)
    assert all(stage.startswith("<svg") for stage in payload["stages"])
    assert "image/png" not in output["data"]


def test_a_person_sees_the_figure_where_it_is_drawn(shell):
    figure("line", [Figure((1, 1)), Figure((2, 1))])
    assert len(shell.display_pub.outputs) == 2
    assert all(
        "image/png" in output["data"] and MIME not in output["data"] for output in shell.display_pub.outputs
    )


def test_in_a_build_every_cell_says_what_it_cost(shell, monkeypatch):
    monkeypatch.setenv(BUILD_VARIABLE, "abc")
    evidence._meter()
    shell.run_cell("1 + 1")
    shell.run_cell("2 + 2")
    costs = [output["data"][MIME] for output in shell.display_pub.outputs]
    assert [(cost["kind"], cost["build"]) for cost in costs] == [("cost", "abc")] * 2
    assert all(cost["seconds"] >= 0 and cost["peak_rss_mb"] > 0 for cost in costs)


def test_a_person_pays_no_meter(shell):
    evidence._meter()
    shell.run_cell("1 + 1")
    assert shell.display_pub.outputs == []


# --- beside the book ------------------------------------------------------------------------------


def test_the_readers_values_stand_beside_the_books(capsys):
    record("test-accuracy", 0.9104, ".1%")
    claim("large", "It is large.", FIVE, seeds=SEEDS, at_least=50)
    compare("sides", FIVE, 1, seeds=SEEDS, labels=("a", "b"), measure="size")
    record("only-here", 1)
    capsys.readouterr()
    beside_the_book(
        {"test-accuracy": "91.2\u00a0%", "large": "holds", "sides": "better", "missing": "7"},
        origin="book build, cpu",
    )
    assert capsys.readouterr().out.splitlines() == [
        "name           here    book build, cpu",
        "test-accuracy  91.0\u00a0%  91.2\u00a0%",
        "large          false   holds",
        "sides          better  better",
        "missing        –       7",
    ]


def test_a_cell_that_runs_again_replaces_its_values(capsys):
    record("answer", 41)
    record("answer", 42)
    capsys.readouterr()
    beside_the_book({"answer": "40"})
    assert "answer  42" in capsys.readouterr().out


def test_importing_the_module_is_cheap():
    """Neither torch nor matplotlib nor IPython is imported by the functions alone."""
    import subprocess

    code = (
        "import sys\nfrom groundtruth import evidence\nevidence.record('x', 1)\n"
        "print([name for name in ('torch', 'matplotlib', 'IPython', 'scipy') if name in sys.modules])"
    )
    environment = {key: value for key, value in os.environ.items() if key != BUILD_VARIABLE}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, text=True, capture_output=True, check=True
    )
    assert done.stdout.splitlines() == ["x = 1", "[]"]
