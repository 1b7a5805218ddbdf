import numpy as np
import pytest
import torch

from groundtruth.data import mnist1d


def test_shapes_scale_and_balance():
    data = mnist1d.make(0, train=200, test=100)
    assert data.train_inputs.shape == (200, 1, 40)
    assert data.test_inputs.shape == (100, 1, 40)
    assert data.train_inputs.dtype == torch.float32
    assert data.train_labels.bincount().tolist() == [20] * 10
    assert data.test_labels.bincount().tolist() == [10] * 10
    together = torch.cat([data.train_inputs, data.test_inputs])
    assert float(together.mean()) == pytest.approx(0, abs=1e-5)
    assert float(together.std(correction=0)) == pytest.approx(1, abs=1e-5)


def test_the_seed_decides_and_parts_are_independent():
    first, again, other = (mnist1d.make(seed, train=50, test=50) for seed in (1, 1, 2))
    assert torch.equal(first.train_inputs, again.train_inputs)
    assert not torch.equal(first.train_inputs, other.train_inputs)
    assert not torch.equal(first.train_inputs, first.test_inputs)
    assert torch.equal(mnist1d.make(1, train=50, test=100).train_labels, first.train_labels)


def test_templates_start_at_zero():
    signals = mnist1d.templates()
    assert signals.shape == (10, 12)
    assert not signals[:, 0].any()
    assert np.allclose(signals.std(axis=1), 1 / 6)


def test_the_signal_can_be_found():
    # nearest mean of ten rotations is better than chance: the classes are not noise
    data = mnist1d.make(0, train=2000, test=500)
    spectrum = torch.fft.rfft(data.train_inputs[:, 0]).abs()
    means = torch.stack([spectrum[data.train_labels == k].mean(dim=0) for k in range(10)])
    guess = torch.cdist(torch.fft.rfft(data.test_inputs[:, 0]).abs(), means).argmin(dim=1)
    assert (guess == data.test_labels).double().mean() > 0.2


def test_shuffled_digits_are_noticed():
    data = mnist1d.make(0, train=100, test=10)
    assert data.train_labels.tolist() != sorted(data.train_labels.tolist())


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"train": 0}, {"train": 15}, {"test": 5}])
def test_impossible_numbers_are_refused(wrong):
    with pytest.raises(ValueError, match=r"seed must|multiple of 10"):
        mnist1d.make(**wrong)
