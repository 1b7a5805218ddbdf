import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from groundtruth.training.classifier import Classifier, check_labels

X = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 3.0]])


def test_the_loss_is_cross_entropy_by_hand_and_the_count_is_right():
    labels = torch.tensor([1, 0])
    measures = Classifier(nn.Identity()).measure((X, labels))
    expected = -torch.log(X.exp()[[0, 1], labels] / X.exp().sum(1)).mean()
    torch.testing.assert_close(measures.loss, expected)
    torch.testing.assert_close(measures.objective, expected)
    assert (measures.count, int(measures.correct)) == (2, 1)


def test_smoothing_changes_the_objective_in_training_only_and_never_the_report():
    labels = torch.tensor([1, 0])
    module = Classifier(nn.Identity(), label_smoothing=0.1)
    plain = F.cross_entropy(X, labels)
    target = 0.9 * F.one_hot(labels, 3) + 0.1 / 3
    smoothed = -(target * X.log_softmax(1)).sum(1).mean()
    torch.testing.assert_close(module.train().measure((X, labels)).objective, smoothed)
    torch.testing.assert_close(module.train().measure((X, labels)).loss, plain)
    torch.testing.assert_close(module.eval().measure((X, labels)).objective, plain)


@pytest.mark.parametrize(
    "wrong", [{"label_smoothing": 1.0}, {"label_smoothing": -0.1}, {"clip_norm": 0.0}, {"clip_norm": -1.0}]
)
def test_settings_out_of_range(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Classifier(nn.Identity(), **wrong)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (torch.tensor([0, 3]), r"0 … 2.*got 0 … 3"),
        (torch.tensor([-1, 0]), r"got -1 … 0"),
        (torch.tensor([0.0, 1.0]), "float32"),
        (torch.tensor([[0], [1]]), r"shape \(2, 1\)"),
        (torch.tensor([0]), r"must be 2 class numbers"),
    ],
)
def test_labels_that_cannot_be_meant(labels, words):
    with pytest.raises(ValueError, match=words):
        check_labels(labels, X)


def test_logits_of_the_wrong_shape():
    with pytest.raises(ValueError, match=r"shape \(N, K\)"):
        check_labels(torch.tensor([0, 1]), X.unsqueeze(2))


def test_channels_last_only_for_images():
    module, images = Classifier(nn.Identity()), torch.rand(2, 3, 4, 4)
    assert module.arranged(images).is_contiguous(memory_format=torch.channels_last)
    assert module.arranged(X) is X
