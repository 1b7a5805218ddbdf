"""Wrong answers to the chapter's exercises, the sentence meant for each, and the facts the text leans on."""

import math

import numpy as np
import pytest
import torch

from groundtruth.exercises import classification as module
from groundtruth.scratch.cross_entropy import fit_temperature, sparse_gradient
from groundtruth.scratch.metrics import calibration
from groundtruth.scratch.softmax import log_softmax

OK_PAPER = {"shares": [1 / 8, 2 / 8, 5 / 8], "cooler": [1 / 30, 4 / 30, 25 / 30], "loss": math.log(4)}
OK_BEFORE = {"start": math.log(1000), "floor": math.log(math.e + 999) - 1, "slope": 1000}
OK_MATRIX = {"accuracy": 0.75, "baseline": 0.55, "precision": 5 / 7, "recall": 1 / 3, "missed": "fox"}
OK_HONEST = {"log": 0.7, "squared": 0.7, "absolute": 1, "cubed": 0.6044}


def naive(logits):
    powers = logits.exp()
    return (powers / powers.sum(dim=1, keepdim=True)).log()


def ece(confidence, right, bins):
    return calibration(confidence, right, bins).error


WRONG = [
    ("softmax-on-paper", OK_PAPER | {"shares": [1, 2, 5]}, "These are the powers"),
    ("softmax-on-paper", OK_PAPER | {"shares": [0, 0.301, 0.699]}, "divided the logits by their sum"),
    ("softmax-on-paper", OK_PAPER | {"shares": [0.25, 1 / 3, 5 / 12]}, "normalised sigmoids"),
    ("softmax-on-paper", OK_PAPER | {"cooler": OK_PAPER["shares"]}, "at temperature one"),
    ("softmax-on-paper", OK_PAPER | {"cooler": np.sqrt([1, 2, 5]) / np.sqrt([1, 2, 5]).sum()}, "They are divided"),
    ("softmax-on-paper", OK_PAPER | {"loss": 2}, "in bits"),
    ("softmax-on-paper", OK_PAPER | {"loss": -math.log(4)}, "sign is flipped"),
    ("stable-log-softmax", naive, "NaN"),
    ("stable-log-softmax", lambda z: torch.softmax(z, 1), "Their logarithm is wanted"),
    ("stable-log-softmax", lambda z: torch.log_softmax(z, 0), "normalised the columns"),
    ("stable-log-softmax", lambda z: z - z.max(1, keepdim=True).values, "is still missing"),
    ("stable-log-softmax", lambda z: torch.logsumexp(z, 1), "should have shape"),
    ("gradient-at-the-logits", lambda z, y: sparse_gradient(z, y) * len(z), "The loss is their mean"),
    ("gradient-at-the-logits", lambda z, y: -sparse_gradient(z, y), "Every sign is flipped"),
    ("gradient-at-the-logits", lambda z, y: torch.softmax(z, 1) / len(z), "still to be subtracted"),
    ("gradient-at-the-logits", lambda z, y: sparse_gradient(z, y) / z.shape[1], "over the examples alone"),
    ("before-the-first-step", OK_BEFORE | {"start": math.log(10)}, "ten classes"),
    ("before-the-first-step", OK_BEFORE | {"start": math.log2(1000)}, "Natural logarithms"),
    ("before-the-first-step", OK_BEFORE | {"floor": 0}, "e to the 0 is 1"),
    ("before-the-first-step", OK_BEFORE | {"slope": 0.001}, "upside down"),
    ("before-the-first-step", OK_BEFORE | {"slope": 1e6}, "A square too many"),
    ("read-the-matrix", OK_MATRIX | {"accuracy": (50 / 55 + 20 / 30 + 1 / 3) / 3}, "mean of the three recalls"),
    ("read-the-matrix", OK_MATRIX | {"baseline": 0.65}, "commonest prediction"),
    ("read-the-matrix", OK_MATRIX | {"precision": 1 / 3}, "This is the recall"),
    ("read-the-matrix", OK_MATRIX | {"recall": 5 / 7}, "This is the precision"),
    ("read-the-matrix", OK_MATRIX | {"missed": "dog"}, "Two dogs out of three"),
    ("calibration-error", lambda c, r, b: float(r.double().mean() - c.mean()), "without its sign"),
    ("calibration-error", lambda c, r, b: float((r.double() - c).abs().mean()), "means of a bin first"),
    ("calibration-error", lambda c, r, b: len(r) * ece(c, r, b), "Divide by how many"),
    ("calibration-error", lambda c, r, b: np.abs(module._gaps(c, r, b)[0]).mean(), "Weight each bin"),
    ("find-the-temperature", lambda z, y: 1 / fit_temperature(z, y), "one over the temperature"),
    ("find-the-temperature", lambda z, y: math.log(fit_temperature(z, y)), "logarithm of the temperature"),
    ("find-the-temperature", module._squared_temperature, "squared error"),
    ("find-the-temperature", lambda z, y: module._loss(z, y, fit_temperature(z, y)), "return the lowest loss"),
    ("honest-forecasts", OK_HONEST | {"log": 1}, "what does a dry day cost"),
    ("honest-forecasts", OK_HONEST | {"absolute": 0.7}, "straight line"),
    ("honest-forecasts", OK_HONEST | {"cubed": 0.7}, "does not reward honesty"),
    ("honest-forecasts", OK_HONEST | {"cubed": 0.49 / 0.58}, "not a square"),
]  # fmt: skip

