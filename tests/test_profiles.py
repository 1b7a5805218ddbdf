"""How much work, on which device: what each profile answers, and what it refuses."""

import dataclasses

import pytest
import torch

from groundtruth import profiles
from groundtruth.profiles import CPU, GPU, PROFILES, QUICK, ProfileError, active, has_bf16, named

WITHOUT_CUDA = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")


def test_the_variable_chooses_and_cpu_is_meant_without_it(monkeypatch):
    for name, profile in PROFILES.items():
        monkeypatch.setenv(profiles.VARIABLE, name)
        assert active() is profile
        assert profile.name == name
    monkeypatch.setenv(profiles.VARIABLE, "")
    assert active() is CPU
    monkeypatch.delenv(profiles.VARIABLE)
    assert active() is CPU


@pytest.mark.parametrize("name", ["fast", "CPU", " cpu", "cuda"])
def test_an_unknown_profile_names_those_that_exist(name, monkeypatch):
    with pytest.raises(ProfileError, match=f"unknown profile '{name}'; choose one of: quick, cpu, gpu"):
        named(name)
    monkeypatch.setenv(profiles.VARIABLE, name)
    with pytest.raises(ProfileError, match="choose one of"):
        active()


def test_each_profile_picks_its_own_size():
    sizes = {"quick": 1, "cpu": 10, "gpu": 100}
    assert [profile.pick(**sizes) for profile in (QUICK, CPU, GPU)] == [1, 10, 100]
    assert GPU.pick(quick=1, cpu=10) == 10
    assert GPU.pick(quick=1, cpu=10, gpu=0) == 0


def test_seeds_are_the_first_ones_and_fewer_in_quick():
    assert CPU.seeds(5) == GPU.seeds(5) == [0, 1, 2, 3, 4]
    assert QUICK.seeds(5) == [0, 1]
    assert QUICK.seeds(5, quick=3) == [0, 1, 2]
    assert QUICK.seeds(1) == CPU.seeds(1) == [0]


@pytest.mark.parametrize(("count", "quick"), [(0, 2), (-1, 2), (5, 0)])
@pytest.mark.parametrize("profile", [QUICK, CPU])
def test_an_experiment_without_seeds_is_refused(profile, count, quick):
    with pytest.raises(ProfileError, match="at least one seed"):
        profile.seeds(count, quick=quick)


def test_only_quick_leaves_training_unjudged():
    assert [profile.name for profile in PROFILES.values() if not profile.evaluates_training] == ["quick"]


def test_the_device_is_the_profiles():
    assert QUICK.device() == CPU.device() == torch.device("cpu")


@WITHOUT_CUDA
def test_gpu_without_cuda_says_what_to_do():
    with pytest.raises(
        ProfileError, match=r"profile 'gpu' needs a CUDA device .* Choose GROUNDTRUTH_PROFILE=cpu"
    ):
        GPU.device()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gpu_with_cuda_runs_there():
    assert GPU.device().type == "cuda"
    assert torch.ones(2, device=GPU.device()).sum().item() == 2


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_bf16_can_be_forbidden(profile, monkeypatch):
    monkeypatch.setenv(profiles.BF16_VARIABLE, "0")
    assert not has_bf16(profile.accelerator)
    assert profile.precision() == "32-true"


@pytest.mark.parametrize("value", ["1", "", "yes"])
@pytest.mark.parametrize(
    ("avx", "amx", "precision"),
    [(False, False, "32-true"), (True, False, "bf16-mixed"), (False, True, "bf16-mixed")],
)
def test_precision_follows_the_processor_where_bf16_is_allowed(value, avx, amx, precision, monkeypatch):
    monkeypatch.setenv(profiles.BF16_VARIABLE, value)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx)
    assert CPU.precision() == precision


@WITHOUT_CUDA
def test_a_machine_without_cuda_has_no_bf16_there(monkeypatch):
    monkeypatch.setenv(profiles.BF16_VARIABLE, "1")
    assert GPU.precision() == "32-true"


def test_profiles_cannot_be_altered():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CPU.name = "mine"
