"""Parity needs a unit that sees everything; the rule shows the same."""

import pytest
import torch

from groundtruth.history.minsky_papert import corners, features, learned, order_of, parity, separable


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_the_order_of_parity_is_n(n):
    assert order_of(n) == n


def test_majority_has_order_one():
    x = corners(5)
    assert separable(features(x, 1), (x.sum(dim=1) > 2).double())


@pytest.mark.parametrize("n", [2, 3])
def test_the_rule_learns_with_order_n_and_circles_below(n):
    assert learned(n, n).converged
    stuck = learned(n, n - 1)
    assert not stuck.converged
    assert stuck.cycle


def test_features_are_all_products_up_to_the_order():
    x = corners(3)
    assert features(x, 2).shape == (8, 6)
    assert torch.equal(features(x, 3)[:, -1], x.prod(dim=1))
    assert parity(x).tolist() == [0, 1, 1, 0, 1, 0, 0, 1]
    with pytest.raises(ValueError, match="order"):
        features(x, 4)
