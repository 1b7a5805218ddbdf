"""What ``fit`` costs beside a bare PyTorch loop: same batches, seed, arithmetic and record, in turns in one run.

    python benchmarks/training_overhead.py [--rounds 7] [--json PATH]

Each round trains every network once by the bare loop and once by ``fit``, and the order alternates from round to
round. The ratio of a round is fit / bare, both with everything from making the network to the last update, set-up
included; the table gives the median over the rounds and the smallest and largest, and the median ratio of the
processor time, which says more where other programs share the machine. The target is a ratio of at most
1.10 for a network of 12 ms a step or more.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groundtruth.data.modules import Part, TensorDataModule
from groundtruth.models.convnet import ConvNet
from groundtruth.models.mlp import MLP
from groundtruth.profiles import Profile, active
from groundtruth.training.fit import fit
from groundtruth.training.settings import OptimizerSettings

TARGET = 1.10
EXAMPLES = 10_240


@dataclass(frozen=True)
class Case:
    """One network, and how long it is trained in a round."""

    name: str
    make: Callable[[], nn.Module]
    batch_size: int
    epochs: int


CASES = (
    Case("ConvNet (8, 16, 16), batch 128", lambda: ConvNet((8, 16, 16)), 128, 1),
    Case("ConvNet (16, 32, 32), batch 256", lambda: ConvNet((16, 32, 32)), 256, 1),
    Case("MLP 784-128-10, batch 256", lambda: MLP((784, 128, 10)), 256, 5),
)


def synthetic(batch_size: int) -> TensorDataModule:
    """Return random images (10,240, 1, 28, 28) with random labels: for timing, values do not matter."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(EXAMPLES, 1, 28, 28, generator=generator)
    labels = torch.randint(10, (EXAMPLES,), generator=generator)
    return TensorDataModule(images, labels, batch_size=batch_size, validation=0, normalise=False)


def bare(case: Case, part: Part, profile: Profile) -> None:
    """Train as one would by hand, keeping the same figures as ``fit``."""
    device, bf16 = profile.device(), profile.precision() == "bf16-mixed"
    data = synthetic_loader(case, part)
    torch.manual_seed(0)
    model = case.make().to(device)
    if bf16:
        model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(case.epochs):
        losses: list[Tensor] = []
        correct: list[Tensor] = []
        for images, labels in data:
            x, y = images.to(device), labels.to(device)
            if bf16:
                x = x.contiguous(memory_format=torch.channels_last)
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                logits = model(x).float()
                loss = F.cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            correct.append((logits.argmax(1) == y).sum())
        torch.stack(losses).mean().item()
        torch.stack(correct).sum().item()


def through_fit(case: Case, data: TensorDataModule, profile: Profile) -> None:
    """Train by ``fit``."""
    fit(
        case.make,
        data,
        profile,
        seed=0,
        epochs=case.epochs,
        optimizer=OptimizerSettings("adam", 1e-3),
        progress=False,
    )


def synthetic_loader(case: Case, part: Part) -> Any:
    """Return the loader that ``fit`` gets from the data module."""
    return TensorDataModule(
        part.inputs, part.targets, batch_size=case.batch_size, validation=0, normalise=False
    ).train_dataloader()


def timed(task: Callable[[], None], device: torch.device) -> tuple[float, float]:
    """Return wall seconds and this process's processor seconds of a task."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    wall, processor = time.perf_counter(), time.process_time()
    task()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - wall, time.process_time() - processor


def measure(case: Case, rounds: int, profile: Profile) -> dict[str, Any]:
    """Return the figures of one network; the first round warms up and is left out."""
    data, device = synthetic(case.batch_size), profile.device()
    steps = case.epochs * len(data.train_dataloader())
    tasks = {
        "bare": lambda: bare(case, data.train_part, profile),
        "fit": lambda: through_fit(case, data, profile),
    }
    walls: dict[str, list[float]] = {"bare": [], "fit": []}
    processors: dict[str, list[float]] = {"bare": [], "fit": []}
    for number in range(rounds + 1):
        for which in ("bare", "fit") if number % 2 else ("fit", "bare"):
            wall, processor = timed(tasks[which], device)
            if number:
                walls[which].append(wall)
                processors[which].append(processor)
    ratios = [b / a for a, b in zip(walls["bare"], walls["fit"], strict=True)]
    processor_ratios = [b / a for a, b in zip(processors["bare"], processors["fit"], strict=True)]
    return {
        "network": case.name,
        "steps": steps,
        "rounds": rounds,
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "processor_ratio": statistics.median(processor_ratios),
        "bare_ms_per_step": 1000 * statistics.median(walls["bare"]) / steps,
        "fit_ms_per_step": 1000 * statistics.median(walls["fit"]) / steps,
        "ratios": ratios,
        "processor_ratios": processor_ratios,
    }


def cpu_name() -> str:
    """Return the processor's name as the system gives it."""
    info = Path("/proc/cpuinfo")
    names = [
        line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line.lower()
    ]
    return names[0] if names else platform.processor()


def main() -> None:
    """Measure every case, print the table, and write the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count (default 7)")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        parser.error("--rounds must be at least 1")
    profile = active()
    device = profile.device()
    header = {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else cpu_name(),
        "threads": torch.get_num_threads(),
        "precision": profile.precision(),
        "profile": profile.name,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "pytorch_lightning": pl.__version__,
    }
    print("  ".join(f"{key}: {value}" for key, value in header.items()))
    print(
        f"{'network':<34}{'steps':>6}{'n':>4}{'bare ms':>9}{'fit ms':>8}{'ratio':>7}  {'min–max':<12} processor"
    )
    rows = []
    for case in CASES:
        row = measure(case, arguments.rounds, profile)
        rows.append(row)
        print(
            f"{row['network']:<34}{row['steps']:>6}{row['rounds']:>4}{row['bare_ms_per_step']:>9.2f}"
            f"{row['fit_ms_per_step']:>8.2f}{row['ratio']:>7.3f}  {row['ratio_min']:.3f}–{row['ratio_max']:.3f}"
            f"{row['processor_ratio']:>11.3f}",
            flush=True,
        )
    print(
        f"bare and fit in ms a step, set-up included; target: ratio at most {TARGET:.2f} from 12 ms a step on"
    )
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"machine": header, "target": TARGET, "cases": rows}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
