"""Wrong answers to the chapter's exercises, the sentence meant for each, and the facts the text leans on."""

import pytest
import torch

from groundtruth.exercises import backpropagation as module
from groundtruth.exercises.backpropagation import check, suspects
from groundtruth.scratch.autodiff import Array, sum_to
from groundtruth.scratch.losses import finite_difference
from groundtruth.scratch.scalar_autodiff import Value

OK_WAY = {"forward": 3, "reverse": 1000, "training": "reverse"}
OK_SCALE = {"loss": "stays", "first": 1 / 3, "second": 3.0, "product": "stays"}


def by_recursion(parents, output):
    order = []

    def visit(name):
        if name not in order:
            for parent in parents[name]:
                visit(parent)
            order.append(name)

    visit(output)
    return order


def by_stack(parents, output):
    order, seen, stack = [], set(), [(output, False)]
    while stack:
        name, done = stack.pop()
        if done:
            order.append(name)
        elif name not in seen:
            seen.add(name)
            stack += [(name, True), *((parent, False) for parent in parents[name])]
    return order


def by_breadth(parents, output):  # the first visit decides: a diamond breaks it
    order, queue = [], [output]
    while queue:
        name = queue.pop(0)
        if name not in order:
            order.append(name)
            queue += parents[name]
    return order[::-1]


def through_the_layer(X, W, G):  # without ReLU
    return G @ W, G.T @ X, G.sum(0)


def central(f, x):
    return (f(x + 1e-5) - f(x - 1e-5)) / 2e-5


WRONG = [
    ("one-hidden-unit", [6, 2, -4, -2], "2 of the square"),
    ("one-hidden-unit", [-12, -4, 8, 4], "Every sign"),
    ("one-hidden-unit", [-12, -4, -8, -4], "passes the last weight"),
    ("one-hidden-unit", [4, 4, -8, -4], "what came along"),
    ("one-hidden-unit", [-8, -4, 12, 4], "changed places"),
    ("one-hidden-unit", [12, 4], "shape"),
    ("which-way", OK_WAY | {"forward": 1000}, "start from an output"),
    ("which-way", OK_WAY | {"reverse": 3}, "start from an input"),
    ("which-way", OK_WAY | {"reverse": 1}, "one output alone"),
    ("which-way", OK_WAY | {"training": "forward"}, "How many outputs"),
    ("layer-backward", module._mean_bias, "not averaged"),
    ("layer-backward", module._mean_all, "in G already"),
    ("layer-backward", lambda X, W, b, G: through_the_layer(X, W, G), "not gone back through ReLU"),
    ("layer-backward", lambda X, W, b, G: through_the_layer(X, W, G * (G > 0)), "sign of the *score*"),
    ("layer-backward", lambda X, W, b, G: through_the_layer(X, W, G * (X @ W.T > 0)), "have a bias"),
    ("layer-backward", lambda X, W, b, G: (G @ W, X.T @ G, G.sum(0)), "shape"),
    ("layer-backward", lambda X, W, b, G: (G @ W, G.T @ X, G.sum(1)), "shape"),
    ("sum-out", module._mean_out, "averaged the copies"),
    ("sum-out", lambda gradient, shape: gradient, "shape"),
    ("sum-out", lambda gradient, shape: gradient.sum(0), "shape"),
    ("in-order", by_recursion, "recursion ends"),
    ("in-order", by_breadth, "before one that it is computed from"),
    ("in-order", lambda parents, output: by_stack(parents, output)[::-1], "wrong way round"),
    ("in-order", lambda parents, output: [output], "lacks a name"),
    ("in-order", lambda parents, output: list(parents)[::-1], "does not depend on"),
    ("in-order", lambda parents, output: [*by_stack(parents, output), output], "twice"),
    ("in-order", lambda parents, output: 3, "list of names"),
    ("in-order", lambda parents, output: parents["nobody"], "KeyError"),
    ("dual-numbers", central, "not exact"),
    ("dual-numbers", lambda f, x: 1.0, "not the slope"),
    ("dual-numbers", lambda f, x: f(x), "not the slope"),
    ("three-times-a-third", OK_SCALE | {"loss": "grows"}, "three times ReLU"),
    ("three-times-a-third", OK_SCALE | {"first": 3.0}, "other way round"),
    ("three-times-a-third", OK_SCALE | {"second": 1.0}, "has grown"),
    ("three-times-a-third", OK_SCALE | {"product": "changes"}, "Multiply the factor"),
    ("find-the-fault", [2], "goes free"),
    ("find-the-fault", [3], "goes free"),
    ("find-the-fault", [1, 2, 3], "accuse one that is right"),
    ("find-the-fault", [5], "numbered from 0 to 4"),
]  # fmt: skip


