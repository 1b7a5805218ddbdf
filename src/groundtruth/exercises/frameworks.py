"""Answer checks for the chapter ``frameworks``.

The conventions are those of the chapter: weights of Keras as Keras keeps them, weights of PyTorch as PyTorch does.
What is right is computed with PyTorch.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor

from groundtruth.exercises.answers import Choice, Exercise, Function, Numeric, Parts, checks_of

__all__ = ["EXERCISES", "check"]


def _normal(generator: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


# --- a-dense-layer-moves ---------------------------------------------------------------------------------

DENSE = Function(
    reference=lambda kernel, bias: (kernel.T, bias),
    inputs=lambda generator: [
        (_normal(generator, rows, columns), _normal(generator, columns))
        for rows, columns in ((4, 3), (2, 5), (3, 3))
    ],
    returns=("weight", "bias"),
    traps={
        "The kernel has only been given another shape: its numbers stand in the wrong places.": (
            lambda kernel, bias: (kernel.reshape(kernel.shape[1], kernel.shape[0]), bias)
        ),
        "The kernel is as Keras keeps it. A Linear keeps one row an output.": lambda kernel, bias: (
            kernel,
            bias,
        ),
    },
)


# --- a-convolution-moves ---------------------------------------------------------------------------------

CONVOLUTION = Function(
    reference=lambda kernel: kernel.permute(3, 2, 0, 1),
    inputs=lambda generator: [
        (_normal(generator, *shape),) for shape in ((3, 3, 2, 4), (2, 3, 1, 5), (3, 3, 3, 3))
    ],
    traps={
        "Inputs and outputs have changed places: PyTorch wants the outputs first.": (
            lambda kernel: kernel.permute(2, 3, 0, 1)
        ),
        "Rows and columns of the window have changed places.": lambda kernel: kernel.permute(3, 2, 1, 0),
        "The numbers have only been given another shape. The axes have to be moved.": (
            lambda kernel: kernel.reshape(kernel.shape[3], kernel.shape[2], *kernel.shape[:2])
        ),
    },
)


# --- behind-a-flatten ------------------------------------------------------------------------------------


def _reordered(kernel: Tensor, height: int, width: int, channels: int) -> Tensor:
    # Feed the maps one by one through Keras' layer: column i of the weight is the answer to the i-th number of ours.
    units = torch.eye(channels * height * width, dtype=kernel.dtype)
    maps = units.reshape(-1, channels, height, width).permute(0, 2, 3, 1)  # channels last
    return (maps.reshape(len(units), -1) @ kernel).T


FLATTEN = Function(
    reference=_reordered,
    inputs=lambda generator: [
        (_normal(generator, height * width * channels, units), height, width, channels)
        for height, width, channels, units in ((2, 3, 4, 5), (3, 2, 2, 3), (2, 2, 3, 1))
    ],
    traps={
        "Transposed, but the numbers still come in the order of channels last.": (
            lambda kernel, height, width, channels: kernel.T
        ),
        "The order is right; what is missing is that a Linear keeps one row an output.": (
            lambda kernel, height, width, channels: _reordered(kernel, height, width, channels).T
        ),
        "Rows and columns of the maps have changed places.": (
            lambda kernel, height, width, channels: (
                kernel.T.reshape(-1, height, width, channels).permute(0, 3, 2, 1).flatten(1)
            )
        ),
    },
)


# --- the-loss-of-logits ----------------------------------------------------------------------------------

LOSS = Function(
    reference=lambda scores, labels: F.cross_entropy(scores, labels),  # noqa: PLW0108 - its names are what a reader sees
    inputs=lambda generator: [
        (_normal(generator, n, 5) * 3, torch.randint(0, 5, (n,), generator=generator)) for n in (1, 4, 7)
    ],
    traps={
        "You have taken the softmax twice.": (
            lambda scores, labels: F.cross_entropy(scores.softmax(dim=1), labels)
        ),
        "You have added over the batch. Keras and PyTorch take the mean.": (
            lambda scores, labels: F.cross_entropy(scores, labels, reduction="sum")
        ),
        "This is minus the score of the right class: the softmax is missing.": (F.nll_loss),
    },
)


# --- batch-norm-both-ways --------------------------------------------------------------------------------

NORM = Parts(
    {
        "momentum": Numeric(
            expected=lambda: 0.05,
            what="The momentum",
            traps={"This is Keras' number. PyTorch's momentum weighs the new batch.": lambda: 0.95},
        ),
        "mean": Numeric(
            expected=lambda: 0.95 * 2.0 + 0.05 * 6.0,
            what="The running mean",
            traps={
                "The weights of old and new have changed places.": lambda: 0.05 * 2.0 + 0.95 * 6.0,
                "That is the mean of the batch alone.": lambda: 6.0,
            },
        ),
        "default": Numeric(
            expected=lambda: 0.9,
            what="Keras' number for PyTorch's default",
            traps={"This is PyTorch's own number.": lambda: 0.1},
        ),
    }
)


# --- how-often-does-it-print -----------------------------------------------------------------------------

PRINTS = Parts(
    {
        "eager": Numeric(
            expected=lambda: 6,
            rtol=0,
            what="The count without jit",
            traps={"Without jit nothing is traced: Python runs the line at each call.": lambda: 2},
        ),
        "jit": Numeric(
            expected=lambda: 2,
            rtol=0,
            what="The count with jit",
            traps={
                "After tracing, Python does not run the function any more.": lambda: 6,
                "A new shape needs a new graph.": lambda: 1,
                "The graph of the first shape is kept: coming back to it costs no new one.": lambda: 3,
            },
        ),
    }
)


# --- which-call-is-missing -------------------------------------------------------------------------------

CALLS = ("zero_grad", "train", "eval", "backward", "step", "no_grad")
CALL = Parts(
    {
        "first": Choice(
            CALLS,
            lambda: "zero_grad",
            {"backward": "There are slopes, too many of them.", "step": "The weights do move."},
        ),
        "second": Choice(
            CALLS,
            lambda: "eval",
            {
                "train": "It is in that mode already, and that is the trouble.",
                "no_grad": "This keeps no graph, but leaves every layer as it is.",
            },
        ),
        "third": Choice(
            CALLS,
            lambda: "step",
            {
                "backward": "There are slopes. Nobody uses them.",
                "zero_grad": "Slopes that nobody uses do no harm.",
            },
        ),
    }
)


EXERCISES: dict[str, Exercise] = {
    "a-dense-layer-moves": Exercise(DENSE, praise="That layer answers in PyTorch as it did in Keras."),
    "a-convolution-moves": Exercise(CONVOLUTION, praise="Outputs, inputs, rows, columns."),
    "behind-a-flatten": Exercise(FLATTEN, praise="Each weight meets the number that it was trained on."),
    "the-loss-of-logits": Exercise(LOSS, praise="It takes scores, as both frameworks mean them."),
    "batch-norm-both-ways": Exercise(NORM, code=False),
    "how-often-does-it-print": Exercise(
        PRINTS, code=False, praise="One trace a shape, and then only the graph."
    ),
    "which-call-is-missing": Exercise(CALL, code=False),
}

check = checks_of(EXERCISES)
