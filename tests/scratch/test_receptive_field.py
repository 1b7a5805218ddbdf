import pytest
import torch
from torch import nn

from groundtruth.scratch import receptive_field as rf


def stack(layers):
    parts = []
    for kernel, stride in layers:
        part = nn.Conv2d(1, 1, kernel, stride, padding=kernel // 2, bias=False)
        nn.init.constant_(part.weight, 1.0)  # no weight hides a pixel
        parts.append(part)
    return nn.Sequential(*parts)


@pytest.mark.parametrize(
    ("layers", "size", "jump"),
    [
        ([], 1, 1),
        ([(3, 1)] * 2, 5, 1),
        ([(3, 1)] * 3, 7, 1),
        ([(5, 2), (5, 2)], 13, 4),  # the two convolutions of 1989
        (
            [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)],
            195,
            32,
        ),  # AlexNet, Araujo et al.
    ],
)
def test_known_fields(layers, size, jump):
    assert rf.fields(layers)[-1] == (size, jump)
    assert len(rf.fields(layers)) == len(layers) + 1


@pytest.mark.parametrize("seed", range(8))
def test_the_gradient_agrees_with_the_count(seed):
    generator = torch.Generator().manual_seed(seed)
    halves, strides = torch.randint(1, 3, (2, 4), generator=generator).tolist()
    layers = [(2 * half + 1, stride) for half, stride in zip(halves, strides, strict=True)]
    size, _ = rf.fields(layers)[-1]
    seen = rf.influence(stack(layers), torch.ones(1, 1, 161, 161))
    assert rf.extent(seen) == (size, size)


def test_a_border_cuts_the_field():
    seen = rf.influence(stack([(3, 1)] * 4), torch.ones(1, 1, 5, 20))
    assert rf.extent(seen) == (5, 9)


def test_influence_is_the_slope_that_torch_finds():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.Tanh(), nn.Conv2d(3, 2, 3, padding=1))
    x = torch.randn(4, 2, 7, 7)
    leaf = x.clone().requires_grad_()
    network(leaf)[:, :, 3, 3].sum().backward()
    torch.testing.assert_close(rf.influence(network, x), leaf.grad.abs().mean(dim=(0, 1)))
    assert x.grad is None


def test_width_of_a_flat_field():
    flat = torch.zeros(50, 50)
    flat[10:31, 10:31] = 1
    assert rf.width(flat) == pytest.approx(2 * ((21**2 - 1) / 12) ** 0.5)


def test_what_cannot_be_meant_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        rf.fields([(3, 0)])
    with pytest.raises(ValueError, match="maps"):
        rf.influence(lambda x: x.mean(dim=(2, 3)), torch.ones(1, 1, 5, 5))
    with pytest.raises(ValueError, match="not zero everywhere"):
        rf.extent(torch.zeros(4, 4))
