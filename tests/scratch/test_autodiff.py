"""The matrix engine against torch: values and gradients of single operations, random shapes and random graphs."""

import itertools
import random
import sys

import pytest
import torch
from torch.nn import functional

from groundtruth.scratch.autodiff import Array, sum_to
from groundtruth.scratch.losses import finite_difference
from groundtruth.scratch.scalar_autodiff import Value


def pair(*shape, seed=0, low=None):
    """The same random numbers as an Array and as a leaf of torch's; all above `low` where it is given."""
    numbers = torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    numbers = numbers if low is None else numbers.abs() + low
    return Array(numbers.clone()), numbers.clone().requires_grad_()


def agree(ours, theirs, leaves, seed=99):
    """Compare the results, and all gradients of a random weighted sum of their entries."""
    torch.testing.assert_close(ours.data, theirs.detach())
    weights = torch.randn(ours.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    (ours * weights).sum().backward()
    (theirs * weights).sum().backward()
    for array, tensor in leaves:
        assert array.grad.shape == tensor.shape
        torch.testing.assert_close(array.grad, tensor.grad)


SHAPES = [(1, 1), (1, 4), (3, 1), (5, 4)]
UNARY = {
    "relu": (Array.relu, torch.relu),
    "tanh": (Array.tanh, torch.tanh),
    "sigmoid": (Array.sigmoid, torch.sigmoid),
    "exp": (Array.exp, torch.exp),
    "log": (Array.log, torch.log),
    "negative": (lambda a: -a, lambda t: -t),
    "cube": (lambda a: a**3, lambda t: t**3),
    "inverse root": (lambda a: a**-0.5, lambda t: t**-0.5),
    "power 0": (lambda a: a**0, lambda t: t**0),
    "transpose": (lambda a: a.T, lambda t: t.T),
    "sum": (Array.sum, torch.sum),
    "sum of columns": (lambda a: a.sum(0), lambda t: t.sum(0)),
    "sum of rows": (lambda a: a.sum(1, keepdim=True), lambda t: t.sum(1, keepdim=True)),
    "last sum": (lambda a: a.sum(-1), lambda t: t.sum(-1)),
    "mean": (Array.mean, torch.mean),
    "mean of columns": (lambda a: a.mean(0), lambda t: t.mean(0)),
    "mean of rows": (lambda a: a.mean(1, keepdim=True), lambda t: t.mean(1, keepdim=True)),
    "log softmax": (Array.log_softmax, lambda t: t.log_softmax(-1)),
    "number on the left": (lambda a: 3 - 2 * a + 1 / a, lambda t: 3 - 2 * t + 1 / t),
}


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("shape", SHAPES)
def test_one_operation(name, shape):
    ours, theirs = UNARY[name]
    positive = 0.1 if name in ("log", "inverse root", "number on the left") else None
    array, tensor = pair(*shape, low=positive)
    agree(ours(array), theirs(tensor), [(array, tensor)])


BINARY = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b,
    "over": lambda a, b: a / b,
}
BROADCAST = [
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((3, 4), (1, 4)),
    ((3, 1), (1, 4)),
    ((3, 4), ()),
    ((2, 3, 4), (3, 1)),
]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("shapes", [*BROADCAST, *(pair[::-1] for pair in BROADCAST[1:])])
def test_broadcasting(name, shapes):
    a, ta = pair(*shapes[0], seed=1)
    b, tb = pair(*shapes[1], seed=2, low=0.2)
    agree(BINARY[name](a, b), BINARY[name](ta, tb), [(a, ta), (b, tb)])


@pytest.mark.parametrize("sizes", [*itertools.product((1, 2, 7), (1, 5), (1, 3))])
def test_products(sizes):
    n, k, m = sizes
    a, ta = pair(n, k, seed=3)
    b, tb = pair(k, m, seed=4)
    agree(a @ b, ta @ tb, [(a, ta), (b, tb)])


