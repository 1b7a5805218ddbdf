"""Distorted and widened digits, and a committee that is better than its members."""

import torch

from groundtruth.data import mnist
from groundtruth.history.ciresan import distorted, probabilities, train, widened, wrong


def widths(pictures):
    inked = pictures.amax(dim=(1, 2)) > 0.02
    columns = torch.arange(28)
    return torch.where(inked, columns, -1).amax(dim=1) - torch.where(inked, columns, 28).amin(dim=1) + 1


def test_digits_are_widened_about_their_middle_and_labels_of_none_change():
    digits = mnist.load().train_images[:50].float() / 255
    for width in (10, 20):
        assert ((widths(widened(digits, width)) - width).abs() <= 3).all()  # ink fades at an edge
    assert widened(digits, None) is digits


def test_a_distortion_is_small_and_differs_from_picture_to_picture():
    digit = mnist.load().train_images[:1].float().expand(40, -1, -1, -1) / 255
    moved = distorted(digit, torch.Generator().manual_seed(0))
    assert moved.shape == digit.shape
    assert not torch.allclose(moved[0], moved[1])
    near = torch.nn.functional.cosine_similarity(moved.mean(dim=0).flatten(), digit[0].flatten(), dim=0)
    assert float(near) > 0.7


def test_a_committee_is_better_than_its_members():
    whole = mnist.load()
    x, y = whole.train_images[:1000].float() / 255, whole.train_labels[:1000]
    test, truth = whole.test_images[:2000].float() / 255, whole.test_labels[:2000]
    beliefs = [probabilities(train(x, y, 4, seed), test) for seed in (100, 101, 102)]
    alone = [wrong(belief, truth) for belief in beliefs]
    assert max(alone) < 0.3
    assert wrong(torch.stack(beliefs).mean(dim=0), truth) < sum(alone) / 3
