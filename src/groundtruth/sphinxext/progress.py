"""The live line: which chapters run, how many are left, how long it has taken and will take.

On a terminal it is one line that is written over; elsewhere each chapter that starts or ends has a line of its own.
What is expected comes from the seconds that each chapter took when it ran last, in the same profile; they are kept
beside the pages, so that a failed build does not lose them.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

NAME = ".seconds.json"


def known(folder: Path, profile: str) -> dict[str, float]:
    """Return the seconds that each chapter took when it ran last in this profile."""
    return _kept(folder).get(profile, {})


def keep(folder: Path, profile: str, slug: str, seconds: float) -> None:
    """Note how long a chapter took."""
    everything = _kept(folder)
    everything.setdefault(profile, {})[slug] = round(seconds, 1)
    path = folder / NAME
    new = path.with_suffix(".new")
    new.write_text(json.dumps(everything, indent=1, sort_keys=True), encoding="utf-8")
    new.replace(path)


def _kept(folder: Path) -> dict[str, dict[str, float]]:
    """Return what the file holds: nothing, where there is none or another has written it."""
    try:
        everything = json.loads((folder / NAME).read_text(encoding="utf-8"))
        return {
            str(profile): {str(slug): float(seconds) for slug, seconds in chapters.items()}
            for profile, chapters in everything.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def duration(seconds: float) -> str:
    """Return a time as people read it: "48 s", "3 min 05 s", "1 h 02 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class Progress:
    """What is said while chapters run.

    Args:
        beside: chapters that may run beside others.
        alone: chapters that run alone.
        expected: seconds that each is expected to take, as far as that is known.
        at_once: how many of the first run at once.
        stream: where to; a terminal gets a line that is written over.

    """

    def __init__(
        self,
        beside: Sequence[str],
        alone: Sequence[str],
        expected: Mapping[str, float],
        at_once: int,
        stream: TextIO | None = None,
    ) -> None:
        self.beside, self.alone, self.expected, self.at_once = list(beside), list(alone), expected, at_once
        self.stream = stream or sys.stdout
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.total = len(self.beside) + len(self.alone)
        self.began = time.monotonic()
        self.running: dict[str, float] = {}
        self.left = [*self.beside, *self.alone]

    def started(self, slug: str) -> None:
        """Say that a chapter begins to run."""
        self.running[slug] = time.monotonic()
        if not self.live:
            self._say(f"{self._count()} {slug} runs, {self._expectation(slug)}")
        self.tick()

    def ended(self, slug: str, *, failed: bool = False) -> None:
        """Say that a chapter has run, or broken off."""
        took = time.monotonic() - self.running.pop(slug)
        self.left.remove(slug)
        self._say(
            f"{self._count()} {slug} {'FAILED after' if failed else 'took'} {duration(took)}; {self.rest()}"
        )
        self.tick()

    def tick(self) -> None:
        """Write the line anew, on a terminal."""
        if not self.live or not self.running:
            return
        now = time.monotonic()
        running = ", ".join(
            f"{slug} ({duration(now - start)}, {self._expectation(slug)})"
            for slug, start in self.running.items()
        )
        width = shutil.get_terminal_size().columns - 1
        self.stream.write("\r\x1b[K" + f"{self._count()} {running}; {self.rest()}"[:width])
        self.stream.flush()

    def close(self) -> None:
        """Leave the terminal with an empty line."""
        if self.live:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def rest(self) -> str:
        """Return how many chapters are left, the time so far, and how long the rest is expected to take."""
        left = f"{len(self.left)} left" if self.left else "none left"
        so_far = f"{left}, {duration(time.monotonic() - self.began)} so far"
        if not self.left:
            return so_far
        unknown = sum(slug not in self.expected for slug in self.left)
        if unknown == len(self.left):
            return f"{so_far}, no estimate yet"
        ahead = duration(self.ahead())
        return f"{so_far}, {'more than' if unknown else 'about'} {ahead} to go"

    def ahead(self) -> float:
        """Return the seconds that what is left is expected to take, chapters without an estimate left out."""
        now = time.monotonic()
        need = {
            slug: max(0.0, self.expected.get(slug, 0.0) - (now - self.running.get(slug, now)))
            for slug in self.left
        }
        beside = [need[slug] for slug in self.left if slug not in self.alone]
        # However well they are dealt out, the longest of them has to end.
        shared = max(sum(beside) / self.at_once, max(beside, default=0.0))
        return shared + sum(need[slug] for slug in self.left if slug in self.alone)

    def _count(self) -> str:
        return f"[{self.total - len(self.left)}/{self.total}]"

    def _expectation(self, slug: str) -> str:
        return f"{duration(self.expected[slug])} expected" if slug in self.expected else "no estimate yet"

    def _say(self, line: str) -> None:
        self.stream.write(("\r\x1b[K" if self.live else "") + line + "\n")
        self.stream.flush()
