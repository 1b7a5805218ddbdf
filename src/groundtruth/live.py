"""Figures that answer a reader: what a cell hands over so that the page can go on computing.

Used by the chapters *perceptron*, *loss-and-gradient-descent* and *convolution*.

A live figure is a figure of a run, which every reader sees, and beside it the numbers of that run that a script of
the page needs: the weights of a network that the cell has trained, say. They travel in the cell's outputs, as evidence
does, and the build writes each into a file of its own that a page asks for only when a reader does. Notebooks show the
figure alone.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from groundtruth.evidence import BUILD_VARIABLE, MIME, NAME, EvidenceError, figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike
    from torch import nn

KINDS = ("convolution", "descent", "digit-network", "perceptron")
"""What a page can do; the script of each is ``sphinxext/static/live/<kind>.js``."""
LIMIT = 1_000_000
"""Bytes that the data of one live figure may take as JSON."""
TYPES = {"float32": "<f4", "uint8": "|u1"}
"""Types of packed numbers, little-endian: what JavaScript calls Float32Array and Uint8Array."""


def live(name: str, kind: str, still: Figure, data: Mapping[str, Any], *, timing: bool = False) -> None:
    """Hand over a figure, and what a page needs to go on from it; ``{live-figure} name`` places both.

    Args:
        name: lower-case words joined by hyphens, unique in the chapter.
        kind: which script answers, one of `KINDS`. Each says in its head which data it reads.
        still: the figure that stands on the page until a reader asks for more, on paper and in notebooks.
        data: what the script reads: numbers, texts, truth values, lists and mappings of them; arrays by `packed`.
        timing: the still figure shows times, and so looks different in every build.

    Raises:
        EvidenceError: a malformed name, an unknown kind, data that are no JSON or take more than `LIMIT` bytes.

    """
    if not NAME.fullmatch(name):
        raise EvidenceError(f"{name!r} is no name: use lower-case words joined by hyphens, such as 'try-it'")
    if kind not in KINDS:
        raise EvidenceError(f"live figure '{name}': unknown kind {kind!r}; choose one of: {', '.join(KINDS)}")
    try:
        size = len(json.dumps(data, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise EvidenceError(
            f"live figure '{name}': its data are no JSON ({error}); give plain Python numbers, and arrays by packed()"
        ) from None
    if size > LIMIT:
        raise EvidenceError(
            f"live figure '{name}': its data take {size:,} bytes, and a page may ask for {LIMIT:,}; hand over less"
        )
    figure(name, still, timing=timing)
    if os.environ.get(BUILD_VARIABLE) and "IPython" in sys.modules:
        from IPython import get_ipython  # noqa: PLC0415
        from IPython.display import display  # noqa: PLC0415

        if get_ipython() is not None:
            payload = {"kind": "live", "name": name, "script": kind, "data": dict(data)}
            display({MIME: payload, "text/plain": f"live figure {name}"}, raw=True)


def packed(numbers: ArrayLike, kind: str = "float32") -> dict[str, Any]:
    """Return an array as JSON: its shape, its type, and its bytes in base64.

    Args:
        numbers: of any shape; a tensor has to be detached and on the CPU.
        kind: one of `TYPES`; 64-bit numbers are rounded to 32 bits.

    Raises:
        ValueError: an unknown type, or numbers that the type cannot hold.

    """
    import numpy as np  # noqa: PLC0415 - a page without arrays needs none

    if kind not in TYPES:
        raise ValueError(f"unknown type {kind!r}; choose one of: {', '.join(TYPES)}")
    given = np.asarray(numbers)
    array = given.astype(TYPES[kind], order="C")
    if not np.isfinite(array).all():
        raise ValueError("there are numbers that are not finite among these: a page cannot go on with them")
    if kind == "uint8" and not np.array_equal(array, given):
        raise ValueError("a uint8 holds whole numbers from 0 to 255; some of these are none")
    return {"shape": list(array.shape), "type": kind, "base64": base64.b64encode(array.tobytes()).decode()}


def steps_of(network: nn.Module, others: Mapping[type[nn.Module], str] | None = None) -> list[dict[str, Any]]:
    """Return the layers of a network one behind the other, with their weights, for the script *digit-network*.

    Args:
        network: an ``nn.Sequential``, nested or not, in evaluation mode: convolutions with square kernels, ReLU, max
            pooling without overlap, affine layers, flattening. Fold batch normalisation into the convolutions first
            (``groundtruth.models.folding``).
        others: what the script calls layers of the chapter's own, such as ``{Largest: "largest"}``.

    Raises:
        ValueError: a layer that the script does not know, or one in training mode.

    """
    from torch import nn  # noqa: PLC0415 - two seconds, and most live figures hold no network

    names = dict(others or {})
    plain: dict[type[nn.Module], str] = {nn.ReLU: "relu", nn.Flatten: "flatten", **names}
    steps: list[dict[str, Any]] = []
    for part in _leaves(network, tuple(names)):
        if isinstance(part, nn.Identity):
            continue
        if part.training:
            raise ValueError(f"{part} is in training mode: call .eval() on the network first")
        if isinstance(part, nn.Dropout):  # in evaluation mode it does nothing
            continue
        if type(part) in plain:
            steps.append({"op": plain[type(part)]})
        elif isinstance(part, nn.MaxPool2d) and _is_square_pool(part):
            steps.append({"op": "pool", "size": part.kernel_size})
        elif isinstance(part, nn.Conv2d) and _is_plain(part):
            step = {"op": "conv", "stride": part.stride[0], "padding": part.padding[0]}
            steps.append(step | _weights(part))
        elif isinstance(part, nn.Linear):
            steps.append({"op": "linear", **_weights(part)})
        else:
            raise ValueError(f"the page cannot compute {part}; see groundtruth.live.steps_of for what it can")
    return steps


def _leaves(network: nn.Module, whole: tuple[type[nn.Module], ...]) -> list[nn.Module]:
    """Return the layers of nested sequences in their order."""
    from torch import nn  # noqa: PLC0415

    if isinstance(network, nn.Sequential) and not (whole and isinstance(network, whole)):
        return [leaf for part in network for leaf in _leaves(part, whole)]
    return [network]


def _is_square_pool(part: nn.MaxPool2d) -> bool:
    side = part.kernel_size
    return isinstance(side, int) and part.stride == side and part.padding == 0 and not part.ceil_mode


def _is_plain(part: nn.Conv2d) -> bool:
    same = all(len(set(pair)) == 1 for pair in (part.kernel_size, part.stride, part.padding))
    return same and part.groups == 1 and set(part.dilation) == {1} and part.padding_mode == "zeros"


def _weights(part: nn.Conv2d | nn.Linear) -> dict[str, Any]:
    """Return weight and bias, the bias zero where the layer has none."""
    weight = part.weight.detach().float().cpu()
    bias = weight.new_zeros(len(weight)) if part.bias is None else part.bias.detach().float().cpu()
    return {"weight": packed(weight.numpy()), "bias": packed(bias.numpy())}
