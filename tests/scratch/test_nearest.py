"""Neighbours by angle against scikit-learn, and the share of one class counted by hand."""

import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from groundtruth.scratch.nearest import nearest, same_class


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize(("queries", "bank", "size", "count"), [(1, 1, 1, 1), (5, 9, 3, 4), (20, 50, 17, 50)])
def test_neighbours_are_those_of_the_library(queries, bank, size, count):
    q, b = draw(queries, size), draw(bank, size, seed=1)
    theirs = NearestNeighbors(n_neighbors=count, metric="cosine", algorithm="brute").fit(b.numpy())
    assert nearest(q, b, count).tolist() == theirs.kneighbors(q.numpy(), return_distance=False).tolist()


def test_length_does_not_count():
    q, b = draw(5, 3), draw(9, 3, seed=1)
    assert torch.equal(nearest(100 * q, b * torch.arange(1, 10)[:, None], 9), nearest(q, b, 9))


def test_the_share_of_the_own_class():
    neighbours = torch.tensor([[0, 1], [2, 0], [2, 1]])
    shares = same_class(neighbours, torch.tensor([1, 1, 0]), torch.tensor([1, 0, 0]))
    assert shares.tolist() == [0.5, 0.5, 1.0]


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="queries"):
        nearest(draw(2, 3), draw(2, 4), 1)
    with pytest.raises(ValueError, match="from 1 to 2"):
        nearest(draw(2, 3), draw(2, 3), 3)
    with pytest.raises(ValueError, match="no direction"):
        nearest(torch.zeros(1, 3), draw(2, 3), 1)
