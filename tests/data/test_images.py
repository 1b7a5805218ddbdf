from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import torch

from groundtruth.data.images import ImageSet, mean_std


@pytest.fixture
def three():
    """Twelve training and six test images of three classes; pixel values tell which image it is."""
    generator = torch.Generator().manual_seed(3)
    train = torch.randint(0, 256, (12, 2, 5, 4), generator=generator, dtype=torch.uint8)
    test = torch.randint(0, 256, (6, 2, 5, 4), generator=generator, dtype=torch.uint8)
    return ImageSet(
        "Three", ("ant", "bee", "cow"), train, torch.arange(12) % 3, test, torch.tensor([2, 2, 1, 1, 0, 0])
    )


def test_subset_relabels_in_the_order_given(three):
    two = three.subset(["cow", "ant"])
    assert two.class_names == ("cow", "ant")
    # Labels by hand: training labels were 0 1 2 0 1 2 …, test labels 2 2 1 1 0 0.
    assert two.train_labels.tolist() == [1, 0, 1, 0, 1, 0, 1, 0]
    assert two.test_labels.tolist() == [0, 0, 1, 1]
    assert torch.equal(two.train_images, three.train_images[[0, 2, 3, 5, 6, 8, 9, 11]])
    assert torch.equal(two.test_images, three.test_images[[0, 1, 4, 5]])
    assert three.subset([2, 0]).train_labels.tolist() == two.train_labels.tolist()
    assert two.name == three.name


@pytest.mark.parametrize("classes", [["dog"], [3], [-1], ["ant", 0], [], "ant"])
def test_subset_refuses(three, classes):
    with pytest.raises(ValueError, match="class"):
        three.subset(classes)


def test_subset_and_head_do_not_share_memory(three):
    before = three.train_images.clone()
    three.subset(["ant", "bee", "cow"]).train_images.zero_()
    three.head(train=12).train_images.zero_()
    assert torch.equal(three.train_images, before)


def test_head(three):
    few = three.head(train=5, test=0)
    assert torch.equal(few.train_images, three.train_images[:5])
    assert few.train_labels.tolist() == [0, 1, 2, 0, 1]
    assert len(few.test_images) == len(few.test_labels) == 0
    assert len(three.head(train=1).test_images) == 6
    with pytest.raises(ValueError, match="train must be between 0 and 12"):
        three.head(train=13)
    with pytest.raises(ValueError, match="test must be between 0 and 6"):
        three.head(test=-1)


def test_channel_statistics_are_of_training_images_only(three):
    mean, std = three.channel_mean_std()
    pixels = three.train_images.numpy().astype(np.float64) / 255
    np.testing.assert_allclose(mean.numpy(), pixels.mean((0, 2, 3)), rtol=1e-6)
    np.testing.assert_allclose(std.numpy(), pixels.std((0, 2, 3)), rtol=1e-6)
    other_test = replace(three, test_images=torch.zeros_like(three.test_images))
    assert torch.equal(other_test.channel_mean_std()[0], mean)


@pytest.mark.parametrize("shape", [(50, 3), (50, 3, 4), (50, 3, 4, 5)])
def test_mean_std_is_per_entry_of_dimension_1(shape):
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(0)) * 2 + 5
    mean, std = mean_std(inputs)
    by_entry = inputs.movedim(1, 0).flatten(1).double().numpy()
    np.testing.assert_allclose(mean.numpy(), by_entry.mean(1), rtol=1e-6)
    np.testing.assert_allclose(std.numpy(), by_entry.std(1), rtol=1e-5)


def test_repr_is_for_reading_and_the_set_is_frozen(three):
    assert repr(three) == (
        "ImageSet Three: 12 training and 6 test images, 2 × 5 × 4 (channels × height × width), 3 classes: ant, bee, cow"
    )
    with pytest.raises(FrozenInstanceError):
        three.name = "Four"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("train_labels", torch.zeros(11, dtype=torch.int64), "train_labels must be int64 of shape"),
        ("test_labels", torch.zeros(7, dtype=torch.int64), "test_labels must be int64 of shape"),
        ("test_labels", torch.zeros(6), "test_labels must be int64"),
        ("train_labels", torch.full((12,), 3), "between 0 and 2"),
        ("train_labels", torch.full((12,), -1), "between 0 and 2"),
        ("train_images", torch.zeros(12, 2, 5, 4), "train_images must be uint8"),
        ("train_images", torch.zeros(12, 5, 4, dtype=torch.uint8), "unsqueeze"),
        ("test_images", torch.zeros(6, 1, 5, 4, dtype=torch.uint8), "test_images must have the shape"),
    ],
)
def test_what_does_not_fit_together_is_refused(three, field, value, message):
    with pytest.raises(ValueError, match=message):
        replace(three, **{field: value})
