"""Every measurement on a planted case and on a sound one, and against a library or a count by hand."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from scipy.stats import hypergeom
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_selection import f_classif
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from groundtruth.data import faults
from groundtruth.scratch import diagnosis


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def clouds(count=300, width=4, classes=3, seed=0):
    """Return clouds of points, one a class, apart enough that neighbours mostly agree."""
    g = seeded(seed)
    labels = torch.randint(classes, (count,), generator=g)
    centres = 3 * torch.randn(classes, width, generator=g)
    return centres[labels] + torch.randn(count, width, generator=g), labels


# --- scale ------------------------------------------------------------------------------------------------


def test_scale_is_that_of_numpy():
    x = 50 + 12 * torch.randn(40, 7, generator=seeded())
    mean, spread = diagnosis.scale(x)
    assert mean == pytest.approx(float(x.numpy().mean()), rel=1e-5)
    assert spread == pytest.approx(float(x.numpy().std()), rel=1e-5)


@pytest.mark.parametrize("bad", [torch.empty(0, 3), torch.tensor([1.0, math.nan])])
def test_scale_refuses_what_has_none(bad):
    with pytest.raises(ValueError, match="finite"):
        diagnosis.scale(bad)


# --- labels -----------------------------------------------------------------------------------------------


def test_neighbours_are_those_of_scikit_learn():
    x, labels = clouds()
    found = NearestNeighbors(n_neighbors=2).fit(x.numpy()).kneighbors(x.numpy(), return_distance=False)[:, 1]
    expected = (labels[found] == labels).double().mean()
    assert diagnosis.neighbour_agreement(x, labels) == pytest.approx(float(expected))
    assert diagnosis.neighbour_agreement(x, labels, rows=7) == pytest.approx(float(expected))


def test_own_labels_agree_and_shuffled_ones_do_not():
    x, labels = clouds(count=600)
    by_chance = diagnosis.chance_agreement(labels)
    assert diagnosis.neighbour_agreement(x, labels) > 2 * by_chance
    mixed = faults.shuffled(labels, seeded(1))
    assert diagnosis.neighbour_agreement(x, mixed) == pytest.approx(by_chance, abs=0.08)


def test_agreement_sees_how_many_were_shuffled():
    x, labels = clouds(count=600)
    shares = [
        diagnosis.neighbour_agreement(x, faults.shuffled(labels, seeded(1), share)) for share in (0, 0.5, 1)
    ]
    assert shares[0] > shares[1] + 0.1 > shares[2] + 0.2


def test_chance_of_two_alike():
    assert diagnosis.chance_agreement(torch.tensor([0, 0, 0, 2])) == pytest.approx((9 + 1) / 16)
    with pytest.raises(ValueError, match="N ≥ 1"):
        diagnosis.chance_agreement(torch.empty(0, dtype=torch.int64))


def test_one_example_has_no_neighbour():
    with pytest.raises(ValueError, match="at least two"):
        diagnosis.neighbour_agreement(torch.zeros(1, 2), torch.zeros(1, dtype=torch.int64))
    with pytest.raises(ValueError, match="labels"):
        diagnosis.neighbour_agreement(torch.zeros(3, 2), torch.zeros(2, dtype=torch.int64))


# --- leaks ------------------------------------------------------------------------------------------------


def test_explained_is_the_share_behind_the_f_value():
    x, labels = clouds()
    ours = diagnosis.explained(x, labels)
    f, _ = f_classif(x.double().numpy(), labels.numpy())
    within = len(x) - 3
    assert ours.numpy() == pytest.approx(2 * f / (2 * f + within))


def test_a_stamp_is_explained_and_noise_is_not():
    g = seeded()
    labels = torch.randint(5, (2000,), generator=g)
    noise = torch.randn(2000, 6, generator=g)
    sound = diagnosis.explained(noise, labels)
    leaky = diagnosis.explained(faults.stamped(noise, labels, 3, 0.5), labels)
    assert float(sound.max()) < 0.02
    assert float(leaky[3]) == pytest.approx(1.0)
    assert torch.equal(leaky[:3], sound[:3])


def test_a_constant_input_explains_nothing():
    x, labels = clouds()
    x[:, 0] = 4.0
    assert float(diagnosis.explained(x, labels)[0]) == 0


def test_shared_rows_are_counted():
    x, _ = clouds(count=50)
    rows = torch.arange(30)
    spoiled, chosen = faults.copied(rows, torch.arange(30, 50), 0.25, seeded())
    assert diagnosis.shared(x[rows], x[30:]) == 0
    assert diagnosis.shared(x[spoiled], x[30:]) == len(chosen) / 20 == 0.25


def test_a_row_with_minus_zero_is_the_same_row():
    assert diagnosis.shared(torch.tensor([[0.0, 1.0]]), torch.tensor([[-0.0, 1.0]])) == 1
    assert diagnosis.shared(torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 0.0]])) == 0
    with pytest.raises(ValueError, match="M ≥ 1"):
        diagnosis.shared(torch.zeros(2, 3), torch.zeros(2, 4))


# --- order ------------------------------------------------------------------------------------------------


def test_classes_in_a_batch():
    labels = torch.tensor([0, 0, 0, 1, 1, 2, 0])
    assert diagnosis.classes_per_batch(labels, 3) == (1 + 2) / 2  # the seventh is left over
    assert diagnosis.classes_per_batch(labels, 7) == 3
    with pytest.raises(ValueError, match="from 1 to N"):
        diagnosis.classes_per_batch(labels, 8)


def test_expected_classes_by_the_hypergeometric_distribution_and_by_drawing():
    labels = torch.tensor([0] * 30 + [1] * 15 + [4] * 5)
    theirs = sum(1 - hypergeom.pmf(0, 50, count, 6) for count in (30, 15, 5))
    assert diagnosis.expected_classes(labels, 6) == pytest.approx(theirs)
    g = seeded()
    drawn = [len(labels[torch.randperm(50, generator=g)[:6]].unique()) for _ in range(4000)]
    assert diagnosis.expected_classes(labels, 6) == pytest.approx(sum(drawn) / 4000, abs=0.03)
    assert diagnosis.expected_classes(labels, 50) == 3


def test_a_sorted_file_lacks_variety_and_a_shuffled_one_does_not():
    labels = torch.arange(1000) % 10
    expected = diagnosis.expected_classes(labels, 50)
    mixed = labels[torch.randperm(1000, generator=seeded())]
    assert diagnosis.classes_per_batch(mixed, 50) == pytest.approx(expected, rel=0.03)
    assert diagnosis.classes_per_batch(labels.sort().values, 50) == 1


# --- two samples ------------------------------------------------------------------------------------------


def test_pairs_in_order_is_the_area_under_the_roc_curve():
    g = seeded()
    lower, higher = torch.randint(9, (40,), generator=g), torch.randint(2, 12, (25,), generator=g)
    truth = np.r_[np.zeros(40), np.ones(25)]
    theirs = roc_auc_score(truth, np.r_[lower.numpy(), higher.numpy()])
    assert diagnosis.pairs_in_order(lower.double(), higher.double()) == pytest.approx(theirs)
    assert diagnosis.pairs_in_order(torch.zeros(3), torch.zeros(4)) == 0.5
    with pytest.raises(ValueError, match="at least one"):
        diagnosis.pairs_in_order(torch.zeros(0), torch.zeros(4))


def test_one_source_cannot_be_told_apart_and_two_can():
    x, _ = clouds(count=1200, width=8)
    first, second = x[:600], x[600:]
    assert diagnosis.telling_apart(first, second, seeded()) == pytest.approx(0.5, abs=0.07)
    assert diagnosis.telling_apart(first, second + 1.0, seeded()) > 0.7
    assert diagnosis.telling_apart(first, 5 + 0.1 * second, seeded()) > 0.99


def test_the_rule_is_the_linear_discriminant():
    x, _ = clouds(count=800, width=5)
    first, second = x[:400].double(), (x[400:] + 0.4).double()
    ours = diagnosis.telling_apart(first, second, seeded(), penalty=1e-9)
    halves = [sample[torch.randperm(400, generator=g)] for g in [seeded()] for sample in (first, second)]
    fit = torch.cat([half[:200] for half in halves])
    new = torch.cat([half[200:] for half in halves])
    truth = np.r_[np.zeros(200), np.ones(200)]
    rule = LinearDiscriminantAnalysis().fit(fit.numpy(), truth)
    theirs = roc_auc_score(truth, rule.decision_function(new.numpy()))
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_an_input_that_never_changes_does_no_harm():
    x, _ = clouds(count=100)
    x[:, 1] = 0.0
    assert 0 <= diagnosis.telling_apart(x[:50], x[50:], seeded()) <= 1
    with pytest.raises(ValueError, match="four rows"):
        diagnosis.telling_apart(x[:3], x, seeded())


# --- the loss ---------------------------------------------------------------------------------------------


def test_equal_shares_start_at_log_k():
    logits, labels = torch.zeros(4, 7, dtype=torch.float64), torch.arange(4)
    assert diagnosis.excess_at_start(float(F.cross_entropy(logits, labels)), 7) == pytest.approx(0)
    with pytest.raises(ValueError, match="two classes"):
        diagnosis.excess_at_start(1.0, 1)


@pytest.mark.parametrize("classes", [2, 10])
@pytest.mark.parametrize("squash", [torch.sigmoid, lambda logits: logits.softmax(dim=1)])
def test_the_floor_of_a_sound_loss_is_zero_and_that_of_a_wrong_one_is_not(classes, squash):
    def twice(logits, labels):
        return F.cross_entropy(squash(logits), labels)

    assert diagnosis.floor(F.cross_entropy, classes) == pytest.approx(0, abs=1e-9)
    assert diagnosis.floor(twice, classes) == pytest.approx(math.log(math.e + classes - 1) - 1)
    smoothed = diagnosis.floor(lambda s, y: F.cross_entropy(s, y, label_smoothing=0.1), classes)
    assert smoothed > 1  # entirely sure is wrong, for softened targets
    with pytest.raises(ValueError, match="lead > 0"):
        diagnosis.floor(F.cross_entropy, classes, lead=0)


# --- the first steps --------------------------------------------------------------------------------------


def test_update_ratio_is_the_rate_for_weights_that_shrink():
    w = torch.randn(3, 20, generator=seeded())
    assert diagnosis.update_ratio(w, w - 0.01 * w) == pytest.approx(torch.full((3,), 0.01), rel=1e-3)
    assert float(diagnosis.update_ratio(w[0], w[0])) == 0
    with pytest.raises(ValueError, match="all zero"):
        diagnosis.update_ratio(torch.zeros(2, 3), torch.ones(2, 3))
    with pytest.raises(ValueError, match="one shape"):
        diagnosis.update_ratio(torch.ones(3), torch.ones(4))


def test_growth_is_the_factor_of_a_geometric_series():
    assert diagnosis.growth([27.0, 9.0, 3.0, 1.0]) == pytest.approx(3)
    assert diagnosis.growth([0.5, 1.0]) == pytest.approx(0.5)
    assert math.isnan(diagnosis.growth([0.0, 1.0]))
    assert math.isnan(diagnosis.growth([math.inf, 1.0]))
    assert math.isnan(diagnosis.growth([1.0, math.nan]))
    for bad in ([1.0], [-1.0, 1.0]):
        with pytest.raises(ValueError, match="at least two"):
            diagnosis.growth(bad)


def test_slopes_of_a_deep_network_grow_with_its_first_weights():
    def factor(scale):
        g = seeded()
        h = torch.randn(200, 32, generator=g, dtype=torch.float64).requires_grad_()
        scores = []
        for _ in range(8):
            w = scale * torch.randn(32, 32, generator=g, dtype=torch.float64) * (2 / 32) ** 0.5
            scores.append(h @ w)
            h = scores[-1].relu()
        slopes = torch.autograd.grad(scores[-1].square().sum(), scores)
        return diagnosis.growth([float(slope.norm()) for slope in slopes])

    assert factor(1.5) == pytest.approx(1.5 * factor(1.0))


# --- the curves -------------------------------------------------------------------------------------------


def test_a_sound_pair_of_curves_rings_nothing():
    loss = [3.0, 1.0, 0.5, 0.4, 0.35, 0.33, 0.32, 0.32, 0.32]
    reading = diagnosis.read_curves(loss, [one + 0.05 for one in loss], every=50)
    assert reading.gap == pytest.approx(0.05)
    assert reading.rise == 0
    assert reading.falling < 0.05


def test_each_planted_pair_shows_its_own_number():
    steady = [3.0 - 0.2 * step for step in range(9)]
    assert diagnosis.read_curves(steady, steady, every=10).falling == pytest.approx(2.0)  # 0.2 in ten steps
    assert diagnosis.read_curves(steady, steady, every=1000).falling == pytest.approx(0.02)
    by_heart = [3.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.0]
    turned = [3.0, 1.2, 0.9, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3]
    reading = diagnosis.read_curves(by_heart, turned, every=100)
    assert reading.rise == pytest.approx(0.5)
    assert reading.gap == pytest.approx(1.3)
    for pair in (([1.0] * 3, [1.0] * 3), ([1.0] * 4, [1.0] * 5)):
        with pytest.raises(ValueError, match="one length"):
            diagnosis.read_curves(*pair, every=10)
