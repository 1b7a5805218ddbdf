import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from groundtruth.models import cost
from groundtruth.scratch import separable


@pytest.mark.parametrize(
    ("n", "c", "k", "side", "size"), [(2, 3, 4, 3, (6, 5)), (1, 5, 2, 5, (7, 9)), (3, 1, 1, 1, (4, 4))]
)
def test_forward_and_gradient_are_torchs(n, c, k, side, size):  # fmt: skip
    torch.manual_seed(n * 10 + c)
    tensors = [
        torch.randn(shape, dtype=torch.float64)
        for shape in ((n, c, *size), (c, side, side), (k, c), (n, k, *size))
    ]
    grads = []
    for way in ("ours", "torch", "full"):
        x, kernels, mix = (t.clone().requires_grad_() for t in tensors[:3])
        if way == "ours":
            y = separable.pointwise(separable.depthwise(x, kernels), mix)
        elif way == "torch":
            y = F.conv2d(F.conv2d(x, kernels[:, None], padding=side // 2, groups=c), mix[:, :, None, None])
        else:
            y = F.conv2d(x, separable.as_full(kernels, mix), padding=side // 2)
        y.backward(tensors[3])
        grads.append([y.detach(), x.grad, kernels.grad, mix.grad])
    for one in grads[1:]:
        for a, b in zip(grads[0], one, strict=True):
            torch.testing.assert_close(a, b)


@pytest.mark.parametrize(("c", "k", "side"), [(16, 32, 3), (8, 8, 5)])
def test_costs_are_those_of_the_layers(c, k, side):
    full = nn.Conv2d(c, k, side, padding=side // 2, bias=False)
    apart = nn.Sequential(
        nn.Conv2d(c, c, side, padding=side // 2, groups=c, bias=False), nn.Conv2d(c, k, 1, bias=False)
    )
    assert separable.full_cost(c, k, side) == cost.weights(full)
    assert separable.separable_cost(c, k, side) == cost.weights(apart)
    assert separable.full_cost(c, k, side, 63) == cost.multiply_adds(full, (c, 9, 7))
    assert separable.separable_cost(c, k, side, 63) == cost.multiply_adds(apart, (c, 9, 7))


def test_shapes_that_do_not_fit_are_refused():
    x = torch.randn(1, 3, 4, 4)
    with pytest.raises(ValueError, match="odd kernel"):
        separable.depthwise(x, torch.randn(3, 2, 2))
    with pytest.raises(ValueError, match="odd kernel"):
        separable.depthwise(x, torch.randn(2, 3, 3))
    with pytest.raises(ValueError, match="mixture"):
        separable.pointwise(x, torch.randn(2, 4))
