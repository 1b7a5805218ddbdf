"""Gradient ascent against closed forms of a linear score, blurring against its definition, a top list by sorting."""

import pytest
import torch

from groundtruth.scratch.excitation import blur, maximise, most_exciting


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("shape", [(1, 1, 3, 3), (4, 3, 5, 6)])
def test_on_a_linear_score_it_walks_along_the_weights(shape):
    start, weights = draw(*shape), draw(*shape, seed=1)
    found = maximise(lambda x: (x * weights).sum(dim=(1, 2, 3)), start, steps=7, rate=0.5)
    unit = weights / weights.flatten(1).norm(dim=1)[:, None, None, None]
    torch.testing.assert_close(found, start + 3.5 * unit)


def test_in_a_box_it_ends_in_the_best_corner():
    weights = draw(2, 1, 4, 4, seed=1)
    found = maximise(
        lambda x: (x * weights).sum(dim=(1, 2, 3)), draw(2, 1, 4, 4), steps=400, rate=1.0, low=-1, high=1
    )
    torch.testing.assert_close(found, weights.sign())


def test_a_rolled_picture_is_rolled_back():
    # this score is the same for every roll, so that jitter must change nothing
    start = draw(2, 1, 6, 6)
    plain = maximise(lambda x: x.pow(3).sum(dim=(1, 2, 3)), start, 3, 0.1)
    shaken = maximise(
        lambda x: x.pow(3).sum(dim=(1, 2, 3)),
        start,
        3,
        0.1,
        jitter=2,
        generator=torch.Generator().manual_seed(0),
    )
    torch.testing.assert_close(plain, shaken)


def test_the_start_stays_as_it_is_and_no_steps_are_no_change():
    start = draw(1, 1, 3, 3)
    before = start.clone()
    maximise(lambda x: x.sum(dim=(1, 2, 3)), start, 2, 0.1)
    assert torch.equal(start, before)
    assert torch.equal(maximise(lambda x: x.sum(dim=(1, 2, 3)), start, 0, 0.1), start)


def test_no_slope_means_no_step_and_no_nan():
    start = torch.zeros(1, 1, 3, 3)
    assert torch.equal(maximise(lambda x: x.relu().sum(dim=(1, 2, 3)), start, 2, 0.1), start)


def test_blurring_leaves_one_colour_alone_and_spreads_a_point_by_the_bell():
    torch.testing.assert_close(blur(torch.full((1, 3, 6, 6), 0.4)), torch.full((1, 3, 6, 6), 0.4))
    point = torch.zeros(1, 1, 9, 9, dtype=torch.float64)
    point[0, 0, 4, 4] = 1
    spread = blur(point, 0.6)
    assert float(spread.sum()) == pytest.approx(1)
    assert float(spread[0, 0, 4, 5] / spread[0, 0, 4, 4]) == pytest.approx(2.718281828 ** (-1 / 0.72))
    torch.testing.assert_close(spread, spread.transpose(2, 3))


def test_blur_is_used_where_it_is_asked_for():
    start = draw(1, 1, 9, 9)
    sharp = maximise(lambda x: x.sum(dim=(1, 2, 3)), start, 8, 0.1)
    soft = maximise(lambda x: x.sum(dim=(1, 2, 3)), start, 8, 0.1, blur_every=2)
    assert float(soft.std()) < 0.8 * float(sharp.std())


def test_the_most_exciting_are_found_by_sorting():
    activations = draw(30, 4)
    expected = activations.sort(dim=0, descending=True).indices[:5].T
    assert torch.equal(most_exciting(activations, 5), expected)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="count from 1"):
        most_exciting(draw(3, 2), 4)
    with pytest.raises(ValueError, match="generator"):
        maximise(lambda x: x.sum(dim=(1, 2, 3)), draw(1, 1, 3, 3), 1, 0.1, jitter=1)
