"""Maps against plain loops, closed forms and torch; the judges of maps against scipy and by hand."""

import pytest
import torch
from scipy import stats
from torch import nn

from groundtruth.models.convnet import ConvNet
from groundtruth.scratch import attribution as A  # noqa: N812

SHAPES = [(1, 1, 6, 6), (3, 2, 8, 5), (4, 3, 9, 7)]


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def network(channels, classes=4):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(channels, 5, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(5, 6, 3, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(6, classes),
    ).double()


# --- covering ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("size", "step"), [(1, 1), (3, 2), (5, 1)])
def test_occlusion_is_what_a_plain_loop_finds(shape, size, step):
    net, picture = network(shape[1]), draw(*shape)[0]
    score = A.logit_of(net, 2)
    found = A.occlusion(score, picture, size, step, fill=0.3, at_once=7)
    tops, lefts = range(0, shape[2] - size + 1, step), range(0, shape[3] - size + 1, step)
    assert found.shape == (len(tops), len(lefts))
    for r, top in enumerate(tops):
        for q, left in enumerate(lefts):
            covered = picture.clone()
            covered[:, top : top + size, left : left + size] = 0.3
            with torch.no_grad():
                expected = score(picture[None]) - score(covered[None])
            assert found[r, q] == pytest.approx(float(expected), abs=1e-12)


def test_occlusion_of_a_linear_score_adds_up_weights_times_pixels():
    weights, picture = draw(1, 2, 6, 6, seed=1), draw(2, 6, 6)
    found = A.occlusion(lambda x: (x * weights).sum(dim=(1, 2, 3)), picture, 2, 2)
    expected = 4 * nn.functional.avg_pool2d((picture[None] * weights).sum(dim=1, keepdim=True), 2)
    torch.testing.assert_close(found, expected[0, 0])


def test_occlusion_does_not_change_the_picture():
    picture = draw(1, 6, 6)
    before = picture.clone()
    A.occlusion(lambda x: x.sum(dim=(1, 2, 3)), picture, 3, 3)
    assert torch.equal(picture, before)


@pytest.mark.parametrize(("size", "step"), [(0, 1), (7, 1), (2, 0)])
def test_a_square_that_cannot_be_is_refused(size, step):
    with pytest.raises(ValueError, match="side must be from 1 to 6"):
        A.squares(6, 8, size, step)


def test_a_batch_is_refused_by_occlusion():
    with pytest.raises(ValueError, match="one picture"):
        A.occlusion(lambda x: x.sum(dim=(1, 2, 3)), draw(2, 1, 6, 6), 2, 2)


# --- class activation -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_class_activation_adds_up_to_the_logit_without_its_bias(shape):
    net, x = network(shape[1]), draw(*shape)
    features, head = net[:4](x), net[-1]
    for k in range(4):
        map_of_k = A.class_activation(features, head.weight[k])
        torch.testing.assert_close(map_of_k.sum(dim=(1, 2)) + head.bias[k], net(x)[:, k])
        # each place is the head applied there
        by_torch = nn.functional.conv2d(features, head.weight[k][None, :, None, None])[:, 0]
        torch.testing.assert_close(map_of_k, by_torch / (shape[2] * shape[3]))


def test_class_activation_takes_a_class_for_each_picture():
    net, x = network(3), draw(4, 3, 9, 7)
    classes = torch.tensor([3, 0, 1, 0])
    maps = A.class_activation(net[:4](x), net[-1].weight[classes])
    torch.testing.assert_close(
        maps.sum(dim=(1, 2)) + net[-1].bias[classes], net(x).gather(1, classes[:, None])[:, 0]
    )


def test_class_activation_passes_the_slope_on():
    features = draw(2, 6, 3, 3).requires_grad_()
    weights = draw(6, seed=3)
    A.class_activation(features, weights).sum().backward()
    torch.testing.assert_close(features.grad, (weights / 9)[None, :, None, None].expand(2, 6, 3, 3))


def test_class_activation_names_channels_that_do_not_fit():
    with pytest.raises(ValueError, match="features must be"):
        A.class_activation(draw(2, 6, 3, 3), draw(5))


def test_grad_cam_at_the_last_layer_is_the_positive_class_activation():
    net, x = network(3), draw(4, 3, 9, 7)
    features = net[:4](x).detach().requires_grad_()
    slopes = torch.autograd.grad(net[4:](features)[:, 1].sum(), features)[0]
    expected = A.class_activation(features, net[-1].weight[1]).clamp(min=0)
    torch.testing.assert_close(A.grad_cam(features, slopes), expected)


# --- gradients --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradient_is_that_of_a_finite_difference(shape):
    net, x = network(shape[1]), draw(*shape)
    found = A.gradient(A.logit_of(net, 1), x)
    assert found.shape == x.shape
    direction = draw(*shape, seed=9)
    with torch.no_grad():
        rise = (net(x + 1e-6 * direction) - net(x - 1e-6 * direction))[:, 1] / 2e-6
    torch.testing.assert_close((found * direction).sum(dim=(1, 2, 3)), rise, rtol=1e-5, atol=1e-7)


def test_the_gradient_leaves_the_parameters_alone():
    net = network(1)
    A.gradient(A.logit_of(net, 0), draw(2, 1, 6, 6))
    assert all(p.grad is None for p in net.parameters())


def test_guided_gradient_is_the_chain_rule_with_negative_slopes_dropped():
    torch.manual_seed(1)
    net = nn.Sequential(
        nn.Flatten(), nn.Linear(12, 9), nn.ReLU(), nn.Linear(9, 7), nn.ReLU(), nn.Linear(7, 4)
    ).double()
    x, classes = draw(5, 1, 3, 4), torch.tensor([0, 3, 1, 2, 2])
    first = x.flatten(1) @ net[1].weight.T + net[1].bias
    second = first.clamp(min=0) @ net[3].weight.T + net[3].bias
    back = (second > 0) * net[5].weight[classes].clamp(min=0)
    back = (first > 0) * (back @ net[3].weight).clamp(min=0)
    expected = (back @ net[1].weight).view_as(x)
    torch.testing.assert_close(A.guided_gradient(net, classes, x), expected.detach())


def test_guided_gradient_takes_its_rule_away_again():
    net, x = ConvNet((4, 6)).eval(), draw(2, 1, 8, 8).float()
    before = A.gradient(A.logit_of(net, 0), x)
    guided = A.guided_gradient(net, 0, x)
    assert not torch.equal(guided, before)
    assert torch.equal(A.gradient(A.logit_of(net, 0), x), before)


def test_guided_gradient_needs_rectifiers_that_keep_their_input():
    for wrong in (nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.ReLU(inplace=True))):
        with pytest.raises(ValueError, match=r"nn\.ReLU"):
            A.guided_gradient(wrong, 0, draw(1, 2))


