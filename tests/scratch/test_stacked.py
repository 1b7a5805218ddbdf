"""Networks trained all at once against each of them alone in torch.nn, in value, gradient and steps."""

import itertools

import pytest
import torch
from torch import nn

from groundtruth.scratch.stacked import outputs, stack, train

SHAPES = [(1, (2, 5, 1), 7), (3, (2, 4, 3, 1), 5), (4, (1, 6, 2), 9), (2, (3, 1), 4)]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def draw(count, sizes, examples, seed=0):
    generator = seeded(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    shapes = list(itertools.pairwise(sizes))
    networks = [[(normal(k, d), normal(k)) for d, k in shapes] for _ in range(count)]
    return networks, normal(count, examples, sizes[0]), normal(count, examples)


def library(layers, activation=nn.ReLU):
    parts = []
    for W, b in layers:
        linear = nn.Linear(W.shape[1], W.shape[0]).double()
        linear.load_state_dict({"weight": W, "bias": b})
        parts += [linear, activation()]
    return nn.Sequential(*parts[:-1])


@pytest.mark.parametrize(("count", "sizes", "examples"), SHAPES)
@pytest.mark.parametrize(("ours", "theirs"), [(torch.relu, nn.ReLU), (torch.tanh, nn.Tanh)])
def test_outputs_and_gradients_are_those_of_each_network_alone(count, sizes, examples, ours, theirs):
    networks, x, y = draw(count, sizes, examples)
    layers = [(W.requires_grad_(), b.requires_grad_()) for W, b in stack(networks)]
    out = outputs(layers, x, ours)
    (out - y).square().mean(dim=1).sum().backward()
    for s, network in enumerate(networks):
        alone = library(network, theirs)
        prediction = alone(x[s])[:, 0]
        torch.testing.assert_close(out[s], prediction)
        (prediction - y[s]).square().mean().backward()
        slopes = [part.grad[s] for layer in layers for part in layer]
        for slope, parameter in zip(slopes, alone.parameters(), strict=True):
            torch.testing.assert_close(slope, parameter.grad)


@pytest.mark.parametrize(("count", "sizes", "examples"), SHAPES)
def test_training_together_is_training_alone(count, sizes, examples):
    networks, x, y = draw(count, sizes, examples, seed=3)
    before = [(W.clone(), b.clone()) for W, b in stack(networks)]
    layers = stack(networks)
    trained = train(layers, x, y, torch.relu, 30, 0.01)
    for (W, b), (old_W, old_b) in zip(layers, before, strict=True):
        assert torch.equal(W, old_W)
        assert torch.equal(b, old_b)
    for s, network in enumerate(networks):
        alone = library(network)
        optimizer = torch.optim.Adam(alone.parameters(), lr=0.01)
        for _ in range(30):
            optimizer.zero_grad()
            (alone(x[s])[:, 0] - y[s]).square().mean().backward()
            optimizer.step()
        for (W, b), linear in zip(
            trained, [part for part in alone if isinstance(part, nn.Linear)], strict=True
        ):
            torch.testing.assert_close(W[s], linear.weight.detach())
            torch.testing.assert_close(b[s], linear.bias.detach())


def test_a_network_does_not_notice_the_others():
    networks, x, y = draw(3, (2, 4, 1), 6)
    full = train(stack(networks), x, y, torch.relu, 20, 0.05)
    alone = train(stack(networks[1:2]), x[1:2], y[1:2], torch.relu, 20, 0.05)
    for (W, b), (W1, b1) in zip(full, alone, strict=True):
        torch.testing.assert_close(W[1], W1[0])
        torch.testing.assert_close(b[1], b1[0])


def test_a_planted_fault_would_be_seen():
    networks, x, _ = draw(3, (2, 4, 1), 6)
    mixed = outputs(stack(networks[::-1]), x, torch.relu)  # the networks of other examples
    after_last = torch.relu(outputs(stack(networks), x, torch.relu))
    right = torch.stack([library(network)(x[s])[:, 0] for s, network in enumerate(networks)])
    assert not torch.allclose(mixed, right)
    assert not torch.allclose(after_last, right)
    torch.testing.assert_close(outputs(stack(networks), x, torch.relu), right)


def test_wrong_input_is_named():
    networks, x, y = draw(2, (2, 4, 1), 6)
    with pytest.raises(ValueError, match="0 shapes"):
        stack([])
    with pytest.raises(ValueError, match="2 shapes"):
        stack([networks[0], draw(1, (2, 3, 1), 6)[0][0]])
    with pytest.raises(ValueError, match=r"fit the first layer; got \(6, 2\)"):
        outputs(stack(networks), x[0], torch.relu)
    with pytest.raises(ValueError, match="fit the first layer"):
        outputs(stack(networks), x[:1], torch.relu)
    with pytest.raises(ValueError, match="fit the first layer"):
        outputs([], x, torch.relu)
    with pytest.raises(ValueError, match=r"targets must have shape \(2, 6\)"):
        train(stack(networks), x, y[..., None], torch.relu, 1, 0.1)
