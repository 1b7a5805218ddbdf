"""Schedules by hand against torch.optim.lr_scheduler, step by step."""

import itertools
import math

import pytest
import torch
from torch.optim import lr_scheduler as library

from groundtruth.scratch.schedules import constant, cosine, linear, rise, steps_down


def torchs(make, steps):
    """The rates of a torch scheduler over a run, for a largest rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def ours(schedule, steps):
    return [schedule(step, steps) for step in range(steps)]


@pytest.mark.parametrize("steps", [1, 2, 7, 100])
def test_each_is_torchs(steps):
    pairs = [
        (constant, lambda o: library.ConstantLR(o, factor=1.0)),
        (linear, lambda o: library.LinearLR(o, start_factor=1.0, end_factor=0.0, total_iters=steps)),
        (cosine, lambda o: library.CosineAnnealingLR(o, T_max=steps)),
    ]
    for schedule, make in pairs:
        assert ours(schedule, steps) == pytest.approx(torchs(make, steps), abs=1e-12)


@pytest.mark.parametrize(
    ("every", "factor", "steps"), [*itertools.product((1 / 3, 0.25, 1), (0.1, 0.5), (12, 96))]
)
def test_stairs_are_torchs(every, factor, steps):
    make = lambda o: library.StepLR(o, step_size=round(every * steps), gamma=factor)  # noqa: E731
    assert ours(steps_down(every, factor), steps) == pytest.approx(torchs(make, steps), abs=1e-12)


@pytest.mark.parametrize(("warmup", "steps"), [(1, 10), (4, 10), (9, 10), (30, 100)])
def test_a_warm_up_before_a_cosine_is_torchs(warmup, steps):
    def make(optimizer):
        first = library.LambdaLR(optimizer, lambda step: (step + 1) / warmup)
        then = library.CosineAnnealingLR(optimizer, T_max=steps - warmup)
        return library.SequentialLR(optimizer, [first, then], milestones=[warmup])

    assert ours(rise(warmup, cosine), steps) == pytest.approx(torchs(make, steps), abs=1e-12)


def test_ends_and_seams():
    assert ours(linear, 4) == [1, 0.75, 0.5, 0.25]
    assert cosine(0, 9) == 1
    assert cosine(9, 9) == pytest.approx(0)
    assert linear(12, 9) == 0
    assert cosine(12, 9) == pytest.approx(0)
    assert ours(rise(2), 4) == [0.5, 1, 1, 1]
    assert ours(rise(0, linear), 4) == ours(linear, 4)
    assert rise(3, cosine)(2, 10) == rise(3, cosine)(3, 10) == 1
    assert all(0 < factor <= 1 for factor in ours(rise(3, cosine), 10))  # no step is lost


def test_a_cosine_over_the_whole_run_would_be_noticed():
    wrong = [(step + 1) / 4 if step < 4 else (1 + math.cos(math.pi * step / 10)) / 2 for step in range(10)]
    assert ours(rise(4, cosine), 10) != pytest.approx(wrong, abs=1e-3)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: constant(-1, 3), "counts from 0"),
        (lambda: cosine(0, 0), "at least 1"),
        (lambda: linear(0, 0), "at least 1"),
        (lambda: rise(5)(0, 5), "leaves nothing"),
        (lambda: rise(-1), "at least 0"),
        (lambda: steps_down(0.0), "every and factor"),
        (lambda: steps_down(0.5, 1.5), "every and factor"),
    ],
)
def test_what_cannot_be_meant(call, words):
    with pytest.raises(ValueError, match=words):
        call()
