"""What students install: everything that a run asks for, in the lock's versions, and nothing else."""

import importlib.metadata
from pathlib import Path

import pytest

from groundtruth.sphinxext.pins import PinError, as_lines, locked, run_time

ROOT = Path(__file__).parents[2]

NEEDS = {
    "torch": ["sympy>=1", "setuptools<82", "nvidia-cublas; platform_system == 'Nowhere'", "opt; extra == 'fast'"],
    "sympy": ["mpmath"],
    "mpmath": None,
    "jax": ["ml_dtypes"],
    "ml_dtypes": [],
    "opt": [],
    "sphinx": ["docutils"],
}  # fmt: skip
LOCK = """\
# head
mpmath==1.3.0
ml_dtypes==0.6.0
jax==0.10.2
opt==1
sphinx==7.4.7
SymPy==1.14.0
torch==2.13.0
-e .
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that asks for two, a lock, and what the packages of the lock ask for."""
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: NEEDS[name.lower()])
    (tmp_path / "requirements.txt").write_text(LOCK)
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["torch==2.13.0"]\n[project.optional-dependencies]\n'
        'frameworks = ["jax>=0.10"]\nbook = ["sphinx"]\n'
    )
    return tmp_path


def test_it_follows_what_packages_ask_for_and_takes_the_versions_of_the_lock(package):
    assert run_time(package) == {"mpmath": "1.3.0", "SymPy": "1.14.0", "torch": "2.13.0"}
    assert list(run_time(package)) == ["mpmath", "SymPy", "torch"]


def test_an_extra_adds_its_own(package):
    assert run_time(package, "frameworks").keys() - run_time(package).keys() == {"jax", "ml_dtypes"}


def test_an_extra_of_a_requirement_is_followed(package):
    text = (package / "pyproject.toml").read_text()
    (package / "pyproject.toml").write_text(text.replace("torch==2.13.0", "torch[fast]==2.13.0"))
    assert "opt" in run_time(package)


def test_a_direct_need_without_a_pin_is_an_error(package):
    (package / "requirements.txt").write_text(LOCK.replace("torch==2.13.0\n", ""))
    with pytest.raises(PinError, match=r"asks for torch, and requirements.txt has no line 'torch==…'"):
        run_time(package)


def test_lines_are_pins():
    assert as_lines({"a": "1", "b-c": "2.0"}) == "a==1\nb-c==2.0\n"
    assert locked("a_b==1\n-e .\n# c==3\n") == {"a-b": ("a_b", "1")}


def test_of_the_real_lock_students_install_the_same_versions_and_no_tools_of_the_site():
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    common, all_ = run_time(ROOT), run_time(ROOT, "frameworks")
    assert set(as_lines(all_).splitlines()) <= set(lock)
    assert {"torch", "pytorch-lightning", "matplotlib", "ipywidgets", "tqdm"} <= common.keys()
    extra = all_.keys() - common.keys()
    assert {"jax", "keras", "onnx", "onnxruntime"} <= extra
    for tool in ("Sphinx", "myst-nb", "jupyter-book", "furo", "pytest", "playwright", "ruff", "hatchling"):
        assert tool in locked("\n".join(lock)) or tool.lower() in locked("\n".join(lock))
        assert tool not in all_
