"""The test's own Slurm: it says what is missing, and leaves nothing behind, also when something fails."""

import subprocess
import sys
from pathlib import Path

import cluster as slurm
import pytest


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(slurm, "WHERE", "/nowhere")
    assert "munged, slurmctld, slurmd" in slurm.missing()
    assert "apt install slurm-wlm munge" in slurm.missing()


def test_missing_is_a_failure_where_it_is_demanded(tmp_path):
    """In a process of its own, with a search path that leads nowhere."""
    test = tmp_path / "test_it.py"
    folder = Path(__file__).parent
    (tmp_path / "conftest.py").write_text(
        f"import sys\nsys.path.insert(0, {str(folder)!r})\nimport cluster as slurm\nslurm.WHERE = '/nowhere'\n"
        + (folder / "conftest.py").read_text().replace("Path(__file__).parents[2]", "Path('/')")
    )
    test.write_text("def test_it(cluster):\n    pass\n")
    for demanded, words in (("0", "1 skipped"), ("1", "1 error")):
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", str(test)],
            env={"GROUNDTRUTH_REQUIRE_SLURM": demanded, "PATH": "/usr/bin"},
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert words in ended.stdout
        assert "no Slurm here: munged" in ended.stdout


@pytest.mark.slow
@pytest.mark.parametrize("failing", [True, False])
def test_nothing_is_left_behind(failing, cluster):
    """A second Slurm beside the first: its ports, folder and processes are its own, and go when it fails in use."""
    kept = None
    try:
        with slurm.running() as second:
            kept = second
            assert second.folder != cluster.folder
            second.run("sbatch", "--partition=cpu", "--output=/dev/null", "--wrap=sleep 100")
            if failing:
                raise OSError("a test failed")
    except OSError:
        pass
    assert kept is not None
    assert not kept.folder.exists()
    assert all(daemon.poll() is not None for daemon in kept.daemons)
    left = subprocess.run(
        ["pgrep", "-f", str(kept.folder)], capture_output=True, text=True, check=False
    ).stdout
    assert left == ""
    assert cluster.run("sinfo", "--noheader", "--format=%T", "--partition=gpu").stdout.strip() in (
        "idle",
        "mixed",
        "allocated",
    )
