"""Several processes: what they print comes back, and a failing or a waiting one takes none of them with it for ever."""

import os
import subprocess
import sys
import time

import pytest

from groundtruth.jobs import together


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module that new processes find, and return its name."""

    def write(code):
        name = f"job_{abs(hash(code))}"
        body = "".join(f"    {line}\n" for line in code.splitlines())
        (tmp_path / f"{name}.py").write_text(f"import os, pathlib, signal, sys, time\ndef main():\n{body}")
        return name

    monkeypatch.syspath_prepend(str(tmp_path))
    return write


def test_each_knows_who_it_is(module):
    name = module("print(os.environ.get('RANK'), os.environ.get('WORLD_SIZE'), *sys.argv[1:])")
    assert together.run(name, "a", "b", count=3) == ["0 3 a b\n", "1 3 a b\n", "2 3 a b\n"]
    assert together.run(name) == ["None None\n"]


def test_slurm_and_an_address_are_kept_from_them(module, monkeypatch):
    monkeypatch.setenv("SLURM_NTASKS", "2")
    monkeypatch.setenv("MASTER_ADDR", "elsewhere")
    name = module("print(sorted(n for n in os.environ if n.startswith(('SLURM', 'MASTER'))))")
    assert together.run(name, count=2) == ["[]\n"] * 2


def test_what_they_say_on_stderr_stays_off_the_page(module, capfd):
    name = module("print('a warning', file=sys.stderr)")
    together.run(name, count=2)
    assert capfd.readouterr() == ("", "")


def test_a_failing_process_is_named_and_the_others_are_ended(module, tmp_path):
    name = module(
        f"pathlib.Path({str(tmp_path)!r}, os.environ['RANK'] + '.pid').write_text(str(os.getpid()))\n"
        "if os.environ['RANK'] == '1':\n    time.sleep(0.5)\n    raise OSError('no such luck')\n"
        "time.sleep(100)"
    )
    started = time.monotonic()
    with pytest.raises(together.ProcessError, match=r"process 1 of 2 .* status 1:(.|\n)*no such luck"):
        together.run(name, count=2)
    assert time.monotonic() - started < 60
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "0.pid").read_text()), 0)


def test_processes_that_wait_for_ever_are_stopped(module):
    name = module("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(100)")
    with pytest.raises(together.ProcessError, match="had not ended after 1 s"):
        together.run(name, count=2, seconds=1)


def test_a_job_is_killed_as_soon_as_a_file_is_there(module, tmp_path):
    there, after = tmp_path / "there", tmp_path / "after"
    name = module(
        f"pathlib.Path({str(there)!r}).touch(); time.sleep(20); pathlib.Path({str(after)!r}).touch()"
    )
    together.kill_when(there, name)
    assert there.exists()
    assert not after.exists()
    with pytest.raises(together.ProcessError, match="ended by itself before"):
        together.kill_when(tmp_path / "never", module("print('done')"))
    with pytest.raises(together.ProcessError, match="took more than 1 s"):
        together.kill_when(tmp_path / "never", module("time.sleep(20)"), seconds=1)


def test_a_caller_with_threads_and_no_guard(tmp_path):
    """As a notebook's kernel: its ``__main__`` is not run a second time, and nothing reaches its stderr."""
    script = tmp_path / "script.py"
    script.write_text(
        "import threading, time\nfrom groundtruth.jobs import together\nprint('once')\n"
        "threading.Thread(target=time.sleep, args=(2,), daemon=True).start()\n"
        "together.run('groundtruth.scratch.data_parallel', 'meet', '.', '0', count=2, threads=1)\n"
    )
    ended = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (ended.stdout, ended.stderr) == ("once\n", "")
    assert (tmp_path / "0-1.pt").is_file()


def test_the_server_is_there_before_it_is_needed():
    together.prepare(wait=True)
    assert together.run("groundtruth.jobs.nothing", count=2) == ["", ""]


def test_one_process_at_least():
    with pytest.raises(ValueError, match="at least 1"):
        together.run("sys", count=0)