def dual_by_torch(f, x):
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    f(leaf).backward()
    return leaf.grad


def dual_by_the_book(f, x):
    value = Value(x)
    f(value).backward()
    return value.grad


def layer_by_the_book(X, W, b, G):
    x, w, b = Array(X), Array(W), Array(b)
    ((x @ w.T + b).relu() * G).sum().backward()
    return x.grad, w.grad, b.grad


RIGHT = [
    ("one-hidden-unit", torch.tensor([12.0, 4.0, -8.0, -4.0])),
    ("which-way", OK_WAY),
    ("layer-backward", layer_by_the_book),
    ("sum-out", sum_to),
    ("in-order", by_stack),
    ("dual-numbers", dual_by_torch),
    ("dual-numbers", dual_by_the_book),
    ("three-times-a-third", OK_SCALE),
    ("find-the-fault", (3, 2)),
]


def test_the_guilty_are_guilty_and_the_others_are_not():
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(50, 4, generator=generator, dtype=torch.float64)
    for number, (loss, gradient) in enumerate(suspects()):
        gaps = []
        for point in points:
            slope = finite_difference(loss, point, 1e-5)
            gaps.append(float((gradient(point) - slope).norm() / (slope.norm() + 1e-12)))
        assert (max(gaps) > 1e-5) == (number in module.GUILTY)
    forgiving = finite_difference(suspects()[2][0], points[0].abs(), 1e-5)
    torch.testing.assert_close(suspects()[2][1](points[0].abs()), forgiving)  # right where all are positive


def test_one_hidden_unit_is_torchs():
    leaf = torch.tensor([0.5, 0.5, -1.0, 1.0], dtype=torch.float64, requires_grad=True)
    (((leaf[0] * 3 + leaf[1]).relu() * leaf[2] + leaf[3] - 1) ** 2).backward()
    assert leaf.grad.tolist() == module._one_unit().tolist()


def test_three_times_a_third():
    generator = torch.Generator().manual_seed(1)
    shapes = [(5, 3), (4, 5), (1, 4)]
    start = [torch.randn(*s, generator=generator, dtype=torch.float64) for s in shapes]
    x = torch.randn(9, 3, generator=generator, dtype=torch.float64)

    def run(factors):
        weights = [Array(w * f) for w, f in zip(start, factors, strict=True)]
        h = Array(x, constant=True)
        for w in weights:
            z = h @ w.T
            h = z.relu()
        loss = ((z - 1) ** 2).mean()
        loss.backward()
        return float(loss.data), [w.grad for w in weights], [float((w.data * w.grad).sum()) for w in weights]

    loss, slopes, products = run((1, 1, 1))
    other, changed, others = run((3, 1 / 3, 1))
    assert other == pytest.approx(loss)
    torch.testing.assert_close(changed[0], slopes[0] / 3)
    torch.testing.assert_close(changed[1], slopes[1] * 3)
    torch.testing.assert_close(changed[2], slopes[2])
    assert products == pytest.approx([products[0]] * 3)
    assert others == pytest.approx(products)


@pytest.mark.parametrize("case", module._layer_calls(torch.Generator().manual_seed(5)))
def test_the_layer_is_the_books(case):
    for ours, book in zip(module._layer(*case), layer_by_the_book(*case), strict=True):
        torch.testing.assert_close(ours, book)


def test_no_message_tells_the_suspects():
    for answer in ([0], [1], [2], [3], [4], [0, 1], [2, 3, 4]):
        message = check("find-the-fault", answer).message
        assert "2" not in message
        assert "3" not in message
