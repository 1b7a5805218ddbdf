"""Cross-entropy by hand against torch: binary, categorical and sparse, value and gradient; entropy; a temperature."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from scipy import optimize, stats

from groundtruth.scratch.cross_entropy import (
    binary,
    binary_gradient,
    binary_with_logits,
    binary_with_logits_gradient,
    categorical,
    categorical_gradient,
    entropy,
    entropy_gradient,
    fit_temperature,
    one_hot,
    sigmoid,
    sparse,
    sparse_gradient,
)

SIZES = [*itertools.product((1, 4, 33), (1, 2, 10), (0, 1, 2))]


def sample(examples, classes, seed=0, size=3.0):
    generator = torch.Generator().manual_seed(seed)
    logits = size * torch.randn(examples, classes, generator=generator, dtype=torch.float64)
    labels = torch.randint(classes, (examples,), generator=generator)
    soft = torch.rand(examples, classes, generator=generator, dtype=torch.float64)
    return logits, labels, soft / soft.sum(dim=1, keepdim=True)


def slope_of(function, at):
    leaf = at.clone().requires_grad_()
    value = function(leaf)
    (slope,) = torch.autograd.grad(value, leaf)
    return value.detach(), slope


# --- against the library --------------------------------------------------------------------------


@pytest.mark.parametrize(("examples", "classes", "seed"), SIZES)
def test_sparse_is_torchs(examples, classes, seed):
    logits, labels, _ = sample(examples, classes, seed)
    value, slope = slope_of(lambda z: F.cross_entropy(z, labels), logits)
    torch.testing.assert_close(sparse(logits, labels), value)
    torch.testing.assert_close(sparse_gradient(logits, labels), slope)


@pytest.mark.parametrize(("examples", "classes", "seed"), SIZES)
def test_categorical_is_torchs_for_hard_and_soft_targets(examples, classes, seed):
    logits, labels, soft = sample(examples, classes, seed)
    for targets in (soft, one_hot(labels, classes)):
        value, slope = slope_of(lambda z, t=targets: F.cross_entropy(z, t), logits)
        torch.testing.assert_close(categorical(logits, targets), value)
        torch.testing.assert_close(categorical_gradient(logits, targets), slope)


@pytest.mark.parametrize(("examples", "classes", "seed"), SIZES)
def test_binary_with_logits_is_torchs(examples, classes, seed):
    logits, _, soft = sample(examples, classes, seed)
    for targets in (soft, (soft > 0.3).double()):
        value, slope = slope_of(lambda z, t=targets: F.binary_cross_entropy_with_logits(z, t), logits)
        torch.testing.assert_close(binary_with_logits(logits, targets), value)
        torch.testing.assert_close(binary_with_logits_gradient(logits, targets), slope)


@pytest.mark.parametrize(("examples", "classes", "seed"), SIZES)
def test_binary_is_torchs(examples, classes, seed):
    logits, _, soft = sample(examples, classes, seed)
    probabilities = logits.sigmoid()
    for targets in (soft, (soft > 0.3).double()):
        value, slope = slope_of(lambda p, t=targets: F.binary_cross_entropy(p, t), probabilities)
        torch.testing.assert_close(binary(probabilities, targets), value)
        torch.testing.assert_close(binary_gradient(probabilities, targets), slope)


@pytest.mark.parametrize(("classes", "seed"), [*itertools.product((1, 2, 10), range(4))])
def test_entropy_is_torchs_and_scipys(classes, seed):
    _, _, shares = sample(5, classes, seed)
    value, slope = slope_of(lambda p: torch.special.entr(p).sum(), shares)
    torch.testing.assert_close(entropy(shares).sum(), value)
    torch.testing.assert_close(entropy_gradient(shares), slope)
    torch.testing.assert_close(entropy(shares).numpy(), stats.entropy(shares.numpy(), axis=1))


@pytest.mark.parametrize("seed", range(5))
def test_temperature_is_the_one_that_scipy_finds(seed):
    logits, _, _ = sample(300, 6, seed)
    generator = torch.Generator().manual_seed(seed)
    truth = (0.4, 0.9, 1.0, 2.0, 5.0)[seed]
    labels = torch.multinomial(torch.softmax(logits / truth, 1), 1, generator=generator)[:, 0]
    ours = fit_temperature(logits, labels)

    def loss(t):
        return float(F.cross_entropy(logits / t, labels))

    theirs = optimize.minimize_scalar(loss, bounds=(0.01, 50), method="bounded", options={"xatol": 1e-9})
    assert ours == pytest.approx(theirs.x, rel=1e-5)
    assert ours == pytest.approx(truth, rel=0.35)
    assert loss(ours) <= min(loss(ours * 1.01), loss(ours / 1.01))


# --- extreme numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_logits_of_a_thousand(dtype):
    rows = [[1000.0, -1000.0, 0.0], [-1000.0, -1000.0, -1001.0], [1000.0, 999.0, -1000.0]]
    logits, labels = torch.tensor(rows, dtype=dtype), torch.tensor([1, 2, 0])
    value, slope = slope_of(lambda z: F.cross_entropy(z, labels), logits)
    torch.testing.assert_close(sparse(logits, labels), value)
    torch.testing.assert_close(sparse_gradient(logits, labels), slope)
    torch.testing.assert_close(categorical(logits, one_hot(labels, 3).to(dtype)), value)
    targets = torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.0, 0.5], [1.0, 1.0, 0.0]], dtype=dtype)
    value, slope = slope_of(lambda z: F.binary_cross_entropy_with_logits(z, targets), logits)
    torch.testing.assert_close(binary_with_logits(logits, targets), value)
    torch.testing.assert_close(binary_with_logits_gradient(logits, targets), slope)
    assert value > 100  # and finite: nothing was cut
    assert sigmoid(logits).isfinite().all()
    torch.testing.assert_close(sigmoid(logits), logits.sigmoid())


def test_probabilities_of_zero_and_one_as_torch():
    probabilities = torch.tensor([0.0, 1.0, 0.0, 1.0, 1e-30, 1 - 1e-7], dtype=torch.float64)
    targets = torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 0.0], dtype=torch.float64)
    value, slope = slope_of(lambda p: F.binary_cross_entropy(p, targets), probabilities)
    torch.testing.assert_close(binary(probabilities, targets), value)
    torch.testing.assert_close(binary_gradient(probabilities, targets), slope)


def test_entropy_of_a_certainty_and_of_a_balance():
    assert entropy(torch.tensor([0.0, 1.0, 0.0])) == 0
    assert float(entropy(torch.full((8,), 1 / 8))) == pytest.approx(math.log(8))


# --- identities, and what a wrong version would do ------------------------------------------------


def test_two_classes_are_one_sigmoid():
    logits, labels, _ = sample(20, 2)
    difference = logits[:, 1] - logits[:, 0]
    torch.testing.assert_close(sparse(logits, labels), binary_with_logits(difference, labels.double()))


def test_planted_faults_are_seen():
    logits, labels, soft = sample(12, 5)
    right = float(sparse(logits, labels))
    shares = torch.softmax(logits, 1)
    wrong = [
        F.cross_entropy(shares, labels),  # softmax twice
        F.cross_entropy(logits.relu(), labels),
        right * 12,  # summed, not averaged
        right / math.log(2),  # bits
        -shares.gather(1, labels[:, None]).mean(),  # no logarithm
    ]
    assert all(abs(float(one) - right) > 0.05 for one in wrong)
    gradient = sparse_gradient(logits, labels)
    assert torch.allclose(gradient.sum(dim=1), torch.zeros(12).double(), atol=1e-12)
    for fault in (-gradient, 12 * gradient, shares / 12, (shares - soft) / 12):
        assert (fault - gradient).abs().max() > 0.01


def test_one_hot_is_torchs():
    labels = torch.tensor([2, 0, 1, 2])
    assert torch.equal(one_hot(labels, 4), F.one_hot(labels, 4).double())


# --- wrong input ----------------------------------------------------------------------------------


def test_wrong_input_is_named():
    logits, labels, soft = sample(6, 3)
    with pytest.raises(ValueError, match=r"labels \(N,\)"):
        sparse(logits, labels[:-1])
    with pytest.raises(ValueError, match="from 0 to 2"):
        sparse(logits, labels + 3)
    with pytest.raises(ValueError, match="from 0 to 2"):
        one_hot(labels - 3, 3)
    with pytest.raises(ValueError, match="whole numbers"):
        sparse_gradient(logits, labels.double())
    with pytest.raises(ValueError, match=r"targets \(N, K\)"):
        categorical(logits, soft[:, :-1])
    with pytest.raises(ValueError, match="add up to 1"):
        categorical_gradient(logits, soft / 2)
    with pytest.raises(ValueError, match="targets must lie from 0 to 1"):
        binary_with_logits(logits, 2 * torch.ones_like(logits))
    with pytest.raises(ValueError, match="probabilities must lie from 0 to 1"):
        binary(logits, soft)
    with pytest.raises(ValueError, match="one target for each value"):
        binary_gradient(soft, soft[:3])
    with pytest.raises(ValueError, match="add up to 1"):
        entropy(2 * soft / 3)
    for hopeless in (logits.argmax(dim=1), logits.argmin(dim=1)):
        with pytest.raises(ValueError, match="no temperature"):
            fit_temperature(logits, hopeless)
