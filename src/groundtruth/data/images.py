"""A labelled set of images, as it comes from the files: whole bytes, nothing scaled.

Used by ``mnist``, ``fashion_mnist`` and ``cats_dogs``; ``batches`` turns it into batches, ``modules`` for ``fit``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from groundtruth.data import files


@dataclass(frozen=True, eq=False, repr=False)
class ImageSet:
    """Training and test images with their labels.

    Raises:
        ValueError: shapes, types or labels do not fit together.

    """

    name: str
    """Title for a reader, e.g. ``"Fashion-MNIST"``."""
    class_names: tuple[str, ...]
    """Label ``k`` means ``class_names[k]``."""
    train_images: Tensor
    """uint8 (N, C, H, W), values 0–255."""
    train_labels: Tensor
    """int64 (N,)."""
    test_images: Tensor
    """uint8 (M, C, H, W), values 0–255."""
    test_labels: Tensor
    """int64 (M,)."""

    def __post_init__(self) -> None:
        for part, images, labels in (
            ("train", self.train_images, self.train_labels),
            ("test", self.test_images, self.test_labels),
        ):
            if images.dtype != torch.uint8 or images.dim() != 4:
                raise ValueError(
                    f"{part}_images must be uint8 of shape (N, C, H, W); got {images.dtype} of shape "
                    f"{tuple(images.shape)}. Grey images need a channel: images.unsqueeze(1)."
                )
            if labels.dtype != torch.int64 or labels.shape != images.shape[:1]:
                raise ValueError(
                    f"{part}_labels must be int64 of shape ({len(images)},), one label per image; got "
                    f"{labels.dtype} of shape {tuple(labels.shape)}."
                )
            if labels.numel() and not 0 <= int(labels.min()) <= int(labels.max()) < len(self.class_names):
                raise ValueError(
                    f"{part}_labels must lie between 0 and {len(self.class_names) - 1}, as there are "
                    f"{len(self.class_names)} class_names; got {int(labels.min())} to {int(labels.max())}."
                )
        if self.train_images.shape[1:] != self.test_images.shape[1:]:
            raise ValueError(
                f"test_images must have the shape of train_images, {self.image_shape} each; got "
                f"{tuple(self.test_images.shape[1:])}."
            )

    def __repr__(self) -> str:
        shape = " × ".join(str(size) for size in self.image_shape)
        return (
            f"ImageSet {self.name}: {len(self.train_images):,} training and {len(self.test_images):,} test images, "
            f"{shape} (channels × height × width), {len(self.class_names)} classes: {', '.join(self.class_names)}"
        )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""
        channels, height, width = self.train_images.shape[1:]
        return channels, height, width

    def subset(self, classes: Sequence[str | int]) -> ImageSet:
        """Return the images of some classes only, relabelled 0, 1, … in the order given here.

        Args:
            classes: names or labels, each at most once; the images keep the order of the files.

        Raises:
            ValueError: no class, an unknown class, or the same class twice.

        """
        if isinstance(classes, str) or not classes:
            raise ValueError(f"classes must be a list of at least one name or label; got {classes!r}")
        old = [self._label(wanted) for wanted in classes]
        if len(set(old)) != len(old):
            raise ValueError(f"classes must name each class once; got {list(classes)!r}")
        new_label = torch.full((len(self.class_names),), -1)
        new_label[old] = torch.arange(len(old))
        train, test = new_label[self.train_labels], new_label[self.test_labels]  # (N,), (M,); -1: not wanted
        return replace(
            self,
            class_names=tuple(self.class_names[label] for label in old),
            train_images=self.train_images[train >= 0],
            train_labels=train[train >= 0],
            test_images=self.test_images[test >= 0],
            test_labels=test[test >= 0],
        )

    def head(self, *, train: int | None = None, test: int | None = None) -> ImageSet:
        """Return the first images of each part, in file order (``None``: all); for a quick run.

        Raises:
            ValueError: a number is negative or more than there are.

        """
        for part, wanted, there in (
            ("train", train, len(self.train_images)),
            ("test", test, len(self.test_images)),
        ):
            if wanted is not None and not 0 <= wanted <= there:
                raise ValueError(f"{part} must be between 0 and {there}, the images there are; got {wanted}")
        # Copies: a slice would share its memory with this set.
        return replace(
            self,
            train_images=self.train_images[:train].clone(),
            train_labels=self.train_labels[:train].clone(),
            test_images=self.test_images[:test].clone(),
            test_labels=self.test_labels[:test].clone(),
        )

    def channel_mean_std(self) -> tuple[Tensor, Tensor]:
        """Return mean and standard deviation of each channel, over the *training* images scaled to 0–1.

        Returns:
            Two float32 tensors of shape (C,).

        """
        return mean_std(self.train_images.to(torch.float32).div_(255))

    def _label(self, wanted: str | int) -> int:
        if isinstance(wanted, str) and wanted in self.class_names:
            return self.class_names.index(wanted)
        if isinstance(wanted, int) and 0 <= wanted < len(self.class_names):
            return wanted
        names = ", ".join(f"{label} {name!r}" for label, name in enumerate(self.class_names))
        raise ValueError(f"classes: {self.name} has no class {wanted!r}; it has {names}")


def mean_std(inputs: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation (divisor N) along dimension 1, over all other dimensions.

    Args:
        inputs: floating (N, D, …): D features, or D channels of images.

    Returns:
        Two tensors of shape (D,), of the dtype of ``inputs``.

    """
    others = [dimension for dimension in range(inputs.dim()) if dimension != 1]
    variance, mean = torch.var_mean(inputs, dim=others, correction=0)  # (D,), (D,)
    return mean, variance.sqrt()


def from_files(name: str) -> ImageSet:
    """Return the data set that the manifest lists under this name, in tensors of the caller's own.

    Raises:
        DataFileError: a file is missing or damaged (see ``groundtruth.data.files``).

    """
    entry = files.entry(name)
    arrays = files.read_set(name)
    images = {part: torch.from_numpy(arrays[f"{part}_images"]) for part in ("train", "test")}
    if images["train"].dim() == 3:  # grey images are stored without a channel
        images = {part: stack.unsqueeze(1) for part, stack in images.items()}  # (N, H, W) -> (N, 1, H, W)
    return ImageSet(
        name=entry.title,
        class_names=entry.classes,
        train_images=images["train"],
        train_labels=torch.from_numpy(arrays["train_labels"]).long(),
        test_images=images["test"],
        test_labels=torch.from_numpy(arrays["test_labels"]).long(),
    )
