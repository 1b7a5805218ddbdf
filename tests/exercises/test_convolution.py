"""Wrong answers to the chapter's exercises, the sentence meant for each, and the checks against the book's pieces."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.exercises import convolution as module
from groundtruth.exercises.convolution import check
from groundtruth.scratch import pooling
from groundtruth.scratch.convolution import Conv2d, correlate, output_size
from groundtruth.scratch.convolution_matrix import matrix

OK_PENCIL = {
    "map": [[0, 1, 5], [4, 0, 5], [3, 2, -1]],
    "strided": [[0, 5], [3, -1]],
    "turned": [[4, 1, 3], [2, 6, -1], [-1, 2, 1]],
}
OK_PLACES = {"plain": 28, "strided": 112, "pooled": 6, "same": 3}
OK_WEIGHTS = {"first": 1792, "second": 36_928, "dense": 201_392_128, "ratio": 4}
OK_MOVES = {
    "wrapped": "moves", "stride-by-one": "neither", "pool-by-two": "moves", "mean-of-all": "stays", "dense": "neither",
}  # fmt: skip


def layer(**changes):
    def written(pictures, kernels, biases, stride):
        ours = Conv2d(kernels, biases, stride)
        return ours.forward(pictures)

    def changed(pictures, kernels, biases, stride):
        parts = {"pictures": pictures, "kernels": kernels, "biases": biases, "stride": stride}
        parts |= {name: change(parts[name]) for name, change in changes.items()}
        return written(*parts.values())

    return changed


def spread(maps, slope):
    return slope.repeat_interleave(2, 0).repeat_interleave(2, 1)


def routed(maps, slope):
    return pooling.MaxPool().backward(maps[None, None], slope[None, None])[0, 0]


def as_matrix(kernel, length):
    return matrix(kernel[None, None, None], 1, length)


EDGE = [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]

WRONG = [
    ("with-a-pencil", OK_PENCIL | {"map": OK_PENCIL["turned"]}, "[map] You have turned the kernel around"),
    ("with-a-pencil", OK_PENCIL | {"map": module._laid(transposed=True)}, "changed places"),
    ("with-a-pencil", OK_PENCIL | {"map": [[0, 1], [4, 0]]}, "should have shape (3, 3)"),
    ("with-a-pencil", OK_PENCIL | {"strided": [[0, 1], [4, 0]]}, "leaves every second one out"),
    ("with-a-pencil", OK_PENCIL | {"strided": [[0, 5], [2, -1]]}, "started one place too far"),
    ("with-a-pencil", OK_PENCIL | {"turned": OK_PENCIL["map"]}, "cross-correlation again"),
    ("how-many-places", OK_PLACES | {"plain": 32}, "[plain] This is the side of the picture"),
    ("how-many-places", OK_PLACES | {"plain": 27}, "off by one"),
    ("how-many-places", OK_PLACES | {"strided": 111}, "at both ends"),
    ("how-many-places", OK_PLACES | {"strided": 112.5}, "round down"),
    ("how-many-places", OK_PLACES | {"pooled": 7}, "round down"),
    ("how-many-places", OK_PLACES | {"same": 6}, "both ends together"),
    ("count-the-weights", OK_WEIGHTS | {"first": 640}, "[first] Every kernel has a slice"),
    ("count-the-weights", OK_WEIGHTS | {"first": 1728}, "bias a kernel is missing"),
    ("count-the-weights", OK_WEIGHTS | {"first": 1920}, "not one a slice"),
    ("count-the-weights", OK_WEIGHTS | {"second": 1792}, "sixty-four channels"),
    ("count-the-weights", OK_WEIGHTS | {"dense": 196_672}, "not one a map"),
    ("count-the-weights", OK_WEIGHTS | {"ratio": 1}, "used at more places"),
    ("write-the-layer", layer(kernels=lambda k: k.flip(2, 3)), "turned around"),
    ("write-the-layer", layer(biases=torch.zeros_like), "biases are missing"),
    ("write-the-layer", lambda p, k, b, s: F.conv2d(p, k / p.shape[1], b, s), "averaged over the channels"),
    ("write-the-layer", lambda p, k, b, s: F.conv2d(p[:, :1], k[:, :1], b, s), "Only the first channel"),
    ("write-the-layer", layer(stride=lambda s: 1), "should have shape"),
    ("who-was-largest", spread, "Only the largest had a say"),
    ("who-was-largest", lambda m, s: spread(m, s) / 4, "a quarter of the slope"),
    ("who-was-largest", lambda m, s: routed(m, torch.ones_like(s)), "it gets one"),
    ("who-was-largest", lambda m, s: routed(m.abs(), s), "the largest size"),
    ("who-was-largest", lambda m, s: s, "should have shape"),
    ("a-kernel-for-edges", torch.tensor(EDGE).T, "upright edge"),
    ("a-kernel-for-edges", (-torch.tensor(EDGE)).tolist(), "sign is flipped"),
    ("a-kernel-for-edges", [[0, 0, 0], [0, 0, 0], [1, 1, 1]], "even grey picture"),
    ("a-kernel-for-edges", [[-1, -1, -1], [2, 2, 2], [-1, -1, -1]], "finds lines"),
    ("a-kernel-for-edges", torch.zeros(3, 3), "nothing at all"),
    ("a-kernel-for-edges", [-1, 0, 1], "should have shape (3, 3)"),
    ("does-it-move-along", OK_MOVES | {"wrapped": "neither"}, "[wrapped] Nothing is lost"),
    ("does-it-move-along", OK_MOVES | {"stride-by-one": "moves"}, "every second place"),
    ("does-it-move-along", OK_MOVES | {"pool-by-two": "neither"}, "the same four numbers"),
    ("does-it-move-along", OK_MOVES | {"mean-of-all": "moves"}, "nowhere for it to move"),
    ("does-it-move-along", OK_MOVES | {"dense": "moves"}, "its neighbour"),
    ("the-matrix-of-a-kernel", lambda k, n: as_matrix(k.flip(0), n), "turned around"),
    ("the-matrix-of-a-kernel", lambda k, n: as_matrix(k, n).T, "looks transposed"),
    ("the-matrix-of-a-kernel", lambda k, n: F.pad(k, (0, n - len(k))).repeat(n - len(k) + 1, 1), "in the same place"),
]  # fmt: skip


def loops(pictures, kernels, biases, stride):
    tall, wide = kernels.shape[2:]
    rows = (pictures.shape[2] - tall) // stride + 1
    columns = (pictures.shape[3] - wide) // stride + 1
    maps = torch.zeros(len(pictures), len(kernels), rows, columns, dtype=pictures.dtype)
    for y in range(rows):
        for x in range(columns):
            window = pictures[:, None, :, y * stride : y * stride + tall, x * stride : x * stride + wide]
            maps[:, :, y, x] = (window * kernels).sum(dim=(2, 3, 4)) + biases
    return maps


RIGHT = [
    ("with-a-pencil", OK_PENCIL | {"map": torch.tensor(OK_PENCIL["map"])}),
    ("how-many-places", OK_PLACES),
    ("count-the-weights", OK_WEIGHTS),
    ("write-the-layer", layer()),
    ("write-the-layer", loops),
    ("who-was-largest", routed),
    ("a-kernel-for-edges", EDGE),
    ("a-kernel-for-edges", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    ("a-kernel-for-edges", torch.tensor([[0.0, -1, 0], [0, 1, 0], [0, 0, 0]])),
    ("does-it-move-along", {name: word.upper() for name, word in OK_MOVES.items()}),
    ("the-matrix-of-a-kernel", as_matrix),
]


def test_the_pencil_is_the_books_layer():
    picture, kernel = torch.tensor(module.PICTURE)[None, None], torch.tensor(module.KERNEL)[None, None]
    for name, weights, stride in (
        ("map", kernel, 1),
        ("strided", kernel, 2),
        ("turned", kernel.flip(2, 3), 1),
    ):
        assert Conv2d(weights, torch.zeros(1), stride).forward(picture)[0, 0].tolist() == OK_PENCIL[name]


def test_the_sizes_are_the_books():
    assert OK_PLACES["plain"] == output_size(32, 5)
    assert OK_PLACES["strided"] == output_size(224, 7, 2, 3)
    assert OK_PLACES["pooled"] == output_size(13, 2, 2)
    assert output_size(32, 7, padding=OK_PLACES["same"]) == 32


def test_the_counts_are_torchs():
    def count(part):
        return sum(p.numel() for p in part.parameters())

    assert count(torch.nn.Conv2d(3, 64, 3)) == OK_WEIGHTS["first"]
    assert count(torch.nn.Conv2d(64, 64, 3)) == OK_WEIGHTS["second"]
    with torch.device("meta"):
        assert count(torch.nn.Linear(3 * 32 * 32, 64 * 32 * 32)) == OK_WEIGHTS["dense"]


def test_the_matrix_is_the_books_one_dimension():
    kernel, x = torch.randn(3, dtype=torch.float64), torch.randn(8, dtype=torch.float64)
    torch.testing.assert_close(module._toeplitz(kernel, 8) @ x, correlate(x, kernel))


@pytest.mark.parametrize("name", list(OK_MOVES))
def test_every_word_is_explained(name):
    for word in set(module.MOVES) - {OK_MOVES[name]}:
        assert "That is not what happens" not in check("does-it-move-along", OK_MOVES | {name: word}).message
