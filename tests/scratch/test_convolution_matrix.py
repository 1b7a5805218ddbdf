"""The matrix of a convolution against torch's convolution: product, transpose, gathered gradient, and its structure."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.scratch.convolution_matrix import gathered, matrix, places

CASES = [
    ((1, 1, 3, 3), (5, 5), 1, 0),
    ((2, 3, 3, 2), (5, 6), 1, 1),
    ((3, 2, 2, 3), (6, 4), 2, 1),
    ((1, 2, 5, 5), (5, 5), 1, 2),
    ((2, 1, 1, 1), (3, 4), 3, 0),
]
EACH = pytest.mark.parametrize(("shape", "sizes", "stride", "padding"), CASES)


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@EACH
def test_the_product_is_the_convolution(shape, sizes, stride, padding):
    weights, x = draw(*shape), draw(4, shape[1], *sizes, seed=1)
    theirs = F.conv2d(x, weights, stride=stride, padding=padding)
    ours = x.flatten(1) @ matrix(weights, *sizes, stride, padding).T
    torch.testing.assert_close(ours.view_as(theirs), theirs)


@EACH
def test_the_transpose_carries_slopes_back(shape, sizes, stride, padding):
    weights, x = draw(*shape), draw(2, shape[1], *sizes, seed=1).requires_grad_()
    theirs = F.conv2d(x, weights, stride=stride, padding=padding)
    slope = draw(*theirs.shape, seed=2)
    theirs.backward(slope)
    ours = slope.flatten(1) @ matrix(weights, *sizes, stride, padding)
    torch.testing.assert_close(ours.view_as(x), x.grad)


@EACH
def test_the_gathered_gradient_of_the_dense_layer_is_the_kernels(shape, sizes, stride, padding):
    weights, x = draw(*shape).requires_grad_(), draw(3, shape[1], *sizes, seed=1)
    theirs = F.conv2d(x, weights, stride=stride, padding=padding)
    slope = draw(*theirs.shape, seed=2)
    theirs.backward(slope)
    dense = slope.flatten(1).T @ x.flatten(1)  # as in a dense layer, every entry on its own
    ours = gathered(dense, places(shape, *sizes, stride, padding), shape)
    torch.testing.assert_close(ours, weights.grad)


def test_in_one_dimension_every_diagonal_is_constant():
    tall = matrix(draw(1, 1, 1, 3), 1, 8, padding=0)  # (6, 8)
    assert tall.shape == (6, 8)
    for offset in range(8):
        assert len(tall.diagonal(offset).unique()) == 1
    assert int((tall != 0).sum()) == 6 * 3


def test_a_stride_breaks_the_diagonals():
    wide = matrix(draw(1, 1, 1, 3), 1, 8, stride=2)
    assert any(len(wide.diagonal(offset).unique()) > 1 for offset in range(3))


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"weights must have shape \(K, C, kH, kW\)"):
        matrix(draw(3, 3), 5, 5)
    with pytest.raises(ValueError, match="does not fit"):
        matrix(draw(1, 1, 3, 3), 2, 5)
    with pytest.raises(ValueError, match="slope must have the shape of the matrix"):
        gathered(draw(2, 2), places((1, 1, 3, 3), 5, 5), (1, 1, 3, 3))
