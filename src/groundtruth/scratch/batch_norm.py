"""Batch normalisation by hand: forward, backward, running statistics, and the two modes.

Used by the chapter *refining*.

Each channel c of a batch is brought to mean 0 and variance 1, and then to a scale and a shift that are learned:

    y = scale · (x − mean) / sqrt(variance + eps) + shift

In training, mean and variance are those of the batch (with divisor M, the count of numbers of a channel). In use they
are running means of what the batches had (the variance with divisor M − 1), so that the answer for one input does
not depend on its neighbours.

Source: Ioffe and Szegedy (2015), "Batch normalization: accelerating deep network training by reducing internal
covariate shift", doi 10.48550/arXiv.1502.03167, algorithms 1 and 2. The backward pass is written there for one channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Gradients:
    """Slopes of the loss in what a layer was given and in what it learns."""

    inputs: Tensor
    """The shape of the inputs."""
    scale: Tensor
    """(C,)."""
    shift: Tensor
    """(C,)."""


class BatchNorm:
    """One layer of batch normalisation, for features (N, C) or maps (N, C, …), one mean and variance a channel.

    Attributes:
        scale: (C,), learned; called ``weight`` in torch.
        shift: (C,), learned; called ``bias`` in torch.
        running_mean: (C,).
        running_variance: (C,).
        training: which statistics are used; True at first.

    """

    def __init__(
        self, channels: int, eps: float = 1e-5, momentum: float = 0.1, dtype: torch.dtype = torch.float64
    ) -> None:
        """Start with scale 1, shift 0, running mean 0 and running variance 1.

        Args:
            channels: C.
            eps: added to the variance, in its unit.
            momentum: share of the newest batch in the running statistics (torch's meaning of the word).
            dtype: of all four vectors.

        Raises:
            ValueError: no channel, ``eps`` not above 0, or ``momentum`` outside 0 … 1.

        """
        if channels < 1 or not eps > 0 or not 0 <= momentum <= 1:
            raise ValueError(
                f"needs channels ≥ 1, eps > 0 and momentum from 0 to 1; got {channels}, {eps} and {momentum}"
            )
        self.scale, self.shift = torch.ones(channels, dtype=dtype), torch.zeros(channels, dtype=dtype)
        self.running_mean, self.running_variance = self.shift.clone(), self.scale.clone()
        self.eps, self.momentum = eps, momentum
        self.training = True
        self._kept: tuple[Tensor, Tensor, bool] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised, scaled and shifted x: the same shape, (N, C) or (N, C, …).

        In training it also moves the running statistics.

        Raises:
            ValueError: the wrong count of channels; or, in training, fewer than two numbers a channel, whose variance
                says nothing.

        """
        rows = self._rows(x)  # (M, C), M numbers a channel
        if self.training:
            if len(rows) < 2:
                raise ValueError(
                    f"in training each channel needs two numbers or more; got shape {tuple(x.shape)}"
                )
            mean = rows.mean(dim=0)  # (C,)
            variance = (rows - mean).square().mean(dim=0)  # (C,), divisor M
            unbiased = variance * len(rows) / (len(rows) - 1)  # divisor M − 1
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_variance = (1 - self.momentum) * self.running_variance + self.momentum * unbiased
        else:
            mean, variance = self.running_mean, self.running_variance
        inverse = 1 / (variance + self.eps).sqrt()  # (C,)
        normal = (rows - mean) * inverse  # (M, C)
        self._kept = (normal, inverse, self.training)
        return self._shaped(self.scale * normal + self.shift, x)

    def backward(self, slope: Tensor) -> Gradients:
        """Return the slopes, given that of the loss in the output of the last `forward`.

        In training every number of a channel moves the channel's mean and variance, and through them all the others:
        the slope loses its mean, and its part along the normalised inputs. In use the statistics are constants.

        Raises:
            ValueError: `forward` has not been called, or the shape is not that of its output.

        """
        if self._kept is None:
            raise ValueError("call forward before backward")
        normal, inverse, training = self._kept
        rows = self._rows(slope)  # (M, C)
        if rows.shape != normal.shape:
            raise ValueError(
                f"the slope must have the shape of the output; got {tuple(slope.shape)}, and {len(normal)} "
                "numbers a channel went forward"
            )
        to_scale, to_shift = (rows * normal).sum(dim=0), rows.sum(dim=0)  # (C,), (C,)
        if training:
            rows = rows - rows.mean(dim=0) - normal * (rows * normal).mean(dim=0)
        return Gradients(self._shaped(rows * self.scale * inverse, slope), to_scale, to_shift)

    def _rows(self, x: Tensor) -> Tensor:
        """Return (N, C, …) as (M, C), a row for every example and place."""
        if x.dim() < 2 or x.shape[1] != len(self.scale):
            raise ValueError(
                f"needs shape (N, C) or (N, C, …) with C = {len(self.scale)}; got {tuple(x.shape)}"
            )
        return x.movedim(1, -1).reshape(-1, x.shape[1])

    @staticmethod
    def _shaped(rows: Tensor, like: Tensor) -> Tensor:
        """Undo `_rows`: (M, C) -> the shape of ``like``."""
        shape = like.movedim(1, -1).shape
        return rows.reshape(shape).movedim(-1, 1)
