import pytest
import torch
from torch import nn

from groundtruth.models.folding import folded
from groundtruth.models.mbconv import MBConv, SameConv2d


def _lively(network):
    """Give the normalisations statistics and scales of their own, so that a fold that forgets one is seen."""
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.normal_(part.running_mean)
            nn.init.uniform_(part.running_var, 0.5, 2)
            nn.init.normal_(part.weight)
            nn.init.normal_(part.bias)
    return network.eval()


def test_the_folded_network_is_the_same_function_without_normalisations():
    torch.manual_seed(0)
    network = _lively(
        nn.Sequential(
            nn.Sequential(SameConv2d(3, 4, 3, stride=2), nn.BatchNorm2d(4), nn.ReLU6()), MBConv(4, 4)
        )
    )
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    twin = folded(network)
    x = torch.randn(2, 3, 9, 9)
    torch.testing.assert_close(twin(x), network(x), rtol=1e-4, atol=1e-5)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in twin.modules())
    assert not any(parameter.requires_grad for parameter in twin.parameters())
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_a_normalisation_in_training_mode_is_refused():
    with pytest.raises(ValueError, match="depends on its batch"):
        folded(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
