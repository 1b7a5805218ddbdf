"""Networks side by side against the same networks one by one in torch: logits, losses, gradients, counts."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from groundtruth.scratch import side_by_side

CASES = [((4, 3), 1, 1), ((5, 7, 3), 3, 6), ((6, 8, 4, 2), 4, 5)]


def networks(weights, sizes):
    made = []
    for row in range(len(weights)):
        parts = []
        for w, b in side_by_side.layers(weights, sizes):
            layer = nn.Linear(*w.shape[1:], dtype=torch.float64)
            layer.weight.data, layer.bias.data = w[row].T.clone(), b[row, 0].clone()
            parts += [layer, nn.ReLU()]
        made.append(nn.Sequential(*parts[:-1]))
    return made


def sample(sizes, runs, examples):
    generator = torch.Generator().manual_seed(0)
    weights = side_by_side.start(sizes, range(runs)).double()
    weights = weights + 0.1 * torch.randn(weights.shape, generator=generator, dtype=torch.float64)
    x = torch.randn(runs, examples, sizes[0], generator=generator, dtype=torch.float64)
    return weights, x, torch.randint(sizes[-1], (runs, examples), generator=generator)


@pytest.mark.parametrize(("sizes", "runs", "examples"), CASES)
def test_each_row_is_a_network_of_its_own(sizes, runs, examples):
    weights, x, y = sample(sizes, runs, examples)
    scores = side_by_side.logits(weights, sizes, x)
    losses, slopes = side_by_side.gradients(weights, sizes, x, y)
    for row, net in enumerate(networks(weights, sizes)):
        torch.testing.assert_close(scores[row], net(x[row]))
        loss = F.cross_entropy(net(x[row]), y[row])
        loss.backward()
        torch.testing.assert_close(losses[row], loss.detach())
        theirs = torch.cat([part.grad.t().flatten() for part in net.parameters()])
        torch.testing.assert_close(slopes[row], theirs)
    assert not losses.requires_grad


@pytest.mark.parametrize(("sizes", "runs", "examples"), CASES)
def test_one_batch_for_all(sizes, runs, examples):
    weights, x, y = sample(sizes, runs, examples)
    copies = x[0].expand(runs, -1, -1), y[0].expand(runs, -1)
    torch.testing.assert_close(
        side_by_side.losses(weights, sizes, x[0], y[0]), side_by_side.losses(weights, sizes, *copies)
    )


def test_a_row_does_not_depend_on_the_others():
    together = side_by_side.start((5, 4, 3), [3, 1, 2])
    assert torch.equal(together[1], side_by_side.start((5, 4, 3), [1])[0])
    (first, zeros), _ = side_by_side.layers(side_by_side.start((400, 100, 10), [0]), (400, 100, 10))
    assert float(first.var()) == pytest.approx(2 / 400, rel=0.03)
    assert not zeros.any()


def test_accuracy_is_counted_over_all_chunks():
    weights, x, y = sample((5, 7, 3), 3, 10)
    inputs, labels = x[0].float(), y[0]
    got = side_by_side.accuracies(weights.float(), (5, 7, 3), inputs, labels, rows=4)
    scores = side_by_side.logits(weights.float(), (5, 7, 3), inputs)
    torch.testing.assert_close(got, (scores.argmax(2) == labels).float().mean(1))


def test_counts():
    for sizes in ((4, 3), (196, 64, 10), (2, 3, 4, 5)):
        layers = [nn.Linear(a, b) for a, b in pairwise(sizes)]
        assert side_by_side.count(sizes) == sum(p.numel() for layer in layers for p in layer.parameters())


@pytest.mark.parametrize("sizes", [(3,), (3, 0), ()])
def test_sizes_that_are_no_network(sizes):
    with pytest.raises(ValueError, match="an input and an output size"):
        side_by_side.count(sizes)


def test_rows_of_another_length():
    with pytest.raises(ValueError, match=r"must have shape \(R, 15\)"):
        side_by_side.layers(torch.zeros(2, 14), (4, 3))
    with pytest.raises(ValueError, match=r"must have shape \(R, 15\)"):
        side_by_side.layers(torch.zeros(15), (4, 3))
