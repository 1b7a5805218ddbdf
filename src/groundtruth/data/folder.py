"""A folder of the reader's own photographs, one subfolder a class, as training and validation batches.

Used by the chapter *transfer-learning*.

Folders of photographs are never clean. Here each file either becomes a square of pixels, or is named together with what
is wrong with it; nothing is left out in silence but hidden files, whose names begin with a dot. Pictures of any size
and colour mode go in; how one is read stands in ``groundtruth.data.photographs``.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from groundtruth.data import photographs
from groundtruth.data.batches import Augment
from groundtruth.data.modules import TensorDataModule

MAX_PIXELS = 100_000_000
"""More pixels than this are not unpacked: 100 million fill 300 MB, and a small file can claim to have far more."""
SHOWN = 10
"""Bad files that a message lists by name; the others are counted."""

Transform = Callable[[Tensor], Tensor]
"""Takes whole bytes (N, 3, S, S) and returns the inputs of a network, floating (N, …)."""


@dataclass(frozen=True)
class BadFile:
    """A file that gave no picture."""

    path: Path
    reason: str
    """What is wrong, as the end of a sentence that begins with the path."""

    def __str__(self) -> str:
        return f"{self.path} {self.reason}"


class FolderError(ValueError):
    """A folder that cannot be used as it is.

    Attributes:
        bad: every file that gave no picture, in the order of their paths.

    """

    def __init__(self, message: str, bad: tuple[BadFile, ...] = ()) -> None:
        self.bad = bad
        super().__init__(message)


@dataclass(frozen=True, eq=False)
class Photographs:
    """The pictures of a folder, in the order of their paths."""

    images: Tensor
    """uint8 (N, 3, S, S): red, green, blue."""
    labels: Tensor
    """int64 (N,): label ``k`` means ``class_names[k]``."""
    class_names: tuple[str, ...]
    """Names of the subfolders, sorted."""
    paths: tuple[Path, ...]
    """Where each picture came from."""
    skipped: tuple[BadFile, ...]
    """Files that gave no picture."""


def read_folder(
    folder: str | Path,
    size: int = 160,
    *,
    bad: str = "refuse",
    at_least: int = 5,
    max_pixels: int = MAX_PIXELS,
) -> Photographs:
    """Return the photographs below a folder: each subfolder is a class, and may have subfolders of its own.

    Args:
        folder: holds one subfolder a class, at least two of them; ``~`` is your home folder.
        size: pixels on a side; the middle square of each picture is scaled to it.
        bad: ``"refuse"`` stops where a file gives no picture, and names all of them; ``"skip"`` leaves them out and
            names them in ``skipped``. A file gives no picture where it is empty, cut off, no picture, larger than
            ``max_pixels``, no regular file, outside the class folders, or a byte for byte copy of another (a copy
            could stand in training and validation at once).
        at_least: pictures that each class must have, bad files not counted.
        max_pixels: see ``MAX_PIXELS``; a picture with more is not unpacked.

    Raises:
        FileNotFoundError: there is no such folder.
        FolderError: fewer than two classes, a class with too few pictures, or bad files under ``"refuse"``.
        ValueError: an argument is out of range.

    """
    if bad not in {"refuse", "skip"}:
        raise ValueError(f"bad must be 'refuse' or 'skip'; got {bad!r}")
    for name, number in (("size", size), ("at_least", at_least), ("max_pixels", max_pixels)):
        if number < 1:
            raise ValueError(f"{name} must be at least 1; got {number}")
    root = Path(folder).expanduser()
    if not root.is_dir():
        raise FileNotFoundError(f"there is no folder {root.resolve()}: it should hold one subfolder a class")
    entries = sorted(entry for entry in root.iterdir() if not entry.name.startswith("."))
    classes = [entry for entry in entries if entry.is_dir()]
    if len(classes) < 2:
        raise FolderError(
            f"{root} has {len(classes)} subfolders; it needs one for each class, and two classes at least"
        )
    wrong = [
        BadFile(entry, "lies outside the class folders, so its class is not known")
        for entry in entries
        if not entry.is_dir()
    ]
    pictures: list[Tensor] = []
    labels: list[int] = []
    paths: list[Path] = []
    seen: dict[bytes, Path] = {}
    for label, inside in enumerate(classes):
        for path in _files(inside):
            try:
                picture = _read(path, size, max_pixels)
                first = seen.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
            except _UnreadableError as error:
                wrong.append(BadFile(path, str(error)))
                continue
            if first != path:
                wrong.append(BadFile(path, f"is a copy of {first.relative_to(root)}"))
                continue
            pictures.append(picture)
            labels.append(label)
            paths.append(path)
    found = tuple(sorted(wrong, key=lambda one: one.path))
    if found and bad == "refuse":
        raise FolderError(
            f"{root}: {len(found)} files gave no picture:\n{_listed(found)}\nMend or remove them, or leave them "
            "out with bad='skip'.",
            found,
        )
    counts = Counter(labels)
    names = tuple(inside.name for inside in classes)
    few = [f"{name} has {counts[label]}" for label, name in enumerate(names) if counts[label] < at_least]
    if few:
        raise FolderError(
            f"{root}: each class needs at least {at_least} pictures, and {', '.join(few)}. Add pictures, remove the "
            f"class, or lower at_least." + (f" Left out:\n{_listed(found)}" if found else ""),
            found,
        )
    return Photographs(torch.stack(pictures), torch.tensor(labels), names, tuple(paths), found)


class ImageFolderDataModule(TensorDataModule):
    """A folder of photographs, read whole into memory, with a validation part held out class by class.

    A thousand pictures of 160 × 160 pixels take 77 MB as bytes and 307 MB as inputs. Reading happens once, when this is
    made.

    Args:
        folder, size, bad, at_least, max_pixels: see ``read_folder``.
        batch_size: examples per training batch.
        transform: makes inputs of the bytes, as the network at hand expects them: for the pretrained
            EfficientNet-Lite0 ``lambda images: prepare(images, None)``. Without it bytes become numbers from 0 to 1,
            and each channel is normalised over the training part.
        test_folder: photographs for the test part, with the same classes; None for no test part.
        validation, split_seed, shuffle_seed, drop_last, augment, channels_last, eval_batch_size: as for
            ``TensorDataModule``.

    Attributes:
        class_names: names of the subfolders, sorted.
        paths: of all pictures read; ``train_indices`` and ``validation_indices`` point into it.
        skipped: the ``BadFile`` of each file that was left out, those of the test folder last.

    Raises:
        FileNotFoundError, FolderError, ValueError: as for ``read_folder`` and ``TensorDataModule``.
        FolderError: the test folder has other classes.

    """

    def __init__(
        self,
        folder: str | Path,
        *,
        batch_size: int,
        size: int = 160,
        bad: str = "refuse",
        at_least: int = 5,
        max_pixels: int = MAX_PIXELS,
        transform: Transform | None = None,
        test_folder: str | Path | None = None,
        validation: int | float = 0.2,
        split_seed: int = 0,
        shuffle_seed: int = 0,
        drop_last: bool = False,
        augment: Augment | None = None,
        channels_last: bool = False,
        eval_batch_size: int = 100,
    ) -> None:
        here = read_folder(folder, size, bad=bad, at_least=at_least, max_pixels=max_pixels)
        there = None
        if test_folder is not None:
            there = read_folder(test_folder, size, bad=bad, at_least=1, max_pixels=max_pixels)
            if there.class_names != here.class_names:
                raise FolderError(
                    f"{test_folder} has the classes {', '.join(there.class_names)}; the training folder has "
                    f"{', '.join(here.class_names)}. Both need the same subfolders."
                )
        make = (lambda images: images) if transform is None else transform
        super().__init__(
            make(here.images),
            here.labels,
            None if there is None else make(there.images),
            None if there is None else there.labels,
            batch_size=batch_size,
            validation=validation,
            split_seed=split_seed,
            shuffle_seed=shuffle_seed,
            drop_last=drop_last,
            augment=augment,
            normalise=transform is None,
            channels_last=channels_last,
            eval_batch_size=eval_batch_size,
            class_names=here.class_names,
        )
        self.paths = here.paths
        self.skipped = here.skipped + (() if there is None else there.skipped)


class _UnreadableError(Exception):
    """Why a file gives no picture."""


def _files(folder: Path) -> list[Path]:
    """Return what lies below a folder, sorted, hidden files and links to folders left out."""
    found: list[Path] = []
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(where) / name for name in names if not name.startswith(".")]
    return sorted(found)


def _read(path: Path, size: int, max_pixels: int) -> Tensor:
    """Return the middle square of a picture, uint8 (3, size, size).

    Raises:
        _UnreadableError: it gives none.

    """
    if not path.is_file():  # a pipe would wait for ever, a dead link has no content
        raise _UnreadableError("is no regular file")
    try:
        if path.stat().st_size == 0:
            raise _UnreadableError("is empty")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's warning of bombs: here they are refused or meant
            with Image.open(path) as opened:  # reads the head only
                width, height = opened.size
            if width * height > max_pixels:
                raise _UnreadableError(
                    f"is enormous: {width:,} × {height:,} pixels, more than the {max_pixels:,} allowed by max_pixels"
                )
            return photographs.read(path, size)
    except _UnreadableError:
        raise
    except UnidentifiedImageError:
        raise _UnreadableError("is no picture that can be read") from None
    except Image.DecompressionBombError as error:
        raise _UnreadableError(f"is enormous: {error}") from None
    except (Exception, MemoryError) as error:  # a broken file breaks decoders in ways that nobody has listed
        said = str(error).removeprefix(str(path)).strip() or type(error).__name__
        raise _UnreadableError(
            said if said.startswith(("is ", "cannot ")) else f"cannot be read: {said}"
        ) from None


def _listed(bad: tuple[BadFile, ...]) -> str:
    lines = [f"  {one}" for one in bad[:SHOWN]]
    if len(bad) > SHOWN:
        lines.append(f"  … and {len(bad) - SHOWN} more, in the attribute 'bad'")
    return "\n".join(lines)
