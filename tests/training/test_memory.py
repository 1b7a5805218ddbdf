import ctypes
import subprocess
import sys

import pytest

from groundtruth.training import fit, memory

GNU = sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "mallopt")

ROUNDS = """
import ctypes, resource, sys
from groundtruth.training.memory import keep_freed
if sys.argv[1] == "kept":
    assert keep_freed()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
def step():  # eight blocks of 6 MiB, written to, and freed
    blocks = [libc.malloc(6 << 20) for _ in range(8)]
    for block in blocks:
        ctypes.memset(block, 1, 6 << 20)
    for block in reversed(blocks):
        libc.free(block)
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    step()
before = faults()
for _ in range(5):
    step()
print((faults() - before) / 5)
"""


def faults_a_step(way):
    # A process of its own: what was told to the C library stays told.
    ended = subprocess.run(
        [sys.executable, "-c", ROUNDS, way], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stderr
    return float(ended.stdout)


@pytest.mark.skipif(not GNU, reason="another C library than GNU's")
def test_what_a_step_frees_is_there_for_the_next():
    assert faults_a_step("kept") < 100
    assert faults_a_step("as it comes") > 5000  # 8 · 6 MiB in pages of 4 KiB are 12,288


def test_where_the_library_cannot_be_told_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory.sys, "platform", "darwin")
    assert memory.keep_freed.__wrapped__() is False
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert memory.keep_freed.__wrapped__() is False


@pytest.mark.parametrize(
    "act", [lambda: fit.fit(None, None, None, seed=0, epochs=1), lambda: fit.evaluate(None, None, None)]
)
def test_training_and_evaluating_ask_for_it(monkeypatch, act):
    class AskedError(Exception):
        pass

    def ask():
        raise AskedError

    monkeypatch.setattr(fit, "keep_freed", ask)
    with pytest.raises(AskedError):
        act()
