import pytest
import torch
from torch import nn

from groundtruth.models.mlp import MLP


def test_the_count_in_the_header():
    assert sum(p.numel() for p in MLP((784, 128, 10)).parameters()) == 101_770


def test_shapes_and_flattening():
    torch.manual_seed(0)
    model = MLP((6, 5, 3))
    x = torch.randn(4, 1, 2, 3)
    assert model(x).shape == (4, 3)
    assert torch.equal(model(x), model(x.flatten(1)))


def test_equals_the_sum_written_out():
    torch.manual_seed(0)
    model = MLP((6, 5, 3), activation=nn.Tanh)
    x = torch.randn(4, 6)
    first, last = model.layers[0], model.layers[2]
    expected = torch.tanh(x @ first.weight.T + first.bias) @ last.weight.T + last.bias
    torch.testing.assert_close(model(x), expected)


def test_two_sizes_make_a_linear_map():
    torch.manual_seed(0)
    model, x, y = MLP((6, 3)), torch.randn(4, 6), torch.randn(4, 6)
    zero = model(torch.zeros(4, 6))
    torch.testing.assert_close(model(x + y) - zero, model(x) - zero + model(y) - zero)


@pytest.mark.parametrize("sizes", [(), (4,), (4, 0, 2)])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="an MLP needs"):
        MLP(sizes)
