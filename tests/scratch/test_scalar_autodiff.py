"""The scalar engine against torch: values and gradients of single operations and of random graphs."""

import math
import random
import sys
from itertools import pairwise

import pytest
import torch

from groundtruth.scratch.scalar_autodiff import Value, as_value, as_values, flat, forward_slope, network_loss

# name: (ours, torch's, lowest and highest input)
UNARY = {
    "exp": (Value.exp, torch.exp, -3, 3),
    "log": (Value.log, torch.log, 0.1, 4),
    "tanh": (Value.tanh, torch.tanh, -4, 4),
    "sigmoid": (Value.sigmoid, torch.sigmoid, -40, 40),
    "relu": (Value.relu, torch.relu, -2, 2),
    "negative": (lambda v: -v, lambda t: -t, -2, 2),
    "square": (lambda v: v**2, lambda t: t**2, -2, 2),
    "inverse cube": (lambda v: v**-3, lambda t: t**-3, 0.3, 2),
    "root": (lambda v: v**0.5, lambda t: t**0.5, 0.1, 2),
    "power 0": (lambda v: v**0, lambda t: t**0, -2, 2),
    "number on the left": (
        lambda v: 3 - 2 * v + 1 / v + (4 + v),
        lambda t: 3 - 2 * t + 1 / t + (4 + t),
        0.3,
        2,
    ),
}
BINARY = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b,
    "over": lambda a, b: a / b,
}


def leaf(number):
    return torch.tensor(number, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("seed", range(8))
def test_one_operation(name, seed):
    ours, theirs, low, high = UNARY[name]
    number = random.Random(seed).uniform(low, high)
    value, tensor = Value(number), leaf(number)
    result, expected = ours(value), theirs(tensor)
    result.backward()
    expected.backward()
    assert result.data == pytest.approx(expected.item(), rel=1e-13)
    assert value.grad == pytest.approx(tensor.grad.item(), rel=1e-12, abs=1e-15)
    assert result.grad == 1


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("numbers", [(1.5, -2.0), (-0.3, 0.7), (4.0, 4.0)])
def test_two_operands(name, numbers):
    values, tensors = [Value(n) for n in numbers], [leaf(n) for n in numbers]
    result, expected = BINARY[name](*values), BINARY[name](*tensors)
    result.backward()
    expected.backward()
    assert result.data == pytest.approx(expected.item())
    for value, tensor in zip(values, tensors, strict=True):
        assert value.grad == pytest.approx(tensor.grad.item())


STEPS = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b.tanh(),
    lambda a, b: a / (b * b + 1),
    lambda a, b: a.tanh().exp(),
    lambda a, b: (b.sigmoid() + 0.5).log(),
    lambda a, b: a.relu(),
    lambda a, b: a.tanh() ** 3,
    lambda a, b: a + a * a.sigmoid(),
]


def graph(seed, leaves, kind):
    """Build the same random graph of about thirty operations from `leaves`: values are used again and again."""
    draw, pool = random.Random(seed), list(leaves)
    for _ in range(30):
        a, b = draw.choice(pool), draw.choice(pool)
        pool.append(draw.choice(STEPS)(a, b))
    total = pool[-1]
    for value in pool:
        total = total + value
    return total if kind == "open" else total.tanh()


@pytest.mark.parametrize("kind", ["open", "closed"])
@pytest.mark.parametrize("seed", range(25))
def test_random_graphs(seed, kind):
    numbers = [random.Random(1000 + seed).gauss(0, 1) for _ in range(4)]
    values, tensors = [Value(n) for n in numbers], [leaf(n) for n in numbers]
    ours, theirs = graph(seed, values, kind), graph(seed, tensors, kind)
    arrows = ours.backward()
    theirs.backward()
    assert ours.data == pytest.approx(theirs.item(), rel=1e-11)
    for value, tensor in zip(values, tensors, strict=True):
        assert value.grad == pytest.approx(tensor.grad.item(), rel=1e-9, abs=1e-12)
        forward, walked = forward_slope(ours, value)
        assert forward == pytest.approx(value.grad, rel=1e-9, abs=1e-12)
        assert walked == arrows == sum(len(v.parents) for v in ours.ordered())


# --- faults that have been made before ------------------------------------------------------------


def test_a_value_used_twice_adds_up():
    x = Value(3.0)
    y = x * x + x
    y.backward()
    assert (y.data, x.grad) == (12.0, 7.0)
    square = Value(5.0)
    (square + square).backward()
    assert square.grad == 2.0


