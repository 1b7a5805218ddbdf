"""Shortcuts make a deep network learn at a budget at which the plain one does not."""

import torch

from groundtruth.data import mnist1d
from groundtruth.history.resnet import errors, train


def test_with_shortcuts_thirty_two_layers_learn_and_without_they_hardly_do():
    waves = mnist1d.make(seed=0)
    x, y = waves.train_inputs, waves.train_labels
    found = {
        residual: errors(train([100, 101], 32, residual, 50, x=x, y=y, batch=64), 2, x[:1000], y[:1000])
        for residual in (True, False)
    }
    assert (found[True] < 0.6).all()
    assert (found[False] > found[True] + 0.15).all()


def test_networks_side_by_side_are_their_seeds():
    waves = mnist1d.make(seed=0, train=200, test=10)
    x, y = waves.train_inputs, waves.train_labels
    both = train([0, 1], 8, True, 2, x=x, y=y, batch=16)
    alone = train([1], 8, True, 2, x=x, y=y, batch=16)
    torch.testing.assert_close(errors(both, 2, x, y)[1], errors(alone, 1, x, y)[0], atol=0.02, rtol=0)
