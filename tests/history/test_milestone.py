"""Results: printed, kept and read again; and what was recorded for the chapter."""

import importlib
import re
from pathlib import Path

import pytest

from groundtruth.history import milestone
from groundtruth.history.milestone import MODULES, Milestone, MilestoneError, Outcome
from groundtruth.profiles import QUICK

BIB = Path(__file__).parents[2] / "book" / "references.bib"
IN_PAGE = ("mcculloch_pitts", "gmdh", "back_propagation", "lstm")


def result(**changes):
    fields = {
        "name": "abacus", "year": 1900, "idea": "beads", "data": "d", "size": "s", "passes": "p", "seeds": (0, 1),
        "profile": "cpu", "outcomes": (Outcome("error", (0.1, 0.3), ".1%", "key", "5 %"),),
    }  # fmt: skip
    return Milestone(**fields | changes)


def test_the_report_says_the_papers_number_ours_and_what_differs():
    text = result().report()
    assert "paper 5 % [key]; ours 20.0% ± 14.1%" in text
    for part in ("differs in data: d", "in size: s", "in passes: p", "2 seeds"):
        assert part in text
    assert "gives no number" in result(outcomes=(Outcome("error", (0.1,), ".1%", "key"),)).report()


def test_what_is_kept_is_read_again(tmp_path):
    milestone.keep(result(), tmp_path)
    again, made_by = milestone.recorded("abacus", tmp_path)
    assert again == result()
    assert made_by["n"] == 2
    assert made_by["spread"] == [pytest.approx(0.1414, abs=1e-3)]
    assert {"python", "torch"} <= set(made_by["versions"])
    assert {"processor", "cores", "threads"} <= set(made_by["hardware"])


def test_what_is_not_there_says_how_to_make_it(tmp_path):
    with pytest.raises(MilestoneError, match="--record"):
        milestone.recorded("abacus", tmp_path)
    with pytest.raises(MilestoneError, match="no value"):
        Outcome("error", (), ".1%", "key")


@pytest.mark.parametrize("name", [name for name in MODULES if name not in IN_PAGE])
def test_recorded_runs_are_of_the_published_profile_and_took_under_a_minute_a_seed(name):
    found, made_by = milestone.recorded(name)
    assert found.name == name
    assert found.profile == "cpu"
    assert made_by["n"] == len(found.seeds)
    assert re.fullmatch("[0-9a-f]{40}", made_by["commit"])
    assert found.seconds < 60 * len(found.seeds)


@pytest.mark.parametrize("name", MODULES)
def test_every_miniature_runs_in_quick_and_names_its_sources(name, capsys, monkeypatch):
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "quick")
    module = importlib.import_module(f"groundtruth.history.{name}")
    found = milestone.command_line(module.run, [])
    assert found.name == name
    assert found.profile == QUICK.name
    assert f"{found.year}  {found.idea}" in capsys.readouterr().out
    keys = set(re.findall(r"^@\w+\{([^,]+),", BIB.read_text(encoding="utf-8"), re.MULTILINE))
    assert {outcome.source for outcome in found.outcomes} <= keys
    assert module.__doc__.startswith(f"{found.year}: ")
    assert "Source: " in module.__doc__


@pytest.mark.parametrize("name", [name for name in MODULES if name not in IN_PAGE])
def test_the_page_names_what_was_measured(name):
    page = (BIB.parent / "history.md").read_text(encoding="utf-8")
    key = name.replace("_", "-")
    measured = milestone.recorded(name)[0].outcomes[0].what
    assert f"| {measured} | {{given}}`{key}-paper` | {{rec}}`{key}-ours` |" in page
