"""One step along the sign of the gradient against its closed form for a linear score, and the control."""

import itertools

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from groundtruth.scratch.adversarial import fast_gradient_sign, random_signs


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("size", [0.0, 0.01, 0.5])
def test_on_logistic_regression_the_loss_is_the_worst_there_is(size):
    x, w = draw(20, 1, 3, 4), draw(12, seed=1)
    signs = draw(20, seed=2).sign()

    def losses(z):
        return F.softplus(-signs * (z.flatten(1) @ w))

    found = losses(fast_gradient_sign(losses, x, size))
    # closed form: the margin falls by size times the sum of the weights' sizes
    torch.testing.assert_close(found, F.softplus(-signs * (x.flatten(1) @ w) + size * w.abs().sum()))
    for seed in range(5):
        other = size * (2 * torch.rand(x.shape, generator=torch.Generator().manual_seed(seed)) - 1)
        assert bool((losses(x + other) <= found + 1e-12).all())


def test_no_corner_of_the_box_is_worse_to_first_order():
    x, net = (
        draw(1, 1, 2, 3),
        nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3)).double(),
    )

    def losses(z):
        return F.cross_entropy(net(z), torch.tensor([1] * len(z)), reduction="none")

    step = 1e-4
    found = losses(fast_gradient_sign(losses, x, step))
    corners = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=6)), dtype=torch.float64).view(
        -1, 1, 2, 3
    )
    assert float((losses(x + step * corners).max() - found).detach()) < 1e-7


def test_pixels_move_by_the_size_and_stay_in_range():
    x = draw(4, 3, 5, 5).clamp(-1, 1)

    def losses(z):
        return (z * draw(*x.shape, seed=7)).sum(dim=(1, 2, 3))

    moved = fast_gradient_sign(losses, x, 0.1)
    torch.testing.assert_close((moved - x).abs(), torch.full_like(x, 0.1))
    kept = fast_gradient_sign(losses, x, 0.1, -1, 1)
    assert float(kept.abs().max()) <= 1
    torch.testing.assert_close(kept, moved.clamp(-1, 1))


def test_each_picture_is_moved_by_its_own_loss():
    net = nn.Sequential(nn.Flatten(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3)).double()
    x = draw(3, 1, 2, 3)

    def losses(z):
        return net(z)[:, 0]

    alone = torch.cat([fast_gradient_sign(losses, one[None], 0.1) for one in x])
    assert torch.equal(fast_gradient_sign(losses, x, 0.1), alone)


def test_random_signs_are_of_the_same_size_and_fair():
    x = torch.zeros(10, 1, 30, 30)
    moved = random_signs(x, 0.25, torch.Generator().manual_seed(0))
    assert set(moved.unique().tolist()) == {-0.25, 0.25}
    assert abs(float(moved.mean())) < 0.01
    assert torch.equal(moved, random_signs(x, 0.25, torch.Generator().manual_seed(0)))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="size must be"):
        fast_gradient_sign(lambda z: z.sum(dim=(1, 2, 3)), draw(1, 1, 2, 2), -1)
    with pytest.raises(ValueError, match="size must be"):
        random_signs(draw(1, 1, 2, 2), -1, torch.Generator())
    with pytest.raises(ValueError, match="one a picture"):
        fast_gradient_sign(lambda z: z.sum(), draw(1, 1, 2, 2), 1)
