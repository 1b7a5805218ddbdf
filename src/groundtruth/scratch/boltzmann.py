"""A restricted Boltzmann machine, written out by hand, and one step of contrastive divergence.

Used by the chapter *history*.

Sources: contrastive divergence is Hinton's, "Training products of experts by minimizing contrastive divergence", Neural
Computation 14 (2002), doi 10.1162/089976602760128018; that such machines can be stacked into a deep belief net, Hinton,
Osindero & Teh, Neural Computation 18 (2006), doi 10.1162/neco.2006.18.7.1527.

D visible and H hidden units, each 0 or 1, weights between the two sides and none within a side. So, given one side, the
units of the other are independent of each other. The gradient below is exact for the difference of two *free energies*,
with the reconstruction held fixed: that is how the tests hold it against autograd.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Generator, Tensor


class BoltzmannMachine:
    """Weights (D, H) and the biases of both sides.

    Attributes:
        weights: (D, H).
        visible_bias: (D,).
        hidden_bias: (H,).

    """

    def __init__(self, visible: int, hidden: int, generator: Generator, spread: float = 0.01) -> None:
        """Draw weights from a normal distribution around 0; biases begin at 0.

        Raises:
            ValueError: a side without a unit.

        """
        if min(visible, hidden) < 1:
            raise ValueError(f"both sides need a unit; got {visible} and {hidden}")
        self.weights = spread * torch.randn(visible, hidden, generator=generator)
        self.visible_bias = torch.zeros(visible)
        self.hidden_bias = torch.zeros(hidden)

    def parts(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return all that is learned."""
        return self.weights, self.visible_bias, self.hidden_bias

    def hidden(self, v: Tensor) -> Tensor:
        """Return the probability that each hidden unit is 1: (N, D) -> (N, H)."""
        return torch.sigmoid(v @ self.weights + self.hidden_bias)

    def visible(self, h: Tensor) -> Tensor:
        """Return the probability that each visible unit is 1: (N, H) -> (N, D)."""
        return torch.sigmoid(h @ self.weights.T + self.visible_bias)

    def free_energy(self, v: Tensor) -> Tensor:
        """Return −log of the sum over all hidden rows of e^(−energy): (N, D) -> (N,)."""
        return -(v @ self.visible_bias) - F.softplus(v @ self.weights + self.hidden_bias).sum(dim=1)

    def reconstruct(self, v: Tensor, generator: Generator) -> Tensor:
        """Return what one step down makes of hidden units that were drawn from v: probabilities, (N, D)."""
        p = self.hidden(v)
        drawn = (torch.rand(p.shape, generator=generator) < p).to(p.dtype)
        return self.visible(drawn)

    def gradient(self, v: Tensor, fantasy: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the slopes of mean free energy of v minus that of the fantasy, in the order of `parts`."""
        n = len(v)
        h, dreamt = self.hidden(v), self.hidden(fantasy)
        return (
            (fantasy.T @ dreamt - v.T @ h) / n,
            (fantasy - v).mean(dim=0),
            (dreamt - h).mean(dim=0),
        )

    def fit(
        self, inputs: Tensor, epochs: int, generator: Generator, batch: int = 100, rate: float = 0.1
    ) -> None:
        """Learn by contrastive divergence with one step, momentum 0.5, then 0.9 from the second epoch on.

        Args:
            inputs: (N, D), from 0 to 1.
            epochs: how often all are shown.
            generator: draws orders and hidden units.
            batch: inputs a step.
            rate: of the steps.

        """
        changes = [torch.zeros_like(part) for part in self.parts()]
        for epoch in range(epochs):
            order = torch.randperm(len(inputs), generator=generator)
            for chosen in order.split(batch):
                v = inputs[chosen]
                slopes = self.gradient(v, self.reconstruct(v, generator))
                for part, change, slope in zip(self.parts(), changes, slopes, strict=True):
                    change.mul_(0.5 if epoch == 0 else 0.9).sub_(slope, alpha=rate)
                    part.add_(change)
