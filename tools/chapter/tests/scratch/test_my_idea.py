"""The loss by hand against torch: value and slope over random distances, planted faults, and wrong input."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.scratch import my_idea


def draw(*shape, seed=0):
    return 3 * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("delta", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("shape", [(20,), (4, 5), ()])
def test_loss_and_slope_are_torchs(shape, delta):
    r = draw(*shape)
    leaf = r.clone().requires_grad_()
    theirs = F.huber_loss(leaf, torch.zeros_like(leaf), reduction="none", delta=delta)
    torch.testing.assert_close(my_idea.loss(r, delta), theirs.detach())
    theirs.sum().backward()
    torch.testing.assert_close(my_idea.slope(r, delta), leaf.grad)


def test_the_centre_has_no_slope_left():
    numbers = draw(30)
    value = my_idea.centre(numbers)
    assert float(my_idea.slope(value - numbers).mean().abs()) < 1e-9
    assert float(my_idea.centre(torch.tensor([0.0, 0, 0, 0, 10]))) == pytest.approx(0.25)


def test_a_planted_fault_would_be_seen():
    r = draw(20)
    assert not torch.allclose(my_idea.loss(r), r**2 / 2)
    assert not torch.allclose(my_idea.slope(r), r)


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match="delta must be above 0"):
        my_idea.loss(draw(3), 0.0)
    with pytest.raises(ValueError, match="delta must be above 0"):
        my_idea.slope(draw(3), -1.0)
    with pytest.raises(ValueError, match=r"shape \(N,\)"):
        my_idea.centre(draw(2, 2))
