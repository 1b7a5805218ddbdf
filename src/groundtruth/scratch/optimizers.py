"""Optimizers, written out by hand: how a gradient becomes a step.

Used by the chapter *training*.

Each optimizer holds what it remembers from step to step, and `step(weights, gradient)` returns the new weights. It
treats every number by itself. So weights may have any shape, and where the rate is a tensor that broadcasts, such as
(R, 1) for weights (R, P), R runs go side by side, each with its own rate.

Sources: momentum, Polyak (1964, doi 10.1016/0041-5553(64)90137-5); Nesterov's form as in Sutskever et al. (ICML 2013,
equations 3 and 4, with the change of variables that libraries use); RMSProp, Tieleman & Hinton (lecture 6.5, Coursera,
2012); Adam, Kingma & Ba (2015, arXiv:1412.6980, algorithm 1); decoupled weight decay, Loshchilov & Hutter (2019,
arXiv:1711.05101, algorithm 2). Constants and conventions are those of `torch.optim`.
"""

from __future__ import annotations

import torch
from torch import Tensor

Rate = float | Tensor
"""A learning rate above 0, or a tensor of such rates that broadcasts to the weights."""


class Optimizer:
    """What all optimizers have in common: a rate, an L2 penalty, and the refusal of what cannot be meant.

    Attributes:
        rate: may be set anew before each step: that is what a schedule does.
        decay: coefficient λ of a penalty λ‖w‖²/2, whose gradient λw is added to the gradient (*coupled*).

    """

    def __init__(self, rate: Rate, decay: float = 0.0) -> None:
        """Take a learning rate (η) and a weight decay (λ).

        Raises:
            ValueError: the rate is not above 0, or the decay is below 0.

        """
        if not bool((torch.as_tensor(rate) > 0).all()):
            raise ValueError(f"rate must be above 0; got {rate}")
        if not decay >= 0:
            raise ValueError(f"decay must be at least 0; got {decay}")
        self.rate = rate
        self.decay = decay

    def step(self, weights: Tensor, gradient: Tensor) -> Tensor:
        """Return new weights (…, P) for weights and gradient of that shape; the arguments are left alone.

        Raises:
            ValueError: weights and gradient differ in shape, or are not what the earlier steps were about.

        """
        if weights.shape != gradient.shape:
            raise ValueError(
                f"weights have shape {tuple(weights.shape)} and the gradient {tuple(gradient.shape)}"
            )
        if self.decay:
            gradient = gradient + self.decay * weights
        return weights - self._change(weights, gradient)

    def _change(self, weights: Tensor, gradient: Tensor) -> Tensor:
        """Return what is subtracted from the weights."""
        raise NotImplementedError

    def memory(self) -> dict[str, Tensor | int]:
        """Return all that is remembered from step to step: what a checkpoint must hold, beside the weights."""
        return {}

    def recall(self, memory: dict[str, Tensor | int]) -> None:
        """Go on from what `memory` returned."""
        for name, value in memory.items():
            setattr(self, name, value.clone() if isinstance(value, Tensor) else value)


def _same(before: Tensor | None, gradient: Tensor, name: str) -> Tensor:
    """Return a memory that is zero at the first step, and of the gradient's shape ever after."""
    if before is None:
        return torch.zeros_like(gradient)
    if before.shape != gradient.shape:
        raise ValueError(
            f"{name} has shape {tuple(before.shape)} from earlier steps, and the gradient "
            f"{tuple(gradient.shape)}: make a new optimizer for new weights"
        )
    return before


def _fraction(name: str, value: float) -> float:
    if not 0 <= value < 1:
        raise ValueError(f"{name} must be at least 0 and below 1; got {value}")
    return value


class SGD(Optimizer):
    """Plain descent: w ← w − ηg."""

    def _change(self, weights: Tensor, gradient: Tensor) -> Tensor:
        return self.rate * gradient


class Momentum(Optimizer):
    """Descent with a velocity: v ← βv + g, then w ← w − ηv; in Nesterov's form w ← w − η(g + βv).

    Attributes:
        velocity: of the weights' shape, None before the first step.

    """

    velocity: Tensor | None = None

    def __init__(
        self, rate: Rate, momentum: float = 0.9, decay: float = 0.0, *, nesterov: bool = False
    ) -> None:
        """Take a rate η, the fraction β of the velocity that is kept, and a weight decay.

        Raises:
            ValueError: as for `Optimizer`, and momentum outside 0 ≤ β < 1.

        """
        super().__init__(rate, decay)
        self.momentum = _fraction("momentum", momentum)
        self.nesterov = nesterov

    def _change(self, weights: Tensor, gradient: Tensor) -> Tensor:
        self.velocity = self.momentum * _same(self.velocity, gradient, "the velocity") + gradient
        if self.nesterov:
            return self.rate * (gradient + self.momentum * self.velocity)
        return self.rate * self.velocity

    def memory(self) -> dict[str, Tensor | int]:
        """Return the velocity."""
        return {} if self.velocity is None else {"velocity": self.velocity.clone()}


