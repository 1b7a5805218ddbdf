"""How much arithmetic a processor could do, by year: read from ``processors.toml``, every entry cited.

Used by the chapter *history*, which plots it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FILE", "Processor", "ProcessorError", "load"]

FILE = Path(__file__).parent / "processors.toml"
KINDS = ("cpu", "gpu")


class ProcessorError(ValueError):
    """An entry that lacks something, or cannot be meant."""


@dataclass(frozen=True)
class Processor:
    """One processor.

    Raises:
        ProcessorError: an unknown kind, no arithmetic, or an empty field.

    """

    year: int
    name: str
    kind: str
    """``"cpu"`` or ``"gpu"``."""
    gflops: float
    """Billion operations a second in single precision, at most."""
    source: str
    """Key in ``book/references.bib``."""

    def __post_init__(self) -> None:
        if not (self.name and self.source):
            raise ProcessorError(f"{self.year}: name and source must not be empty")
        if self.kind not in KINDS:
            raise ProcessorError(f"{self.name}: unknown kind {self.kind!r}; choose one of {', '.join(KINDS)}")
        if self.gflops <= 0:
            raise ProcessorError(f"{self.name}: needs more than 0 GFLOP/s; got {self.gflops}")


def load(file: Path = FILE) -> list[Processor]:
    """Return all processors, oldest first.

    Raises:
        ProcessorError: an entry with unknown or missing fields, or years out of order.

    """
    found = []
    for fields in tomllib.loads(file.read_text(encoding="utf-8"))["processor"]:
        try:
            found.append(Processor(**fields))
        except TypeError as problem:
            raise ProcessorError(f"{fields.get('name', fields)}: {problem}") from problem
    if [one.year for one in found] != sorted(one.year for one in found):
        raise ProcessorError("processors must stand in the order of their years")
    return found
