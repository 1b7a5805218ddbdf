import pytest
import torch

from groundtruth.models import cost
from groundtruth.models.alexnet import AlexNet


@pytest.fixture(scope="module")
def layers():
    with torch.device("meta"):
        return cost.layers(AlexNet(), (3, 227, 227))


def test_the_counts_in_the_header(layers):
    assert [layer.weights for layer in layers] == [
        34_944, 307_456, 885_120, 663_936, 442_624, 37_752_832, 16_781_312, 4_097_000,
    ]  # fmt: skip
    assert sum(layer.weights for layer in layers) == 60_965_224
    with torch.device("meta"):
        assert cost.weights(AlexNet(groups=1)) == 62_378_344


def test_shapes_layer_by_layer(layers):
    assert [layer.output for layer in layers] == [
        (96, 55, 55), (256, 27, 27), (384, 13, 13), (384, 13, 13), (256, 13, 13), (4096,), (4096,), (1000,),
    ]  # fmt: skip


@pytest.mark.parametrize("shape", [(1, 3, 224, 224), (1, 1, 227, 227)])
def test_other_pictures_are_refused(shape):
    with torch.device("meta"), pytest.raises(ValueError, match="227"):
        AlexNet()(torch.zeros(shape))
