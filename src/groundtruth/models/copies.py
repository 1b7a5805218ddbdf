"""R networks of one layout in one: their channels stand beside each other and never meet.

Used by the chapter *deep-architectures*, where networks too small to keep a processor busy are trained with several
seeds at once.

A convolution of R groups is R convolutions of their own, normalisation treats every channel by itself, and so do
activations and pooling. So a network whose layers have R times the channels, in R groups, computes what R networks
compute, and the gradient of the sum of their losses holds the gradient of each. Grouped convolutions are those of
Krizhevsky, Sutskever & Hinton (2012), where R = 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


class Affine(nn.Linear):
    """An affine map for each of R copies.

    Args:
        inputs: features of one copy.
        outputs: of one copy.
        copies: R.

    Attributes:
        weight: ``(R · outputs, inputs)``, the copies one below the other.
        bias: ``(R · outputs,)``.

    Shapes:
        input ``(N, R · inputs)``; output ``(N, R · outputs)``.

    """

    def __init__(self, inputs: int, outputs: int, copies: int = 1) -> None:
        super().__init__(inputs, copies * outputs)
        self.copies = copies

    def forward(self, x: Tensor) -> Tensor:
        """Return every copy's outputs for its own inputs."""
        if self.copies == 1:
            return super().forward(x)
        rows = x.unflatten(1, (self.copies, -1)).transpose(0, 1)  # (R, N, D)
        weight = self.weight.view(self.copies, -1, self.in_features).transpose(1, 2)  # (R, D, K)
        out = torch.bmm(rows, weight).transpose(0, 1).flatten(1)  # (N, R·K)
        return out + self.bias


def side_by_side(networks: Sequence[Network], make: Callable[[int], Network]) -> Network:
    """Return one network that holds the weights of several.

    Args:
        networks: R networks of one layout, each with a single copy; they stay as they are.
        make: takes R and makes a network of that layout with R copies.

    Raises:
        ValueError: there is no network, or their tensors do not fit into what ``make`` makes.

    """
    if not networks:
        raise ValueError("side_by_side needs at least one network")
    whole = make(len(networks))
    states = [network.state_dict() for network in networks]
    joined = {}
    for name, empty in whole.state_dict().items():
        if any(name not in state for state in states):
            raise ValueError(f"the networks are not of one layout: not all of them have {name!r}")
        parts = [state[name] for state in states]
        joined[name] = torch.cat(parts) if empty.dim() else parts[0]  # a count of batches is shared
        if joined[name].shape != empty.shape:
            raise ValueError(
                f"the networks are not of the layout that `make` makes: {name!r} has shape "
                f"{tuple(joined[name].shape)} in them together, and {tuple(empty.shape)} in it"
            )
    whole.load_state_dict(joined)
    return whole
