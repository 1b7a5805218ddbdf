"""Which of several processes this one is: what ``fit`` needs to know to share one training with others.

Used by the chapter *gpus-and-clusters*. Somebody else starts the processes: ``groundtruth.jobs.together`` on one
machine, ``torchrun``, or ``srun`` on a cluster. Each then finds in its environment who it is.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

MEETING_VARIABLE = "GROUNDTRUTH_MEETING"
"""Path of a file, not yet there, through which processes of one machine find each other: no port is needed."""

_meetings = itertools.count()


@dataclass(frozen=True)
class Team:
    """One of several processes that train one network together.

    Raises:
        ValueError: a number that cannot be, or a team whose nodes do not hold equally many.

    """

    rank: int
    """From 0 to ``size - 1``; the process with rank 0 writes the checkpoint."""
    local_rank: int
    """Its number among those on its machine, and the number of its GPU."""
    size: int
    """Processes in all."""
    nodes: int = 1
    """Machines, with equally many processes each."""
    meeting: Path | None = None
    """File through which they find each other; without it, by the address that Slurm's or torchrun's variables give."""
    slurm: bool = False
    """Whether srun started them."""

    def __post_init__(self) -> None:
        """Refuse numbers that contradict each other."""
        if self.size < 1 or self.nodes < 1 or self.size % self.nodes:
            raise ValueError(
                f"a team needs equally many processes on each machine; got {self.size} on {self.nodes}"
            )
        if not 0 <= self.rank < self.size:
            raise ValueError(f"rank must lie in 0 … {self.size - 1}; got {self.rank}")
        if not 0 <= self.local_rank < self.local_size:
            raise ValueError(f"local_rank must lie in 0 … {self.local_size - 1}; got {self.local_rank}")

    @property
    def local_size(self) -> int:
        """Processes on each machine."""
        return self.size // self.nodes

    def share(self, batch: Any) -> Any:
        """Return this process's part of a batch: an equal block of every tensor in it, along the first axis.

        Equal, because the mean over the batch is the mean of the processes' means only then.

        Raises:
            ValueError: the batch cannot be divided equally.
            TypeError: something that is neither a tensor nor a tuple, list or dictionary of such.

        """
        if isinstance(batch, Tensor):
            if len(batch) % self.size:
                raise ValueError(
                    f"a batch of {len(batch)} examples cannot be shared equally among {self.size} processes: choose a "
                    f"batch size that {self.size} divides, and leave out a shorter last batch (drop_last=True)"
                )
            part = len(batch) // self.size
            return batch[self.rank * part : (self.rank + 1) * part]
        if isinstance(batch, tuple | list):
            return type(batch)(self.share(one) for one in batch)
        if isinstance(batch, dict):
            return {name: self.share(one) for name, one in batch.items()}
        raise TypeError(f"a batch to be shared must be made of tensors; got {type(batch).__name__}")

    def device(self, device: torch.device) -> torch.device:
        """Return this process's own device of the kind that the profile wants."""
        return torch.device("cuda", self.local_rank) if device.type == "cuda" else device

    @contextlib.contextmanager
    def together(self, backend: str) -> Iterator[None]:
        """Let the processes find each other, unless they have, and part again at the end.

        Without a file Lightning does it, by the address in the environment.
        """
        if dist.is_initialized():
            yield
            return
        try:
            if self.meeting is not None:
                # A file serves once: its entries stay.
                place = self.meeting.with_name(f"{self.meeting.name}.{next(_meetings)}")
                dist.init_process_group(
                    backend, init_method=place.absolute().as_uri(), rank=self.rank, world_size=self.size
                )
            yield
        finally:
            if dist.is_initialized():
                dist.destroy_process_group()


def here(environment: Mapping[str, str] | None = None) -> Team | None:
    """Return the team that this process was started in, None where it was started alone.

    Args:
        environment: variables of ``torchrun`` (also set by ``groundtruth.jobs.together``) or of ``srun``; those of this
            process without it.

    Raises:
        ValueError: variables that contradict each other, or some of them are missing.

    """
    given = os.environ if environment is None else environment
    names: tuple[str, str, str]
    if "WORLD_SIZE" in given:
        names = ("RANK", "LOCAL_RANK", "WORLD_SIZE")
    elif (
        int(given.get("SLURM_NTASKS", "1")) > 1 and "SLURM_STEP_ID" in given
    ):  # not in the batch script itself
        names = ("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NTASKS")
    else:
        return None
    missing = [name for name in names if name not in given]
    if missing:
        raise ValueError(
            f"{names[2]} says that there are several processes, but {', '.join(missing)} is not set"
        )
    rank, local_rank, size = (int(given[name]) for name in names)
    if names[0] == "RANK":
        local_size = int(given.get("LOCAL_WORLD_SIZE", size))
        meeting = given.get(MEETING_VARIABLE)
        return Team(rank, local_rank, size, size // local_size, Path(meeting) if meeting else None)
    return Team(rank, local_rank, size, int(given.get("SLURM_NNODES", "1")), slurm=True)