RIGHT = [
    ("softmax-on-paper", {name: torch.tensor(value) for name, value in OK_PAPER.items()}),
    ("stable-log-softmax", lambda z: z - torch.logsumexp(z, 1, keepdim=True)),
    ("stable-log-softmax", log_softmax),
    ("gradient-at-the-logits", sparse_gradient),
    ("before-the-first-step", OK_BEFORE),
    ("read-the-matrix", OK_MATRIX | {"missed": " Fox "}),
    ("calibration-error", ece),
    ("find-the-temperature", fit_temperature),
    ("find-the-temperature", lambda z, y: float(min(
        torch.linspace(0.2, 8, 3000).tolist(), key=lambda t: module._loss(z, y, t)
    ))),
    ("honest-forecasts", OK_HONEST),
]  # fmt: skip


# --- the module against the book's own ------------------------------------------------------------------


def test_the_references_are_the_books():
    generator = torch.Generator().manual_seed(3)
    for (logits,) in module._log_softmax_calls(generator):
        torch.testing.assert_close(module._log_shares(logits), log_softmax(logits.double()))
    for logits, labels in module._gradient_calls(generator):
        torch.testing.assert_close(module._gradient(logits, labels), sparse_gradient(logits, labels))
    for confidence, right, bins in module._calibration_calls(generator):
        assert module._calibration_error(confidence, right, bins) == pytest.approx(
            ece(confidence, right, bins)
        )
    for logits, labels in module._temperature_calls(generator):
        assert module._temperature(logits, labels) == pytest.approx(fit_temperature(logits, labels), rel=1e-4)


# --- what the text says ----------------------------------------------------------------------------------


def test_a_softmax_too_many_divides_the_first_gradient_by_the_classes():
    for classes in (2, 10, 1000):
        slopes = []
        for twice in (False, True):
            logits = torch.zeros(1, classes, dtype=torch.float64, requires_grad=True)
            out = logits.softmax(1) if twice else logits
            torch.nn.functional.cross_entropy(out, torch.tensor([0])).backward()
            slopes.append(logits.grad)
        torch.testing.assert_close(slopes[1] * classes, slopes[0])
        best = torch.eye(classes).double()[:1]
        floor = float(torch.nn.functional.cross_entropy(best, torch.tensor([0])))
        assert floor == pytest.approx(module._floor(classes))


def test_the_best_reports():
    reports = np.linspace(0, 1, 100_001)
    for power, best in ((2, 0.7), (1, 1.0), (3, 0.6044)):
        expected = 0.7 * (1 - reports) ** power + 0.3 * reports**power
        assert reports[expected.argmin()] == pytest.approx(best, abs=1e-4)
