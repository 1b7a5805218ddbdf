"""Wrong answers to the chapter's exercises, the sentence meant for each, and the checks against the book's pieces."""

import torch

from groundtruth.exercises import history as module
from groundtruth.history import gmdh, hebb, mcculloch_pitts
from groundtruth.history.timeline import load
from groundtruth.models.lenet1989 import LeNet1989
from groundtruth.scratch.recurrent import lstm_step

NET = [((0,), (1,), 1), ((1,), (0,), 1), ((0, 1), (), 1)]
OK_HEBB = {"answer": 2, "hebb": [1.2, 0.9], "oja": [0.8, 0.7]}
OK_GROW = {"units": 15, "weights": 90, "next": 28, "degree": 8}
MIRROR = [1, 2, 4, -4, -2, -1]
OK_GUESS = {"always-one": 1 / 6, "second-only": 1 / 12}
OK_COUNT = {"h1": 1068, "h2": 2592, "rest": 6100}
OK_NAMES = {
    "1965": "thing", "1980": "thing", "dechter-1986": "name", "rumelhart-1986": "thing", "2000": "name",
}  # fmt: skip


def cell(drive, c):
    # The drive is all there is: what comes back from before counts as part of it.
    return lstm_step(
        drive, torch.zeros(len(c), c.shape[1]).double(), c, torch.zeros(c.shape[1], drive.shape[1]).double()
    )


WRONG = [
    ("a-net-for-exactly-one", [((0, 1), (), 1)] * 3, "inputs 1 and 1 the last neuron fires"),
    ("a-net-for-exactly-one", [((0,), (1,), 1), ((1,), (0,), 1), ((0, 1), (), 2)], "is silent"),
    ("a-net-for-exactly-one", [((0,), (1,), 0), ((1,), (0,), 1), ((0, 1), (), 1)], "fire by itself"),
    ("a-net-for-exactly-one", NET[:2], "three neurons"),
    ("a-net-for-exactly-one", [((0,), (2,), 1), *NET[1:]], "numbers of lines"),
    ("one-step-of-hebb", OK_HEBB | {"answer": 4.5}, "[answer] Multiply each weight"),
    ("one-step-of-hebb", OK_HEBB | {"hebb": [0.2, 0.4]}, "This is the change"),
    ("one-step-of-hebb", OK_HEBB | {"hebb": [1.1, 0.7]}, "own answer is missing"),
    ("one-step-of-hebb", OK_HEBB | {"oja": [1.2, 0.9]}, "the decay is missing"),
    ("one-step-of-hebb", OK_HEBB | {"oja": [1.0, 0.8]}, "counts twice"),
    ("one-step-of-hebb", OK_HEBB | {"oja": [1.6, 1.1]}, "taken away, not added"),
    ("grow-a-layer", OK_GROW | {"units": 30}, "[units] Each pair counts once"),
    ("grow-a-layer", OK_GROW | {"units": 6}, "two inputs, not one"),
    ("grow-a-layer", OK_GROW | {"weights": 75}, "count too"),
    ("grow-a-layer", OK_GROW | {"next": 105}, "eight that survived"),
    ("grow-a-layer", OK_GROW | {"degree": 6}, "Degrees multiply"),
    ("a-unit-that-sees-mirrors", [1, 2, 3, -3, -2, -1], "make up for each other"),
    ("a-unit-that-sees-mirrors", [1, 2, 4, 4, 2, 1], "should cancel"),
    ("a-unit-that-sees-mirrors", [0] * 6, "every row gives"),
    ("a-unit-that-sees-mirrors", [1, 2, 4], "should have shape"),
    ("write-the-cell", module._forgetful, "cell of 1997"),
    ("write-the-cell", module._swapped, "changed places"),
    ("write-the-cell", module._open, "output gate is missing"),
    ("write-the-cell", module._unsquashed, "through a tanh before"),
    ("write-the-cell", module._flat, "able to be negative"),
    ("what-an-even-guess-costs", OK_GUESS | {"always-one": 1 / 12}, "[always-one] This is for one number"),
    ("what-an-even-guess-costs", OK_GUESS | {"always-one": (1 / 6) ** 0.5}, "standard deviation"),
    ("what-an-even-guess-costs", OK_GUESS | {"second-only": 1 / 6}, "only one is left"),
    ("what-an-even-guess-costs", OK_GUESS | {"second-only": 0}, "guess the other number"),
    ("what-an-even-guess-costs", OK_GUESS | {"second-only": 1 / 3}, "plus a half"),
    ("count-1989", OK_COUNT | {"h1": 312}, "[h1] That is with one bias a map"),
    ("count-1989", OK_COUNT | {"h1": 300}, "biases are missing"),
    ("count-1989", OK_COUNT | {"h2": 3792}, "eight of the twelve"),
    ("count-1989", OK_COUNT | {"rest": 5790}, "ten outputs are missing"),
    ("name-or-thing", OK_NAMES | {"1965": "name"}, "[1965] The network was there"),
    ("name-or-thing", OK_NAMES | {"dechter-1986": "thing"}, "for something else"),
    ("name-or-thing", OK_NAMES | {"2000": "thing"}, "for something else"),
]


