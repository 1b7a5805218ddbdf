"""What a run of the chapters needs, pinned: the part of the lock that students install, without the site's tools.

The names come from ``pyproject.toml`` and, from there on, from what the installed packages ask for on this system; the
versions come from the lock. What the lock does not name, pip finds where it installs: setuptools, which no freeze
lists, and what a package asks for on another system or in its build for a GPU.
"""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)


class PinError(RuntimeError):
    """The lock does not say which version of a package is meant."""


def locked(lock: str) -> dict[str, tuple[str, str]]:
    """Return the pins of a lock by canonical name: the name as the lock writes it, and the version."""
    return {canonicalize_name(name): (name, version) for name, version in PIN.findall(lock)}


def project(package: Path) -> dict[str, Any]:
    """Return what ``pyproject.toml`` says of the package."""
    declared: dict[str, Any] = tomllib.loads((package / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    return declared


def run_time(package: Path, extra: str = "") -> dict[str, str]:
    """Return name and version of all in the lock that the package asks for when it runs, directly or through others.

    Args:
        package: the folder of ``pyproject.toml`` and of the lock, ``requirements.txt``.
        extra: an extra of the package whose needs are added.

    Raises:
        PinError: the lock lacks one that the package asks for directly.

    """
    declared = project(package)
    pins = locked((package / "requirements.txt").read_text(encoding="utf-8"))
    needs = list(declared.get("dependencies", []))
    if extra:
        needs += declared["optional-dependencies"][extra]
    waiting = [Requirement(need) for need in needs]
    for need in waiting:
        if canonicalize_name(need.name) not in pins:
            raise PinError(
                f"pyproject.toml asks for {need.name}, and requirements.txt has no line '{need.name}==…': "
                "renew the lock (CONTRIBUTING.md says how)"
            )
    found: dict[str, str] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        need = waiting.pop()
        key = canonicalize_name(need.name), frozenset(need.extras)
        if key in seen or key[0] not in pins:
            continue
        seen.add(key)
        name, version = pins[key[0]]
        found[name] = version
        for line in importlib.metadata.requires(need.name) or []:
            inner = Requirement(line)
            wanted = ["", *need.extras]
            if inner.marker is None or any(inner.marker.evaluate({"extra": one}) for one in wanted):
                waiting.append(inner)
    return dict(sorted(found.items(), key=lambda pin: canonicalize_name(pin[0])))


def as_lines(pins: Mapping[str, str]) -> str:
    """Return pins as the lines of a requirements file."""
    return "".join(f"{name}=={version}\n" for name, version in pins.items())
