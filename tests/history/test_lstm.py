"""The adding problem: its data, and that a short one is solved by the LSTM."""

import pytest
import torch

from groundtruth.history.lstm import CHANCE, Readers, adding, judge, train
from groundtruth.scratch.recurrent import unroll


def test_sequences_hold_two_marks_and_their_sum():
    x, y = adding(200, 20, torch.Generator().manual_seed(0))
    assert x.shape == (20, 200, 2)
    assert (x[:10, :, 1].sum(dim=0) == 1).all()
    assert (x[10:, :, 1].sum(dim=0) == 1).all()
    torch.testing.assert_close((x[..., 0] * x[..., 1]).sum(dim=0), y)
    many = adding(200_000, 2, torch.Generator().manual_seed(0))[1]
    assert float((many - 1).square().mean()) == pytest.approx(CHANCE, rel=0.02)


def test_a_short_sum_is_learned():
    readers = Readers.start([100, 101], hidden=16, gated=True)
    errors = train(readers, [100, 101], length=6, steps=250)
    assert errors.shape == (250, 2)
    assert (judge(readers, 6, 500)[0] < 0.2 * CHANCE).all()


def test_networks_side_by_side_do_not_meet():
    both, alone = Readers.start([3, 4], 4, gated=False), Readers.start([4], 4, gated=False)
    torch.testing.assert_close(both.w[1], alone.w[0])
    train(both, [3, 4], 5, 10)
    train(alone, [4], 5, 10)
    torch.testing.assert_close(both.u[1], alone.u[0], rtol=1e-4, atol=1e-5)


def test_the_answer_is_an_affine_map_of_the_last_state():
    readers = Readers.start([0], 3, gated=True)
    x = adding(4, 5, torch.Generator().manual_seed(0))[0][None]
    expected = unroll(x, readers.w, readers.u, readers.b) @ readers.v + readers.a
    torch.testing.assert_close(readers.answer(x), expected[..., 0])
