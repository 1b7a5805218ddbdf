"""Hebb's rule with decay finds the direction of most variance; without, it grows without end."""

import pytest
import torch

from groundtruth.history.hebb import learn, principal_direction


def cloud(count=3000):
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(count, 3, generator=generator, dtype=torch.float64) * torch.tensor([3.0, 1.0, 0.5])
    turn = torch.linalg.qr(torch.randn(3, 3, generator=generator, dtype=torch.float64)).Q
    return x @ turn, turn[0]


def test_with_decay_length_and_direction_are_ojas():
    x, direction = cloud()
    start = torch.nn.functional.normalize(torch.ones(1, 3).double())
    w = learn(x, start, rate=0.05)[0]
    assert float(w.norm()) == pytest.approx(1, abs=0.05)
    assert float((w @ direction).abs() / w.norm()) > 0.99
    assert float((principal_direction(x) @ direction).abs()) > 0.999


def test_hebbs_rule_alone_grows_without_end():
    x, _ = cloud(500)
    start = torch.nn.functional.normalize(torch.ones(1, 3).double())
    first, second = learn(x[:250], start, 0.01, decay=False), learn(x, start, 0.01, decay=False)
    assert float(first.norm()) > 10
    assert float(second.norm()) > 10 * float(first.norm())


def test_orders_of_their_own_side_by_side():
    x, _ = cloud(50)
    start = torch.eye(3, dtype=torch.float64)[:2]
    both = learn(torch.stack([x, x.flip(0)], dim=1), start, 0.05)
    torch.testing.assert_close(both[0], learn(x, start[:1], 0.05)[0])
    torch.testing.assert_close(both[1], learn(x.flip(0), start[1:], 0.05)[0])


def test_sizes_must_fit():
    with pytest.raises(ValueError, match="weights"):
        learn(torch.zeros(3, 2), torch.zeros(1, 3), 0.1)
