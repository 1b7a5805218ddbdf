"""Gradients averaged by several processes against one process on the whole batch, and against PyTorch's own."""

import copy

import pytest
import torch
from torch import nn

from groundtruth.jobs import together
from groundtruth.scratch import data_parallel
from groundtruth.scratch.data_parallel import cross_entropy, example, part, ring, train


def alone(weights, batches, rate=0.5):
    return train(weights, cross_entropy, batches, rate, mean=lambda gradient: gradient)


def test_alone_it_is_torchs_descent():
    weights, batches = example(3)
    network = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 3))
    with torch.no_grad():
        for parameter, value in zip(network.parameters(), weights, strict=True):
            parameter.copy_(value.T if value.dim() == 2 else value)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    for x, y in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        optimizer.step()
    for value, parameter in zip(alone(weights, batches), network.parameters(), strict=True):
        torch.testing.assert_close(value, parameter.T if value.dim() == 2 else parameter)


def test_the_mean_of_the_parts_gradients_is_the_gradient():
    weights, batches = example(1)
    weights = [w.double().requires_grad_() for w in weights]
    x, y = batches[0][0].double(), batches[0][1]
    whole = torch.autograd.grad(cross_entropy(weights, x, y), weights)
    parts = [
        torch.autograd.grad(cross_entropy(weights, part(x, rank, 4), part(y, rank, 4)), weights)
        for rank in range(4)
    ]
    for one, several in zip(whole, zip(*parts, strict=True), strict=True):
        torch.testing.assert_close(torch.stack(several).mean(dim=0), one)


@pytest.mark.parametrize("count", [2, 3])
def test_processes_arrive_where_one_arrives(count, tmp_path):
    """With 64 examples a batch, three processes cannot share equally: that must be said, and not hang."""
    call = ("groundtruth.scratch.data_parallel", str(tmp_path / "meeting"), str(tmp_path), "0", "1")
    if count == 3:
        with pytest.raises(together.ProcessError, match="64 examples cannot be shared equally among 3"):
            together.run(*call, count=count, threads=1)
        return
    together.run(*call, count=count, threads=1)
    for seed in (0, 1):
        one = alone(*example(seed))
        first, second = (torch.load(tmp_path / f"{seed}-{rank}.pt") for rank in range(2))
        assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
        for found, expected in zip(first, one, strict=True):
            torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-6)


def test_training_leaves_the_start_as_it_was():
    weights, batches = example(0)
    before = copy.deepcopy(weights)
    alone(weights, batches)
    assert all(torch.equal(a, b) for a, b in zip(weights, before, strict=True))


@pytest.mark.parametrize(("size", "length"), [(1, 5), (2, 8), (3, 12), (4, 10), (5, 3)])
def test_the_ring_adds_up(size, length):
    generator = torch.Generator().manual_seed(size)
    vectors = [torch.randn(length, generator=generator, dtype=torch.float64) for _ in range(size)]
    before = [vector.clone() for vector in vectors]
    held, sent = ring(vectors)
    for vector in held:
        torch.testing.assert_close(vector, torch.stack(vectors).sum(dim=0))
    assert all(torch.equal(a, b) for a, b in zip(vectors, before, strict=True))
    if length % size == 0:
        assert sent == 2 * (size - 1) * length // size
    assert sent <= 2 * (size - 1) * -(-length // size)


def test_parts_are_all_of_the_batch_and_nothing_twice():
    batch = torch.arange(12)
    assert torch.cat([data_parallel.part(batch, rank, 3) for rank in range(3)]).equal(batch)
