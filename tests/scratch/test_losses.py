"""Squared error by hand against torch: value, gradient, Hessian, lowest point, and slopes from values."""

import itertools

import pytest
import torch

from groundtruth.scratch.losses import (
    errors,
    finite_difference,
    gradient,
    hessian,
    kiosk,
    least_squares,
    squared_loss,
    with_constant,
)


def sample(examples: int, features: int, seed: int = 0):
    generator = torch.Generator().manual_seed(seed)
    inputs = 1 + 2 * torch.randn(examples, features, generator=generator, dtype=torch.float64)
    targets = torch.randn(examples, generator=generator, dtype=torch.float64)
    parameters = torch.randn(features + 1, generator=generator, dtype=torch.float64)
    return inputs, targets, parameters


SIZES = [*itertools.product((2, 9, 40), (1, 3, 7), (0, 1))]


# --- against the library --------------------------------------------------------------------------


@pytest.mark.parametrize(("examples", "features", "seed"), SIZES)
def test_loss_and_gradient_are_those_of_a_linear_layer(examples, features, seed):
    inputs, targets, parameters = sample(examples, features, seed)
    layer = torch.nn.Linear(features, 1).double()
    with torch.no_grad():
        layer.weight[0], layer.bias[0] = parameters[:-1], parameters[-1]
    loss = torch.nn.MSELoss()(layer(inputs)[:, 0], targets)
    loss.backward()
    torch.testing.assert_close(squared_loss(parameters, inputs, targets), loss.detach())
    slope = gradient(parameters, inputs, targets)
    torch.testing.assert_close(slope[:-1], layer.weight.grad[0])
    torch.testing.assert_close(slope[-1:], layer.bias.grad)


@pytest.mark.parametrize(("examples", "features", "seed"), SIZES)
def test_hessian_is_autograds_at_any_point(examples, features, seed):
    inputs, targets, parameters = sample(examples, features, seed)
    for at in (parameters, 100 * parameters):
        theirs = torch.autograd.functional.hessian(lambda p: squared_loss(p, inputs, targets), at)
        torch.testing.assert_close(hessian(inputs), theirs)


@pytest.mark.parametrize(("features", "seed"), [*itertools.product((1, 3, 7), range(3))])
def test_least_squares_is_lstsq_and_has_no_slope(features, seed):
    inputs, targets, _ = sample(40, features, seed)
    ours = least_squares(inputs, targets)
    theirs = torch.linalg.lstsq(with_constant(inputs), targets[:, None]).solution[:, 0]
    torch.testing.assert_close(ours, theirs)
    assert gradient(ours, inputs, targets).abs().max() < 1e-12
    around = ours + 0.1 * torch.randn(
        50, features + 1, dtype=torch.float64, generator=torch.Generator().manual_seed(1)
    )
    assert (squared_loss(around, inputs, targets) > squared_loss(ours, inputs, targets)).all()


@pytest.mark.parametrize("central", [True, False])
def test_finite_difference_is_autograds_gradient(central):
    inputs, targets, parameters = sample(30, 4)

    def fourth(p):
        return (errors(p, inputs, targets) ** 4).mean()

    leaf = parameters.clone().requires_grad_()
    (theirs,) = torch.autograd.grad(fourth(leaf), leaf)
    ours = finite_difference(fourth, parameters, 1e-6, central=central)
    torch.testing.assert_close(ours, theirs, rtol=1e-7 if central else 1e-4, atol=0)


def test_truncation_shrinks_as_the_text_says():
    point = torch.tensor([0.7], dtype=torch.float64)
    truth = float(point.cos())

    def missed(step, central):
        return abs(float(finite_difference(lambda p: p.sin().sum(), point, step, central=central)) - truth)

    assert missed(1e-2, True) / missed(1e-3, True) == pytest.approx(100, rel=0.01)
    assert missed(1e-2, False) / missed(1e-3, False) == pytest.approx(10, rel=0.01)


# --- many lines at once ---------------------------------------------------------------------------


def test_leading_dimensions_are_many_lines():
    inputs, targets, _ = sample(12, 2)
    many = torch.randn(5, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    losses, slopes = squared_loss(many, inputs, targets), gradient(many, inputs, targets)
    assert losses.shape == (5, 4)
    assert slopes.shape == (5, 4, 3)
    for i, j in itertools.product(range(5), range(4)):
        torch.testing.assert_close(losses[i, j], squared_loss(many[i, j], inputs, targets))
        torch.testing.assert_close(slopes[i, j], gradient(many[i, j], inputs, targets))


def test_an_error_is_prediction_minus_target():
    line = torch.tensor([2.0, 1.0])
    assert errors(line, torch.tensor([[1.0], [2.0]]), torch.tensor([0.0, 7.0])).tolist() == [3.0, -2.0]


# --- the worked example ---------------------------------------------------------------------------


@pytest.mark.parametrize(("weight", "loss"), [(7, "703.16"), (8, "599.41"), (9, "566.05"), (10, "603.08")])
def test_the_kiosks_losses_at_bias_three(weight, loss):
    line = torch.tensor([weight, 3.0], dtype=torch.float64)
    assert f"{float(squared_loss(line, *kiosk())):.2f}" == loss


def test_the_kiosks_means_and_lowest_point():
    x, y = kiosk()
    assert x.shape == (8, 1)
    assert y.shape == (8,)
    hours = x[:, 0]
    assert float((hours**2).mean()) == pytest.approx(35.195, abs=1e-12)
    assert float((hours * (y - 3)).mean()) == pytest.approx(315.8375, abs=1e-12)
    assert float(((y - 3) ** 2).mean()) == pytest.approx(3400.33, abs=1e-11)
    assert torch.allclose(10 * x, (10 * x).round())  # tenths: a calculator is enough
    assert torch.allclose(10 * y, (10 * y).round())
    best = float((hours * (y - 3)).mean() / (hours**2).mean())
    assert f"{best:.3f}" == "8.974"
    assert f"{float(squared_loss(torch.tensor([best, 3.0]).double(), x, y)):.2f}" == "566.03"
    assert len(set(hours.tolist())) == 7  # two days with the same sunshine


# --- wrong input ----------------------------------------------------------------------------------


def test_wrong_input_is_named():
    inputs, targets, parameters = sample(6, 2)
    with pytest.raises(ValueError, match=r"shape \(N, D\)"):
        with_constant(targets)
    with pytest.raises(ValueError, match=r"targets \(N,\)"):
        squared_loss(parameters, inputs, targets[:, None])
    with pytest.raises(ValueError, match="must end in 3"):
        gradient(parameters[:-1], inputs, targets)
    with pytest.raises(ValueError, match="combination of the others"):
        least_squares(torch.cat([inputs, inputs.sum(dim=1, keepdim=True)], dim=1), targets)
    with pytest.raises(ValueError, match="step must be above 0"):
        finite_difference(lambda p: p.sum(), parameters, 0.0)
