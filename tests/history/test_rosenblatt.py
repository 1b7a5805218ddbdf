"""Random association units make squares and circles learnable."""

import torch

from groundtruth.history.rosenblatt import accuracy, associate, figures, wiring


def test_figures_are_outlines_on_the_retina():
    x, labels = figures(200, seed=0)
    assert x.shape == (200, 400)
    assert set(x.unique().tolist()) == {0.0, 1.0}
    assert 60 < int(labels.sum()) < 140
    assert float(x[labels == 1].sum(dim=1).mean()) > float(x[labels == 0].sum(dim=1).mean())  # corners


def test_wires_are_as_many_as_said_and_stay_as_drawn():
    wires = wiring(0, units=7)
    assert ((wires == 1).sum(dim=0) == 20).all()
    assert ((wires == -1).sum(dim=0) == 20).all()
    assert torch.equal(wires, wiring(0, units=7))


def test_it_learns_far_above_chance_from_a_thousand_figures():
    seen, new, wires = figures(1000, 0), figures(500, 1), wiring(0)
    trained = accuracy((associate(seen[0], wires), seen[1]), (associate(new[0], wires), new[1]))
    assert trained > 0.8
    shuffled = seen[1][torch.randperm(1000, generator=torch.Generator().manual_seed(0))]
    assert accuracy((associate(seen[0], wires), shuffled), (associate(new[0], wires), new[1])) < 0.65
