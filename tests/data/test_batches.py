import inspect
import itertools
import subprocess
import sys

import numpy as np
import pytest
import torch

from groundtruth.data.batches import BatchLoader, ImageData, Part, TensorData, split
from groundtruth.data.images import ImageSet

COUNTS = (120, 60, 20)  # training examples per class


def numbered(n, features=1):
    """Inputs whose first entry is their own number, so that a batch tells which examples it holds."""
    inputs = torch.arange(n, dtype=torch.float32).unsqueeze(1).repeat(1, features)  # (n, features)
    return inputs


def labels(counts=COUNTS):
    order = torch.randperm(sum(counts), generator=torch.Generator().manual_seed(11))
    return torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))[order]


def images(train_counts=COUNTS, n_test=30, channels=3):
    generator = torch.Generator().manual_seed(5)
    n = sum(train_counts)
    return ImageSet(
        "Noise",
        tuple("abcdefghij"[: len(train_counts)]),
        torch.randint(0, 256, (n, channels, 6, 4), generator=generator, dtype=torch.uint8),
        labels(train_counts),
        torch.randint(0, 256, (n_test, channels, 6, 4), generator=generator, dtype=torch.uint8),
        torch.arange(n_test) % len(train_counts),
    )


def seen(loader):
    """Numbers of the examples in one epoch, in order."""
    return torch.cat([inputs[:, 0] for inputs, _ in loader]).long().tolist()


# ---------------------------------------------------------------------------------------------- the split


@pytest.mark.parametrize("limit", [None, 40])
@pytest.mark.parametrize("validation", [0, 40, 0.2])
def test_training_and_validation_never_share_an_example(validation, limit):
    train, held_out = split(labels(), validation=validation, limit=limit, seed=1)
    n_validation = 0 if validation == 0 else 40
    assert len(held_out) == n_validation
    assert len(train) == (200 - n_validation if limit is None else 40)
    assert len(set(train.tolist() + held_out.tolist())) == len(train) + len(held_out)
    assert train.tolist() == sorted(train.tolist())
    assert held_out.tolist() == sorted(held_out.tolist())


def test_the_split_keeps_the_proportions_of_classes():
    targets = labels()
    train, held_out = split(targets, validation=50, limit=20)
    assert targets[held_out].bincount().tolist() == [30, 15, 5]
    assert targets[train].bincount().tolist() == [12, 6, 2]
    # 50 · (7, 5, 5) / 17 = 20.6, 14.7, 14.7: the larger remainders are rounded up.
    targets = labels((70, 50, 50))
    assert targets[split(targets, validation=50)[1]].bincount().tolist() == [20, 15, 15]


def test_the_split_is_drawn_inside_each_class():
    """Not the first ones of each class, which would follow the order of the file."""
    targets = labels()
    _, held_out = split(targets, validation=50)
    for label in range(3):
        members = (targets == label).nonzero().flatten()
        held = held_out[targets[held_out] == label]
        assert held.tolist() != members[: len(held)].tolist()


def test_the_split_depends_on_its_seed_and_on_nothing_else():
    torch.manual_seed(1)
    first = split(labels(), validation=40, limit=50, seed=7)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = split(labels(), validation=40, limit=50, seed=7)
    assert torch.equal(torch.get_rng_state(), state)  # and it does not disturb others
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    other = split(labels(), validation=40, limit=50, seed=8)
    assert not torch.equal(first[0], other[0])
    assert not torch.equal(first[1], other[1])


def test_validation_does_not_depend_on_limit_and_limits_nest():
    targets = labels((60, 60, 60))
    before = None
    for limit in (120, 60, 31, 30, 8, 3):
        train, held_out = split(targets, validation=60, limit=limit)
        assert torch.equal(held_out, split(targets, validation=60)[1])
        assert before is None or set(train.tolist()) <= before
        before = set(train.tolist())


