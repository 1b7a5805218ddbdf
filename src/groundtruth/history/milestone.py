"""What every miniature hands over: the paper's number, ours, and what differs; printed, kept, and read again.

Used by the chapter *history*, and by every module beside this one.

``python -m groundtruth.history.<name>`` runs a miniature in the active profile and prints the three; ``--record``
keeps the result in ``recorded/<name>.json``, with machine, versions and commit, from where the chapter's table reads
it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from groundtruth import profiles
from groundtruth.profiles import Profile

RECORDED = Path(__file__).parent / "recorded"
"""One file a miniature, written by ``--record``."""

MODULES = (
    "mcculloch_pitts", "hebb", "rosenblatt", "gmdh", "minsky_papert", "neocognitron", "back_propagation", "zip_codes",
    "lstm", "deep_belief", "ciresan", "alexnet", "resnet",
)  # fmt: skip
"""The miniatures, oldest first."""


class MilestoneError(ValueError):
    """A result that cannot be meant, or a recorded one that is not there."""


@dataclass(frozen=True)
class Outcome:
    """One quantity: what the paper says of it, and what came out here, seed by seed.

    Raises:
        MilestoneError: no value.

    """

    what: str
    """What is measured, with its unit, such as ``"test error"``."""
    ours: tuple[float, ...]
    """One value a seed."""
    spec: str
    """Format spec of a value, such as ``".1%"``."""
    source: str
    """Key of the paper in ``book/references.bib``."""
    paper: str = ""
    """The number as the paper has it; empty where it gives none."""

    def __post_init__(self) -> None:
        if not self.ours:
            raise MilestoneError(f"'{self.what}': there is no value")

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return statistics.fmean(self.ours)

    @property
    def spread(self) -> float:
        """Standard deviation over seeds (divisor n − 1); 0 for a single value."""
        return statistics.stdev(self.ours) if len(self.ours) > 1 else 0.0

    def text(self) -> str:
        """Return mean and spread for a reader."""
        shown = format(self.mean, self.spec)
        return f"{shown} ± {format(self.spread, self.spec)}" if len(self.ours) > 1 else shown


@dataclass(frozen=True)
class Milestone:
    """What one run of a miniature found."""

    name: str
    """Name of its module."""
    year: int
    idea: str
    """In one line."""
    outcomes: tuple[Outcome, ...]
    """The first is the one for the chapter's table."""
    data: str
    """How our data differ from the paper's."""
    size: str
    """How the network differs."""
    passes: str
    """How the training differs."""
    seeds: tuple[int, ...]
    profile: str
    seconds: float = 0.0
    """How long all seeds took together; set by `timed`."""

    def report(self) -> str:
        """Return the lines that the one-line run prints."""
        lines = [f"{self.year}  {self.idea}"]
        for outcome in self.outcomes:
            paper = outcome.paper or "gives no number"
            lines.append(f"  {outcome.what}: paper {paper} [{outcome.source}]; ours {outcome.text()}")
        lines += [f"  differs in data: {self.data}", f"  in size: {self.size}", f"  in passes: {self.passes}"]
        lines.append(f"  {len(self.seeds)} seeds, {self.seconds:.1f} s, profile {self.profile}")
        return "\n".join(lines)


Run = Callable[..., Milestone]
"""``run(profile, seeds=None)``."""


def timed(run: Run, profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Run a miniature and write down how long it took."""
    from dataclasses import replace  # noqa: PLC0415

    started = time.perf_counter()
    result = run(profile, seeds)
    return replace(result, seconds=time.perf_counter() - started)


def command_line(run: Run, arguments: Sequence[str] | None = None) -> Milestone:
    """Run a miniature from a shell, print its report, and keep the result if asked to.

    Args:
        run: the miniature.
        arguments: in place of the shell's.

    """
    parser = argparse.ArgumentParser(description=run.__doc__)
    parser.add_argument("--record", action="store_true", help="keep the result for the chapter's table")
    options = parser.parse_args(arguments)
    result = timed(run, profiles.active())
    print(result.report())
    if options.record:
        keep(result)
    return result


def keep(result: Milestone, folder: Path = RECORDED) -> Path:
    """Write a result with what made it, and return the file."""
    import torch  # noqa: PLC0415

    folder.mkdir(exist_ok=True)
    path = folder / f"{result.name}.json"
    described = asdict(result) | {
        "n": len(result.seeds),
        "spread": [outcome.spread for outcome in result.outcomes],
        "hardware": {"processor": _processor(), "cores": os.cpu_count(), "threads": torch.get_num_threads()},
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__.split("+", maxsplit=1)[0],
        },
        "commit": _commit(),
    }
    path.write_text(json.dumps(described, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def recorded(name: str, folder: Path = RECORDED) -> tuple[Milestone, dict[str, Any]]:
    """Return a kept result, and what made it: n, spread, hardware, versions, commit.

    Raises:
        MilestoneError: nothing was kept under this name.

    """
    path = folder / f"{name}.json"
    if not path.is_file():
        raise MilestoneError(
            f"no recorded run of '{name}'; make one with: python -m groundtruth.history.{name} --record"
        )
    content = json.loads(path.read_text(encoding="utf-8"))
    made_by = {key: content.pop(key) for key in ("n", "spread", "hardware", "versions", "commit")}
    outcomes = tuple(Outcome(**entry | {"ours": tuple(entry["ours"])}) for entry in content.pop("outcomes"))
    return Milestone(**content | {"outcomes": outcomes, "seeds": tuple(content["seeds"])}), made_by


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()
