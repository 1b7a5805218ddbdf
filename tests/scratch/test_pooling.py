"""Pooling by hand against torch: value and gradient over random shapes, ties, and planted faults."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.scratch.pooling import MaxPool, MeanPool

KINDS = {MaxPool: F.max_pool2d, MeanPool: F.avg_pool2d}


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("stride", [None, 1, 2, 3])
@pytest.mark.parametrize("shape", [(2, 3, 6, 6), (1, 1, 7, 5), (3, 2, 3, 8)])
def test_both_kinds_are_torchs_forward_and_backward(kind, size, stride, shape):
    pool, x = kind(size, stride), draw(*shape)
    leaf = x.clone().requires_grad_()
    theirs = KINDS[kind](leaf, size, stride)
    torch.testing.assert_close(pool.forward(x), theirs.detach())
    slope = draw(*theirs.shape, seed=1)
    theirs.backward(slope)
    torch.testing.assert_close(pool.backward(x, slope), leaf.grad)


def test_the_first_of_several_largest_gets_the_slope_as_in_torch():
    x = torch.tensor([[1.0, 3.0], [3.0, 3.0]])[None, None]
    leaf = x.clone().requires_grad_()
    F.max_pool2d(leaf, 2).sum().backward()
    ours = MaxPool().backward(x, torch.ones(1, 1, 1, 1))
    assert ours[0, 0].tolist() == leaf.grad[0, 0].tolist() == [[0, 1], [0, 0]]


def test_a_constant_map_of_zeros_after_relu():
    x = torch.zeros(1, 1, 4, 4)
    leaf = x.clone().requires_grad_()
    F.max_pool2d(leaf, 2).sum().backward()
    assert torch.equal(MaxPool().backward(x, torch.ones(1, 1, 2, 2)), leaf.grad)


@pytest.mark.parametrize(
    ("kind", "planted"),
    [
        (MaxPool, lambda x, g: F.interpolate(g, scale_factor=2)),  # to all of a window
        (MeanPool, lambda x, g: F.interpolate(g, scale_factor=2)),  # undivided
    ],
)
def test_planted_faults_would_be_seen(kind, planted):
    x, slope = draw(1, 2, 4, 4), draw(1, 2, 2, 2, seed=1)
    assert not torch.allclose(kind().backward(x, slope), planted(x, slope))


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="size and stride must be at least 1"):
        MaxPool(0)
    with pytest.raises(ValueError, match="size and stride must be at least 1"):
        MeanPool(2, 0)
    with pytest.raises(ValueError, match=r"maps must have shape \(N, C, H, W\)"):
        MaxPool().forward(draw(4, 4))
    with pytest.raises(ValueError, match="does not fit"):
        MeanPool(3).forward(draw(1, 1, 2, 5))
    with pytest.raises(ValueError, match="slope must have the shape of the output"):
        MaxPool().backward(draw(1, 1, 4, 4), draw(1, 1, 4, 4))
