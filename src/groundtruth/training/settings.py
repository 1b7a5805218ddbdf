"""Settings of a training run: the optimizer and how its learning rate changes, checked when they are made."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

OptimizerFactory = Callable[[nn.Module], torch.optim.Optimizer]
"""Makes an optimizer for a network: the way to use an optimizer of your own, or several parameter groups."""

OPTIMIZERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "linear", "cosine")


@dataclass(frozen=True)
class OptimizerSettings:
    """An optimizer of ``torch.optim``, over all parameters of a network that require a gradient.

    Sources: momentum, Polyak 1964; Nesterov's form, Sutskever et al., ICML 2013; Adam, Kingma & Ba, ICLR 2015;
    AdamW, Loshchilov & Hutter, ICLR 2019.

    Raises:
        ValueError: a value outside its range, or one that the named optimizer would ignore.

    """

    name: str = "adam"
    """One of ``"sgd"``, ``"adam"``, ``"adamw"``."""
    learning_rate: float = 1e-3
    """Largest rate of the run; a schedule multiplies it by a factor from 0 to 1."""
    momentum: float | None = None
    """For ``sgd``: fraction of the velocity kept from step to step, 0 ≤ momentum < 1; None means 0."""
    nesterov: bool = False
    """For ``sgd`` with momentum: take the gradient's step after the momentum's."""
    betas: tuple[float, float] | None = None
    """For Adam and AdamW: fractions of the two running means kept from step to step; None means (0.9, 0.999)."""
    weight_decay: float = 0.0
    """Coefficient of the L2 penalty's gradient; in ``adamw`` decoupled from it (a fraction per unit of rate)."""
    fused: bool = False
    """For Adam and AdamW: update each parameter in one pass over its memory, not in one for every sum, root and
    quotient; equal up to rounding. On a CPU that takes about half the time, which tells where steps are short. A
    gradient must lie in memory as its parameter does, as those of ``backward`` do. ``clip_norm`` goes with it."""

    def __post_init__(self) -> None:
        """Refuse values that are out of range or contradict each other."""
        if self.name not in OPTIMIZERS:
            raise ValueError(f"unknown optimizer {self.name!r}; choose one of: {', '.join(OPTIMIZERS)}")
        if not (self.learning_rate > 0 and math.isfinite(self.learning_rate)):
            raise ValueError(f"learning_rate must be positive and finite; got {self.learning_rate}")
        if not (self.weight_decay >= 0 and math.isfinite(self.weight_decay)):
            raise ValueError(f"weight_decay must be at least 0 and finite; got {self.weight_decay}")
        if self.name == "sgd":
            if self.betas is not None:
                raise ValueError("betas belong to adam and adamw; with sgd use momentum")
            if self.momentum is not None and not 0 <= self.momentum < 1:
                raise ValueError(f"momentum must be at least 0 and below 1; got {self.momentum}")
            if self.fused:
                raise ValueError("fused belongs to adam and adamw: an update of sgd gains nothing by it")
            if self.nesterov and not self.momentum:
                raise ValueError("nesterov needs a momentum above 0")
        else:
            if self.momentum is not None or self.nesterov:
                raise ValueError(f"momentum and nesterov belong to sgd; with {self.name} use betas")
            if self.betas is not None and not all(0 <= beta < 1 for beta in self.betas):
                raise ValueError(f"betas must be at least 0 and below 1; got {self.betas}")

    def __call__(self, model: nn.Module) -> torch.optim.Optimizer:
        """Return the optimizer for the parameters of ``model`` that require a gradient.

        Raises:
            ValueError: no parameter requires one.

        """
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        if not parameters:
            raise ValueError(
                f"{type(model).__name__} has no parameter that requires a gradient: nothing to train"
            )
        rate, decay = self.learning_rate, self.weight_decay
        if self.name == "sgd":
            return torch.optim.SGD(
                parameters, lr=rate, momentum=self.momentum or 0.0, nesterov=self.nesterov, weight_decay=decay
            )
        kind = torch.optim.Adam if self.name == "adam" else torch.optim.AdamW
        betas = self.betas or (0.9, 0.999)
        fused = self.fused or None  # False would also forbid PyTorch's own choice on a GPU
        return kind(parameters, lr=rate, betas=betas, weight_decay=decay, fused=fused)


@dataclass(frozen=True)
class Schedule:
    """How the learning rate changes from step to step: a linear rise, then constant, linear or cosine.

    Source of the rise and fall within one run: Smith, "A disciplined approach to neural network hyper-parameters",
    arXiv:1803.09820 (2018); of the cosine: Loshchilov & Hutter, "SGDR", ICLR 2017.

    Raises:
        ValueError: an unknown name, a fraction outside 0 … 1, or a final fraction with a constant schedule.

    """

    name: str = "constant"
    """After the rise: ``"constant"``, ``"linear"`` (down to the final fraction) or ``"cosine"``."""
    warmup_fraction: float = 0.0
    """Fraction of the run's steps in which the rate rises linearly to its largest value, 0 ≤ … < 1."""
    final_fraction: float = 0.0
    """Rate just after the last step as a fraction of the largest, 0 ≤ … ≤ 1; for ``linear`` and ``cosine``."""

    def __post_init__(self) -> None:
        """Refuse values that are out of range or contradict each other."""
        if self.name not in SCHEDULES:
            raise ValueError(f"unknown schedule {self.name!r}; choose one of: {', '.join(SCHEDULES)}")
        if not 0 <= self.warmup_fraction < 1:
            raise ValueError(f"warmup_fraction must be at least 0 and below 1; got {self.warmup_fraction}")
        if not 0 <= self.final_fraction <= 1:
            raise ValueError(f"final_fraction must be from 0 to 1; got {self.final_fraction}")
        if self.name == "constant" and self.final_fraction:
            raise ValueError("a constant schedule does not fall: final_fraction belongs to linear and cosine")

    @property
    def changes(self) -> bool:
        """Whether the rate changes at all during a run."""
        return self.name != "constant" or self.warmup_fraction > 0

    def factor(self, step: int, steps: int) -> float:
        """Return what the largest rate is multiplied by in step ``step`` (from 0) of a run of ``steps`` steps."""
        rise = round(self.warmup_fraction * steps)
        if step < rise:
            return (step + 1) / rise
        done = min((step - rise) / max(steps - rise, 1), 1.0)
        if self.name == "constant":
            return 1.0
        left = 1 - done if self.name == "linear" else (1 + math.cos(math.pi * done)) / 2
        return self.final_fraction + (1 - self.final_fraction) * left
