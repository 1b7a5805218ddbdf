"""``fit`` and ``evaluate``: the only place in the project that builds a ``pl.Trainer``.

Used by every chapter that trains a network. Device and arithmetic come from the profile; nothing is written to
disk unless a checkpoint is asked for; Lightning prints nothing. From the first call on the process keeps memory
that it frees, about a GiB and at times more (``groundtruth.training.memory``).
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import logging
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Checkpoint
from pytorch_lightning.plugins.environments import (
    LightningEnvironment,
    SLURMEnvironment,
    TorchElasticEnvironment,
)
from pytorch_lightning.strategies import DDPStrategy
from pytorch_lightning.utilities.model_helpers import is_overridden
from torch import Tensor, nn

from groundtruth.profiles import Profile
from groundtruth.training.classifier import Classifier
from groundtruth.training.memory import keep_freed
from groundtruth.training.module import TrainedModule, TrainingDiverged
from groundtruth.training.settings import OptimizerFactory, OptimizerSettings, Schedule
from groundtruth.training.team import Team

__all__ = ["Evaluation", "Loaders", "Result", "TrainingDiverged", "evaluate", "fit"]

BUILD_VARIABLE = "GROUNDTRUTH_BUILD"
"""Set while the book is built: no progress bar then, for each of its frames would become a line of output."""

Batches = Iterable[Any]


@dataclass(frozen=True)
class Loaders:
    """Batches that a chapter made by itself, where no data module is at hand.

    Each field is something that gives its batches anew every time it is iterated: a list of
    ``(inputs, labels)`` will do, a generator will not.

    Loaders bring their own order: a run's seed changes it only where it is drawn from the global generators. What has a
    method ``again()``, as a ``BatchLoader`` has, is taken as it was made, so that a second run repeats the first. Other
    loaders with a generator of their own go on where the first run left them.

    Raises:
        TypeError: a field that cannot be gone through, or holds tensors in place of batches.

    """

    train: Batches
    validation: Batches | None = None
    test: Batches | None = None

    def __post_init__(self) -> None:
        """Refuse what are no batches."""
        for name, batches in vars(self).items():
            if batches is None and name != "train":
                continue
            first = batches[0] if isinstance(batches, Sequence) and len(batches) else batches
            if isinstance(first, Tensor) or not isinstance(batches, Iterable):
                raise TypeError(
                    f"Loaders.{name} must give batches, each (inputs, labels), whenever it is gone through; got "
                    f"{type(batches).__name__}. For a single batch give [(inputs, labels)]; of data in memory "
                    "groundtruth.data.batches.BatchLoader makes batches."
                )


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network's figures on one split, in the order in which the split gives its examples."""

    loss: float
    """Mean loss; for a classifier cross-entropy in nats."""
    accuracy: float | None
    """Fraction correct, 0 … 1; None where the task has no right answers to count."""
    outputs: Tensor | None = field(repr=False)
    """``(N, K)`` logits for a classifier, on the CPU."""
    targets: Tensor | None = field(repr=False)
    """``(N,)`` labels for a classifier, on the CPU."""

    @property
    def predictions(self) -> Tensor:
        """Class numbers ``(N,)``, the largest logit of each row.

        Raises:
            ValueError: the module keeps no outputs.

        """
        if self.outputs is None:
            raise ValueError("this module keeps no outputs, so there are no predictions")
        return self.outputs.argmax(dim=1)


