"""``fit`` against a loop written by hand, and the faults that it must notice."""

import copy
import os
import random
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from groundtruth import profiles
from groundtruth.data.batches import BatchLoader, Part
from groundtruth.models.convnet import ConvNet
from groundtruth.models.mlp import MLP
from groundtruth.profiles import CPU, GPU, QUICK, ProfileError
from groundtruth.training.classifier import Classifier
from groundtruth.training.fit import Loaders, TrainingDiverged, _wants_progress, evaluate, fit
from groundtruth.training.module import Measures, TrainedModule
from groundtruth.training.settings import OptimizerSettings, Schedule

SGD = OptimizerSettings("sgd", 0.1, momentum=0.9)


def examples(count=120, seed=0):
    """Two classes, one on each side of a plane through the origin, with a gap between."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(count, 1, 4, 5, generator=generator)
    labels = (x[:, 0, 0, 0] > 0).long()
    x[:, 0, 0, 0] += torch.where(labels == 1, 1.0, -1.0)
    return x, labels


def batches(x, labels, size=16):
    return list(zip(x.split(size), labels.split(size), strict=True))


TRAIN, VAL, TEST = (batches(*examples(count, seed)) for count, seed in ((120, 0), (50, 1), (70, 2)))
DATA = Loaders(TRAIN, VAL, TEST)


def mlp():
    return MLP((20, 16, 2))


def convnet():
    return ConvNet((4, 8), classes=2)


def weights(model):
    return torch.cat([value.detach().flatten().float() for value in model.state_dict().values()])


class Shuffled(pl.LightningDataModule):
    """Order from a generator of its own, as the project's data modules have it."""

    def __init__(self, shuffle_seed=0):
        super().__init__()
        self.shuffle_seed = shuffle_seed

    def train_dataloader(self):
        generator = torch.Generator().manual_seed(self.shuffle_seed)
        return DataLoader(TensorDataset(*examples()), batch_size=16, shuffle=True, generator=generator)

    def val_dataloader(self):
        return DataLoader(TensorDataset(*examples(50, 1)), batch_size=16)


class FromGlobal(Shuffled):
    """Order from PyTorch's global generator."""

    def train_dataloader(self):
        return DataLoader(TensorDataset(*examples()), batch_size=16, shuffle=True)


