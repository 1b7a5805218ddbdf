"""The exit status of a build, whatever Sphinx says of it, and what a failed build leaves behind."""

import errno
import json
import os
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from groundtruth import profiles
from groundtruth.data import files
from groundtruth.data.files import DataFileError
from groundtruth.sphinxext import build
from groundtruth.sphinxext.report import NAME


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Arguments for a build, whose Sphinx does what ``house.does`` says; ``house.asked`` is what it was told."""
    import jupyter_book.sphinx

    monkeypatch.setenv(profiles.VARIABLE, "cpu")
    for name in ("IPYTHONDIR", "MPLCONFIGDIR", "PYDEVD_DISABLE_FILE_VALIDATION"):  # the build sets them
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(files, "read_set", lambda name: None)
    monkeypatch.setattr(build.subprocess, "run", lambda *_, **__: None)  # the list of fonts takes a second

    class House:
        out = tmp_path / "_build"
        arguments = ("--source", str(tmp_path), "--config", str(tmp_path / "_config.yml"), "--out", str(out))
        asked = None

        @staticmethod
        def does(status=0, holds=(True,), report=True):
            def sphinx(source, html, **options):
                House.asked = {"source": source, "html": html, **options}
                House.found = {path.name for path in Path(html).glob("*")}
                House.shown = (House.out / "html").exists()
                (House.out / ".doctrees").mkdir(parents=True, exist_ok=True)
                (House.out / ".jupyter_cache").mkdir(exist_ok=True)
                Path(html).mkdir(exist_ok=True)
                if report:
                    claims = [{"holds": one} for one in holds]
                    chapters = [{"executed": True, "claims": claims}]
                    text = json.dumps({"profile": "cpu", "chapters": chapters})
                    (Path(html) / NAME).write_text(text)
                if isinstance(status, BaseException) and not isinstance(status, KeyboardInterrupt):
                    raise status
                return status

            monkeypatch.setattr(jupyter_book.sphinx, "build_sphinx", sphinx)

    return House


def test_a_good_build_says_what_it_did(house, capsys):
    house.does(holds=(True, None, True))
    assert build.main(house.arguments) == 0
    said = capsys.readouterr().out
    assert "Profile cpu: 1 chapters (1 ran, 0 from the cache), 2 of 2 claims hold" in said
    assert (house.out / "html" / "index.html").as_uri() in said
    assert (house.out / ".doctrees").exists()


def test_warnings_are_failures_and_all_are_shown(house):
    house.does()
    build.main(house.arguments)
    assert house.asked["warningiserror"] is True
    assert house.asked["keep_going"] is True
    assert house.asked["confoverrides"]["nitpicky"] is True


@pytest.mark.parametrize(
    "fault", [{"status": 1}, {"status": 2}, {"report": False}, {"holds": (True, False)}],
    ids=["sphinx warns", "sphinx breaks off", "no report", "false claim"],
)  # fmt: skip
def test_a_failure_is_one_and_forgets_the_pages_but_not_the_runs(house, fault, capsys):
    house.does(**fault)
    assert build.main(house.arguments) == 1
    assert not (house.out / ".doctrees").exists()
    assert (house.out / ".jupyter_cache").exists()
    assert "FAILED" in capsys.readouterr().err


def test_the_report_of_a_build_before_is_not_taken_for_this_ones(house):
    house.does()
    assert build.main(house.arguments) == 0
    house.does(report=False)
    assert build.main(house.arguments) == 1
    assert house.found == set()
    assert not (house.out / "html").exists()


def test_pages_are_shown_when_a_build_has_come_to_a_good_end_and_only_then(house):
    house.does()
    assert build.main(house.arguments) == 0
    page = house.out / "html" / "page.html"
    page.write_text("as it was")
    assert build.main(house.arguments) == 0
    assert "page.html" in house.found, "what did not change is not written again"
    assert not house.shown
    assert page.read_text() == "as it was"
    house.does(status=1)
    assert build.main(house.arguments) == 1
    assert not (house.out / "html").exists()
    assert (house.out / build.UNFINISHED / "page.html").exists()
    house.does()
    assert build.main(house.arguments) == 0
    assert house.found == set(), "a page of a failed build was taken over"


@pytest.mark.parametrize("lost", ["html/" + NAME, ".doctrees"])
def test_what_a_build_did_not_finish_is_forgotten_and_what_ran_is_kept(house, lost):
    house.does()
    assert build.main(house.arguments) == 0
    (house.out / "html" / "page.html").write_text("half a page")
    for name in ("instructors", "jupyter_execute"):
        (house.out / name).mkdir()
    (house.out / "instructors.zip").write_text("old")
    build.remove(house.out / lost)
    assert build.main(house.arguments) == 0
    assert not (house.out / "html" / "page.html").exists()
    left = {path.name for path in house.out.iterdir()}
    assert not left & {"instructors", "instructors.zip", "jupyter_execute", build.UNFINISHED}
    assert ".jupyter_cache" in left


def test_an_interrupt_is_no_failure_of_the_book(house, capsys):
    house.does(status=KeyboardInterrupt())
    assert build.main(house.arguments) == 130
    said = capsys.readouterr().err
    assert "Interrupted" in said
    assert "FAILED" not in said
    assert not (house.out / ".doctrees").exists()


def test_where_nothing_can_be_written_another_folder_is_named(house, monkeypatch, capsys):
    house.does()

    @contextmanager
    def held(folder):
        raise OSError(errno.EROFS, "Read-only file system", str(folder / ".lock"))
        yield

    monkeypatch.setattr(build.lock, "held", held)
    assert build.main(house.arguments) == 2
    said = capsys.readouterr().err
    assert str(house.out / ".lock") in said
    assert "make book OUT=" in said


@pytest.mark.parametrize(
    "fault", [{"status": 1}, {"status": OSError(errno.ENOSPC, "No space left on device")}]
)
def test_a_full_disk_is_said(house, fault, monkeypatch, capsys):
    house.does(**fault)
    monkeypatch.setattr(build.shutil, "disk_usage", lambda folder: SimpleNamespace(free=3 * 2**20))
    assert build.main(house.arguments) in (1, 2)
    assert f"The disk is full: 3 MB are free in {house.out}" in capsys.readouterr().err


def test_a_list_of_fonts_that_is_cut_off_is_made_anew(house):
    fonts = house.out / ".matplotlib"
    fonts.mkdir(parents=True)
    (fonts / "fontlist-v1.json").write_text('{"half')
    (fonts / "fontlist-v1.json.matplotlib-lock").touch()  # it would wait for that
    house.does()
    assert build.main(house.arguments) == 0
    assert list(fonts.iterdir()) == []


@pytest.mark.parametrize("profile", ["fast", "CPU"])
def test_an_unknown_profile_is_named_with_those_that_exist_before_anything_runs(
    house, profile, monkeypatch, capsys
):
    house.does()
    monkeypatch.setenv(profiles.VARIABLE, profile)
    assert build.main(house.arguments) == 2
    said = capsys.readouterr().err
    assert f"The book was not built: unknown profile '{profile}'; choose one of: quick, cpu, gpu" in said
    assert house.asked is None
    assert not house.out.exists()


def test_gpu_without_a_device_is_said_before_anything_runs(house, monkeypatch, capsys):
    import torch

    house.does()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv(profiles.VARIABLE, "gpu")
    assert build.main(house.arguments) == 2
    assert "needs a CUDA device" in capsys.readouterr().err
    assert house.asked is None


def test_an_altered_data_file_is_named_before_anything_runs(house, monkeypatch, capsys):
    house.does()

    def read_set(name):
        raise DataFileError(f"{name}.gz: altered")

    monkeypatch.setattr(files, "read_set", read_set)
    assert build.main(house.arguments) == 2
    assert "The book was not built: mnist.gz: altered" in capsys.readouterr().err
    assert house.asked is None


def test_every_data_set_is_verified(house, monkeypatch):
    house.does()
    read = []
    monkeypatch.setattr(files, "read_set", read.append)
    build.main(house.arguments)
    assert read == list(files.manifest())


def test_the_kernels_take_nothing_from_whoever_builds(house):
    house.does()
    build.main(house.arguments)
    for name in ("IPYTHONDIR", "MPLCONFIGDIR"):
        assert Path(os.environ[name]).parent == house.out


def test_the_list_of_fonts_is_made_once(house, monkeypatch):
    """Else the first cell that draws would say on stderr that it makes one."""

    def list_fonts(*_, **__):
        made.append(1)
        (house.out / ".matplotlib" / "fontlist-v1.json").write_text("{}")

    made = []
    monkeypatch.setattr(build.subprocess, "run", list_fonts)
    house.does()
    for _ in range(2):
        build.main(house.arguments)
    assert made == [1]
