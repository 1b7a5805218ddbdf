"""From tensors in memory to batches: splits, scaling and shuffling, each with a generator of its own.

Every chapter that trains a network uses this, through ``groundtruth.data.modules``, which adds what Lightning's trainer
asks for. Nothing here imports Lightning: who wants batches for a loop of their own need not wait for it.

A sample is never handled one by one in Python: the data are scaled once, and a batch is one ``index_select``. What that
saves is measured by ``benchmarks/training_overhead.py``. For a loop of one's own::

    data = ImageData(fashion_mnist.load(), batch_size=256)
    batches = data.train_dataloader()  # once: each epoch then has another order
    for epoch in range(3):
        for inputs, targets in batches:  # (256, 1, 28, 28), (256,); the last are fewer
            ...

Three things are drawn by chance, and none of them touches PyTorch's global generator: which examples are held out and
kept (``split_seed``), the order of the batches, and the augmentation (both ``shuffle_seed``). So the split stays the
same while an experiment repeats its training with other seeds.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Generator, Tensor

from groundtruth.data.images import ImageSet, mean_std

Augment = Callable[[Tensor, Generator], Tensor]
"""Takes a batch of scaled inputs (B, …) and the generator to draw from; returns a batch of as many inputs."""


class Part(NamedTuple):
    """Examples for one purpose: as a network gets them, whole and unshuffled."""

    inputs: Tensor
    """(N, …), scaled."""
    targets: Tensor
    """(N, …): int64 (N,) for classes."""


class BatchLoader:
    """Batches from tensors in memory; iterate over it once per epoch.

    With ``shuffle`` each epoch has a new order, drawn from a generator that only this loader uses: a new loader with
    the same ``shuffle_seed`` repeats the same orders. The order does not depend on whether ``augment`` is given.

    Args:
        part: examples; ``inputs`` and ``targets`` have the same length.
        batch_size: examples per batch; the last batch is shorter where they do not divide, or left out by
            ``drop_last``.
        augment: applied to the inputs of each batch.
        channels_last: yield images (B, C, H, W) in the memory format ``torch.channels_last``, which is faster for
            convolutions on a CPU.

    Raises:
        ValueError: ``batch_size`` is not a positive whole number, the lengths differ, or no batch would come out.

    """

    def __init__(
        self,
        part: Part,
        batch_size: int,
        *,
        shuffle: bool = False,
        shuffle_seed: int = 0,
        drop_last: bool = False,
        augment: Augment | None = None,
        channels_last: bool = False,
    ) -> None:
        _whole("batch_size", batch_size, at_least=1)
        _whole("shuffle_seed", shuffle_seed, at_least=0)
        inputs, targets = part
        if len(inputs) != len(targets):
            raise ValueError(
                f"part: {len(inputs)} inputs and {len(targets)} targets; there must be one per input"
            )
        if channels_last and inputs.dim() != 4:
            raise ValueError(
                f"channels_last is for images (N, C, H, W); the inputs have shape {tuple(inputs.shape)}. "
                "Leave it False."
            )
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.augment = augment
        self.channels_last = channels_last
        self._size = len(inputs)
        self._targets = targets
        # index_select gives plain contiguous tensors. So rows are kept as (N, H, W, C), and a batch of them,
        # seen as (B, C, H, W), has the strides of channels_last without another copy.
        self._rows = inputs.permute(0, 2, 3, 1).contiguous() if channels_last else inputs
        self._shuffle_seed = shuffle_seed
        self._start()
        if len(self) == 0:
            raise ValueError(
                f"batch_size is {batch_size} and there are {self._size} examples, so with drop_last={drop_last} "
                "there is no batch. Choose a smaller batch_size, or drop_last=False."
            )

    def _start(self) -> None:
        # Two independent streams, so that augmentation does not change the order of the examples.
        order, noise = np.random.SeedSequence(self._shuffle_seed).spawn(2)
        self._order = _generator(int(order.generate_state(1, np.uint64)[0]))
        self._noise = _generator(int(noise.generate_state(1, np.uint64)[0]))

    def again(self) -> BatchLoader:
        """Return a loader of the same examples, not copied, that starts from ``shuffle_seed`` as this one did."""
        other = copy.copy(self)
        other._start()
        return other

    def __len__(self) -> int:
        """Return the number of batches per epoch."""
        whole, left = divmod(self._size, self.batch_size)
        return whole if self.drop_last or left == 0 else whole + 1

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Start an epoch: draw its order now, and yield ``(inputs (B, …), targets (B, …))``."""
        order = (
            torch.randperm(self._size, generator=self._order) if self.shuffle else torch.arange(self._size)
        )
        # A generator per epoch: an epoch that is broken off draws as much as a whole one.
        noise = _generator(int(torch.randint(2**62, (1,), generator=self._noise)))
        return self._batches(order, noise)

    def _batches(self, order: Tensor, noise: Generator) -> Iterator[tuple[Tensor, Tensor]]:
        for number in range(len(self)):
            chosen = order[number * self.batch_size : (number + 1) * self.batch_size]  # (B,)
            # index_select copies, so a network that works in place cannot change the data.
            inputs = self._rows.index_select(0, chosen)  # (B, …), or (B, H, W, C)
            if self.channels_last:
                inputs = inputs.permute(0, 3, 1, 2)  # (B, H, W, C) -> (B, C, H, W), memory untouched
            if self.augment is not None:
                inputs = self.augment(inputs, noise)
                if len(inputs) != len(chosen):
                    raise ValueError(f"augment got {len(chosen)} inputs and returned {len(inputs)}")
                if self.channels_last:
                    inputs = inputs.contiguous(memory_format=torch.channels_last)
            yield inputs, self._targets.index_select(0, chosen)