@pytest.mark.parametrize(("n", "classes"), [(1, 2), (6, 3), (20, 10)])
def test_cross_entropy(n, classes):
    generator = torch.Generator().manual_seed(n)
    labels = torch.randint(classes, (n,), generator=generator)
    array, tensor = pair(n, classes, seed=5)
    agree(array.cross_entropy(labels), functional.cross_entropy(tensor, labels), [(array, tensor)])
    large = Array(1000 * array.data)  # no overflow
    torch.testing.assert_close(
        large.cross_entropy(labels).data, functional.cross_entropy(1000 * tensor.detach(), labels)
    )


# of a and b, any two values of the graph, and s, one of its square matrices
STEPS = [
    lambda a, b, s: (a + b).tanh(),
    lambda a, b, s: a * b.sigmoid(),
    lambda a, b, s: a / (b * b + 1),
    lambda a, b, s: s @ s.T * 0.1,
    lambda a, b, s: a.relu() - b,
    lambda a, b, s: (s.sum(1, keepdim=True) - b).tanh(),
    lambda a, b, s: (a.tanh().exp() + 0.5).log(),
    lambda a, b, s: s.log_softmax() if isinstance(s, Array) else s.log_softmax(-1),
    lambda a, b, s: s.mean(0, keepdim=True) * a,
]


def graph(seed, leaves):
    """Build the same random graph from matrices (4, 4), (4, 1) and (1, 4): values are used again and again."""
    draw, pool = random.Random(seed), list(leaves)
    for _ in range(20):
        a, b = draw.choice(pool), draw.choice(pool)
        square = draw.choice([v for v in pool if tuple(v.shape) == (4, 4)])
        pool.append(draw.choice(STEPS)(a, b, square))
    total = pool[-1].sum()
    for value in pool:
        total = total + value.mean()
    return total


@pytest.mark.parametrize("seed", range(25))
def test_random_graphs(seed):
    leaves = [pair(*shape, seed=100 * seed + i) for i, shape in enumerate([(4, 4), (4, 1), (1, 4), (4, 4)])]
    ours, theirs = graph(seed, [a for a, _ in leaves]), graph(seed, [t for _, t in leaves])
    ours.backward()
    theirs.backward()
    torch.testing.assert_close(ours.data, theirs.detach())
    for array, tensor in leaves:
        torch.testing.assert_close(array.grad, tensor.grad)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("sizes", [(2, 3, 1), (3, 5, 4, 2)])
def test_a_network_equals_torch_differences_and_the_scalar_engine(activation, sizes):
    generator = torch.Generator().manual_seed(len(sizes))
    shapes = [s for a, b in itertools.pairwise(sizes) for s in ((b, a), (b,))]
    start = [torch.randn(*s, generator=generator, dtype=torch.float64) for s in shapes]
    x = torch.randn(6, sizes[0], generator=generator, dtype=torch.float64)
    y = torch.randn(6, sizes[-1], generator=generator, dtype=torch.float64)

    def loss_of(parameters, inputs):
        h = inputs
        for i in range(0, len(parameters), 2):
            h = h @ parameters[i].T + parameters[i + 1]
            h = getattr(h, activation)() if i + 2 < len(parameters) else h
        return ((h - y) ** 2).mean()

    arrays = [Array(p) for p in start]
    tensors = [p.clone().requires_grad_() for p in start]
    ours, theirs = loss_of(arrays, Array(x, constant=True)), loss_of(tensors, x)
    ours.backward()
    theirs.backward()
    torch.testing.assert_close(ours.data, theirs.detach())
    for array, tensor in zip(arrays, tensors, strict=True):
        torch.testing.assert_close(array.grad, tensor.grad)

    flat = torch.cat([p.flatten() for p in start])
    cuts = [p.numel() for p in start]
    by_values = finite_difference(
        lambda v: loss_of([c.view(s) for c, s in zip(v.split(cuts), shapes, strict=True)], x), flat, 1e-6
    )
    torch.testing.assert_close(torch.cat([a.grad.flatten() for a in arrays]), by_values, rtol=1e-6, atol=1e-7)

    scalars = [[Value(number) for number in p.flatten().tolist()] for p in start]
    total = Value(0.0)
    for row, target in zip(x.tolist(), y.tolist(), strict=True):
        h = [Value(number) for number in row]
        for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
            w, b = scalars[2 * i], scalars[2 * i + 1]
            h = [sum((w[o * n_in + j] * h[j] for j in range(n_in)), b[o]) for o in range(n_out)]
            h = [getattr(v, activation)() for v in h] if i + 2 < len(sizes) else h
        for value, wanted in zip(h, target, strict=True):
            total = total + (value - wanted) ** 2 / y.numel()
    total.backward()
    assert total.data == pytest.approx(float(ours.data))
    by_scalars = torch.tensor([v.grad for values in scalars for v in values], dtype=torch.float64)
    torch.testing.assert_close(by_scalars, torch.cat([a.grad.flatten() for a in arrays]))


