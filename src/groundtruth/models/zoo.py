"""Pretrained networks of other libraries, with a new head, where the library is installed.

Used by the chapter *transfer-learning*. The book needs none of these libraries, so none is imported before ``load``
asks for it, and ``status`` says what is here without importing anything. Their weights are *downloaded* on first use,
from the library's own address: the book's build never does that.

Each network wants its pictures prepared as in its own training. Ask the library how:
``torchvision.models.get_model_weights(name).DEFAULT.transforms()``; ``timm.data.resolve_model_data_config(model)``;
``transformers.AutoImageProcessor.from_pretrained(name)``.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn


class NotInstalledError(RuntimeError):
    """A library that was asked for is not installed, or does not work here; the message says what to do."""


@dataclass(frozen=True)
class Library:
    """Where other people's networks come from."""

    package: str
    """As pip and ``import`` know it."""
    example: str
    """Name of a small network there."""


LIBRARIES = {
    "torchvision": Library("torchvision", "mobilenet_v3_small"),
    "timm": Library("timm", "mobilenetv3_small_100"),
    "huggingface": Library("transformers", "google/mobilenet_v2_1.0_224"),
}


def status(name: str) -> str:
    """Return whether a library is installed here, and which version, without importing it.

    Raises:
        ValueError: an unknown library.

    """
    package = _library(name).package
    if importlib.util.find_spec(package) is None:
        return f"not installed here: pip install {package}"
    try:
        return f"installed, version {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return "installed"


def load(library: str, network: str | None = None, classes: int = 2, *, pretrained: bool = True) -> nn.Module:
    """Return a network of another library with a new head; it maps images (N, 3, H, W) to logits (N, classes).

    Args:
        library: one of ``LIBRARIES``.
        network: its name there; None takes a small one.
        classes: number of logits.
        pretrained: fetch trained weights (a download on first use); False starts from random ones, which Hugging Face's
            networks do not offer here.

    Raises:
        NotInstalledError: the library is not installed, or fails to import.
        ValueError: an unknown library, fewer than one class, or ``pretrained=False`` with ``"huggingface"``.

    """
    chosen = _library(library)
    if classes < 1:
        raise ValueError(f"classes must be at least 1; got {classes}")
    if importlib.util.find_spec(chosen.package) is None:
        raise NotInstalledError(f"{library} is not installed here: pip install {chosen.package}")
    makers: dict[str, Callable[[str, int, bool], nn.Module]] = {
        "torchvision": _from_torchvision,
        "timm": _from_timm,
        "huggingface": _from_huggingface,
    }
    return makers[library](network or chosen.example, classes, pretrained)


def _from_torchvision(network: str, classes: int, pretrained: bool) -> nn.Module:
    model: nn.Module = _imported("torchvision.models").get_model(
        network, weights="DEFAULT" if pretrained else None
    )
    name, old = [(name, part) for name, part in model.named_modules() if isinstance(part, nn.Linear)][-1]
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent), last, nn.Linear(old.in_features, classes))
    return model


def _from_timm(network: str, classes: int, pretrained: bool) -> nn.Module:
    model: nn.Module = _imported("timm").create_model(network, pretrained=pretrained, num_classes=classes)
    return model


def _from_huggingface(network: str, classes: int, pretrained: bool) -> nn.Module:
    if not pretrained:
        raise ValueError("Hugging Face's networks come with their weights here: leave pretrained=True")
    kind = _imported("transformers").AutoModelForImageClassification
    # the old head has another size: it is left out, and a new one is drawn
    return _Logits(kind.from_pretrained(network, num_labels=classes, ignore_mismatched_sizes=True))


class _Logits(nn.Module):
    """Hands on the logits alone, where a network returns them in a record."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.inner(x).logits
        return logits


def _imported(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except Exception as error:  # torchvision beside another build of PyTorch raises RuntimeError, for one
        raise NotInstalledError(
            f"{module} is installed, but does not import beside this PyTorch: {type(error).__name__}: {error}"
        ) from error


def _library(name: str) -> Library:
    if name not in LIBRARIES:
        raise ValueError(f"unknown library {name!r}; choose one of: {', '.join(LIBRARIES)}")
    return LIBRARIES[name]