@dataclass(frozen=True, eq=False)
class Result:
    """What one training run gave. Accuracies are fractions, 0 … 1; losses of a classifier are nats."""

    train_loss: tuple[float, ...]
    """One number an epoch: mean over the epoch's batches while the weights change, in training mode, so it lags
    behind ``val_loss``; for a gap measured on the same weights use ``evaluate(…, split="train")``."""
    train_accuracy: tuple[float, ...]
    """One number an epoch, taken in the same way."""
    val_loss: tuple[float, ...]
    """One number an epoch, at its end; empty without validation data."""
    val_accuracy: tuple[float, ...]
    step_loss: tuple[float, ...] = field(repr=False)
    """Loss of every training step, on its own batch before the update."""
    test: Evaluation | None
    """Figures on the test data, taken once, after the last step; None without test data."""
    train_seconds: float
    """Seconds of training, without evaluation and set-up."""
    steps: int
    """Updates of the weights."""
    epochs: int
    """Epochs begun: with ``steps=`` the last may be a part of one."""
    seed: int
    profile: str
    device: str
    precision: str
    """Lightning's word for the arithmetic, such as ``"32-true"`` or ``"bf16-mixed"``."""
    parameters: int
    """Numbers in the network's parameters, trained or frozen."""
    trained_parameters: int
    """Those of them that were trained."""
    model: nn.Module = field(repr=False)
    """The trained network, on the CPU and in evaluation mode."""

    @property
    def test_loss(self) -> float | None:
        """Mean loss on the test data, None without them."""
        return None if self.test is None else self.test.loss

    @property
    def test_accuracy(self) -> float | None:
        """Fraction of the test data answered correctly, None without them."""
        return None if self.test is None else self.test.accuracy

    @property
    def test_predictions(self) -> Tensor | None:
        """Class numbers ``(N,)`` for the test data, None without them."""
        return None if self.test is None else self.test.predictions


