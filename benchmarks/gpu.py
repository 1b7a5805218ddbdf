"""On a CUDA device: seconds of training to 94 and 95 % on Fashion-MNIST, and to 94 % on CIFAR-10 where it is given.

    python benchmarks/gpu.py [--rounds 3] [--cifar FOLDER] [--quick] [--json PATH]

Where there is no CUDA device this says so in one line and ends well. A round is a seed. As in ``time_to_accuracy.py``
the training is ours, through ``fit``, is looked at after each epoch, and the looking is not counted; a first short
training, which chooses kernels, is left out. Batches are cut out and changed by the processor and go to the device one
by one, as everywhere in the book: what that costs is in the seconds.

``FOLDER`` holds CIFAR-10's binary version, ``data_batch_1.bin`` … ``data_batch_5.bin`` and ``test_batch.bin``
(Krizhevsky, "Learning multiple layers of features from tiny images", 2009; www.cs.toronto.edu/~kriz/cifar.html).

Published beside it, on hardware of their own: Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU",
arXiv:2404.00498 (2024): 94 % in 3.29 s, 95 % in 10.4 s and 96 % in 46.3 s on one NVIDIA A100.

The recipes are written, and were not tuned: choose them with ``--validation``, which looks at held-out training images.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn

from groundtruth.data import fashion_mnist
from groundtruth.data.images import ImageSet
from groundtruth.models.residual import Pair, SmallResNet
from groundtruth.profiles import GPU
from groundtruth.scratch.augmentations import erase, flip, shift
from shared import report
from shared.levels import name_of, summary
from shared.recipes import FALL, STEADY, Recipe, flip_and_shift, orthogonal, train

LEVELS = {"Fashion-MNIST": (0.94, 0.95), "CIFAR-10": (0.94,)}
HELD_OUT = 5000
RECORDS: list[dict[str, Any]] = [
    {
        "data": "CIFAR-10",
        "level": level,
        "seconds": seconds,
        "device": "NVIDIA A100",
        "source": "arXiv:2404.00498",
    }
    for level, seconds in ((0.94, 3.29), (0.95, 10.4), (0.96, 46.3))
]
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
ROW = 1 + 3 * 32 * 32
"""Bytes of an image in CIFAR-10's binary version: its label, then red, green and blue, row by row."""


def cifar(folder: Path) -> ImageSet:
    """Return CIFAR-10 from its binary version.

    Raises:
        FileNotFoundError: a file is not there.
        ValueError: a file is not of that form.

    """
    parts = {"train": [f"data_batch_{number}.bin" for number in range(1, 6)], "test": ["test_batch.bin"]}
    found: dict[str, tuple[Tensor, Tensor]] = {}
    for part, names in parts.items():
        rows = []
        for name in names:
            path = folder / name
            if not path.is_file():
                raise FileNotFoundError(f"--cifar: there is no {path}; CIFAR-10's binary version has it")
            content = np.fromfile(path, dtype=np.uint8)
            if len(content) == 0 or len(content) % ROW or content[::ROW].max() > 9:
                raise ValueError(
                    f"--cifar: {path} is not of CIFAR-10's binary form, a label and {ROW - 1} bytes an image"
                )
            rows.append(content.reshape(-1, ROW))
        table = torch.from_numpy(np.concatenate(rows))
        found[part] = table[:, 1:].reshape(-1, 3, 32, 32).contiguous(), table[:, 0].long()
    return ImageSet("CIFAR-10", CLASSES, *found["train"], *found["test"])


class NineLayers(nn.Module):
    """A residual network of nine layers for colour pictures of 32×32.

    Source: Page, "How to train your ResNet" (2018), whose DAWNBench entry has this layout.

    Shapes:
        input ``(N, 3, 32, 32)``; output ``(N, 10)``, not normalised.

    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_stage(3, 64, pool=False),
            *_stage(64, 128), Pair(128),  # (N, 128, 16, 16)
            *_stage(128, 256),  # (N, 256, 8, 8)
            *_stage(256, 512), Pair(512),  # (N, 512, 4, 4)
        )  # fmt: skip
        self.head = nn.Linear(512, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits; in evaluation the mean of those of a picture and of its mirror image."""
        if self.training:
            return self.logits(x)
        return (self.logits(x) + self.logits(x.flip(3))) / 2

    def logits(self, x: Tensor) -> Tensor:
        """Return logits for one look."""
        return self.head(self.features(x).amax(dim=(2, 3)))


