"""What ``fit`` costs beside a bare loop, Lightning as its manual teaches, and a DataLoader that goes image by image.

    python benchmarks/training_overhead.py [--rounds 9] [--quick] [--json PATH]

Four ways to train the same network for the same number of steps with the same settings and arithmetic, in turns in one
run; the order rotates from round to round, and a first round warms up and is left out.

- *bare*: a loop by hand over batches that are cut out of tensors in memory. It keeps the same figures as ``fit``.
- *fit*: ours, over the same batches.
- *Lightning*: a module, ``self.log`` in every step and a ``Trainer``, as "Lightning in 15 minutes" in its manual shows
  them, with all that is on by default (progress bar, log, checkpoint), over the same batches: its loop alone differs.
- *per image*: the bare loop over ``DataLoader(dataset, batch_size, shuffle=True)``, which scales each image by itself
  when it is asked for it, as PyTorch's beginners' pages do; no worker processes, which is the default.

Times are in ms a step, with everything from making the network to the last update, set-up included. A ratio is taken
within a round; the table gives the median over the rounds, and the file all of them, and those of the processor time,
which say more where other programs share the machine.
"""

from __future__ import annotations

import contextlib
import io
import logging
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytorch_lightning as pl
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils.data import DataLoader

from groundtruth.data.modules import TensorDataModule
from groundtruth.models.convnet import ConvNet
from groundtruth.models.mlp import MLP
from groundtruth.models.residual import SmallResNet
from groundtruth.profiles import Profile, active
from groundtruth.training.fit import fit
from groundtruth.training.settings import OptimizerSettings
from shared import report

EXAMPLES = 10_240
LARGE = 12.0
"""Milliseconds a step of the bare loop from which on a network is not tiny."""
AT_MOST = {"large": 1.05, "tiny": 1.15}


@dataclass(frozen=True)
class Case:
    """One network, and how long it is trained in a round."""

    name: str
    make: Callable[[], nn.Module]
    batch_size: int
    epochs: int = 1


CASES = (
    Case("SmallResNet, batch 256", SmallResNet, 256),
    Case("ConvNet (16, 32, 32), batch 256", lambda: ConvNet((16, 32, 32)), 256),
    Case("ConvNet (8, 16, 16), batch 128", lambda: ConvNet((8, 16, 16)), 128),
    Case("MLP 784-128-10, batch 256", lambda: MLP((784, 128, 10)), 256, 5),
)


class Images:
    """Random images (N, 1, 28, 28) with random labels, whole bytes: for timing, values do not matter."""

    def __init__(self, examples: int) -> None:
        generator = torch.Generator().manual_seed(0)
        shape = (examples, 1, 28, 28)
        self.bytes = torch.randint(256, shape, generator=generator, dtype=torch.uint8)
        self.labels = torch.randint(10, (examples,), generator=generator)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        return self.bytes[index].float().div(255), self.labels[index]

    def module(self, batch_size: int) -> TensorDataModule:
        """Return the data as ``fit`` takes them, scaled once."""
        return TensorDataModule(
            self.bytes, self.labels, batch_size=batch_size, validation=0, normalise=False, channels_last=True
        )


def bare(case: Case, batches: Iterable[tuple[Tensor, Tensor]], profile: Profile) -> None:
    """Train as one would by hand, keeping the same figures as ``fit``, in the same memory format."""
    device, bf16 = profile.device(), profile.precision() == "bf16-mixed"
    torch.manual_seed(0)
    model = case.make().to(device)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(case.epochs):
        losses: list[Tensor] = []
        correct: list[Tensor] = []
        for images, labels in batches:
            x, y = images.to(device).contiguous(memory_format=torch.channels_last), labels.to(device)
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
    adam = OptimizerSettings("adam", 1e-3)
    fit(case.make, data, profile, seed=0, epochs=case.epochs, optimizer=adam, progress=False)


class Taught(pl.LightningModule):
    """A module as Lightning's manual writes it."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Return the loss of a batch, and log it."""
        x, y = batch
        loss = F.cross_entropy(self.model(x), y)
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return the optimizer."""
        return torch.optim.Adam(self.parameters(), lr=1e-3)


def by_lightning(case: Case, batches: Any, profile: Profile) -> None:
    """Train by a ``Trainer`` with its defaults, in the arithmetic of the others; what it writes is thrown away."""
    torch.manual_seed(0)
    model = case.make().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    silence = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(silence))
        stack.enter_context(contextlib.redirect_stderr(silence))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        device = profile.device().type
        trainer = pl.Trainer(
            max_epochs=case.epochs,
            accelerator="gpu" if device == "cuda" else device,
            devices=1,
            precision=profile.precision(),  # type: ignore[arg-type]
            default_root_dir=folder,
        )
        trainer.fit(Taught(model), batches)


def timed(task: Callable[[], None], device: torch.device) -> tuple[float, float]:
    """Return wall seconds and this process's processor seconds of a task."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    wall, processor = time.perf_counter(), time.process_time()
    task()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - wall, time.process_time() - processor


