"""Seconds of training until the test accuracy first reaches a level: the book's recipes, and what courses teach.

    python benchmarks/time_to_accuracy.py [--only NAME …] [--validation] [--quick] [--json PATH]

Each method runs in a process of its own, one after the other, with all cores. It is looked at after each epoch, which
is not counted; nor is what it does before the first epoch (imports, scaling the whole set). Its first epoch counts in
full, with whatever is compiled in it. A method ends after the epochs that its source gives, or with the first epoch
that ends beyond its budget. A rate that falls to zero, as in the book's recipes, makes a recipe reach what it can in
its last epoch only; so there are several lengths of it.

The table gives the median over the seeds; a seed that never reaches a level counts as infinitely slow. Speeds are
compared only between methods that reach the same level, ours against the fastest of the others. Our recipes were
written for two cores that multiply in bfloat16; the others compute in single precision, as their sources do.

``--validation`` is for choosing our recipes: it trains those and their candidates alone, and looks at 5,000 training
images that were held out in place of the test images, with other seeds. Its file is
``time_to_accuracy.validation.json``. That takes longer than the benchmark: ``--only`` names some.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared import report
from shared.levels import Mark, best_of, name_of, summary

LEVELS = {"fashion_mnist": (0.88, 0.90, 0.92, 0.93, 0.94), "mnist": (0.97, 0.98, 0.99, 0.995)}
TITLES = {"fashion_mnist": "Fashion-MNIST", "mnist": "MNIST"}
HELD_OUT = 5000
FIRST_SEED = 1000
"""Seeds below it were seen when recipes were chosen; none from it on was."""


@dataclass(frozen=True)
class Method:
    """One way to train on one data set."""

    name: str
    """As ``--only`` knows it."""
    title: str
    data: str
    call: str
    """Name of a recipe in ``shared.recipes``, or of a function in ``shared.courses``."""
    ours: bool = False
    seeds: int = 1
    budget: float = math.inf
    """Seconds of training; the epoch in which they end is the last. Without one, the source's epochs are run."""
    backend: str = ""
    """Of Keras."""


METHODS = (
    Method("mlp", "book: MLP", "fashion_mnist", "MLP", ours=True, seeds=3),
    Method("part-pass", "book: part of a pass", "fashion_mnist", "part of a pass", ours=True, seeds=3),
    Method(
        "three-passes", "book: small ResNet, 3 passes", "fashion_mnist", "three passes", ours=True, seeds=3
    ),
    Method("small-resnet", "book: small ResNet", "fashion_mnist", "small ResNet", ours=True),
    Method("wide-resnet", "book: wide ResNet", "fashion_mnist", "wide ResNet", ours=True, seeds=2),
    Method("lenet", "LeNet, sigmoids", "fashion_mnist", "lenet_sigmoid", budget=60),
    Method("tiny-vgg", "TinyVGG", "fashion_mnist", "tiny_vgg", budget=50),
    Method("keras-torch", "Keras 784-128-10, torch", "fashion_mnist", "keras_clothes", backend="torch"),
    Method("keras-jax", "Keras 784-128-10, JAX", "fashion_mnist", "keras_clothes", seeds=2, backend="jax"),
    Method("sklearn-mlp", "scikit-learn MLP", "fashion_mnist", "sklearn_mlp", seeds=3, budget=15),
    Method("boosting", "scikit-learn boosting", "fashion_mnist", "boosting", budget=50),
    Method("digits-mlp", "book: MLP", "mnist", "MLP", ours=True, seeds=3),
    Method("digits-one-pass", "book: one pass", "mnist", "one pass", ours=True, seeds=2),
    Method("digit-reader", "book: digit reader", "mnist", "digit reader", ours=True, seeds=2),
    Method("digits-keras-torch", "Keras 784-128-10, torch", "mnist", "keras_digits", backend="torch"),
    Method("digits-keras-jax", "Keras 784-128-10, JAX", "mnist", "keras_digits", backend="jax"),
    Method("digits-sklearn-mlp", "scikit-learn MLP", "mnist", "sklearn_mlp", seeds=2, budget=15),
)

