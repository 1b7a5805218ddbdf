"""The trainings of the book that the benchmarks time, each through ``fit`` as a chapter does it.

Their settings are chosen on held-out training images: 5,000 as ``python benchmarks/time_to_accuracy.py --validation``
holds them out, or 10,000 of the same kind with more seeds. The commits that changed a recipe tell what was compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Generator, Tensor, nn

from groundtruth.data.batches import Augment, BatchLoader, Part
from groundtruth.data.images import ImageSet
from groundtruth.data.modules import ImageDataModule
from groundtruth.models.mlp import MLP
from groundtruth.models.residual import SmallResNet
from groundtruth.profiles import Profile
from groundtruth.scratch.augmentations import crop, flip, shift
from groundtruth.scratch.orthogonal import OrthogonalMomentum
from groundtruth.training.classifier import Classifier
from groundtruth.training.fit import fit
from groundtruth.training.settings import OptimizerFactory, OptimizerSettings, Schedule
from shared.levels import Mark


@dataclass(frozen=True)
class Recipe:
    """How a network of the book is trained."""

    name: str
    make: Callable[[], nn.Module]
    epochs: int
    optimizer: OptimizerFactory
    schedule: Schedule
    label_smoothing: float
    augment: Augment | None = None
    batch_size: int = 256
    limit: int | None = None
    """Train on so many of the images, as many of each class; ``None`` for all of them."""


def flip_and_shift(pictures: Tensor, generator: Generator) -> Tensor:
    """Return pictures mirrored or not, and moved by up to a pixel."""
    return shift(flip(pictures, generator), 1, generator, fill=float(pictures.min()))


def window(pictures: Tensor, generator: Generator) -> Tensor:
    """Return a window of 24×24 of each picture: as in the chapter *convolution*."""
    return crop(pictures, 24, generator)


class Largest(nn.Module):
    """The largest number of each map: (N, C, H, W) to (N, C)."""

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maxima."""
        return maps.amax(dim=(2, 3))


