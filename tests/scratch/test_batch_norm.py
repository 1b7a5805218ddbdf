"""Batch normalisation by hand against torch: value, gradient and running statistics, in both modes."""

import itertools

import pytest
import torch
from torch import nn

from groundtruth.scratch.batch_norm import BatchNorm

SHAPES = [(2, 1), (5, 3), (32, 7), (2, 3, 4), (1, 2, 3, 3), (6, 4, 5, 2), (2, 3, 2, 2, 2)]
CASES = [*itertools.product(SHAPES, (0, 1))]


def draw(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def library(layer, dimensions):
    kind = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}[dimensions]
    theirs = kind(len(layer.scale), eps=layer.eps, momentum=layer.momentum).double()
    with torch.no_grad():
        theirs.weight.copy_(layer.scale)
        theirs.bias.copy_(layer.shift)
    return theirs


def pair(shape, seed, **settings):
    layer = BatchNorm(shape[1], **settings)
    layer.scale, layer.shift = draw(shape[1], seed=seed + 5), draw(shape[1], seed=seed + 6)
    return layer, library(layer, len(shape))


def compare(layer, theirs, x, slope):
    """Assert equal values, slopes and running statistics for one batch."""
    theirs.zero_grad()
    given = x.clone().requires_grad_()
    expected = theirs(given)
    expected.backward(slope)
    torch.testing.assert_close(layer.forward(x), expected.detach())
    found = layer.backward(slope)
    torch.testing.assert_close(found.inputs, given.grad, atol=1e-9, rtol=1e-7)
    torch.testing.assert_close(found.scale, theirs.weight.grad)
    torch.testing.assert_close(found.shift, theirs.bias.grad)
    torch.testing.assert_close(layer.running_mean, theirs.running_mean)
    torch.testing.assert_close(layer.running_variance, theirs.running_var)


# --- against the library ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "seed"), CASES)
def test_both_modes_are_those_of_the_library(shape, seed):
    layer, theirs = pair(shape, seed)
    for batch in range(3):  # the running statistics move on
        compare(layer, theirs, 3 + 2 * draw(*shape, seed=seed + 10 * batch), draw(*shape, seed=seed + 1))
    layer.training = False
    theirs.eval()
    compare(layer, theirs, 3 + 2 * draw(*shape, seed=seed + 50), draw(*shape, seed=seed + 1))


@pytest.mark.parametrize(("momentum", "eps"), [*itertools.product((0.0, 0.3, 1.0), (1e-5, 1e-2))])
def test_momentum_and_eps_are_those_of_the_library(momentum, eps):
    layer, theirs = pair((6, 3), 2, momentum=momentum, eps=eps)
    compare(layer, theirs, 0.1 * draw(6, 3), draw(6, 3, seed=1))


@pytest.mark.parametrize(("shape", "seed"), CASES)
def test_the_function_of_the_library_agrees(shape, seed):
    layer, _ = pair(shape, seed)
    x = draw(*shape, seed=seed)
    mean, variance = layer.running_mean.clone(), layer.running_variance.clone()
    expected = nn.functional.batch_norm(x, mean, variance, layer.scale, layer.shift, training=True)
    torch.testing.assert_close(layer.forward(x), expected)
    torch.testing.assert_close(layer.running_mean, mean)  # moved in place
    torch.testing.assert_close(layer.running_variance, variance)
    layer.training = False
    expected = nn.functional.batch_norm(x, mean, variance, layer.scale, layer.shift, training=False)
    torch.testing.assert_close(layer.forward(x), expected)


def test_the_hand_written_slope_is_autograds_through_our_own_forward():
    layer, _ = pair((5, 3, 2), 0)
    x, slope = draw(5, 3, 2, seed=1).requires_grad_(), draw(5, 3, 2, seed=2)
    layer.forward(x).backward(slope)
    layer.forward(x.detach())
    torch.testing.assert_close(layer.backward(slope).inputs, x.grad)


# --- what the formula promises ----------------------------------------------------------------------------


def test_the_output_has_mean_shift_and_deviation_scale():
    layer, _ = pair((200, 3), 1, eps=1e-12)
    out = layer.forward(5 + 3 * draw(200, 3))
    torch.testing.assert_close(out.mean(dim=0), layer.shift)
    torch.testing.assert_close(out.std(dim=0, correction=0), layer.scale.abs())


def test_the_slope_knows_no_shift_and_no_stretch_of_a_channel():
    layer, _ = pair((9, 2), 3)
    x, slope = draw(9, 2), draw(9, 2, seed=1)
    normal = (layer.forward(x) - layer.shift) / layer.scale
    found = layer.backward(slope).inputs
    assert found.sum(dim=0).abs().max() < 1e-10
    assert (found * normal).sum(dim=0).abs().max() < 1e-4  # not exactly 0, for eps is not


@pytest.mark.parametrize(
    "planted",
    [
        lambda rows, normal: rows,  # the statistics taken for constants
        lambda rows, normal: rows - rows.mean(dim=0),  # the variance taken for a constant
        lambda rows, normal: rows - normal * (rows * normal).mean(dim=0),  # the mean taken for a constant
    ],
)
def test_slopes_with_a_part_left_out_are_found(planted):
    layer, theirs = pair((6, 3), 4)
    x, slope = draw(6, 3).requires_grad_(), draw(6, 3, seed=1)
    theirs(x).backward(slope)
    normal = (layer.forward(x.detach()) - layer.shift) / layer.scale
    wrong = planted(slope, normal) * layer.scale / (x.detach().var(dim=0, correction=0) + layer.eps).sqrt()
    assert (wrong - x.grad).abs().max() > 1e-3


def test_the_divisor_of_the_running_variance_is_one_less():
    layer = BatchNorm(1, momentum=1.0)
    layer.forward(torch.tensor([[1.0], [3.0]], dtype=torch.float64))
    assert layer.running_variance.item() == pytest.approx(2.0)  # and 1 with divisor M
    assert layer.running_mean.item() == pytest.approx(2.0)


def test_in_use_an_answer_does_not_depend_on_the_neighbours():
    layer, _ = pair((4, 2), 0)
    x = draw(4, 2)
    alone_in_training = layer.forward(x[:2])[0]
    assert (layer.forward(x)[0] - alone_in_training).abs().max() > 1e-3
    layer.training = False
    assert torch.equal(layer.forward(x)[0], layer.forward(x[:1])[0])


# --- bad input --------------------------------------------------------------------------------------------


def test_wrong_input_is_named():
    layer = BatchNorm(3)
    with pytest.raises(ValueError, match="call forward"):
        layer.backward(draw(2, 3))
    for shape in ((3,), (4, 2), (4, 2, 3)):
        with pytest.raises(ValueError, match="C = 3"):
            layer.forward(draw(*shape))
    for shape in ((1, 3), (0, 3)):
        with pytest.raises(ValueError, match="two numbers"):
            layer.forward(draw(*shape))
    layer.forward(draw(4, 3))
    with pytest.raises(ValueError, match="shape of the output"):
        layer.backward(draw(5, 3))
    for settings in ({"channels": 0}, {"channels": 1, "eps": 0.0}, {"channels": 1, "momentum": 1.5}):
        with pytest.raises(ValueError, match="needs channels"):
            BatchNorm(**settings)
    assert BatchNorm(3).running_variance.tolist() == [1, 1, 1]