@pytest.fixture(autouse=True)
def _float32(monkeypatch, tmp_path):
    """Exact comparisons need float32, and whatever would be written must show in an empty folder.

    One thread: networks as small as these lose time by two.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setenv("GROUNDTRUTH_BF16", "0")
    monkeypatch.chdir(tmp_path)
    yield
    torch.set_num_threads(threads)


# The loop by hand


def by_hand(make, seed, epochs, make_optimizer, *, schedule=None, smoothing=0.0, clip=None, loader=None):
    torch.manual_seed(seed)
    model = make()
    optimizer = make_optimizer(model)
    loader = loader() if loader else TRAIN
    total, step = epochs * len(loader), 0
    rate = optimizer.param_groups[0]["lr"]
    curve = []
    for _ in range(epochs):
        loss_sum, correct = 0.0, 0
        for x, labels in loader:
            if schedule:
                optimizer.param_groups[0]["lr"] = rate * schedule.factor(step, total)
            optimizer.zero_grad()
            logits = model(x)
            F.cross_entropy(logits, labels, label_smoothing=smoothing).backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimizer.step()
            loss_sum += F.cross_entropy(logits, labels).item() * len(x)
            correct += (logits.argmax(1) == labels).sum().item()
            step += 1
        curve.append((loss_sum / 120, correct / 120))
    return model, curve


@pytest.mark.parametrize("make", [mlp, convnet])
@pytest.mark.parametrize(
    ("settings", "reference"),
    [
        (SGD, lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)),
        (OptimizerSettings("adam", 0.01), lambda m: torch.optim.Adam(m.parameters(), lr=0.01)),
        (
            OptimizerSettings("adamw", 0.01, weight_decay=0.1),
            lambda m: torch.optim.AdamW(m.parameters(), lr=0.01, weight_decay=0.1),
        ),
    ],
    ids=["sgd", "adam", "adamw"],
)
def test_gives_the_weights_and_curves_of_a_loop_by_hand(make, settings, reference):
    result = fit(make, DATA, CPU, seed=3, epochs=3, optimizer=settings)
    model, curve = by_hand(make, 3, 3, reference)
    torch.testing.assert_close(weights(result.model), weights(model), rtol=1e-5, atol=1e-6)
    assert result.train_loss == pytest.approx([loss for loss, _ in curve], rel=1e-5)
    assert result.train_accuracy == pytest.approx([accuracy for _, accuracy in curve])
    model.eval()
    with torch.no_grad():
        x, labels = torch.cat([b[0] for b in TEST]), torch.cat([b[1] for b in TEST])
        logits = model(x)
    torch.testing.assert_close(result.test.outputs, logits, rtol=1e-4, atol=1e-5)
    assert torch.equal(result.test.targets, labels)
    assert result.test_loss == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-4)
    assert result.test_accuracy == pytest.approx((logits.argmax(1) == labels).float().mean().item())
    assert torch.equal(result.test_predictions, logits.argmax(1))


def test_schedule_clipping_and_smoothing_are_those_of_a_loop_by_hand():
    schedule = Schedule("cosine", warmup_fraction=0.25)
    reference = lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)  # noqa: E731
    settings = {"schedule": schedule, "label_smoothing": 0.1, "clip_norm": 0.2}
    model, curve = by_hand(mlp, 1, 3, reference, schedule=schedule, smoothing=0.1, clip=0.2)
    for length in ({"epochs": 3}, {"steps": 3 * len(TRAIN)}):
        result = fit(mlp, DATA, CPU, seed=1, optimizer=SGD, **length, **settings)
        torch.testing.assert_close(weights(result.model), weights(model), rtol=1e-5, atol=1e-6)
        assert result.train_loss == pytest.approx([loss for loss, _ in curve], rel=1e-5)
    for dropped in settings:  # none of the three is without effect here
        rest = {key: value for key, value in settings.items() if key != dropped}
        other = fit(mlp, DATA, CPU, seed=1, optimizer=SGD, epochs=3, **rest)
        assert not torch.allclose(weights(other.model), weights(model), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", [mlp, convnet])
@pytest.mark.parametrize("clip", [None, 0.2])
def test_a_fused_update_is_the_same_up_to_rounding(make, clip):
    found, expected = (
        fit(
            make,
            DATA,
            CPU,
            seed=1,
            epochs=2,
            optimizer=OptimizerSettings("adam", 0.01, fused=fused),
            clip_norm=clip,
        )
        for fused in (True, False)
    )
    torch.testing.assert_close(weights(found.model), weights(expected.model), rtol=1e-4, atol=1e-5)


def test_a_gradient_is_clipped_where_lightning_would_refuse(monkeypatch):
    # In bfloat16, before a fused update. Slow where the processor has none, but possible. By SGD, for Adam hardly feels
    # the size of a gradient.
    monkeypatch.setattr(profiles, "has_bf16", lambda accelerator: True)

    def run(clip, **settings):
        make = lambda model: torch.optim.SGD(model.parameters(), lr=0.1, **settings)  # noqa: E731
        return fit(mlp, DATA, CPU, seed=1, epochs=2, optimizer=make, clip_norm=clip)

    clipped, plain, free = run(0.2, fused=True), run(0.2), run(None, fused=True)
    assert clipped.precision == "bf16-mixed"
    torch.testing.assert_close(weights(clipped.model), weights(plain.model), rtol=1e-5, atol=1e-6)
    assert not torch.allclose(weights(clipped.model), weights(free.model), rtol=1e-3, atol=1e-4)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_trainer_of_ones_own_may_clip_values(tmp_path):
    module = Classifier(mlp(), OptimizerSettings("sgd", 1.0))
    before = weights(module.model).clone()
    trainer = pl.Trainer(
        max_steps=1, gradient_clip_val=1e-4, gradient_clip_algorithm="value", logger=False, accelerator="cpu",
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False, default_root_dir=tmp_path,
    )  # fmt: skip
    trainer.fit(module, DataLoader(TensorDataset(*examples()), batch_size=16))
    assert (weights(module.model) - before).abs().max() == pytest.approx(1e-4, rel=1e-3)
    assert (weights(module.model) - before).norm() > 2e-4  # the norm would have been clipped to 1e-4


def test_draws_the_order_that_a_loop_by_hand_draws():
    def loader():
        generator = torch.Generator().manual_seed(5)
        return DataLoader(TensorDataset(*examples()), batch_size=16, shuffle=True, generator=generator)

    result = fit(mlp, Shuffled(), CPU, seed=5, epochs=3, optimizer=SGD)
    model, _ = by_hand(
        mlp, 5, 3, lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9), loader=loader
    )
    torch.testing.assert_close(weights(result.model), weights(model), rtol=1e-5, atol=1e-6)


def test_an_order_drawn_when_the_iterator_is_made_is_drawn_once_an_epoch():
    class Drawing(list):
        def __iter__(self):
            nonlocal drawn
            drawn += 1
            return super().__iter__()

    drawn = 0
    fit(mlp, Loaders(Drawing(TRAIN), VAL), CPU, seed=0, epochs=3, schedule=Schedule("linear"))
    assert drawn == 3


def test_validation_curve_is_taken_at_the_end_of_each_epoch():
    result = fit(mlp, DATA, CPU, seed=0, epochs=3, optimizer=SGD)
    for epoch in (1, 2, 3):
        partial = fit(mlp, DATA, CPU, seed=0, epochs=epoch, optimizer=SGD)
        measured = evaluate(partial.model, DATA, CPU, split="validation")
        assert result.val_loss[epoch - 1] == pytest.approx(measured.loss)
        assert result.val_accuracy[epoch - 1] == pytest.approx(measured.accuracy)


# The record


def test_learns_what_can_be_learned():
    result = fit(mlp, DATA, QUICK, seed=0, epochs=8, optimizer=SGD)
    assert result.test_accuracy > 0.9
    assert result.train_loss[-1] < 0.2 < result.train_loss[0]


def test_the_record_is_whole():
    result = fit(mlp, DATA, QUICK, seed=4, epochs=2, optimizer=SGD)
    assert (result.steps, result.epochs, result.seed) == (16, 2, 4)
    assert (result.profile, result.device, result.precision) == ("quick", "cpu", "32-true")
    assert result.parameters == result.trained_parameters == 20 * 16 + 16 + 16 * 2 + 2
    assert len(result.step_loss) == 16
    assert len(result.train_loss) == len(result.val_loss) == len(result.val_accuracy) == 2
    assert result.train_seconds > 0
    assert not result.model.training
    assert result.test.outputs.shape == (70, 2)
    assert len(repr(result)) < 1500


def test_frozen_parameters_are_counted_apart():
    def half():
        model = mlp()
        model.layers[0].requires_grad_(False)
        return model

    result = fit(half, DATA, CPU, seed=0, epochs=1)
    assert result.parameters - result.trained_parameters == 20 * 16 + 16


def test_without_validation_and_test_data_their_figures_are_none():
    result = fit(mlp, Loaders(TRAIN), CPU, seed=0, epochs=1)
    assert result.val_loss == result.val_accuracy == ()
    assert result.test is result.test_loss is result.test_accuracy is result.test_predictions is None


def test_a_part_of_an_epoch_is_recorded_too():
    result = fit(mlp, DATA, CPU, seed=0, steps=11, optimizer=SGD)
    assert (result.steps, result.epochs) == (11, 2)
    assert len(result.step_loss) == 11
    assert len(result.train_loss) == len(result.val_loss) == 2
    assert result.val_loss[-1] == pytest.approx(evaluate(result.model, DATA, CPU, split="validation").loss)


def test_test_data_are_used_once_and_not_before_the_end():
    seen = []

    class Watched(list):
        def __iter__(self):
            seen.append("begun")
            return super().__iter__()

    class Model(MLP):
        def forward(self, x):
            if self.training:
                assert not seen
            return super().forward(x)

    fit(lambda: Model((20, 2)), Loaders(TRAIN, VAL, Watched(TEST)), CPU, seed=0, epochs=2)
    assert len(seen) == 1


def test_a_data_module_without_a_test_part_says_so_by_the_empty_list():
    class Untested(Shuffled):
        def test_dataloader(self):
            return []

    assert fit(mlp, Untested(), CPU, seed=0, epochs=1).test is None


def test_an_error_in_the_test_data_is_not_taken_for_their_absence():
    class Broken(Shuffled):
        def test_dataloader(self):
            raise ValueError("a file is damaged")

    with pytest.raises(ValueError, match="a file is damaged"):
        fit(mlp, Broken(), CPU, seed=0, epochs=1)


# Seeds and what is left alone


def test_the_seed_decides_the_weights():
    first, again, other = (fit(mlp, Shuffled(), CPU, seed=s, epochs=2, optimizer=SGD) for s in (1, 1, 2))
    assert torch.equal(weights(first.model), weights(again.model))
    assert first.step_loss == again.step_loss
    assert not torch.allclose(weights(first.model), weights(other.model))


def test_the_seed_decides_the_order_too():
    torch.manual_seed(0)
    start = mlp()
    first, again, other = (fit(start, Shuffled(), CPU, seed=s, epochs=1, optimizer=SGD) for s in (1, 1, 2))
    assert first.step_loss == again.step_loss != other.step_loss
    moved = fit(start, Shuffled(shuffle_seed=1), CPU, seed=1, epochs=1, optimizer=SGD)
    assert moved.step_loss == other.step_loss


def test_the_callers_generators_are_left_alone():
    def states():
        return torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()  # noqa: NPY002

    before = states()
    fit(mlp, FromGlobal(), CPU, seed=1, epochs=1)
    assert states() == before
    with pytest.raises(TrainingDiverged):
        fit(mlp, DATA, CPU, seed=1, epochs=1, optimizer=OptimizerSettings("sgd", 1e38))
    assert states() == before
    model = mlp()
    before = states()
    evaluate(model, DATA, CPU)
    assert states() == before


def test_the_callers_network_and_data_module_are_left_alone():
    model, data = mlp(), Shuffled(shuffle_seed=7)
    kept = copy.deepcopy(model.state_dict())
    result = fit(model, data, CPU, seed=0, epochs=1, optimizer=SGD)
    assert all(torch.equal(kept[name], value) for name, value in model.state_dict().items())
    assert not torch.allclose(weights(result.model), weights(model))
    assert data.shuffle_seed == 7
    assert data.trainer is None


def test_a_network_in_evaluation_mode_is_trained_in_training_mode():
    first = fit(convnet, DATA, CPU, seed=0, epochs=1).model
    again = fit(first, DATA, CPU, seed=0, epochs=1).model
    assert not first.training
    assert not torch.equal(first.features[2].running_mean, again.features[2].running_mean)


def test_a_layer_frozen_in_evaluation_mode_stays_so():
    model = convnet()
    model.features[2].eval()
    trained = fit(model, DATA, CPU, seed=0, epochs=2).model
    assert torch.equal(trained.features[2].running_mean, torch.zeros(4))
    assert not torch.equal(trained.features[5].running_mean, torch.zeros(8))


def test_nothing_is_written_unless_asked(tmp_path):
    fit(mlp, DATA, CPU, seed=0, epochs=2)
    evaluate(mlp(), DATA, CPU)
    assert list(tmp_path.iterdir()) == []
    fit(mlp, DATA, CPU, seed=0, epochs=2, checkpoint=tmp_path / "run.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["run.pt"]


# Checkpoints


class Interrupted(Shuffled):
    """The same batches; the machine is taken away in the third epoch."""

    epochs = 0

    def train_dataloader(self):
        loader, module = super().train_dataloader(), type(self)

        class Failing:
            def __len__(self):
                return len(loader)

            def __iter__(self):
                inner = iter(loader)
                module.epochs += 1

                def until():
                    for number, batch in enumerate(inner):
                        if module.epochs == 3 and number == 4:
                            raise OSError("the machine was taken away")
                        yield batch

                return until()

        return Failing()


class InterruptedFromGlobal(Interrupted, FromGlobal):
    pass


class Noisy(MLP):
    """Draws from the global generator in each step, as dropout does."""

    def forward(self, x):
        return super().forward(F.dropout(x, 0.2, self.training))


@pytest.mark.parametrize("kinds", [(Shuffled, Interrupted), (FromGlobal, InterruptedFromGlobal)])
@pytest.mark.parametrize("schedule", [Schedule(), Schedule("cosine", 0.2)])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tmp_path, kinds, schedule):
    whole_kind, broken_kind = kinds
    broken_kind.epochs = 0
    arguments = {"seed": 2, "epochs": 4, "optimizer": OptimizerSettings("adam", 0.01), "schedule": schedule}
    make, path = (lambda: Noisy((20, 16, 2))), tmp_path / "run.pt"
    whole = fit(make, whole_kind(), CPU, **arguments)
    with pytest.raises(OSError, match="taken away"):
        fit(make, broken_kind(), CPU, checkpoint=path, **arguments)
    resumed = fit(make, whole_kind(), CPU, resume=path, **arguments)
    assert torch.equal(weights(resumed.model), weights(whole.model))
    assert resumed.step_loss == whole.step_loss
    assert (resumed.train_loss, resumed.val_loss) == (whole.train_loss, whole.val_loss)
    assert (resumed.steps, resumed.epochs) == (32, 4)


def test_an_existing_checkpoint_is_not_taken_in_place_of_training(tmp_path):
    path = tmp_path / "run.pt"
    fit(mlp, DATA, CPU, seed=0, epochs=3, checkpoint=path)
    assert fit(mlp, DATA, CPU, seed=0, epochs=1, checkpoint=path).steps == len(TRAIN)


def test_checkpoints_that_are_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        fit(mlp, DATA, CPU, seed=0, epochs=1, resume=tmp_path / "none.pt")
    with pytest.raises(FileNotFoundError, match="folder"):
        fit(mlp, DATA, CPU, seed=0, epochs=1, checkpoint=tmp_path / "none" / "run.pt")


# Faults


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "either as epochs= or as steps="),
        ({"epochs": 1, "steps": 1}, "either as epochs= or as steps="),
        ({"epochs": 0}, "epochs must be a whole number of at least 1; got 0"),
        ({"epochs": 1.5}, "epochs must be a whole number of at least 1; got 1.5"),
        ({"steps": -1}, "steps must be a whole number of at least 1"),
        ({"epochs": 1, "seed": -1}, "seed must lie"),
        ({"epochs": 1, "clip_norm": 0.0}, "clip_norm"),
        ({"epochs": 1, "label_smoothing": 2.0}, "label_smoothing"),
    ],
)
def test_arguments_that_cannot_be_meant(wrong, words):
    with pytest.raises(ValueError, match=words):
        fit(mlp, DATA, CPU, **{"seed": 0, **wrong})


@pytest.mark.parametrize("empty", [[], (batch for batch in ())])
def test_no_training_batches(empty):
    with pytest.raises(ValueError, match="no training batches"):
        fit(mlp, Loaders(empty), CPU, seed=0, epochs=1)


def test_batches_that_can_be_iterated_only_once():
    with pytest.raises(ValueError, match="more than once"):
        fit(mlp, Loaders(batch for batch in TRAIN), CPU, seed=0, epochs=2)


def test_labels_outside_the_classes():
    x, labels = examples()
    for wrong in (labels + 1, labels - 1):
        with pytest.raises(ValueError, match="labels must lie in 0 … 1"):
            fit(mlp, Loaders(batches(x, wrong)), CPU, seed=0, epochs=1)
        with pytest.raises(ValueError, match="labels must lie in 0 … 1"):
            fit(mlp, Loaders(TRAIN, batches(x, wrong)), CPU, seed=0, epochs=1)


@pytest.mark.parametrize("bad", [0, 5, 7])
def test_a_diverged_run_names_its_step(bad):
    poisoned = [(x * float("nan") if i == bad else x, labels) for i, (x, labels) in enumerate(TRAIN)]
    with pytest.raises(
        TrainingDiverged, match=f"at step {bad + 1}: .*Try a learning rate ten times"
    ) as caught:
        fit(mlp, Loaders(poisoned, VAL), CPU, seed=0, epochs=1, optimizer=OptimizerSettings("sgd", 0.25))
    assert (caught.value.step, caught.value.learning_rate) == (bad + 1, 0.25)


def test_a_run_that_diverges_in_its_last_step_does_so_too():
    with pytest.raises(TrainingDiverged, match="a weight is no longer finite"):
        fit(
            lambda: MLP((20, 2)),
            Loaders([(TRAIN[0][0] * 1e20, 1 - TRAIN[0][1])]),
            CPU,
            seed=0,
            epochs=1,
            optimizer=OptimizerSettings("sgd", 1e38),
        )


def test_a_schedule_needs_a_length():
    class Endless:
        def __iter__(self):
            return iter(TRAIN)

    with pytest.raises(ValueError, match="length"):
        fit(mlp, Loaders(Endless()), CPU, seed=0, epochs=1, schedule=Schedule("linear"))
    assert fit(mlp, Loaders(Endless()), CPU, seed=0, steps=3, schedule=Schedule("linear")).steps == 3


def test_things_that_are_no_network():
    with pytest.raises(TypeError, match="must be a network"):
        fit(lambda: 3, DATA, CPU, seed=0, epochs=1)
    with pytest.raises(TypeError, match="derive it from TrainedModule"):
        fit(pl.LightningModule(), DATA, CPU, seed=0, epochs=1)


def test_things_that_are_no_data():
    for act in (lambda: fit(mlp, TRAIN, CPU, seed=0, epochs=1), lambda: evaluate(mlp, TRAIN, CPU)):
        with pytest.raises(TypeError, match="data must be a LightningDataModule or Loaders; got list"):
            act()
    x, labels = examples()
    for wrong, kind in (
        (x, "Tensor"),
        ((x, labels), "tuple"),
        (Part(x, labels), "Part"),
        (3, "int"),
        (None, "NoneType"),
    ):
        with pytest.raises(TypeError, match=rf"Loaders.train must give batches.*got {kind}"):
            Loaders(wrong)
    with pytest.raises(TypeError, match=r"Loaders.test must give batches.*got Tensor"):
        Loaders(TRAIN, test=x)


def test_other_things_of_another_kind():
    with pytest.raises(TypeError, match=r"profile must be a Profile.*got 'cpu'"):
        fit(mlp, DATA, "cpu", seed=0, epochs=1)
    with pytest.raises(TypeError, match=r"profile must be a Profile.*got 'cpu'"):
        evaluate(mlp, DATA, "cpu")
    for wrong in ("adam", torch.optim.Adam, torch.optim.SGD(mlp().parameters(), lr=0.1)):
        with pytest.raises(TypeError, match="optimizer must be OptimizerSettings, or a function"):
            fit(mlp, DATA, CPU, seed=0, epochs=1, optimizer=wrong)
    with pytest.raises(TypeError, match="model must be a network or a function that makes one; got 'mlp'"):
        fit("mlp", DATA, CPU, seed=0, epochs=1)


def test_a_second_run_over_the_same_loaders_repeats_the_first(tmp_path):
    loaders = Loaders(BatchLoader(Part(*examples()), 16, shuffle=True, shuffle_seed=4))
    runs = [fit(mlp, loaders, CPU, seed=0, epochs=3, optimizer=SGD) for _ in range(2)]
    assert torch.equal(weights(runs[0].model), weights(runs[1].model))
    half = tmp_path / "half.ckpt"
    fit(mlp, loaders, CPU, seed=0, epochs=2, optimizer=SGD, checkpoint=half)
    resumed = fit(mlp, loaders, CPU, seed=0, epochs=3, optimizer=SGD, resume=half)
    assert torch.equal(weights(runs[0].model), weights(resumed.model))


def test_ctrl_c_stays_ctrl_c():
    class Stopped:
        def __len__(self):
            return 3

        def __iter__(self):
            yield TRAIN[0]
            raise KeyboardInterrupt

    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        fit(mlp, Loaders(Stopped()), CPU, seed=0, epochs=1)
    assert signal.getsignal(signal.SIGINT) is handler


# Other tasks, and evaluation


class Line(TrainedModule):
    """Least squares: a task without right answers to count."""

    def measure(self, batch):
        x, y = batch
        loss = F.mse_loss(self(x), y)
        return Measures(loss, loss, len(x))


def test_a_task_of_ones_own():
    x = torch.linspace(-1, 1, 32).unsqueeze(1)
    data = Loaders([(x, 3 * x + 1)], [(x, 3 * x + 1)], [(x, 3 * x + 1)])
    result = fit(lambda: Line(nn.Linear(1, 1), SGD), data, CPU, seed=0, epochs=100)
    assert result.model.weight.item() == pytest.approx(3, abs=0.05)
    assert result.train_accuracy == result.val_accuracy == ()
    assert result.test_accuracy is None
    assert result.test_loss < 0.01
    with pytest.raises(ValueError, match="no predictions"):
        result.test.predictions  # noqa: B018


def test_a_module_brings_its_own_settings():
    module = Classifier(mlp(), SGD)
    assert fit(module, DATA, CPU, seed=0, epochs=1).steps == len(TRAIN)
    with pytest.raises(ValueError, match="its own settings"):
        fit(module, DATA, CPU, seed=0, epochs=1, optimizer=SGD)


def test_an_optimizer_of_ones_own():
    def only_the_head(model):
        return torch.optim.SGD(model.layers[2].parameters(), lr=0.1)

    model = mlp()
    trained = fit(model, DATA, CPU, seed=0, epochs=1, optimizer=only_the_head).model
    assert torch.equal(trained.layers[0].weight, model.layers[0].weight)
    assert not torch.equal(trained.layers[2].weight, model.layers[2].weight)


def test_evaluate_takes_each_split_and_refuses_others():
    model = mlp()
    for split, part in (("train", TRAIN), ("validation", VAL), ("test", TEST)):
        figures = evaluate(model, DATA, CPU, split=split)
        x, labels = torch.cat([b[0] for b in part]), torch.cat([b[1] for b in part])
        assert figures.loss == pytest.approx(F.cross_entropy(model(x), labels).item(), rel=1e-5)
        assert torch.equal(figures.targets, labels)
    assert model.training
    with pytest.raises(ValueError, match="unknown split"):
        evaluate(model, DATA, CPU, split="val")
    with pytest.raises(ValueError, match="no test batches"):
        evaluate(model, Loaders(TRAIN), CPU)


# Quiet, progress, arithmetic, device


def test_prints_and_warns_nothing(capfd, recwarn):
    fit(mlp, Shuffled(), CPU, seed=0, epochs=1, schedule=Schedule("linear"))
    fit(mlp, DATA, CPU, seed=0, steps=2)
    evaluate(mlp(), DATA, CPU)
    assert capfd.readouterr() == ("", "")
    assert [str(w.message) for w in recwarn] == []


def test_warnings_of_others_pass():
    class Warns(MLP):
        def forward(self, x):
            warnings.warn("the reader's own", stacklevel=1)
            return super().forward(x)

    with pytest.warns(UserWarning, match="the reader's own"):
        fit(lambda: Warns((20, 2)), DATA, CPU, seed=0, epochs=1)


def test_a_thread_that_restores_filters_does_not_let_lightning_speak():
    # In a process of its own: pytest puts filters back by itself. A library that saves the filters before a run and
    # restores them in the middle of it, as scikit-learn does in a thread, takes back what the run has set.
    page = """
