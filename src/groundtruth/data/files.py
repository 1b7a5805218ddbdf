"""Reading the data files of this package: all of a set, verified, or a clear error.

Used by ``mnist``, ``fashion_mnist`` and ``cats_dogs``. ``files/manifest.json`` lists every file with the
sha256 and size of its *uncompressed* content, its shape and its origin. Nothing is ever downloaded.

The files are in the idx format of LeCun et al. (1998), gzipped: two zero bytes, 8 for unsigned bytes, the number of
dimensions, one big-endian 32-bit size per dimension, then the values, last dimension fastest.

The environment variable ``GROUNDTRUTH_DATA`` names another folder for the ``.gz`` files. They are checked against
the manifest of this package all the same, so another folder cannot bring other data.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

VARIABLE = "GROUNDTRUTH_DATA"
PACKAGE_FOLDER = Path(__file__).parent / "files"
MANIFEST = PACKAGE_FOLDER / "manifest.json"
SCHEMA = 1

_GZIP = 16 + zlib.MAX_WBITS  # tells zlib to expect a gzip header and to check the CRC


class DataFileError(RuntimeError):
    """A data file is missing, damaged or not the one that the manifest describes."""


@dataclass(frozen=True)
class FileEntry:
    """What the manifest says of one file."""

    role: str
    """``"train_images"``, ``"train_labels"``, ``"test_images"`` or ``"test_labels"``."""
    name: str
    sha256: str
    """Of the uncompressed content, idx header included; lower-case hexadecimal."""
    size: int
    """Bytes of the uncompressed content, idx header included."""
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class DataSetEntry:
    """What the manifest says of one data set; ``name`` is that of its module in ``groundtruth.data``."""

    name: str
    title: str
    licence: str
    licence_short: str
    origin: str
    package: str
    """Package and version that the bytes came from."""
    citation: str
    """Key in the book's bibliography."""
    classes: tuple[str, ...]
    known_problems: tuple[str, ...]
    examples: dict[str, int]
    """Number of images: ``{"train": …, "test": …}``."""
    files: tuple[FileEntry, ...]

    @property
    def sha256(self) -> str:
        """One fingerprint for the whole set: the sha256 of one line ``<role> <sha256>`` for each file, in order."""
        lines = "".join(f"{file.role} {file.sha256}\n" for file in self.files)
        return hashlib.sha256(lines.encode()).hexdigest()


def manifest(path: Path = MANIFEST) -> dict[str, DataSetEntry]:
    """Return what the manifest says of every data set, by name, in its order.

    Raises:
        DataFileError: the manifest is missing, is not JSON, or has another schema.

    """
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema is {content['schema']!r}, expected {SCHEMA}")
        return {entry["name"]: _data_set(entry) for entry in content["data_sets"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataFileError(
            f"{path}: the list of data files cannot be read ({error!r}).\n{_restore(path.name)}"
        ) from error


def entry(name: str) -> DataSetEntry:
    """Return what the manifest says of one data set.

    Raises:
        DataFileError: there is no such data set (the message lists those there are), or no readable manifest.

    """
    known = manifest()
    if name not in known:
        raise DataFileError(f"unknown data set {name!r}; the manifest has: {', '.join(known)}")
    return known[name]


def folder() -> Path:
    """Return the folder of the ``.gz`` files: ``GROUNDTRUTH_DATA``, or the package's own where it is unset or empty."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else PACKAGE_FOLDER


def read_set(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of one data set by role; every file is verified before any is returned.

    Returns:
        ``{"train_images", "train_labels", "test_images", "test_labels"}``: writable uint8 arrays with the shapes that
        the manifest gives, fresh at each call.

    Raises:
        DataFileError: a file is missing, damaged or another; the message names it and says how to restore it.

    """
    where = folder()
    return {file.role: read_file(file, where) for file in entry(name).files}


def read_file(file: FileEntry, where: Path) -> np.ndarray:
    """Return the array in one file, after its size, its sha256 and its idx header were checked.

    Raises:
        DataFileError: the file is missing, truncated, corrupt, altered, or its header contradicts the manifest.

    """
    path = (where / file.name).absolute()
    try:
        packed = path.read_bytes()
    except OSError as error:
        reason = "the file is missing" if isinstance(error, FileNotFoundError) else f"cannot be read: {error}"
        raise _failure(path, file, reason, None) from error

    unpack = zlib.decompressobj(_GZIP)
    try:
        content = bytearray(unpack.decompress(packed))  # a bytearray, so that the array on it is writable
    except zlib.error as error:
        raise _failure(path, file, f"not readable as gzip: {error}", None) from error
    found = hashlib.sha256(content).hexdigest()
    if not unpack.eof:
        reason = f"truncated: the gzip stream ends after {len(content):,} of {file.size:,} bytes of content"
        raise _failure(path, file, reason, found)
    if unpack.unused_data:
        raise _failure(
            path, file, f"trailing bytes after the gzip stream: {len(unpack.unused_data):,}", found
        )
    if found != file.sha256:
        raise _failure(
            path, file, f"altered: {len(content):,} bytes of content, {file.size:,} expected", found
        )
    return _array(path, file, content, found)


def _array(path: Path, file: FileEntry, content: bytearray, found: str) -> np.ndarray:
    """Return the values of idx content as an array that shares its memory."""
    header = bytes([0, 0, 8, len(file.shape)]) + np.asarray(file.shape, ">u4").tobytes()
    if file.dtype != "uint8" or content[: len(header)] != header:
        reason = f"wrong idx header: expected {header.hex()} for {file.dtype} of shape {file.shape}, "
        raise _failure(path, file, reason + f"found {content[: len(header)].hex()}", found)
    values = np.frombuffer(content, np.uint8, offset=len(header))
    if values.size != np.prod(file.shape, dtype=np.int64):
        reason = f"wrong length: the header promises shape {file.shape}, the file has {values.size:,} values"
        raise _failure(path, file, reason, found)
    return values.reshape(file.shape)


def _data_set(fields: dict[str, Any]) -> DataSetEntry:
    files = tuple(FileEntry(**{**file, "shape": tuple(file["shape"])}) for file in fields["files"])
    lists = {key: tuple(fields[key]) for key in ("classes", "known_problems")}
    return DataSetEntry(**{**fields, **lists, "files": files})


def _failure(path: Path, file: FileEntry, reason: str, found: str | None) -> DataFileError:
    return DataFileError(
        f"{path}: {reason}.\n"
        f"  sha256 of the content, expected: {file.sha256}\n"
        f"  sha256 of the content, found:    {found or 'none'}\n"
        f"{_restore(file.name)}"
    )


def _restore(name: str) -> str:
    advice = (
        "To restore it, reinstall the package: pip install --force-reinstall --no-deps groundtruth\n"
        f"or, in a checkout of the book: git checkout -- src/groundtruth/data/files/{name}"
    )
    if os.environ.get(VARIABLE):
        return f"{VARIABLE} is set to {folder()}: unset it to read the package's own files.\n{advice}"
    return advice
