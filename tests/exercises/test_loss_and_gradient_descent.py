"""Wrong answers to the chapter's exercises, the sentence meant for each, and the facts the text leans on."""

import cmath

import numpy as np
import pytest
import torch

from groundtruth.exercises import loss_and_gradient_descent as module
from groundtruth.exercises.loss_and_gradient_descent import check, kiosk
from groundtruth.scratch.descent import Curvature, Scaling, descend
from groundtruth.scratch.losses import gradient, hessian, least_squares, squared_loss

OK_MEAN = {"squared": 30.0, "absolute": 15.0, "mistyped": [162.0, 0.0]}
BEND = Curvature.of(hessian(60 * kiosk()[0]))
OK_MINUTES = {
    "rate": BEND.largest_stable_rate,
    "condition": BEND.condition_number,
    "weight": "a 60th",
    "loss": "stays",
}


def eigenvalues(X):
    return torch.linalg.eigvalsh(hessian(X.double()))


def central(f, x, h=1e-5):
    return (f(x + h).real - f(x - h).real) / (2 * h)


def in_place(weights, bias, X, y):
    weights *= 2
    return module._gradient(weights, bias, X, y)


WRONG = [
    ("one-step-by-hand", [2.0, 2.2], "walked uphill"),
    ("one-step-by-hand", [0.5, 1.9], "2 of the derivative is missing"),
    ("one-step-by-hand", [-1.0, 1.6], "loss is their mean"),
    ("one-step-by-hand", [0.0, 2.2], "moved with the new weight"),
    ("one-step-by-hand", [10.0, 2.0], "These are the slopes"),
    ("one-step-by-hand", [1.8, 0.0], "in the place of the weight"),
    ("one-step-by-hand", 0.0, "single number"),
    ("mean-or-median", OK_MEAN | {"squared": 15, "absolute": 30}, "[squared] This one is best for absolute"),
    ("mean-or-median", OK_MEAN | {"squared": 51.0}, "middle between"),
    ("mean-or-median", OK_MEAN | {"absolute": 30.0}, "how many errors grow"),
    ("mean-or-median", OK_MEAN | {"mistyped": [0, 162]}, "changed places"),
    ("mean-or-median", OK_MEAN | {"mistyped": [192, 15]}, "new constants"),
    ("mean-or-median", OK_MEAN | {"mistyped": [810, 0]}, "whole change"),
    ("mean-or-median", [30, 15], "A dictionary with the keys"),
    ("gradient-by-hand", module._uphill, "Every sign is flipped"),
    ("gradient-by-hand", module._without_two, "2 of the derivative is missing"),
    ("gradient-by-hand", module._sum_of_all, "loss is their mean"),
    ("gradient-by-hand", module._bias_forgotten, "leave the bias out"),
    ("gradient-by-hand", lambda w, b, X, y: 2 * X.T @ (X @ w + b - y) / len(X), "should return (weight slopes"),
    ("gradient-by-hand", lambda w, b, X, y: (X @ w + b - y, 0.0), "should have shape"),
    ("gradient-by-hand", in_place, "changes its input `weights`"),
    ("steepest-safe-rate", module._no_bias, "left the bias out"),
    ("steepest-safe-rate", lambda X: 4 / eigenvalues(X)[-1], "has a 2 in front"),
    ("steepest-safe-rate", lambda X: 1 / eigenvalues(X)[-1], "1/λmax"),
    ("steepest-safe-rate", lambda X: 1 / (X**2).mean(), "a row for each input"),
    ("steepest-safe-rate", lambda X: 2 / eigenvalues(X)[-1] / len(X), "yours is their sum"),
    ("steepest-safe-rate", lambda X: 2 / eigenvalues(X)[0], "smallest eigenvalue"),
    ("steepest-safe-rate", lambda X: 2 / eigenvalues(X).sum(), "trace"),
    ("hours-into-minutes", OK_MINUTES | {"rate": 0.0278190479 / 60}, "[rate] This is the rate for hours divided"),
    ("hours-into-minutes", OK_MINUTES | {"rate": 0.0278190479}, "This is the rate for hours."),
    ("hours-into-minutes", OK_MINUTES | {"rate": OK_MINUTES["rate"] / 2}, "twice that"),
    ("hours-into-minutes", OK_MINUTES | {"rate": Curvature.of(hessian(kiosk()[0] / 60)).largest_stable_rate},
     "an hour has 60 minutes"),
    ("hours-into-minutes", OK_MINUTES | {"condition": 144.7086}, "for hours"),
    ("hours-into-minutes", OK_MINUTES | {"weight": "stays"}, "for each what"),
    ("hours-into-minutes", OK_MINUTES | {"weight": "60 times as large"}, "minute of sun"),
    ("hours-into-minutes", OK_MINUTES | {"loss": "grows"}, "same predictions"),
    ("back-to-units", module._bias_kept, "make up for the means"),
    ("back-to-units", module._multiplied, "multiplied by the spread"),
    ("back-to-units", module._scaled_weights, "go with the new weights"),
    ("back-to-units", module._plus, "sign of the change"),
    ("slope-without-subtraction", central, "lost in a subtraction"),
    ("slope-without-subtraction", lambda f, x: (f(x + 1e-2) - f(x)) / 1e-2, "only to"),
    ("slope-without-subtraction", lambda f, x: f(complex(x, 1e-100)) / 1e-100, "Which part"),
    ("slope-without-subtraction", lambda f, x: f(x), "not the slope at all"),
    ("slope-without-subtraction", lambda f, x: f(complex(x, 1e-4)).imag / 1e-4, "only trades"),
    ("finish-in-d-plus-one-steps", eigenvalues, "These are the eigenvalues"),
    ("finish-in-d-plus-one-steps", lambda X: 2 / eigenvalues(X), "becomes −1"),
    ("finish-in-d-plus-one-steps", lambda X: 0.5 / eigenvalues(X), "there twice"),
    ("finish-in-d-plus-one-steps", lambda X: [float(1 / eigenvalues(X)[-1])] * (X.shape[1] + 1), "all the same"),
    ("finish-in-d-plus-one-steps", lambda X: 1 / eigenvalues(X)[-1:], "one a step"),
    ("finish-in-d-plus-one-steps", lambda X: 0.9 / eigenvalues(X), "of the distance is left"),
]  # fmt: skip