def test_the_order_matters_in_a_diamond():
    # A walk that hands on before a slope is complete gives 2·… too little or too much here.
    x = Value(2.0)
    a = x * x  # 4
    b = a + x  # 6, uses x again
    c = a * b  # 24, uses a again
    c.backward()
    assert x.grad == pytest.approx(4 * 8 + 3 * 4)  # d(x⁴ + x³) = 4x³ + 3x²
    order = [id(v) for v in c.ordered()]
    assert order == list(dict.fromkeys(order))
    assert order.index(id(x)) < order.index(id(a)) < order.index(id(b)) < order.index(id(c))


def test_gradients_add_up_over_calls_as_in_torch():
    x, t = Value(0.7), leaf(0.7)
    ours, theirs = (x * x).tanh() * x, (t * t).tanh() * t
    for _ in range(3):  # through inner values that are kept
        ours.backward()
        theirs.backward(retain_graph=True)
        assert x.grad == pytest.approx(t.grad.item())
    (x * 5).backward()
    (t * 5).backward()
    assert x.grad == pytest.approx(t.grad.item())


def test_a_long_chain_needs_no_recursion():
    x = Value(1.0)
    y = x
    for _ in range(20 * sys.getrecursionlimit()):
        y = y + 0.001
    y.backward()
    assert x.grad == 1.0
    assert forward_slope(y, x)[0] == 1.0


def test_edges():
    for number in (0.0, -0.0):
        zero, t = Value(number), leaf(number)
        zero.relu().backward()
        torch.relu(t).backward()
        assert zero.grad == t.grad.item() == 0
    for number in (-1000.0, 1000.0):  # no overflow
        assert Value(number).sigmoid().data == pytest.approx(
            1 / (1 + math.exp(-number)) if number > 0 else 0.0
        )
    lonely = Value(2.0)
    assert lonely.backward() == 0
    assert lonely.grad == 1
    other = Value(1.0)
    assert forward_slope(lonely * 2, other)[0] == 0
    assert "grad=1" in repr(lonely)


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="every parent needs one slope"):
        Value(1.0, (Value(2.0),), ())
    with pytest.raises(ValueError, match="division by a Value of 0"):
        Value(1.0) / Value(0.0)
    for number in (0.0, -1.0):
        with pytest.raises(ValueError, match="log needs a Value above 0"):
            Value(number).log()
    with pytest.raises(ValueError, match="not a real number"):
        Value(-1.0) ** 0.5
    for exponent in (0.5, -1):
        with pytest.raises(ValueError, match="no finite value and slope"):
            Value(0.0) ** exponent
    for exponent in (Value(2.0), "2", True):
        with pytest.raises(TypeError, match="exponent must be a number"):
            Value(1.0) ** exponent
    for number in ("1", None, True, torch.ones(2)):
        with pytest.raises(TypeError, match="a Value or a number"):
            as_value(number)


@pytest.mark.parametrize(
    ("sizes", "count"), [((2, 3, 1), 4), ((1, 1), 1), ((3, 5, 4, 1), 6), ((2, 1, 2, 1), 3)]
)
def test_a_network_is_torchs(sizes, count):
    generator = torch.Generator().manual_seed(sum(sizes))
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
    x, y = draw(count, sizes[0]), draw(count)
    leaves = [draw(*shape).requires_grad_() for d, k in pairwise(sizes) for shape in ((k, d), (k,))]
    h = x
    for i in range(0, len(leaves), 2):
        h = h @ leaves[i].T + leaves[i + 1]
        h = h.relu() if i + 2 < len(leaves) else h
    loss = ((h[:, 0] - y) ** 2).mean()
    loss.backward()

    ours = [as_values(leaf.tolist()) for leaf in leaves]
    total = network_loss(ours, x.tolist(), y.tolist())
    total.backward()
    assert total.data == pytest.approx(loss.item())
    slopes = torch.tensor([value.grad for value in flat(ours)], dtype=torch.float64)
    torch.testing.assert_close(slopes, torch.cat([leaf.grad.flatten() for leaf in leaves]))


def test_a_network_that_does_not_fit_is_refused():
    layer = as_values([[[1.0, 2.0]], [0.5]])
    assert network_loss(layer, [[1.0, 1.0]], [3.0]).data == 0.25
    for x, y in (([], []), ([[1.0, 1.0]], [1.0, 2.0])):
        with pytest.raises(ValueError, match="as many targets as inputs"):
            network_loss(layer, x, y)
    with pytest.raises(ValueError, match=r"shorter|longer"):
        network_loss(layer, [[1.0]], [1.0])
    with pytest.raises(ValueError, match="one output"):
        network_loss(as_values([[[1.0], [1.0]], [0.0, 0.0]]), [[1.0]], [1.0])
