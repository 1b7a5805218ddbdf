"""Squared error, written out by hand: the loss of a line, its slope, its curvature, and its lowest point.

Used by the chapter *loss-and-gradient-descent*, and by its exercises for the data of the worked example.

Weights and bias travel together here, as one vector of parameters (w₁, …, w_D, b). `with_constant` gives the
inputs a last column of ones to go with it, so that a prediction is a single dot product.

Sources: least squares and its normal equations were published by Legendre (1805) and Gauss (1809); on who had
them first see Stigler (1981, doi 10.1214/aos/1176345451). Central differences and their two errors are in every
text on numerical analysis; the trick without a subtraction is Squire and Trapp's (1998, doi
10.1137/S003614459631241X) and is an exercise of the chapter.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

SUNSHINE = (4.0, 10.1, 6.7, 9.0, 3.4, 0.7, 3.1, 4.0)
"""Hours of sunshine on eight days."""
ICE_CREAM = (13.4, 97.1, 21.8, 105.4, 44.3, 27.2, 19.7, 72.5)
"""Kilograms of ice cream that a kiosk sold on the same days."""


def kiosk() -> tuple[Tensor, Tensor]:
    """Return the data of the worked example: hours of sunshine (8, 1) and kilograms of ice cream (8,), float64.

    The data are made up. At a fixed bias b the loss of a line is a parabola in w,

        mean((w x + b − y)²) = w² mean(x²) − 2 w mean(x (y − b)) + mean((y − b)²),

    so three means fix it. The eight days were searched, in tenths of an hour and of a kilogram, for
    mean(x²) = 35.195, mean(x (y − 3)) = 315.8375 and mean((y − 3)²) = 3400.33, which makes the losses at b = 3
    exactly 703.16, 599.41 and 566.05 at w = 7, 8 and 9. Two of the days have the same sunshine, so that no
    function of the sunshine reaches a loss of zero.
    """
    hours = torch.tensor(SUNSHINE, dtype=torch.float64)[:, None]  # (8,) -> (8, 1)
    return hours, torch.tensor(ICE_CREAM, dtype=torch.float64)


# --- the loss ---------------------------------------------------------------------------------------------


def with_constant(inputs: Tensor) -> Tensor:
    """Return the inputs with a last column of ones, on which the bias acts as a weight: (N, D) -> (N, D + 1).

    Raises:
        ValueError: inputs are no (N, D), or there are none.

    """
    if inputs.dim() != 2 or len(inputs) == 0:
        raise ValueError(f"inputs must have shape (N, D) with N ≥ 1; got {tuple(inputs.shape)}")
    return torch.cat([inputs, torch.ones_like(inputs[:, :1])], dim=1)


def errors(parameters: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return prediction minus target: positive where the prediction is too high.

    Args:
        parameters: (..., D + 1), the bias last; leading dimensions are many lines at once.
        inputs: (N, D).
        targets: (N,).

    Returns:
        (..., N), in the unit of the targets.

    Raises:
        ValueError: shapes do not fit.

    """
    if targets.shape != inputs.shape[:1]:
        raise ValueError(
            f"needs inputs (N, D) and targets (N,); got {tuple(inputs.shape)} and {tuple(targets.shape)}"
        )
    columns = with_constant(inputs)  # (N, D + 1)
    if parameters.shape[-1:] != columns.shape[1:]:
        raise ValueError(
            f"parameters must end in {columns.shape[1]}, a weight for each input and the bias; "
            f"got {tuple(parameters.shape)}"
        )
    return parameters @ columns.T - targets  # (..., D + 1) @ (D + 1, N) -> (..., N)


def squared_loss(parameters: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean of the squared errors, as `torch.nn.MSELoss` does: (..., D + 1) -> (...).

    Args and errors raised are those of `errors`. The unit is that of the targets, squared.
    """
    return errors(parameters, inputs, targets).square().mean(dim=-1)


def gradient(parameters: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the slope of `squared_loss` in each parameter, 2 mean(e · (x, 1)): (..., D + 1) -> (..., D + 1)."""
    wrong = errors(parameters, inputs, targets)  # (..., N)
    return 2 * wrong @ with_constant(inputs) / len(inputs)  # (..., N) @ (N, D + 1)


def hessian(inputs: Tensor) -> Tensor:
    """Return the second derivatives of `squared_loss`, 2 mean((x, 1)(x, 1)ᵀ): (N, D) -> (D + 1, D + 1).

    They depend neither on the targets nor on the parameters: the surface has the same curvature everywhere.
    """
    columns = with_constant(inputs)
    return 2 * columns.T @ columns / len(columns)


def least_squares(inputs: Tensor, targets: Tensor) -> Tensor:
    """Return the parameters (D + 1,) where the gradient is zero, from the normal equations.

    The gradient is H·parameters − 2 mean(y · (x, 1)), so one linear system with the Hessian H gives the answer.
    `torch.linalg.lstsq` does the same without forming H, and keeps twice as many digits where H is nearly singular.

    Raises:
        ValueError: shapes do not fit, or some column is a combination of the others, so that many lines are best.

    """
    matrix = hessian(inputs)
    at_zero = gradient(torch.zeros(len(matrix), dtype=inputs.dtype), inputs, targets)
    if torch.linalg.matrix_rank(matrix, hermitian=True) < len(matrix):
        raise ValueError("more than one set of parameters is best: an input is a combination of the others")
    return torch.linalg.solve(matrix, -at_zero)


# --- slopes from values -----------------------------------------------------------------------------------


def finite_difference(
    function: Callable[[Tensor], Tensor], at: Tensor, step: float = 1e-6, *, central: bool = True
) -> Tensor:
    """Return the slope of a function in each of its parameters, from its values alone.

    Central: (f(θ + h) − f(θ − h)) / 2h, whose truncation error shrinks as h². Forward: (f(θ + h) − f(θ)) / h, whose
    error shrinks as h. The round-off error of both grows as 1/h.

    Args:
        function: takes (P,) and returns a single value.
        at: (P,), where the slope is wanted.
        step: h, in the unit of the parameters.
        central: which of the two.

    Raises:
        ValueError: ``step`` is not above 0.

    """
    if step <= 0:
        raise ValueError(f"step must be above 0; got {step}")
    slopes = []
    for direction in torch.eye(len(at), dtype=at.dtype):  # one parameter at a time
        ahead = function(at + step * direction)
        if central:
            slopes.append((ahead - function(at - step * direction)) / (2 * step))
        else:
            slopes.append((ahead - function(at)) / step)
    return torch.stack(slopes)
