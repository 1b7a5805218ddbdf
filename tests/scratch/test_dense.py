"""The dense layer by hand against torch: value and gradient, counts, the collapse, and the worked network."""

import itertools

import pytest
import torch
from torch import nn

from groundtruth.scratch.dense import Dense, collapse, count, forward, worked_network

SHAPES = [*itertools.product((1, 2, 9), (1, 3, 7), (1, 4), (0, 1))]


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def random_layers(sizes, seed=0):
    return [
        Dense(draw(units, inputs, seed=seed + 10 * i), draw(units, seed=seed + 10 * i + 5))
        for i, (inputs, units) in enumerate(itertools.pairwise(sizes))
    ]


def as_linear(layer):
    theirs = nn.Linear(layer.inputs, layer.units).double()
    with torch.no_grad():
        theirs.weight.copy_(layer.weights)
        theirs.bias.copy_(layer.biases)
    return theirs


# --- one layer against the library ------------------------------------------------------------------------


@pytest.mark.parametrize(("examples", "inputs", "units", "seed"), SHAPES)
def test_forward_and_backward_are_those_of_linear(examples, inputs, units, seed):
    layer = Dense(draw(units, inputs, seed=seed), draw(units, seed=seed + 1))
    theirs = as_linear(layer)
    x = draw(examples, inputs, seed=seed + 2).requires_grad_()
    slope = draw(examples, units, seed=seed + 3)
    scores = theirs(x)
    scores.backward(slope)
    torch.testing.assert_close(layer.forward(x.detach()), scores.detach())
    found = layer.backward(x.detach(), slope)
    torch.testing.assert_close(found.weights, theirs.weight.grad)
    torch.testing.assert_close(found.biases, theirs.bias.grad)
    torch.testing.assert_close(found.inputs, x.grad)
    assert layer.parameters == sum(p.numel() for p in theirs.parameters())


def test_one_example_is_a_batch_without_its_first_axis():
    layer = Dense(draw(4, 3), draw(4, seed=1))
    x = draw(3, seed=2)
    torch.testing.assert_close(layer.forward(x), layer.forward(x[None])[0])


@pytest.mark.parametrize(
    "planted",
    [
        lambda layer, x, g: (
            g.T @ x / len(x),
            g.sum(dim=0),
            g @ layer.weights,
        ),  # the mean is the loss's affair
        lambda layer, x, g: (g.T @ x, g.mean(dim=0), g @ layer.weights),
        lambda layer, x, g: (g.T @ x, g.sum(dim=0), g @ layer.weights.T),
        lambda layer, x, g: ((g.T @ x).T, g.sum(dim=0), g @ layer.weights),
    ],
)
def test_planted_faults_would_be_seen(planted):
    layer = Dense(draw(3, 3), draw(3, seed=1))  # square: a transpose is no fault of shape
    x, slope = draw(5, 3, seed=2), draw(5, 3, seed=3)
    right = layer.backward(x, slope)
    wrong = planted(layer, x, slope)
    same = [
        torch.allclose(a, b) for a, b in zip((right.weights, right.biases, right.inputs), wrong, strict=True)
    ]
    assert sum(same) == 2


# --- networks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(3, 1), (2, 5, 1), (4, 3, 3, 2), (1, 6, 1, 6, 1)])
@pytest.mark.parametrize("activation", [torch.relu, torch.tanh])
def test_a_network_is_torchs_and_keeps_its_record(sizes, activation):
    layers = random_layers(sizes)
    x = draw(6, sizes[0], seed=99)
    went = forward(layers, x, activation)
    expected = x
    for number, layer in enumerate(layers):
        expected = as_linear(layer)(expected)
        torch.testing.assert_close(went.scores[number], expected.detach())
        if number < len(layers) - 1:
            expected = activation(expected)
        torch.testing.assert_close(went.outputs[number], expected.detach())
    assert len(went.scores) == len(went.outputs) == len(layers)


@pytest.mark.parametrize("sizes", [(3, 1), (2, 5, 1), (784, 128, 10), (2, 3, 4, 5, 6)])
def test_count_is_torchs(sizes):
    theirs = nn.Sequential(*(nn.Linear(a, b) for a, b in itertools.pairwise(sizes)))
    assert count(sizes) == sum(p.numel() for p in theirs.parameters())
    assert count(sizes) == sum(layer.parameters for layer in random_layers(sizes))


def test_known_counts():
    assert count((784, 128, 10)) == 101_770
    assert count((2, 5, 1)) == 21


@pytest.mark.parametrize("sizes", [(3, 2), (2, 5, 1), (4, 3, 3, 2), (2, 1, 7)])
def test_without_activation_many_layers_are_one(sizes):
    layers = random_layers(sizes)
    x = draw(20, sizes[0], seed=5)
    one = collapse(layers)
    torch.testing.assert_close(one.forward(x), forward(layers, x, lambda z: z).outputs[-1])
    assert one.weights.shape == (sizes[-1], sizes[0])
    bent = forward(layers, x, torch.relu).outputs[-1]
    assert torch.allclose(bent, one.forward(x)) == (len(sizes) == 2)  # with an activation they are not


# --- the worked network -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_worked_networks_numbers(dtype):
    network = worked_network(dtype)
    went = forward(network.layers, network.x, torch.relu)
    assert went.scores[0].tolist() == [0.5, 2.0, -1.5]
    assert went.outputs[0].tolist() == [0.5, 2.0, 0.0]
    assert went.outputs[1].tolist() == [1.75]
    assert network.target.tolist() == [1.0]
    assert went.outputs[1].dtype == dtype
    assert sum(layer.parameters for layer in network.layers) == count((2, 3, 1)) == 13


def test_the_worked_network_is_made_anew_each_time():
    worked_network().hidden.weights.zero_()
    assert worked_network().hidden.weights.tolist() == [[0.5, -1.0], [1.0, 0.5], [-1.0, 0.5]]


# --- wrong input ------------------------------------------------------------------------------------------


def test_wrong_input_is_named():
    layer = Dense(draw(4, 3), draw(4))
    with pytest.raises(ValueError, match=r"weights \(K, D\)"):
        Dense(draw(4, 3), draw(3))
    with pytest.raises(ValueError, match=r"weights \(K, D\)"):
        Dense(draw(4), draw(4))
    with pytest.raises(ValueError, match=r"inputs must have shape \(N, 3\)"):
        layer.forward(draw(5, 4))
    with pytest.raises(ValueError, match=r"inputs must have shape"):
        layer.backward(draw(3), draw(4))
    with pytest.raises(ValueError, match="slope must have the shape of the scores"):
        layer.backward(draw(5, 3), draw(5, 3))
    with pytest.raises(ValueError, match="at least one layer"):
        forward([], draw(2), torch.relu)
    with pytest.raises(ValueError, match="at least one layer"):
        collapse([])
    with pytest.raises(ValueError, match="cannot follow"):
        collapse([layer, Dense(draw(2, 3), draw(2))])
    with pytest.raises(ValueError, match="input and an output size"):
        count((3,))
    with pytest.raises(ValueError, match="input and an output size"):
        count((3, 0, 1))
