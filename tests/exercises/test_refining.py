"""Wrong answers to the chapter's exercises, the sentence meant for each, and the facts the text leans on."""

import math

import pytest
import torch

from groundtruth.exercises import refining
from groundtruth.scratch.batch_norm import BatchNorm
from groundtruth.scratch.dropout import backward
from groundtruth.scratch.validation import EarlyStopping, k_folds

HELPS = {"a": "bigger", "b": "regularise", "c": "stop", "d": "done"}
ROOT2 = math.sqrt(2)
NORM = {
    "normalised": [-ROOT2, 0, 0, ROOT2],
    "running mean": 0.4,
    "running variance": 0.9 + 0.1 * 8 / 3,
    "answer": 4.6 / math.sqrt(0.9 + 0.1 * 8 / 3),
}
TWINS = {"twin": 80 / 99, "accuracy": 80 / 99 + 19 / 198}


def in_place(train, held_out):
    train -= train.mean(dim=0)
    return train, held_out


WRONG = [
    ("what-helps", HELPS | {"a": "regularise"}, "no gap that regularising could close"),
    ("what-helps", HELPS | {"b": "stop"}, "at its lowest at the end"),
    ("what-helps", HELPS | {"c": "regularise"}, "you have had it already"),
    ("what-helps", HELPS | {"d": "bigger"}, "learn the noise"),
    ("what-helps", HELPS | {"d": "more"}, "none of the words"),
    ("scale-inside", refining._leaky_scale, "leak"),
    ("scale-inside", refining._each_by_itself, "has none"),
    ("scale-inside", refining._one_number, "each column has its own"),
    ("scale-inside", refining._unbiased, "divisor N"),
    ("scale-inside", in_place, "changes its input `train`"),
    ("batch-norm-by-hand", NORM | {"normalised": [-2, 0, 0, 2]}, "spread is not yet 1"),
    ("batch-norm-by-hand", NORM | {"normalised": [-1, 0, 0, 1]}, "divide by its root"),
    ("batch-norm-by-hand", NORM | {"normalised": [-2 / (8 / 3) ** 0.5, 0, 0, 2 / (8 / 3) ** 0.5]}, "N − 1"),
    ("batch-norm-by-hand", NORM | {"running mean": 4}, "a tenth of the way"),
    ("batch-norm-by-hand", NORM | {"running mean": 3.6}, "the *old* value"),
    ("batch-norm-by-hand", NORM | {"running variance": 1.1}, "divisor is N − 1"),
    ("batch-norm-by-hand", NORM | {"running variance": 0.8 / 3}, "started from 1"),
    ("batch-norm-by-hand", NORM | {"answer": 1 / ROOT2}, "In use there is no batch"),
    ("two-modes", refining._never_scaled, "divided by 1 − drop"),
    ("two-modes", refining._always_on, "drops in use"),
    ("two-modes", refining._scaled_in_use, "older form"),
    ("two-modes", refining._scaled_by_drop, "that of being kept"),
    ("two-modes", refining._kept_dropped, "zeroed what was to be kept"),
    ("two-modes", lambda x, kept: x, "should take 4 argument(s)"),
    ("patience", refining._stop_from_zero, "counted from 1"),
    ("patience", refining._lowest_of_all, "looks at all losses"),
    ("patience", refining._rises_in_a_row, "waits for a new low"),
    ("patience", refining._one_too_long, "too late"),
    ("patience", lambda losses, patience: 3, "should return (best, last)"),
    ("erase-a-square", refining._erase_black, "mean colour"),
    ("erase-a-square", refining._erase_grey, "Each channel has its own"),
    ("erase-a-square", refining._erase_wrapped, "cut it off at 0"),
    ("erase-a-square", refining._erase_turned, "changed places"),
    ("erase-a-square", lambda p, t, left, s: p.zero_(), "changes its input `picture`"),
    ("twins", TWINS | {"twin": 0.8}, "one of 99"),
    ("twins", TWINS | {"twin": 19 / 99}, "held out as well"),
    ("twins", TWINS | {"accuracy": 80 / 99}, "right half of the time"),
    ("twins", TWINS | {"accuracy": 0.9}, "4/5"),
    ("how-many-to-test", 5596, "twenty coins"),
    ("how-many-to-test", 2239, "common to all"),
    ("how-many-to-test", 17.952, "square the ratio"),
    ("how-many-to-test", 100, "too small"),
]


def zero_and_divide(x, kept, drop, training):
    return torch.where(kept, x / (1 - drop), 0.0) if training else x


def by_loop(losses, patience):
    rule = EarlyStopping(patience)
    for loss in losses:
        if rule.stop(loss):
            break
    return [rule.best_epoch, rule.epochs]


RIGHT = [
    ("what-helps", {name: f" {word.upper()} " for name, word in HELPS.items()}),
    ("scale-inside", lambda a, b: [(p - a.mean(0)) / a.var(0, correction=0).sqrt() for p in (a, b)]),
    ("batch-norm-by-hand", NORM | {"normalised": torch.tensor([-ROOT2, 0, 0, ROOT2])}),
    ("two-modes", zero_and_divide),
    ("patience", by_loop),
    ("twins", {"twin": 0.80808, "accuracy": 0.90404}),
    ("how-many-to-test", 3358),
    ("how-many-to-test", 3357.02),
]


# --- the facts the text leans on --------------------------------------------------------------------------


def test_the_batch_of_the_exercise_in_the_package():
    layer = BatchNorm(1, eps=1e-12)
    out = layer.forward(torch.tensor(refining.BATCH, dtype=torch.float64)[:, None])[:, 0]
    torch.testing.assert_close(out, torch.tensor(NORM["normalised"], dtype=torch.float64))
    assert layer.running_mean.item() == pytest.approx(NORM["running mean"])
    assert layer.running_variance.item() == pytest.approx(NORM["running variance"])
    layer.training = False
    assert layer.forward(torch.tensor([[5.0]], dtype=torch.float64)).item() == pytest.approx(NORM["answer"])


def test_the_twins_by_simulation():
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(400):
        number = torch.empty(100, dtype=torch.long)
        for fold, (_, held) in enumerate(k_folds(100, 5, generator)):
            number[held] = fold
        found.append(float((number[:50] != number[50:]).double().mean()))
    assert sum(found) / 400 == pytest.approx(TWINS["twin"], abs=0.01)


def test_the_package_goes_backwards_through_the_exercises_dropout():
    x = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    kept = torch.tensor([[True, False, True, True]]).expand(3, 4)
    refining._dropout(x, kept, 0.2, training=True).sum().backward()
    torch.testing.assert_close(x.grad, backward(torch.ones(3, 4).double(), kept / 0.8))
