"""Wrong answers to the chapter's exercises, the sentence meant for each, and the facts the text leans on."""

import math

import numpy as np
import pytest
import torch

from groundtruth.exercises import classification as module
from groundtruth.scratch.cross_entropy import fit_temperature
from groundtruth.scratch.metrics import calibration
from groundtruth.scratch.softmax import log_softmax

OK_PAPER = {"shares": [1 / 8, 2 / 8, 5 / 8], "cooler": [1 / 30, 4 / 30, 25 / 30], "loss": math.log(4)}
OK_FITS = {"a": "fits", "b": "logits", "c": "probabilities", "d": "fits", "e": "logarithms"}
OK_BEFORE = {"start": math.log(100), "floor": math.log(math.e + 99) - 1, "slope": 100}
OK_MATRIX = {"accuracy": 0.75, "baseline": 0.55, "precision": 5 / 7, "recall": 1 / 3, "missed": "fox"}
OK_HONEST = {"log": 0.7, "squared": 0.7, "absolute": 1, "cubed": 0.6044}


def naive(logits):
    powers = logits.exp()
    return (powers / powers.sum(dim=1, keepdim=True)).log()


def one_maximum_for_all(logits):
    shifted = logits - logits.max()
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


def ece(confidence, right, bins):
    return calibration(confidence, right, bins).error


WRONG = [
    ("softmax-on-paper", OK_PAPER | {"shares": [1, 2, 5]}, "These are the powers"),
    ("softmax-on-paper", OK_PAPER | {"shares": [0, 0.301, 0.699]}, "divided the logits by their sum"),
    ("softmax-on-paper", OK_PAPER | {"shares": [0.25, 1 / 3, 5 / 12]}, "normalised sigmoids"),
    ("softmax-on-paper", OK_PAPER | {"cooler": OK_PAPER["shares"]}, "at temperature one"),
    ("softmax-on-paper", OK_PAPER | {"cooler": np.sqrt([1, 2, 5]) / np.sqrt([1, 2, 5]).sum()}, "They are divided"),
    ("softmax-on-paper", OK_PAPER | {"loss": 2}, "in bits"),
    ("softmax-on-paper", OK_PAPER | {"shares": [0.12, 0.25, 0.62]}, "rounded to two decimals"),
    ("softmax-on-paper", OK_PAPER | {"cooler": [0.03, 0.13, 0.83]}, "rounded to two decimals"),
    ("which-loss-fits", OK_FITS | {"a": "logits"}, "by itself"),
    ("which-loss-fits", OK_FITS | {"b": "fits"}, "applied twice"),
    ("which-loss-fits", OK_FITS | {"c": "fits"}, "losses of Keras"),
    ("which-loss-fits", OK_FITS | {"d": "probabilities"}, "add up to one"),
    ("which-loss-fits", OK_FITS | {"e": "fits"}, "Print one"),
    ("softmax-on-paper", OK_PAPER | {"loss": -math.log(4)}, "sign is flipped"),
    ("stable-log-softmax", naive, "NaN"),
    ("stable-log-softmax", lambda z: torch.softmax(z, 1).log(), "Never form the share"),
    ("stable-log-softmax", one_maximum_for_all, "largest of each row"),
    ("stable-log-softmax", lambda z: torch.softmax(z, 1), "Their logarithm is wanted"),
    ("stable-log-softmax", lambda z: torch.log_softmax(z, 0), "normalised the columns"),
    ("stable-log-softmax", lambda z: z - z.max(1, keepdim=True).values, "is still missing"),
    ("stable-log-softmax", lambda z: torch.logsumexp(z, 1), "should have shape"),
    ("before-the-first-step", OK_BEFORE | {"start": math.log(10)}, "ten classes"),
    ("before-the-first-step", OK_BEFORE | {"start": math.log2(100)}, "Natural logarithms"),
    ("before-the-first-step", OK_BEFORE | {"floor": 0}, "e to the 0 is 1"),
    ("before-the-first-step", OK_BEFORE | {"floor": math.log(math.e + 100) - 1}, "Count again"),
    ("before-the-first-step", OK_BEFORE | {"slope": 0.01}, "upside down"),
    ("before-the-first-step", OK_BEFORE | {"slope": 1e4}, "A square too many"),
    ("read-the-matrix", OK_MATRIX | {"accuracy": (50 / 55 + 20 / 30 + 1 / 3) / 3}, "mean of the three recalls"),
    ("read-the-matrix", OK_MATRIX | {"baseline": 0.65}, "commonest prediction"),
    ("read-the-matrix", OK_MATRIX | {"precision": 1 / 3}, "This is the recall"),
    ("read-the-matrix", OK_MATRIX | {"recall": 5 / 7}, "This is the precision"),
    ("read-the-matrix", OK_MATRIX | {"precision": 0.71}, "rounded to two decimals"),
    ("read-the-matrix", OK_MATRIX | {"missed": "dog"}, "Two dogs out of three"),
    ("calibration-error", lambda c, r, b: float(r.double().mean() - c.mean()), "without its sign"),
    ("calibration-error", lambda c, r, b: float((r.double().mean() - c.mean()).abs()), "ignore the bins"),
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
    ("softmax-on-paper", {"shares": [0.125, 0.25, 0.625], "cooler": [0.033, 0.133, 0.833], "loss": 1.386}),
    ("read-the-matrix", OK_MATRIX | {"precision": 0.714, "recall": 0.333}),
    ("stable-log-softmax", log_softmax),
    ("which-loss-fits", {name: f" {word.upper()} " for name, word in OK_FITS.items()}),
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


def one_loss(module_of_torch, outputs, targets):
    return float(module_of_torch(outputs, targets))


def test_which_loss_fits_which_network():
    generator = torch.Generator().manual_seed(5)
    z = torch.randn(200, 10, generator=generator, dtype=torch.float64)
    labels = torch.randint(10, (200,), generator=generator)
    right = torch.nn.functional.cross_entropy(z, labels)
    assert one_loss(torch.nn.NLLLoss(), z.log_softmax(1), labels) == pytest.approx(float(right))  # a
    assert one_loss(torch.nn.NLLLoss(), z.softmax(1), labels) < 0  # e: minus a share
    yes = (torch.rand(200, 5, generator=generator) < 0.5).double()
    five = z[:, :5]
    by_hand = -(yes * five.sigmoid().log() + (1 - yes) * (1 - five.sigmoid()).log()).mean()
    assert one_loss(torch.nn.BCEWithLogitsLoss(), five, yes) == pytest.approx(float(by_hand))  # d
    assert one_loss(torch.nn.BCEWithLogitsLoss(), five.sigmoid(), yes) != pytest.approx(float(by_hand))  # b