def _stage(inputs: int, outputs: int, pool: bool = True) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return [conv, *([nn.MaxPool2d(2)] if pool else []), nn.BatchNorm2d(outputs), nn.ReLU()]


def colour(pictures: Tensor, generator: Generator) -> Tensor:
    """Return pictures mirrored or not, moved by up to four pixels, with a square of eight painted over."""
    return erase(shift(flip(pictures, generator), 4, generator), 8, generator)


RECIPES = {
    "Fashion-MNIST": [
        Recipe("SmallResNet (64, 128, 256), 16 epochs", lambda: SmallResNet((64, 128, 256), mirror=True), 16,
               STEADY, FALL, 0.05, flip_and_shift),
        Recipe("SmallResNet (128, 256, 512), 30 epochs", lambda: SmallResNet((128, 256, 512), mirror=True), 30,
               STEADY, FALL, 0.05, flip_and_shift),
    ],
    "CIFAR-10": [
        Recipe("nine layers, 16 epochs", NineLayers, 16,
               orthogonal(0.03, 0.01, keep=0.9), FALL, 0.1, colour, batch_size=512),
    ],
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Train where there is a device, print the table, and write the numbers."""
    parser = report.options(__doc__, rounds=3, what="seeds")
    parser.add_argument("--cifar", type=Path, metavar="FOLDER", help="where CIFAR-10's binary version lies")
    parser.add_argument(
        "--validation", action="store_true", help="choose recipes: no test image is looked at"
    )
    chosen = report.read(parser, arguments)
    if not torch.cuda.is_available():
        print("There is no CUDA device here: nothing was measured.")
        return 0
    data = {"Fashion-MNIST": fashion_mnist.load()}
    if chosen.cifar is not None:
        try:
            data["CIFAR-10"] = cifar(chosen.cifar)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
    name = "gpu" + (".validation" if chosen.validation else "")
    made = report.Report(name, chosen, profile=GPU, held_out=HELD_OUT if chosen.validation else 0)
    made.head["machine"]["device"] = torch.cuda.get_device_name()
    made.head["published"] = RECORDS
    made.begin()
    held_out = HELD_OUT if chosen.validation else 0
    lines: list[list[str]] = []
    for title, images in data.items():
        for recipe in RECIPES[title]:
            few = images.head(train=min(20 * recipe.batch_size, len(images.train_labels)), test=500)
            train(recipe, few, GPU, 0, epochs=1)  # kernels are chosen
            part = images.head(train=min(10_000, len(images.train_labels))) if chosen.quick else images
            seeds = [number + (100 if chosen.validation else 0) for number in range(chosen.rounds)]
            runs = [train(recipe, part, GPU, seed, held_out=held_out, epochs=1 if chosen.quick else None)
                    for seed in seeds]  # fmt: skip
            row: dict[str, Any] = {"data": title, "method": recipe.name, "ours": True}
            made.rows.append(row | summary(runs, LEVELS[title]))
            lines += [
                [title, recipe.name, f"{name_of(level)} %", report.quantity(made.rows[-1]["reached"][name_of(level)]),
                 report.quantity(report.spread([100 * share for share in made.rows[-1]["last"]["values"]]))]
                for level in LEVELS[title]
            ]  # fmt: skip
    lines += [
        [record["data"], f"published, {record['device']}", f"{name_of(record['level'])} %",
         report.number(record["seconds"]), "–"]
        for record in RECORDS
    ]  # fmt: skip
    made.show(
        "Seconds of training on a GPU",
        ["data", "training", "level", "seconds", "last, %"],
        lines,
        f"Ours are medians over {report.counted(chosen.rounds, 'seed')}, in brackets their range; a dash for what was "
        f"not reached or not said. Published: {RECORDS[0]['source']}.",
    )
    made.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
