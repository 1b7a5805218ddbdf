"""Data parallelism by hand: several processes, each with a part of the batch, that average their gradients.

Used by the chapter *gpus-and-clusters*, which also starts this module as several processes.

The gradient of a mean is the mean of gradients: for equal parts, the mean of the parts' gradients is the gradient of
the whole batch. So every process takes the step that one process would have taken on all of it.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor

Weights = list[Tensor]
Loss = Callable[[Weights, Tensor, Tensor], Tensor]


def part(batch: Tensor, rank: int, size: int) -> Tensor:
    """Return the block of a batch (N, …) that belongs to process ``rank`` of ``size``: (N / size, …).

    Raises:
        ValueError: the batch cannot be divided equally.

    """
    if len(batch) % size:
        raise ValueError(f"{len(batch)} examples cannot be shared equally among {size} processes")
    each = len(batch) // size
    return batch[rank * each : (rank + 1) * each]


def average(gradient: Tensor) -> Tensor:
    """Return the mean of all processes' gradients, which each of them hands over by calling this."""
    total = gradient.clone()
    dist.all_reduce(total)  # waits for the others; then every process holds the sum
    return total / dist.get_world_size()


def train(
    weights: Weights,
    loss: Loss,
    batches: Sequence[tuple[Tensor, Tensor]],
    rate: float,
    mean: Callable[[Tensor], Tensor] = average,
) -> Weights:
    """Return the weights after a step of descent on each batch, or on this process's parts of them.

    Args:
        weights: where to start; they stay as they are.
        loss: mean loss of inputs (N, …) and targets (N, …) under weights.
        batches: inputs and targets, one pair a step.
        rate: learning rate.
        mean: makes one gradient of all processes' gradients; the identity for a process alone.

    """
    weights = [w.clone().requires_grad_() for w in weights]
    for x, y in batches:
        slopes = torch.autograd.grad(loss(weights, x, y), weights)
        with torch.no_grad():
            for w, slope in zip(weights, slopes, strict=True):
                w.sub_(rate * mean(slope))
    return [w.detach() for w in weights]


def ring(vectors: Sequence[Tensor]) -> tuple[list[Tensor], int]:
    """Add up one vector of each of K processes, so that all hold the sum, by passing pieces round a ring.

    Each cuts its vector into K pieces. In K - 1 rounds a process sends one piece to the next, which adds it to its own:
    then each holds one finished piece. In K - 1 more rounds the finished pieces go round. Source: Patarasuk & Yuan,
    "Bandwidth optimal all-reduce algorithms for clusters of workstations", 2009.

    Args:
        vectors: K vectors (P,), one a process.

    Returns:
        What each process holds at the end, (P,) each, and how many numbers the busiest of them sent.

    """
    size = len(vectors)
    pieces = [list(torch.tensor_split(vector.clone(), size)) for vector in vectors]
    sent = [0] * size
    for add in (True, False):
        for turn in range(size - 1):
            leaving = []  # all send at the same time
            for rank in range(size):
                which = (rank - turn + (0 if add else 1)) % size
                leaving.append((which, pieces[rank][which].clone()))
                sent[rank] += len(leaving[-1][1])
            for rank, (which, piece) in enumerate(leaving):
                following = (rank + 1) % size
                pieces[following][which] = pieces[following][which] + piece if add else piece
    return [torch.cat(own) for own in pieces], max(sent)


# --- one of the processes --------------------------------------------------------------------------------


def example(seed: int, examples: int = 512, batch: int = 64) -> tuple[Weights, list[tuple[Tensor, Tensor]]]:
    """Return start weights of a network 20-32-3 and batches of a task that it can learn, from a seed."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(examples, 20, generator=generator)
    y = (x @ torch.randn(20, 3, generator=generator)).argmax(dim=1)
    shapes = ((20, 32), (32,), (32, 3), (3,))
    weights = [torch.randn(shape, generator=generator) * 0.2 for shape in shapes]
    return weights, list(zip(x.split(batch), y.split(batch), strict=True))


def cross_entropy(weights: Weights, x: Tensor, y: Tensor) -> Tensor:
    """Return the mean cross-entropy of a network with one hidden layer: x (N, D), y (N,) classes."""
    w1, b1, w2, b2 = weights
    scores = (x @ w1 + b1).relu() @ w2 + b2  # (N, K)
    return torch.nn.functional.cross_entropy(scores, y)


def main() -> None:
    """Train as one of several processes, and save what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("meeting", type=Path, help="file, not yet there, through which the processes meet")
    parser.add_argument("made", type=Path, help="folder for the weights of each process")
    parser.add_argument("seeds", type=int, nargs="+")
    chosen = parser.parse_args()
    rank, size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    dist.init_process_group(
        "gloo", init_method=chosen.meeting.absolute().as_uri(), rank=rank, world_size=size
    )
    for seed in chosen.seeds:
        weights, batches = example(seed)
        mine = [(part(x, rank, size), part(y, rank, size)) for x, y in batches]
        trained = train(weights, cross_entropy, mine, rate=0.5)
        torch.save(trained, chosen.made / f"{seed}-{rank}.pt")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