def measure(case: Case, images: Images, rounds: int, profile: Profile) -> dict[str, Any]:
    """Return the figures of one network."""
    data, device = images.module(case.batch_size), profile.device()
    each: Any = DataLoader(images, batch_size=case.batch_size, shuffle=True)  # type: ignore[arg-type]
    steps = case.epochs * len(each)
    tasks: dict[str, Callable[[], None]] = {
        "bare": lambda: bare(case, data.train_dataloader(), profile),
        "fit": lambda: through_fit(case, data, profile),
        "lightning": lambda: by_lightning(case, data.train_dataloader(), profile),
        "per image": lambda: bare(case, each, profile),
    }
    walls: dict[str, list[float]] = {name: [] for name in tasks}
    processors: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds + 1):
        for name in rotated(list(tasks), number):
            wall, processor = timed(tasks[name], device)
            if number:
                walls[name].append(wall)
                processors[name].append(processor)
    return {
        "network": case.name,
        "steps": steps,
        "milliseconds": {name: report.spread([1000 * t / steps for t in walls[name]]) for name in tasks},
        "ratios": {name: report.spread(ratios(walls[name], walls["bare"])) for name in tasks},
        "processor_ratios": {
            name: report.spread(ratios(processors[name], processors["bare"])) for name in tasks
        },
        "per_image_over_fit": report.spread(ratios(walls["per image"], walls["fit"])),
    }


def rotated(names: list[str], number: int) -> list[str]:
    """Return the names in another order each round: each comes first as often as any other."""
    start = number % len(names)
    return names[start:] + names[:start]


def ratios(of: Sequence[float], to: Sequence[float]) -> list[float]:
    """Return the ratio of each round."""
    return [a / b for a, b in zip(of, to, strict=True)]


def goals_of(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what was to be reached: the ratio of ``fit`` by the size of the network, and what going by image costs."""
    found = []
    for row in rows:
        large = row["milliseconds"]["bare"]["median"] >= LARGE
        kind = f"{LARGE:.0f} ms a step or more" if large else f"less than {LARGE:.0f} ms a step"
        bound = AT_MOST["large" if large else "tiny"]
        found.append(
            report.goal(
                f"{row['network']} ({kind}): fit takes at most {bound:.2f} times as long as the bare loop",
                row["ratios"]["fit"]["median"], at_most=bound, form="{:.3f} times",
            )
        )  # fmt: skip
    slower = [row["per_image_over_fit"]["median"] for row in rows]
    found.append(
        report.goal("image by image takes at least twice as long as fit (median of the networks)",
                    statistics.median(slower), at_least=2, form="{:.3f} times")
    )  # fmt: skip
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every case, print the table, and write the numbers."""
    chosen = report.read(report.options(__doc__, rounds=9), arguments)
    profile = active()
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    images = Images(512 if chosen.quick else EXAMPLES)
    made = report.Report("training_overhead", chosen, ("pytorch-lightning",), examples=len(images))
    made.begin()
    for case in CASES:
        made.rows.append(measure(case, images, chosen.rounds, profile))
    medians = f"Medians of {report.counted(chosen.rounds, 'round')}, in brackets the range."
    made.show(
        "Milliseconds a step",
        ["network", "steps", "bare loop", "fit", "Lightning", "per image"],
        [[row["network"], str(row["steps"]), *map(report.quantity, row["milliseconds"].values())]
         for row in made.rows],
        medians,
    )  # fmt: skip
    ways = ("fit", "lightning", "per image")
    made.show(
        "Ratios: how many times as long it takes",
        ["network", "fit / bare", "Lightning / bare", "per image / bare", "per image / fit"],
        [[row["network"], *(report.quantity(row["ratios"][way], 3) for way in ways),
          report.quantity(row["per_image_over_fit"], 3)] for row in made.rows],
        f"{medians} A ratio is taken within a round.",
    )  # fmt: skip
    made.goals = [] if chosen.quick else goals_of(made.rows)
    made.end()


if __name__ == "__main__":
    main()
