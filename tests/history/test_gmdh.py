"""A network that grows by itself: least squares against torch, selection on held-out data, and the end."""

import pytest
import torch

from groundtruth.history import gmdh


def test_units_are_least_squares():
    x, y = gmdh.problem(1, 300)
    network = gmdh.grow(x[:150], y[:150], x[150:], y[150:], keep=15, most=1)
    layer = network.layers[0]
    for pair, weights in zip(layer.pairs.tolist(), layer.weights, strict=True):
        design = gmdh.terms(x[:150, pair[0]], x[:150, pair[1]])
        torch.testing.assert_close(weights, torch.linalg.pinv(design) @ y[:150])


def test_a_product_of_two_pairs_takes_two_layers_and_is_found():
    generator = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(400, 4, generator=generator, dtype=torch.float64) - 1
    y = (x[:, 0] * x[:, 1]) + (x[:, 2] * x[:, 3])  # no unit of the first layer sees all four
    network = gmdh.grow(x[::2], y[::2], x[1::2], y[1::2])
    assert len(network.layers) >= 2
    assert network.held_out[0] > 0.05
    assert min(network.held_out) < 0.05 * network.held_out[0]
    assert float(torch.corrcoef(torch.stack([network.predict(x), y]))[0, 1]) > 0.98


@pytest.mark.parametrize("seed", [100, 101, 102])
def test_it_stops_by_itself_and_beats_its_first_layer(seed):
    found = gmdh.one(seed)
    assert 2 <= found["layers"] < 20
    assert found["deep"] < found["shallow"] < found["line"]


def test_too_little_is_refused():
    x = torch.zeros(5, 3)
    with pytest.raises(ValueError, match="six examples"):
        gmdh.grow(x, x[:, 0], x, x[:, 0])
