"""The convolutional network that read zip codes: 16×16 pictures, four layers with weights, 9,760 numbers.

Used by the chapters *history* and *deep-architectures*.

Source: LeCun, Boser, Denker, Henderson, Howard, Hubbard & Jackel, "Backpropagation applied to handwritten zip code
recognition", Neural Computation 1 (1989), doi 10.1162/neco.1989.1.4.541.

Counts of the paper, asserted below and in ``tests/models/test_lenet1989.py``. They hold with kernels that are shared
within a map, and a bias for every *unit*, which is not shared:

- H1: 12 maps of 8×8, kernels 5×5 with stride 2; 768 units, 12·25 + 768 = 1,068 numbers, 19,968 connections;
- H2: 12 maps of 4×4, kernels 5×5 with stride 2 on 8 of the 12 maps; 192 units, 12·200 + 192 = 2,592, 38,592;
- H3: 30 units, 192·30 + 30 = 5,790;
- output: 10 units, 30·10 + 10 = 310.

Together 9,760 numbers and 64,660 connections; with the 256 pixels 1,256 units.

What the paper does not say, and what is done here. These are guesses:

- which 8 maps each map of H2 reads: the first four read maps 0–7, the next four maps 4–11, the last four maps 0–3 and
  8–11. (The same guess is made in Karpathy's reproduction, karpathy/lecun1989-repro, 2022.)
- the first weights: uniform between ±2.4/√F, where F is the number of inputs of a unit. The printed formula can be read
  as 2.4/F; with the root it is the usual range.
- what lies outside the picture: −1, the background, around the input and around H1.
- the scale of tanh: 1. The paper uses a scaled tanh.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

from groundtruth.models.copies import Affine

READS = (tuple(range(8)),) * 4 + (tuple(range(4, 12)),) * 4 + ((*range(4), *range(8, 12)),) * 4
"""The 8 maps of H1 that each of the 12 maps in H2 reads: a guess."""
BACKGROUND = -1.0


class PartlyConnected(nn.Conv2d):
    """5×5 kernels with stride 2, each output map on 8 of 12 input maps, as `READS` says; no bias.

    Args:
        copies: how many such layers stand side by side.

    Attributes:
        weight: ``(copies · 12, 8, 5, 5)``: no numbers for maps that are not read.

    Shapes:
        input ``(N, copies · 12, H, W)``; output ``(N, copies · 12, …)``.

    """

    def __init__(self, copies: int = 1) -> None:
        super().__init__(copies * 8, copies * 12, 5, stride=2, groups=copies, bias=False)
        reads = torch.tensor(READS).repeat(copies, 1)[:, :, None, None]  # (R·12, 8, 1, 1)
        self.register_buffer("reads", reads.expand(-1, -1, 5, 5), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the maps; maps that are not read get a weight of 0, which is faster than leaving them out."""
        full = self.weight.new_zeros(len(self.weight), 12, 5, 5).scatter(1, self.reads, self.weight)  # type: ignore[arg-type]
        return F.conv2d(x, full, stride=2, groups=self.groups)


class LeNet1989(nn.Module):
    """The network of 1989, and what a later time may change in it without changing its weights.

    Args:
        activation: makes the nonlinearity of the three hidden layers.
        squashed: whether the outputs go through a tanh, as in 1989; without it they are logits.
        dropout: probability with which a unit of H3 is left out in training.
        copies: how many such networks stand side by side (see ``groundtruth.models.copies``).

    Shapes:
        input ``(N, copies, 16, 16)`` between −1 and 1; output ``(N, 10)``, with several copies ``(N, copies, 10)``.

    Raises:
        ValueError: no copy, or a dropout outside 0 … 1.

    """

    def __init__(
        self,
        activation: Callable[[], nn.Module] = nn.Tanh,
        squashed: bool = True,
        dropout: float = 0.0,
        copies: int = 1,
    ) -> None:
        super().__init__()
        if copies < 1 or not 0 <= dropout < 1:
            raise ValueError(
                f"needs a copy or more and a dropout from 0 to below 1; got {copies} and {dropout}"
            )
        self.copies, self.squashed = copies, squashed
        self.h1 = nn.Conv2d(copies, copies * 12, 5, stride=2, groups=copies, bias=False)
        self.h1_bias = nn.Parameter(torch.zeros(copies * 12, 8, 8))
        self.h2 = PartlyConnected(copies)
        self.h2_bias = nn.Parameter(torch.zeros(copies * 12, 4, 4))
        self.h3 = Affine(192, 30, copies)
        self.out = Affine(30, 10, copies)
        self.activation = activation()
        self.dropout = nn.Dropout(dropout)
        for layer, inputs in ((self.h1, 25), (self.h2, 200), (self.h3, 192), (self.out, 30)):
            limit = 2.4 / inputs**0.5
            nn.init.uniform_(layer.weight, -limit, limit)
        nn.init.zeros_(self.h3.bias)
        nn.init.zeros_(self.out.bias)
        sizes = [self.h1.weight.numel() + self.h1_bias.numel(), self.h2.weight.numel() + self.h2_bias.numel()]
        sizes += [layer.weight.numel() + layer.bias.numel() for layer in (self.h3, self.out)]
        assert sizes == [copies * count for count in (1068, 2592, 5790, 310)]

    def forward(self, x: Tensor) -> Tensor:
        """Return ten outputs for each picture; shapes as above."""
        x = self.h1(_framed(x)) + self.h1_bias  # (N, R·12, 8, 8)
        x = self.activation(x)
        x = self.h2(_framed(x)) + self.h2_bias  # (N, R·12, 4, 4)
        x = self.activation(x).flatten(1)  # (N, R·192)
        x = self.dropout(self.activation(self.h3(x)))  # (N, R·30)
        x = self.out(x)  # (N, R·10)
        x = x.tanh() if self.squashed else x
        return x if self.copies == 1 else x.unflatten(1, (self.copies, 10))


def _framed(x: Tensor) -> Tensor:
    """Return the maps with two rows and columns of background on every side."""
    return F.pad(x, (2, 2, 2, 2), value=BACKGROUND)
