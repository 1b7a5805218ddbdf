"""Optimizers by hand against torch.optim: step by step, value and path, over shapes, decays and changing rates."""

import itertools
import math

import pytest
import torch

from groundtruth.scratch.optimizers import SGD, Adam, AdamW, Momentum, RMSProp

SHAPES = ((1,), (7,), (3, 4), (2, 3, 5))
KINDS = {
    "sgd": (SGD, lambda p, r, d: torch.optim.SGD(p, r, weight_decay=d)),
    "momentum": (
        lambda r, d: Momentum(r, 0.8, d),
        lambda p, r, d: torch.optim.SGD(p, r, momentum=0.8, weight_decay=d),
    ),
    "nesterov": (
        lambda r, d: Momentum(r, 0.8, d, nesterov=True),
        lambda p, r, d: torch.optim.SGD(p, r, momentum=0.8, nesterov=True, weight_decay=d),
    ),
    "rmsprop": (
        lambda r, d: RMSProp(r, 0.95, d),
        lambda p, r, d: torch.optim.RMSprop(p, r, alpha=0.95, weight_decay=d),
    ),
    "adam": (
        lambda r, d: Adam(r, (0.8, 0.95), d),
        lambda p, r, d: torch.optim.Adam(p, r, betas=(0.8, 0.95), weight_decay=d),
    ),
    "adamw": (
        lambda r, d: AdamW(r, (0.8, 0.95), d),
        lambda p, r, d: torch.optim.AdamW(p, r, betas=(0.8, 0.95), weight_decay=d),
    ),
}


def problem(shape, seed):
    """A loss that is no bowl, with slopes of very different sizes."""
    generator = torch.Generator().manual_seed(seed)
    start, scale, shift = (torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(3))
    return start, lambda w: (scale.exp() ** 2 * (w - shift).cosh().log() + 0.1 * w.sin()).sum()


def slope_of(loss, w):
    leaf = w.clone().requires_grad_()
    return torch.autograd.grad(loss(leaf), leaf)[0]


def rate_at(step):
    return 0.03 * (1 + 0.5 * math.sin(step))


def paths(ours, theirs, shape, seed, steps=120):
    """The greatest gap between both walks, step by step, on the same slopes and at a rate that changes.

    (On slopes of its own, each would carry rounding errors away along steep curvature.)
    """
    start, _ = problem(shape, seed)
    w, leaf = start, start.clone().requires_grad_()
    judge, gap = theirs([leaf]), 0.0
    generator = torch.Generator().manual_seed(seed)
    sizes = torch.randn(shape, generator=generator, dtype=torch.float64).mul(3).exp()  # from tiny to huge
    for step in range(steps):
        ours.rate = judge.param_groups[0]["lr"] = rate_at(step)
        leaf.grad = sizes * torch.randn(shape, generator=generator, dtype=torch.float64)
        w = ours.step(w, leaf.grad)
        judge.step()
        gap = max(gap, float((w - leaf.detach()).abs().max()))
    return gap


@pytest.mark.parametrize(
    ("kind", "shape", "decay", "seed"), [*itertools.product(KINDS, SHAPES, (0.0, 0.3), (0, 1))]
)
def test_every_step_is_torchs(kind, shape, decay, seed):
    hand, library = KINDS[kind]
    assert paths(hand(0.03, decay), lambda p: library(p, 0.03, decay), shape, seed) < 1e-10


def test_defaults_are_torchs():
    for ours, theirs in (
        (SGD(0.01), torch.optim.SGD),
        (RMSProp(0.01), torch.optim.RMSprop),
        (Adam(0.01), torch.optim.Adam),
        (AdamW(0.01), torch.optim.AdamW),
    ):
        assert paths(ours, lambda p, make=theirs: make(p, lr=0.01), (5,), 3) < 1e-10


# --- faults that the comparison must notice -------------------------------------------------------------


class Uncorrected(Adam):
    def _change(self, weights, gradient):
        super()._change(weights, gradient)
        return self.rate * self.mean / (self.square.sqrt() + self.eps)


class RateInside(Momentum):
    def _change(self, weights, gradient):
        before = torch.zeros_like(gradient) if self.velocity is None else self.velocity
        self.velocity = self.momentum * before + self.rate * gradient
        return self.velocity


class EpsInside(RMSProp):
    def _change(self, weights, gradient):
        super()._change(weights, gradient)
        return self.rate * gradient / (self.square + 1e-3).sqrt()


class Damped(Momentum):
    def _change(self, weights, gradient):
        before = torch.zeros_like(gradient) if self.velocity is None else self.velocity
        self.velocity = self.momentum * before + (1 - self.momentum) * gradient
        return self.rate * self.velocity