CANDIDATES = tuple(
    Method(name.replace(" ", "-").replace(",", ""), f"candidate: {name}", data, name, ours=True, seeds=2)
    for data, names in (
        ("fashion_mnist", ("MLP, batch 512", "MLP, batch 1024", "MLP, 3 passes", "MLP, narrower",
                           "MLP, smoothed labels", "MLP, usual memory", "one pass, as the chapter", "one pass",
                           "part of a pass, shorter steps", "two thirds of a pass",
                           "three passes, as the chapter", "three passes, wider",
                           "wide, mirrored alone", "wide, as the chapter",
                           "wide everywhere", "wide everywhere, as the chapter")),
        ("mnist", ("two passes",)),
    )
    for name in names
)  # fmt: skip
"""For ``--validation`` alone: recipes that one of the methods above may be exchanged for."""


def chosen_methods(names: Sequence[str] | None, validation: bool) -> list[Method]:
    """Return the methods to run.

    Raises:
        ValueError: a name that no method has, or one that ``--validation`` is not for.

    """
    ours = (*(method for method in METHODS if method.ours), *CANDIDATES)
    known = {method.name: method for method in (ours if validation else METHODS)}
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise ValueError(f"--only: there is no {', '.join(unknown)}; there is {', '.join(known)}")
    return [method for name, method in known.items() if not names or name in names]


def missing(method: Method) -> str:
    """Return which packages a method would need and are not installed, as a sentence; empty where none."""
    needed = ("keras", method.backend) if method.backend else ()
    gone = [name for name in needed if importlib.util.find_spec(name) is None]
    return (
        f"{method.title} is not run: {', '.join(gone)} not installed (pip install {' '.join(gone)})"
        if gone
        else ""
    )


def within(marks: Iterator[Mark], budget: float) -> list[Mark]:
    """Return the marks of a training, up to the first at or beyond its budget of seconds."""
    kept: list[Mark] = []
    for mark in marks:
        kept.append(mark)
        if mark.seconds >= budget:
            break
    return kept


def work(method: Method, seeds: int, *, quick: bool, validation: bool) -> list[list[Mark]]:
    """Train by one method, once a seed; return its marks."""
    from groundtruth import profiles  # noqa: PLC0415 - Keras reads its environment before anything is imported
    from groundtruth.data import fashion_mnist, mnist  # noqa: PLC0415

    images = {"fashion_mnist": fashion_mnist, "mnist": mnist}[method.data].load()
    if quick:
        images = images.head(train=1024, test=500)
    epochs = 1 if quick else None
    runs = []
    for number in range(seeds):
        if method.ours:
            from shared import recipes  # noqa: PLC0415

            recipe = recipes.BY_DATA[method.data][method.call]
            held_out, seed = 0, FIRST_SEED + number
            if validation:
                held_out, seed = (200 if quick else HELD_OUT), 100 + number
            runs.append(
                recipes.train(recipe, images, profiles.active(), seed, held_out=held_out, epochs=epochs)
            )
        else:
            from shared import courses  # noqa: PLC0415

            runs.append(
                within(getattr(courses, method.call)(images, FIRST_SEED + number, epochs), method.budget)
            )
    return runs


