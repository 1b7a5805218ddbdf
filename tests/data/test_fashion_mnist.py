import time

import pytest
import torch

from groundtruth.data import fashion_mnist


@pytest.fixture(scope="module")
def data():
    return fashion_mnist.load()


def test_sizes_and_balance(data):
    assert data.train_images.shape == (60_000, 1, 28, 28)
    assert data.test_images.shape == (10_000, 1, 28, 28)
    assert data.train_labels.bincount().tolist() == [6000] * 10
    assert data.test_labels.bincount().tolist() == [1000] * 10


def test_published_statistics(data):
    """Mean 0.2860 and standard deviation 0.3530 are the constants that others type for this set."""
    mean, std = data.channel_mean_std()
    assert mean.item() == pytest.approx(0.2860, abs=5e-5)
    assert std.item() == pytest.approx(0.3530, abs=5e-5)


def test_labels_belong_to_images(data):
    """Exchanged labels or classes would show: trousers are narrow, bags wide, sandals dark."""
    ink = data.train_images.float().mean((1, 2)) / 255  # (N, 28): ink per column
    per_class = torch.stack([ink[data.train_labels == label].mean(0) for label in range(10)])  # (10, 28)
    edges = per_class[:, [0, 1, 2, 25, 26, 27]].mean(1)
    assert data.class_names[int(edges.argmin())] in {"Trouser", "Dress"}
    assert data.class_names[int(per_class.mean(1).argmin())] == "Sandal"
    assert data.class_names[9] == "Ankle boot"
    assert data.train_labels[0] == 9


def test_loading_is_fast():
    # The better of two: this asks about the code, not about what else the machine is doing.
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        fashion_mnist.load()
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 2
