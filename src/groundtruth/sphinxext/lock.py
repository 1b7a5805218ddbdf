"""One build at a time in one folder: the second one says whose turn it is.

The lock is the operating system's, on a file that stays: it goes with its process, however that ends. So a file that a
killed build has left behind keeps nobody out.
"""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = ".lock"


class LockError(RuntimeError):
    """Another build is at work in the folder; the message names its process."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other builds out of a folder, which is made if need be.

    Raises:
        LockError: another build is at work there.
        OSError: the folder cannot be made or written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / NAME).open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            whose = file.read().strip() or "a process that has not given its name yet"
            raise LockError(
                f"another build is at work in {folder}: {whose}. Wait until it has ended, or stop it; then build again."
            ) from None
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()}, begun at {time.strftime('%H:%M:%S')}\n")
        file.flush()
        yield