def test_floating_targets_are_split_without_strata():
    train, held_out = split(torch.rand(50, 2), validation=10)
    assert len(held_out) == 10
    assert sorted(train.tolist() + held_out.tolist()) == list(range(50))
    assert held_out.tolist() != list(range(10))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"validation": 200}, "validation=200 would hold out 200 of 200"),
        ({"validation": 201}, "validation=201 would hold out"),
        ({"validation": -1}, "validation must be a whole number"),
        ({"validation": True}, "validation must be a whole number"),
        ({"validation": 1.0}, "validation must be a number of examples or a fraction"),
        ({"validation": -0.1}, "fraction"),
        ({"validation": float("nan")}, "fraction"),
        ({"validation": 0.001}, "is none"),
        ({"validation": 0.999}, "would hold out 200 of 200"),
        ({"validation": 2}, "validation=2 leaves no validation example for class 2"),
        ({"validation": 199}, "validation=199 leaves no training example for class 1"),
        ({"validation": 0, "limit": 0}, "limit must be a whole number"),
        ({"validation": 0, "limit": 2}, "limit=2 leaves no training example for class 2"),
        ({"validation": 50, "limit": 151}, "limit=151 is more than the 150 training examples left"),
        ({"validation": 0, "class_names": "abcd"}, "class 'd' has no training example"),
        ({"validation": 0, "class_names": "ab"}, "train_targets must lie between 0 and 1"),
    ],
)
def test_a_split_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        split(labels(), **arguments)


# --------------------------------------------------------------------------------------------- the loader


@pytest.mark.parametrize("size", [100, 101, 7])
@pytest.mark.parametrize("shuffle", [False, True])
def test_every_example_once_per_epoch(size, shuffle):
    loader = BatchLoader(Part(numbered(size), torch.arange(size)), 10, shuffle=shuffle)
    for _ in range(3):
        assert sorted(seen(loader)) == list(range(size))
        assert len(list(loader)) == len(loader) == -(-size // 10)


def test_targets_stay_with_their_inputs():
    for inputs, targets in BatchLoader(Part(numbered(50), torch.arange(50)), 8, shuffle=True):
        assert inputs[:, 0].long().tolist() == targets.tolist()


def test_order_is_reproducible_and_epochs_differ():
    part = Part(numbered(100), torch.arange(100))
    torch.manual_seed(1)
    first = BatchLoader(part, 10, shuffle=True, shuffle_seed=4)
    epochs = [seen(first) for _ in range(3)]
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = BatchLoader(part, 10, shuffle=True, shuffle_seed=4)
    assert [seen(second) for _ in range(3)] == epochs
    assert torch.equal(torch.get_rng_state(), state)
    for one, other in itertools.combinations(epochs, 2):
        assert one != other
    assert seen(BatchLoader(part, 10, shuffle=True, shuffle_seed=5)) != epochs[0]
    assert seen(BatchLoader(part, 10)) == list(range(100))


def test_a_loader_can_begin_again_and_the_first_goes_on():
    def noisy(inputs, generator):
        return inputs + torch.rand(inputs.shape, generator=generator) / 2

    part = Part(numbered(40), torch.arange(40))
    loader = BatchLoader(part, 8, shuffle=True, shuffle_seed=2, augment=noisy)
    inputs = [[x for x, _ in loader] for _ in range(2)]
    other = loader.again()
    for epoch in inputs:
        for x, (same, _) in zip(epoch, other, strict=True):
            assert torch.equal(x, same)
    assert not torch.equal(next(iter(loader))[0], inputs[0][0])
    assert other._rows is loader._rows  # nothing is copied


def test_an_epoch_that_is_broken_off_does_not_change_the_next():
    def noisy(inputs, generator):
        return inputs + torch.rand(inputs.shape, generator=generator) / 2

    part = Part(numbered(40), torch.arange(40))
    whole, broken = (BatchLoader(part, 8, shuffle=True, augment=noisy) for _ in range(2))
    list(whole)
    next(iter(broken))
    for (a, _), (b, _) in zip(whole, broken, strict=True):
        assert torch.equal(a, b)


def test_augmentation_is_drawn_again_in_every_epoch():
    def noise_only(inputs, generator):
        return torch.rand(inputs.shape, generator=generator)

    loader = BatchLoader(Part(numbered(40), torch.arange(40)), 40, augment=noise_only)
    (first, _), (second, _) = next(iter(loader)), next(iter(loader))
    assert not torch.equal(first, second)


def test_drop_last():
    loader = BatchLoader(Part(numbered(25), torch.arange(25)), 10, shuffle=True, drop_last=True)
    assert [len(targets) for _, targets in loader] == [10, 10]
    assert len(loader) == 2
    with pytest.raises(ValueError, match="batch_size is 26 and there are 25 examples"):
        BatchLoader(Part(numbered(25), torch.arange(25)), 26, drop_last=True)


@pytest.mark.parametrize("shuffle", [False, True])
def test_working_in_place_on_a_batch_does_not_change_the_data(shuffle):
    part = Part(numbered(20), torch.arange(20))
    for inputs, targets in BatchLoader(part, 20, shuffle=shuffle):
        inputs.zero_()
        targets.zero_()
    assert torch.equal(part.inputs, numbered(20))
    assert torch.equal(part.targets, torch.arange(20))


@pytest.mark.parametrize("channels", [1, 3])
def test_channels_last_changes_strides_and_no_value(channels):
    inputs = torch.randn(12, channels, 6, 4)
    kinds = [
        BatchLoader(Part(inputs, torch.arange(12)), 5, shuffle=True, channels_last=flag, augment=augment)
        for flag, augment in (
            (False, None),
            (True, None),
            (True, lambda batch, _: batch.flip(-1).contiguous()),
        )
    ]
    for (plain, _), (last, _), (flipped, _) in zip(*kinds, strict=True):
        assert torch.equal(plain, last)
        assert torch.equal(plain.flip(-1), flipped)
        assert plain.is_contiguous()
        assert last.stride() == (channels * 24, 1, channels * 4, channels)
        assert flipped.is_contiguous(memory_format=torch.channels_last)
    with pytest.raises(ValueError, match="channels_last is for images"):
        BatchLoader(Part(numbered(4), torch.arange(4)), 2, channels_last=True)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, True])
