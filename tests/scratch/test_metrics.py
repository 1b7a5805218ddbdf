"""What a classifier is judged by, against scikit-learn: confusion, precision, recall, F1, calibration, Brier."""

import itertools

import numpy as np
import pytest
import torch
from sklearn import metrics as library
from sklearn.calibration import calibration_curve

from groundtruth.scratch.metrics import (
    accuracy,
    brier_score,
    calibration,
    confusion_matrix,
    rates,
)

SIZES = [*itertools.product((1, 7, 300), (2, 5, 10), (0, 1))]


def sample(examples, classes, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(classes, (examples,), generator=generator)
    shares = torch.rand(examples, classes, generator=generator, dtype=torch.float64) ** 3
    shares[torch.arange(examples), labels] += 0.6
    shares = shares / shares.sum(dim=1, keepdim=True)
    return shares, shares.argmax(dim=1), labels


# --- against scikit-learn -------------------------------------------------------------------------


@pytest.mark.parametrize(("examples", "classes", "seed"), SIZES)
def test_confusion_and_rates(examples, classes, seed):
    _, predictions, labels = sample(examples, classes, seed)
    names = list(range(classes))
    matrix = confusion_matrix(predictions, labels, classes)
    theirs = library.confusion_matrix(labels, predictions, labels=names)
    assert matrix.tolist() == theirs.tolist()
    assert accuracy(predictions, labels) == pytest.approx(library.accuracy_score(labels, predictions))
    of = library.precision_recall_fscore_support(labels, predictions, labels=names, zero_division=0)
    ours = rates(matrix)
    for mine, expected in zip((ours.precision, ours.recall, ours.f1, ours.support), of, strict=True):
        np.testing.assert_allclose(mine.numpy(), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("examples", "bins", "seed"), [*itertools.product((1, 20, 500), (1, 5, 10, 15), (0, 1))]
)
def test_calibration_is_that_of_the_library(examples, bins, seed):
    shares, predictions, labels = sample(examples, 4, seed)
    confidence, right = shares.max(dim=1).values, predictions == labels
    ours = calibration(confidence, right, bins)
    true, sure = calibration_curve(right.numpy(), confidence.numpy(), n_bins=bins)
    full = ours.count > 0
    np.testing.assert_allclose(ours.right[full], true, atol=1e-12)
    np.testing.assert_allclose(ours.confidence[full], sure, atol=1e-12)
    assert int(ours.count.sum()) == examples
    places = np.digitize(confidence.numpy(), np.linspace(0, 1, bins + 1)[1:-1], right=True)
    gaps = [
        abs(right.numpy()[places == b].sum() - confidence.numpy()[places == b].sum()) for b in range(bins)
    ]
    assert ours.error == pytest.approx(sum(gaps) / examples)


@pytest.mark.parametrize("seed", range(3))
def test_brier_is_the_librarys(seed):
    shares, _, labels = sample(60, 5, seed)
    rows = np.eye(5)[labels.numpy()]
    assert brier_score(shares, labels) == pytest.approx(((shares.numpy() - rows) ** 2).sum(axis=1).mean())
    two, _, yes = sample(60, 2, seed)
    assert brier_score(two, yes) == pytest.approx(
        2 * library.brier_score_loss(yes.numpy(), two[:, 1].numpy())
    )


# --- by hand --------------------------------------------------------------------------------------


def test_labels_stand_in_the_rows():
    matrix = confusion_matrix(torch.tensor([1, 1, 0]), torch.tensor([0, 0, 0]), 2)
    assert matrix.tolist() == [[1, 2], [0, 0]]
    assert rates(matrix).recall.tolist() == [pytest.approx(1 / 3), 0]
    assert rates(matrix).precision.tolist() == [1, 0]
    assert (
        rates(matrix.T).precision.tolist() == rates(matrix).recall.tolist()
    )  # transposed, they change places


def test_edges_belong_to_the_bin_below():
    bins = calibration(torch.tensor([0.0, 0.5, 0.50001, 1.0]), torch.tensor([0, 1, 1, 1]), 2)
    assert bins.count.tolist() == [2, 2]


def test_calibration_errors_that_can_be_seen():
    honest = calibration(torch.full((10,), 0.9, dtype=torch.float64), torch.tensor([1] * 9 + [0]), 10)
    assert honest.error == pytest.approx(0)
    boastful = calibration(torch.full((10,), 0.99, dtype=torch.float64), torch.tensor([1] * 6 + [0] * 4), 10)
    assert boastful.error == pytest.approx(0.39)
    # gaps of opposite sign in different bins do not cancel
    both = calibration(torch.tensor([0.35, 0.95]), torch.tensor([1, 0]), 10)
    assert both.error == pytest.approx(0.8)


# --- wrong input ----------------------------------------------------------------------------------


def test_wrong_input_is_named():
    shares, predictions, labels = sample(6, 3)
    with pytest.raises(ValueError, match=r"labels \(N,\)"):
        accuracy(predictions, labels[:-1])
    with pytest.raises(ValueError, match="N ≥ 1"):
        accuracy(predictions[:0], labels[:0])
    with pytest.raises(ValueError, match="labels must be whole numbers from 0 to 2"):
        confusion_matrix(predictions, labels + 3, 3)
    with pytest.raises(ValueError, match="predictions must be"):
        confusion_matrix(predictions + 3, labels, 3)
    with pytest.raises(ValueError, match=r"\(K, K\)"):
        rates(torch.ones(2, 3))
    with pytest.raises(ValueError, match="from 0 to 1"):
        calibration(torch.tensor([1.2]), torch.tensor([1]))
    with pytest.raises(ValueError, match="a bin"):
        calibration(torch.tensor([0.2]), torch.tensor([1]), 0)
    with pytest.raises(ValueError, match=r"shares \(N, K\)"):
        brier_score(shares[0], labels)
    with pytest.raises(ValueError, match="from 0 to 2"):
        brier_score(shares, labels + 3)
