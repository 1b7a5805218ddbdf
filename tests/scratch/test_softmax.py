"""Log-sum-exp, softmax and log-softmax by hand against torch: value, gradient, temperature, and logits of ±1000."""

import itertools
import math

import pytest
import torch

from groundtruth.scratch.softmax import (
    log_softmax,
    log_softmax_backward,
    logsumexp,
    logsumexp_backward,
    softmax,
    softmax_backward,
)

SHAPES = ((1,), (2,), (10,), (1, 5), (7, 3), (4, 2, 6))
CASES = [*itertools.product(SHAPES, (0.1, 1.0, 3.5), (0, 1))]


def sample(shape, seed=0, size=3.0):
    generator = torch.Generator().manual_seed(seed)
    logits = size * torch.randn(*shape, generator=generator, dtype=torch.float64)
    return logits, torch.randn(*shape, generator=generator, dtype=torch.float64)


def slope_of(function, logits, upstream):
    leaf = logits.clone().requires_grad_()
    value = function(leaf)
    (slope,) = torch.autograd.grad(value, leaf, upstream)
    return value.detach(), slope


# --- against the library --------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "temperature", "seed"), CASES)
def test_softmax_and_its_gradient(shape, temperature, seed):
    logits, upstream = sample(shape, seed)
    value, slope = slope_of(lambda z: torch.softmax(z / temperature, -1), logits, upstream)
    shares = softmax(logits, temperature)
    torch.testing.assert_close(shares, value)
    torch.testing.assert_close(softmax_backward(shares, upstream, temperature), slope)


@pytest.mark.parametrize(("shape", "temperature", "seed"), CASES)
def test_log_softmax_and_its_gradient(shape, temperature, seed):
    logits, upstream = sample(shape, seed)
    value, slope = slope_of(lambda z: torch.log_softmax(z / temperature, -1), logits, upstream)
    log_shares = log_softmax(logits, temperature)
    torch.testing.assert_close(log_shares, value)
    torch.testing.assert_close(log_softmax_backward(log_shares, upstream, temperature), slope)


@pytest.mark.parametrize(("shape", "seed"), [*itertools.product(SHAPES, range(3))])
def test_logsumexp_and_its_gradient(shape, seed):
    logits, upstream = sample(shape, seed)
    value, slope = slope_of(lambda z: torch.logsumexp(z, -1), logits, upstream[..., 0])
    torch.testing.assert_close(logsumexp(logits), value)
    torch.testing.assert_close(logsumexp_backward(logits, upstream[..., 0]), slope)


@pytest.mark.parametrize("dim", [0, 1, 2, -1, -3])
def test_any_dimension(dim):
    logits, upstream = sample((4, 3, 5))
    value, slope = slope_of(lambda z: torch.softmax(z, dim), logits, upstream)
    torch.testing.assert_close(softmax(logits, dim=dim), value)
    torch.testing.assert_close(softmax_backward(value, upstream, dim=dim), slope)
    torch.testing.assert_close(log_softmax(logits, dim=dim), torch.log_softmax(logits, dim))
    torch.testing.assert_close(logsumexp(logits, dim), torch.logsumexp(logits, dim))


# --- extreme logits -------------------------------------------------------------------------------

EXTREME = [
    [1000.0, 0.0, -1000.0],
    [1000.0, 1000.0, 999.0],
    [-1000.0, -1000.0, -1001.0],
    [-1000.0, -2000.0, -3000.0],
    [3e38, 1.0, -3e38],  # at the edge of float32
    [0.0, -math.inf, 2.0],
]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("row", EXTREME)
def test_extreme_logits_as_torch(row, dtype):
    logits = torch.tensor(row, dtype=dtype)
    upstream = torch.tensor([1.0, -2.0, 0.5], dtype=dtype)
    value, slope = slope_of(lambda z: torch.softmax(z, 0), logits, upstream)
    shares = softmax(logits)
    torch.testing.assert_close(shares, value)
    torch.testing.assert_close(softmax_backward(shares, upstream), slope)
    torch.testing.assert_close(log_softmax(logits), torch.log_softmax(logits, 0))
    torch.testing.assert_close(logsumexp(logits), torch.logsumexp(logits, 0))
    assert shares.isfinite().all()
    assert float(shares.sum()) == pytest.approx(1)


def test_infinite_sums_as_torch():
    for row in ([-math.inf, -math.inf], [math.inf, 0.0]):
        logits = torch.tensor(row)
        assert logsumexp(logits) == torch.logsumexp(logits, 0)


def test_a_small_temperature_does_not_overflow():
    logits = torch.tensor([1e38, 0.9e38])  # divided by 0.01 both would be infinite
    assert softmax(logits, 0.01).tolist() == [1, 0]
    assert log_softmax(logits, 0.01)[0] == 0
    assert log_softmax(torch.tensor([1.0, 0.0]), 1e-3)[1] == pytest.approx(-1000)


# --- what a wrong version would do ----------------------------------------------------------------


def test_a_shift_changes_nothing_and_a_factor_does():
    logits, _ = sample((5, 4))
    torch.testing.assert_close(softmax(logits + 17), softmax(logits))
    torch.testing.assert_close(softmax(logits, 2.0), softmax(logits / 2))
    assert (softmax(2 * logits) - softmax(logits)).abs().max() > 0.01


def test_planted_faults_are_seen():
    logits, upstream = sample((6, 4))
    shares = softmax(logits)
    right = softmax_backward(shares, upstream, 2.0)
    diagonal_only = shares * (1 - shares) * upstream / 2  # as if the classes were on their own
    without_temperature = softmax_backward(shares, upstream)
    for wrong in (diagonal_only, without_temperature, -right):
        assert (wrong - right).abs().max() > 0.01
    normalised_sigmoid = logits.sigmoid() / logits.sigmoid().sum(-1, keepdim=True)
    assert (normalised_sigmoid - shares).abs().max() > 0.1
    naive = torch.tensor([1000.0, 0.0]).exp()
    assert (naive / naive.sum()).isnan().any()
    assert softmax(torch.tensor([1000.0, 0.0])).tolist() == [1, 0]


# --- wrong input ----------------------------------------------------------------------------------


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="floating"):
        softmax(torch.tensor([1, 2]))
    with pytest.raises(ValueError, match="along dimension"):
        logsumexp(torch.zeros(3, 0))
    with pytest.raises(ValueError, match="along dimension"):
        log_softmax(torch.tensor(1.0))
    for temperature in (0, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="temperature"):
            softmax(torch.zeros(2), temperature)
