"""When a training first stands at a level, and what several seeds say of it."""

import math

import pytest

from shared.levels import Mark, best_of, name_of, reached, summary

MARKS = [Mark(1.0, 0.85), Mark(2.0, 0.91), Mark(3.5, 0.90), Mark(5.0, 0.93)]


@pytest.mark.parametrize(
    ("level", "seconds"), [(0.85, 1.0), (0.88, 2.0), (0.90, 2.0), (0.91, 2.0), (0.92, 5.0)]
)
def test_a_level_is_reached_at_the_end_of_the_first_epoch_at_or_above_it(level, seconds):
    assert reached(MARKS, level) == seconds


def test_a_level_that_is_never_reached_takes_for_ever():
    assert reached(MARKS, 0.94) == math.inf
    assert reached([], 0.5) == math.inf


def test_seconds_that_run_backwards_are_refused():
    with pytest.raises(ValueError, match="must not run backwards"):
        reached([Mark(2.0, 0.1), Mark(1.0, 0.2)], 0.9)


def test_levels_are_named_in_per_cent():
    assert [name_of(level) for level in (0.9, 0.93, 0.995, 0.98)] == ["90", "93", "99.5", "98"]


def test_a_seed_that_does_not_get_there_counts_as_infinitely_slow():
    slow = [Mark(4.0, 0.89)]
    found = summary([MARKS, MARKS, slow], (0.88, 0.90, 0.94))
    assert found["reached"]["88"]["values"] == [2.0, 2.0, 4.0]
    assert (found["reached"]["90"]["median"], found["reached"]["90"]["max"]) == (2.0, None)
    assert found["reached"]["94"]["median"] is None
    assert summary([MARKS, slow], (0.90,))["reached"]["90"]["median"] is None
    assert found["epochs"] == [4, 4, 1]
    assert found["last"]["values"] == [0.93, 0.93, 0.89]
    assert summary([[Mark(1, 0.9), Mark(2, 0.8)]], ())["best"]["median"] == 0.9
    for runs in ([], [[]]):
        with pytest.raises(ValueError, match="one run or more"):
            summary(runs, (0.9,))


def test_the_fastest_to_a_level_is_found_among_those_that_get_there():
    rows = [
        {"method": name, **summary([marks], (0.90, 0.93))}
        for name, marks in (("slow", MARKS), ("fast", [Mark(0.5, 0.92)]), ("weak", [Mark(0.1, 0.2)]))
    ]
    assert best_of(rows, 0.90) == ("fast", 0.5)
    assert best_of(rows, 0.93) == ("slow", 5.0)
    assert best_of(rows[1:], 0.93) is None
