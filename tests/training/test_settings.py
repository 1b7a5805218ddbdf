import dataclasses
import math

import pytest
import torch
from torch import nn

from groundtruth.training.settings import OptimizerSettings, Schedule


@pytest.mark.parametrize(
    ("settings", "kind", "expected"),
    [
        (
            OptimizerSettings("sgd", 0.1, momentum=0.9, nesterov=True, weight_decay=1e-4),
            torch.optim.SGD,
            {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-4},
        ),
        (OptimizerSettings("sgd", 0.1), torch.optim.SGD, {"momentum": 0.0, "nesterov": False}),
        (OptimizerSettings(), torch.optim.Adam, {"lr": 1e-3, "betas": (0.9, 0.999), "weight_decay": 0.0}),
        (
            OptimizerSettings("adamw", 0.01, betas=(0.8, 0.9), weight_decay=0.1),
            torch.optim.AdamW,
            {"lr": 0.01, "betas": (0.8, 0.9), "weight_decay": 0.1},
        ),
        (OptimizerSettings(fused=True), torch.optim.Adam, {"fused": True}),
        (OptimizerSettings("adamw", fused=True), torch.optim.AdamW, {"fused": True}),
        (OptimizerSettings("adamw"), torch.optim.AdamW, {"fused": None}),
    ],
)
def test_every_setting_reaches_the_optimizer(settings, kind, expected):
    optimizer = settings(nn.Linear(2, 2))
    assert type(optimizer) is kind
    assert {key: optimizer.param_groups[0][key] for key in expected} == expected


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "sdg"}, "unknown optimizer 'sdg'"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": math.nan}, "learning_rate"),
        ({"learning_rate": math.inf}, "learning_rate"),
        ({"weight_decay": -1.0}, "weight_decay"),
        ({"momentum": 0.9}, "belong to sgd"),
        ({"name": "adamw", "nesterov": True}, "belong to sgd"),
        ({"name": "sgd", "momentum": 1.0}, "momentum must be"),
        ({"name": "sgd", "nesterov": True}, "needs a momentum"),
        ({"name": "sgd", "betas": (0.9, 0.99)}, "belong to adam"),
        ({"betas": (0.9, 1.0)}, "betas must be"),
        ({"name": "sgd", "fused": True}, "fused belongs to adam"),
    ],
)
def test_contradictions_fail_at_construction(wrong, words):
    with pytest.raises(ValueError, match=words):
        OptimizerSettings(**wrong)


def test_settings_are_frozen():
    for settings in (OptimizerSettings(), Schedule()):
        with pytest.raises(dataclasses.FrozenInstanceError):
            settings.name = "other"


def test_frozen_parameters_are_left_out():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    model[0].requires_grad_(False)
    assert [p.shape for p in OptimizerSettings()(model).param_groups[0]["params"]] == [(2, 3), (2,)]
    model.requires_grad_(False)
    with pytest.raises(ValueError, match="nothing to train"):
        OptimizerSettings()(model)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "cosin"}, "unknown schedule"),
        ({"warmup_fraction": 1.0}, "warmup_fraction"),
        ({"name": "linear", "final_fraction": 1.5}, "final_fraction"),
        ({"final_fraction": 0.1}, "does not fall"),
    ],
)
def test_impossible_schedules_fail_at_construction(wrong, words):
    with pytest.raises(ValueError, match=words):
        Schedule(**wrong)


def test_factors_written_out():
    def factors(schedule, steps):
        return [schedule.factor(step, steps) for step in range(steps)]

    assert factors(Schedule(), 3) == [1, 1, 1]
    assert factors(Schedule("linear"), 4) == [1, 0.75, 0.5, 0.25]
    assert factors(Schedule("linear", final_fraction=0.5), 4) == [1, 0.875, 0.75, 0.625]
    assert factors(Schedule("constant", warmup_fraction=0.5), 4) == [0.5, 1, 1, 1]
    assert factors(Schedule("linear", warmup_fraction=0.5), 4) == [0.5, 1, 1, 0.5]


def test_the_cosine_equals_pytorchs():
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10, eta_min=0.1)
    schedule = Schedule("cosine", final_fraction=0.1)
    for step in range(11):
        assert schedule.factor(step, 10) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
