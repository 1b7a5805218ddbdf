import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from groundtruth.models.mbconv import MBConv, MobileNet, SameConv2d


def numbers(model):
    return sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("c", "k", "kernel", "t"), [(16, 24, 3, 6), (24, 24, 5, 4), (8, 8, 3, 1), (5, 7, 7, 2)]
)
def test_the_formula_in_the_header(c, k, kernel, t):
    wide = t * c
    expected = kernel**2 * wide + wide * k + 2 * (wide + k) + (c * wide + 2 * wide if t > 1 else 0)
    assert numbers(MBConv(c, k, kernel, expansion=t)) == expected


def test_the_count_in_the_header():
    assert numbers(MobileNet()) == 25_530


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize(("stride", "size", "out"), [(1, 9, 9), (2, 9, 5), (2, 8, 4), (3, 7, 3)])
def test_shapes(same, stride, size, out):
    block = MBConv(3, 4, 5, stride, 2, same=same)
    assert block(torch.randn(2, 3, size, size + 2)).shape == (2, 4, out, -(-(size + 2) // stride))
    assert MobileNet(in_channels=3, classes=4)(torch.randn(2, 3, size, size)).shape == (2, 4)


def test_the_input_is_added_only_where_both_ends_are_alike():
    assert MBConv(4, 4).residual
    assert not MBConv(4, 4, stride=2).residual
    assert not MBConv(4, 5).residual
    block = MBConv(4, 4).eval()
    nn.init.zeros_(block.project[1].weight)  # the branch gives zeros
    x = torch.randn(1, 4, 6, 6)
    assert torch.equal(block(x), x)


def test_a_depthwise_kernel_sees_its_own_channel():
    block = MBConv(2, 2, expansion=1)
    convolution = block.depthwise[0]
    x = torch.randn(1, 2, 5, 5)
    alone = [F.conv2d(x[:, c : c + 1], convolution.weight[c : c + 1], padding=1) for c in range(2)]
    torch.testing.assert_close(convolution(x), torch.cat(alone, dim=1))


def test_no_activation_at_the_narrow_end():
    torch.manual_seed(0)
    out = MBConv(4, 8)(torch.randn(4, 4, 6, 6))
    assert out.min() < 0


def test_settings_reach_every_normalisation():
    block = MBConv(4, 4, eps=1e-3, momentum=0.01, activation=nn.SiLU)
    norms = [part for part in block.modules() if isinstance(part, nn.BatchNorm2d)]
    assert len(norms) == 3
    assert {(part.eps, part.momentum) for part in norms} == {(1e-3, 0.01)}
    assert sum(isinstance(part, nn.SiLU) for part in block.modules()) == 2


@pytest.mark.parametrize(
    ("kernel", "stride", "size"), [(3, 2, 8), (5, 2, 8), (3, 2, 7), (5, 1, 6), (3, 3, 10)]
)
def test_same_padding_puts_the_odd_zero_last(kernel, stride, size):
    convolution = SameConv2d(1, 1, kernel, stride)
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    x = torch.randn(1, 1, size, size)
    before, after = total // 2, total - total // 2
    expected = F.conv2d(F.pad(x, (before, after, before, after)), convolution.weight, stride=stride)
    torch.testing.assert_close(convolution(x), expected)
    assert expected.shape[-1] == -(-size // stride)


def test_same_padding_differs_from_symmetric_padding_at_stride_two():
    same = SameConv2d(1, 1, 3, 2)
    x = torch.randn(1, 1, 8, 8)
    symmetric = F.conv2d(x, same.weight, stride=2, padding=1)
    assert not torch.allclose(same(x), symmetric)
    odd = torch.randn(1, 1, 9, 9)
    torch.testing.assert_close(same(odd), F.conv2d(odd, same.weight, stride=2, padding=1))


@pytest.mark.parametrize("wrong", [{"kernel": 4}, {"expansion": 0}, {"in_channels": 0}, {"stride": 0}])
def test_impossible_blocks_are_refused(wrong):
    with pytest.raises(ValueError, match="an MBConv needs"):
        MBConv(**({"in_channels": 4, "out_channels": 4} | wrong))


def test_impossible_networks_are_refused():
    with pytest.raises(ValueError, match="a MobileNet needs"):
        MobileNet(stages=())
