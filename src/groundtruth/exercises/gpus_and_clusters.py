"""Answer checks for the chapter ``gpus-and-clusters``.

Operations and bytes are counted as in the chapter: a multiply-add is two operations, a number has four bytes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from groundtruth.exercises.answers import Choice, Exercise, Function, Numeric, Parts, checks_of

__all__ = ["EXERCISES", "check"]


# --- intensity-of-a-layer --------------------------------------------------------------------------------


def _intensity(n: int, d: int, k: int) -> float:
    return 2 * n * d * k / (4 * (n * d + d * k + n * k))


INTENSITY = Function(
    reference=_intensity,
    inputs=lambda generator: [(1, 784, 128), (256, 784, 128), (64, 20, 10), (1000, 3, 2)],
    traps={
        "A multiply-add counts as two operations.": lambda n, d, k: _intensity(n, d, k) / 2,
        "These are operations a number. A number has four bytes.": lambda n, d, k: 4 * _intensity(n, d, k),
        "The outputs have to be written, too.": lambda n, d, k: 2 * n * d * k / (4 * (n * d + d * k)),
        "The weights have to be read, too.": lambda n, d, k: 2 * n * d * k / (4 * (n * d + n * k)),
    },
)


# --- under-the-roof --------------------------------------------------------------------------------------

ROOF = Function(
    reference=lambda intensity, peak, bandwidth: min(peak, intensity * bandwidth),
    inputs=lambda generator: [(0.25, 200.0, 40.0), (5.0, 200.0, 40.0), (90.0, 200.0, 40.0), (3.0, 10.0, 8.0)],
    traps={
        "The larger of the two is no roof: a machine cannot go through it.": (
            lambda intensity, peak, bandwidth: max(peak, intensity * bandwidth)
        ),
        "Above the ridge the memory keeps up, and the arithmetic does not.": (
            lambda intensity, peak, bandwidth: intensity * bandwidth
        ),
        "Below the ridge the arithmetic waits.": lambda intensity, peak, bandwidth: peak,
    },
)


# --- unequal-parts ---------------------------------------------------------------------------------------


def _vectors(generator: torch.Generator) -> list[tuple[object, ...]]:
    sizes = ((3, 1), (10, 30), (7, 7), (64, 32))
    return [
        (
            torch.randn(4, generator=generator, dtype=torch.float64),
            first,
            torch.randn(4, generator=generator, dtype=torch.float64),
            second,
        )
        for first, second in sizes
    ]


def _weighted(a: Tensor, n: int, b: Tensor, m: int) -> Tensor:
    return (n * a + m * b) / (n + m)


UNEQUAL = Function(
    reference=_weighted,
    inputs=_vectors,
    traps={
        "The plain mean counts the examples of the smaller part for more than those of the larger.": (
            lambda a, n, b, m: (a + b) / 2
        ),
        "That is a sum over examples. The loss is their mean.": lambda a, n, b, m: n * a + m * b,
        "The two counts have changed places.": lambda a, n, b, m: (m * a + n * b) / (n + m),
    },
)


# --- what-cannot-be-shared -------------------------------------------------------------------------------

AMDAHL = Function(
    reference=lambda shared, processes: 1 / ((1 - shared) + shared / processes),
    inputs=lambda generator: [(0.9, 2), (0.9, 8), (0.5, 1000), (1.0, 4), (0.0, 16)],
    traps={
        "So it would be if all of the work could be shared.": lambda shared, processes: processes,
        "This is the time that is left. A speed-up is the old time over the new.": (
            lambda shared, processes: (1 - shared) + shared / processes
        ),
        "What cannot be shared takes its full time as well.": lambda shared, processes: (
            processes / shared if shared else 1.0
        ),
        "The two shares have changed places.": lambda shared, processes: (
            1 / (shared + (1 - shared) / processes)
        ),
    },
)


# --- round-the-ring --------------------------------------------------------------------------------------

RING = Function(
    reference=lambda numbers, processes: 2 * (processes - 1) * numbers / processes,
    inputs=lambda generator: [(61_706, 2), (1200, 3), (800, 8), (1000, 1)],
    traps={
        "That is the way out. The finished pieces have to go round, too.": (
            lambda numbers, processes: (processes - 1) * numbers / processes
        ),
        "In a ring nobody sends the whole vector to everybody.": (
            lambda numbers, processes: (processes - 1) * numbers
        ),
        "A process does not send its piece to itself: one round less.": lambda numbers, processes: (
            2 * numbers
        ),
    },
)


# --- read-the-script -------------------------------------------------------------------------------------

SCRIPT = Parts(
    {
        "processes": Numeric(
            expected=lambda: 8,
            rtol=0,
            what="The number of processes",
            traps={"That is on one node, and there are two.": lambda: 4},
        ),
        "gpus": Numeric(
            expected=lambda: 8,
            rtol=0,
            what="The number of GPUs",
            traps={"That is on one node, and there are two.": lambda: 4},
        ),
        "cores": Numeric(
            expected=lambda: 48,
            rtol=0,
            what="The number of cores",
            traps={
                "That is for one process.": lambda: 6,
                "That is on one node, and there are two.": lambda: 24,
            },
        ),
        "warning": Numeric(
            expected=lambda: 58,
            rtol=0,
            what="The minute of the signal",
            traps={
                "That is how long before the limit it comes.": lambda: 2,
                "That is the limit itself.": lambda: 60,
                "The number behind the @ is in seconds.": lambda: 60 - 120,
            },
        ),
    }
)


# --- why-does-it-not-run ---------------------------------------------------------------------------------

WHY = Parts(
    {
        "first": Choice(
            options=("partition", "memory", "time", "srun", "batch size", "logs"),
            expected=lambda: "memory",
            hints={
                "time": "A job that is out of time is called TIMEOUT.",
                "partition": "With a wrong partition it would not have been queued at all.",
            },
        ),
        "second": Choice(
            options=("partition", "memory", "time", "srun", "batch size", "logs"),
            expected=lambda: "srun",
            hints={
                "batch size": "Nobody has begun to share a batch: one of the processes was never started.",
                "time": "More time would not start the second process.",
            },
        ),
        "third": Choice(
            options=("partition", "memory", "time", "srun", "batch size", "logs"),
            expected=lambda: "batch size",
            hints={
                "srun": "All three run, and say so.",
                "memory": "Nothing was killed: something was refused.",
            },
        ),
    }
)


# --- the-bill --------------------------------------------------------------------------------------------

BILL = Parts(
    {
        "energy": Numeric(
            expected=lambda: 4 * 0.5 * 6 * 5 * 1.5,
            what="The energy",
            traps={
                "The machine hall needs energy besides: half as much again.": lambda: 4 * 0.5 * 6 * 5,
                "That is for one of the five seeds.": lambda: 4 * 0.5 * 6 * 1.5,
                "That is for one of the four GPUs.": lambda: 0.5 * 6 * 5 * 1.5,
                "That is in watt-hours.": lambda: 4 * 500 * 6 * 5 * 1.5,
            },
        ),
        "rent": Numeric(
            expected=lambda: 4 * 6 * 5 * 2,
            what="The rent",
            traps={
                "That is for one of the five seeds.": lambda: 4 * 6 * 2,
                "That is for one of the four GPUs.": lambda: 6 * 5 * 2,
                "The overhead of the hall is in the price already.": lambda: 4 * 6 * 5 * 2 * 1.5,
            },
        ),
    }
)


EXERCISES = {
    "intensity-of-a-layer": Exercise(INTENSITY),
    "under-the-roof": Exercise(ROOF),
    "unequal-parts": Exercise(UNEQUAL),
    "what-cannot-be-shared": Exercise(AMDAHL),
    "round-the-ring": Exercise(RING),
    "read-the-script": Exercise(SCRIPT, code=False),
    "why-does-it-not-run": Exercise(WHY, code=False),
    "the-bill": Exercise(BILL, code=False),
}

check = checks_of(EXERCISES)
