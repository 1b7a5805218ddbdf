"""A network that assigns one of K classes, trained by cross-entropy."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from groundtruth.training.module import Measures, TrainedModule
from groundtruth.training.settings import OptimizerFactory, OptimizerSettings, Schedule


class Classifier(TrainedModule):
    """A network with its cross-entropy, optimizer and record.

    The reported loss is the plain cross-entropy in nats, also where the objective has smoothed labels, so that
    training and validation losses measure the same thing.

    Args:
        model: maps inputs ``(N, …)`` to logits ``(N, K)``.
        optimizer: settings, or a function that makes an optimizer for the network.
        schedule: how the learning rate changes.
        label_smoothing: probability taken from the true class and spread over all K (Szegedy et al., "Rethinking
            the Inception architecture", CVPR 2016, section 7), 0 ≤ … < 1.
        clip_norm: largest allowed norm of the whole gradient; None leaves it as it is.

    Shapes:
        a batch is ``(inputs (N, …), labels (N,))``, labels integers in 0 … K-1.

    Raises:
        ValueError: ``label_smoothing`` or ``clip_norm`` out of range; while running, labels outside the classes
            or of the wrong shape or type.

    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: OptimizerSettings | OptimizerFactory | None = None,
        schedule: Schedule | None = None,
        label_smoothing: float = 0.0,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(model, optimizer, schedule, clip_norm)
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing must be at least 0 and below 1; got {label_smoothing}")
        self.label_smoothing = label_smoothing

    def measure(self, batch: tuple[Tensor, Tensor]) -> Measures:
        """Return cross-entropy (nats), number correct, logits ``(N, K)`` and labels ``(N,)`` of one batch."""
        inputs, labels = batch
        logits = self(inputs).float()  # (N, K); bf16 has too few digits for a softmax
        if not self.training or self.current_epoch == 0:  # once is enough: on a GPU the look makes it wait
            check_labels(labels, logits)
        loss = objective = F.cross_entropy(logits, labels)
        if self.training and self.label_smoothing:
            objective = F.cross_entropy(logits, labels, label_smoothing=self.label_smoothing)
        with torch.no_grad():
            correct = (logits.argmax(dim=1) == labels).sum()
        return Measures(objective, loss, len(labels), correct, logits, labels)


def check_labels(labels: Tensor, logits: Tensor) -> None:
    """Refuse labels that the logits ``(N, K)`` cannot have been meant for.

    Raises:
        ValueError: logits or labels of the wrong shape, labels that are not integers or outside 0 … K-1.

    """
    if logits.dim() != 2:
        raise ValueError(
            f"a classifier's network must return logits of shape (N, K); got {tuple(logits.shape)}"
        )
    if labels.shape != logits.shape[:1] or labels.dtype != torch.int64:
        raise ValueError(
            f"labels must be {len(logits)} class numbers, shape ({len(logits)},) and type torch.int64; "
            f"got shape {tuple(labels.shape)} and type {labels.dtype}"
        )
    classes = logits.shape[1]
    if len(labels) and bool(((labels < 0) | (labels >= classes)).any()):
        raise ValueError(
            f"labels must lie in 0 … {classes - 1}, for the network has {classes} outputs; "
            f"got {int(labels.min())} … {int(labels.max())}"
        )
