"""The students' archive: what lies in it, that equal content gives equal bytes, and when the wheel is made anew."""

import json
import re
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
    (package / "pyproject.toml").write_text(
        '[project]\ndependencies = ["numpy>=2"]\n[project.optional-dependencies]\nframeworks = ["tqdm"]\n'
    )
    (package / "requirements.txt").write_text("numpy==2.4.6\nsphinx==7.4.7\ntqdm==4.70.1\n-e .\n")
    (html / "notebooks").mkdir(parents=True)
    (tmp_path / "instructors").mkdir()
    for name in ("beta", "alpha"):
        (html / "notebooks" / f"{name}.ipynb").write_text(f'{{"name": "{name}"}}')
        (tmp_path / "instructors" / f"{name}.ipynb").write_text(f'{{"name": "{name}", "solution": 1}}')
    listed = [{"slug": "beta", "title": "The first"}, {"slug": "alpha", "title": "The second"}]
    (html / "build-report.json").write_text(json.dumps({"chapters": listed}))
    calls = []

    def pack(command, cwd, **_):
        calls.append(command)
        folder = archive.Path(command[command.index("-d") + 1])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "groundtruth-0.1.0-py3-none-any.whl").write_text(
            f"wheel of {(package / 'src/groundtruth/a.py').read_text()}"
        )
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(archive.subprocess, "run", pack)
    return SimpleNamespace(package=package, html=html, kept=tmp_path / ".wheel", calls=calls)


def made(house):
    return make(house.html, house.package, house.kept)


FILES = [
    "README.txt",
    "alpha.ipynb",
    "beta.ipynb",
    "groundtruth-0.1.0-py3-none-any.whl",
    "requirements-frameworks.txt",
    "requirements.txt",
]


def test_it_holds_every_notebook_the_wheel_what_to_install_and_instructions(house):
    path = made(house)
    assert path == house.html / "notebooks.zip"
    with zipfile.ZipFile(path) as bundle:
        assert bundle.testzip() is None
        assert bundle.namelist() == FILES
        assert bundle.read("alpha.ipynb") == (house.html / "notebooks" / "alpha.ipynb").read_bytes()
        readme = bundle.read("README.txt").decode()
        assert "pip install jupyterlab -r requirements.txt groundtruth-0.1.0-py3-none-any.whl" in readme
        assert "pip install -r requirements-frameworks.txt" in readme
        order = re.findall(r"^    (\w+)\.ipynb +(.+)$", readme, re.MULTILINE)
        assert order == [("beta", "The first"), ("alpha", "The second")]
        assert "{" not in readme
        assert len(readme.splitlines()) < 60, "more than a page"
        assert max(len(line) for line in readme.splitlines()) < 120
    assert not list(house.html.glob("*.new"))


def test_students_install_the_pins_of_the_lock_and_nothing_of_the_site(house):
    with zipfile.ZipFile(made(house)) as bundle:
        common, more = (bundle.read(name).decode() for name in reversed(FILES[-2:]))
    assert [line for line in common.splitlines() if not line.startswith("#")] == ["numpy==2.4.6"]
    assert [line for line in more.splitlines() if not line.startswith("#")] == [
        "-r requirements.txt",
        "tqdm==4.70.1",
    ]


def test_a_package_that_the_lock_lacks_is_named(house):
    (house.package / "requirements.txt").write_text("tqdm==4.70.1\n")
    with pytest.raises(ArchiveError, match=r"asks for numpy, and requirements.txt has no line 'numpy==…'"):
        made(house)


def test_the_instructors_archive_lies_outside_of_the_pages(house):
    made(house)
    path = house.html.parent / "instructors.zip"
    with zipfile.ZipFile(path) as bundle:
        assert bundle.namelist() == FILES
        assert b"solution" in bundle.read("alpha.ipynb")
        assert "FOR INSTRUCTORS" in bundle.read("README.txt").decode()
    assert not list(house.html.rglob("instructors*"))


def test_an_archive_that_holds_just_this_is_left_alone(house):
    path = made(house)
    written = path.stat().st_mtime_ns, path.stat().st_ino
    made(house)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == written
    (house.html / "notebooks" / "alpha.ipynb").write_text("{}")
    made(house)
    assert path.stat().st_ino != written[1]
    with zipfile.ZipFile(path) as bundle:
        assert bundle.read("alpha.ipynb") == b"{}"


def test_equal_content_gives_equal_bytes(house):
    first = made(house).read_bytes()
    (house.html / "notebooks" / "alpha.ipynb").touch()
    (house.html / "notebooks.zip").unlink()
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


def test_what_a_killed_build_left_half_made_is_not_taken(house):
    half = house.kept / "unfinished"
    half.mkdir(parents=True)
    (half / "groundtruth-0.1.0-py3-none-any.whl").write_text("half")
    with zipfile.ZipFile(made(house)) as bundle:
        assert bundle.read("groundtruth-0.1.0-py3-none-any.whl") != b"half"
    assert not half.exists()


def test_a_packager_that_fails_is_heard(house, monkeypatch):
    failed = SimpleNamespace(returncode=1, stdout="said", stderr="no licence file")
    monkeypatch.setattr(archive.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(ArchiveError, match="could not be made:\nsaidno licence file"):
        made(house)
    assert not (house.html / "notebooks.zip").exists()