def test_edges_of_a_ramp_are_its_slope_and_of_a_plain_picture_nothing():
    ramp = (3 * torch.arange(7.0) + 4 * torch.arange(6.0)[:, None])[None, None]
    torch.testing.assert_close(A.edges(ramp)[:, 1:-1, 1:-1], torch.full((1, 4, 5), 5.0))
    assert A.edges(torch.ones(2, 3, 5, 5)).abs().max() == 0


# --- judging ----------------------------------------------------------------------------------------------


def test_the_share_inside_counts_what_is_positive():
    maps = torch.tensor([[[3.0, -5.0], [1.0, 0.0]], [[-1.0, -1.0], [0.0, -2.0]]])
    regions = torch.zeros(2, 2, 2, dtype=torch.bool)
    regions[:, 0] = True
    assert A.share_inside(maps, regions).tolist() == [0.75, 0.0]


def test_a_coarse_place_counts_by_the_share_that_lies_in_the_region():
    regions = torch.zeros(1, 4, 4, dtype=torch.bool)
    regions[0, 0, 0] = True
    maps = torch.tensor([[[1.0, 1.0], [0.0, 0.0]]])
    assert float(A.share_inside(maps, regions)) == pytest.approx(0.125)


def test_regions_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match="dividing"):
        A.share_inside(torch.ones(1, 3, 3), torch.ones(1, 4, 4))


@pytest.mark.parametrize("seed", range(4))
def test_rank_correlation_is_scipys_with_and_without_ties(seed):
    a, b = draw(3, 5, 4, seed=seed), draw(3, 5, 4, seed=seed + 10)
    for first, second in ((a, b), (a.round(), b.round()), (a, a.exp()), (a, -a), ((a > 0).double(), b)):
        found = A.rank_correlation(first, second)
        expected = [
            stats.spearmanr(x.flatten(), y.flatten()).statistic for x, y in zip(first, second, strict=True)
        ]
        assert found.tolist() == pytest.approx(expected, abs=1e-12)


def test_a_flat_map_has_no_ranks():
    assert A.rank_correlation(torch.ones(1, 9), draw(1, 9)).tolist() == [0.0]


def test_maps_of_two_shapes_are_not_compared():
    with pytest.raises(ValueError, match="one shape"):
        A.rank_correlation(draw(1, 9), draw(1, 8))