def test_batch_size_must_be_a_positive_whole_number(batch_size):
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1"):
        BatchLoader(Part(numbered(4), torch.arange(4)), batch_size)


def test_augment_must_keep_the_number_of_examples():
    loader = BatchLoader(Part(numbered(4), torch.arange(4)), 2, augment=lambda batch, _: batch[:1])
    with pytest.raises(ValueError, match="augment got 2 inputs and returned 1"):
        list(loader)
    with pytest.raises(ValueError, match="4 inputs and 3 targets"):
        BatchLoader(Part(numbered(4), torch.arange(3)), 2)


# --------------------------------------------------------------------------------------------- the parts


def test_normalisation_uses_the_training_part_only():
    data = images()
    module = ImageData(data, batch_size=16, validation=50, limit=90)
    pixels = data.train_images.numpy().astype(np.float64) / 255
    used = pixels[module.train_indices.numpy()]
    mean, std = used.mean((0, 2, 3)), used.std((0, 2, 3))
    np.testing.assert_allclose(module.mean.numpy(), mean, rtol=1e-5)
    np.testing.assert_allclose(module.std.numpy(), std, rtol=1e-5)
    # Statistics of all training images would differ by much more than that.
    assert np.abs(pixels.mean((0, 2, 3)) / mean - 1).max() > 1e-4

    def by_hand(raw):
        return (raw - mean.reshape(1, 3, 1, 1)) / std.reshape(1, 3, 1, 1)

    held_out = pixels[module.validation_indices.numpy()]
    test = data.test_images.numpy() / 255
    for part, raw in (
        (module.train_part, used),
        (module.validation_part, held_out),
        (module.test_part, test),
    ):
        np.testing.assert_allclose(part.inputs.numpy(), by_hand(raw), atol=1e-5)
    assert torch.equal(module.train_part.targets, data.train_labels[module.train_indices])
    assert torch.equal(module.validation_part.targets, data.train_labels[module.validation_indices])


def test_changing_validation_pixels_changes_nothing_in_training():
    data = images()
    module = ImageData(data, batch_size=16, validation=50)
    data.train_images[module.validation_indices] = 255
    again = ImageData(data, batch_size=16, validation=50)
    assert torch.equal(module.train_part.inputs, again.train_part.inputs)
    assert not torch.equal(module.validation_part.inputs, again.validation_part.inputs)


