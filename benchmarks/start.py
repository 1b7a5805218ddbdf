"""How long a reader waits for the package, and for the first batch of Fashion-MNIST after it.

    python benchmarks/start.py [--rounds 5] [--quick] [--json PATH]

Each round is a fresh process, which times itself: ``import groundtruth``; then the imports of data set and batches
(PyTorch comes with them); then reading and verifying the files, scaling them, and the first batch of 256. A first
round, which brings the files into the system's memory, is left out. In turns with these, processes that make the same
batch by a data module, as ``fit`` takes it (Lightning comes with it), and processes that import PyTorch alone, and
PyTorch and Lightning, which show how much of it is theirs. ``whole`` is a process from its start to its end, Python's
own included.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence

from shared import report

OURS = """
import json, time
begun = time.perf_counter()
import groundtruth
package = time.perf_counter()
from groundtruth.data import fashion_mnist
from groundtruth.data.{module} import {kind}
imported = time.perf_counter()
batch = next(iter({kind}(fashion_mnist.load(), batch_size=256).train_dataloader()))
done = time.perf_counter()
assert batch[0].shape == (256, 1, 28, 28), batch[0].shape
print(json.dumps({{"import groundtruth": package - begun, "imports for the data": imported - package,
                  "data to first batch": done - imported, "first batch after the package": done - package}}))
"""
THEIRS = """
import json, time
begun = time.perf_counter()
import {modules}
print(json.dumps({{"import {modules}": time.perf_counter() - begun}}))
"""
PROCESSES = {
    "first batch": OURS.format(module="batches", kind="ImageData"),
    "first batch, data module": OURS.format(module="modules", kind="ImageDataModule"),
    "PyTorch": THEIRS.format(modules="torch"),
    "PyTorch and Lightning": THEIRS.format(modules="torch, pytorch_lightning"),
}
GOALS = {
    ("first batch", "import groundtruth"): ("import groundtruth", 0.3),
    ("first batch", "first batch after the package"): ("first batch after the package", 2.0),
    ("first batch, data module", "first batch after the package"): ("first batch by a data module", 2.0),
}
"""By process and what was timed: what is said of it, and the seconds that it may take."""


def timed(code: str) -> dict[str, float]:
    """Return what a fresh process says of its seconds, and those from its start to its end.

    Raises:
        RuntimeError: it failed; the message is the end of what it said.

    """
    begun = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=False
    )
    whole = time.perf_counter() - begun
    if ended.returncode:
        raise RuntimeError("\n".join(ended.stderr.splitlines()[-12:]))
    return {**json.loads(ended.stdout.splitlines()[-1]), "whole": whole}


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the processes, print the table, and write the numbers."""
    chosen = report.read(report.options(__doc__, rounds=5), arguments)
    made = report.Report("start", chosen, ("pytorch-lightning",))
    made.begin()
    found: dict[tuple[str, str], list[float]] = {}
    for number in range(chosen.rounds + 1):
        for process, code in PROCESSES.items():
            for what, seconds in timed(code).items():
                if number:
                    found.setdefault((process, what), []).append(seconds)
    made.rows = [
        {"process": process, "what": what, "seconds": report.spread(values)}
        for (process, what), values in found.items()
    ]
    made.show(
        "Seconds from a fresh process",
        ["process", "what", "seconds"],
        [[row["process"], row["what"], report.quantity(row["seconds"], 3)] for row in made.rows],
        f"Medians of {report.counted(chosen.rounds, 'round')}, a fresh process each; in brackets the range.",
    )
    if not chosen.quick:
        made.goals = [
            report.goal(f"{said}: at most {bound:g} s", row["seconds"]["median"], at_most=bound, form="{:.3f} s")
            for timed_of, (said, bound) in GOALS.items()
            for row in made.rows
            if (row["process"], row["what"]) == timed_of
        ]  # fmt: skip
    made.end()


if __name__ == "__main__":
    main()