def fit(
    model: nn.Module | Callable[[], nn.Module],
    data: pl.LightningDataModule | Loaders,
    profile: Profile,
    *,
    seed: int,
    epochs: int | None = None,
    steps: int | None = None,
    optimizer: OptimizerSettings | OptimizerFactory | None = None,
    schedule: Schedule | None = None,
    label_smoothing: float | None = None,
    clip_norm: float | None = None,
    checkpoint: Path | None = None,
    resume: Path | None = None,
    progress: bool | None = None,
    team: Team | None = None,
) -> Result:
    """Train a network and return the record of its training.

    The same seed gives the same weights on the same CPU (on a GPU, up to rounding, for some of its sums have no
    fixed order). The caller's random number generators are left as they were, and so is a network that is passed
    in: a copy is trained, and running a cell again does not go on training.

    Args:
        model: a function without arguments that makes the network (a class will do), called after seeding, so
            that the seed decides the first weights; or a network, whose weights are the first weights. What it
            gives is trained as a ``Classifier``, unless it is a ``TrainedModule``, which brings its own task
            and settings. Layers in evaluation mode stay so (a frozen batch normalisation, say), unless the
            whole network is in evaluation mode: then it is put in training mode.
        data: a data module, or ``Loaders``. Test data are used once, at the end.
        profile: chooses device and arithmetic.
        seed: seeds PyTorch's, NumPy's and Python's global generators for the time of this run, from 0; and is
            added to the data module's ``shuffle_seed`` where it has one, so that other seeds see another order.
        epochs: passes over the training data; give this or ``steps``.
        steps: updates of the weights; give this or ``epochs``.
        optimizer: settings, or a function that makes an optimizer for the network; Adam at 1e-3 without it.
        schedule: how the learning rate changes; constant without it.
        label_smoothing: see ``Classifier``; 0 without it.
        clip_norm: largest allowed norm of the whole gradient; no limit without it.
        checkpoint: file to write the state of the run to at the end of each epoch; its folder must exist.
        resume: checkpoint of a run to go on with, given the same arguments; the result then equals that of a run
            that was never interrupted, whether the data draw from the global generators or from their own: the
            batches of the epochs that are done are drawn again, but not trained on. ``epochs`` and ``steps``
            count from the start of the first run.
        progress: show a bar; without it, in a terminal or notebook. Never while the book is built.
        team: this process is one of several that train together, each on an equal part of every batch; all call this
            function with the same arguments, and all return the same curves and weights. Up to rounding these are those
            of one process, where no layer looks at its whole batch and none draws random numbers: batch normalisation
            sees a process's part alone, and dropout draws the same mask for every part. Validation and test data
            are gone through by each process in full. Only rank 0 writes the checkpoint, which any number of
            processes can go on with.

    Raises:
        ValueError: contradictory or impossible arguments, no training batches, labels outside the classes, batches
            that a team cannot share equally.
        TypeError: a model, data, a profile or an optimizer of another kind.
        TrainingDiverged: a loss or weight is not finite; names the step.
        FileNotFoundError: ``resume`` or the folder of ``checkpoint`` does not exist.
        ProfileError: the profile's device does not exist here.

    """
    _check(profile, epochs, steps, seed, checkpoint, resume)
    keep_freed()
    device, precision = profile.device(), profile.precision()
    with contextlib.ExitStack() as stack:
        if team is not None:
            device = team.device(device)
            stack.enter_context(team.together(_backend(device)))
        stack.enter_context(_own_generators(seed, device))
        stack.enter_context(_quiet())
        module = _module(model, optimizer, schedule, label_smoothing, clip_norm)
        _arrange(module)
        if not module.model.training:
            module.train()
        callbacks: list[pl.Callback] = []
        if (team is None or team.rank == 0) and _wants_progress(progress):
            callbacks.append(_Progress())
        if checkpoint is not None:
            callbacks.append(_Checkpoint(checkpoint))
        source = _Source(data, seed, done=0 if resume is None else _epochs_in(resume), team=team)
        trainer = _trainer(
            device,
            precision,
            team,
            callbacks=callbacks,
            enable_checkpointing=checkpoint is not None,
            max_epochs=-1 if epochs is None else epochs,
            max_steps=-1 if steps is None else steps,
            gradient_clip_val=module.clip_norm,
        )
        with _interruptible():
            trainer.fit(module, datamodule=source, ckpt_path=resume, weights_only=True)
        done, begun = trainer.global_step, len(module.curves.train_loss)
        if not done:
            raise ValueError("there are no training batches: the training data are empty")
        if len(module.curves.val_loss) < begun and source.has("validation"):
            # the last epoch was cut short by `steps`, so Lightning did not come to validate after it
            trainer.validate(module, datamodule=source, verbose=False)
        test = _test(trainer, module, source)
    curves = module.curves
    network = module.model.cpu().eval()
    return Result(
        train_loss=tuple(curves.train_loss),
        train_accuracy=tuple(curves.train_accuracy),
        val_loss=tuple(curves.val_loss),
        val_accuracy=tuple(curves.val_accuracy),
        step_loss=tuple(curves.step_loss),
        test=test,
        train_seconds=module.train_seconds,
        steps=done,
        epochs=begun,
        seed=seed,
        profile=profile.name,
        device=str(device),
        precision=precision,
        parameters=sum(p.numel() for p in network.parameters()),
        trained_parameters=sum(p.numel() for p in network.parameters() if p.requires_grad),
        model=network,
    )


def evaluate(
    model: nn.Module,
    data: pl.LightningDataModule | Loaders,
    profile: Profile,
    *,
    split: str = "test",
) -> Evaluation:
    """Return a network's figures on one split, in evaluation mode; neither network nor generators are changed.

    Args:
        model: a network, measured as a ``Classifier``, or a ``TrainedModule``.
        data: a data module, or ``Loaders``.
        profile: chooses device and arithmetic.
        split: ``"train"`` (as its loader gives it: in its order, with its augmentation), ``"validation"`` or
            ``"test"``.

    Raises:
        ValueError: an unknown split, or one that the data do not have.
        ProfileError: the profile's device does not exist here.

    """
    if split not in LOADERS:
        raise ValueError(f"unknown split {split!r}; choose one of: {', '.join(LOADERS)}")
    _known(profile)
    keep_freed()
    device, precision = profile.device(), profile.precision()
    with _own_generators(0, device), _quiet():
        module = _module(model, None, None, None, None)
        _arrange(module)
        source = _Source(data, 0, test=split)
        evaluation = _test(_trainer(device, precision, None, enable_checkpointing=False), module, source)
    if evaluation is None:
        raise ValueError(f"these data have no {split} batches")
    return evaluation


