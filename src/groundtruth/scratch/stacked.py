"""Small networks trained all at once on the mean squared loss: one tensor holds the same layer of all of them.

Used by the chapter *neural-networks*, which trains one network with a plain loop first.

S networks of one shape, each with its own examples, share every matrix product. Their losses are added. No number of
one network appears in the loss of another, so the slope of the sum in a network's weights is the slope of its own loss,
and Adam, which treats every number by itself, moves each network as it would alone.

The optimizer is PyTorch's Adam (Kingma and Ba, 2015, arXiv 1412.6980).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

Layers = list[tuple[Tensor, Tensor]]
"""Of one network: weights (K, D) and biases (K,) of each layer. Of S networks: (S, K, D) and (S, K)."""


def stack(networks: Sequence[Layers]) -> Layers:
    """Return the layers of S networks as one tensor each: (S, K, D) and (S, K), copies.

    Raises:
        ValueError: there is no network, or their shapes differ.

    """
    shapes = {tuple((tuple(W.shape), tuple(b.shape)) for W, b in layers) for layers in networks}
    if len(shapes) != 1:
        raise ValueError(f"needs at least one network, all of one shape; got {len(shapes)} shapes")
    return [
        (torch.stack([W for W, _ in layer]), torch.stack([b for _, b in layer]))
        for layer in zip(*networks, strict=True)
    ]


def outputs(layers: Layers, x: Tensor, activation: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the first output of every network, with the activation after every layer but the last.

    Args:
        layers: of S networks.
        x: (S, N, D), the examples of each network.
        activation: of every number by itself.

    Returns:
        Shape (S, N).

    Raises:
        ValueError: there is no layer, or x does not fit the first one.

    """
    if (
        not layers
        or x.dim() != 3
        or (x.shape[0], x.shape[2]) != (layers[0][0].shape[0], layers[0][0].shape[2])
    ):
        raise ValueError(f"inputs must have shape (S, N, D) and fit the first layer; got {tuple(x.shape)}")
    for number, (W, b) in enumerate(layers, start=1):
        x = torch.baddbmm(b[:, None], x, W.transpose(1, 2))  # (S, N, D) @ (S, D, K) + (S, 1, K) -> (S, N, K)
        x = x if number == len(layers) else activation(x)
    return x[..., 0]


def train(  # noqa: PLR0917 - the order of the plain loop in the chapter
    layers: Layers, x: Tensor, y: Tensor, activation: Callable[[Tensor], Tensor], steps: int, rate: float
) -> Layers:
    """Return the layers after full-batch steps of Adam, each network on its own mean squared loss.

    Args:
        layers: of S networks; they stay as they are.
        x: (S, N, D).
        y: (S, N), the targets.
        activation: stands after every layer but the last.
        steps: how many, at least 0.
        rate: the learning rate.

    Raises:
        ValueError: the targets are not (S, N).

    """
    if y.shape != x.shape[:2]:
        raise ValueError(f"targets must have shape {tuple(x.shape[:2])}; got {tuple(y.shape)}")
    moving = [(W.clone().requires_grad_(), b.clone().requires_grad_()) for W, b in layers]
    optimizer = torch.optim.Adam([part for layer in moving for part in layer], lr=rate)
    for _ in range(steps):
        loss = (outputs(moving, x, activation) - y).square().mean(dim=1).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return [(W.detach(), b.detach()) for W, b in moving]