class TensorData:
    """Training, validation and test part of any data that fit in memory, and batches of them.

    Validation examples are held out of the training examples; the test part is never touched. For whole-number
    targets of shape (N,) both the validation part and ``limit`` keep the proportions of the classes (largest
    remainders); other targets are drawn without strata. The validation part does not depend on ``limit``.

    Args:
        train_inputs: (N, D) features, (N, C, H, W) images, (N, T) tokens, …
        train_targets: (N,) int64 classes, or (N, …) floating targets.
        test_inputs: (M, …), or ``None`` where there is no test part.
        test_targets: (M, …), or ``None`` together with ``test_inputs``.
        batch_size: examples per training batch.
        validation: a whole number of examples, or a fraction between 0 and 1, held out of the training examples; 0
            for none.
        limit: train on this many of the remaining examples; ``None`` for all of them. Where classes are equally
            large, a smaller limit picks a part of what a larger one picks.
        split_seed: decides which examples are held out and kept.
        shuffle_seed: decides order and augmentation of the training batches.
        drop_last: leave out the last training batch where it would be shorter.
        augment: applied to scaled training batches, and to nothing else.
        normalise: subtract the mean and divide by the standard deviation, per entry of dimension 1 (feature or
            channel), both computed on ``train_part`` alone.
        dtype: floating type of the inputs; ``None`` leaves them as they are (token numbers, for example; it needs
            ``normalise=False``).
        channels_last: yield images in that memory format.
        eval_batch_size: examples per validation or test batch.
        class_names: for messages.

    Attributes:
        train_indices: which training examples the training part holds, ascending, int64.
        validation_indices: the same for the validation part.
        train_part: scaled examples to train on; so are ``validation_part`` and ``test_part`` (``None`` without).
        mean: (D,), and ``std`` (D,), of the training part before normalising; ``None`` without ``normalise``.
        class_names: as given.

    Raises:
        ValueError: an argument is out of range, or a class has no example in a part; the message names the argument.

    """

    def __init__(
        self,
        train_inputs: Tensor,
        train_targets: Tensor,
        test_inputs: Tensor | None = None,
        test_targets: Tensor | None = None,
        *,
        batch_size: int,
        validation: int | float = 0.1,
        limit: int | None = None,
        split_seed: int = 0,
        shuffle_seed: int = 0,
        drop_last: bool = False,
        augment: Augment | None = None,
        normalise: bool = True,
        dtype: torch.dtype | None = torch.float32,
        channels_last: bool = False,
        eval_batch_size: int = 1000,
        class_names: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        if (test_inputs is None) != (test_targets is None):
            raise ValueError("test_inputs and test_targets belong together: give both, or neither")
        for name, inputs, targets in (
            ("train", train_inputs, train_targets),
            ("test", test_inputs, test_targets),
        ):
            if inputs is not None and targets is not None and not 0 < len(inputs) == len(targets):
                raise ValueError(
                    f"{name}_targets must hold one target per input, and there must be some; got {len(targets)} "
                    f"targets for {len(inputs)} inputs"
                )
        if dtype is None and normalise:
            raise ValueError(
                "normalise=True needs a floating dtype; give dtype=torch.float32 or normalise=False"
            )
        if dtype is not None and not dtype.is_floating_point:
            raise ValueError(f"dtype must be a floating type or None; got {dtype}")
        if normalise and train_inputs.dim() < 2:
            raise ValueError(
                f"normalise=True needs inputs (N, D, …); train_inputs has shape {tuple(train_inputs.shape)}. "
                "Add a dimension with unsqueeze(1)."
            )
        _whole("batch_size", batch_size, at_least=1)
        _whole("eval_batch_size", eval_batch_size, at_least=1)
        _whole("split_seed", split_seed, at_least=0)
        self.batch_size = batch_size
        self.eval_batch_size = eval_batch_size
        self.shuffle_seed = shuffle_seed
        self.drop_last = drop_last
        self.augment = augment
        self.channels_last = channels_last
        self.class_names = None if class_names is None else tuple(class_names)

        self.train_indices, self.validation_indices = split(
            train_targets, validation=validation, limit=limit, seed=split_seed, class_names=class_names
        )
        self._dtype = dtype
        self.mean: Tensor | None = None
        self.std: Tensor | None = None
        kept = _scaled(train_inputs.index_select(0, self.train_indices), dtype)
        if normalise:
            # Computed on what the network trains on: held-out examples, and those beyond the limit, stay unseen.
            self.mean, self.std = mean_std(kept)  # (D,), (D,)
            constant = (self.std == 0).nonzero().flatten().tolist()
            if constant:
                raise ValueError(
                    f"normalise=True cannot divide by a standard deviation of 0: entries {constant} of dimension 1 are "
                    "constant in the training part. Leave them out, or give normalise=False."
                )
        self.train_part = Part(self._finished(kept), train_targets.index_select(0, self.train_indices))
        self.validation_part: Part | None = None
        if len(self.validation_indices):
            held_out = _scaled(train_inputs.index_select(0, self.validation_indices), dtype)
            targets = train_targets.index_select(0, self.validation_indices)
            self.validation_part = Part(self._finished(held_out), targets)
        self.test_part: Part | None = None
        if test_inputs is not None and test_targets is not None:
            self.test_part = Part(self._finished(_scaled(test_inputs.clone(), dtype)), test_targets.clone())
        self.train_dataloader()  # arguments that only the loader can judge fail here, not in the Trainer

    def train_dataloader(self) -> BatchLoader:
        """Return a new loader of shuffled training batches, which starts from ``shuffle_seed`` again.

        So ask once for all epochs: a new loader for each would give them all the same order.
        """
        return BatchLoader(
            self.train_part,
            self.batch_size,
            shuffle=True,
            shuffle_seed=self.shuffle_seed,
            drop_last=self.drop_last,
            augment=self.augment,
            channels_last=self.channels_last,
        )

    def val_dataloader(self) -> BatchLoader | list[BatchLoader]:
        """Return the validation batches in fixed order; the empty list where there are none."""
        return [] if self.validation_part is None else self._fixed(self.validation_part)

    def test_dataloader(self) -> BatchLoader | list[BatchLoader]:
        """Return the test batches in fixed order; the empty list where there are none."""
        return [] if self.test_part is None else self._fixed(self.test_part)

    def _fixed(self, part: Part) -> BatchLoader:
        return BatchLoader(part, self.eval_batch_size, channels_last=self.channels_last)

    def _finished(self, inputs: Tensor) -> Tensor:
        """Normalise in place, so ``inputs`` must be a copy that nobody else holds; then set type and memory format."""
        if self.mean is not None and self.std is not None:
            shape = (1, -1) + (1,) * (inputs.dim() - 2)  # (D,) -> (1, D, 1, …), against (N, D, …)
            inputs.sub_(self.mean.view(shape)).div_(self.std.view(shape))
        if self._dtype is not None:
            inputs = inputs.to(self._dtype)
        if self.channels_last and inputs.dim() == 4:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        return inputs


class ImageData(TensorData):
    """The parts of an ``ImageSet``: bytes become floating numbers from 0 to 1, then each channel is normalised.

    ``mean`` and ``std`` are those of the scale 0 to 1. Arguments, attributes and errors as for ``TensorData``.
    """

    def __init__(
        self,
        images: ImageSet,
        *,
        batch_size: int,
        validation: int | float = 0.1,
        limit: int | None = None,
        split_seed: int = 0,
        shuffle_seed: int = 0,
        drop_last: bool = False,
        augment: Augment | None = None,
        normalise: bool = True,
        dtype: torch.dtype = torch.float32,
        channels_last: bool = False,
        eval_batch_size: int = 1000,
    ) -> None:
        super().__init__(
            images.train_images,
            images.train_labels,
            images.test_images,
            images.test_labels,
            batch_size=batch_size,
            validation=validation,
            limit=limit,
            split_seed=split_seed,
            shuffle_seed=shuffle_seed,
            drop_last=drop_last,
            augment=augment,
            normalise=normalise,
            dtype=dtype,
            channels_last=channels_last,
            eval_batch_size=eval_batch_size,
            class_names=images.class_names,
        )


def split(
    targets: Tensor,
    *,
    validation: int | float,
    limit: int | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw a validation part and a training part, class by class where the targets are classes.

    Args:
        targets: whole-number classes (N,), or anything else (N, …), which is drawn without strata.
        validation: a whole number of examples, or a fraction of N (rounded to the nearest number).
        limit: keep only this many training examples; ``None``: all that are not held out.
        seed: of a generator used here only.
        class_names: for messages; every one must have an example in each part.

    Returns:
        Indices of the training part and of the validation part: int64, ascending, disjoint.

    Raises:
        ValueError: a number is out of range, or a class would have no example in a part.

    """
    total = len(targets)
    if isinstance(validation, float):
        if not 0 <= validation < 1:
            raise ValueError(
                f"validation must be a number of examples or a fraction from 0 to below 1; got {validation}. "
                "For a number of examples give a whole number, such as 5000."
            )
        held_out = round(validation * total)
        if validation > 0 and held_out == 0:
            raise ValueError(f"validation={validation} of {total} examples is none; ask for more, or for 0")
    else:
        held_out = _whole("validation", validation, at_least=0)
    if held_out >= total:
        raise ValueError(
            f"validation={validation} would hold out {held_out} of {total} training examples and leave none to train "
            "on; ask for fewer"
        )
    kept = total - held_out
    if limit is not None:
        kept = _whole("limit", limit, at_least=1)
        if kept > total - held_out:
            raise ValueError(
                f"limit={limit} is more than the {total - held_out} training examples left of {total} after "
                f"validation={validation}; ask for fewer, or give None for all of them"
            )

    classes = targets.dim() == 1 and not targets.is_floating_point()
    strata = targets.long() if classes else torch.zeros(total, dtype=torch.int64)  # (N,)
    labels = list(range(len(class_names))) if classes and class_names else strata.unique().tolist()
    members = [(strata == label).nonzero().flatten() for label in labels]  # one (n_k,) per class
    sizes = [len(inside) for inside in members]
    if sum(sizes) != total:
        raise ValueError(
            f"train_targets must lie between 0 and {len(labels) - 1}, as there are {len(labels)} class_names; got "
            f"{int(strata.min())} to {int(strata.max())}"
        )
    out = _shares(sizes, held_out)
    rest = [size - taken for size, taken in zip(sizes, out, strict=True)]
    into = _shares(rest, kept)
    for label, size, taken, used in zip(labels, sizes, out, into, strict=True):
        name = f"class {class_names[label]!r}" if class_names and classes else f"class {label}"
        if size == 0:
            raise ValueError(f"train_targets: {name} has no training example; leave it out, with subset()")
        if held_out and taken == 0:
            raise ValueError(
                f"validation={validation} leaves no validation example for {name}, which has {size} of {total} "
                "training examples; ask for more, or for 0"
            )
        if used == 0:
            argument = f"validation={validation}" if limit is None or size == taken else f"limit={limit}"
            raise ValueError(
                f"{argument} leaves no training example for {name}, which has {size} of {total} training examples; "
                f"there are {len(labels)} classes, and each needs at least one"
            )

    generator = _generator(seed)
    train, validate = [], []
    for inside, taken, used in zip(members, out, into, strict=True):
        shuffled = inside[torch.randperm(len(inside), generator=generator)]  # (n_k,)
        validate.append(shuffled[:taken])
        train.append(shuffled[taken : taken + used])
    return torch.cat(train).sort().values, torch.cat(validate).sort().values


def _shares(sizes: Sequence[int], total: int) -> list[int]:
    """Divide ``total`` in the proportions of ``sizes`` into whole numbers, by largest remainders."""
    everything = sum(sizes)
    shares = [size * total // everything for size in sizes]
    # Ties go to the class that comes first: the result depends on the numbers only.
    by_remainder = sorted(range(len(sizes)), key=lambda k: -(sizes[k] * total % everything))
    for k in by_remainder[: total - sum(shares)]:
        shares[k] += 1
    return shares


def _scaled(inputs: Tensor, dtype: torch.dtype | None) -> Tensor:
    """Return floating inputs to normalise; bytes are images and are brought from 0–255 to 0–1."""
    if dtype is None:
        return inputs
    # Half precision would round the pixels before they are scaled: compute in float32 at least, round at the end.
    working = inputs.to(torch.promote_types(dtype, torch.float32))
    return working.div_(255) if inputs.dtype == torch.uint8 else working


def _generator(seed: int) -> Generator:
    generator = Generator()
    generator.manual_seed(seed)
    return generator


def _whole(name: str, value: int, *, at_least: int) -> int:
    """Return the value if it is a whole number of at least this size.

    Raises:
        ValueError: it is not.

    """
    if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
        raise ValueError(f"{name} must be a whole number of at least {at_least}; got {value!r}")
    return value