# What goes in: arguments, networks and data


def _known(profile: Profile) -> None:
    """Refuse what is no profile, such as the name of one."""
    if not isinstance(profile, Profile):
        raise TypeError(f"profile must be a Profile, such as groundtruth.profiles.active(); got {profile!r}")


def _check(  # noqa: PLR0917
    profile: Profile,
    epochs: int | None,
    steps: int | None,
    seed: int,
    checkpoint: Path | None,
    resume: Path | None,
) -> None:
    """Refuse profiles, lengths, seeds and paths that cannot be meant."""
    _known(profile)
    if (epochs is None) == (steps is None):
        raise ValueError("give the length of the run either as epochs= or as steps=")
    for name, length in (("epochs", epochs), ("steps", steps)):
        if length is not None and (not isinstance(length, Integral) or length < 1):
            raise ValueError(f"{name} must be a whole number of at least 1; got {length!r}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie in 0 … 2**32 - 1; got {seed}")
    if checkpoint is not None and not Path(checkpoint).parent.is_dir():
        raise FileNotFoundError(f"the folder of the checkpoint does not exist: {Path(checkpoint).parent}")
    if resume is not None and not Path(resume).is_file():
        raise FileNotFoundError(f"no checkpoint to go on with at {resume}")


def _module(
    model: nn.Module | Callable[[], nn.Module],
    optimizer: OptimizerSettings | OptimizerFactory | None,
    schedule: Schedule | None,
    label_smoothing: float | None,
    clip_norm: float | None,
) -> TrainedModule:
    """Return the module to train: made now, or a copy of the one given."""
    if not callable(model):  # a network is, too
        raise TypeError(f"model must be a network or a function that makes one; got {model!r}")
    if optimizer is not None and (isinstance(optimizer, type) or not callable(optimizer)):
        raise TypeError(
            "optimizer must be OptimizerSettings, or a function that makes an optimizer for the network it is given; "
            f"got {optimizer!r}"
        )
    made = copy.deepcopy(model) if isinstance(model, nn.Module) else model()
    if isinstance(made, TrainedModule):
        if any(value is not None for value in (optimizer, schedule, label_smoothing, clip_norm)):
            raise ValueError(
                f"{type(made).__name__} brings its own settings: give optimizer, schedule, label_smoothing and "
                "clip_norm to its constructor instead"
            )
        return made
    if isinstance(made, pl.LightningModule):
        raise TypeError(
            f"{type(made).__name__} keeps no record of its training: derive it from TrainedModule"
        )
    if not isinstance(made, nn.Module):
        raise TypeError(f"model must be a network or a function that makes one; got {made!r}")
    return Classifier(made, optimizer, schedule, label_smoothing or 0.0, clip_norm)


def _arrange(module: TrainedModule) -> None:
    """Lay out convolution weights with channels last: faster in all arithmetic, and by far in bf16."""
    module.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


class _Lazy:
    """Batches whose iterator is made when the first batch is wanted; of each, this process's share.

    Lightning asks every loader for an iterator or two that it never uses. A loader that draws its order when it
    is asked would thus spend the first epoch's order, and a list of batches would pass for a list of loaders.
    """

    def __init__(self, batches: Batches, team: Team | None = None) -> None:
        self.batches = batches
        self.team = team

    def __iter__(self) -> Iterator[Any]:
        if self.team is None:
            yield from self.batches
        else:
            yield from map(self.team.share, self.batches)


class _LazySized(_Lazy):
    """The same, of known length."""

    def __len__(self) -> int:
        assert isinstance(self.batches, Sized)
        return len(self.batches)


LOADERS = {"train": "train_dataloader", "validation": "val_dataloader", "test": "test_dataloader"}


