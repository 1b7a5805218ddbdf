"""The number of threads follows from the machine and the configuration, never from what else runs."""

import pytest

from groundtruth import profiles
from groundtruth.sphinxext import cores


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine with eight cores, and an environment that asks for nothing."""
    for name in (cores.VARIABLE, *cores.THREADS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cores, "cores", lambda: 8)


@pytest.mark.parametrize(
    ("count", "at_once", "beside", "alone"), [(1, 1, 1, 1), (2, 2, 1, 2), (3, 2, 1, 3), (8, 2, 4, 8)]
)
def test_chapters_that_run_side_by_side_share_the_cores(monkeypatch, count, at_once, beside, alone):
    monkeypatch.setattr(cores, "cores", lambda: count)
    assert cores.at_once(profiles.CPU) == at_once
    assert cores.threads_of("one", ["other"], profiles.CPU) == beside
    assert cores.threads_of("other", ["other"], profiles.CPU) == alone


def test_never_two_on_one_gpu(monkeypatch):
    assert cores.at_once(profiles.GPU) == 1
    monkeypatch.setenv(cores.VARIABLE, "4")
    assert cores.at_once(profiles.GPU) == 1
    assert cores.threads_of("one", [], profiles.GPU) == 8


def test_more_or_fewer_at_once_where_asked(monkeypatch):
    for asked, gives in (("1", 1), ("4", 4), ("99", 8)):
        monkeypatch.setenv(cores.VARIABLE, asked)
        assert cores.at_once(profiles.CPU) == gives
        assert cores.threads_of("one", [], profiles.CPU) == 8 // gives


@pytest.mark.parametrize("asked", ["0", "-1", "two", "1.5"])
def test_a_number_that_is_none_is_named(monkeypatch, asked):
    monkeypatch.setenv(cores.VARIABLE, asked)
    with pytest.raises(cores.CoresError, match=f"{cores.VARIABLE} must be a whole number.*'{asked}'"):
        cores.at_once(profiles.CPU)


def test_whoever_builds_may_ask_for_fewer_threads(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert cores.threads_of("one", [], profiles.CPU) == 3
    assert cores.threads_of("one", ["one"], profiles.CPU) == 3


def test_every_library_is_told(monkeypatch):
    monkeypatch.setenv("HOME", "/home/somebody")
    told = cores.environment_of(2)
    assert told["HOME"] == "/home/somebody"
    assert {told[name] for name in cores.THREADS} == {"2"}
    assert not set(cores.THREADS) & set(cores.environment_of(8)), "with all cores they choose themselves"
