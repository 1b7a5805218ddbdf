import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from groundtruth.models import cost
from groundtruth.models.convnet import ConvNet
from groundtruth.models.mbconv import MobileNet
from groundtruth.models.residual import of_depth


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Conv2d(3, 8, 5, stride=2, padding=2), (3, 9, 7), 5 * 4 * 8 * 3 * 25),
        (nn.Conv2d(6, 4, 3, groups=2), (6, 5, 5), 3 * 3 * 4 * 3 * 9),
        (nn.Conv1d(2, 3, 3), (2, 10), 8 * 3 * 2 * 3),
        (nn.Linear(7, 5), (7,), 35),
        (nn.Linear(7, 5), (4, 7), 4 * 35),
    ],
)
def test_formulas(layer, shape, expected):
    assert cost.multiply_adds(nn.Sequential(layer), shape) == expected


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (ConvNet((4, 8, 8)), (1, 28, 28)),
        (of_depth(8, dims=1), (1, 40)),
        (MobileNet(same=True), (1, 28, 28)),
    ],
)
def test_torch_counts_twice_as_many_operations(network, shape):
    with FlopCounterMode(display=False) as counter:
        network.eval()(torch.zeros(1, *shape))
    assert counter.get_total_flops() == 2 * cost.multiply_adds(network, shape)


def test_mode_weights_and_statistics_stay():
    network = ConvNet((4, 8, 8))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    found = cost.layers(network, (1, 28, 28))
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert [layer.name for layer in found] == ["features.0", "features.4", "features.8", "head"]
    assert not any(part._forward_hooks for part in network.modules())


def test_a_layer_that_is_used_twice_counts_twice():
    layer = nn.Linear(3, 3)
    assert cost.multiply_adds(nn.Sequential(layer, layer), (3,)) == 18
    assert cost.weights(nn.Sequential(layer, layer)) == 12
