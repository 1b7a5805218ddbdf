"""The dense layer, written out by hand: forward, backward, its count of numbers, and networks of such layers.

Used by the chapter *neural-networks*, and by *backpropagation*, which carries `worked_network` backwards.

Weights are stored as in `torch.nn.Linear`: row i holds the weights of unit i, W[i, j] is the weight of the connection
from input j to unit i, and biases are added.

Sources: layers of units and the backward pass through them follow Rumelhart, Hinton and Williams (1986, doi
10.1038/323533a0). The numbers of the worked network are made up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

Activation = Callable[[Tensor], Tensor]
"""A function of every number by itself: any shape, the same shape."""


class Dense:
    """One fully connected layer: z = x Wᵀ + b, a score for each of its units.

    Attributes:
        weights: (K, D), a row for each unit.
        biases: (K,).

    """

    def __init__(self, weights: Tensor, biases: Tensor) -> None:
        """Take weights (K, D) and biases (K,) as they are, without a copy.

        Raises:
            ValueError: the shapes do not belong together.

        """
        if weights.dim() != 2 or biases.shape != weights.shape[:1]:
            raise ValueError(
                f"a layer needs weights (K, D) and biases (K,); got {tuple(weights.shape)} "
                f"and {tuple(biases.shape)}"
            )
        self.weights = weights
        self.biases = biases

    @property
    def inputs(self) -> int:
        """How many numbers it reads: D."""
        return self.weights.shape[1]

    @property
    def units(self) -> int:
        """How many numbers it gives: K."""
        return self.weights.shape[0]

    @property
    def parameters(self) -> int:
        """A weight for each connection and a bias for each unit: K·D + K."""
        return self.weights.numel() + self.biases.numel()

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of all units: (N, D) -> (N, K), or (D,) -> (K,).

        Raises:
            ValueError: x does not end in D numbers.

        """
        if x.dim() not in (1, 2) or x.shape[-1] != self.inputs:
            raise ValueError(
                f"inputs must have shape (N, {self.inputs}) or ({self.inputs},); got {tuple(x.shape)}"
            )
        return x @ self.weights.T + self.biases  # (N, D) @ (D, K) + (K,) -> (N, K)

    def backward(self, x: Tensor, slope: Tensor) -> LayerSlopes:
        """Return the slopes of a loss in everything that the layer reads, from its slopes in the scores.

        With G = ∂L/∂z: ∂L/∂W = Gᵀ x, ∂L/∂b = Σₙ G, ∂L/∂x = G W.

        Args:
            x: (N, D), the inputs of the forward pass.
            slope: (N, K), the slope of the loss in each score.

        Raises:
            ValueError: shapes do not fit.

        """
        if x.dim() != 2 or x.shape[1] != self.inputs:
            raise ValueError(f"inputs must have shape (N, {self.inputs}); got {tuple(x.shape)}")
        if slope.shape != (len(x), self.units):
            raise ValueError(
                f"slope must have the shape of the scores, ({len(x)}, {self.units}); got {tuple(slope.shape)}"
            )
        return LayerSlopes(
            weights=slope.T @ x,  # (K, N) @ (N, D) -> (K, D)
            biases=slope.sum(dim=0),  # (N, K) -> (K,): a bias acts in every example
            inputs=slope @ self.weights,  # (N, K) @ (K, D) -> (N, D)
        )


@dataclass(frozen=True)
class LayerSlopes:
    """The slopes of a loss in what a layer reads."""

    weights: Tensor
    """(K, D)."""
    biases: Tensor
    """(K,)."""
    inputs: Tensor
    """(N, D): for the layer below, these are the slopes in what it gave."""


# --- networks of layers -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pass:
    """Everything that a forward pass computes, layer by layer."""

    scores: list[Tensor]
    """z of each layer, (N, K) or (K,)."""
    outputs: list[Tensor]
    """f(z) of each hidden layer, and z of the last: the prediction is ``outputs[-1]``."""


def forward(layers: Sequence[Dense], x: Tensor, activation: Activation) -> Pass:
    """Carry inputs (N, D) or (D,) through the layers, with the activation after every layer but the last.

    Raises:
        ValueError: there is no layer, or one does not fit what it is given.

    """
    if not layers:
        raise ValueError("a network needs at least one layer")
    scores: list[Tensor] = []
    outputs: list[Tensor] = []
    for number, layer in enumerate(layers, start=1):
        scores.append(layer.forward(outputs[-1] if outputs else x))
        outputs.append(scores[-1] if number == len(layers) else activation(scores[-1]))
    return Pass(scores, outputs)


def count(sizes: Sequence[int]) -> int:
    """Return how many numbers a network of these sizes learns: Σ (inputs · units + units) over its layers.

    Args:
        sizes: numbers in the input, in each hidden layer, and in the output.

    Raises:
        ValueError: fewer than two sizes, or one below 1.

    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"a network has an input and an output size, each at least 1; got {tuple(sizes)}")
    return sum(inputs * units + units for inputs, units in pairwise(sizes))


def collapse(layers: Sequence[Dense]) -> Dense:
    """Return the one layer that computes what these layers compute with nothing between them.

    W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + (W₂ b₁ + b₂).

    Raises:
        ValueError: there is no layer, or two neighbours do not fit.

    """
    if not layers:
        raise ValueError("a network needs at least one layer")
    weights, biases = layers[0].weights, layers[0].biases  # (K₁, D), (K₁,)
    for layer in layers[1:]:
        if layer.inputs != len(weights):
            raise ValueError(f"a layer of {layer.inputs} inputs cannot follow one of {len(weights)} units")
        weights, biases = layer.weights @ weights, layer.weights @ biases + layer.biases  # (K₂, D), (K₂,)
    return Dense(weights, biases)


# --- the worked example -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkedNetwork:
    """Two inputs, three hidden ReLU units, one output; one example. Its third hidden unit is off."""

    x: Tensor
    """(2,), the inputs of the example."""
    target: Tensor
    """(1,), what the prediction should be."""
    hidden: Dense
    """2 -> 3."""
    output: Dense
    """3 -> 1."""

    @property
    def layers(self) -> list[Dense]:
        """Both layers, in order."""
        return [self.hidden, self.output]


def worked_network(dtype: torch.dtype = torch.float64) -> WorkedNetwork:
    """Return the network whose numbers the chapters carry forwards and backwards by hand.

    z = (0.5, 2, −1.5), so h = (0.5, 2, 0) after ReLU, and the prediction is 0.5 + 1 + 0 + 0.25 = 1.75; the target is 1.
    """
    return WorkedNetwork(
        x=torch.tensor([2.0, 1.0], dtype=dtype),
        target=torch.tensor([1.0], dtype=dtype),
        hidden=Dense(
            torch.tensor([[0.5, -1.0], [1.0, 0.5], [-1.0, 0.5]], dtype=dtype),
            torch.tensor([0.5, -0.5, 0.0], dtype=dtype),
        ),
        output=Dense(torch.tensor([[1.0, 0.5, -1.0]], dtype=dtype), torch.tensor([0.25], dtype=dtype)),
    )
