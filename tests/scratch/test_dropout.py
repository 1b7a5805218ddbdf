"""Dropout by hand against torch: in distribution, and with the mask fixed in value and gradient."""

import itertools

import pytest
import torch

from groundtruth.scratch.dropout import backward, draw_mask, forward


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


CASES = [*itertools.product(((1,), (7, 3), (4, 2, 5, 5)), (0.0, 0.2, 0.5, 0.9), (0, 1))]


# --- with the library's mask ------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "drop", "seed"), CASES)
def test_with_torchs_mask_value_and_gradient_are_torchs(shape, drop, seed):
    x, slope = draw(*shape, seed=seed).requires_grad_(), draw(*shape, seed=seed + 1)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        mask = torch.nn.functional.dropout(torch.ones(shape, dtype=torch.float64), drop)
        torch.manual_seed(seed)
        theirs = torch.nn.functional.dropout(x, drop)
    theirs.backward(slope)
    torch.testing.assert_close(x.detach() * mask, theirs.detach())
    torch.testing.assert_close(backward(slope, mask), x.grad)
    assert set(mask.unique().tolist()) <= {0.0, 1 / (1 - drop)}


@pytest.mark.parametrize(("shape", "drop", "seed"), CASES)
def test_backward_is_autograds(shape, drop, seed):
    x, slope = draw(*shape, seed=seed).requires_grad_(), draw(*shape, seed=seed + 1)
    out, mask = forward(x, drop, torch.Generator().manual_seed(seed))
    out.backward(slope)
    torch.testing.assert_close(backward(slope, mask), x.grad)


# --- in distribution --------------------------------------------------------------------------------------


@pytest.mark.parametrize("drop", [0.1, 0.5, 0.8])
def test_shares_mean_and_independence_are_those_of_torch(drop):
    ours = draw_mask((400, 500), drop, torch.Generator().manual_seed(3), torch.float64)
    with torch.random.fork_rng():
        torch.manual_seed(4)
        theirs = torch.nn.functional.dropout(torch.ones(400, 500, dtype=torch.float64), drop)
    for mask in (ours, theirs):
        dropped = (mask == 0).double()
        tolerance = 5 * (drop * (1 - drop) / dropped.numel()) ** 0.5
        assert abs(float(dropped.mean()) - drop) < tolerance
        assert abs(float(mask.mean()) - 1) < tolerance / (1 - drop)
        assert set(mask.unique().tolist()) == {0.0, 1 / (1 - drop)}
        neighbours = torch.corrcoef(torch.stack([dropped[:, :-1].flatten(), dropped[:, 1:].flatten()]))[0, 1]
        rows = torch.corrcoef(torch.stack([dropped[:-1].flatten(), dropped[1:].flatten()]))[0, 1]
        assert abs(neighbours) < 0.02
        assert abs(rows) < 0.02


def test_the_mean_over_masks_is_the_input():
    x, generator = draw(5, seed=2), torch.Generator().manual_seed(0)
    mean = torch.stack([forward(x, 0.4, generator)[0] for _ in range(20_000)]).mean(dim=0)
    torch.testing.assert_close(mean, x, atol=0.03, rtol=0)
    unscaled = torch.stack([x * (draw_mask((5,), 0.4, generator) > 0) for _ in range(20_000)]).mean(dim=0)
    assert (unscaled - x).abs().max() > 0.3  # the planted fault: the scale forgotten


# --- modes, generators, bad input -------------------------------------------------------------------------


def test_a_network_in_use_drops_nothing():
    x, generator = draw(3, 4), torch.Generator().manual_seed(0)
    before = generator.get_state()
    out, mask = forward(x, 0.9, generator, training=False)
    assert mask is None
    assert torch.equal(out, x)
    assert torch.equal(backward(x, mask), x)
    assert torch.equal(generator.get_state(), before)


def test_the_generator_decides_and_the_global_one_is_left_alone():
    before = torch.get_rng_state()
    first, second, other = (draw_mask((50,), 0.5, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)
    x = draw(4, 4)
    kept = x.clone()
    forward(x, 0.5, torch.Generator().manual_seed(0))
    assert torch.equal(x, kept)


def test_wrong_input_is_named():
    generator = torch.Generator()
    for drop in (-0.1, 1.0, 2.0, float("nan")):
        for training in (True, False):
            with pytest.raises(ValueError, match="drop must be at least 0 and below 1"):
                forward(draw(2), drop, generator, training=training)
        with pytest.raises(ValueError, match="drop must"):
            draw_mask((2,), drop, generator)
    with pytest.raises(ValueError, match="floating"):
        forward(torch.arange(3), 0.5, generator)
    with pytest.raises(ValueError, match="one shape"):
        backward(draw(3), draw(4))
