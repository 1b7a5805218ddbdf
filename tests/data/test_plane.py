"""The points lie on the curves that they are said to lie on, and the parts do not touch one another."""

import math

import numpy as np
import pytest
import torch
from sklearn.datasets import make_circles, make_moons
from sklearn.linear_model import LogisticRegression

from groundtruth.data import plane

MAKERS = (plane.circles, plane.moons, plane.spirals)


def exact(maker, **arguments):
    return maker(0, noise=0.0, dtype=torch.float64, **arguments).train


@pytest.mark.parametrize(
    ("maker", "theirs"),
    [
        (plane.circles, make_circles(4000, factor=0.5, shuffle=False)),
        (plane.moons, make_moons(4000, shuffle=False)),
    ],
)
def test_circles_and_moons_lie_on_scikit_learns_curves(maker, theirs):
    points, labels = exact(maker, train=600)
    for label in (0, 1):
        curve = torch.from_numpy(theirs[0][theirs[1] == label])
        ours = points[labels == label]
        assert torch.cdist(ours, curve).min(dim=1).values.max() < 2e-3  # every point is on the curve
        assert torch.cdist(curve, ours).min(dim=1).values.max() < 0.2  # and no stretch of it is empty


@pytest.mark.parametrize("turns", [0.5, 1.0, 1.75])
def test_a_spirals_radius_grows_evenly_with_its_angle(turns):
    points, labels = exact(plane.spirals, train=400, turns=turns)
    radius = points.norm(dim=1)
    assert 0.1 <= float(radius.min()) < 0.12
    assert 0.98 < float(radius.max()) <= 1.0
    turned = torch.atan2(points[:, 1], points[:, 0])
    expected = 2 * math.pi * turns * (radius - 0.1) / 0.9 + math.pi * labels
    assert torch.allclose(torch.cos(turned - expected), torch.ones(400, dtype=torch.float64), atol=1e-9)


@pytest.mark.parametrize("maker", MAKERS)
def test_noise_has_the_size_that_is_stated(maker):
    clean = maker(3, train=20_000, noise=0.0, dtype=torch.float64).train
    noisy = maker(3, train=20_000, noise=0.25, dtype=torch.float64).train
    assert torch.equal(clean.labels, noisy.labels)
    assert float((noisy.inputs - clean.inputs).std()) == pytest.approx(0.25, rel=0.02)


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("size", [2, 7, 400])
def test_types_shapes_and_balance(maker, size):
    data = maker(1, train=size)
    assert data.name == maker.__name__
    assert data.train.inputs.shape == (size, 2)
    assert data.train.inputs.dtype == torch.float32
    assert data.train.labels.dtype == torch.int64
    assert int(data.train.labels.sum()) == size // 2
    assert (len(data.validation.labels), len(data.test.labels)) == (400, 2000)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_seed_repeats_parts_are_apart_and_the_global_generators_stay(maker):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    data, again, other, longer = maker(7), maker(7), maker(8), maker(7, train=500)
    assert torch.equal(torch.rand(1), expected)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    for part in ("train", "validation", "test"):
        assert torch.equal(getattr(data, part).inputs, getattr(again, part).inputs)
        assert not torch.equal(getattr(data, part).inputs, getattr(other, part).inputs)
    assert torch.equal(data.test.inputs, longer.test.inputs)  # the size of one part does not move another
    assert torch.equal(data.validation.inputs, longer.validation.inputs)
    together = torch.cat([data.train.inputs, data.validation.inputs, data.test.inputs])
    assert len(torch.unique(together, dim=0)) == len(together)


@pytest.mark.parametrize("maker", MAKERS)
def test_no_line_parts_the_classes(maker):
    points, labels = maker(0, test=4000).test
    line = LogisticRegression(C=1e6).fit(points.numpy(), labels.numpy())
    assert line.score(points.numpy(), labels.numpy()) < 0.93


@pytest.mark.parametrize(
    ("maker", "arguments", "words"),
    [
        (plane.circles, {"seed": -1}, "seed"),
        (plane.moons, {"seed": 0, "noise": -0.1}, "noise"),
        (plane.circles, {"seed": 0, "factor": 1.0}, "factor"),
        (plane.spirals, {"seed": 0, "turns": 0.0}, "turns"),
        (plane.moons, {"seed": 0, "validation": 1}, "validation must be at least 2"),
    ],
)
def test_what_cannot_be_is_refused(maker, arguments, words):
    with pytest.raises(ValueError, match=words):
        maker(**arguments)
