"""Answer checks for the chapter ``refining``.

The conventions are those of torch: batch normalisation divides by the standard deviation with divisor N and keeps the
running variance with divisor N − 1; label smoothing spreads its share over all K classes; dropout scales in training.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from groundtruth.exercises.answers import Choice, Exercise, Function, Numeric, Parts, checks_of

# --- what-helps ------------------------------------------------------------------------------------------

REMEDIES = ("bigger", "regularise", "stop", "done")
HINT_GAP = "Look at both numbers: is the training loss low, and is the validation loss far above it?"

WHAT_HELPS = Parts(
    {
        "a": Choice(
            REMEDIES,
            expected=lambda: "bigger",
            hints={
                "regularise": "The two losses are equal: there is no gap that regularising could close.",
                "done": "It hardly beats guessing, whose loss is ln 10, about 2.3.",
                "stop": HINT_GAP,
            },
        ),
        "b": Choice(
            REMEDIES,
            expected=lambda: "regularise",
            hints={
                "bigger": "It fits the training set as it is. What is wrong is the gap.",
                "stop": "The validation loss is at its lowest at the end: stopping earlier makes it worse.",
                "done": HINT_GAP,
            },
        ),
        "c": Choice(
            REMEDIES,
            expected=lambda: "stop",
            hints={
                "regularise": "That may help as well, but look at the lowest validation loss: you have had it already.",
                "bigger": HINT_GAP,
                "done": "The lowest validation loss lies far behind you.",
            },
        ),
        "d": Choice(
            REMEDIES,
            expected=lambda: "done",
            hints={
                "regularise": "The two losses are equal: there is no gap to close.",
                "bigger": "The loss is at the floor that wrong labels set: a bigger net can only learn the noise.",
                "stop": HINT_GAP,
            },
        ),
    }
)

# --- scale-inside ----------------------------------------------------------------------------------------


def _scale(train: Tensor, held_out: Tensor) -> tuple[Tensor, Tensor]:
    mean, std = train.mean(dim=0), train.std(dim=0, correction=0)
    return (train - mean) / std, (held_out - mean) / std


def _leaky_scale(train: Tensor, held_out: Tensor) -> tuple[Tensor, Tensor]:
    both = torch.cat([train, held_out])
    mean, std = both.mean(dim=0), both.std(dim=0, correction=0)
    return (train - mean) / std, (held_out - mean) / std


def _each_by_itself(train: Tensor, held_out: Tensor) -> tuple[Tensor, Tensor]:
    return _scale(train, train)[0], _scale(held_out, held_out)[0]


def _one_number(train: Tensor, held_out: Tensor) -> tuple[Tensor, Tensor]:
    mean, std = train.mean(), train.std(correction=0)
    return (train - mean) / std, (held_out - mean) / std


def _unbiased(train: Tensor, held_out: Tensor) -> tuple[Tensor, Tensor]:
    mean, std = train.mean(dim=0), train.std(dim=0)
    return (train - mean) / std, (held_out - mean) / std


def _parts(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for size, held, columns in ((6, 3, 2), (20, 5, 4), (9, 9, 1), (7, 2, 3)):
        stretch = 1 + 4 * torch.rand(columns, generator=generator)
        rows = 3 + stretch * torch.randn(size + held, columns, generator=generator)
        calls.append((rows[:size], rows[size:]))
    return calls


SCALE_INSIDE = Function(
    reference=_scale,
    inputs=_parts,
    returns=("train", "held_out"),
    traps={
        "Mean and deviation come from all examples: the held-out ones leak into what you train on.": _leaky_scale,
        "The held-out examples are scaled by their own mean and deviation. A single new example has none: use those "
        "of the training part.": _each_by_itself,
        "You took one mean and one deviation over all columns; each column has its own.": _one_number,
        "The deviation here has divisor N: `std(dim=0, correction=0)`.": _unbiased,
    },
)

# --- batch-norm-by-hand ----------------------------------------------------------------------------------

BATCH = (2.0, 4.0, 4.0, 6.0)
MOMENTUM = 0.1


def _mean() -> float:
    return sum(BATCH) / len(BATCH)


def _variance(correction: int) -> float:
    return sum((x - _mean()) ** 2 for x in BATCH) / (len(BATCH) - correction)


BATCH_NORM = Parts(
    {
        "normalised": Numeric(
            expected=lambda: [(x - _mean()) / math.sqrt(_variance(0)) for x in BATCH],
            what="The list of normalised numbers",
            traps={
                "Here the batch's own variance has divisor N, not N − 1.": lambda: [
                    (x - _mean()) / math.sqrt(_variance(1)) for x in BATCH
                ],
                "You divided by the variance: divide by its root.": lambda: [
                    (x - _mean()) / _variance(0) for x in BATCH
                ],
                "The mean is gone, and the spread is not yet 1.": lambda: [x - _mean() for x in BATCH],
            },
        ),
        "running mean": Numeric(
            expected=lambda: MOMENTUM * _mean(),
            what="The running mean",
            traps={
                "This is the batch's mean. The running one moves a tenth of the way from 0 towards it.": _mean,
                "Nine tenths of the *old* value are kept, and one tenth of the new.": lambda: (
                    (1 - MOMENTUM) * _mean()
                ),
            },
        ),
        "running variance": Numeric(
            expected=lambda: (1 - MOMENTUM) + MOMENTUM * _variance(1),
            what="The running variance",
            traps={
                "For the running variance the divisor is N − 1.": lambda: (
                    (1 - MOMENTUM) + MOMENTUM * _variance(0)
                ),
                "The running variance started from 1, of which nine tenths are kept.": lambda: (
                    MOMENTUM * _variance(1)
                ),
                "Nine tenths of the *old* value are kept, and one tenth of the new.": lambda: (
                    MOMENTUM + (1 - MOMENTUM) * _variance(1)
                ),
            },
        ),
        "answer": Numeric(
            expected=lambda: (5.0 - MOMENTUM * _mean()) / math.sqrt((1 - MOMENTUM) + MOMENTUM * _variance(1)),
            what="The answer in use",
            traps={
                "You used the batch's statistics. In use there is no batch: take the running ones.": lambda: (
                    (5.0 - _mean()) / math.sqrt(_variance(0))
                ),
                "You divided by the running variance: divide by its root.": lambda: (
                    (5.0 - MOMENTUM * _mean()) / ((1 - MOMENTUM) + MOMENTUM * _variance(1))
                ),
            },
        ),
    }
)

# --- two-modes -------------------------------------------------------------------------------------------


def _dropout(x: Tensor, kept: Tensor, drop: float, training: bool) -> Tensor:
    return x * kept / (1 - drop) if training else x.clone()


def _never_scaled(x: Tensor, kept: Tensor, drop: float, training: bool) -> Tensor:
    return x * kept if training else x.clone()


def _always_on(x: Tensor, kept: Tensor, drop: float, training: bool) -> Tensor:
    return x * kept / (1 - drop)


def _scaled_in_use(x: Tensor, kept: Tensor, drop: float, training: bool) -> Tensor:
    return x * kept if training else x * (1 - drop)


def _scaled_by_drop(x: Tensor, kept: Tensor, drop: float, training: bool) -> Tensor:
    return x * kept / drop if training else x.clone()


def _kept_dropped(x: Tensor, kept: Tensor, drop: float, training: bool) -> Tensor:
    return x * (~kept) / (1 - drop) if training else x.clone()


def _masks(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for number, drop in enumerate((0.2, 0.5, 0.75, 0.4, 0.1, 0.6)):
        x = torch.randn(4, 3 + number, generator=generator)
        kept = torch.rand(x.shape, generator=generator) >= drop
        kept[0, :2] = torch.tensor([True, False])
        calls += [(x, kept, drop, True), (x, kept, drop, False)]
    return calls


TWO_MODES = Function(
    reference=_dropout,
    inputs=_masks,
    traps={
        "What is kept must be divided by 1 − drop in training: otherwise the next layer receives less than in use.": (
            _never_scaled
        ),
        "Your function drops in use as well. There, x passes as it is.": _always_on,
        "This is the older form: scaled in use. Here the scale belongs to training, and in use x passes as it is.": (
            _scaled_in_use
        ),
        "You divided by the probability of being dropped. Divide by that of being kept.": _scaled_by_drop,
        "You zeroed what was to be kept: `kept` is True where a number stays.": _kept_dropped,
    },
)

# --- patience --------------------------------------------------------------------------------------------


def _stop(losses: list[float], patience: int) -> tuple[int, int]:
    best, epoch = 0, 0
    for epoch, loss in enumerate(losses, start=1):
        if best == 0 or loss < losses[best - 1]:
            best = epoch
        elif epoch - best >= patience:
            break
    return best, epoch


def _stop_from_zero(losses: list[float], patience: int) -> tuple[int, int]:
    best, last = _stop(losses, patience)
    return best - 1, last - 1


def _lowest_of_all(losses: list[float], patience: int) -> tuple[int, int]:
    return min(range(len(losses)), key=losses.__getitem__) + 1, len(losses)


def _rises_in_a_row(losses: list[float], patience: int) -> tuple[int, int]:
    best, worse, epoch = 1, 0, 1
    for epoch in range(2, len(losses) + 1):
        worse = worse + 1 if losses[epoch - 1] >= losses[epoch - 2] else 0
        if losses[epoch - 1] < losses[best - 1]:
            best = epoch
        if worse >= patience:
            break
    return best, epoch


def _one_too_long(losses: list[float], patience: int) -> tuple[int, int]:
    return _stop(losses, patience + 1)


def _loss_curves(generator: torch.Generator) -> list[tuple[object, ...]]:
    fixed: list[tuple[object, ...]] = [
        ([3.0, 2.0, 2.5, 2.25, 2.0, 1.0], 3),  # an equal loss is no new low
        ([5.0, 4.0, 3.0, 2.0], 2),
        ([1.0, 3.0, 2.0, 2.5, 2.25], 2),
    ]
    for case in range(9):
        fall = torch.linspace(2, 1, 14) + 0.4 * torch.rand(14, generator=generator)
        fixed.append(([round(value, 3) for value in fall.tolist()], 1 + case % 4))
    return fixed


PATIENCE = Function(
    reference=_stop,
    inputs=_loss_curves,
    returns=("best", "last"),
    traps={
        "Every number is one too small: epochs are counted from 1.": _stop_from_zero,
        "Your function looks at all losses. It has to stop before it has seen them.": _lowest_of_all,
        "You wait for the loss to rise so many times in a row. The rule waits for a new low.": _rises_in_a_row,
        "You stop one epoch too late: stop when `patience` epochs have passed since the best.": _one_too_long,
    },
)

# --- erase-a-square --------------------------------------------------------------------------------------


def _erase(picture: Tensor, top: int, left: int, size: int) -> Tensor:
    erased = picture.clone()
    erased[:, max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = picture.mean(
        dim=(1, 2), keepdim=True
    )
    return erased


def _erase_black(picture: Tensor, top: int, left: int, size: int) -> Tensor:
    erased = picture.clone()
    erased[:, max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = 0
    return erased


def _erase_grey(picture: Tensor, top: int, left: int, size: int) -> Tensor:
    erased = picture.clone()
    erased[:, max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = picture.mean()
    return erased


def _erase_wrapped(picture: Tensor, top: int, left: int, size: int) -> Tensor:
    erased = picture.clone()
    erased[:, top : top + size, left : left + size] = picture.mean(dim=(1, 2), keepdim=True)
    return erased


def _erase_turned(picture: Tensor, top: int, left: int, size: int) -> Tensor:
    return _erase(picture, left, top, size)


def _squares(generator: torch.Generator) -> list[tuple[object, ...]]:
    places = ((2, 5, 3), (0, 0, 4), (-2, 3, 4), (6, -1, 3), (7, 8, 5), (-2, -3, 4), (3, 1, 1), (1, 6, 2))
    return [(torch.randn(3, 9, 10, generator=generator), *place) for place in places]


ERASE = Function(
    reference=_erase,
    inputs=_squares,
    traps={
        "You paint with 0. Paint with the picture's mean colour.": _erase_black,
        "You paint with one mean of all three channels. Each channel has its own.": _erase_grey,
        "A negative start counts from the other end in Python: cut it off at 0 first.": _erase_wrapped,
        "Rows and columns have changed places: `top` counts rows, the second dimension.": _erase_turned,
    },
)

# --- twins -----------------------------------------------------------------------------------------------

PAIRS, FOLDS = 50, 5


def _twin_in_training() -> float:
    examples = 2 * PAIRS
    held = examples // FOLDS
    return (examples - held) / (examples - 1)


TWINS = Parts(
    {
        "twin": Numeric(
            expected=_twin_in_training,
            rtol=1e-4,
            what="The probability",
            traps={
                "Nearly: but the example itself is held out, so its twin is one of 99 others, not of 100.": lambda: (
                    1 - 1 / FOLDS
                ),
                "This is the probability that the twin is held out as well.": lambda: 1 - _twin_in_training(),
            },
        ),
        "accuracy": Numeric(
            expected=lambda: _twin_in_training() + (1 - _twin_in_training()) / 2,
            rtol=1e-4,
            what="The expected accuracy",
            traps={
                "Where the twin is held out too, the answer is still right half of the time.": _twin_in_training,
                "That is what you get with 4/5 for the twin.": lambda: (1 - 1 / FOLDS) + 0.5 / FOLDS,
            },
        ),
    }
)

# --- how-many-to-test ------------------------------------------------------------------------------------

TRUE_SHARE, LARGEST, CORRELATION, ALLOWED = 0.8, 1.87, 0.4, 0.01


def _needed(correlation: float = CORRELATION) -> float:
    return TRUE_SHARE * (1 - TRUE_SHARE) * (1 - correlation) * (LARGEST / ALLOWED) ** 2


HOW_MANY = Numeric(
    expected=lambda: math.ceil(_needed()),
    rtol=1e-3,
    what="The number of examples",
    traps={
        "This is the number for twenty coins. The candidates are right together, and only √(1 − ρ) is left.": lambda: (
            math.ceil(_needed(0.0))
        ),
        "You kept the share ρ that is common to all. What choosing can exploit is the rest.": lambda: (
            math.ceil(_needed(1 - CORRELATION))
        ),
        "The optimism shrinks with the *root* of the number: square the ratio.": lambda: (
            TRUE_SHARE * (1 - TRUE_SHARE) * (1 - CORRELATION) * LARGEST / ALLOWED
        ),
    },
)

EXERCISES = {
    "what-helps": Exercise(WHAT_HELPS, code=False),
    "scale-inside": Exercise(
        SCALE_INSIDE, praise="Nothing of the held-out part has reached the training part."
    ),
    "batch-norm-by-hand": Exercise(BATCH_NORM, code=False),
    "two-modes": Exercise(TWO_MODES),
    "patience": Exercise(PATIENCE),
    "erase-a-square": Exercise(ERASE),
    "twins": Exercise(TWINS, praise="So a leak of copies can look like a very good method.", code=False),
    "how-many-to-test": Exercise(HOW_MANY, code=False),
}

check = checks_of(EXERCISES)
