"""One build at a time: the second names the first, and a dead one keeps nobody out."""

import subprocess
import sys

import pytest

from groundtruth.sphinxext import lock

HOLD = """
import sys, time
from pathlib import Path
from groundtruth.sphinxext import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_is_told_who_is_first_and_after_a_kill_it_may(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "held\n"
        says = f"another build is at work in {tmp_path}: process {other.pid} on .*, begun at"
        with pytest.raises(lock.LockError, match=says), lock.held(tmp_path):
            pass
    finally:
        other.kill()
        other.communicate()
    assert f"process {other.pid} " in (tmp_path / lock.NAME).read_text()
    with lock.held(tmp_path):  # what it left is no lock
        assert f"process {other.pid} " not in (tmp_path / lock.NAME).read_text()


def test_it_is_free_again_after_an_error_and_makes_its_folder(tmp_path):
    folder = tmp_path / "new" / "folder"
    with pytest.raises(ZeroDivisionError), lock.held(folder):
        raise ZeroDivisionError
    with lock.held(folder):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), lock.held(tmp_path / "file" / "folder"):
        pass
