"""How many pictures a second one process trains, and how many two, and what they wait for one another.

Used by the chapter *gpus-and-clusters*: ``together.run("groundtruth.jobs.scaling", …, count=2)``. Before the processes
work together the first works alone while the others sleep, once with one core and once with all of theirs.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.distributed as dist
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from groundtruth.models.lenet import LeNet
from groundtruth.models.mlp import MLP
from groundtruth.training.team import MEETING_VARIABLE

NETWORKS: dict[str, Callable[[], nn.Module]] = {"lenet": LeNet, "wide": lambda: MLP((784, 1024, 1024, 10))}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line of JSON: a list of measured values for each way to work."""
    parser = argparse.ArgumentParser(prog="python -m groundtruth.jobs.scaling", description=__doc__)
    parser.add_argument("--network", choices=list(NETWORKS), default="lenet")
    parser.add_argument("--batch", type=int, default=256, help="pictures a step, over all processes")
    parser.add_argument("--steps", type=int, default=10, help="steps of one measurement")
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args(arguments)
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    meeting = Path(os.environ[MEETING_VARIABLE]).absolute().as_uri()
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=size)
    torch.manual_seed(0)
    network = NETWORKS[chosen.network]()
    found: dict[str, object] = {"numbers": sum(p.numel() for p in network.parameters())}
    for name, threads, processes in (("one", 1, 1), ("all", size, 1), ("together", 1, size)):
        torch.set_num_threads(threads)
        values = []
        for repeat in range(chosen.repeats + 1):
            dist.barrier()
            if rank < processes:
                measured = steps(network, chosen.batch // processes, chosen.steps, processes)
                if repeat:  # the first warms up
                    values.append(measured)
        dist.barrier()
        if values:
            found[name] = [chosen.batch * chosen.steps / whole for whole, _ in values]
            found[f"{name}-waiting"] = [waiting / whole for whole, waiting in values]
    if rank == 0:
        print(json.dumps(found))
    dist.destroy_process_group()


def steps(network: nn.Module, batch: int, count: int, processes: int) -> tuple[float, float]:
    """Return the seconds of so many steps, and how many of them went into averaging gradients.

    Args:
        network: for pictures (N, 1, 28, 28) and ten classes; the steps change its weights.
        batch: pictures of this process.
        count: how many steps.
        processes: with more than one, gradients are averaged over all.

    """
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(batch, 1, 28, 28, generator=generator)
    y = torch.randint(0, 10, (batch,), generator=generator)
    parameters = list(network.parameters())
    waited = 0.0
    started = time.perf_counter()
    for _ in range(count):
        slopes: Sequence[Tensor] = torch.autograd.grad(F.cross_entropy(network(x), y), parameters)
        if processes > 1:
            before = time.perf_counter()
            flat = torch.cat([slope.flatten() for slope in slopes])  # one message in place of many
            dist.all_reduce(flat)
            pieces = (flat / processes).split([p.numel() for p in parameters])
            slopes = [piece.view_as(p) for piece, p in zip(pieces, parameters, strict=True)]
            waited += time.perf_counter() - before
        with torch.no_grad():
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter.sub_(0.001 * slope)
    return time.perf_counter() - started, waited


if __name__ == "__main__":
    main()
