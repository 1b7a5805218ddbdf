"""Label smoothing by hand against torch's, in value and gradient, and its lowest loss against a search."""

import itertools
import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.scratch.label_smoothing import best_lead, gradient, loss, lowest_loss, smooth

CASES = [*itertools.product((1, 6, 40), (2, 3, 10), (0.0, 0.1, 0.5, 0.95), (0, 1))]


def sample(examples, classes, seed):
    generator = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(examples, classes, generator=generator, dtype=torch.float64)
    return logits, torch.randint(classes, (examples,), generator=generator)


@pytest.mark.parametrize(("examples", "classes", "smoothing", "seed"), CASES)
def test_value_and_gradient_are_torchs(examples, classes, smoothing, seed):
    logits, labels = sample(examples, classes, seed)
    given = logits.clone().requires_grad_()
    theirs = F.cross_entropy(given, labels, label_smoothing=smoothing)
    theirs.backward()
    torch.testing.assert_close(loss(logits, labels, smoothing), theirs.detach())
    torch.testing.assert_close(gradient(logits, labels, smoothing), given.grad)
    targets = smooth(labels, classes, smoothing)
    torch.testing.assert_close(targets.sum(dim=1), torch.ones(examples, dtype=torch.float64))
    torch.testing.assert_close(F.cross_entropy(logits, targets), theirs.detach())


def test_spreading_over_the_wrong_classes_alone_is_another_loss():
    logits, labels = sample(5, 3, 0)
    planted = torch.full((5, 3), 0.1 / 2).double()
    planted[torch.arange(5), labels] = 0.9  # the share spread over K − 1 classes in place of K
    assert abs(F.cross_entropy(logits, planted) - loss(logits, labels, 0.1)) > 1e-3


@pytest.mark.parametrize(("classes", "smoothing"), [*itertools.product((2, 3, 10), (0.05, 0.2, 0.6))])
def test_the_lowest_loss_is_found_by_a_search(classes, smoothing):
    leads = torch.linspace(-2, 12, 14_001, dtype=torch.float64)
    logits = torch.zeros(len(leads), classes, dtype=torch.float64)
    logits[:, 0] = leads
    target = smooth(torch.tensor([0]), classes, smoothing).expand(len(leads), classes)
    losses = F.cross_entropy(logits, target, reduction="none")
    assert float(losses.min()) == pytest.approx(lowest_loss(classes, smoothing), abs=1e-6)
    assert float(leads[losses.argmin()]) == pytest.approx(best_lead(classes, smoothing), abs=1e-3)


def test_by_hand_two_classes_a_fifth_smoothed():
    assert smooth(torch.tensor([0, 1]), 2, 0.2).flatten().tolist() == pytest.approx([0.9, 0.1, 0.1, 0.9])
    assert best_lead(2, 0.2) == pytest.approx(math.log(9))
    assert lowest_loss(2, 0.2) == pytest.approx(-0.9 * math.log(0.9) - 0.1 * math.log(0.1))
    assert lowest_loss(2, 0.0) == 0


def test_single_precision_stays_single():
    logits, labels = sample(4, 3, 0)
    assert loss(logits.float(), labels, 0.1).dtype == torch.float32
    assert gradient(logits.float(), labels, 0.1).dtype == torch.float32


def test_wrong_input_is_named():
    logits, labels = sample(4, 3, 0)
    for smoothing in (-0.1, 1.0, math.nan):
        with pytest.raises(ValueError, match="smoothing must be"):
            loss(logits, labels, smoothing)
        with pytest.raises(ValueError, match="smoothing must be"):
            lowest_loss(3, smoothing)
    with pytest.raises(ValueError, match="labels"):
        loss(logits, labels + 3, 0.1)
    with pytest.raises(ValueError, match="no lead"):
        best_lead(3, 0.0)
    for classes in (0, 1):
        with pytest.raises(ValueError, match="two or more"):
            lowest_loss(classes, 0.1)
