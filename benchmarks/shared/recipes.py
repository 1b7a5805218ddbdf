"""The trainings of the book that the benchmarks time, each through ``fit`` as a chapter does it.

Their settings are chosen on validation data: ``python benchmarks/time_to_accuracy.py --validation`` holds 5,000
training images out and looks at those in place of the test images.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Generator, Tensor, nn

from groundtruth.data.images import ImageSet
from groundtruth.data.modules import Augment, BatchLoader, ImageDataModule, Part
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


def flipped(pictures: Tensor, generator: Generator) -> Tensor:
    """Return pictures mirrored or not: as in the chapter *deep-architectures*."""
    return flip(pictures, generator)


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


def orthogonal(network: nn.Module) -> OrthogonalMomentum:
    """Return the optimizer of the small residual network in the chapter *deep-architectures*."""
    return OrthogonalMomentum(network, rate=0.03, others=0.005)


FALL = Schedule("linear", warmup_fraction=0.2)
SHORT = Schedule("linear", warmup_fraction=0.1)
"""As in the chapter *deep-architectures*."""


def _clothes(
    name: str, widths: Sequence[int], epochs: int, augment: Augment = flipped, **others: Any
) -> Recipe:
    """Return a recipe like that of the chapter *deep-architectures*, of another size or length."""
    return Recipe(
        name, lambda: SmallResNet(widths, mirror=True), epochs, orthogonal, SHORT, 0.05, augment, **others
    )


def _mlp(name: str, epochs: int, rate: float = 0.002, hidden: int = 256, **others: Any) -> Recipe:
    """Return a recipe for the multilayer perceptron beside it in that chapter, which sees the pictures as they are."""
    adamw = OptimizerSettings("adamw", learning_rate=rate)
    return Recipe(name, lambda: MLP((784, hidden, 10)), epochs, adamw, SHORT, 0.05, **others)


def _digits(name: str, epochs: int) -> Recipe:
    """Return the recipe of the chapter *convolution*, of another length."""
    adamw = OptimizerSettings("adamw", learning_rate=0.01, weight_decay=0.05)
    return Recipe(name, DigitReader, epochs, adamw, FALL, 0.1, window)


FASHION = (
    _mlp("MLP", 4, rate=0.003),
    _clothes("one pass", (16, 32, 64), 1),  # half the channels of the chapter's network
    _clothes("one pass, wider", (24, 48, 96), 1),
    _clothes("small ResNet", (32, 64, 128), 4),  # book/deep-architectures.md, "A small residual network"
    _clothes("wide ResNet", (40, 80, 160), 10, flip_and_shift),  # wider and longer, for the last per cent
)
DIGITS = (
    _digits("one pass", 1),
    _digits("digit reader", 4),  # book/convolution.md, "Lab 2: hello, digits"
)
CANDIDATES = (
    _clothes("one pass, narrower", (12, 24, 48), 1),
    _clothes("one pass, batch 128", (16, 32, 64), 1, batch_size=128),
    _clothes("half a pass", (16, 32, 64), 1, batch_size=128, limit=30_000),
    _clothes("half a pass, batch 64", (16, 32, 64), 1, batch_size=64, limit=30_000),
    _clothes("third of a pass", (16, 32, 64), 1, batch_size=128, limit=20_000),
    _clothes("third of a pass, narrower", (8, 16, 32), 1, batch_size=128, limit=20_000),
    _clothes("third of a pass, batch 64", (8, 16, 32), 1, batch_size=64, limit=20_000),
    _mlp("MLP, 5 passes", 5),
    _mlp("MLP, 3 passes", 3, rate=0.004),
    _mlp("MLP, batch 512", 4, rate=0.004, batch_size=512),
    _mlp("MLP, wider", 3, rate=0.003, hidden=512),
    _clothes("three passes", (32, 64, 128), 3),
    _clothes("wide, mirrored alone", (40, 80, 160), 8),
    _clothes("wide, 8 passes", (40, 80, 160), 8, flip_and_shift),
    _clothes("wider, 8 passes", (48, 96, 192), 8, flip_and_shift),
)
"""Others to try on validation data, in place of those for clothes above."""
BY_DATA = {
    "fashion_mnist": {recipe.name: recipe for recipe in (*FASHION, *CANDIDATES)},
    "mnist": {recipe.name: recipe for recipe in (*DIGITS, _digits("two passes", 2))},
}


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
        channels_last=True,
    )
    noted: list[float] = []

    def make() -> Marked:
        return Marked(recipe.make(), recipe.optimizer, recipe.schedule, recipe.label_smoothing, noted=noted)

    result = fit(make, data, profile, seed=seed, epochs=epochs or recipe.epochs, progress=False)
    return [Mark(seconds, right) for seconds, right in zip(noted, result.val_accuracy, strict=True)]