# --- faults that have been made before ------------------------------------------------------------


def test_gradients_add_up_over_calls_as_in_torch():
    array, tensor = pair(3, 2)
    ours, theirs = ((array * array).tanh() @ array.T).sum(), ((tensor * tensor).tanh() @ tensor.T).sum()
    for _ in range(3):
        ours.backward()
        theirs.backward(retain_graph=True)
        torch.testing.assert_close(array.grad, tensor.grad)


def test_the_gradient_is_no_view_of_anything_else():
    array, _ = pair(2, 2)
    array.sum().backward()
    array.grad += 1  # an expanded view would refuse, or change other entries
    assert torch.equal(array.grad, torch.full((2, 2), 2.0, dtype=torch.float64))


def test_constants_get_no_gradient():
    array, tensor = pair(3, 2)
    inputs = Array(torch.ones(4, 3, dtype=torch.float64), constant=True)
    product = inputs @ array
    assert not product.constant
    assert (inputs * 2).constant
    product.sum().backward()
    (inputs.data @ tensor).sum().backward()
    assert inputs.grad is None
    torch.testing.assert_close(array.grad, tensor.grad)


def test_relu_at_zero_has_no_slope():
    array = Array(torch.zeros(3, dtype=torch.float64))
    array.relu().sum().backward()
    assert not array.grad.any()


def test_a_long_chain_needs_no_recursion():
    array, _ = pair(1, 1)
    y = array
    for _ in range(3 * sys.getrecursionlimit()):
        y = y + 0.001
    y.backward()
    assert float(array.grad) == 1.0


@pytest.mark.parametrize(
    ("shape", "copies"), [((4,), (3, 4)), ((3, 1), (3, 4)), ((), (2, 2)), ((1, 4), (5, 3, 4))]
)
def test_sum_to_undoes_broadcasting(shape, copies):
    leaf = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    gradient = torch.randn(copies, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    (leaf.expand(copies) * gradient).sum().backward()
    torch.testing.assert_close(sum_to(gradient, shape), leaf.grad)
    assert torch.equal(sum_to(gradient, copies), gradient)


def test_wrong_input_is_named():
    array, _ = pair(3, 2)
    with pytest.raises(TypeError, match="floating tensor"):
        Array(torch.ones(2, dtype=torch.long))
    with pytest.raises(TypeError, match="floating tensor"):
        Array([1.0])
    for exponent in (array, True):
        with pytest.raises(TypeError, match="exponent must be a number"):
            array**exponent
    for other in ("1", None, True):
        with pytest.raises(TypeError, match="an Array, a tensor or a number"):
            array + other
    for other in (array, Array(torch.ones(2))):
        with pytest.raises(ValueError, match="product needs shapes"):
            array @ other
    with pytest.raises(ValueError, match="only a matrix"):
        Array(torch.ones(2)).T  # noqa: B018
    with pytest.raises(ValueError, match="entries above 0"):
        (array * 0).log()
    with pytest.raises(ValueError, match="no mean of no entries"):
        Array(torch.ones(0, 2)).mean()
    with pytest.raises(ValueError, match="single number"):
        array.backward()
    with pytest.raises(ValueError, match="constants alone"):
        Array(torch.ones(1), constant=True).sum().backward()
    with pytest.raises(ValueError, match="logits"):
        array.cross_entropy(torch.zeros(2, dtype=torch.long))
    for shape in ((5,), (2, 2, 2), (2,)):
        with pytest.raises(ValueError, match="cannot have been broadcast"):
            sum_to(torch.ones(3, 4), shape)