class RMSProp(Optimizer):
    """Each slope divided by its own recent size: s ← ρs + (1 − ρ)g², then w ← w − ηg / (√s + ε).

    Attributes:
        square: s, of the weights' shape, None before the first step.

    """

    square: Tensor | None = None

    def __init__(self, rate: Rate, keep: float = 0.99, decay: float = 0.0, *, eps: float = 1e-8) -> None:
        """Take a rate η, the fraction ρ of the mean square that is kept, a weight decay, and ε.

        Raises:
            ValueError: as for `Optimizer`, and keep outside 0 ≤ ρ < 1.

        """
        super().__init__(rate, decay)
        self.keep = _fraction("keep", keep)
        self.eps = eps

    def _change(self, weights: Tensor, gradient: Tensor) -> Tensor:
        before = _same(self.square, gradient, "the mean square")
        self.square = self.keep * before + (1 - self.keep) * gradient**2
        return self.rate * gradient / (self.square.sqrt() + self.eps)

    def memory(self) -> dict[str, Tensor | int]:
        """Return the mean square."""
        return {} if self.square is None else {"square": self.square.clone()}


class Adam(Optimizer):
    """Momentum and RMSProp together, both freed of their start from zero.

    m ← β₁m + (1 − β₁)g and s ← β₂s + (1 − β₂)g². After t steps m holds a share 1 − β₁ᵗ of gradients, the rest is the
    zero it started from; so divide by that share: w ← w − η m̂ / (√ŝ + ε), m̂ = m/(1 − β₁ᵗ), ŝ = s/(1 − β₂ᵗ).

    Attributes:
        mean: m, and ``square``: s, of the weights' shape, None before the first step.
        steps: t.

    """

    mean: Tensor | None = None
    square: Tensor | None = None
    steps: int = 0

    def __init__(
        self,
        rate: Rate,
        betas: tuple[float, float] = (0.9, 0.999),
        decay: float = 0.0,
        *,
        eps: float = 1e-8,
    ) -> None:
        """Take a rate η, the kept fractions β₁ and β₂, a coupled weight decay, and ε.

        Raises:
            ValueError: as for `Optimizer`, and a beta outside 0 ≤ β < 1.

        """
        super().__init__(rate, decay)
        self.betas = _fraction("betas", betas[0]), _fraction("betas", betas[1])
        self.eps = eps

    def _change(self, weights: Tensor, gradient: Tensor) -> Tensor:
        first, second = self.betas
        mean = _same(self.mean, gradient, "the mean")
        square = _same(self.square, gradient, "the mean square")
        self.steps += 1
        self.mean = first * mean + (1 - first) * gradient
        self.square = second * square + (1 - second) * gradient**2
        root = (self.square / (1 - second**self.steps)).sqrt() + self.eps
        return self.rate / (1 - first**self.steps) * self.mean / root

    def memory(self) -> dict[str, Tensor | int]:
        """Return both means and the count of steps."""
        if self.mean is None or self.square is None:
            return {}
        return {"mean": self.mean.clone(), "square": self.square.clone(), "steps": self.steps}


class AdamW(Adam):
    """Adam whose weight decay is *decoupled*: w ← (1 − ηλ)w, beside Adam's step and untouched by its division.

    The decay's default is torch's, 0.01.
    """

    def __init__(
        self,
        rate: Rate,
        betas: tuple[float, float] = (0.9, 0.999),
        decay: float = 0.01,
        *,
        eps: float = 1e-8,
    ) -> None:
        """Take a rate η, the kept fractions β₁ and β₂, a decoupled weight decay λ, and ε.

        Raises:
            ValueError: as for `Adam`.

        """
        super().__init__(rate, betas, decay, eps=eps)
        self.shrink, self.decay = decay, 0.0

    def _change(self, weights: Tensor, gradient: Tensor) -> Tensor:
        change = super()._change(weights, gradient)
        return change + self.rate * self.shrink * weights if self.shrink else change
