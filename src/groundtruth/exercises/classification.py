"""Answer checks for the chapter ``classification``.

The conventions are those of the chapter: natural logarithms, losses are means over the examples, rows of a confusion
matrix are labels. What the checks compute with is NumPy, and shares no code with `groundtruth.scratch`, so that tests
can hold one against the other.

That the logarithmic and the squared loss reward honesty and other powers do not: Gneiting & Raftery (2007, doi
10.1198/016214506000001437). The temperature is that of Guo et al. (2017, doi 10.48550/arXiv.1706.04599).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import optimize

from groundtruth.exercises.answers import (
    Choice,
    Exercise,
    Function,
    NotRightError,
    Numeric,
    Parts,
    checks_of,
    untouched_generators,
)

__all__ = ["EXERCISES", "check"]


# --- what the checks compute with ------------------------------------------------------------------------


def _log_shares(logits: torch.Tensor) -> torch.Tensor:
    z = logits.double().numpy()
    z = z - z.max(axis=1, keepdims=True)
    return torch.from_numpy(z - np.log(np.exp(z).sum(axis=1, keepdims=True)))


def _shares(logits: torch.Tensor) -> torch.Tensor:
    return _log_shares(logits).exp()


THREE_DECIMALS = 6e-4
"""Absolute tolerance of an answer that is asked for to three decimals."""
TOO_SHORT = "This looks rounded to two decimals. Give three."


def _rounded(value: Callable[[], object]) -> Callable[[], object]:
    return lambda: np.round(np.asarray(value(), dtype=float), 2)


# --- softmax-on-paper ------------------------------------------------------------------------------------

POWERS = np.array([1.0, 2.0, 5.0])

ON_PAPER = Parts(
    {
        "shares": Numeric(
            expected=lambda: POWERS / POWERS.sum(),
            what="The list of the three shares",
            atol=THREE_DECIMALS,
            traps={
                TOO_SHORT: _rounded(lambda: POWERS / POWERS.sum()),
                "These are the powers. Divide them by their sum.": lambda: POWERS,
                "You have divided the logits by their sum. Raise e to their power first.": lambda: (
                    np.log(POWERS) / np.log(POWERS).sum()
                ),
                "You have normalised sigmoids. Softmax raises e to each logit.": lambda: (
                    (POWERS / (1 + POWERS)) / (POWERS / (1 + POWERS)).sum()
                ),
            },
        ),
        "cooler": Numeric(
            expected=lambda: POWERS**2 / (POWERS**2).sum(),
            what="The list of the shares at temperature one half",
            atol=THREE_DECIMALS,
            traps={
                TOO_SHORT: _rounded(lambda: POWERS**2 / (POWERS**2).sum()),
                "You have multiplied the logits by the temperature. They are divided by it.": lambda: (
                    POWERS**0.5 / (POWERS**0.5).sum()
                ),
                "These are the shares at temperature one.": lambda: POWERS / POWERS.sum(),
            },
        ),
        "loss": Numeric(
            expected=lambda: math.log(4),
            what="The cross-entropy",
            atol=THREE_DECIMALS,
            traps={
                TOO_SHORT: _rounded(lambda: math.log(4)),
                "This is the share of the right class. The loss is minus its logarithm.": lambda: 0.25,
                "A loss is not negative: the sign is flipped.": lambda: -math.log(4),
                "This is in bits. Take the natural logarithm.": lambda: 2.0,
                "This is the loss at temperature one half.": lambda: math.log(7.5),
                "This is the loss if the third class is right.": lambda: math.log(8 / 5),
            },
        ),
    }
)


# --- stable-log-softmax ----------------------------------------------------------------------------------


def _log_softmax_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for case, size in enumerate((1.0, 3.0, 30.0, 1000.0, 1e4)):
        rows = size * torch.randn(2 + case, 3 + case, generator=generator, dtype=torch.float64)
        calls += [(rows,), (rows + 1000,), (rows.float() - 1000,)]
    return calls


STABLE = Function(
    reference=_log_shares,
    inputs=_log_softmax_calls,
    rtol=1e-4,
    atol=1e-3,  # logits of 10,000 in single precision have no more digits
    traps={
        "These are the shares themselves. Their logarithm is wanted.": _shares,
        "You have normalised the columns. A row holds the logits of one example.": lambda logits: (
            _log_shares(logits.T).T
        ),
        "Every sign is flipped: a share is below 1, so its logarithm is negative.": lambda logits: (
            -_log_shares(logits)
        ),
        "The largest logit is subtracted; the logarithm of the sum is still missing.": lambda logits: (
            logits.double() - logits.double().max(dim=1, keepdim=True).values
        ),
    },
)


@dataclass(frozen=True)
class _NamedCause:
    """As `STABLE`, with the cause where the result is infinite: which of two logarithms of zero it was."""

    def judge(self, answer: object) -> str | None:
        """See `Answer.judge`."""
        try:
            return STABLE.judge(answer)
        except NotRightError as wrong:
            if "is infinite somewhere" not in str(wrong) or not callable(answer):
                raise
        with untouched_generators():
            alone = torch.as_tensor(answer(torch.tensor([[0.0, -2000.0]])))
        if bool(alone.isfinite().all()):  # no trouble with a single row, so it is the company of other rows
            raise NotRightError(
                "What your function returns is infinite somewhere: the logarithm of zero. You have subtracted the "
                "largest of all logits, so that in rows far below it every power is zero. Subtract the largest of "
                "each row."
            )
        raise NotRightError(
            "What your function returns is infinite somewhere: the logarithm of zero. A share that is too small for "
            "the computer has become zero before its logarithm was taken. Never form the share."
        )


# --- which-loss-fits -------------------------------------------------------------------------------------

WANTED = ("fits", "logits", "probabilities", "logarithms")


def _wants(expected: str, hints: dict[str, str]) -> Choice:
    return Choice(WANTED, expected=lambda: expected, hints=hints)


FITS = Parts(
    {
        "a": _wants(
            "fits",
            {
                "logits": "Log-softmax of log-softmax would be the same, but look at what NLLLoss does by itself.",
                "probabilities": "This loss takes no logarithm. Who does it here?",
                "logarithms": "It does want them. And what does it get?",
            },
        ),
        "b": _wants(
            "logits",
            {
                "fits": "A sigmoid is applied twice. By whom?",
                "probabilities": "It gets them. Read the name of the loss once more.",
                "logarithms": "This loss takes its logarithms itself. Read its name once more.",
            },
        ),
        "c": _wants(
            "probabilities",
            {
                "fits": "In PyTorch it would. What do the losses of Keras expect, unless they are told?",
                "logits": "It gets logits: the layer is bare.",
                "logarithms": "The loss takes the logarithm itself.",
            },
        ),
        "d": _wants(
            "fits",
            {
                "logits": "It gets logits: the layer is bare.",
                "probabilities": "Read the name of the loss. And must the five add up to one?",
                "logarithms": "This loss takes its logarithms itself.",
            },
        ),
        "e": _wants(
            "logarithms",
            {
                "fits": "Then the loss would be minus a share, and never above zero. Print one.",
                "logits": "This loss does no softmax. The table of the chapter says what it takes.",
                "probabilities": "It gets them, and minus their mean would be the loss.",
            },
        ),
    }
)


# --- before-the-first-step -------------------------------------------------------------------------------

CLASSES = 100


def _floor(classes: int) -> float:
    return math.log(math.e + classes - 1) - 1


BEFORE = Parts(
    {
        "start": Numeric(
            expected=lambda: math.log(CLASSES),
            what="The loss before the first step",
            atol=THREE_DECIMALS,
            traps={
                TOO_SHORT: _rounded(lambda: math.log(CLASSES)),
                "This is for ten classes.": lambda: math.log(10),
                "Natural logarithms, please.": lambda: math.log2(CLASSES),
                "A loss is not negative.": lambda: -math.log(CLASSES),
                "This is the chance level. The loss is minus its logarithm.": lambda: 1 / CLASSES,
            },
        ),
        "floor": Numeric(
            expected=lambda: _floor(CLASSES),
            what="The lowest loss with a softmax too many",
            atol=THREE_DECIMALS,
            traps={
                TOO_SHORT: _rounded(lambda: _floor(CLASSES)),
                "This is for ten classes.": lambda: _floor(10),
                "The shares of the other classes are 0, and their powers are not: e to the 0 is 1.": lambda: (
                    0.0
                ),
                "Count again: one class is the right one, and the others are one fewer.": lambda: (
                    math.log(math.e + CLASSES) - 1
                ),
            },
        ),
        "slope": Numeric(
            expected=lambda: CLASSES,
            what="The factor of the first gradient",
            traps={
                "This is upside down: how many times smaller?": lambda: 1 / CLASSES,
                "This is for ten classes.": lambda: 10,
                "A square too many: one softmax lies between the loss's own slope and the logits.": (
                    lambda: CLASSES**2
                ),
            },
        ),
    }
)


# --- read-the-matrix -------------------------------------------------------------------------------------

MATRIX = np.array([[50.0, 3.0, 2.0], [10.0, 20.0, 0.0], [5.0, 5.0, 5.0]])

READING = Parts(
    {
        "accuracy": Numeric(
            expected=lambda: MATRIX.trace() / MATRIX.sum(),
            what="The accuracy",
            traps={
                "This is the mean of the three recalls, which counts rare classes as much as common ones.": (
                    (MATRIX.diagonal() / MATRIX.sum(axis=1)).mean
                ),
            },
        ),
        "baseline": Numeric(
            expected=lambda: MATRIX.sum(axis=1).max() / MATRIX.sum(),
            what="The accuracy of always saying the same",
            traps={
                "This would be so if all classes were equally common.": lambda: 1 / 3,
                "You have taken the commonest prediction. Which label is the commonest?": lambda: (
                    MATRIX.sum(axis=0).max() / MATRIX.sum()
                ),
            },
        ),
        "precision": Numeric(
            expected=lambda: 5 / 7,
            what="The precision for foxes",
            atol=THREE_DECIMALS,
            traps={
                TOO_SHORT: _rounded(lambda: 5 / 7),
                "This is the recall: it looks along the row. Precision looks down the column.": lambda: 1 / 3,
                "This is the precision for cats.": lambda: 50 / 65,
                "This is the share of all animals.": lambda: 0.05,
            },
        ),
        "recall": Numeric(
            expected=lambda: 1 / 3,
            what="The recall for foxes",
            atol=THREE_DECIMALS,
            traps={
                TOO_SHORT: _rounded(lambda: 1 / 3),
                "This is the precision: it looks down the column. Recall looks along the row.": lambda: 5 / 7,
                "This is the recall for cats.": lambda: 50 / 55,
                "This is the share of all animals.": lambda: 0.05,
            },
        ),
        "missed": Choice(
            ("cat", "dog", "fox"),
            expected=lambda: "fox",
            hints={
                "cat": "Most of the cats are found.",
                "dog": "Two dogs out of three are found.",
            },
        ),
    }
)


# --- calibration-error -----------------------------------------------------------------------------------


def _gaps(confidence: torch.Tensor, right: torch.Tensor, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each full bin the signed gap and the number of predictions."""
    sure, hit = confidence.numpy(), right.numpy().astype(float)
    place = np.clip(np.ceil(sure * bins) - 1, 0, bins - 1).astype(int)
    full = np.unique(place)
    gaps = np.array([hit[place == b].mean() - sure[place == b].mean() for b in full])
    return gaps, np.array([(place == b).sum() for b in full])


