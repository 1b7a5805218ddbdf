"""Accuracy against seconds: who is drawn how, and what is refused."""

import pytest

from groundtruth.plotting import races, style

LEVELS = (0.88, 0.90, 0.94)


def drawn(*runners):
    _, axes = style.new_figure()
    return races.race(axes, runners, LEVELS)


def test_ours_have_one_colour_and_the_others_another_and_markers_tell_them_apart():
    marks = [(1.0, 0.8), (2.0, 0.9)]
    axes = drawn(
        *(races.Runner(f"ours {n}", True, marks) for n in range(2)), races.Runner("theirs", False, marks)
    )
    lines = {line.get_label(): line for line in axes.lines}
    assert {name: line.get_color() for name, line in lines.items()} == {
        "theirs": style.ORANGE,
        "ours 0": style.BLUE,
        "ours 1": style.BLUE,
    }
    assert lines["ours 0"].get_marker() != lines["ours 1"].get_marker()
    assert lines["theirs"].get_ydata().tolist() == [80, 90]
    assert axes.get_xscale() == "log"


def test_levels_are_the_ticks_and_the_best_mark_is_in_the_picture():
    axes = drawn(races.Runner("ours", True, [(1.0, 0.1), (9.0, 0.96)]))
    assert axes.get_yticks().tolist() == pytest.approx([88, 90, 94])
    low, high = axes.get_ylim()
    assert 80 < low < 88
    assert high > 96


def test_what_cannot_be_drawn_is_refused():
    one = races.Runner("ours", True, [(1.0, 0.9)])
    with pytest.raises(ValueError, match="'nobody' has no marks"):
        drawn(races.Runner("nobody", True, []))
    with pytest.raises(ValueError, match="tells 6 trainings of a kind apart; got 7"):
        drawn(*[one] * 7)
    with pytest.raises(ValueError, match="two levels or more"):
        races.race(style.new_figure()[1], [one], [0.9])