def test_without_normalisation_images_lie_between_0_and_1():
    module = ImageData(images(), batch_size=16, normalise=False)
    assert module.mean is None
    assert module.train_part.inputs.min() == 0
    assert module.train_part.inputs.max() == 1


def test_half_precision_is_rounded_once():
    full = ImageData(images(), batch_size=16).train_part.inputs
    half = ImageData(images(), batch_size=16, dtype=torch.bfloat16).train_part.inputs
    assert half.dtype == torch.bfloat16
    assert torch.equal(half, full.to(torch.bfloat16))


@pytest.mark.parametrize("channels_last", [False, True])
def test_images_and_features_given_stay_as_they_were(channels_last):
    data = images()
    before = (data.train_images.clone(), data.test_images.clone())
    ImageData(data, batch_size=16, channels_last=channels_last)
    assert torch.equal(data.train_images, before[0])
    assert torch.equal(data.test_images, before[1])
    module = ImageData(data, batch_size=16)
    test_targets = module.test_part.targets.clone()
    data.test_labels.zero_()  # and what the caller does later does not reach the module
    assert torch.equal(module.test_part.targets, test_targets)
    features, test = torch.randn(200, 2), torch.randn(20, 2)
    copies = features.clone(), test.clone()
    TensorData(features, labels(), test, torch.zeros(20), batch_size=16, validation=0)
    assert torch.equal(features, copies[0])
    assert torch.equal(test, copies[1])


def test_augmentation_reaches_training_batches_only_and_leaves_their_order():
    def plus_1000(batch, generator):
        return batch + 1000 + torch.rand(len(batch), 1, generator=generator) / 4

    def module(**arguments):
        return TensorData(
            numbered(200),
            labels(),
            numbered(20),
            torch.zeros(20),
            batch_size=16,
            normalise=False,
            validation=50,
            shuffle_seed=3,
            **arguments,
        )

    plain, augmented = module(), module(augment=plus_1000)
    assert [number - 1000 for number in seen(augmented.train_dataloader())] == seen(plain.train_dataloader())
    for evaluated in (augmented.val_dataloader(), augmented.test_dataloader()):
        assert max(seen(evaluated)) < 1000
    assert seen(augmented.val_dataloader()) == plain.validation_indices.tolist()
    assert seen(augmented.test_dataloader()) == list(range(20))
    assert torch.equal(augmented.train_part.inputs, plain.train_part.inputs)
    # The noise is drawn again in every epoch and repeats with the seed, whatever the global generator does.
    loader, again = augmented.train_dataloader(), augmented.train_dataloader()
    torch.manual_seed(1)
    epochs = [torch.cat([batch for batch, _ in loader]).flatten().sort().values for _ in range(2)]
    torch.manual_seed(2)
    repeated = [torch.cat([batch for batch, _ in again]).flatten().sort().values for _ in range(2)]
    assert not torch.equal(epochs[0], epochs[1])
    assert torch.equal(epochs[0], repeated[0])
    assert torch.equal(epochs[1], repeated[1])


def test_seeds_do_their_own_work():
    def module(**seeds):
        return TensorData(
            numbered(200), labels(), batch_size=16, normalise=False, validation=50, limit=100, **seeds
        )

    base, shuffled, resplit = module(), module(shuffle_seed=1), module(split_seed=1)
    assert torch.equal(base.train_indices, shuffled.train_indices)
    assert torch.equal(base.validation_indices, shuffled.validation_indices)
    assert seen(base.train_dataloader()) != seen(shuffled.train_dataloader())
    assert not torch.equal(base.validation_indices, resplit.validation_indices)
    assert seen(base.train_dataloader()) == seen(base.train_dataloader())  # a look does not use up an epoch
    assert sorted(seen(base.train_dataloader())) == base.train_indices.tolist()