class DigitReader(nn.Module):
    """The network of the second lab of the chapter *convolution*; in evaluation it looks at nine windows, as there.

    Shapes:
        input ``(N, 1, 24, 24)`` in training, ``(N, 1, 28, 28)`` in evaluation; output ``(N, 10)``, not normalised.

    """

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(
            *_block(1, 24, size=5, stride=2),  # (N, 24, 12, 12)
            *_block(24, 48),
            nn.MaxPool2d(2),  # (N, 48, 6, 6)
            *_block(48, 96),
            *_block(96, 96),
            Largest(),  # (N, 96)
            nn.Linear(96, 10),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits."""
        if self.training:
            return self.network(x)
        corners = [(top, left) for top in (1, 2, 3) for left in (1, 2, 3)]
        views = [self.network(x[:, :, top : top + 24, left : left + 24]) for top, left in corners]
        total: Tensor = sum(views[1:], start=views[0])
        return total / len(views)


def _block(inputs: int, outputs: int, size: int = 3, stride: int = 1) -> list[nn.Module]:
    conv = nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False)
    return [conv, nn.BatchNorm2d(outputs), nn.ReLU()]


def orthogonal(rate: float, others: float, keep: float) -> OptimizerFactory:
    """Return what makes an `OrthogonalMomentum` for a network."""
    return lambda network: OrthogonalMomentum(network, rate, others, keep)


STEADY = orthogonal(0.03, 0.005, keep=0.9)
"""As in the chapter *deep-architectures*."""
HASTY = orthogonal(0.08, 0.015, keep=0.75)
"""Longer steps and a shorter memory: better where a single pass is all, or a part of one."""
BRISK = orthogonal(0.045, 0.01, keep=0.85)
"""Between the two."""
FALL = Schedule("linear", warmup_fraction=0.2)
SHORT = Schedule("linear", warmup_fraction=0.1)
"""As in the chapter *deep-architectures*."""


def _clothes(
    name: str,
    widths: Sequence[int],
    epochs: int,
    augment: Augment = flip,
    optimizer: OptimizerFactory = STEADY,
    **others: Any,
) -> Recipe:
    """Return a recipe like that of the chapter *deep-architectures*, of another size or length."""
    return Recipe(
        name, lambda: SmallResNet(widths, mirror=True), epochs, optimizer, SHORT, 0.05, augment, **others
    )


def _mlp(  # noqa: PLR0917
    name: str,
    epochs: int = 4,
    rate: float = 0.01,
    batch_size: int = 768,
    betas: tuple[float, float] | None = (0.8, 0.95),
    hidden: int = 256,
    label_smoothing: float = 0.0,
) -> Recipe:
    """Return a recipe for a multilayer perceptron, which sees the pictures as they are.

    Adam remembers less than by default: a few hundred steps are all. They are short, so that a fused update tells.
    """
    adamw = OptimizerSettings("adamw", learning_rate=rate, betas=betas, fused=True)
    return Recipe(
        name, lambda: MLP((784, hidden, 10)), epochs, adamw, SHORT, label_smoothing, batch_size=batch_size
    )


def _digits(name: str, epochs: int) -> Recipe:
    """Return the recipe of the chapter *convolution*, of another length."""
    adamw = OptimizerSettings("adamw", learning_rate=0.01, weight_decay=0.05)
    return Recipe(name, DigitReader, epochs, adamw, FALL, 0.1, window)


FASHION = (
    _mlp("MLP"),
    # Four fifths of a pass, of a network with half the channels of the chapter's
    _clothes("part of a pass", (16, 32, 64), 1, optimizer=HASTY, limit=48_000),
    _clothes("three passes", (32, 64, 128), 3, optimizer=BRISK),
    _clothes("small ResNet", (32, 64, 128), 4),  # book/deep-architectures.md, "A small residual network"
    _clothes("wide ResNet", (32, 96, 128), 8, flip_and_shift, BRISK),  # for the last per cent
)
DIGITS = (
    _mlp("MLP", 2, batch_size=512),
    _digits("one pass", 1),
    _digits("digit reader", 4),  # book/convolution.md, "Lab 2: hello, digits"
)
CANDIDATES = (
    _mlp("MLP, batch 512", batch_size=512),
    _mlp("MLP, batch 1024", rate=0.012, batch_size=1024),
    _mlp("MLP, 3 passes", 3),
    _mlp("MLP, narrower", hidden=192),
    _mlp("MLP, smoothed labels", label_smoothing=0.05),
    _mlp("MLP, usual memory", rate=0.006, batch_size=512, betas=None),
    _clothes("one pass, as the chapter", (16, 32, 64), 1),
    _clothes("one pass", (16, 32, 64), 1, optimizer=HASTY),
    _clothes("part of a pass, shorter steps", (16, 32, 64), 1, optimizer=BRISK, limit=48_000),
    _clothes("two thirds of a pass", (16, 32, 64), 1, optimizer=HASTY, limit=40_000),
    _clothes("three passes, as the chapter", (32, 64, 128), 3),
    _clothes("three passes, wider", (32, 80, 128), 3, optimizer=BRISK),
    _clothes("wide, mirrored alone", (32, 96, 128), 8, optimizer=BRISK),
    _clothes("wide, as the chapter", (32, 96, 128), 8, flip_and_shift),
    _clothes("wide everywhere", (40, 80, 160), 8, flip_and_shift, BRISK),
    _clothes("wide everywhere, as the chapter", (40, 80, 160), 10, flip_and_shift),
)
"""Others to try on validation data, in place of those for clothes above."""
BY_DATA = {
    "fashion_mnist": {recipe.name: recipe for recipe in (*FASHION, *CANDIDATES)},
    "mnist": {recipe.name: recipe for recipe in (*DIGITS, _digits("two passes", 2))},
}


def stored_in(profile: Profile) -> torch.dtype:
    """Return the type that inputs are stored in: the one that the first layer would round them to in every step."""
    return torch.bfloat16 if profile.precision() == "bf16-mixed" else torch.float32


class Looked(ImageDataModule):
    """Data that are looked at after every epoch, and never chosen by: the last part stands in validation's place."""

    def val_dataloader(self) -> BatchLoader | list[BatchLoader]:
        """Return the examples that are looked at."""
        part: Part | None = self.validation_part or self.test_part
        return [] if part is None else self._fixed(part)

    def test_dataloader(self) -> BatchLoader | list[BatchLoader]:
        """Return none: they have been looked at after the last epoch."""
        return []


class Marked(Classifier):
    """A classifier that notes its seconds of training whenever it is about to be looked at."""

    def __init__(self, *arguments: Any, noted: list[float], **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.noted = noted

    def on_validation_start(self) -> None:
        """Stop the clock, and note it."""
        super().on_validation_start()
        self.noted.append(self.train_seconds)


def train(
    recipe: Recipe,
    images: ImageSet,
    profile: Profile,
    seed: int,
    *,
    held_out: int = 0,
    epochs: int | None = None,
) -> list[Mark]:
    """Train by a recipe; return seconds of training and accuracy after each epoch.

    Args:
        recipe: what to train, and how.
        images: data set; the accuracy is that on its test images.
        profile: chooses device and arithmetic.
        seed: decides the first weights, and the order of the batches.
        held_out: so many training images are looked at in place of the test images; 0 for none.
        epochs: in place of the recipe's.

    """
    data = Looked(
        images,
        batch_size=recipe.batch_size,
        validation=held_out,
        limit=recipe.limit,
        augment=recipe.augment,
        drop_last=True,
        dtype=stored_in(profile),
        channels_last=True,
    )
    noted: list[float] = []

    def make() -> Marked:
        return Marked(recipe.make(), recipe.optimizer, recipe.schedule, recipe.label_smoothing, noted=noted)

    result = fit(make, data, profile, seed=seed, epochs=epochs or recipe.epochs, progress=False)
    return [Mark(seconds, right) for seconds, right in zip(noted, result.val_accuracy, strict=True)]
