"""Answer checks for the chapter ``history``.

What the checks compute with shares no code with `groundtruth.history` and `groundtruth.scratch`, so that tests can hold
one against the other.
"""

from __future__ import annotations

from itertools import product

import torch
from torch import Tensor

from groundtruth.exercises.answers import (
    Choice,
    Exercise,
    Function,
    NotRightError,
    Numeric,
    Parts,
    Predicate,
    checks_of,
    read,
)

__all__ = ["EXERCISES", "check"]


# --- a-net-for-exactly-one -------------------------------------------------------------------------------

ROWS = list(product((0, 1), repeat=2))


def _fires(neuron: object, row: tuple[int, ...], what: str) -> int:
    if not isinstance(neuron, tuple | list) or len(neuron) != 3:
        raise NotRightError(f"{what} should be three things: excites, inhibits, threshold.")
    lines = []
    for part, name in ((neuron[0], "excites"), (neuron[1], "inhibits")):
        numbers = read(
            list(part) if isinstance(part, tuple | list) else part, (None,), what=f"{name} of {what}"
        )
        if any(number not in range(len(row)) for number in numbers.tolist()):
            raise NotRightError(f"{name} of {what} should hold numbers of lines, from 0 to {len(row) - 1}.")
        lines.append([int(number) for number in numbers.tolist()])
    threshold = float(read(neuron[2], (), what=f"The threshold of {what}"))
    if threshold < 1:
        raise NotRightError(f"The threshold of {what} is below 1: it would fire by itself.")
    if any(row[i] for i in lines[1]):
        return 0
    return int(sum(row[i] for i in lines[0]) >= threshold)


def _exactly_one(answer: object) -> str | None:
    if not isinstance(answer, tuple | list) or len(answer) != 3:
        raise NotRightError(
            "The answer should be three neurons: two that read the inputs, and one that reads those two."
        )
    first, second, last = answer
    for row in ROWS:
        middle = _fires(first, row, "the first neuron"), _fires(second, row, "the second neuron")
        fired = _fires(last, middle, "the last neuron")
        if fired != (sum(row) == 1):
            state = "fires" if fired else "is silent"
            raise NotRightError(f"With inputs {row[0]} and {row[1]} the last neuron {state}, and should not.")
    return "It is right in all four rows."


# --- one-step-of-hebb ------------------------------------------------------------------------------------

HEBB = Parts(
    {
        "answer": Numeric(
            expected=lambda: 2.0,
            what="The unit's answer",
            traps={"Multiply each weight by its input before you add.": lambda: 4.5},
        ),
        "hebb": Numeric(
            expected=lambda: [1.2, 0.9],
            what="The weights after Hebb's rule",
            traps={
                "This is the change. Add it to the weights.": lambda: [0.2, 0.4],
                "The unit's own answer is missing as a factor.": lambda: [1.1, 0.7],
            },
        ),
        "oja": Numeric(
            expected=lambda: [0.8, 0.7],
            what="The weights after Oja's rule",
            traps={
                "This is Hebb's rule; the decay is missing.": lambda: [1.2, 0.9],
                "The decay is η y² w: the answer counts twice.": lambda: [1.0, 0.8],
                "The decay is taken away, not added.": lambda: [1.6, 1.1],
            },
        ),
    }
)


# --- grow-a-layer ----------------------------------------------------------------------------------------

GROW = Parts(
    {
        "units": Numeric(
            expected=lambda: 15,
            rtol=0,
            what="The number of units that are tried",
            traps={
                "Each pair counts once, whichever of the two is named first.": lambda: 30,
                "A unit takes two different inputs.": lambda: 21,
                "A unit takes two inputs, not one.": lambda: 6,
            },
        ),
        "weights": Numeric(
            expected=lambda: 90,
            rtol=0,
            what="The number of weights",
            traps={
                "Five weights are too few: the constant and the product of the two inputs count too.": lambda: (
                    75
                ),
                "This is one unit.": lambda: 6,
            },
        ),
        "next": Numeric(
            expected=lambda: 28,
            rtol=0,
            what="The number of units of the next layer",
            traps={
                "Only the eight that survived are inputs of the next layer.": lambda: 105,
                "Each pair counts once.": lambda: 56,
            },
        ),
        "degree": Numeric(
            expected=lambda: 8,
            rtol=0,
            what="The degree",
            traps={
                "Degrees multiply when one polynomial is put into another.": lambda: 6,
                "This is two layers.": lambda: 4,
            },
        ),
    }
)


# --- a-unit-that-sees-mirrors ----------------------------------------------------------------------------


def _mirrors(answer: object) -> str | None:
    weights = read(answer, (6,), what="The weights")
    size = max(abs(float(w)) for w in weights)
    if size == 0:
        raise NotRightError("With weights of zero every row gives a sum of zero.")
    for row in product((0, 1), repeat=6):
        zero = abs(sum(float(w) * x for w, x in zip(weights, row, strict=True))) < 1e-9 * size
        mirrored = row == row[::-1]
        if mirrored and not zero:
            raise NotRightError(
                f"{row} mirrors itself and gives a sum other than zero. Weights of mirrored inputs should cancel."
            )
        if zero and not mirrored:
            raise NotRightError(
                f"{row} does not mirror itself, and still gives zero. The three weights of one side must not make up "
                "for each other."
            )
    return "Only the eight mirrored rows give zero."


# --- write-the-cell --------------------------------------------------------------------------------------


