import ctypes
import os
import subprocess
import sys

import pytest

from groundtruth.profiles import CPU
from groundtruth.training import fit, memory

GNU = sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "mallinfo2")
"""Whether the C library is GNU's, and new enough (2.33, of 2021) to say what it keeps."""

STEP = """
import ctypes, sys
from groundtruth.training.memory import keep_freed
if sys.argv[1] == "kept":
    assert keep_freed()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"  # malloc.h, struct mallinfo2
Info = type("Info", (ctypes.Structure,), {"_fields_": [(name, ctypes.c_size_t) for name in FIELDS.split()]})
libc.mallinfo2.restype = Info
for _ in range(3):  # eight blocks of 6 MiB, written to, and freed
    blocks = [libc.malloc(6 << 20) for _ in range(8)]
    for block in blocks:
        ctypes.memset(block, 1, 6 << 20)
    for block in reversed(blocks):
        libc.free(block)
print(libc.mallinfo2().fordblks)
"""


def kept_after(way):
    """Bytes that are free, and were not given back to the system, after steps that freed 48 MiB each."""
    # A process of its own: what was told to the C library stays told. Its environment may have told it something, too.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MALLOC_", "GLIBC_TUNABLES"))}
    ended = subprocess.run(
        [sys.executable, "-c", STEP, way],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )
    assert ended.returncode == 0, ended.stderr
    return int(ended.stdout)


@pytest.mark.skipif(not GNU, reason="another C library than GNU's, or an old one")
def test_what_a_step_frees_is_there_for_the_next():
    # Not by counting page faults: a sandboxed kernel may report none.
    if kept_after("as it comes") >= 48 << 20:
        pytest.skip("this library keeps it without being told, so there is nothing to see")
    assert kept_after("kept") >= 48 << 20


def test_where_the_library_cannot_be_told_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert memory.keep_freed.__wrapped__() is False
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory.keep_freed.__wrapped__() is False


@pytest.mark.parametrize(
    "act", [lambda: fit.fit(None, None, CPU, seed=0, epochs=1), lambda: fit.evaluate(None, None, CPU)]
)
def test_training_and_evaluating_ask_for_it(monkeypatch, act):
    class AskedError(Exception):
        pass

    def ask():
        raise AskedError

    monkeypatch.setattr(fit, "keep_freed", ask)
    with pytest.raises(AskedError):
        act()
