"""Wrong answers to the chapter's exercises, the sentence meant for each, and the facts the text leans on."""

import numpy as np
import pytest
import torch
from torch import nn

from groundtruth.exercises import neural_networks as module
from groundtruth.exercises.neural_networks import check
from groundtruth.scratch.dense import Dense, collapse, count, forward, worked_network

OK_COUNT = {"grey": 84_060, "colour": 61_481}
OK_ZERO = {"tanh": "output bias", "sigmoid": "output weights and bias", "ever": "no"}
ONE = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
DIAMOND = (ONE, torch.zeros(4), -torch.ones(4), 1.0)


def tent(k, flip=False):
    first = (torch.tensor([[2.0], [4.0]]), torch.tensor([0.0, -2.0]))
    again = (torch.tensor([[2.0, -2.0], [4.0, -4.0]]), torch.tensor([0.0, -2.0]))
    sign = -1.0 if flip else 1.0
    last = (torch.tensor([[sign, -sign]]), torch.tensor([1.0 if flip else 0.0]))
    return [first] + [again] * (k - 1) + [last]


def one_wide_layer(k):
    return [(torch.ones(2 + k, 1), torch.zeros(2 + k)), *tent(k)[1:]]


WRONG = [
    ("count-the-numbers", OK_COUNT | {"grey": 83_900}, "[grey] The biases are missing"),
    ("count-the-numbers", OK_COUNT | {"grey": 944}, "counted units"),
    ("count-the-numbers", OK_COUNT | {"grey": 84_844}, "[grey] The inputs have no biases"),
    ("count-the-numbers", OK_COUNT | {"colour": 61_460}, "[colour] The biases are missing"),
    ("count-the-numbers", OK_COUNT | {"colour": 20_521}, "three numbers at each pixel"),
    ("count-the-numbers", 84_060, "A dictionary with the keys"),
    ("forward-by-hand", [-2.0, -0.5, 2.0, -4.0], "The activation is missing"),
    ("forward-by-hand", [0.0, 0.5, 2.0, -1.75], "entries are right"),
    ("forward-by-hand", [0.0, 0.0, 2.0, 0.0], "may be negative"),
    ("forward-by-hand", [0.0, 0.0, 2.0, -2.0], "The output unit has a bias too"),
    ("forward-by-hand", list(module._by_hand(minus=True)), "subtracted the biases"),
    ("forward-by-hand", [0.0, 0.0, 2.0], "should have shape"),
    ("a-batch-through", module._through_no_relu, "these are one layer"),
    ("a-batch-through", module._through_relu_twice, "No activation after the last"),
    ("a-batch-through", module._through_no_bias, "biases are missing"),
    ("a-batch-through", module._through_minus, "not subtracted"),
    ("a-batch-through", lambda X, W1, b1, W2, b2: module._through(X, W1, b1, W2, b2).T, "transposed"),
    ("a-batch-through", lambda X, W1: X, "should take 5"),
    ("three-layers-into-one", module._sum_of_biases, "carried through every layer"),
    ("three-layers-into-one", lambda W1, b1, W2, b2, W3, b3: (W3 @ W2 @ W1, b1 + b2 + b3), "carried through"),
    ("three-layers-into-one", module._last_bias, "lower biases are missing"),
    ("three-layers-into-one", module._one_step, "lowest bias is missing"),
    ("three-layers-into-one", lambda W1, b1, W2, b2, W3, b3: W3 @ W2 @ W1, "should return (W, b)"),
    ("slope-of-silu", lambda z: z * torch.sigmoid(z), "value of the function"),
    ("slope-of-silu", torch.sigmoid, "slope of σ is missing"),
    ("slope-of-silu", lambda z: z * torch.sigmoid(z) * (1 - torch.sigmoid(z)), "where σ stands still"),
    ("slope-of-silu", lambda z: torch.sigmoid(z) * (2 - torch.sigmoid(z)), "z multiplies it"),
    ("what-moves-from-zero", OK_ZERO | {"tanh": "nothing"}, "[tanh] The output is wrong"),
    ("what-moves-from-zero", OK_ZERO | {"tanh": "everything"}, "output weight above it"),
    ("what-moves-from-zero", OK_ZERO | {"sigmoid": "output bias"}, "What is σ(0)?"),
    ("what-moves-from-zero", OK_ZERO | {"ever": "yes"}, "[ever] Two units with the same weights"),
    ("what-moves-from-zero", OK_ZERO | {"ever": "maybe"}, "none of the words"),
    ("a-diamond", (ONE, torch.zeros(4), torch.ones(4), -1.0), "the other way round"),
    ("a-diamond", (ONE, torch.zeros(4), -torch.ones(4), -1.0), "same answer everywhere"),
    ("a-diamond", (ONE[:3], torch.zeros(3), -torch.ones(3), 1.0), "outside, where the answer should be 0"),
    ("a-diamond", (ONE, torch.zeros(4), -2 * torch.ones(4), 1.0), "inside, where it should be 1"),
    ("a-diamond", (torch.ones(5, 2), torch.zeros(5), torch.ones(5), 0.0), "5 hidden units"),
    ("a-diamond", (ONE.T, torch.zeros(4), torch.ones(4), 0.0), "should have shape (N, 2)"),
    ("a-diamond", (ONE, torch.zeros(4), -torch.ones(4), 1.01), "close to the edge"),
    ("a-diamond", (ONE, torch.zeros(4), -torch.ones(4), 0.999), "close to the edge"),
    ("a-diamond", ONE, "A tuple (W1, b1, w2, b2)"),
    ("zigzag", lambda k: tent(k, flip=True), "upside down"),
    ("zigzag", lambda k: tent(1), "a list of 3 layers"),
    ("zigzag", one_wide_layer, "Two are allowed"),
    ("zigzag", lambda k: [*tent(k)[:-1], (torch.tensor([[1.0, 1.0]]), torch.zeros(1))], "it is not the zigzag"),
    ("zigzag", lambda k: [W for W, _ in tent(k)], "A layer is a pair"),
    ("zigzag", tent(3), "A function of (k) is wanted"),
]  # fmt: skip


