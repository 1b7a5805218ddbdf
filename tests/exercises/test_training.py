"""Wrong answers to the chapter's exercises, the sentence meant for each, and the checks against the book's pieces."""

import math

import pytest
import torch

from groundtruth.exercises import training as module
from groundtruth.exercises.training import Run, check
from groundtruth.scratch import optimizers, schedules

OK_COUNT = {"steps": 4690, "last": 96, "dropped": 4680, "noise": 1 / 3}


def save(run):
    return {
        "w": run.w.clone(),
        "velocity": run.velocity.clone(),
        "step": run.step,
        "place": run.shuffler.get_state(),
        "curve": list(run.curve),
    }


def load(kept):
    run = Run()
    run.w, run.velocity = kept["w"].clone(), kept["velocity"].clone()
    run.step, run.curve = kept["step"], list(kept["curve"])
    run.shuffler.set_state(kept["place"])
    return run


def keeping_tensors(run):
    return save(run) | {"w": run.w}


def keeping_velocity(run):
    return save(run) | {"velocity": run.velocity}


def keeping_curve(run):
    return save(run) | {"curve": run.curve}


def giving_away(kept):
    run = load(kept)
    run.w = kept["w"]
    return run


def without(name, value):
    def forgetful(kept):
        run = load(kept)
        setattr(run, name, value)
        return run

    return forgetful


WRONG = [
    ("count-the-steps", OK_COUNT | {"steps": 4680}, "[steps] This leaves the shorter last batch"),
    ("count-the-steps", OK_COUNT | {"steps": 469}, "This is one epoch"),
    ("count-the-steps", OK_COUNT | {"steps": 4688}, "round up in each epoch"),
    ("count-the-steps", OK_COUNT | {"steps": 4687.5}, "whole"),
    ("count-the-steps", OK_COUNT | {"last": 32}, "missing to a whole batch"),
    ("count-the-steps", OK_COUNT | {"dropped": 468}, "[dropped] This is one epoch"),
    ("count-the-steps", OK_COUNT | {"noise": 1 / 9}, "typical error is its root"),
    ("count-the-steps", OK_COUNT | {"noise": 3}, "upside down"),
    ("two-steps-of-adam", [0.9, 0.86], "walked uphill"),
    ("two-steps-of-adam", module._adam_walk(corrected=False), "start from zero"),
    ("two-steps-of-adam", [1.1, 1.0], "forgotten the first gradient"),
    ("two-steps-of-adam", [1.6, 1.4], "plain descent"),
    ("two-steps-of-adam", module._adam_walk(root=False), "root of the mean square"),
    ("two-steps-of-adam", 1.1, "single number"),
    ("adamw-step", module._trap("coupled"), "L2 penalty"),
    ("adamw-step", module._trap("none"), "decay is missing"),
    ("adamw-step", module._trap("full"), "multiplied by the rate"),
    ("adamw-step", module._trap("after"), "also shrinks the step"),
    ("adamw-step", module._trap("uncorrected"), "start at zero"),
    ("adamw-step", lambda w, g, m, s, t: w, "should return (w, m, s)"),
    ("adamw-step", lambda w, g, m, s, t: (w.sub_(g), m, s), "changes its input `w`"),
    ("warm-then-fall", module._from_zero, "first step has the rate 0"),
    ("warm-then-fall", module._whole_cosine, "begin where the warm-up ends"),
    ("warm-then-fall", module._straight, "straight line"),
    ("warm-then-fall", schedules.linear, "should take 3"),
    ("warm-then-fall", lambda step, steps, warmup: schedules.cosine(step, steps), "There is no warm-up"),
    ("many-small-batches", lambda gradients, sizes: gradients.mean(0), "plain mean"),
    ("many-small-batches", lambda gradients, sizes: gradients.sum(0), "sum of the means"),
    ("many-small-batches", lambda gradients, sizes: (gradients * sizes[:, None]).sum(0), "sum over all examples"),
    ("many-small-batches", lambda gradients, sizes: gradients, "should have shape"),
    ("nothing-forgotten", save, "pair (save, load)"),
    ("nothing-forgotten", (save, 3), "should be functions"),
    ("nothing-forgotten", (lambda run: None, load), "returns nothing"),
    ("nothing-forgotten", (lambda run: run, lambda run: run), "the run itself"),
    ("nothing-forgotten", (lambda run: {"run": run}, lambda kept: kept["run"]), "the run itself"),
    ("nothing-forgotten", (save, lambda kept: kept), "should return a Run"),
    ("nothing-forgotten", (keeping_tensors, load), "run's own tensor"),
    ("nothing-forgotten", (keeping_velocity, load), "What momentum remembers"),
    ("nothing-forgotten", (keeping_curve, load), "The curve is not the one"),
    ("nothing-forgotten", (save, without("w", torch.ones(3).double())), "weights after `load`"),
    ("nothing-forgotten", (save, without("step", 3)), "place in the schedule"),
    ("nothing-forgotten", (save, without("shuffler", torch.Generator().manual_seed(1))), "does not stand where"),
    ("nothing-forgotten", (save, giving_away), "second time"),
    ("runs-it-takes", lambda spread, difference: max(2, math.ceil((1.96 * spread / difference) ** 2)), "t quantile is"),
    ("runs-it-takes", lambda s, d: module._runs_needed(s, d) + 1, "one too many"),
    ("runs-it-takes", lambda s, d: (s, d), "What your function returns"),
    ("fool-rmsprop", [1.0, 1.0], "not fooled"),
    ("fool-rmsprop", [1.0, -1.0], "not positive enough"),
    ("fool-rmsprop", [10.0] + [-1.0] * 8, "hardly moves"),
    ("fool-rmsprop", [1.0] * 60, "from 2 to 50"),
    ("fool-rmsprop", 3.0, "single number"),
]  # fmt: skip


