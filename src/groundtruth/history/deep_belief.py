"""2006: a deep network that is learned layer by layer, without labels first.

Used by the chapter *history*.

Source: Hinton, Osindero & Teh, "A fast learning algorithm for deep belief nets", Neural Computation 18 (2006), doi
10.1162/neco.2006.18.7.1527: Boltzmann machines, each learned on what the hidden units of the one below say, 1.25 %
errors on MNIST with layers of 500, 500 and 2,000. The machine is ``groundtruth.scratch.boltzmann``.

Here, four layers of 500 are learned without labels, then a layer of logits is added and all is trained with labels by
back-propagation, as in Hinton & Salakhutdinov (2006); the paper fine-tunes a generative net instead. Beside it: the
same logistic units with the labels alone, from the small random weights with which the Boltzmann machines begin, and
rectifiers from He's (2015) weights, which came nine years later and need no pre-training.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from groundtruth.data import mnist
from groundtruth.history.milestone import Milestone, Outcome, command_line
from groundtruth.models.mlp import MLP
from groundtruth.profiles import Profile
from groundtruth.scratch.boltzmann import BoltzmannMachine

SIZES = (784, 500, 500, 500, 500)
KINDS = ("pre-trained", "small random", "rectifiers")


def stack(
    inputs: Tensor, sizes: Sequence[int], epochs: int, generator: torch.Generator
) -> list[BoltzmannMachine]:
    """Return Boltzmann machines, each learned on the hidden units of the one below: inputs (N, D) from 0 to 1."""
    machines = []
    for visible, hidden in pairwise(sizes):
        machine = BoltzmannMachine(visible, hidden, generator)
        machine.fit(inputs, epochs, generator)
        inputs = machine.hidden(inputs)
        machines.append(machine)
    return machines


def network(kind: str, sizes: Sequence[int], machines: Sequence[BoltzmannMachine], seed: int) -> MLP:
    """Return a network with the first weights of its kind, and a small random layer of ten logits.

    Raises:
        ValueError: an unknown kind.

    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {kind!r}")
    net = MLP((*sizes, 10), nn.ReLU if kind == "rectifiers" else nn.Sigmoid)
    generator = torch.Generator().manual_seed(seed)
    layers = [layer for layer in net.layers if isinstance(layer, nn.Linear)]
    with torch.no_grad():
        for layer in layers:
            spread = (2 / layer.in_features) ** 0.5 if kind == "rectifiers" else 0.01
            layer.weight.copy_(spread * torch.randn(layer.weight.shape, generator=generator))
            layer.bias.zero_()
        if kind == "pre-trained":
            for layer, machine in zip(layers[:-1], machines, strict=True):
                layer.weight.copy_(machine.weights.T)
                layer.bias.copy_(machine.hidden_bias)
    return net


def fine_tune(net: MLP, x: Tensor, y: Tensor, epochs: int, seed: int, *, batch: int = 100) -> MLP:
    """Train with labels, (N, 784) and (N,), by Adam on the cross-entropy."""
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    shuffler = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for chosen in torch.randperm(len(x), generator=shuffler).split(batch):
            loss = F.cross_entropy(net(x[chosen]), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return net


def error(net: MLP, x: Tensor, y: Tensor) -> float:
    """Return the share of wrong answers."""
    with torch.no_grad():
        return float((net(x).argmax(dim=1) != y).double().mean())


def run(profile: Profile, seeds: Sequence[int] | None = None) -> Milestone:
    """Train a deep network of logistic units with and without pre-training, and one of rectifiers."""
    seeds = profile.seeds(3) if seeds is None else seeds
    count = profile.pick(quick=500, cpu=20_000)
    sizes = profile.pick(quick=(784, 50, 50), cpu=SIZES)
    before, after = profile.pick(quick=1, cpu=2), profile.pick(quick=1, cpu=3)
    digits = mnist.load()
    x, y = digits.train_images[:count].flatten(1).float() / 255, digits.train_labels[:count]
    test = digits.test_images.flatten(1).float() / 255, digits.test_labels
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for seed in seeds:
        machines = stack(x, sizes, before, torch.Generator().manual_seed(seed))
        for kind in KINDS:
            net = fine_tune(network(kind, sizes, machines, seed), x, y, after, seed)
            found[kind].append(error(net, *test))
    source = "hinton2006fast"
    return Milestone(
        name="deep_belief",
        year=2006,
        idea="layer by layer, without labels first",
        outcomes=(
            Outcome("test error, pre-trained", tuple(found["pre-trained"]), ".1%", source, "1.25 %"),
            Outcome("test error, small random weights", tuple(found["small random"]), ".1%", source),
            Outcome(
                "test error, rectifiers from He's weights", tuple(found["rectifiers"]), ".1%", "he2015delving"
            ),
        ),
        data=f"{count:,} of the 60,000 digits",
        size="784-500-500-500-500-10; theirs 500-500-2000",
        passes=f"{before} passes a layer, then {after}; theirs hundreds",
        seeds=tuple(seeds),
        profile=profile.name,
    )


if __name__ == "__main__":
    command_line(run)