def _calibration_error(confidence: torch.Tensor, right: torch.Tensor, bins: int) -> float:
    gaps, count = _gaps(confidence, right, bins)
    return float((np.abs(gaps) * count).sum() / count.sum())


def _calibration_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for case in range(16):
        size, bins = 20 + 30 * case, (1, 4, 5, 10)[case % 4]
        confidence = 0.2 + 0.79 * torch.rand(size, generator=generator, dtype=torch.float64)
        # Half of the networks are too sure throughout, the other half too modest below and too sure above.
        chance = 0.15 + 0.6 * confidence**2 if case % 8 < 4 else 1.1 - confidence
        right = torch.rand(size, generator=generator, dtype=torch.float64) < chance
        calls.append((confidence, right, bins))
    return calls


CALIBRATION = Function(
    reference=_calibration_error,
    inputs=_calibration_calls,
    traps={
        "You ignore the bins: yours is the gap between the two means of all predictions. Take it in each bin.": (
            lambda confidence, right, bins: float((right.double().mean() - confidence.mean()).abs())
        ),
        "In yours, bins that are too sure pay for bins that are not sure enough. Take each gap without its sign.": (
            lambda confidence, right, bins: float(right.double().mean() - confidence.mean())
        ),
        "Yours is the mean over the bins. Weight each bin by its predictions.": lambda confidence, right, bins: (
            float(np.abs(_gaps(confidence, right, bins)[0]).mean())
        ),
        "Yours is divided by the number of bins, empty ones included. Weight each bin by its predictions.": (
            lambda confidence, right, bins: float(np.abs(_gaps(confidence, right, bins)[0]).sum() / bins)
        ),
        "Yours is the gap of each single prediction, which is right or wrong. Take the means of a bin first.": (
            lambda confidence, right, bins: float((right.double() - confidence).abs().mean())
        ),
        "This is the largest gap of a bin. The mean over the predictions is wanted.": (
            lambda confidence, right, bins: float(np.abs(_gaps(confidence, right, bins)[0]).max())
        ),
        "Yours adds the gaps up, weighted by their predictions. Divide by how many there are.": (
            lambda confidence, right, bins: len(right) * _calibration_error(confidence, right, bins)
        ),
    },
)