RIGHT = [
    ("a-net-for-exactly-one", NET),
    ("a-net-for-exactly-one", [((0, 1), (), 1), ((0, 1), (), 2), ((0,), (1,), 1)]),
    ("one-step-of-hebb", OK_HEBB | {"oja": torch.tensor([0.8, 0.7])}),
    ("grow-a-layer", OK_GROW),
    ("a-unit-that-sees-mirrors", MIRROR),
    ("a-unit-that-sees-mirrors", [-0.5, 10.0, 3.0, -3.0, -10.0, 0.5]),
    ("write-the-cell", cell),
    ("what-an-even-guess-costs", OK_GUESS),
    ("count-1989", OK_COUNT),
    ("name-or-thing", {name: word.upper() for name, word in OK_NAMES.items()}),
]


def test_the_step_of_hebb_is_the_books():
    start, x = torch.tensor([[1.0, 0.5]]).double(), torch.tensor([[1.0, 2.0]]).double()
    for name, decay in (("hebb", False), ("oja", True)):
        torch.testing.assert_close(hebb.learn(x, start, 0.1, decay)[0], torch.tensor(OK_HEBB[name]).double())


def test_the_layer_is_the_books():
    x, y = gmdh.problem(0, 200)
    net = gmdh.grow(x[:100], y[:100], x[100:], y[100:], keep=15, most=1)
    assert net.layers[0].weights.shape == (OK_GROW["units"], OK_GROW["weights"] // OK_GROW["units"])


def test_the_counts_are_those_of_the_network():
    net = LeNet1989()
    assert net.h1.weight.numel() + net.h1_bias.numel() == OK_COUNT["h1"]
    assert net.h2.weight.numel() + net.h2_bias.numel() == OK_COUNT["h2"]
    assert sum(p.numel() for part in (net.h3, net.out) for p in part.parameters()) == OK_COUNT["rest"]


def test_names_and_things_are_those_of_the_timeline():
    kinds = {entry.source: entry.kind for entry in load()}
    assert kinds["dechter1986learning"] == kinds["aizenberg2000multi"] == "name"
    assert kinds["rumelhart1986learning"] == kinds["fukushima1980neocognitron"] == "thing"


def test_the_net_is_the_books():
    net = mcculloch_pitts.Net(
        2,
        tuple(
            mcculloch_pitts.Neuron(tuple(i + 2 * (n == 2) for i in e), i, t)
            for n, (e, i, t) in enumerate(NET)
        ),
    )
    assert mcculloch_pitts.answers(net) == [0, 1, 1, 0]
