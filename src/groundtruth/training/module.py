"""A LightningModule that keeps the record of its own training; the classifier and other tasks build on it.

Lightning's ``self.log`` in every step costs about 6 % of a small network's step, and ``.item()`` in every step
makes a GPU wait. So losses stay on the device as they are, and are read together, once in ``READ_EVERY`` steps.
"""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
import torch.distributed as dist
from torch import Tensor, nn

from groundtruth.training.settings import OptimizerFactory, OptimizerSettings, Schedule

READ_EVERY = 50
"""Steps between two looks at the losses; a diverged run goes on for at most so many."""


class TrainingDiverged(RuntimeError):  # noqa: N818 - it names what happened
    """The loss or a weight stopped being a finite number.

    Attributes:
        step: the training step (from 1) whose loss was the first that was not finite.
        learning_rate: the first parameter group's rate when this was noticed.

    """

    def __init__(self, what: str, step: int, learning_rate: float) -> None:
        self.step = step
        self.learning_rate = learning_rate
        super().__init__(
            f"training diverged at step {step}: {what}, with a learning rate of {learning_rate:g}. "
            "Try a learning rate ten times smaller, inputs scaled to a mean near 0 and a standard deviation near 1, "
            "or clip_norm=1."
        )


@dataclass(frozen=True)
class Measures:
    """What one batch gave. All tensors stay on the device."""

    objective: Tensor
    """Scalar to be minimised."""
    loss: Tensor
    """Scalar to be reported, mean over the batch; differs from the objective where that has extra terms."""
    count: int
    """Examples in the batch: the weight of its mean."""
    correct: Tensor | None = None
    """Scalar, number of examples answered correctly; None where the task has no right answers to count."""
    outputs: Tensor | None = None
    """``(N, …)``, what an evaluation keeps, such as logits."""
    targets: Tensor | None = None
    """``(N, …)``, what the outputs are compared with."""


@dataclass
class Curves:
    """One number an epoch (fractions for accuracies), and the loss of every step."""

    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    step_loss: list[float] = field(default_factory=list)


