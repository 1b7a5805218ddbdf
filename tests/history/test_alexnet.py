"""Rectifiers come to a training error of a quarter sooner than tanh; and the counts of the whole."""

import pytest

from groundtruth.history.alexnet import four_layers, passes_to_goal, photographs, weights


def test_rectifiers_are_sooner():
    x, y = photographs()
    took = {
        kind: sum(passes_to_goal(kind, x, y, seed, 30) for seed in (100, 101)) for kind in ("relu", "tanh")
    }
    assert took["relu"] < took["tanh"] < 60


def test_the_counts():
    assert weights() == 60_965_224
    assert sum(part.numel() for part in four_layers("relu").parameters()) == 16_130


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind"):
        four_layers("step")