def own_autograd(weights, bias, X, y):
    leaf = torch.cat([weights, torch.tensor([bias], dtype=weights.dtype)]).requires_grad_()
    (slope,) = torch.autograd.grad(((X @ leaf[:-1] + leaf[-1] - y) ** 2).mean(), leaf)
    return slope[:-1], slope[-1]


RIGHT = [
    ("one-step-by-hand", torch.tensor([0.0, 1.8])),
    ("mean-or-median", OK_MEAN),
    ("gradient-by-hand", own_autograd),
    ("steepest-safe-rate", lambda X: Curvature.of(hessian(X)).largest_stable_rate),
    ("hours-into-minutes", OK_MINUTES),
    ("back-to-units", lambda w, b, m, s: (w / s, b - (w / s) @ m)),
    ("slope-without-subtraction", lambda f, x: f(x + 1e-20j).imag * 1e20),
    ("finish-in-d-plus-one-steps", lambda X: list(1 / eigenvalues(X))),
    ("finish-in-d-plus-one-steps", lambda X: (1 / eigenvalues(X)).flip(0).numpy()),
]


def test_no_message_tells_the_constants():
    for value in np.linspace(1, 100, 397):
        feedback = check("mean-or-median", OK_MEAN | {"squared": value})
        assert feedback.right or not {"30", "15"} & set(feedback.message.replace(".", " ").split())


# --- the module against the book's own losses and descent ------------------------------------------------


@pytest.mark.parametrize("case", module._gradient_calls(torch.Generator().manual_seed(5)))
def test_the_gradient_is_the_books(case):
    weights, bias, X, y = case
    ours, at_bias = module._gradient(*case)
    book = gradient(torch.cat([weights, torch.tensor([bias]).double()]), X, y)
    torch.testing.assert_close(ours, book[:-1])
    assert at_bias == pytest.approx(float(book[-1]))


@pytest.mark.parametrize("case", module._back_calls(torch.Generator().manual_seed(5)))
def test_the_way_back_is_the_books(case):
    weights, bias, mean, spread = case
    ours, at_bias = module._back(*case)
    book = Scaling(mean, spread).back(torch.cat([weights, torch.tensor([bias]).double()]))
    torch.testing.assert_close(ours, book[:-1])
    assert at_bias == pytest.approx(float(book[-1]))


def test_the_edge_is_the_books():
    for (X,) in module._rate_calls(torch.Generator().manual_seed(5)):
        assert module._largest_rate(X) == pytest.approx(Curvature.of(hessian(X)).largest_stable_rate)


def test_the_step_is_the_books():
    x, y = torch.tensor([[1.0], [3.0]]).double(), torch.tensor([5.0, 1.0]).double()
    path = descend(lambda p: gradient(p, x, y), torch.tensor([1.0, 2.0]).double(), 0.1, 1)
    np.testing.assert_allclose(path[1], module._one_step(), atol=1e-12)
    losses = squared_loss(path, x, y)
    assert losses.tolist() == pytest.approx([10, 5.44])  # as the solution says


# --- what the text says ----------------------------------------------------------------------------------


def test_the_functions_and_their_slopes():
    for f, x, slope in module._cases():
        assert central(f, x) == pytest.approx(slope, rel=1e-4)
        assert isinstance(f(x), float | complex)
    assert cmath.isclose(module._cases()[0][0](1j), -3j)


def test_minutes_make_the_bowl_half_a_million_times_as_long():
    assert BEND.condition_number == pytest.approx(500_000, rel=0.01)
    hours, y = kiosk()
    assert float(least_squares(60 * hours, y)[0]) == pytest.approx(float(least_squares(hours, y)[0]) / 60)


def test_no_constant_beats_mean_and_median():
    others = np.linspace(0, 100, 2001)[:, None]
    assert ((module.SALES - others) ** 2).mean(axis=1).min() >= ((module.SALES - 30) ** 2).mean()
    assert np.abs(module.SALES - others).mean(axis=1).min() >= np.abs(module.SALES - 15).mean()


def test_one_rate_lies_over_the_edge():
    for X in module._clouds():
        bend = Curvature.of(hessian(X))
        assert 1 / float(bend.values[0]) > bend.largest_stable_rate
