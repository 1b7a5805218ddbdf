import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from sklearn.linear_model import LogisticRegression

from groundtruth.scratch import probe


def problem(seed, n=40, d=7, k=3):
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(n, d, generator=draw) * 2 + 5
    labels = torch.randint(k, (n,), generator=draw)
    labels[:k] = torch.arange(k)
    return x, labels


@pytest.mark.parametrize(("n", "d", "k"), [(40, 7, 3), (12, 30, 2), (25, 1, 5)])
@pytest.mark.parametrize("penalty", [0.05, 1.0])
def test_equals_an_independent_solver(n, d, k, penalty):
    x, labels = problem(0, n, d, k)
    weights, biases = probe.fit(x, labels, k, penalty, steps=3000)
    theirs = LogisticRegression(C=1 / (penalty * n), tol=1e-8, max_iter=5000).fit(
        x.double().numpy(), labels.numpy()
    )
    ours = (x @ weights + biases).softmax(dim=1)
    assert np.abs(ours.numpy() - theirs.predict_proba(x.double().numpy())).max() < (1e-3 if k > 2 else 1)
    if k > 2:  # with two classes theirs has one weight where ours has two, and so another penalty
        assert np.abs(weights.T.numpy() - theirs.coef_).max() < 1e-3


@pytest.mark.parametrize("k", [2, 4])
def test_torch_finds_no_slope_at_the_end(k):
    x, labels = problem(1, k=k)
    weights, biases = (part.clone().requires_grad_() for part in probe.fit(x, labels, k, 0.1, steps=3000))
    loss = F.cross_entropy(x @ weights + biases, labels) + 0.05 * weights.square().sum()
    loss.backward()
    assert weights.grad.abs().max() < 1e-4
    assert biases.grad.abs().max() < 1e-4


def test_the_default_steps_are_enough_for_a_probe():
    x, labels = problem(2, n=200, d=300, k=2)
    short, long = probe.fit(x, labels, 2), probe.fit(x, labels, 2, steps=3000)
    torch.testing.assert_close(x @ short[0] + short[1], x @ long[0] + long[1], rtol=0, atol=0.02)


def test_few_examples_and_many_give_the_same_head():
    x, labels = problem(4, n=30, d=20)
    wide = torch.cat([x, torch.zeros(30, 20)], dim=1)  # more features than examples: half of them say nothing
    many, few = probe.fit(x, labels, 3), probe.fit(wide, labels, 3)
    torch.testing.assert_close(few[0][:20], many[0], rtol=0, atol=1e-5)
    torch.testing.assert_close(few[1], many[1], rtol=0, atol=1e-4)
    assert few[0][20:].abs().max() < 1e-7


def test_a_larger_penalty_makes_smaller_weights():
    x, labels = problem(3)
    sizes = [probe.fit(x, labels, 3, penalty)[0].norm() for penalty in (0.01, 0.1, 1.0)]
    assert sizes[0] > sizes[1] > sizes[2]


def test_accuracy_counts_right_answers():
    head = torch.eye(2), torch.tensor([0.0, 0.5])
    x = torch.tensor([[1.0, 0], [0, 1], [1, 0.7], [1, 0.2]])
    assert probe.accuracy(head, x, torch.tensor([0, 1, 0, 0])) == 0.75


@pytest.mark.parametrize(
    ("features", "labels", "classes", "penalty", "words"),
    [
        (torch.zeros(3), torch.zeros(3).long(), 2, 0.1, "floating"),
        (torch.zeros(3, 2), torch.zeros(2).long(), 2, 0.1, "one label each"),
        (torch.zeros(3, 2), torch.tensor([0, 1, 2]), 2, 0.1, "labels must lie"),
        (torch.zeros(3, 2), torch.zeros(3).long(), 1, 0.1, "two classes"),
        (torch.zeros(3, 2), torch.zeros(3).long(), 2, -1.0, "negative"),
    ],
)
def test_what_does_not_fit_is_refused(features, labels, classes, penalty, words):
    with pytest.raises(ValueError, match=words):
        probe.fit(features, labels, classes, penalty)
