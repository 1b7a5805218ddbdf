"""The first weights of a layer: constants, plain noise, and the two rules that choose the size of the noise.

Used by the chapter *neural-networks*.

Weights have the shape (K, D) of `torch.nn.Linear`: K units, D inputs each. What is drawn comes from a generator that
the caller hands over, in the order in which `torch.nn.init` draws, so that the same generator gives the same weights.

Sources: Glorot and Bengio (2010) for a variance of 2 / (D + K), often called Xavier; He, Zhang, Ren and Sun (2015, doi
10.1109/ICCV.2015.123) for 2 / D, made for ReLU, often called Kaiming. `linear_default` and `linear_biases` are what
`torch.nn.Linear` does when nobody says anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

Rule = Callable[[int, int, Generator], Tensor]
"""Takes units K, inputs D and a generator; returns weights (K, D), or biases (K,)."""


def zeros(units: int, inputs: int) -> Tensor:
    """Return weights (K, D) of 0: every unit computes the same, and so does every unit's update."""
    return constant(units, inputs, 0.0)


def constant(units: int, inputs: int, value: float) -> Tensor:
    """Return weights (K, D) that all have one value."""
    _check(units, inputs)
    return torch.full((units, inputs), value, dtype=torch.float64)


def normal(units: int, inputs: int, generator: Generator, std: float = 0.01) -> Tensor:
    """Return normal weights (K, D) with mean 0.

    Args:
        units: K.
        inputs: D.
        generator: draws the weights.
        std: standard deviation, at least 0.

    Raises:
        ValueError: ``units`` or ``inputs`` below 1, or ``std`` below 0.

    """
    _check(units, inputs)
    if std < 0:
        raise ValueError(f"std must be at least 0; got {std}")
    return std * torch.randn(units, inputs, generator=generator, dtype=torch.float64)


def uniform(units: int, inputs: int, generator: Generator, std: float) -> Tensor:
    """Return weights (K, D), uniform from −√3 std to √3 std, so that their standard deviation is ``std``.

    Arguments and errors are those of `normal`.
    """
    _check(units, inputs)
    if std < 0:
        raise ValueError(f"std must be at least 0; got {std}")
    edge = math.sqrt(3) * std
    return edge * (2 * torch.rand(units, inputs, generator=generator, dtype=torch.float64) - 1)


# --- how large? -------------------------------------------------------------------------------------------


def glorot_std(units: int, inputs: int) -> float:
    """Return √(2 / (D + K)): between what keeps signals (1/D) and what keeps slopes (1/K), without ReLU."""
    _check(units, inputs)
    return math.sqrt(2 / (inputs + units))


def he_std(inputs: int, leak: float = 0.0) -> float:
    """Return √(2 / ((1 + leak²) D)): the 2 makes up for the half that ReLU throws away.

    Args:
        inputs: D.
        leak: slope of the activation below zero; 0 for ReLU, 1 for none.

    """
    _check(1, inputs)
    return math.sqrt(2 / ((1 + leak**2) * inputs))


def glorot_uniform(units: int, inputs: int, generator: Generator) -> Tensor:
    """Return uniform weights (K, D) of variance 2 / (D + K)."""
    return uniform(units, inputs, generator, glorot_std(units, inputs))


def glorot_normal(units: int, inputs: int, generator: Generator) -> Tensor:
    """Return normal weights (K, D) of variance 2 / (D + K)."""
    return normal(units, inputs, generator, glorot_std(units, inputs))


def he_uniform(units: int, inputs: int, generator: Generator) -> Tensor:
    """Return uniform weights (K, D) of variance 2 / D."""
    return uniform(units, inputs, generator, he_std(inputs))


def he_normal(units: int, inputs: int, generator: Generator) -> Tensor:
    """Return normal weights (K, D) of variance 2 / D."""
    return normal(units, inputs, generator, he_std(inputs))


def linear_default(units: int, inputs: int, generator: Generator) -> Tensor:
    """Return uniform weights (K, D) from −1/√D to 1/√D, of variance 1 / (3D), as `torch.nn.Linear` starts."""
    _check(units, inputs)
    return uniform(units, inputs, generator, 1 / math.sqrt(3 * inputs))


def linear_biases(units: int, inputs: int, generator: Generator) -> Tensor:
    """Return uniform biases (K,) from −1/√D to 1/√D, as `torch.nn.Linear` draws them after its weights."""
    _check(units, inputs)
    return (2 * torch.rand(units, generator=generator, dtype=torch.float64) - 1) / math.sqrt(inputs)


# --- what becomes of the signal ---------------------------------------------------------------------------


def scores_by_depth(  # noqa: PLR0917 - what is carried, how far, and by what
    x: Tensor,
    depth: int,
    rule: Rule,
    activation: Callable[[Tensor], Tensor],
    generator: Generator,
    biases: Rule | None = None,
) -> list[Tensor]:
    """Carry inputs through layers of random weights, all as wide as the input.

    Args:
        x: (N, D).
        depth: number of layers.
        rule: draws the weights of each.
        activation: stands after each.
        generator: draws them all.
        biases: draws the biases (K,) of each layer, after its weights; left out, they are 0.

    Returns:
        The scores (N, D) of every layer, before its activation.

    Raises:
        ValueError: ``depth`` below 1, or x is not (N, D).

    """
    if depth < 1 or x.dim() != 2:
        raise ValueError(f"needs depth ≥ 1 and inputs (N, D); got depth={depth}, inputs {tuple(x.shape)}")
    width = x.shape[1]
    scores: list[Tensor] = []
    for _ in range(depth):
        z = x @ rule(width, width, generator).to(x.dtype).T  # (N, D) @ (D, D)
        if biases is not None:
            z = z + biases(width, width, generator).to(x.dtype)  # (D,), to every row
        scores.append(z)
        x = activation(z)
    return scores


def _check(units: int, inputs: int) -> None:
    if units < 1 or inputs < 1:
        raise ValueError(f"a layer has at least one unit and one input; got {units} units, {inputs} inputs")
