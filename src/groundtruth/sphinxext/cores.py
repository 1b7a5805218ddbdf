"""Who gets which cores: how many chapters run at once, and with how many threads each.

The last digits of a sum depend on how many threads share it. So the number of threads of a chapter follows from the
machine and from ``_config.yml`` alone, never from what else happens to run, and is part of the chapter's fingerprint.
"""

from __future__ import annotations

import os
from collections.abc import Collection

from groundtruth.profiles import Profile

VARIABLE = "GROUNDTRUTH_AT_ONCE"
"""How many chapters may run at once, where the default is not wanted: ``1`` on a machine with little memory."""
MOST = 2
"""Chapters at once by default: each may take 3 GiB."""
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class CoresError(ValueError):
    """The environment asks for a number of chapters at once that is none."""


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def at_once(profile: Profile) -> int:
    """Return how many chapters may run at once: one where they would share a GPU.

    Raises:
        CoresError: the environment variable holds no positive whole number.

    """
    if profile.accelerator != "cpu":
        return 1
    asked = os.environ.get(VARIABLE)
    if not asked:
        return min(MOST, cores())
    if not asked.isdecimal() or int(asked) < 1:
        raise CoresError(f"{VARIABLE} must be a whole number of chapters, 1 or more; got {asked!r}")
    return min(int(asked), cores())


def threads_of(slug: str, alone: Collection[str], profile: Profile) -> int:
    """Return how many threads a chapter's kernel has.

    Args:
        slug: the chapter.
        alone: chapters that run while no other runs, with all cores.
        profile: of this build.

    """
    most = int(asked) if (asked := os.environ.get("OMP_NUM_THREADS", "")).isdecimal() else cores()
    share = 1 if slug in alone else at_once(profile)
    return max(1, min(most, cores() // share))


def environment_of(threads: int) -> dict[str, str]:
    """Return the environment of a kernel with so many threads, in every library that counts its own.

    One that has all cores is told nothing: libraries know best how many threads do well on them.
    """
    told = {} if threads >= cores() else dict.fromkeys(THREADS, str(threads))
    return {**os.environ, **told}
