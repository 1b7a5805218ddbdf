"""Folds against scikit-learn's, what a partition promises, and the rule of early stopping."""

import itertools

import numpy as np
import pytest
import torch
from sklearn.model_selection import KFold, StratifiedKFold

from groundtruth.scratch.validation import EarlyStopping, k_folds, stratified_folds


def gen(seed=0):
    return torch.Generator().manual_seed(seed)


def labels_of(examples, classes, seed):
    own = torch.randint(classes, (examples,), generator=gen(seed))
    return torch.cat([own, torch.arange(classes).repeat(7)])  # each class seven times at least


def as_lists(folds):
    return [(train.tolist(), held.tolist()) for train, held in folds]


def check_partition(folds, examples):
    held = torch.cat([held for _, held in folds])
    assert held.sort().values.tolist() == list(range(examples))
    sizes = [len(held) for _, held in folds]
    assert max(sizes) - min(sizes) <= 1
    for train, held in folds:
        assert train.dtype == held.dtype == torch.int64
        assert torch.equal(train, train.sort().values)
        assert torch.equal(held, held.sort().values)
        assert torch.cat([train, held]).sort().values.tolist() == list(range(examples))


SIZES = [(2, 2), (7, 3), (10, 5), (11, 5), (23, 23), (100, 7)]


@pytest.mark.parametrize(("examples", "folds"), SIZES)
def test_unshuffled_folds_are_scikit_learns(examples, folds):
    ours = k_folds(examples, folds)
    theirs = [(a.tolist(), b.tolist()) for a, b in KFold(folds).split(np.zeros(examples))]
    assert as_lists(ours) == theirs
    check_partition(ours, examples)


@pytest.mark.parametrize(("examples", "folds", "seed"), [(*size, seed) for size in SIZES for seed in (0, 1)])
def test_shuffled_folds_are_a_partition(examples, folds, seed):
    ours = k_folds(examples, folds, gen(seed))
    check_partition(ours, examples)
    assert as_lists(ours) == as_lists(k_folds(examples, folds, gen(seed)))
    if examples > 20 and folds < examples:
        assert as_lists(ours) != as_lists(k_folds(examples, folds, gen(seed + 10)))
        assert as_lists(ours) != as_lists(k_folds(examples, folds))


CLASSES = [*itertools.product((0, 5, 30, 101), (1, 2, 3, 10), (2, 3, 5, 7), (0, 1))]


@pytest.mark.parametrize(("examples", "classes", "folds", "seed"), CLASSES)
def test_unshuffled_stratified_folds_are_scikit_learns(examples, classes, folds, seed):
    labels = labels_of(examples, classes, seed)
    theirs = StratifiedKFold(folds).split(np.zeros(len(labels)), labels.numpy())
    assert as_lists(stratified_folds(labels, folds)) == [(a.tolist(), b.tolist()) for a, b in theirs]


@pytest.mark.parametrize(("examples", "classes", "folds", "seed"), CLASSES)
def test_stratified_folds_keep_the_shares(examples, classes, folds, seed):
    labels = labels_of(examples, classes, seed)
    for generator in (None, gen(seed)):
        ours = stratified_folds(labels, folds, generator)
        check_partition(ours, len(labels))
        counts = torch.stack([torch.bincount(labels[held], minlength=classes) for _, held in ours])
        assert (counts.max(dim=0).values - counts.min(dim=0).values).max() <= 1


def test_any_whole_numbers_will_do_as_labels():
    labels = torch.tensor([9, -3, 9, 9, -3, -3, 9, -3])
    theirs = StratifiedKFold(2).split(np.zeros(8), labels.numpy())
    assert as_lists(stratified_folds(labels, 2)) == [(a.tolist(), b.tolist()) for a, b in theirs]


def test_neighbours_in_order_make_bad_folds_without_strata():
    labels = torch.arange(3).repeat_interleave(10)  # sorted by class: the planted fault
    assert all(len(labels[held].unique()) == 1 for _, held in k_folds(30, 3))
    assert all(len(labels[held].unique()) == 3 for _, held in stratified_folds(labels, 3))


# --- early stopping ---------------------------------------------------------------------------------------


def run(losses, patience):
    rule = EarlyStopping(patience)
    stops = [rule.stop(loss) for loss in losses]
    return rule, stops


def test_the_rule_by_hand():
    rule, stops = run([5, 4, 4.5, 3, 3, 3.5, 1], patience=3)
    assert stops == [False, False, False, False, False, False, False]  # the new low came just in time
    assert (rule.best_epoch, rule.best_loss, rule.epochs) == (7, 1, 7)
    rule, stops = run([5, 4, 4.5, 3, 3, 3.5, 3.2], patience=3)
    assert stops.index(True) == 6
    assert (rule.best_epoch, rule.best_loss) == (4, 3)  # an equal loss is no new low


@pytest.mark.parametrize(("patience", "seed"), [*itertools.product((1, 2, 5), range(6))])
def test_the_rule_against_its_definition(patience, seed):
    losses = torch.rand(40, generator=gen(seed)).tolist()
    _, stops = run(losses, patience)
    for epoch, stop in enumerate(stops, start=1):
        best = min(range(epoch), key=losses.__getitem__) + 1  # the first of the lowest
        assert stop == (epoch - best >= patience)


def test_infinite_losses_are_waited_for_and_wrong_input_is_named():
    rule, stops = run([float("inf")] * 2, patience=2)
    assert stops == [False, True]
    assert rule.best_epoch == 0
    with pytest.raises(ValueError, match="not a number"):
        rule.stop(float("nan"))
    with pytest.raises(ValueError, match="patience"):
        EarlyStopping(0)
    for folds in (1, 6):
        with pytest.raises(ValueError, match="from 2 to 5"):
            k_folds(5, folds)
    with pytest.raises(ValueError, match="each class needs 3"):
        stratified_folds(torch.tensor([0, 0, 1, 1, 1]), 3)
    with pytest.raises(ValueError, match="whole numbers"):
        stratified_folds(torch.zeros(4), 2)
