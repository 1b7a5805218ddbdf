"""The first cell: it installs what is missing from where the wheel is, or says what to do."""

import importlib.metadata
import os
import subprocess
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from groundtruth import __version__
from groundtruth.sphinxext.first_cell import EXTRAS, first_cell
from groundtruth.sphinxext.notebooks import WHEEL

ROOT = Path(__file__).parents[2]
NEEDS = ["numpy>=2", 'no-such>=1; extra == "frameworks"', 'sphinx; extra == "book"']


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to run in where nothing is installed, and a pip that notes what it is asked for."""
    folder = tmp_path / "course" / "week"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    state = SimpleNamespace(folder=folder, needs=None, version=__version__, status=0, said="", asked=[])

    def requires(name):
        if state.needs is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return state.needs

    def pip(command, **_):
        state.asked.append(command[-1])
        return SimpleNamespace(returncode=state.status, stdout=state.said)

    monkeypatch.setattr(importlib.metadata, "requires", requires)
    monkeypatch.setattr(importlib.metadata, "version", lambda _: state.version)
    monkeypatch.setattr(subprocess, "run", pip)
    monkeypatch.setenv("GROUNDTRUTH_PROFILE", "quick")
    return state


def run(slug="perceptron", **names):
    exec(first_cell(slug, WHEEL), names)


def test_nothing_happens_where_the_package_is_there(place, capsys):
    place.needs = NEEDS
    run()
    assert place.asked == []
    assert capsys.readouterr().out == ""


def test_it_installs_the_wheel_beside_the_notebook(place):
    (place.folder / WHEEL).touch()
    run()
    assert place.asked == [str(place.folder / WHEEL)]


def test_another_version_is_replaced_by_the_one_that_came_with_the_notebook(place):
    place.needs, place.version = NEEDS, "0.0.9"
    (place.folder / "groundtruth-0.0.9-py3-none-any.whl").touch()
    with pytest.raises(SystemExit, match=f"where this notebook runs: groundtruth {__version__}"):
        run()
    (place.folder / WHEEL).touch()
    run()
    assert place.asked == [str(place.folder / WHEEL)]


def test_it_finds_the_wheel_in_a_folder_above(place):
    (place.folder.parent / WHEEL).touch()
    run()
    assert place.asked == [str(place.folder.parent / WHEEL)]


def test_it_finds_the_wheel_beside_the_notebook_where_vs_code_works_elsewhere(place, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / WHEEL).touch()
    run(__vsc_ipynb_file__=str(elsewhere / "perceptron.ipynb"))
    assert place.asked == [str(elsewhere / WHEEL)]


def test_without_the_wheel_it_says_where_it_looked_and_which_line_installs_it(place):
    with pytest.raises(SystemExit) as stopped:
        run()
    said = str(stopped.value)
    assert "Not installed where this notebook runs: groundtruth." in said
    assert str(place.folder) in said
    assert f'%pip install "/the/folder/{WHEEL}"' in said
    assert "Colab" in said
    assert place.asked == []


def test_where_pip_fails_it_says_what_pip_said_and_that_it_needs_the_internet(place):
    (place.folder / WHEEL).touch()
    place.status, place.said = 1, "ERROR: No matching distribution found for torch"
    with pytest.raises(SystemExit) as stopped:
        run()
    said = str(stopped.value)
    assert "No matching distribution found for torch" in said
    assert "is this machine online?" in said
    assert f'%pip install "{place.folder / WHEEL}"' in said


def test_a_chapter_with_an_extra_installs_what_it_alone_needs(place):
    place.needs = NEEDS
    with pytest.raises(SystemExit, match="where this notebook runs: no-such"):
        run("frameworks")
    (place.folder / WHEEL).touch()
    run("frameworks")
    assert place.asked == [f"{place.folder / WHEEL}[frameworks]"]
    place.needs = ["numpy>=2", 'numpy>=2; extra == "frameworks"']
    run("frameworks")
    assert len(place.asked) == 1, "nothing is missing"


def test_no_other_chapter_asks_for_an_extra(place):
    place.needs = NEEDS
    run("convolution")
    assert place.asked == []


def test_a_profile_that_was_chosen_is_kept_and_cpu_is_meant_elsewhere(place, monkeypatch):
    place.needs = NEEDS
    run()
    assert os.environ["GROUNDTRUTH_PROFILE"] == "quick"
    monkeypatch.delenv("GROUNDTRUTH_PROFILE")
    run()
    assert os.environ["GROUNDTRUTH_PROFILE"] == "cpu"


def test_a_chapter_with_packages_of_its_own_has_an_extra_of_its_name():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(EXTRAS) == set(project["optional-dependencies"]) - {"book", "dev"}
    assert f"groundtruth-{project['version']}-py3-none-any.whl" == WHEEL
