"""One Slurm for all of these tests, and a folder as a reader's clone of the book would be."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import cluster as slurm

ROOT = Path(__file__).parents[2]
REQUIRED = "GROUNDTRUTH_REQUIRE_SLURM"


@pytest.fixture(scope="session")
def cluster():
    """A running Slurm; where none is installed the tests are skipped by name, or fail where it is demanded."""
    absent = slurm.missing()
    if absent and os.environ.get(REQUIRED) == "1":
        pytest.fail(f"{REQUIRED}=1, but there is {absent}")
    if absent:
        pytest.skip(absent)
    with slurm.running() as running:
        yield running


def as_clone(folder):
    """Put the scripts into a folder, and an environment to activate: this one."""
    (folder / "slurm").symlink_to(ROOT / "slurm")
    activate = folder / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(
        f"export PATH={Path(sys.executable).parent}:$PATH\nexport PYTHONPATH={ROOT / 'src'}\n"
    )
    return folder


@pytest.fixture
def clone(tmp_path, cluster):
    """A folder as a reader's clone of the book would be; what a test has submitted ends with it."""
    yield as_clone(tmp_path)
    cluster.clear()
