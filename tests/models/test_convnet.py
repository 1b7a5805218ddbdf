import pytest
import torch
from torch import nn

from groundtruth.models.convnet import ConvNet


def test_the_count_in_the_header():
    assert sum(p.numel() for p in ConvNet().parameters()) == 94_186


@pytest.mark.parametrize(("size", "features"), [((28, 28), (7, 7)), ((32, 20), (8, 5))])
def test_shapes(size, features):
    model = ConvNet()
    x = torch.randn(2, 1, *size)
    assert model.features(x).shape == (2, 128, *features)
    assert model(x).shape == (2, 10)


def test_one_block_does_not_pool():
    model = ConvNet(widths=(4,), in_channels=3, classes=2)
    assert model.features(torch.randn(2, 3, 5, 5)).shape == (2, 4, 5, 5)


def test_convolutions_have_no_bias_beside_a_normalisation():
    convolutions = [part for part in ConvNet().modules() if isinstance(part, nn.Conv2d)]
    assert [part.bias for part in convolutions] == [None, None, None]


@pytest.mark.parametrize("wrong", [{"widths": ()}, {"widths": (8, 0)}, {"in_channels": 0}, {"classes": 0}])
def test_impossible_counts_are_refused(wrong):
    with pytest.raises(ValueError, match="a ConvNet needs"):
        ConvNet(**wrong)
