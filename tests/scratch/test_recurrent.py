"""Recurrent cells by hand against torch's, forward and gradient."""

import pytest
import torch

from groundtruth.scratch.recurrent import lstm_step, plain_step, unroll


def ours_of(cell, gates):
    """Weights of a torch cell in our form, as leaves: (D, gH), (H, gH), (1, gH)."""
    parts = cell.weight_ih_l0.T, cell.weight_hh_l0.T, (cell.bias_ih_l0 + cell.bias_hh_l0)[None]
    return [part.detach().clone().requires_grad_() for part in parts]


@pytest.mark.parametrize("kind", [torch.nn.RNN, torch.nn.LSTM])
@pytest.mark.parametrize(("steps", "batch", "inputs", "hidden"), [(1, 1, 1, 1), (7, 3, 2, 5), (4, 6, 3, 2)])
def test_outputs_and_gradients_are_torchs(kind, steps, batch, inputs, hidden):
    with torch.random.fork_rng():
        torch.manual_seed(steps)
        cell = kind(inputs, hidden).double()
        x = torch.randn(steps, batch, inputs, dtype=torch.float64)
        slope = torch.randn(batch, hidden, dtype=torch.float64)
    w, u, b = ours_of(cell, kind)
    ours, theirs = unroll(x, w, u, b), cell(x)[0][-1]
    torch.testing.assert_close(ours, theirs)
    ours.backward(slope)
    theirs.backward(slope)
    torch.testing.assert_close(w.grad, cell.weight_ih_l0.grad.T)
    torch.testing.assert_close(u.grad, cell.weight_hh_l0.grad.T)
    torch.testing.assert_close(b.grad[0], cell.bias_ih_l0.grad)


def test_cells_side_by_side_are_cells_alone():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 5, 3, 2, generator=generator)
    w, u, b = (torch.randn(2, *s, generator=generator) for s in ((2, 16), (4, 16), (1, 16)))
    both = unroll(x, w, u, b)
    for number in range(2):
        torch.testing.assert_close(both[number], unroll(x[number], w[number], u[number], b[number]))


def test_an_open_forget_gate_passes_the_slope_unchanged_and_the_plain_cell_does_not():
    big = 40.0
    drive = torch.tensor([[-big, big, 0.0, 0.0]], dtype=torch.float64)  # nothing enters, everything is kept
    first = torch.full((1, 1), 0.3, dtype=torch.float64, requires_grad=True)
    h, c = torch.zeros(1, 1).double(), first
    for _ in range(200):
        h, c = lstm_step(drive, h, c, torch.zeros(1, 4).double())
    c.backward()
    assert first.grad.item() == pytest.approx(1.0)
    state = torch.full((1, 1), 0.3, dtype=torch.float64, requires_grad=True)
    h = state
    for _ in range(200):
        h = plain_step(torch.zeros(1, 1).double(), h, torch.tensor([[0.9]]).double())
    h.backward()
    assert state.grad.item() < 1e-8


def test_sizes_of_neither_cell_are_refused():
    with pytest.raises(ValueError, match="must be"):
        unroll(torch.zeros(3, 1, 2), torch.zeros(2, 6), torch.zeros(3, 6), torch.zeros(1, 6))
