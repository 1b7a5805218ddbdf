"""Momentum made orthogonal: kernels move along all directions of their momentum by equal lengths.

Used by the chapter *deep-architectures*.

The kernels of a convolution, (K, C, k, k), are a matrix with a row for each output channel, (K, C·k·k). Write their
momentum as U S Vᵀ (its singular value decomposition): a few directions have large singular values, most have small
ones. The step is U Vᵀ in place of U S Vᵀ, so that the rare directions are not lost beside the common ones. U Vᵀ is
found without a decomposition, by an iteration of matrix products. Everything that is no kernel moves by Adam.

Source: Jordan, Jin, Boza, You, Cesista, Newhouse and Bernstein (2024), "Muon: an optimizer for hidden layers in neural
networks", which gives the iteration and its three numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the iteration x ← a x + b x³ + c x⁵ on every singular value; it ends between 0.7 and 1.2, not exactly at 1."""


def orthogonalised(matrix: Tensor, steps: int = 5) -> Tensor:
    """Return nearly U Vᵀ of a matrix U S Vᵀ: the same directions, with singular values near 1.

    Args:
        matrix: (K, D); it stays as it is. A matrix of zeros gives zeros.
        steps: of the iteration, at least 1.

    Raises:
        ValueError: no matrix, or no step.

    """
    if matrix.dim() != 2 or steps < 1:
        raise ValueError(f"needs a matrix (K, D) and a step; got shape {tuple(matrix.shape)}, steps={steps}")
    a, b, c = COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix  # the smaller side first: its square is what is multiplied
    square = x @ x.T  # (K, K)
    norm = square.diagonal().sum().sqrt() + 1e-12
    square = square / norm**2  # that of x / norm, none of whose singular values is above 1
    product = torch.eye(len(square), dtype=x.dtype, device=x.device) / norm
    # The iteration runs on the small squares alone; x itself, which is wide, is multiplied once, in the end. A step is
    # x ← (a + f) x with f = b s + c s², for the square s of x. So s ← (a + f) s (a + f).
    for left in reversed(range(steps)):
        f = torch.addmm(square, square, square, beta=b, alpha=c)  # b s + c s², (K, K)
        product = torch.addmm(product, f, product, beta=a)  # (a + f) product
        if left:  # after the last step nothing asks for the square
            half = torch.addmm(square, f, square, beta=a)  # (a + f) s
            square = torch.addmm(half, half, f, beta=a)
    x = product @ x
    return x.T if tall else x


class OrthogonalMomentum(torch.optim.Optimizer):
    """Orthogonal momentum for the kernels of a network, Adam for the rest of it.

    Kernels are parameters with four axes and more than one input channel.

    Args:
        network: what to train.
        rate: for kernels: length of the step along every direction.
        others: Adam's learning rate for all other parameters.
        keep: share of the momentum that is kept from step to step, in Nesterov's form.

    Raises:
        ValueError: a rate that is not positive, ``keep`` outside 0 … 1, or a network without kernels.

    """

    def __init__(
        self, network: nn.Module, rate: float = 0.02, others: float = 0.005, keep: float = 0.9
    ) -> None:
        if not (rate > 0 and others > 0 and 0 <= keep < 1):
            raise ValueError(
                f"rates must be positive and keep from 0 to below 1; got {rate}, {others} and {keep}"
            )
        trained = [p for p in network.parameters() if p.requires_grad]
        kernels = [p for p in trained if p.dim() == 4 and p.shape[1] > 1]
        rest = [p for p in trained if not (p.dim() == 4 and p.shape[1] > 1)]
        if not kernels:
            raise ValueError(f"{type(network).__name__} has no kernels to orthogonalise: use Adam")
        groups: list[dict[str, Any]] = [{"params": kernels, "lr": rate, "orthogonal": True}]
        if rest:
            groups.append({"params": rest, "lr": others, "orthogonal": False})
        super().__init__(groups, {"keep": keep})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Move every parameter that has a gradient; return what the closure returned."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            move = self._orthogonal if group["orthogonal"] else self._adam
            for parameter in group["params"]:
                if parameter.grad is not None:
                    move(parameter, parameter.grad, group)
        return loss

    def _orthogonal(self, parameter: Tensor, slope: Tensor, group: dict[str, Any]) -> None:
        memory = self.state[parameter]
        if not memory:
            memory["velocity"] = torch.zeros_like(parameter)
        velocity = memory["velocity"].mul_(group["keep"]).add_(slope)
        ahead = slope.add(velocity, alpha=group["keep"])  # Nesterov
        # Which entry of a row stands where does not matter, if it is put back there. With channels last, as they lie in
        # memory where a network was made fast, nothing has to be moved.
        rows = ahead.permute(0, 2, 3, 1)  # (K, k, k, C)
        step = orthogonalised(rows.flatten(1)).view(rows.shape)  # (K, k·k·C) -> (K, k, k, C)
        parameter.sub_(step.permute(0, 3, 1, 2), alpha=group["lr"])

    def _adam(self, parameter: Tensor, slope: Tensor, group: dict[str, Any]) -> None:
        memory = self.state[parameter]
        if not memory:
            memory |= {"t": 0, "mean": torch.zeros_like(parameter), "square": torch.zeros_like(parameter)}
        memory["t"] += 1
        t, mean, square = memory["t"], memory["mean"], memory["square"]
        mean.mul_(0.9).add_(slope, alpha=0.1)
        square.mul_(0.99).addcmul_(slope, slope, value=0.01)
        size = (square / (1 - 0.99**t)).sqrt_().add_(1e-8)
        parameter.addcdiv_(mean, size, value=-group["lr"] / (1 - 0.9**t))
