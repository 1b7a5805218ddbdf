"""A training as a job: LeNet on Fashion-MNIST, alone or shared by the processes it was started as.

Used by the chapter *gpus-and-clusters* and by the scripts in ``slurm/``: ``python -m groundtruth.jobs.clothes --help``.
The profile chooses the device. Nothing here knows of Slurm: ``team.here`` looks who started the process.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from groundtruth import profiles
from groundtruth.data import fashion_mnist
from groundtruth.data.images import ImageSet
from groundtruth.data.modules import ImageDataModule
from groundtruth.models.lenet import LeNet
from groundtruth.training import team
from groundtruth.training.fit import fit
from groundtruth.training.settings import OptimizerSettings


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and write ``seed-<n>.json`` and ``seed-<n>.pt`` into a folder."""
    parser = argparse.ArgumentParser(prog="python -m groundtruth.jobs.clothes", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for what comes out")
    parser.add_argument("--seed", type=int, nargs="+", default=[0], help="one training for each")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--images", type=int, default=50_000, help="pictures to train on, at most 55,000")
    parser.add_argument("--batch", type=int, default=250, help="pictures a step, over all processes")
    parser.add_argument("--rate", type=float, default=0.02)
    parser.add_argument("--momentum", type=float, default=0.9)
    parser.add_argument(
        "--keep",
        action="store_true",
        help="write a checkpoint after each epoch, and go on from the one that is there",
    )
    chosen = parser.parse_args(arguments)
    chosen.out.mkdir(parents=True, exist_ok=True)
    clothing = fashion_mnist.load()
    for seed in chosen.seed:
        train(chosen, seed, clothing)


def train(chosen: argparse.Namespace, seed: int, clothing: ImageSet) -> None:
    """Train with one seed, as this process or as one of several, and write what came out."""
    name = f"seed-{seed}"
    kept = chosen.out / f"{name}.ckpt" if chosen.keep else None
    goes_on = kept is not None and kept.is_file()
    together = team.here()
    size, first = (together.size, together.rank == 0) if together else (1, True)
    if first:
        print(f"{name}: {'goes on' if goes_on else 'begins'}, {size} process(es)", flush=True)
    data = ImageDataModule(
        clothing, batch_size=chosen.batch, validation=5000, limit=chosen.images, drop_last=True
    )
    result = fit(
        LeNet,
        data,
        profiles.active(),
        seed=seed,
        epochs=chosen.epochs,
        optimizer=OptimizerSettings("sgd", chosen.rate, momentum=chosen.momentum),
        checkpoint=kept,
        resume=kept if goes_on else None,
        progress=False,
        team=together,
    )
    if not first:
        return
    found = {
        "seed": seed,
        "processes": size,
        "restarts": int(os.environ.get("SLURM_RESTART_COUNT", "0")),
        "device": result.device,
        "steps": result.steps,
        "step_loss": result.step_loss,
        "train_loss": result.train_loss,
        "val_accuracy": result.val_accuracy,
        "test_accuracy": result.test_accuracy,
        "train_seconds": result.train_seconds,
        "weights": digest(result.model),
    }
    torch.save(result.model.state_dict(), chosen.out / f"{name}.pt")
    (chosen.out / f"{name}.json").write_text(json.dumps(found), encoding="utf-8")
    if kept is not None:
        kept.unlink(missing_ok=True)  # the run is over: a new one begins anew
    print(
        f"{name}: test accuracy {result.test_accuracy:.2%} after {result.steps} steps, weights {found['weights']}"
    )


def digest(network: nn.Module) -> str:
    """Return twelve letters that differ as soon as one bit of one weight does."""
    hashed = hashlib.sha256()
    for name, values in network.state_dict().items():
        hashed.update(name.encode())
        hashed.update(values.detach().cpu().contiguous().numpy().tobytes())
    return hashed.hexdigest()[:12]


if __name__ == "__main__":
    main()
