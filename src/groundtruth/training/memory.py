"""Memory that a training step frees stays with the process, for the next step asks for as much again.

Used by ``fit`` and ``evaluate``.

The C library gives large blocks back to the system as soon as they are freed. The next step then gets pages that the
system has to clear first, one fault for every 4 KiB. For networks whose maps take some MiB a layer that is a tenth of
the step's time. No number that a network computes depends on it.

Source: mallopt(3), Linux manual page, which explains both thresholds.
"""

from __future__ import annotations

import ctypes
import functools
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""The parameters' numbers in malloc.h of the GNU C library."""
KEPT = 2**30
"""Bytes: what is free beyond this at the top of the heap is still given back; below what is in use, nothing is."""
LARGEST = 2**25
"""Bytes: larger blocks have pages of their own, and are given back. The library allows no more."""


@functools.cache
def keep_freed() -> bool:
    """Let this process keep what it frees; return whether its C library could be told.

    That is so for the GNU C library, thus on most Linux systems. Elsewhere nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGEST)) and bool(mallopt(TRIM_THRESHOLD, KEPT))