def one_by_one(gradients, sizes):
    return torch.repeat_interleave(gradients, sizes, dim=0).mean(dim=0)


def by_torch(w, g, m, s, t):
    leaf = w.clone().requires_grad_()
    optimizer = torch.optim.AdamW([leaf], lr=0.05, weight_decay=0.5)
    leaf.grad = g.clone()
    state = {"step": torch.tensor(float(t - 1)), "exp_avg": m.clone(), "exp_avg_sq": s.clone()}
    optimizer.state[leaf] = state
    optimizer.step()
    return leaf.detach(), state["exp_avg"], state["exp_avg_sq"]


RIGHT = [
    ("count-the-steps", OK_COUNT),
    ("two-steps-of-adam", torch.tensor(module._adam_walk())),
    ("adamw-step", by_torch),
    ("warm-then-fall", lambda step, steps, warmup: schedules.rise(warmup, schedules.cosine)(step, steps)),
    ("many-small-batches", one_by_one),
    ("nothing-forgotten", (save, load)),
    ("nothing-forgotten", [lambda run: __import__("copy").deepcopy(save(run)), load]),
    ("fool-rmsprop", [-1.0] * 40 + [70.0]),
    ("fool-rmsprop", torch.tensor([30.0] + [-1.0] * 22)),
]


def test_the_pencil_is_the_books_adam():
    w, walk = torch.ones(1, dtype=torch.float64), []
    optimizer = optimizers.Adam(module.RATE)
    for slope in module.SLOPES:
        w = optimizer.step(w, torch.full((1,), slope, dtype=torch.float64))
        walk.append(float(w))
    assert walk == pytest.approx(module._adam_walk(), rel=1e-6)


def test_the_fooled_walk_is_the_books_rmsprop():
    slopes = [70.0] + [-1.0] * 40
    w, optimizer = torch.zeros(1, dtype=torch.float64), optimizers.RMSProp(0.01, keep=0.9)
    for slope in slopes * 200:
        w = optimizer.step(w, torch.full((1,), slope, dtype=torch.float64))
    assert float(w) == pytest.approx(module._rmsprop_ends(slopes), rel=1e-9)


def test_a_longer_memory_is_not_fooled():
    w, optimizer = torch.zeros(1, dtype=torch.float64), optimizers.RMSProp(0.01, keep=0.999)
    for slope in ([70.0] + [-1.0] * 40) * 200:
        w = optimizer.step(w, torch.full((1,), slope, dtype=torch.float64))
    assert float(w) < 0


def test_numbers_of_the_solution_of_runs_it_takes():
    assert module._runs_needed(1.0, 1.0) == 7
    assert module._runs_needed(2.0, 1.0) == 18


def test_the_stub_is_unfinished():
    assert not check("nothing-forgotten", (..., ...))


def test_a_run_learns_and_is_reproducible():
    first, again = Run(1).advance(60), Run(1).advance(30).advance(30)
    assert torch.equal(first.w, again.w)
    assert first.curve[-1] < 0.1 * first.curve[0]