class _Source(pl.LightningDataModule):
    """``Loaders`` or a data module as this run uses it, with the caller's object left as it is.

    Args:
        data: where the batches come from. A data module is copied, its tensors shared.
        seed: added to the data module's attribute ``shuffle_seed``, where it has one.
        done: epochs to go through without training, so that a loader's own generator stands where it stood
            in a run that is taken up again.
        test: the split to give as the test split.
        team: the processes that share every training batch.

    """

    def __init__(
        self,
        data: pl.LightningDataModule | Loaders,
        seed: int,
        done: int = 0,
        test: str = "test",
        team: Team | None = None,
    ) -> None:
        super().__init__()
        if not isinstance(data, (Loaders, pl.LightningDataModule)):
            raise TypeError(
                f"data must be a LightningDataModule or Loaders; got {type(data).__name__}. For tensors or images in "
                "memory take a TensorDataModule or an ImageDataModule from groundtruth.data.modules, for batches of "
                "your own Loaders(train=…)."
            )
        self.loaders = data if isinstance(data, Loaders) else None
        self.inner = pl.LightningDataModule() if isinstance(data, Loaders) else copy.copy(data)
        self.done = done
        self.test = test
        self.team = team
        own = getattr(self.inner, "shuffle_seed", None)
        if isinstance(own, int):
            vars(self.inner)["shuffle_seed"] = own + seed

    def split(self, name: str) -> Any:
        """Return the split's batches; the empty list, Lightning's word for none, where there are none."""
        batches: Batches | None
        if self.loaders is not None:
            batches = getattr(self.loaders, name)
            batches = batches.again() if hasattr(batches, "again") else batches
        elif is_overridden(LOADERS[name], self.inner, parent=pl.LightningDataModule):
            batches = getattr(self.inner, LOADERS[name])()
        else:
            batches = None
        if batches is None or (isinstance(batches, Sized) and len(batches) == 0):
            return []
        kind = _LazySized if isinstance(batches, Sized) else _Lazy
        return kind(batches, self.team if name == "train" else None)

    def has(self, name: str) -> bool:
        """Whether the data have this split."""
        return not isinstance(self.split(name), list)

    def train_dataloader(self) -> Any:
        lazy = self.split("train")
        with _own_generators(0, torch.device("cpu")):  # the global ones stand where they should already
            for _ in range(self.done):
                # As many batches as training asked for: some samplers draw again when asked for more, and Lightning
                # asks only a loader without a length.
                for _ in itertools.islice(lazy, len(lazy) if isinstance(lazy, Sized) else None):
                    pass
        return lazy

    def val_dataloader(self) -> Any:
        return self.split("validation")

    def test_dataloader(self) -> Any:
        return self.split(self.test)

    # What a data module does besides

    def prepare_data(self) -> None:
        self.inner.prepare_data()

    def setup(self, stage: str) -> None:
        self.inner.trainer = self.trainer
        self.inner.setup(stage)

    def teardown(self, stage: str) -> None:
        self.inner.teardown(stage)

    def on_before_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        return self.inner.on_before_batch_transfer(batch, dataloader_idx)

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        return self.inner.transfer_batch_to_device(batch, device, dataloader_idx)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        return self.inner.on_after_batch_transfer(batch, dataloader_idx)


def _epochs_in(checkpoint: Path) -> int:
    """Return how many epochs the run in this checkpoint had done."""
    kept = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return len(kept.get("groundtruth", {}).get("curves", {}).get("train_loss", []))


# The trainer, and what surrounds it


def _backend(device: torch.device) -> str:
    """Return the library by which processes with this kind of device add up their gradients."""
    return "nccl" if device.type == "cuda" else "gloo"


def _trainer(device: torch.device, precision: str, team: Team | None, **settings: Any) -> pl.Trainer:
    """Return a trainer that prints nothing and writes nothing.

    Without a team it is for one process and one device, also under Slurm, where Lightning would else take a job's tasks
    for its own workers.
    """
    if team is None:
        settings["devices"] = 1 if device.index is None or device.type == "cpu" else [device.index]
        settings["plugins"] = [LightningEnvironment()]
    else:
        settings["devices"], settings["num_nodes"] = team.local_size, team.nodes
        settings["strategy"] = DDPStrategy(process_group_backend=_backend(device))
        if team.slurm:
            settings["plugins"] = [
                SLURMEnvironment(auto_requeue=False)
            ]  # the batch script does that, visibly
        else:
            settings["plugins"] = [TorchElasticEnvironment()]
    return pl.Trainer(
        accelerator="gpu" if device.type == "cuda" else device.type,
        precision=precision,  # type: ignore[arg-type]
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        **settings,
    )


