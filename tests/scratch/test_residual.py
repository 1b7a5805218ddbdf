import pytest
import torch

from groundtruth.scratch.residual import Block, stack


def weights(seed, features, hidden):
    generator = torch.Generator().manual_seed(seed)
    shapes = ((features, hidden), (hidden,), (hidden, features), (features,))
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize(("n", "features", "hidden"), [(1, 1, 1), (5, 3, 7), (8, 6, 2)])
def test_forward_and_gradients_are_torchs(residual, n, features, hidden):
    parts = weights(n, features, hidden)
    x = torch.randn(n, features, dtype=torch.float64)
    slope = torch.randn(n, features, dtype=torch.float64)
    block = Block(*parts, residual)
    y = block.forward(x)
    found = block.backward(slope)
    leaves = [part.clone().requires_grad_() for part in (x, *parts)]
    x_, W1, b1, W2, b2 = leaves
    s = torch.relu(x_ @ W1 + b1) @ W2 + b2
    expected = torch.relu(s + x_ if residual else s)
    expected.backward(slope)
    torch.testing.assert_close(y, expected)
    for ours, leaf in zip((found.inputs, found.W1, found.b1, found.W2, found.b2), leaves, strict=True):
        torch.testing.assert_close(ours, leaf.grad)


def test_a_lost_shortcut_is_noticed():
    parts = weights(0, 3, 3)
    x, slope = torch.rand(4, 3).double(), torch.ones(4, 3).double()
    with_it, without = Block(*parts), Block(*parts, residual=False)
    without._kept = None
    with_it.forward(x)
    without.forward(x)
    without._kept = with_it._kept  # the same signs, so that only the shortcut differs
    gap = with_it.backward(slope).inputs - without.backward(slope).inputs
    torch.testing.assert_close(gap, slope * (with_it._kept[2] > 0))


def test_blocks_that_do_nothing_pass_everything_on():
    x = torch.rand(4, 5).double()
    for block in stack(30, 5, torch.Generator().manual_seed(0), gain=0.0):
        y = block.forward(x)
        assert torch.equal(y, x)
        assert torch.equal(block.backward(torch.ones_like(x)).inputs, torch.ones_like(x))


def test_what_cannot_be_meant_is_refused():
    parts = weights(0, 3, 4)
    with pytest.raises(ValueError, match="do not fit"):
        Block(parts[0], parts[1], parts[2].T, parts[3])
    with pytest.raises(ValueError, match="call forward"):
        Block(*parts).backward(torch.ones(2, 3))
    block = Block(*parts)
    block.forward(torch.ones(2, 3).double())
    with pytest.raises(ValueError, match="shape of the output"):
        block.backward(torch.ones(3, 3).double())
    with pytest.raises(ValueError, match="a block and a feature"):
        stack(0, 3, torch.Generator())