RIGHT = [
    ("count-the-numbers", {name: float(value) for name, value in OK_COUNT.items()}),
    ("forward-by-hand", torch.tensor([0.0, 0.0, 2.0, -1.75])),
    (
        "a-batch-through",
        lambda X, W1, b1, W2, b2: nn.functional.linear(nn.functional.linear(X, W1, b1).relu(), W2, b2),
    ),
    (
        "three-layers-into-one",
        lambda W1, b1, W2, b2, W3, b3: (W3 @ (W2 @ W1), W3 @ W2 @ b1 + W3 @ b2 + b3),
    ),
    ("slope-of-silu", lambda z: torch.sigmoid(z) * (1 + z * torch.sigmoid(-z))),
    ("what-moves-from-zero", {name: word.upper() for name, word in OK_ZERO.items()}),
    ("a-diamond", tuple(np.asarray(part) for part in DIAMOND)),
    ("a-diamond", (3 * ONE, torch.zeros(4), -torch.ones(4), 3.0)),
    ("zigzag", lambda k: [(W.numpy(), b.tolist()) for W, b in tent(k)]),
]


# --- the module against the book's own code --------------------------------------------------------------


def test_the_counts_are_the_books():
    assert count(module.GREY) == OK_COUNT["grey"]
    assert count(module.COLOUR) == OK_COUNT["colour"]


def test_the_worked_network_is_the_books():
    network = worked_network()
    assert np.array_equal(network.hidden.weights.numpy(), module.W1_WORKED)
    assert np.array_equal(network.hidden.biases.numpy(), module.B1_WORKED)
    assert np.array_equal(network.output.weights[0].numpy(), module.W2_WORKED)
    assert float(network.output.biases) == module.B2_WORKED
    went = forward(network.layers, torch.tensor(module.X_BY_HAND), torch.relu)
    assert [*went.outputs[0].tolist(), *went.outputs[1].tolist()] == module._by_hand().tolist()


@pytest.mark.parametrize("case", module._into_one_calls(torch.Generator().manual_seed(5)))
def test_the_collapse_is_the_books(case):
    one = collapse([Dense(W, b) for W, b in zip(case[::2], case[1::2], strict=True)])
    weights, bias = module._into_one(*case)
    torch.testing.assert_close(one.weights, weights)
    torch.testing.assert_close(one.biases, bias)


@pytest.mark.parametrize("case", module._through_calls(torch.Generator().manual_seed(5)))
def test_a_batch_goes_through_as_in_the_book(case):
    X, W1, b1, W2, b2 = case
    went = forward([Dense(W1, b1), Dense(W2, b2)], X, torch.relu)
    torch.testing.assert_close(went.outputs[-1], module._through(*case))


def test_the_slope_of_silu_is_autograds():
    z = torch.randn(40, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    (slope,) = torch.autograd.grad(nn.functional.silu(z).sum(), z)
    torch.testing.assert_close(module._silu_slope(z.detach()), slope)


@pytest.mark.parametrize(("name", "activation"), [("tanh", nn.Tanh), ("sigmoid", nn.Sigmoid)])
def test_what_moves_from_zero_is_what_torch_moves(name, activation):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(2, 4), activation(), nn.Linear(4, 1))
    for parameter in network.parameters():
        nn.init.zeros_(parameter)
    x, y = torch.randn(30, 2), torch.rand(30, 1)
    (network(x) - y).square().mean().backward()
    moved = [bool((parameter.grad != 0).any()) for parameter in network.parameters()]
    assert moved == [False, False, OK_ZERO[name] != "output bias", True]
    optimizer = torch.optim.SGD(network.parameters(), lr=0.5)
    for _ in range(200):
        optimizer.zero_grad()
        (network(x) - y).square().mean().backward()
        optimizer.step()
    assert torch.allclose(network[0].weight, network[0].weight[:1], atol=1e-6)


def test_no_message_tells_a_count():
    for guess in range(60_000, 90_000, 37):
        feedback = check("count-the-numbers", {"grey": guess, "colour": guess})
        assert feedback.right or all(str(value) not in feedback.message for value in OK_COUNT.values())
