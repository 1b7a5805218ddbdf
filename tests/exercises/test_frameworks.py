"""Wrong answers to the chapter's exercises, and the sentence meant for each."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.exercises import frameworks as module

OK_NORM = {"momentum": 0.05, "mean": 2.2, "default": 0.9}
OK_PRINTS = {"eager": 6, "jit": 2}
OK_CALLS = {"first": "zero_grad", "second": "eval", "third": "step"}


def moved_to(order, kernel, height, width, channels):
    return kernel.T.reshape(-1, height, width, channels).permute(*order).flatten(1)


def moved(kernel, height, width, channels):
    return moved_to((0, 3, 1, 2), kernel, height, width, channels)


def by_hand(scores, labels):
    logarithms = scores - scores.exp().sum(dim=1, keepdim=True).log()
    return -logarithms[torch.arange(len(labels)), labels].mean()


WRONG = [
    ("a-dense-layer-moves", lambda k, b: (k.reshape(k.shape[1], k.shape[0]), b), "another shape"),
    ("a-dense-layer-moves", lambda k, b: (k, b), "transposed"),
    ("a-dense-layer-moves", lambda k, b: k.T, "weight"),
    ("a-convolution-moves", lambda k: k.permute(2, 3, 0, 1), "should have shape"),
    ("a-convolution-moves", lambda k: k.permute(3, 2, 1, 0), "should have shape"),
    ("a-convolution-moves", lambda k: k.reshape(k.shape[3], k.shape[2], *k.shape[:2]), "another shape"),
    ("behind-a-flatten", lambda k, h, w, c: k.T, "order of channels last"),
    ("behind-a-flatten", lambda k, h, w, c: moved(k, h, w, c).T, "transposed"),
    ("behind-a-flatten", lambda k, h, w, c: moved_to((0, 3, 2, 1), k, h, w, c), "Rows and columns"),
    ("the-loss-of-logits", lambda s, y: F.cross_entropy(s.softmax(dim=1), y), "softmax twice"),
    ("the-loss-of-logits", lambda s, y: by_hand(s, y) * len(y), "take the mean"),
    ("the-loss-of-logits", F.nll_loss, "softmax is missing"),
    ("the-loss-of-logits", lambda s, y: -by_hand(s, y), "sign"),
    ("batch-norm-both-ways", OK_NORM | {"momentum": 0.95}, "[momentum] This is Keras' number"),
    ("batch-norm-both-ways", OK_NORM | {"mean": 5.8}, "changed places"),
    ("batch-norm-both-ways", OK_NORM | {"mean": 6}, "batch alone"),
    ("batch-norm-both-ways", OK_NORM | {"default": 0.1}, "PyTorch's own number"),
    ("how-often-does-it-print", OK_PRINTS | {"eager": 2}, "[eager] Without jit"),
    ("how-often-does-it-print", OK_PRINTS | {"jit": 6}, "Python does not run"),
    ("how-often-does-it-print", OK_PRINTS | {"jit": 1}, "new shape"),
    ("how-often-does-it-print", OK_PRINTS | {"jit": 3}, "is kept"),
    ("which-call-is-missing", OK_CALLS | {"first": "step"}, "[first] The weights do move"),
    ("which-call-is-missing", OK_CALLS | {"second": "no_grad"}, "leaves every layer as it is"),
    ("which-call-is-missing", OK_CALLS | {"third": "backward"}, "Nobody uses them"),
    ("which-call-is-missing", OK_CALLS | {"third": "fit"}, "none of the words"),
]  # fmt: skip


RIGHT = [
    ("a-dense-layer-moves", lambda k, b: (k.T.contiguous(), b)),
    ("a-convolution-moves", lambda k: torch.einsum("hwio->oihw", k)),
    ("behind-a-flatten", moved),
    ("the-loss-of-logits", by_hand),
    ("the-loss-of-logits", F.cross_entropy),
    ("batch-norm-both-ways", OK_NORM),
    ("how-often-does-it-print", OK_PRINTS),
    ("which-call-is-missing", {name: word.upper() for name, word in OK_CALLS.items()}),
]


def test_the_running_mean_is_torchs():
    norm = torch.nn.BatchNorm1d(1, momentum=OK_NORM["momentum"])
    norm.running_mean.fill_(2.0)
    norm(torch.tensor([[5.0], [7.0]]))
    assert norm.running_mean.item() == pytest.approx(OK_NORM["mean"])
    assert norm.momentum != torch.nn.BatchNorm1d(1).momentum == pytest.approx(1 - OK_NORM["default"])


def test_the_reordered_weight_answers_as_before():
    kernel, maps = torch.randn(24, 5).double(), torch.randn(7, 4, 2, 3).double()  # (N, C, H, W)
    theirs = maps.permute(0, 2, 3, 1).flatten(1) @ kernel
    torch.testing.assert_close(maps.flatten(1) @ module._reordered(kernel, 2, 3, 4).T, theirs)
