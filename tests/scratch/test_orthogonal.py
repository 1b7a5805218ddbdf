import pytest
import torch
from torch import nn

from groundtruth.scratch.orthogonal import COEFFICIENTS, OrthogonalMomentum, orthogonalised


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (6, 6), (1, 5)])
def test_directions_are_those_of_torchs_decomposition(shape):
    generator = torch.Generator().manual_seed(sum(shape))
    matrix = torch.randn(shape, generator=generator, dtype=torch.float64)
    U, _, V = torch.linalg.svd(matrix, full_matrices=False)
    found = orthogonalised(matrix)
    sizes = U.T @ found @ V.T
    assert torch.linalg.svdvals(found).min() > 0.6
    assert torch.linalg.svdvals(found).max() < 1.3
    torch.testing.assert_close(sizes, torch.diag(sizes.diagonal()), rtol=0, atol=1e-9)
    assert (sizes.diagonal() > 0).all()


def test_the_iteration_is_the_published_one():
    a, b, c = COEFFICIENTS
    matrix = torch.randn(5, 12, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    x = matrix / matrix.norm()
    for steps in (1, 2, 3, 4, 5):
        x = a * x + (b * (x @ x.T) + c * (x @ x.T) @ (x @ x.T)) @ x
        torch.testing.assert_close(orthogonalised(matrix, steps), x)


def test_the_size_of_the_matrix_does_not_matter():
    matrix = torch.randn(3, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    before = matrix.clone()
    torch.testing.assert_close(orthogonalised(1000 * matrix), orthogonalised(matrix))
    assert torch.equal(matrix, before)
    assert not orthogonalised(torch.zeros(3, 8)).any()


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 3, 3), nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4, 2)).double()


def stepped(net, optimizer, times=3):
    x = torch.randn(6, 1, 5, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for _ in range(times):
        optimizer.zero_grad()
        net(x).square().sum().backward()
        optimizer.step()
    return net


def test_all_but_kernels_move_by_adam():
    ours = network()
    before = ours[1].weight.detach().clone()
    optimizer = OrthogonalMomentum(
        ours, rate=1e-12, others=0.01
    )  # kernels stay, so that Adam sees the same slopes
    stepped(ours, optimizer)
    theirs = network()
    kernel = theirs[1].weight
    rest = [p for p in theirs.parameters() if p is not kernel]
    stepped(theirs, torch.optim.Adam(rest, lr=0.01, betas=(0.9, 0.99)))
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-6, atol=1e-9)
    assert not torch.equal(ours[1].weight, before)


def test_a_kernel_takes_the_orthogonal_step():
    net, twin = network(), network()
    before = net[1].weight.detach().clone()
    stepped(net, OrthogonalMomentum(net, rate=0.1), times=1)
    stepped(twin, torch.optim.SGD(twin.parameters(), lr=0.0), times=1)
    expected = 0.1 * orthogonalised(twin[1].weight.grad.flatten(1)).view_as(before)
    torch.testing.assert_close(before - net[1].weight.detach(), expected)
    assert torch.linalg.svdvals(expected.flatten(1)).max() < 0.13


def test_momentum_remembers():
    net = network()
    optimizer = OrthogonalMomentum(net, rate=1e-12, others=1e-12, keep=0.5)
    slope = torch.ones_like(net[1].weight)
    for expected in (1.0, 1.5, 1.75):
        net[1].weight.grad = slope.clone()
        optimizer.step()
        torch.testing.assert_close(optimizer.state[net[1].weight]["velocity"], expected * slope)


def test_a_closure_is_called_with_gradients():
    net = network()
    seen = []

    def closure():
        seen.append(torch.is_grad_enabled())
        return 7.0

    assert OrthogonalMomentum(net).step(closure) == 7.0
    assert seen == [True]


@pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"others": -1.0}, {"keep": 1.0}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="rates must be positive"):
        OrthogonalMomentum(network(), **wrong)
    with pytest.raises(ValueError, match="no kernels"):
        OrthogonalMomentum(nn.Linear(2, 2))
    with pytest.raises(ValueError, match="needs a matrix"):
        orthogonalised(torch.zeros(3))


def test_the_layout_in_memory_changes_nothing():
    usual, last = network(), network().to(memory_format=torch.channels_last)
    for net in (usual, last):
        stepped(net, OrthogonalMomentum(net, rate=0.1))
    assert last[1].weight.is_contiguous(memory_format=torch.channels_last)
    for a, b in zip(usual.parameters(), last.parameters(), strict=True):
        torch.testing.assert_close(a, b)
