"""Gradient descent, written out by hand: the walk, what the curvature says about it beforehand, and scaling.

Used by the chapter *loss-and-gradient-descent*.

On a surface of constant Hessian H a step with rate η multiplies the distance to the lowest point, along each
eigenvector of H, by 1 − ηλ. `Curvature` holds what follows from that; the derivation is in the chapter.

Sources: the method is Cauchy's (1847), see Lemaréchal, "Cauchy and the gradient method" (2012). That the
spectrum of the Hessian sets the time to learn, and that inputs should be centred, is LeCun, Kanter and Solla's
"Second order properties of error surfaces: learning time and generalization" (1990).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


def descend(gradient: Callable[[Tensor], Tensor], start: Tensor, rate: float | Tensor, steps: int) -> Tensor:
    """Walk against the gradient with a fixed learning rate, and return the whole path.

    Args:
        gradient: takes parameters (..., P) and returns as many slopes.
        start: (..., P); leading dimensions are several walks at once.
        rate: the learning rate, above 0; for several walks a tensor that broadcasts, such as (R, 1).
        steps: how many.

    Returns:
        The path (steps + 1, ..., P), the start first.

    Raises:
        ValueError: a rate or the number of steps is not above 0.

    """
    if steps < 1 or not bool((torch.as_tensor(rate) > 0).all()):
        raise ValueError(f"rate and steps must be above 0; got rate={rate}, steps={steps}")
    here = start.clone()
    path = [here]
    for _ in range(steps):
        here = here - rate * gradient(here)
        path.append(here)
    return torch.stack(path)


# --- what the curvature knows beforehand ------------------------------------------------------------------


@dataclass(frozen=True)
class Curvature:
    """The eigenvalues and eigenvectors of a Hessian, and what they say about gradient descent.

    Made by `Curvature.of`. All eigenvalues are above 0.
    """

    values: Tensor
    """(P,), ascending: the curvature of the loss along each eigenvector."""
    vectors: Tensor
    """(P, P), one eigenvector a column, all of length one."""

    @classmethod
    def of(cls, hessian: Tensor) -> Curvature:
        """Take a symmetric Hessian (P, P) apart.

        Raises:
            ValueError: it is not symmetric, or the surface is flat or falls for ever in some direction.

        """
        if hessian.dim() != 2 or not torch.allclose(hessian, hessian.T):
            raise ValueError(f"a Hessian is symmetric, of shape (P, P); got {tuple(hessian.shape)}")
        values, vectors = torch.linalg.eigh(hessian)
        if values[0] <= 1e-13 * values[-1].abs():
            raise ValueError(f"no single lowest point: the smallest eigenvalue is {float(values[0]):.3g}")
        return cls(values, vectors)

    @property
    def largest_stable_rate(self) -> float:
        """2/λmax: below it every walk converges, above it almost every walk diverges."""
        return 2 / float(self.values[-1])

    @property
    def best_rate(self) -> float:
        """2/(λmin + λmax): there the steepest and the flattest direction shrink equally fast."""
        return 2 / float(self.values[0] + self.values[-1])

    @property
    def condition_number(self) -> float:
        """κ = λmax/λmin, 1 for a round bowl."""
        return float(self.values[-1] / self.values[0])

    def contraction(self, rate: float) -> float:
        """Return max |1 − ηλ|: in the long run a step multiplies the distance to the lowest point by this."""
        return float((1 - rate * self.values).abs().max())

    def excess(self, offset: Tensor, rate: float, steps: int | Tensor) -> Tensor:
        """Return the loss above the lowest one after so many steps, without taking them.

        ½ Σ λᵢ cᵢ² (1 − ηλᵢ)^(2t), where cᵢ is the part of the offset along eigenvector i.

        Args:
            offset: (P,), start minus lowest point.
            rate: the learning rate η.
            steps: t, a number or (T,).

        Returns:
            () or (T,), in the unit of the loss.

        """
        parts = self.vectors.T @ offset  # (P, P) @ (P,)
        count = torch.as_tensor(steps, dtype=self.values.dtype)[..., None]  # (..., 1)
        return (self.values * parts**2 / 2 * (1 - rate * self.values).abs() ** (2 * count)).sum(dim=-1)

    def steps_until(self, offset: Tensor, rate: float, excess: float) -> int:
        """Return the first step after which the loss is at most ``excess`` above the lowest one, without walking.

        Raises:
            ValueError: the rate is not stable, or ``excess`` is not above 0.

        """
        if not 0 < rate < self.largest_stable_rate or excess <= 0:
            raise ValueError(
                f"never: needs 0 < rate < {self.largest_stable_rate:.3g} and excess > 0; got {rate}"
            )
        # With a stable rate the excess only falls, so the first step can be bracketed and halved.
        low, high = -1, 1
        while self.excess(offset, rate, high) > excess:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.excess(offset, rate, middle) <= excess else (middle, high)
        return high


# --- scaling ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scaling:
    """Means and spreads of the training inputs: subtract one, divide by the other."""

    mean: Tensor
    """(D,)."""
    spread: Tensor
    """(D,), the standard deviation, dividing by N."""

    @classmethod
    def of(cls, inputs: Tensor) -> Scaling:
        """Measure training inputs (N, D).

        Raises:
            ValueError: an input never varies, so that it has no scale.

        """
        spread = inputs.std(dim=0, correction=0)
        if bool((spread == 0).any()):
            raise ValueError("an input is the same in all examples; leave it out")
        return cls(inputs.mean(dim=0), spread)

    def apply(self, inputs: Tensor) -> Tensor:
        """Return inputs (N, D) scaled, with the means and spreads of the *training* inputs."""
        return (inputs - self.mean) / self.spread

    def back(self, parameters: Tensor) -> Tensor:
        """Return the parameters that say, on raw inputs, what ``parameters`` (..., D + 1) say on scaled ones."""
        weights = parameters[..., :-1] / self.spread
        bias = parameters[..., -1:] - (weights * self.mean).sum(dim=-1, keepdim=True)
        return torch.cat([weights, bias], dim=-1)