class _Tally:
    """Weighted means over batches, read from the device only when asked.

    Args:
        shared: other processes hold equal parts of the same batches: what is read is then the mean over all of them,
            and they must all read at the same time.

    """

    def __init__(self, shared: bool = False) -> None:
        self.shared = shared
        self.counts: list[int] = []
        self.losses: list[float] = []
        self.correct: list[float] = []
        self._waiting: list[Measures] = []

    def add(self, measures: Measures) -> int:
        """Keep one batch; return how many wait to be read."""
        self._waiting.append(measures)
        return len(self._waiting)

    def read(self) -> list[float]:
        """Bring what waits to the host, in one transfer each; return the new losses."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return []
        processes = dist.get_world_size() if self.shared else 1
        losses: list[float] = (self._summed([m.loss.float() for m in waiting]) / processes).tolist()
        self.losses += losses
        self.counts += [m.count * processes for m in waiting]
        correct = [m.correct for m in waiting if m.correct is not None]
        if correct:
            self.correct += self._summed(correct).tolist()
        return losses

    def _summed(self, values: list[Tensor]) -> Tensor:
        """Return one number a batch, (B,), added up over the processes that share them."""
        stacked = torch.stack(values)
        if self.shared:
            dist.all_reduce(stacked)
        return stacked

    def means(self) -> tuple[float, float | None]:
        """Return mean loss and accuracy (a fraction, or None) over all examples; read first."""
        total = sum(self.counts)
        loss = math.fsum(x * n for x, n in zip(self.losses, self.counts, strict=True)) / total
        return loss, (sum(self.correct) / total if self.correct else None)


class TrainedModule(pl.LightningModule):
    """A network together with its optimizer, its schedule and the record of its training.

    A task is a subclass that says in ``measure`` what a batch's loss is.

    Args:
        model: the network.
        optimizer: settings, or a function that makes an optimizer for the network.
        schedule: how the learning rate changes; multiplies the rate of every parameter group.
        clip_norm: largest allowed norm of the gradient of all parameters together; None leaves it as it is.

    Raises:
        ValueError: ``clip_norm`` is not positive.

    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: OptimizerSettings | OptimizerFactory | None = None,
        schedule: Schedule | None = None,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__()
        if clip_norm is not None and not clip_norm > 0:
            raise ValueError(f"clip_norm must be positive, or None for no clipping; got {clip_norm}")
        self.model = model
        self.optimizer_factory: OptimizerFactory = OptimizerSettings() if optimizer is None else optimizer
        self.schedule = Schedule() if schedule is None else schedule
        self.clip_norm = clip_norm
        self.curves = Curves()
        self.train_seconds = 0.0
        self.outputs: list[Tensor] = []
        self.targets: list[Tensor] = []
        self.evaluated: tuple[float, float | None] | None = None
        self._tally = _Tally()
        self._evaluation = _Tally()
        self._started = 0.0

    def measure(self, batch: Any) -> Measures:
        """Return objective, loss and counts for one batch; shapes as the task says. A task says this."""
        raise NotImplementedError(f"{type(self).__name__} must say in measure() what a batch's loss is")

    def arranged(self, x: Tensor) -> Tensor:
        """Return ``x`` with channels last in memory if it holds images (N, C, H, W)."""
        return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x

    def forward(self, x: Tensor) -> Tensor:
        """Return what the network returns."""
        return self.model(self.arranged(x))

    def configure_optimizers(self) -> Any:
        """Give Lightning the optimizer and, where the rate changes, a scheduler called after each step."""
        optimizer = self.optimizer_factory(self.model)
        if not self.schedule.changes:
            return optimizer
        steps = self.steps_in_all()
        if steps is None:
            raise ValueError("a schedule needs to know the run's length: give steps=, or data with a length")
        scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: self.schedule.factor(step, steps)
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}

    def steps_in_all(self) -> int | None:
        """Return the length of the run in steps; None where neither steps nor the data's length are known."""
        steps = (
            self.trainer.estimated_stepping_batches
        )  # for data without a length: the limit in steps, or -1
        return int(steps) if steps > 0 and math.isfinite(steps) else None

    # Training

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        """Return the objective of one batch, and keep its loss for the record."""
        measures = self.measure(batch)
        kept = Measures(measures.objective.detach(), measures.loss.detach(), measures.count, measures.correct)
        if self._tally.add(kept) >= READ_EVERY:
            self._read()
        return measures.objective

    def configure_gradient_clipping(
        self,
        optimizer: torch.optim.Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip the norm of the whole gradient, also where Lightning would not.

        In mixed arithmetic Lightning refuses to clip where the update is fused: such an optimizer may undo the scaling
        of a loss by itself, after the clipping. In bfloat16 no loss is scaled.
        """
        scaled = getattr(self.trainer.precision_plugin, "scaler", None) is not None
        if gradient_clip_val and gradient_clip_algorithm in (None, "norm") and not scaled:
            trained = [parameter for group in optimizer.param_groups for parameter in group["params"]]
            nn.utils.clip_grad_norm_(trained, gradient_clip_val)
        else:
            super().configure_gradient_clipping(optimizer, gradient_clip_val, gradient_clip_algorithm)

    def _read(self) -> None:
        losses = self._tally.read()
        for i, loss in enumerate(losses):
            if not math.isfinite(loss):
                self._diverged(f"the loss is {loss}", len(self.curves.step_loss) + i + 1)
        self.curves.step_loss += losses

    def _diverged(self, what: str, step: int) -> None:
        raise TrainingDiverged(what, step, self.trainer.optimizers[0].param_groups[0]["lr"])

    def _now(self) -> float:
        """Return the clock in seconds, once the device has done what it was asked."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()

    def on_train_start(self) -> None:
        """Start the clock."""
        self._started = self._now()

    def on_train_epoch_start(self) -> None:
        """Start this epoch's means."""
        self._tally = _Tally(shared=self.trainer.world_size > 1)

    def on_validation_start(self) -> None:
        """Stop the clock, so that evaluation does not count as training."""
        if self.trainer.state.fn == "fit":
            self.train_seconds += self._now() - self._started

    def on_validation_end(self) -> None:
        """Start the clock again."""
        if self.trainer.state.fn == "fit":
            self._started = self._now()

    def on_train_epoch_end(self) -> None:
        """Write this epoch's means to the curves.

        Raises:
            ValueError: the epoch had no batches.
            TrainingDiverged: a loss or a weight is not finite.

        """
        self._read()
        if not self._tally.counts:
            raise ValueError(
                "no training batches in this epoch: can the training data be iterated more than once?"
            )
        loss, accuracy = self._tally.means()
        self.curves.train_loss.append(loss)
        if accuracy is not None:
            self.curves.train_accuracy.append(accuracy)
        if not all(bool(p.isfinite().all()) for p in self.model.parameters()):
            self._diverged("a weight is no longer finite", len(self.curves.step_loss))

    def on_train_end(self) -> None:
        """Stop the clock."""
        self.train_seconds += self._now() - self._started

    # Evaluation

    def on_validation_epoch_start(self) -> None:
        """Start this evaluation's means, beside those of the training epoch that is still open."""
        self._evaluation = _Tally()

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Keep the loss of one validation batch."""
        m = self.measure(batch)
        self._evaluation.add(Measures(m.objective, m.loss, m.count, m.correct))

    def on_validation_epoch_end(self) -> None:
        """Write this evaluation's means to the curves.

        Raises:
            TrainingDiverged: the loss is not finite.

        """
        self._evaluation.read()
        loss, accuracy = self._evaluation.means()
        if not math.isfinite(loss) and self.trainer.optimizers:
            self._read()  # a training step may have been the first
            self._diverged(f"the validation loss is {loss}", len(self.curves.step_loss))
        self.curves.val_loss.append(loss)
        if accuracy is not None:
            self.curves.val_accuracy.append(accuracy)

    def on_test_epoch_start(self) -> None:
        """Forget an earlier evaluation."""
        self._evaluation = _Tally()
        self.outputs, self.targets, self.evaluated = [], [], None

    def test_step(self, batch: Any, batch_idx: int) -> None:
        """Keep loss, outputs and targets of one batch."""
        m = self.measure(batch)
        self._evaluation.add(Measures(m.objective, m.loss, m.count, m.correct))
        if m.outputs is not None:
            self.outputs.append(m.outputs.cpu())
        if m.targets is not None:
            self.targets.append(m.targets.cpu())

    def on_test_epoch_end(self) -> None:
        """Keep mean loss and accuracy in ``evaluated``."""
        self._evaluation.read()
        self.evaluated = self._evaluation.means()

    # Checkpoints: with the generators' states a run that is taken up again draws what it would have drawn

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the record and the states of the random number generators."""
        name, keys, *rest = np.random.get_state()  # noqa: NPY002 - the state of whoever uses the global one
        checkpoint["groundtruth"] = {
            "curves": {name: list(values) for name, values in vars(self.curves).items()},
            "train_seconds": self.train_seconds + self._now() - self._started,
            "torch": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None,
            "numpy": [name, np.asarray(keys).tolist(), *rest],
            "python": random.getstate(),
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take back the record and the states of the generators.

        Raises:
            ValueError: the checkpoint was not written by ``fit``.

        """
        if "groundtruth" not in checkpoint:
            raise ValueError("this checkpoint holds no record of a run: was it written by fit(checkpoint=…)?")
        kept = checkpoint["groundtruth"]
        self.curves = Curves(**kept["curves"])
        self.train_seconds = kept["train_seconds"]
        torch.set_rng_state(kept["torch"])
        if kept["cuda"] is not None and torch.cuda.is_available():
            torch.cuda.set_rng_state(kept["cuda"])
        np.random.set_state(tuple(kept["numpy"]))  # noqa: NPY002
        version, internal, gauss = kept["python"]
        random.setstate((version, tuple(internal), gauss))
