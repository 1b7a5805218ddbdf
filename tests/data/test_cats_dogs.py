import pytest
import torch

from groundtruth.data import cats_dogs


@pytest.fixture(scope="module")
def data():
    return cats_dogs.load()


def test_sizes_and_balance(data):
    assert data.class_names == ("cat", "dog")
    assert data.train_images.shape == (1200, 3, 32, 32)
    assert data.test_images.shape == (1000, 3, 32, 32)
    assert data.train_labels.bincount().tolist() == [600, 600]
    assert data.test_labels.bincount().tolist() == [500, 500]


def test_file_order_of_cifar10_is_kept(data):
    # Labels of CIFAR-10's first batch begin 6 9 9 4 1 1 2 7 8 3 4 7 7 2 9 9 9 3 2 6 4 3 6 6 2 6 3 5 4 0 0 9 1 3 4 0 3 …
    assert data.train_labels[:7].tolist() == [0, 0, 0, 0, 1, 0, 0]
    # Those of the test batch begin 3 8 8 0 6 6 1 6 3 1 0 9 5 7 9 8 5 …
    assert data.test_labels[:4].tolist() == [0, 0, 1, 1]


def test_pixels_and_channels_are_where_they_belong(data):
    """The cat on a red ground, third in file order: its upper left corner is red."""
    corner = data.train_images[2, :, :4, :4].float().mean((1, 2))  # (3,)
    assert corner[0] > 200
    assert corner[1] < 60
    # Neighbouring pixels are alike in both directions; a wrong stride would make noise of one.
    images = data.train_images.float()
    assert (images[:, :, 1:] - images[:, :, :-1]).abs().mean() < 20
    assert (images[..., 1:] - images[..., :-1]).abs().mean() < 20


def test_one_callers_changes_do_not_reach_the_next(data):
    before = [
        tensor.clone()
        for tensor in (data.train_images, data.train_labels, data.test_images, data.test_labels)
    ]
    other = cats_dogs.load()
    for tensor in (other.train_images, other.train_labels, other.test_images, other.test_labels):
        tensor.fill_(1)
    for loaded in (data, cats_dogs.load()):
        now = (loaded.train_images, loaded.train_labels, loaded.test_images, loaded.test_labels)
        assert all(torch.equal(a, b) for a, b in zip(now, before, strict=True))


def test_the_near_duplicates_that_the_manifest_names(data):
    test, train = data.test_images.float(), data.train_images.float()
    for shown, seen in ((436, 411), (552, 462), (621, 840)):
        distances = (train - test[shown]).square().mean((1, 2, 3)).sqrt()  # (1200,) root mean square, 0–255
        assert distances.argmin() == seen
        assert distances[seen] < 30
        assert data.test_labels[shown] == data.train_labels[seen]