def test_token_inputs_are_left_alone():
    tokens = torch.randint(0, 50, (200, 7))
    module = TensorData(tokens, labels(), batch_size=16, normalise=False, dtype=None, validation=0)
    assert module.train_part.inputs.dtype == torch.int64
    assert torch.equal(module.train_part.inputs, tokens)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size must be"),
        ({"batch_size": -4}, "batch_size must be"),
        ({"eval_batch_size": 0}, "eval_batch_size must be"),
        ({"split_seed": -1}, "split_seed must be"),
        ({"shuffle_seed": -1}, "shuffle_seed must be"),
        ({"drop_last": True, "batch_size": 191}, "drop_last=True there is no batch"),
        ({"dtype": torch.int32}, "dtype must be a floating type"),
        ({"dtype": None}, "normalise=True needs a floating dtype"),
        ({"channels_last": True}, "channels_last is for images"),
        ({"test_inputs": torch.zeros(3, 2)}, "test_inputs and test_targets belong together"),
        (
            {"test_inputs": torch.zeros(3, 2), "test_targets": torch.zeros(4)},
            "test_targets must hold one target",
        ),
        ({"train_targets": torch.zeros(199)}, "train_targets must hold one target"),
        ({"train_inputs": torch.ones(200, 2)}, r"entries \[0, 1\] of dimension 1 are constant"),
        ({"train_inputs": torch.rand(200)}, "unsqueeze"),
        ({"validation": 200}, "validation=200 would hold out"),
    ],
)
def test_bad_arguments_are_refused_at_construction(arguments, message):
    good = {"train_inputs": torch.rand(200, 2), "train_targets": labels(), "batch_size": 16}
    TensorData(**good)
    with pytest.raises(ValueError, match=message):
        TensorData(**{**good, **arguments})


def test_a_class_without_examples_is_named():
    data = images((40, 40, 0))
    with pytest.raises(ValueError, match=r"class 'c' has no training example.*subset"):
        ImageData(data, batch_size=8)


def test_image_data_take_every_argument_of_tensor_data_and_hand_it_on():
    data = images()
    other = {
        "batch_size": 7,
        "validation": 31,
        "limit": 90,
        "split_seed": 5,
        "shuffle_seed": 6,
        "drop_last": True,
        "augment": lambda batch, generator: batch.flip(-1),
        "normalise": False,
        "dtype": torch.float64,
        "channels_last": True,
        "eval_batch_size": 9,
    }
    general = inspect.signature(TensorData).parameters
    special = inspect.signature(ImageData).parameters
    names = [name for name, parameter in general.items() if parameter.kind is parameter.KEYWORD_ONLY]
    assert names == [*other, "class_names"]
    for name, value in other.items():
        assert special[name].default == general[name].default != value, name

    tensors = (data.train_images, data.train_labels, data.test_images, data.test_labels)
    expected = TensorData(*tensors, **other)
    found = ImageData(data, **other)
    assert found.class_names == ("a", "b", "c")
    assert torch.equal(found.validation_indices, expected.validation_indices)
    for loader in ("train_dataloader", "val_dataloader", "test_dataloader"):
        pairs = zip(getattr(found, loader)(), getattr(expected, loader)(), strict=True)
        for (inputs, targets), (same_inputs, same_targets) in pairs:
            assert inputs.dtype == torch.float64
            assert torch.equal(inputs, same_inputs)
            assert inputs.stride() == same_inputs.stride()
            assert torch.equal(targets, same_targets)
    assert found.train_dataloader().batch_size == 7
    assert len(found.train_dataloader()) == 90 // 7
    assert found.val_dataloader().batch_size == found.test_dataloader().batch_size == 9


def test_channels_last_is_stored_so_that_no_loader_has_to_copy():
    module = ImageData(images(), batch_size=16, channels_last=True)
    for part in (module.train_part, module.validation_part, module.test_part):
        assert part.inputs.is_contiguous(memory_format=torch.channels_last)


def test_without_a_test_part_there_are_no_test_batches():
    module = TensorData(numbered(50), torch.rand(50), batch_size=8, validation=0)
    assert module.test_dataloader() == []


def test_a_first_batch_does_not_wait_for_lightning():
    code = """
import sys
from groundtruth.data import fashion_mnist
from groundtruth.data.batches import ImageData
data = ImageData(fashion_mnist.load(), batch_size=20)
assert len(next(iter(data.train_dataloader()))[1]) == 20
print(sorted(name for name in sys.modules if "lightning" in name))
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stdout.strip() == "[]", ended.stderr