def _cell(drive: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    enter, keep, new, out = drive.chunk(4, dim=-1)
    memory = keep.sigmoid() * c + enter.sigmoid() * new.tanh()
    return out.sigmoid() * memory.tanh(), memory


def _forgetful(drive: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    enter, _, new, out = drive.chunk(4, dim=-1)
    memory = c + enter.sigmoid() * new.tanh()
    return out.sigmoid() * memory.tanh(), memory


def _swapped(drive: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    h, memory = _cell(drive, c)
    return memory, h


def _open(drive: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    _, memory = _cell(drive, c)
    return memory.tanh(), memory


def _unsquashed(drive: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    _, memory = _cell(drive, c)
    return drive.chunk(4, dim=-1)[3].sigmoid() * memory, memory


def _flat(drive: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    enter, keep, new, out = drive.chunk(4, dim=-1)
    memory = keep.sigmoid() * c + enter.sigmoid() * new.sigmoid()
    return out.sigmoid() * memory.tanh(), memory


CELL = Function(
    reference=_cell,
    inputs=lambda generator: [
        (
            2 * torch.randn(batch, 4 * hidden, generator=generator, dtype=torch.float64),
            torch.randn(batch, hidden, generator=generator, dtype=torch.float64),
        )
        for batch, hidden in ((1, 1), (3, 2), (2, 5))
    ],
    traps={
        "The forget gate is missing: this is the cell of 1997.": _forgetful,
        "Output and memory have changed places.": _swapped,
        "The output gate is missing.": _open,
        "The memory goes through a tanh before the output gate.": _unsquashed,
        "The candidate goes through a tanh: it has to be able to be negative.": _flat,
    },
)


# --- what-an-even-guess-costs ----------------------------------------------------------------------------

GUESS = Parts(
    {
        "always-one": Numeric(
            expected=lambda: 1 / 6,
            what="The error of always answering 1",
            traps={
                "This is for one number. There are two.": lambda: 1 / 12,
                "This is the standard deviation, not its square.": lambda: (1 / 6) ** 0.5,
                "Uniform numbers are nearer to their middle than that: the mean square is a twelfth each.": lambda: (
                    0.5
                ),
            },
        ),
        "second-only": Numeric(
            expected=lambda: 1 / 12,
            what="The error with one number known",
            traps={
                "It knows one of the two numbers, so only one is left to chance.": lambda: 1 / 6,
                "It still has to guess the other number.": lambda: 0.0,
                "It should answer the number it knows plus a half, not the number alone.": lambda: 1 / 3,
            },
        ),
    }
)


# --- count-1989 ------------------------------------------------------------------------------------------

COUNT = Parts(
    {
        "h1": Numeric(
            expected=lambda: 12 * 25 + 12 * 64,
            rtol=0,
            what="The count of H1",
            traps={
                "That is with one bias a map. The paper has one a unit.": lambda: 12 * 25 + 12,
                "The biases are missing.": lambda: 12 * 25,
                "The kernel is shared by all units of a map.": lambda: 12 * 64 * 26,
            },
        ),
        "h2": Numeric(
            expected=lambda: 12 * 8 * 25 + 12 * 16,
            rtol=0,
            what="The count of H2",
            traps={
                "Each map reads eight of the twelve below, not all.": lambda: 12 * 12 * 25 + 12 * 16,
                "That is with one bias a map. The paper has one a unit.": lambda: 12 * 8 * 25 + 12,
                "The biases are missing.": lambda: 12 * 8 * 25,
            },
        ),
        "rest": Numeric(
            expected=lambda: 192 * 30 + 30 + 30 * 10 + 10,
            rtol=0,
            what="The count of the two dense layers",
            traps={
                "The biases are missing.": lambda: 192 * 30 + 30 * 10,
                "H3 alone: the ten outputs are missing.": lambda: 192 * 30 + 30,
            },
        ),
    }
)


# --- name-or-thing ---------------------------------------------------------------------------------------

NAME, THING = "name", "thing"
WORDS = (NAME, THING)
ONLY_WORDS = "It used the words for something else than many-layered networks that learn."
NO_WORDS = "The network was there; the words were not."

HISTORIES = Parts(
    {
        "1965": Choice(WORDS, lambda: THING, {NAME: NO_WORDS}),
        "1980": Choice(WORDS, lambda: THING, {NAME: NO_WORDS}),
        "dechter-1986": Choice(WORDS, lambda: NAME, {THING: ONLY_WORDS}),
        "rumelhart-1986": Choice(WORDS, lambda: THING, {NAME: NO_WORDS}),
        "2000": Choice(WORDS, lambda: NAME, {THING: ONLY_WORDS}),
    }
)


EXERCISES: dict[str, Exercise] = {
    "a-net-for-exactly-one": Exercise(Predicate(_exactly_one)),
    "one-step-of-hebb": Exercise(HEBB, code=False),
    "grow-a-layer": Exercise(GROW, code=False),
    "a-unit-that-sees-mirrors": Exercise(
        Predicate(_mirrors), praise="Powers of two never make up for each other."
    ),
    "write-the-cell": Exercise(CELL, praise="It agrees with PyTorch on every hidden call."),
    "what-an-even-guess-costs": Exercise(GUESS, code=False),
    "count-1989": Exercise(COUNT, code=False),
    "name-or-thing": Exercise(HISTORIES, code=False),
}

check = checks_of(EXERCISES)
