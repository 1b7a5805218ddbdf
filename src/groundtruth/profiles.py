"""How much work a run does, and on which device: chosen here and nowhere else.

Used by every chapter. A profile is chosen by the environment variable ``GROUNDTRUTH_PROFILE``
(``make book PROFILE=quick`` sets it); without it, ``cpu`` is meant.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import torch

VARIABLE = "GROUNDTRUTH_PROFILE"
BF16_VARIABLE = "GROUNDTRUTH_BF16"

T = TypeVar("T")


class ProfileError(ValueError):
    """The profile that was asked for does not exist, or this machine cannot run it."""


@dataclass(frozen=True)
class Profile:
    """One answer to "how much work?": sizes, steps and seeds differ between profiles, code does not."""

    name: str
    accelerator: str
    """``"cpu"`` or ``"cuda"``."""
    evaluates_training: bool
    """Whether runs are long enough for claims about trained networks to be evaluated."""
    meaning: str
    """One sentence for the reader of a page."""

    def pick(self, *, quick: T, cpu: T, gpu: T | None = None) -> T:
        """Return the value meant for this profile; ``gpu`` falls back on ``cpu`` where it is not given."""
        values = {"quick": quick, "cpu": cpu, "gpu": cpu if gpu is None else gpu}
        return values[self.name]

    def seeds(self, count: int, *, quick: int = 2) -> list[int]:
        """Return the seeds of an experiment: ``0 … count-1``, and only the first ``quick`` in *quick*."""
        if count < 1 or quick < 1:
            raise ProfileError(f"an experiment needs at least one seed; got count={count}, quick={quick}")
        return list(range(min(quick, count) if self.name == "quick" else count))

    def device(self) -> torch.device:
        """Return the device that every run of this profile uses.

        Raises:
            ProfileError: the profile wants CUDA and this machine has none.

        """
        import torch  # noqa: PLC0415 - importing profiles must stay cheap

        if self.accelerator == "cuda" and not torch.cuda.is_available():
            raise ProfileError(
                f"profile '{self.name}' needs a CUDA device and PyTorch sees none here. "
                f"Choose {VARIABLE}=cpu, or install a CUDA build of PyTorch on a machine with a GPU."
            )
        return torch.device(self.accelerator)

    def precision(self) -> str:
        """Return Lightning's word for the arithmetic: ``"bf16-mixed"`` where the device has it, else ``"32-true"``."""
        return "bf16-mixed" if has_bf16(self.accelerator) else "32-true"


QUICK = Profile(
    "quick", "cpu", False, "Every cell ran on a small part of its work; trained results mean nothing."
)
CPU = Profile("cpu", "cpu", True, "Full data sets on a processor with two cores: the published book.")
GPU = Profile("gpu", "cuda", True, "Bigger networks and longer runs on one CUDA device.")
PROFILES = {profile.name: profile for profile in (QUICK, CPU, GPU)}


def named(name: str) -> Profile:
    """Return the profile with this name.

    Raises:
        ProfileError: there is none; the message lists those that exist.

    """
    try:
        return PROFILES[name]
    except KeyError:
        raise ProfileError(f"unknown profile {name!r}; choose one of: {', '.join(PROFILES)}") from None


def active() -> Profile:
    """Return the profile that ``GROUNDTRUTH_PROFILE`` names, ``cpu`` where it is unset or empty."""
    return named(os.environ.get(VARIABLE) or "cpu")


def has_bf16(accelerator: str = "cpu") -> bool:
    """Whether the device multiplies bfloat16 in hardware; elsewhere bf16 would be slower than float32.

    ``GROUNDTRUTH_BF16=0`` answers no without asking the device (every claim must hold either way).
    """
    if os.environ.get(BF16_VARIABLE, "1") == "0":
        return False
    import torch  # noqa: PLC0415 - importing profiles must stay cheap

    if accelerator == "cuda":
        return torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())
