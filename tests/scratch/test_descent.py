"""Gradient descent by hand against torch.optim.SGD, and what the curvature foretells against the walk itself."""

import itertools
import math

import numpy as np
import pytest
import torch

from groundtruth.scratch.descent import Curvature, Scaling, descend
from groundtruth.scratch.losses import gradient, hessian, least_squares, squared_loss


def sample(features: int, seed: int, examples: int = 30):
    generator = torch.Generator().manual_seed(seed)
    inputs = 0.5 + torch.randn(examples, features, generator=generator, dtype=torch.float64)
    targets = torch.randn(examples, generator=generator, dtype=torch.float64)
    return inputs, targets, torch.randn(features + 1, generator=generator, dtype=torch.float64)


CASES = [*itertools.product((1, 3, 6), range(3))]


@pytest.mark.parametrize(("features", "seed"), CASES)
def test_the_path_is_that_of_torchs_sgd(features, seed):
    inputs, targets, start = sample(features, seed)
    layer = torch.nn.Linear(features, 1).double()
    with torch.no_grad():
        layer.weight[0], layer.bias[0] = start[:-1], start[-1]
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.05)
    path = descend(lambda p: gradient(p, inputs, targets), start, 0.05, 25)
    assert path.shape == (26, features + 1)
    for here in path:
        theirs = torch.cat([layer.weight[0], layer.bias]).detach()
        torch.testing.assert_close(here, theirs)
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(layer(inputs)[:, 0], targets).backward()
        optimizer.step()


def test_several_walks_at_once_are_the_walks_one_by_one():
    inputs, targets, start = sample(2, 0)
    rates = torch.tensor([0.01, 0.1, 0.3], dtype=torch.float64)
    together = descend(lambda p: gradient(p, inputs, targets), start.expand(3, -1), rates[:, None], 10)
    for number, rate in enumerate(rates):
        alone = descend(lambda p: gradient(p, inputs, targets), start, float(rate), 10)
        torch.testing.assert_close(together[:, number], alone)
    assert torch.equal(start, together[0, 0])


@pytest.mark.parametrize(("features", "seed"), CASES)
def test_curvature_against_numpy(features, seed):
    inputs, _, _ = sample(features, seed)
    bend = Curvature.of(hessian(inputs))
    values = np.linalg.eigvals(hessian(inputs).numpy()).real
    low, high = values.min(), values.max()
    assert bend.largest_stable_rate == pytest.approx(2 / high)
    assert bend.best_rate == pytest.approx(2 / (low + high))
    assert bend.condition_number == pytest.approx(high / low)
    kappa = bend.condition_number
    assert bend.contraction(bend.best_rate) == pytest.approx((kappa - 1) / (kappa + 1))
    assert bend.contraction(bend.largest_stable_rate) == pytest.approx(1)
    for rate in np.linspace(0.1, 1.2, 12) * bend.largest_stable_rate:
        spread = np.linalg.norm(np.eye(features + 1) - rate * hessian(inputs).numpy(), 2)
        assert bend.contraction(rate) == pytest.approx(spread)
        assert spread >= bend.contraction(bend.best_rate) - 1e-12


@pytest.mark.parametrize(("features", "seed"), CASES)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.97, 1.02])
def test_the_excess_is_foretold(features, seed, share):
    inputs, targets, start = sample(features, seed)
    bend, lowest = Curvature.of(hessian(inputs)), least_squares(inputs, targets)
    rate = share * bend.largest_stable_rate
    path = descend(lambda p: gradient(p, inputs, targets), start, rate, 60)
    walked = squared_loss(path, inputs, targets) - squared_loss(lowest, inputs, targets)
    foretold = bend.excess(start - lowest, rate, torch.arange(61))
    torch.testing.assert_close(walked, foretold, rtol=1e-6, atol=1e-10)
    assert float(bend.excess(start - lowest, rate, 7)) == pytest.approx(float(foretold[7]))
    if share < 1:
        target = float(foretold[0]) / 50
        first = int((walked <= target).nonzero()[0]) if (walked <= target).any() else None
        needed = bend.steps_until(start - lowest, rate, target)
        assert needed == first if first is not None else needed > 60
        assert bend.steps_until(start - lowest, rate, 2 * float(foretold[0])) == 0


@pytest.mark.parametrize("share", [0.9, 0.999, 1.001, 1.1])
def test_the_edge(share):
    inputs, targets, start = sample(2, 1)
    bend, lowest = Curvature.of(hessian(inputs)), least_squares(inputs, targets)
    path = descend(lambda p: gradient(p, inputs, targets), start, share * bend.largest_stable_rate, 6000)
    grown = float((path[-1] - lowest).norm() / (path[0] - lowest).norm())
    assert grown < 1e-3 if share < 1 else grown > 1e3 or math.isnan(grown)


def test_scaling_keeps_the_predictions_and_rounds_the_bowl():
    inputs, targets, parameters = sample(3, 0)
    inputs = inputs * torch.tensor([1.0, 100.0, 0.01]) + 7
    scaling = Scaling.of(inputs)
    scaled = scaling.apply(inputs)
    torch.testing.assert_close(scaled.mean(dim=0), torch.zeros(3).double(), atol=1e-9, rtol=0)
    torch.testing.assert_close(scaled.std(dim=0, correction=0), torch.ones(3).double())
    raw = scaling.back(parameters)
    torch.testing.assert_close(
        inputs @ raw[:-1] + raw[-1], scaled @ parameters[:-1] + parameters[-1], atol=1e-8, rtol=1e-8
    )
    many = scaling.back(torch.stack([parameters, 2 * parameters]))
    torch.testing.assert_close(many[0], raw)
    single = Scaling.of(inputs[:, :1]).apply(inputs[:, :1])
    torch.testing.assert_close(hessian(single), 2 * torch.eye(2).double(), atol=1e-9, rtol=0)
    at = descend(lambda p: gradient(p, single, targets), torch.tensor([50.0, -80.0]).double(), 0.5, 1)[-1]
    torch.testing.assert_close(at, least_squares(single, targets))


def test_wrong_input_is_named():
    inputs, targets, start = sample(2, 0)
    bend = Curvature.of(hessian(inputs))
    for rate, steps in ((0.0, 3), (-0.1, 3), (0.1, 0)):
        with pytest.raises(ValueError, match="above 0"):
            descend(lambda p: gradient(p, inputs, targets), start, rate, steps)
    with pytest.raises(ValueError, match="symmetric"):
        Curvature.of(torch.tensor([[1.0, 2.0], [0.0, 1.0]]))
    with pytest.raises(ValueError, match="symmetric"):
        Curvature.of(torch.ones(3))
    with pytest.raises(ValueError, match="no single lowest point"):
        Curvature.of(torch.tensor([[1.0, 1.0], [1.0, 1.0]]))
    with pytest.raises(ValueError, match="never"):
        bend.steps_until(start, bend.largest_stable_rate, 0.1)
    with pytest.raises(ValueError, match="never"):
        bend.steps_until(start, 0.01, 0.0)
    with pytest.raises(ValueError, match="the same in all examples"):
        Scaling.of(torch.ones(4, 2))
