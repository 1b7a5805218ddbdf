"""What a network costs: its weights, and the multiplications that one example takes, layer by layer.

Used by the chapter *deep-architectures*.

A multiply-add is one product that is added to a sum. A convolution of k numbers on each of C channels, in G groups,
with K channels out and P places, makes P · K · (C / G) · k of them; an affine map from D to K makes D · K. Biases,
normalisation, activations and pooling are left out, as is usual in papers (He et al., 2016, table 1, call the same
count FLOPs; others count a multiply-add as two).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class LayerCost:
    """One layer that multiplies, as one example goes through it."""

    name: str
    """Its place in the network, such as ``"blocks.0.first.0"``."""
    kind: str
    """Its class, such as ``"Conv2d"``."""
    output: tuple[int, ...]
    """Shape of what it gives for one example, without the batch."""
    weights: int
    """Its weights and biases."""
    multiply_adds: int
    """For one example."""


def weights(network: nn.Module) -> int:
    """Return how many numbers the network learns."""
    return sum(p.numel() for p in network.parameters())


def layers(network: nn.Module, shape: Sequence[int]) -> list[LayerCost]:
    """Return the cost of every convolution and affine map, in the order in which an example meets them.

    The network is run once on zeros in evaluation mode, without gradients, on the device of its weights: on the device
    ``meta`` nothing is computed but shapes.

    Args:
        network: any network; its mode and its weights stay as they are.
        shape: of one example, without the batch.

    """
    found: list[LayerCost] = []
    names = {part: name for name, part in network.named_modules()}

    def look(part: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        weight = part.weight
        assert isinstance(weight, Tensor)
        places = (
            output[0].numel() // weight.shape[0]
        )  # an affine map that is applied at P places counts P times
        if not isinstance(part, nn.Linear):
            places = output[0, 0].numel()
        found.append(
            LayerCost(
                name=names[part],
                kind=type(part).__name__,
                output=tuple(output.shape[1:]),
                weights=sum(p.numel() for p in part.parameters(recurse=False)),
                multiply_adds=places * weight.numel(),
            )
        )

    kinds = (nn.Conv1d, nn.Conv2d, nn.Linear)
    hooks = [part.register_forward_hook(look) for part in network.modules() if isinstance(part, kinds)]
    training = network.training
    like = next(network.parameters())
    try:
        network.eval()
        with torch.no_grad():
            network(torch.zeros(1, *shape, device=like.device, dtype=like.dtype))
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()
    return found


def multiply_adds(network: nn.Module, shape: Sequence[int]) -> int:
    """Return how many multiply-adds one example of this shape takes."""
    return sum(layer.multiply_adds for layer in layers(network, shape))
