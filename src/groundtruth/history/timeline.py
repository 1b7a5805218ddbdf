"""The timeline: who had which idea in which year, with the source and the miniature, read from ``timeline.toml``.

Used by the chapter *history*, which draws it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from groundtruth.history.milestone import MODULES

FILE = Path(__file__).parent / "timeline.toml"
KINDS = ("thing", "name")


class TimelineError(ValueError):
    """An entry that lacks something, or names what is not there."""


@dataclass(frozen=True)
class Entry:
    """One milestone.

    Raises:
        TimelineError: an unknown kind or miniature, or an empty field.

    """

    year: int
    people: str
    idea: str
    source: str
    """Key in ``book/references.bib``."""
    miniature: str = ""
    """Module of this package, empty where there is none."""
    kind: str = "thing"
    """``"thing"`` for a step of the method, ``"name"`` for one of the words."""

    def __post_init__(self) -> None:
        if not (self.people and self.idea and self.source):
            raise TimelineError(f"{self.year}: people, idea and source must not be empty")
        if self.kind not in KINDS:
            raise TimelineError(f"{self.year}: unknown kind {self.kind!r}; choose one of {', '.join(KINDS)}")
        if self.miniature and self.miniature not in MODULES:
            raise TimelineError(
                f"{self.year}: there is no miniature {self.miniature!r}; those are {', '.join(MODULES)}"
            )


def load(file: Path = FILE) -> list[Entry]:
    """Return all entries, oldest first.

    Raises:
        TimelineError: an entry with unknown or missing fields, or years out of order.

    """
    entries = []
    for fields in tomllib.loads(file.read_text(encoding="utf-8"))["entry"]:
        try:
            entries.append(Entry(**fields))
        except TypeError as error:
            raise TimelineError(f"{fields.get('year', '?')}: {error}") from None
    if [entry.year for entry in entries] != sorted(entry.year for entry in entries):
        raise TimelineError("entries must stand in the order of their years")
    return entries