class Coupled(AdamW):
    def __init__(self, rate, betas, decay):
        super().__init__(rate, betas, decay)
        self.decay, self.shrink = decay, 0.0


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("adam", lambda: Uncorrected(0.03, (0.8, 0.95), 0.3)),
        ("momentum", lambda: RateInside(0.03, 0.8, 0.3)),
        ("momentum", lambda: Damped(0.03, 0.8, 0.3)),
        ("momentum", lambda: Momentum(0.03, 0.8, 0.3, nesterov=True)),
        ("rmsprop", lambda: EpsInside(0.03, 0.95, 0.3)),
        ("adamw", lambda: Coupled(0.03, (0.8, 0.95), 0.3)),
        ("adam", lambda: AdamW(0.03, (0.8, 0.95), 0.3)),
    ],
)
def test_planted_faults_are_noticed(kind, wrong):
    _, library = KINDS[kind]
    assert paths(wrong(), lambda p: library(p, 0.03, 0.3), (7,), 0) > 1e-3


# --- many runs, memory, and what is left alone ----------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_rates_that_broadcast_are_runs_of_their_own(kind):
    hand, _ = KINDS[kind]
    rates = torch.tensor([[0.01], [0.1], [0.3]], dtype=torch.float64)
    start, loss = problem((3, 6), 0)
    together, w = hand(rates, 0.2), start
    apart = [hand(float(rate), 0.2) for rate in rates]
    rows = list(start)
    for _ in range(30):
        slopes = slope_of(loss, w)
        w = together.step(w, slopes)
        rows = [one.step(row, slope) for one, row, slope in zip(apart, rows, slopes, strict=True)]
    torch.testing.assert_close(w, torch.stack(rows), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_memory_and_weights_are_all_there_is(kind):
    hand, _ = KINDS[kind]
    start, loss = problem((6,), 0)
    whole, w = hand(0.05, 0.1), start
    for _ in range(10):
        w = whole.step(w, slope_of(loss, w))
    kept, again, v = whole.memory(), hand(0.05, 0.1), w
    for _ in range(10):  # what was kept must not change while the run goes on
        w = whole.step(w, slope_of(loss, w))
    again.recall(kept)
    for _ in range(10):
        v = again.step(v, slope_of(loss, v))
    assert torch.equal(v, w)
    fresh = hand(0.05, 0.1)
    assert fresh.memory() == {}
    fresh.recall({})
    if kind != "sgd":
        assert kept


def test_the_arguments_are_left_alone():
    for hand, _ in KINDS.values():
        w, g = torch.ones(3), torch.full((3,), 2.0)
        optimizer = hand(0.1, 0.5)
        optimizer.step(optimizer.step(w, g), g)
        assert torch.equal(w, torch.ones(3))
        assert torch.equal(g, torch.full((3,), 2.0))


def test_adams_first_step_has_the_length_of_its_rate():
    slopes = torch.tensor([1e-3, -5.0, 1e4], dtype=torch.float64)
    step = Adam(0.01).step(torch.zeros(3, dtype=torch.float64), slopes)
    torch.testing.assert_close(step, -0.01 * slopes.sign(), rtol=1e-4, atol=0)


def test_a_weight_without_any_slope_stays():
    for hand, _ in KINDS.values():
        assert torch.equal(hand(0.1, 0.0).step(torch.ones(2), torch.zeros(2)), torch.ones(2))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SGD(0.0), "rate must be above 0"),
        (lambda: Adam(torch.tensor([0.1, -0.1])), "rate must be above 0"),
        (lambda: SGD(0.1, -1.0), "decay must be at least 0"),
        (lambda: SGD(0.1, math.nan), "decay must be at least 0"),
        (lambda: Momentum(0.1, 1.0), "momentum must be at least 0 and below 1"),
        (lambda: RMSProp(0.1, -0.1), "keep must be"),
        (lambda: Adam(0.1, (0.9, 1.0)), "betas must be"),
        (lambda: AdamW(math.nan), "rate must be above 0"),
    ],
)
def test_what_cannot_be_meant(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_shapes_that_do_not_belong_together():
    with pytest.raises(ValueError, match=r"weights have shape \(3,\) and the gradient \(2,\)"):
        SGD(0.1).step(torch.zeros(3), torch.zeros(2))
    for optimizer in (Momentum(0.1), RMSProp(0.1), Adam(0.1)):
        optimizer.step(torch.zeros(3), torch.ones(3))
        with pytest.raises(ValueError, match="make a new optimizer"):
            optimizer.step(torch.zeros(2), torch.ones(2))