def _test(trainer: pl.Trainer, module: TrainedModule, source: _Source) -> Evaluation | None:
    """Return the figures of one pass over the source's test batches, None where there are none."""
    if not source.has(source.test):
        return None
    trainer.test(module, datamodule=source, verbose=False)
    assert module.evaluated is not None
    loss, accuracy = module.evaluated
    return Evaluation(
        loss,
        accuracy,
        torch.cat(module.outputs) if module.outputs else None,
        torch.cat(module.targets) if module.targets else None,
    )


class _Progress(pl.Callback):
    """One tqdm bar over the steps of a run, a widget in a notebook."""

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        from tqdm.auto import tqdm  # noqa: PLC0415 - looks for a notebook when it is imported

        assert isinstance(pl_module, TrainedModule)
        self.bar = tqdm(
            total=pl_module.steps_in_all(),
            initial=trainer.global_step,
            unit="step",
            mininterval=0.3,
            leave=False,
            desc="training",
        )

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, *_: Any) -> None:
        self.bar.update()

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        assert isinstance(pl_module, TrainedModule)
        curves = pl_module.curves
        shown = {"train loss": f"{curves.train_loss[-1]:.3f}"} if curves.train_loss else {}
        if curves.val_loss:
            shown["val loss"] = f"{curves.val_loss[-1]:.3f}"
        self.bar.set_postfix(shown, refresh=False)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.bar.close()

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        if hasattr(self, "bar"):
            self.bar.close()


def _wants_progress(progress: bool | None) -> bool:
    """Whether a person is watching, and the book is not being built."""
    if os.environ.get(BUILD_VARIABLE):
        return False
    if progress is not None:
        return progress
    return "ipykernel" in sys.modules or sys.stderr.isatty()


class _Checkpoint(Checkpoint):
    """Write the state of the run at the end of each epoch, never leaving half a file.

    A ``Checkpoint``, because Lightning calls those after the module has written its record.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        unfinished = self.path.with_name(self.path.name + ".part")
        trainer.save_checkpoint(unfinished)
        if trainer.is_global_zero:  # of a team, only this one has written
            unfinished.replace(self.path)


@contextlib.contextmanager
def _own_generators(seed: int, device: torch.device) -> Iterator[None]:
    """Seed the global generators, and give them back as they were."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global one is what we keep safe
    devices = (
        [torch.cuda.current_device() if device.index is None else device.index]
        if device.type == "cuda"
        else []
    )
    with torch.random.fork_rng(devices=devices):
        try:
            random.seed(seed)
            np.random.seed(seed)  # noqa: NPY002
            torch.manual_seed(seed)
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Lightning's notices, tips and advice on loaders off the page; warnings of others pass."""
    loggers = [
        logging.getLogger(name) for name in ("pytorch_lightning", "lightning_fabric", "lightning.fabric")
    ]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    _ignore_advice()
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _ignore_advice() -> None:
    """Let Python's warning filters pass over Lightning's own modules, from now on.

    Not for the time of a run: filters belong to the whole process, and where another thread saves and restores
    them meanwhile (scikit-learn does, for every tree of a forest) a run would lose what it had set.
    """
    for module in ("pytorch_lightning", "lightning_fabric"):
        warnings.filterwarnings("ignore", module=module)


_ignore_advice()  # before any thread has saved the filters without these


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C be a KeyboardInterrupt again: Lightning leaves it switched off and ends the whole process."""
    main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGINT) if main else None
    try:
        yield
    except SystemExit as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise
    finally:
        if main:
            signal.signal(signal.SIGINT, handler)
