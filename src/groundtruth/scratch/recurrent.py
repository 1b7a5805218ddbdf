"""Recurrent cells, written out by hand: the plain one and the LSTM, and the sequence they are unrolled over.

Used by the chapter *history*.

Sources: the plain cell is Elman's (1990, doi 10.1207/s15516709cog1402_1); the LSTM is Hochreiter & Schmidhuber's (1997,
doi 10.1162/neco.1997.9.8.1735) with the forget gate of Gers, Schmidhuber & Cummins (2000,
doi 10.1162/089976600300015015), which the original lacks. Order of the gates as in `torch.nn.LSTM`: input, forget,
candidate, output.

Tensors may begin with a number S of cells that run side by side, each on sequences of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor


def plain_step(drive: Tensor, h: Tensor, u: Tensor) -> Tensor:
    """Return the next state of a plain cell, tanh(x·w + b + h·u).

    Args:
        drive: (…, N, H), what the inputs of this step bring: x·w + b.
        h: (…, N, H), the state before.
        u: (…, H, H).

    """
    return torch.tanh(drive + h @ u)


def lstm_step(drive: Tensor, h: Tensor, c: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
    """Return the next output and the next memory of an LSTM cell.

    The memory c is only multiplied by the forget gate and added to: where the gate is 1, a slope passes unchanged.

    Args:
        drive: (…, N, 4H), what the inputs of this step bring to the gates: x·w + b.
        h: (…, N, H), the output before.
        c: (…, N, H), the memory before.
        u: (…, H, 4H).

    """
    enter, keep, new, out = (drive + h @ u).chunk(4, dim=-1)  # (…, N, H) each
    c = torch.sigmoid(keep) * c + torch.sigmoid(enter) * torch.tanh(new)
    h = torch.sigmoid(out) * torch.tanh(c)
    return h, c


def unroll(x: Tensor, w: Tensor, u: Tensor, b: Tensor) -> Tensor:
    """Return the last output of a cell that has read whole sequences, starting from zeros.

    Args:
        x: (…, T, N, D), time before the batch.
        w: (…, D, H) for the plain cell, (…, D, 4H) for the LSTM; the sizes tell which.
        u: (…, H, H) or (…, H, 4H).
        b: (…, 1, H) or (…, 1, 4H).

    Returns:
        Shape (…, N, H).

    Raises:
        ValueError: sizes that belong to neither cell.

    """
    hidden, wide = u.shape[-2:]
    if wide not in (hidden, 4 * hidden) or w.shape[-1] != wide:
        raise ValueError(
            f"u must be (H, H) or (H, 4H), and w as wide; got {tuple(u.shape)} and {tuple(w.shape)}"
        )
    h = x.new_zeros(*x.shape[:-3], x.shape[-2], hidden)
    c = h
    drives = x @ w.unsqueeze(-3) + b.unsqueeze(-3)  # (…, T, N, H) or (…, T, N, 4H): of all steps at once
    for drive in drives.unbind(dim=-3):
        if wide == hidden:
            h = plain_step(drive, h, u)
        else:
            h, c = lstm_step(drive, h, c, u)
    return h
