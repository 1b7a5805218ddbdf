"""Answer checks for the chapter ``training``.

The conventions are those of the chapter and of `torch.optim`. What the checks compute with shares no code with
`groundtruth.scratch`, so that tests can hold one against the other.

That running mean squares can walk the wrong way: Reddi, Kale & Kumar (2018, arXiv:1904.09237, section 3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from scipy import stats
from torch import Tensor

from groundtruth.exercises.answers import (
    Exercise,
    Function,
    NotRightError,
    Numeric,
    Parts,
    Predicate,
    checks_of,
    kind_of,
    read,
)

__all__ = ["EXERCISES", "Run", "check"]


# --- count-the-steps -------------------------------------------------------------------------------------

EXAMPLES, BATCH, EPOCHS, TIMES = 60_000, 128, 10, 9

COUNTING = Parts(
    {
        "steps": Numeric(
            expected=lambda: EPOCHS * math.ceil(EXAMPLES / BATCH),
            rtol=0,
            what="The number of steps",
            traps={
                "This leaves the shorter last batch of each epoch out.": lambda: EPOCHS * (EXAMPLES // BATCH),
                "This is one epoch.": lambda: math.ceil(EXAMPLES / BATCH),
                "An epoch ends where the examples end: round up in each epoch, not once in the end.": (
                    lambda: math.ceil(EPOCHS * EXAMPLES / BATCH)
                ),
                "A number of steps is whole: the last batch of an epoch is a step too.": (
                    lambda: EPOCHS * EXAMPLES / BATCH
                ),
            },
        ),
        "last": Numeric(
            expected=lambda: EXAMPLES % BATCH,
            rtol=0,
            what="The size of the last batch",
            traps={"This many are missing to a whole batch.": lambda: BATCH - EXAMPLES % BATCH},
        ),
        "dropped": Numeric(
            expected=lambda: EPOCHS * (EXAMPLES // BATCH),
            rtol=0,
            what="The number of steps without short batches",
            traps={"This is one epoch.": lambda: EXAMPLES // BATCH},
        ),
        "noise": Numeric(
            expected=lambda: 1 / math.sqrt(TIMES),
            what="The factor",
            traps={
                "That is the factor of the variance. A typical error is its root.": lambda: 1 / TIMES,
                "It is upside down: a larger batch has less noise.": lambda: math.sqrt(TIMES),
            },
        ),
    }
)


# --- two-steps-of-adam -----------------------------------------------------------------------------------

SLOPES, RATE = (-6.0, 2.0), 0.1


def _adam_walk(*, corrected: bool = True, root: bool = True, sign: float = -1.0) -> list[float]:
    w, m, s, walk = 1.0, 0.0, 0.0, []
    for t, g in enumerate(SLOPES, start=1):
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        mean, square = (m / (1 - 0.9**t), s / (1 - 0.999**t)) if corrected else (m, s)
        w += sign * RATE * mean / (math.sqrt(square) if root else square)
        walk.append(w)
    return walk


def _no_memory() -> list[float]:
    w, walk = 1.0, []
    for g in SLOPES:
        w -= RATE * math.copysign(1, g)
        walk.append(w)
    return walk


def _plain() -> list[float]:
    return [1 - RATE * SLOPES[0], 1 - RATE * SLOPES[0] - RATE * SLOPES[1]]


ADAM = Numeric(
    expected=_adam_walk,
    what="The list of the two weights",
    traps={
        "You have walked uphill: the step is subtracted.": lambda: _adam_walk(sign=1.0),
        "Both means start from zero. Divide each by the share that is not zero.": (
            lambda: _adam_walk(corrected=False)
        ),
        "The root of the mean square is missing.": lambda: _adam_walk(root=False),
        "Your second step has forgotten the first gradient.": _no_memory,
        "This is plain descent.": _plain,
    },
)


# --- adamw-step ------------------------------------------------------------------------------------------

State = tuple[Tensor, Tensor, Tensor]
RATE_W, DECAY = 0.05, 0.5


def _adamw(w: Tensor, g: Tensor, m: Tensor, s: Tensor, t: int, *, way: str = "") -> State:
    if way == "coupled":
        g = g + DECAY * w
    m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
    mean, square = m / (1 - 0.9**t), s / (1 - 0.999**t)
    if way == "uncorrected":
        mean, square = m, s
    step = RATE_W * mean / (square.sqrt() + 1e-8)
    shrink = 1 - DECAY if way == "full" else 1 - RATE_W * DECAY
    if way in ("coupled", "none"):
        shrink = 1.0
    return ((w - step) * shrink if way == "after" else shrink * w - step), m, s


def _reference(w: Tensor, g: Tensor, m: Tensor, s: Tensor, t: int) -> State:
    return _adamw(w, g, m, s, t)


def _adamw_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for size, t in ((1, 1), (3, 2), (8, 7), (20, 400)):
        w, g, m = (torch.randn(size, generator=generator, dtype=torch.float64) for _ in range(3))
        s = torch.rand(size, generator=generator, dtype=torch.float64) + 0.1
        if t == 1:
            m, s = torch.zeros_like(m), torch.zeros_like(s)
        calls.append((w, g, m, s, t))
    return calls


def _trap(way: str) -> Callable[..., State]:
    return lambda w, g, m, s, t: _adamw(w, g, m, s, t, way=way)


ADAMW = Function(
    reference=_reference,
    inputs=_adamw_calls,
    returns=("w", "m", "s"),
    traps={
        "Your decay goes into the gradient, and so through the division: that is Adam with an L2 penalty.": (
            _trap("coupled")
        ),
        "The decay is missing.": _trap("none"),
        "The decay is multiplied by the rate before it shrinks a weight.": _trap("full"),
        "The decay shrinks the old weight; yours also shrinks the step.": _trap("after"),
        "Divide both means by the share that is not their start at zero.": _trap("uncorrected"),
    },
)


# --- warm-then-fall --------------------------------------------------------------------------------------


def _factor(step: int, steps: int, warmup: int) -> float:
    if step < warmup:
        return (step + 1) / warmup
    return (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


def _from_zero(step: int, steps: int, warmup: int) -> float:
    return step / warmup if step < warmup else _factor(step, steps, warmup)


def _whole_cosine(step: int, steps: int, warmup: int) -> float:
    return (step + 1) / warmup if step < warmup else (1 + math.cos(math.pi * step / steps)) / 2


def _straight(step: int, steps: int, warmup: int) -> float:
    return (step + 1) / warmup if step < warmup else 1 - (step - warmup) / (steps - warmup)


WARM = Function(
    reference=_factor,
    inputs=lambda generator: [
        (step, steps, warmup)
        for steps, warmup in ((10, 3), (100, 10), (7, 0), (60, 59))
        for step in sorted({0, 1, max(warmup - 1, 0), warmup, (steps + warmup) // 2, steps - 1})
    ],
    traps={
        "Your first step has the rate 0, and is wasted: the warm-up begins at one part of the way.": (
            lambda step, steps, warmup: (
                _from_zero(step, steps, max(warmup, 1)) if warmup else _factor(step, steps, warmup)
            )
        ),
        "Your cosine runs over the whole run. It should begin where the warm-up ends.": _whole_cosine,
        "Your rate falls on a straight line after the warm-up.": _straight,
        "There is no warm-up.": lambda step, steps, warmup: (1 + math.cos(math.pi * step / steps)) / 2,
    },
)


# --- many-small-batches ----------------------------------------------------------------------------------


def _whole(gradients: Tensor, sizes: Tensor) -> Tensor:
    shares = sizes.to(gradients.dtype) / sizes.sum()
    return (shares[:, None] * gradients).sum(dim=0)


def _pieces(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for pieces, width in ((1, 3), (2, 1), (4, 6), (7, 2)):
        gradients = torch.randn(pieces, width, generator=generator, dtype=torch.float64)
        calls.append((gradients, torch.randint(1, 30, (pieces,), generator=generator)))
    return calls


PIECES = Function(
    reference=_whole,
    inputs=_pieces,
    traps={
        "This is the plain mean. A batch with more examples counts for more.": (
            lambda gradients, sizes: gradients.mean(dim=0)
        ),
        "This is the sum of the means.": lambda gradients, sizes: gradients.sum(dim=0),
        "This is the sum over all examples. The loss is their mean.": (
            lambda gradients, sizes: (sizes[:, None] * gradients).sum(dim=0)
        ),
    },
)


# --- nothing-forgotten -----------------------------------------------------------------------------------


class Run:
    """A small training that keeps its state in six attributes and changes its tensors in place.

    Attributes:
        w: weights (3,), float64.
        velocity: (3,), of momentum.
        step: steps done; the rate falls with it.
        shuffler: the generator that draws examples.
        curve: the loss of each step.
        total: length of the run in steps, always 60.

    """

    total = 60

    def __init__(self, seed: int = 0) -> None:
        self.w = torch.zeros(3, dtype=torch.float64)
        self.velocity = torch.zeros(3, dtype=torch.float64)
        self.step = 0
        self.shuffler = torch.Generator().manual_seed(seed)
        self.curve: list[float] = []

    def advance(self, steps: int) -> Run:
        """Take so many steps, and return the run."""
        for _ in range(steps):
            x = torch.randn(4, 3, generator=self.shuffler, dtype=torch.float64)
            error = x @ self.w - x.sum(dim=1)
            self.curve.append(float(error.square().mean()))
            rate = 0.1 * (1 - self.step / self.total)
            self.velocity.mul_(0.9).add_(2 * x.T @ error / 4)
            self.w.sub_(rate * self.velocity)
            self.step += 1
        return self


def _nothing_forgotten(answer: object) -> str | None:
    if not isinstance(answer, list | tuple) or len(answer) != 2:
        raise NotRightError(f"A pair (save, load) is wanted, and this is {kind_of(answer)}.")
    save, load = answer
    for done in (0, 1, 25):
        run = Run(7).advance(done)
        if not callable(save) or not callable(load):
            raise NotRightError("Both `save` and `load` should be functions.")
        kept = save(run)
        if kept is None:
            raise NotRightError("`save` returns nothing. Is a `return` missing?")
        if kept is run or (isinstance(kept, dict) and any(value is run for value in kept.values())):
            raise NotRightError("`save` hands out the run itself, which goes on changing. Take its state.")
        at = run.w.clone(), run.velocity.clone(), run.step, list(run.curve)
        place = run.shuffler.get_state()
        run.advance(20)
        again = load(kept)
        if not isinstance(again, Run):
            raise NotRightError(f"`load` should return a Run, and returns {kind_of(again)}.")
        if torch.equal(again.w, run.w):
            raise NotRightError(
                "The weights that were saved changed while the run went on: `save` keeps the run's own tensor. "
                "Keep a clone."
            )
        if not torch.equal(again.w, at[0]):
            raise NotRightError("The weights after `load` are not those at the time of `save`.")
        if not torch.equal(again.velocity, at[1]):
            raise NotRightError(
                "The weights are right. What momentum remembers is not, or has changed since it was saved."
            )
        if again.step != at[2]:
            raise NotRightError("The place in the schedule is lost: the next step will have a wrong rate.")
        if not torch.equal(again.shuffler.get_state(), place):
            raise NotRightError("The generator does not stand where it stood: other examples will be drawn.")
        if again.curve != at[3]:
            raise NotRightError(
                "The curve is not the one at the time of `save`. (A list is changed in place too.)"
            )
        again.advance(20)
        if not torch.equal(again.w, run.w) or again.curve != run.curve:
            raise NotRightError("The resumed run parts from the one that was never stopped.")
        second = load(kept)
        if not torch.equal(second.w, at[0]) or second.curve != at[3]:
            raise NotRightError(
                "Loading a second time gives another run: `load` must not give its only copy away."
            )
    return None


# --- runs-it-takes ---------------------------------------------------------------------------------------


def _runs_needed(spread: float, difference: float) -> int:
    return next(n for n in range(2, 100_000) if _half(n, spread) <= difference)


def _half(n: int, spread: float) -> float:
    return float(stats.t.ppf(0.975, n - 1)) * spread / math.sqrt(n)


RUNS = Function(
    reference=_runs_needed,
    inputs=lambda generator: [(0.3, 0.3), (0.4, 0.3), (0.5, 0.1), (1.0, 2.0), (0.2, 5.0), (0.35, 0.05)],
    rtol=0,
    traps={
        "You have used 1.96, the normal quantile. With few runs the t quantile is larger.": (
            lambda spread, difference: max(2, math.ceil((1.96 * spread / difference) ** 2))
        ),
        "It is one too many, or begins too late: try from two runs on.": (
            lambda spread, difference: _runs_needed(spread, difference) + 1
        ),
        "The degrees of freedom are the number of runs minus one.": lambda spread, difference: next(
            n for n in range(2, 100_000) if float(stats.t.ppf(0.975, n)) * spread / math.sqrt(n) <= difference
        ),
        "The interval has two sides: its quantile leaves 2.5 % on each.": lambda spread, difference: next(
            n
            for n in range(2, 100_000)
            if float(stats.t.ppf(0.95, n - 1)) * spread / math.sqrt(n) <= difference
        ),
    },
)


# --- fool-rmsprop ----------------------------------------------------------------------------------------


def _rmsprop_ends(slopes: Sequence[float], rounds: int = 200) -> float:
    w = s = 0.0
    for _ in range(rounds):
        for g in slopes:
            s = 0.9 * s + 0.1 * g * g
            w -= 0.01 * g / (math.sqrt(s) + 1e-8)
    return w


def _fooled(answer: object) -> str | None:
    slopes = read(answer, (None,), what="The list of slopes")
    if not 2 <= len(slopes) <= 50:
        raise NotRightError(f"The list has {len(slopes)} slopes; from 2 to 50 are allowed.")
    largest = float(np.abs(slopes).max())
    if largest == 0 or slopes.mean() < 0.01 * largest:
        raise NotRightError(
            "The mean of the slopes is not positive enough: it should be at least a hundredth of the largest size."
        )
    end = _rmsprop_ends(slopes.tolist())
    if end < 0:
        raise NotRightError(
            "RMSProp goes to the left here, as it should: it is not fooled. What does it do to a slope that is "
            "large and rare?"
        )
    if end < 1:
        raise NotRightError("RMSProp goes to the right, but hardly moves. Make the effect stronger.")
    return f"In 200 rounds it has walked {end:.0f} to the right, uphill."


EXERCISES: dict[str, Exercise] = {
    "count-the-steps": Exercise(COUNTING, code=False),
    "two-steps-of-adam": Exercise(
        ADAM, code=False, praise="The second gradient has the other sign, and the weight goes on as before."
    ),
    "adamw-step": Exercise(ADAMW, praise="It agrees with AdamW on every hidden call."),
    "warm-then-fall": Exercise(WARM, praise="It agrees at both ends, at the seam, and in between."),
    "many-small-batches": Exercise(PIECES, praise="Memory for one small batch, and the step of a large one."),
    "nothing-forgotten": Exercise(
        Predicate(_nothing_forgotten), praise="Resumed at three places, the run is the same to the last bit."
    ),
    "runs-it-takes": Exercise(RUNS, praise="Halving the difference takes about four times the runs."),
    "fool-rmsprop": Exercise(Predicate(_fooled)),
}

check = checks_of(EXERCISES)
