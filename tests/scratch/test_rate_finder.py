"""The learning-rate finder on bowls whose largest stable rate is known, and its smoothing against pandas' formula."""

import math
from itertools import pairwise

import pytest
import torch

from groundtruth.scratch.rate_finder import ladder, smoothed, suggested, sweep


def bowl(curvature):
    """Steps of gradient descent (torch's) on λw²/2 + 1: stable below 2/λ."""
    w = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=1.0)

    def step(rate):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = (curvature * w**2 / 2).sum() + 1
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def test_a_ladder_has_equal_ratios_and_both_ends():
    rates = ladder(1e-4, 10, 51)
    assert (rates[0], rates[-1]) == pytest.approx((1e-4, 10))
    assert [b / a for a, b in pairwise(rates)] == pytest.approx([1e5 ** (1 / 50)] * 50)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.9])
def test_smoothing_is_the_weighted_mean(keep):
    losses = torch.randn(20, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    means = smoothed(losses.tolist(), keep)
    for end in range(1, 21):
        weights = torch.tensor([keep**age for age in range(end)], dtype=torch.float64).flip(0)
        assert means[end - 1] == pytest.approx(float((weights * losses[:end]).sum() / weights.sum()))
    assert smoothed([3.0, 3.0, 3.0], keep) == pytest.approx([3.0] * 3)  # no pull towards its start at zero


@pytest.mark.parametrize("curvature", [0.1, 1.0, 30.0])
def test_it_stops_beyond_the_edge_and_suggests_below_it(curvature):
    rates = ladder(1e-5 / curvature, 1e3 / curvature, 200)
    means = sweep(bowl(curvature), rates, keep=0.5)
    assert len(means) < len(rates)
    assert rates[len(means) - 1] > 2 / curvature
    assert 0.01 / curvature < suggested(rates, means) < 2 / curvature
    assert suggested(rates, means, 0.2) == pytest.approx(2 * suggested(rates, means, 0.1))


def test_every_loss_that_comes_back_is_finite():
    answers = iter([2.0, 1.0, math.nan, 0.5])
    assert sweep(lambda rate: next(answers), [1, 2, 3, 4], keep=0.0) == [2.0, 1.0]


def test_it_goes_to_the_end_where_nothing_blows_up():
    assert len(sweep(lambda rate: 1.0, ladder(0.1, 1, 9))) == 9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ladder(1, 1, 5), "lowest < highest"),
        (lambda: ladder(0, 1, 5), "lowest < highest"),
        (lambda: ladder(0.1, 1, 1), "2 steps"),
        (lambda: smoothed([1.0], 1.0), "keep"),
        (lambda: suggested([1.0], []), "at least one"),
        (lambda: suggested([1.0], [1.0, 2.0]), "one loss a rate"),
        (lambda: suggested([1.0, 2.0], [1.0, 2.0]), "begin the ladder lower"),
    ],
)
def test_what_cannot_be_meant(call, words):
    with pytest.raises(ValueError, match=words):
        call()