def in_a_process(method: Method, seeds: int, chosen: argparse.Namespace) -> list[list[Mark]]:
    """Run `work` in a process of its own, and return what it found.

    Raises:
        RuntimeError: the process failed; the message is the end of what it said.

    """
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "marks.json")
        flags = [flag for flag in ("quick", "validation") if getattr(chosen, flag)]
        command = [
            sys.executable,
            __file__,
            "--worker",
            method.name,
            "--rounds",
            str(seeds),
            "--json",
            str(made),
        ]
        ended = subprocess.run(
            [*command, *(f"--{flag}" for flag in flags)],
            env=os.environ
            | {
                "KERAS_BACKEND": method.backend or "torch",
                "KERAS_HOME": folder,  # Keras writes its settings there
                "JAX_PLATFORMS": "cpu",
                "TF_CPP_MIN_LOG_LEVEL": "3",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode:
            said = "\n".join(ended.stderr.splitlines()[-12:])
            raise RuntimeError(f"{method.name} failed:\n{said}")
        return [[Mark(*mark) for mark in run] for run in json.loads(made.read_text(encoding="utf-8"))]


def goals_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the goals of this benchmark, as far as the methods were run that they speak of."""
    found = []
    ours, others = ([row for row in rows if row["ours"] is which] for which in (True, False))
    clothes = [row for row in ours if row["data"] == "fashion_mnist"]
    for level, bound in ((0.90, 4), (0.93, 40), (0.94, 150)):
        if clothes:
            best = best_of(clothes, level)
            found.append(
                report.goal(
                    f"{name_of(level)} % on Fashion-MNIST in at most {bound} s of training",
                    best and best[1], at_most=bound, form="{:.2f} s",
                )
            )  # fmt: skip
    for data, levels in LEVELS.items():
        for level in levels:
            theirs = best_of([row for row in others if row["data"] == data], level)
            if theirs:  # where none of the others gets there, there is nothing to compare
                best = best_of([row for row in ours if row["data"] == data], level)
                found.append(
                    report.goal(
                        f"{name_of(level)} % on {TITLES[data]} at least 5 times as fast as {theirs[0]}",
                        best and theirs[1] / best[1], at_least=5, form="{:.2f} times",
                    )
                )  # fmt: skip
    return found


def show_rows(made: report.Report) -> None:
    """Show a table a data set."""
    for data, levels in LEVELS.items():
        lines = [
            [
                row["method"],
                str(row["last"]["n"]),
                *(report.quantity(row["reached"][name_of(level)], 1) for level in levels),
                report.quantity(row["seconds"], 1),
                report.quantity(report.spread([100 * share for share in row["last"]["values"]])),
            ]
            for row in made.rows
            if row["data"] == data
        ]
        if lines:
            where = "held-out training images" if made.head["settings"]["held_out"] else "test images"
            made.show(
                f"{TITLES[data]}: seconds of training until the accuracy on the {where} is reached",
                ["method", "seeds", *(f"{name_of(level)} %" for level in levels), "all, s", "last, %"],
                lines,
                "Medians over the seeds, in brackets their range; a dash for what was not reached. "
                "“all” is the training up to its end or its budget, “last” the accuracy then.",
            )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run every method, print the tables, and write the numbers."""
    parser = report.options(__doc__, rounds=3, what="most seeds a method gets")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run these methods alone")
    parser.add_argument(
        "--validation", action="store_true", help="choose our recipes: no test image is looked at"
    )
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    chosen = report.read(parser, arguments)
    if chosen.worker:
        (method,) = chosen_methods([chosen.worker], chosen.validation)
        marks = work(method, chosen.rounds, quick=chosen.quick, validation=chosen.validation)
        chosen.json.write_text(json.dumps(marks), encoding="utf-8")
        return
    try:
        methods = chosen_methods(chosen.only, chosen.validation)
    except ValueError as error:
        parser.error(str(error))
    name = "time_to_accuracy" + (".validation" if chosen.validation else "")
    held_out = HELD_OUT if chosen.validation else 0
    made = report.Report(name, chosen, ("keras", "jax"), in_turns=False, held_out=held_out)
    made.begin()
    for method in methods:
        if chosen.quick and method.backend and not chosen.only:
            continue  # a process that imports Keras takes too long for a smoke run that did not ask for it
        if gone := missing(method):
            print(gone)
            continue
        seeds = min(chosen.rounds, method.seeds)
        begun = time.perf_counter()
        if chosen.quick and not method.backend:
            runs = work(method, seeds, quick=True, validation=chosen.validation)
        else:
            runs = in_a_process(method, seeds, chosen)
        row = {"data": method.data, "method": method.title, "ours": method.ours}
        budget = None if method.ours or math.isinf(method.budget) else method.budget
        made.rows.append(
            row
            | {"name": method.name, "budget": budget, "took": round(time.perf_counter() - begun, 1)}
            | summary(runs, LEVELS[method.data])
        )
        last = made.rows[-1]["last"]["median"]
        print(
            f"{TITLES[method.data]}, {method.title}: {100 * last:.2f} %, took {made.rows[-1]['took']} s",
            flush=True,
        )
    show_rows(made)
    made.goals = [] if chosen.validation or chosen.quick else goals_of(made.rows)
    made.end()


if __name__ == "__main__":
    main()
