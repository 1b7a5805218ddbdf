"""Many small networks, trained side by side: one tensor holds the weights of all of them.

Used by the chapter *training*.

A run of a small network keeps no processor busy. R networks of one shape that see batches of one size can share every
matrix product: `torch.bmm` multiplies R matrices by R others. A run's row (P,) holds all its numbers in one line: the
weights and biases of the first layer, then of the next. Optimizers treat every number by itself, so they need not know.

Sources: the numbers at the start are He's (2015, doi 10.1109/ICCV.2015.123), with biases of zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor


def count(sizes: Sequence[int]) -> int:
    """Return P, how many weights and biases a network with layers of these sizes has.

    Raises:
        ValueError: fewer than two sizes, or one below 1.

    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"a network needs an input and an output size, each at least 1; got {tuple(sizes)}")
    return sum(inputs * outputs + outputs for inputs, outputs in pairwise(sizes))


def start(sizes: Sequence[int], seeds: Sequence[int]) -> Tensor:
    """Return first weights (R, P), one row a seed: a row does not depend on the other seeds."""
    count(sizes)
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        parts = []
        for inputs, outputs in pairwise(sizes):
            parts.append(torch.randn(inputs * outputs, generator=generator) * math.sqrt(2 / inputs))  # (D·K,)
            parts.append(torch.zeros(outputs))  # (K,)
        rows.append(torch.cat(parts))
    return torch.stack(rows)


def layers(weights: Tensor, sizes: Sequence[int]) -> list[tuple[Tensor, Tensor]]:
    """Return, for each layer, weights (R, D, K) and biases (R, 1, K): views of the rows (R, P).

    Raises:
        ValueError: the rows have another length than such networks.

    """
    if weights.dim() != 2 or weights.shape[1] != count(sizes):
        raise ValueError(
            f"weights must have shape (R, {count(sizes)}) for sizes {tuple(sizes)}; got {tuple(weights.shape)}"
        )
    lengths = [length for D, K in pairwise(sizes) for length in (D * K, K)]
    parts = weights.split(lengths, dim=1)
    return [
        (parts[2 * i].view(-1, D, K), parts[2 * i + 1].view(-1, 1, K))
        for i, (D, K) in enumerate(pairwise(sizes))
    ]


def logits(weights: Tensor, sizes: Sequence[int], inputs: Tensor) -> Tensor:
    """Return logits (R, N, K) of R networks with ReLU between their layers.

    Args:
        weights: (R, P).
        sizes: features of the input, of each hidden layer, and of the output.
        inputs: (R, N, D), a batch for each network; or (N, D), one for all.

    """
    x = inputs.expand(len(weights), *inputs.shape) if inputs.dim() == 2 else inputs  # (R, N, D)
    stack = layers(weights, sizes)
    for number, (w, b) in enumerate(stack):
        x = torch.baddbmm(b, x, w)  # (R, 1, K) + (R, N, D) @ (R, D, K) -> (R, N, K)
        if number < len(stack) - 1:
            x = x.relu()
    return x


def losses(weights: Tensor, sizes: Sequence[int], inputs: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of each network, (R,), for labels (R, N) or (N,)."""
    scores = logits(weights, sizes, inputs)  # (R, N, K)
    labels = labels.expand(scores.shape[:2])  # (R, N)
    return (scores.logsumexp(dim=2) - scores.gather(2, labels[..., None])[..., 0]).mean(dim=1)


def gradients(weights: Tensor, sizes: Sequence[int], inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Return losses (R,) and the gradient of each network's own loss, (R, P).

    No network's loss depends on another's weights, so the gradient of the sum of all losses holds each one's gradient
    in its row.
    """
    leaf = weights.detach().requires_grad_()
    each = losses(leaf, sizes, inputs, labels)
    (slopes,) = torch.autograd.grad(each.sum(), leaf)
    return each.detach(), slopes


def accuracies(
    weights: Tensor, sizes: Sequence[int], inputs: Tensor, labels: Tensor, rows: int = 1000
) -> Tensor:
    """Return the share of examples (N, D) that each network answers rightly, (R,)."""
    right = torch.zeros(len(weights))
    with torch.no_grad():
        for x, y in zip(inputs.split(rows), labels.split(rows), strict=True):
            right += (logits(weights, sizes, x).argmax(dim=2) == y).sum(dim=1)
    return right / len(inputs)
