"""How near training comes to what this machine can multiply, and where the rest of the time goes.

    python benchmarks/distance_to_limit.py [--rounds 5] [--quick] [--json PATH]

The limit is the fastest product of two large square matrices, in the arithmetic that the training uses. What training
achieves is the number of its multiplications and additions, counted from the network's layers, by its seconds: whole
steps of ``fit`` with the recipe's batches, augmentation, loss and optimizer, as it trains in the book. A round
measures limit and all networks one after the other, and the share is taken within the round.

Counted are forward pass, slopes of the weights and slopes of the inputs of every convolution and affine map (the first
layer needs no slopes of its inputs), two operations a multiply-add. Normalisation, rectifiers, pooling, augmentation
and optimizer are work as well, but not counted: so a share of 100 % cannot be reached.

A second table is from a profile of the same steps, made by hand: shares of the time by what was done. ``between``
is time in no operation of PyTorch's, which is Python and the start of operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from groundtruth import profiles
from groundtruth.data.batches import Augment
from groundtruth.data.modules import TensorDataModule
from groundtruth.models import cost
from groundtruth.models.convnet import ConvNet
from groundtruth.models.lenet import LeNet
from groundtruth.models.mlp import MLP
from groundtruth.models.residual import SmallResNet
from groundtruth.scratch import roofline
from groundtruth.scratch.augmentations import flip
from groundtruth.training.fit import fit
from groundtruth.training.settings import OptimizerFactory, OptimizerSettings
from shared import report
from shared.recipes import STEADY, stored_in

SHAPE = (1, 28, 28)
BATCH = 256
STEPS = 24
PROFILED = 8
SQUARE = 2048
GOAL = 0.55


@dataclass(frozen=True)
class Case:
    """One network, and how it is trained."""

    name: str
    make: Callable[[], nn.Module]
    optimizer: OptimizerFactory
    augment: Augment | None = None
    goal: bool = False


ADAM = OptimizerSettings("adam", 1e-3)
CASES = (
    Case("MLP 784-128-10", lambda: MLP((784, 128, 10)), ADAM),
    Case("LeNet", LeNet, ADAM),
    Case("ConvNet", ConvNet, ADAM),
    Case("SmallResNet, as for Fashion-MNIST", SmallResNet, STEADY, flip, goal=True),
    Case("SmallResNet, Adam, images as they are", SmallResNet, ADAM),
    Case("SmallResNet (64, 128, 256)", lambda: SmallResNet((64, 128, 256)), STEADY, flip),
)


def operations(network: nn.Module, shape: Sequence[int] = SHAPE) -> int:
    """Return the floating-point operations of one training step for one example of this shape."""
    layers = cost.layers(network, shape)
    forward = sum(layer.multiply_adds for layer in layers)
    return 2 * (3 * forward - layers[0].multiply_adds)


def peak(bf16: bool, side: int = SQUARE) -> float:
    """Return the operations a second of a large square product, the fastest of some rounds."""
    a = torch.randn(side, side, generator=torch.Generator().manual_seed(0))
    a = a.to(torch.bfloat16 if bf16 else torch.float32)
    return roofline.product(side, side, side).operations / roofline.seconds(lambda: a @ a)


KINDS = (
    ("convolution", ("convolution", "mkldnn_convolution", "thnn_conv")),
    ("matrix product", ("addmm", "::mm", "bmm", "matmul", "linear")),
    ("normalisation", ("batch_norm",)),
    ("pooling", ("pool",)),
    ("loss", ("softmax", "nll_loss", "cross_entropy", "argmax")),
    ("copies and casts", ("copy_", "_to_copy", "::to", "contiguous", "clone", "empty", "fill_", "zero_", "resize_")),
    ("rectifiers, sums and other elementwise",
     ("relu", "threshold", "::add", "::mul", "::div", "::sum", "::mean", "::cat", "::pad", "::eq", "::expand")),
)  # fmt: skip
PHASES = (("batches", "batches"), ("optimizer", "Optimizer.step"))
"""What is done inside these marks counts as theirs, whatever operation it is."""
KIND_NAMES = [name for name, _ in PHASES] + [name for name, _ in KINDS] + ["other", "between"]


def kind_of(operation: str) -> str:
    """Return what kind of work an operation of PyTorch's is, by its name, such as ``"aten::addmm"``."""
    for kind, words in KINDS:
        if any(word in operation for word in words):
            return kind
    return "between" if operation == "step" else "other"


def phase_of(names: Iterable[str]) -> str:
    """Return the phase that one of the marks around an operation stands for; empty where none does."""
    for name in names:
        for phase, word in PHASES:
            if name.startswith(word):
                return phase
    return ""


def shares(events: Iterable[tuple[Sequence[str], float]]) -> dict[str, float]:
    """Return the share of the time by kind, for events with their own names and those around them, and own times.

    Args:
        events: names from the operation itself to the outermost mark, and seconds in it that are in no other.

    """
    total: dict[str, float] = dict.fromkeys(KIND_NAMES, 0.0)
    for names, seconds in events:
        total[phase_of(names) or kind_of(names[0])] += seconds
    whole = sum(total.values())
    return {kind: value / whole for kind, value in total.items()} if whole else total


