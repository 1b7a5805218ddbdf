"""Shift tolerance, learned without labels."""

import pytest
import torch

from groundtruth.history.neocognitron import (
    Neocognitron,
    of_their_own,
    patterns,
    recognised,
    recognised_by_overlap,
)


def test_moved_digits_are_recognised_and_a_memory_of_pictures_fails():
    network = Neocognitron(101)
    network.learn(patterns(), 7)
    assert int(of_their_own(network).sum()) == 5
    assert recognised(network) > 0.9
    assert recognised_by_overlap() < 0.5


def test_before_learning_nothing_is_told_apart():
    network = Neocognitron(101)
    assert float(network.cells(patterns()).max()) < 0.01


def test_a_reinforced_cell_answers_to_its_picture_anywhere_and_not_to_another():
    stage = Neocognitron(0).stages[0]
    bar, other = torch.zeros(1, 1, 16, 16), torch.zeros(1, 1, 16, 16)
    bar[0, 0, 4:9, 6], other[0, 0, 6, 4:9] = 1.0, 1.0
    for _ in range(30):
        stage.reinforce(bar)
    plane = int(stage.simple(bar).amax(dim=(0, 2, 3)).argmax())
    at_home = stage.simple(bar)[0, plane].max()
    torch.testing.assert_close(stage.simple(bar.roll((3, 2), dims=(2, 3)))[0, plane].max(), at_home)
    assert float(stage.simple(other)[0, plane].max()) < 0.5 * float(at_home)


def test_digits_stay_in_the_picture():
    assert torch.equal(patterns(2, -1), patterns().roll((2, -1), dims=(2, 3)))
    with pytest.raises(ValueError, match="move"):
        patterns(5, 0)