# --- find-the-temperature --------------------------------------------------------------------------------


def _one_hot(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    return torch.from_numpy(np.eye(logits.shape[1])[labels.numpy()])


def _loss(logits: torch.Tensor, labels: torch.Tensor, temperature: float) -> float:
    rows = _log_shares(logits / temperature).numpy()
    return float(-rows[np.arange(len(rows)), labels.numpy()].mean())


def _temperature(logits: torch.Tensor, labels: torch.Tensor) -> float:
    found = optimize.minimize_scalar(
        lambda log_t: _loss(logits, labels, math.exp(log_t)),
        bounds=(-4, 4),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return math.exp(found.x)


def _squared_temperature(logits: torch.Tensor, labels: torch.Tensor) -> float:
    targets = _one_hot(logits, labels)
    found = optimize.minimize_scalar(
        lambda log_t: float((_shares(logits / math.exp(log_t)) - targets).square().sum(dim=1).mean()),
        bounds=(-4, 4),
        method="bounded",
        options={"xatol": 1e-10},
    )
    return math.exp(found.x)


def _temperature_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for truth in (0.5, 0.8, 1.3, 2.0, 4.0):
        logits = 3 * torch.randn(400, 5, generator=generator, dtype=torch.float64)
        shares = torch.softmax(logits / truth, dim=1)
        calls.append((logits, torch.multinomial(shares, 1, generator=generator)[:, 0]))
    return calls


TEMPERATURE = Function(
    reference=_temperature,
    inputs=_temperature_calls,
    rtol=0.01,
    traps={
        "This is one over the temperature: the logits are divided by it.": lambda logits, labels: (
            1 / _temperature(logits, labels)
        ),
        "This temperature makes the squared error smallest. The cross-entropy is wanted.": _squared_temperature,
        "You return the lowest loss. The temperature that gives it is wanted.": lambda logits, labels: _loss(
            logits, labels, _temperature(logits, labels)
        ),
        "This is the logarithm of the temperature.": lambda logits, labels: math.log(
            _temperature(logits, labels)
        ),
    },
)


# --- honest-forecasts ------------------------------------------------------------------------------------

BELIEF = 0.7


def _best_report(power: float) -> float:
    # p (1 − q)ⁿ + (1 − p) qⁿ is lowest where (q / (1 − q))ⁿ⁻¹ = p / (1 − p)
    odds = (BELIEF / (1 - BELIEF)) ** (1 / (power - 1))
    return odds / (1 + odds)


HONEST = Parts(
    {
        "log": Numeric(
            expected=lambda: BELIEF,
            rtol=0.005,
            what="The report that the logarithmic loss rewards",
            traps={
                "With this report, what does a dry day cost?": lambda: 1.0,
                "This is the chance of a dry day.": lambda: 1 - BELIEF,
            },
        ),
        "squared": Numeric(
            expected=lambda: BELIEF,
            rtol=0.005,
            what="The report that the squared loss rewards",
            traps={
                "Set the derivative to zero: this is not where it vanishes.": lambda: 1.0,
                "This is the chance of a dry day.": lambda: 1 - BELIEF,
            },
        ),
        "absolute": Numeric(
            expected=lambda: 1.0,
            rtol=0.005,
            what="The report that the absolute loss rewards",
            traps={
                "The expected loss is a straight line in the report. Where does a line have its lowest point?": (
                    lambda: BELIEF
                ),
                "You have taken the highest point of the line.": lambda: 0.0,
            },
        ),
        "cubed": Numeric(
            expected=lambda: _best_report(3),
            rtol=0.005,
            what="The report that the third power rewards",
            traps={
                "This loss does not reward honesty. Set the derivative of the expected loss to zero.": (
                    lambda: BELIEF
                ),
                "At the lowest point the odds of the report are a root of the odds of the belief, not a square.": (
                    lambda: _best_report(1.5)
                ),
                "With this report a dry day costs as much as it can.": lambda: 1.0,
            },
        ),
    }
)


EXERCISES = {
    "softmax-on-paper": Exercise(ON_PAPER, code=False),
    "stable-log-softmax": Exercise(
        _NamedCause(), praise="Ten thousand or a million: only differences of logits ever reach the power."
    ),
    "which-loss-fits": Exercise(
        FITS, praise="None of the three misfits would have raised an error.", code=False
    ),
    "before-the-first-step": Exercise(
        BEFORE, praise="A first loss far from this number is a bug, or a bad start.", code=False
    ),
    "read-the-matrix": Exercise(READING, code=False),
    "calibration-error": Exercise(CALIBRATION),
    "find-the-temperature": Exercise(TEMPERATURE),
    "honest-forecasts": Exercise(
        HONEST, praise="Losses that reward honesty are called proper scoring rules.", code=False
    ),
}

check = checks_of(EXERCISES)
