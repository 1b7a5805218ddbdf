"""The students' archive: what lies in it, that equal content gives equal bytes, and when the wheel is made anew."""

import zipfile
from types import SimpleNamespace

import pytest

from groundtruth.sphinxext import archive
from groundtruth.sphinxext.archive import ArchiveError, make


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A package, pages with two notebooks, and a packager that notes its calls instead of packing."""
    package, html = tmp_path / "package", tmp_path / "html"
    (package / "src" / "groundtruth").mkdir(parents=True)
    (package / "src" / "groundtruth" / "a.py").write_text("x = 1\n")
    (package / "pyproject.toml").write_text("[project]\n")
    (html / "notebooks").mkdir(parents=True)
    for name in ("beta", "alpha"):
        (html / "notebooks" / f"{name}.ipynb").write_text(f'{{"name": "{name}"}}')
    calls = []

    def pack(command, cwd, **_):
        calls.append(command)
        folder = archive.Path(command[command.index("-d") + 1])
        folder.mkdir(parents=True)
        (folder / "groundtruth-0.1.0-py3-none-any.whl").write_text(
            f"wheel of {(package / 'src/groundtruth/a.py').read_text()}"
        )
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(archive.subprocess, "run", pack)
    return SimpleNamespace(package=package, html=html, kept=tmp_path / ".wheel", calls=calls)


def made(house):
    return make(house.html, house.package, house.kept)


def test_it_holds_every_notebook_the_wheel_and_instructions(house):
    path = made(house)
    assert path == house.html / "notebooks.zip"
    with zipfile.ZipFile(path) as bundle:
        assert bundle.testzip() is None
        assert bundle.namelist() == [
            "README.txt",
            "alpha.ipynb",
            "beta.ipynb",
            "groundtruth-0.1.0-py3-none-any.whl",
        ]
        assert bundle.read("alpha.ipynb") == (house.html / "notebooks" / "alpha.ipynb").read_bytes()
        assert b"pip install jupyterlab" in bundle.read("README.txt")
    assert not list(house.html.glob("*.new"))


def test_equal_content_gives_equal_bytes(house):
    first = made(house).read_bytes()
    (house.html / "notebooks" / "alpha.ipynb").touch()
    assert made(house).read_bytes() == first


def test_the_wheel_is_made_anew_only_when_the_package_changed(house):
    first = made(house).read_bytes()
    (house.package / "src/groundtruth/__pycache__").mkdir()
    (house.package / "src/groundtruth/__pycache__/a.pyc").write_text("x")
    made(house)
    assert len(house.calls) == 1
    (house.package / "src/groundtruth/a.py").write_text("x = 2\n")
    assert made(house).read_bytes() != first
    assert len(house.calls) == 2
    assert len(list(house.kept.glob("*/*.whl"))) == 1  # the old one takes no room


def test_a_packager_that_fails_is_heard(house, monkeypatch):
    failed = SimpleNamespace(returncode=1, stdout="said", stderr="no licence file")
    monkeypatch.setattr(archive.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(ArchiveError, match="could not be made:\nsaidno licence file"):
        made(house)
    assert not (house.html / "notebooks.zip").exists()
