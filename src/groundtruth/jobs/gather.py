"""Bring the results of several runs together: ``python -m groundtruth.jobs.gather runs/seeds``.

Used by the chapter *gpus-and-clusters*, for the runs of an array of seeds.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import stats


def gather(folder: Path) -> dict[int, float]:
    """Return the test accuracy (a fraction) of each seed whose result lies in a folder, in the order of seeds.

    Raises:
        FileNotFoundError: there is none.

    """
    found = {}
    for path in folder.glob("seed-*.json"):
        result = json.loads(path.read_text(encoding="utf-8"))
        found[int(result["seed"])] = float(result["test_accuracy"])
    if not found:
        raise FileNotFoundError(f"no results (seed-<n>.json) in {folder.absolute()}: has a run ended?")
    return dict(sorted(found.items()))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean, and half the width of its 95 % t interval (infinite for a single value)."""
    count = len(values)
    if count < 2:
        return float(values[0]), math.inf
    width = stats.t.ppf(0.975, count - 1) * np.std(values, ddof=1) / math.sqrt(count)
    return float(np.mean(values)), float(width)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a line a seed, and their mean."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        raise SystemExit("give one folder: python -m groundtruth.jobs.gather runs/seeds")
    accuracies = gather(Path(given[0]))
    for seed, accuracy in accuracies.items():
        print(f"seed {seed}  {accuracy:.2%}")
    mean, half = interval(list(accuracies.values()))
    print(f"mean    {mean:.2%} ± {half:.2%} ({len(accuracies)} seeds)")


if __name__ == "__main__":
    main()
