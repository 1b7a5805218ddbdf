"""The Boltzmann machine by hand: against enumeration, and its gradient against autograd."""

import itertools

import pytest
import torch

from groundtruth.scratch.boltzmann import BoltzmannMachine


def machine(visible=5, hidden=3, seed=0):
    made = BoltzmannMachine(visible, hidden, torch.Generator().manual_seed(seed), spread=1.0)
    generator = torch.Generator().manual_seed(seed + 1)
    made.visible_bias = torch.randn(visible, generator=generator)
    made.hidden_bias = torch.randn(hidden, generator=generator)
    return made


def all_rows(n):
    return torch.tensor(list(itertools.product((0.0, 1.0), repeat=n)))


def energy(rbm, v, h):
    return -(v @ rbm.weights @ h) - v @ rbm.visible_bias - h @ rbm.hidden_bias


def test_free_energy_and_probabilities_are_those_of_the_sum_over_all_hidden_rows():
    rbm = machine()
    v = all_rows(5)[13]
    energies = torch.stack([energy(rbm, v, h) for h in all_rows(3)])
    torch.testing.assert_close(rbm.free_energy(v[None])[0], -torch.logsumexp(-energies, dim=0))
    weights = torch.softmax(-energies, dim=0)
    torch.testing.assert_close(rbm.hidden(v[None])[0], weights @ all_rows(3))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gradient_is_autograds(seed):
    rbm = machine(seed=seed)
    generator = torch.Generator().manual_seed(seed)
    v, fantasy = (torch.rand(7, 5, generator=generator) for _ in range(2))
    rbm.weights.requires_grad_()
    rbm.visible_bias.requires_grad_()
    rbm.hidden_bias.requires_grad_()
    (rbm.free_energy(v).mean() - rbm.free_energy(fantasy).mean()).backward()
    for ours, part in zip(rbm.gradient(v, fantasy), rbm.parts(), strict=True):
        torch.testing.assert_close(ours, part.grad)


def test_it_learns_which_rows_there_are():
    bars = torch.tensor([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]])
    generator = torch.Generator().manual_seed(0)
    rbm = BoltzmannMachine(6, 4, generator)
    rbm.fit(bars.repeat(200, 1), 60, generator, batch=20)
    rows = all_rows(6)
    chance = torch.softmax(-rbm.free_energy(rows), dim=0)
    shown = (rows[:, None] == bars).all(dim=2).any(dim=1)
    assert float(chance[shown].sum()) > 0.7  # two of 64 rows


def test_a_side_without_a_unit_is_refused():
    with pytest.raises(ValueError, match="both sides"):
        BoltzmannMachine(0, 3, torch.Generator())