import warnings
import torch
from groundtruth.models.mlp import MLP
from groundtruth.profiles import CPU
from groundtruth.training.fit import Loaders, fit

saved = warnings.catch_warnings()
saved.__enter__()
spoken = []

class Restoring(list):
    def __iter__(self):
        if not spoken:
            saved.__exit__()
            advice = "import warnings; warnings.warn('more workers')"
            exec(advice, {"__name__": "pytorch_lightning.planted"})
            spoken.append(True)
        return super().__iter__()

batches = Restoring([(torch.rand(8, 20), torch.zeros(8, dtype=torch.long))])
fit(lambda: MLP((20, 2)), Loaders(batches), CPU, seed=0, epochs=1)
assert spoken
"""
    ended = subprocess.run([sys.executable, "-c", page], capture_output=True, text=True, check=True)
    assert ended.stderr == ""


def test_progress_is_shown_where_asked_and_never_in_a_build(capfd, monkeypatch):
    monkeypatch.delenv("GROUNDTRUTH_BUILD", raising=False)
    fit(mlp, DATA, CPU, seed=0, epochs=1, progress=True)
    assert "training" in capfd.readouterr().err
    monkeypatch.setenv("GROUNDTRUTH_BUILD", "1")
    fit(mlp, DATA, CPU, seed=0, epochs=1, progress=True)
    assert capfd.readouterr() == ("", "")


def test_progress_is_for_people(monkeypatch):
    monkeypatch.delenv("GROUNDTRUTH_BUILD", raising=False)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert not _wants_progress(None)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert _wants_progress(None)
    assert not _wants_progress(False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    assert _wants_progress(None)
    monkeypatch.setenv("GROUNDTRUTH_BUILD", "1")
    assert not _wants_progress(None)


def test_bf16_where_the_device_has_it(monkeypatch):
    seen = []

    class Watching(ConvNet):
        def forward(self, x):
            out = self.features(x)
            last = self.features[4].weight.is_contiguous(memory_format=torch.channels_last)
            seen.append((torch.is_autocast_enabled("cpu"), last))
            return self.head(out.mean(dim=(2, 3)))

    def make():
        return Watching((4, 8), classes=2)

    exact = fit(make, DATA, CPU, seed=0, epochs=2)
    assert set(seen) == {(False, True)}
    seen.clear()
    monkeypatch.setattr("groundtruth.profiles.has_bf16", lambda accelerator="cpu": True)
    rounded = fit(make, DATA, CPU, seed=0, epochs=2)
    assert set(seen) == {(True, True)}
    assert rounded.precision == "bf16-mixed"
    assert rounded.test.outputs.dtype == torch.float32
    assert all(p.dtype == torch.float32 for p in rounded.model.parameters())
    assert not torch.equal(weights(exact.model), weights(rounded.model))
    assert rounded.train_loss == pytest.approx(exact.train_loss, rel=0.05)


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for a device that is here")
def test_a_device_that_is_not_here():
    with pytest.raises(ProfileError, match="CUDA"):
        fit(mlp, DATA, GPU, seed=0, epochs=1)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_same_code_trains_on_cuda():
    state = torch.cuda.get_rng_state()
    result = fit(convnet, DATA, GPU, seed=0, epochs=8, optimizer=SGD)
    assert result.device == "cuda"
    assert result.test_accuracy > 0.8
    assert result.test.outputs.device.type == "cpu"
    assert {p.device.type for p in result.model.parameters()} == {"cpu"}
    assert torch.equal(torch.cuda.get_rng_state(), state)
    on_cpu = fit(convnet, DATA, CPU, seed=0, epochs=8, optimizer=SGD)
    assert result.train_loss == pytest.approx(on_cpu.train_loss, rel=0.2)


def test_slurms_variables_change_nothing(monkeypatch):
    expected = fit(mlp, DATA, CPU, seed=0, epochs=1).step_loss
    for name, value in {
        "SLURM_NTASKS": "4",
        "SLURM_JOB_ID": "1",
        "SLURM_PROCID": "0",
        "SLURM_LOCALID": "0",
    }.items():
        monkeypatch.setenv(name, value)
    assert fit(mlp, DATA, CPU, seed=0, epochs=1).step_loss == expected
    assert os.environ["SLURM_NTASKS"] == "4"


def test_the_projects_own_data_module_resumes_and_equals_a_loop_by_hand(tmp_path):
    """Tests may use both packages; the module draws order and augmentation from generators of its own."""
    from groundtruth.data.modules import TensorDataModule

    def noisy(inputs, generator):
        return inputs + 0.1 * torch.randn(inputs.shape, generator=generator)

    def data(shuffle_seed=0):
        return TensorDataModule(
            *examples(),
            batch_size=16,
            validation=0,
            normalise=False,
            augment=noisy,
            shuffle_seed=shuffle_seed,
        )

    whole = fit(mlp, data(), CPU, seed=5, epochs=3, optimizer=SGD)
    assert whole.test is None
    model, _ = by_hand(
        mlp,
        5,
        3,
        lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9),
        loader=data(shuffle_seed=5).train_dataloader,
    )
    torch.testing.assert_close(weights(whole.model), weights(model), rtol=1e-5, atol=1e-6)
    path = tmp_path / "run.pt"
    fit(mlp, data(), CPU, seed=5, epochs=2, optimizer=SGD, checkpoint=path)
    resumed = fit(mlp, data(), CPU, seed=5, epochs=3, optimizer=SGD, resume=path)
    assert torch.equal(weights(resumed.model), weights(whole.model))