def data_for(case: Case, examples: int, profile: profiles.Profile) -> TensorDataModule:
    """Return random images with random labels: for timing, values do not matter."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(examples, *SHAPE, generator=generator)
    labels = torch.randint(10, (examples,), generator=generator)
    return TensorDataModule(
        images,
        labels,
        batch_size=BATCH,
        validation=0,
        normalise=False,
        dtype=stored_in(profile),
        channels_last=True,
        augment=case.augment,
    )


def achieved(
    case: Case, data: TensorDataModule, steps: int, profile: profiles.Profile
) -> tuple[float, float]:
    """Return seconds a step and operations a second in ``fit``; the first steps are run before, and left out."""
    settings: dict[str, Any] = {"seed": 0, "optimizer": case.optimizer, "progress": False}
    fit(case.make, data, profile, steps=2, **settings)
    seconds = fit(case.make, data, profile, steps=steps, **settings).train_seconds / steps
    return seconds, BATCH * operations(case.make()) / seconds


def profiled(case: Case, data: TensorDataModule, steps: int, profile: profiles.Profile) -> dict[str, float]:
    """Return the shares of the time of steps by hand, in the arithmetic and the memory format of ``fit``."""
    bf16 = profile.precision() == "bf16-mixed"
    torch.manual_seed(0)
    network = case.make()
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = case.optimizer(network)
    batches = iter(data.train_dataloader())

    def step() -> Tensor:
        with torch.profiler.record_function("batches"):
            x, y = next(batches)
            x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            logits = network(x).float()
            loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    step()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as record:
        for _ in range(steps):
            with torch.profiler.record_function("step"):
                step()
    return shares((names_around(event), event.self_cpu_time_total) for event in record.events())


def names_around(event: Any) -> list[str]:
    """Return the name of an event and of those around it."""
    names = []
    while event is not None:
        names.append(event.name)
        event = event.cpu_parent
    return names


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the limit and every network, print the tables, and write the numbers."""
    chosen = report.read(report.options(__doc__, rounds=5), arguments)
    profile = profiles.CPU
    bf16 = profile.precision() == "bf16-mixed"
    steps, profiled_steps = (3, 2) if chosen.quick else (STEPS, PROFILED)
    side = 512 if chosen.quick else SQUARE
    cases = [case for case in CASES if case.goal] if chosen.quick else list(CASES)
    made = report.Report("distance_to_limit", chosen, profile=profile, batch=BATCH, steps=steps, square=side)
    made.begin()
    data = {case.name: data_for(case, BATCH * (max(steps, profiled_steps) + 2), profile) for case in cases}
    limits: list[float] = []
    single: list[float] = []
    found: dict[str, list[tuple[float, float]]] = {case.name: [] for case in cases}
    for _ in range(chosen.rounds):
        limits.append(peak(bf16, side))
        single.append(peak(False, side))
        for case in cases:
            found[case.name].append(achieved(case, data[case.name], steps, profile))
    made.head["limit_gflops"] = report.spread([value / 1e9 for value in limits])
    made.head["limit_gflops_float32"] = report.spread([value / 1e9 for value in single])
    for case in cases:
        values = found[case.name]
        made.rows.append(
            {
                "network": case.name,
                "parameters": cost.weights(case.make()),
                "gflop_a_step": BATCH * operations(case.make()) / 1e9,
                "milliseconds": report.spread([1000 * seconds for seconds, _ in values]),
                "gflops": report.spread([rate / 1e9 for _, rate in values]),
                "share": report.spread(
                    [rate / limit for (_, rate), limit in zip(values, limits, strict=True)]
                ),
                "profile": profiled(case, data[case.name], profiled_steps, profile),
            }
        )
    rounds = report.counted(chosen.rounds, "round")
    made.show(
        f"What training achieves, in batches of {BATCH}",
        ["network", "GFLOP a step", "ms a step", "GFLOP/s", "% of the limit"],
        [
            [
                row["network"],
                f"{row['gflop_a_step']:.2f}",
                report.quantity(row["milliseconds"], 1),
                report.quantity(row["gflops"], 0),
                report.quantity(report.spread([100 * share for share in row["share"]["values"]]), 1),
            ]
            for row in made.rows
        ],
        f"Medians of {rounds}, in brackets the range. The limit is "
        f"{report.quantity(made.head['limit_gflops'], 0)} GFLOP/s in {made.head['arithmetic']}; in single precision it "
        f"would be {report.quantity(made.head['limit_gflops_float32'], 0)}.",
    )
    made.show(
        "Where the time of a step goes, %",
        ["what is done", *(str(number) for number in range(1, len(made.rows) + 1))],
        [[kind, *(f"{100 * row['profile'][kind]:.1f}" for row in made.rows)] for kind in KIND_NAMES],
        f"From one profile of {report.counted(profiled_steps, 'step')}. "
        + "; ".join(f"{number}: {row['network']}" for number, row in enumerate(made.rows, 1))
        + ".",
    )
    if not chosen.quick:
        (judged,) = (row for row, case in zip(made.rows, cases, strict=True) if case.goal)
        made.goals = [
            report.goal(
                f"{judged['network']}: at least {100 * GOAL:.0f} % of the limit",
                judged["share"]["median"], at_least=GOAL, form="{:.2%}",
            )
        ]  # fmt: skip
    made.end()


if __name__ == "__main__":
    main()
