import pytest
import torch
from torch import nn

from groundtruth.models import cost
from groundtruth.models.vgg import LAYOUTS, VGG, block


@pytest.mark.parametrize(
    ("layers", "count"), [(11, 132_863_336), (13, 133_047_848), (16, 138_357_544), (19, 143_667_240)]
)
def test_the_counts_in_the_header(layers, count):
    with torch.device("meta"):
        model = VGG(LAYOUTS[layers])
    assert cost.weights(model) == count
    assert sum(isinstance(part, nn.Conv2d | nn.Linear) for part in model.modules()) == layers


def test_shapes():
    assert block(2, 3, 8)(torch.randn(1, 3, 10, 14)).shape == (1, 8, 5, 7)
    model = VGG((1, 2), (4, 8), hidden=16, in_channels=1, classes=5, size=12)
    assert model(torch.randn(2, 1, 12, 12)).shape == (2, 5)
    assert model.dense[0].in_features == 8 * 3 * 3


@pytest.mark.parametrize("wrong", [{"convolutions": (1,)}, {"size": 16}, {"hidden": 0}])
def test_impossible_networks_are_refused(wrong):
    with torch.device("meta"), pytest.raises(ValueError, match="a VGG needs"):
        VGG(**wrong)


def test_impossible_blocks_are_refused():
    with pytest.raises(ValueError, match="counts of at least 1"):
        block(0, 3, 8)
