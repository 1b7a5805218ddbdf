"""What the drawing functions put into an Axes."""

import numpy as np
import pytest
import torch
from scipy import stats

from groundtruth.plotting import boundary, curves, images, style


@pytest.fixture
def axes():
    return style.new_figure()[1]


@pytest.mark.parametrize(
    ("weights", "bias"), [((2.0, 1.0), -4.0), ((0.0, -1.0), 0.5), ((1.0, 0.0), 0.2), ((-1, 3), 0)]
)
def test_line_is_where_the_score_is_zero(axes, weights, bias):
    axes.set(xlim=(-1, 4), ylim=(-2, 3))
    assert boundary.line(axes, weights, bias) is axes
    ends = axes.lines[0].get_xydata()
    assert ends @ np.array(weights) + bias == pytest.approx(0, abs=1e-9)
    assert np.linalg.norm(ends[1] - ends[0]) > np.hypot(5, 5)
    shade = axes.patches[0].get_path()
    inside = np.array([[x, y] for x in np.linspace(-0.95, 3.95, 12) for y in np.linspace(-1.9, 2.9, 12)])
    score = inside @ np.array(weights) + bias
    clear = np.abs(score) > 1e-6
    assert (shade.contains_points(inside)[clear] == (score > 0)[clear]).all()
    assert axes.get_xlim() == (-1, 4)
    assert axes.get_ylim() == (-2, 3)


def test_line_leaves_automatic_limits_alone(axes):
    boundary.points(axes, [[0.0, 0.0], [1.0, 2.0]], [0, 1])
    limits = axes.get_xlim(), axes.get_ylim()
    boundary.line(axes, (1.0, 1.0), -1.5)
    assert (axes.get_xlim(), axes.get_ylim()) == limits


def test_no_weights_no_line(axes):
    boundary.line(axes, (0.0, 0.0), 1.0)
    assert len(axes.lines) == len(axes.patches) == 0
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        boundary.line(axes, (1.0, 2.0, 3.0), 0.0)


@pytest.mark.parametrize("labels", [[0, 1, 1], [-1, 1, 1]])
def test_points_tell_classes_by_colour_and_shape(axes, labels):
    inputs = torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    assert boundary.points(axes, inputs, torch.tensor(labels), names=("no", "yes")) is axes
    no, yes = axes.collections
    assert no.get_offsets().tolist() == [[0, 1]]
    assert yes.get_offsets().tolist() == [[2, 3], [4, 5]]
    assert (no.get_label(), yes.get_label()) == ("no", "yes")
    assert no.get_facecolor().tolist() != yes.get_facecolor().tolist()
    assert len(no.get_paths()[0].vertices) != len(yes.get_paths()[0].vertices)
    with pytest.raises(ValueError, match=r"\(N, 2\)"):
        boundary.points(axes, inputs.T, labels)


def test_grey_is_white_at_zero(axes):
    assert images.grey(axes, torch.tensor([[[0, 128], [255, 3]]], dtype=torch.uint8), "one") is axes
    image = axes.images[0]
    assert image.to_rgba(0.0)[:3] == pytest.approx((1, 1, 1))
    assert image.to_rgba(255.0)[:3] == pytest.approx((0, 0, 0))
    assert image.get_array().tolist() == [[0, 128], [255, 3]]
    assert image.get_clim() == (0, 255)
    assert axes.get_title("left") == "one"
    with pytest.raises(ValueError, match=r"\(H, W\)"):
        images.grey(axes, np.zeros((2, 3, 3)))


def test_mosaic_places_tiles_row_by_row(axes):
    tiles = np.stack([np.full((2, 3), value) for value in (1, 2, 3)])
    assert images.mosaic(axes, tiles[:, None], columns=2, gap=1) is axes
    sheet = axes.images[0].get_array()
    expected = [
        [1, 1, 1, 0, 2, 2, 2],
        [1, 1, 1, 0, 2, 2, 2],
        [0, 0, 0, 0, 0, 0, 0],
        [3, 3, 3, 0, 0, 0, 0],
        [3, 3, 3, 0, 0, 0, 0],
    ]
    assert sheet.tolist() == expected
    assert axes.images[0].get_clim() == (0, 3)
    with pytest.raises(ValueError, match="mosaic needs"):
        images.mosaic(axes, tiles[0], columns=2)


def test_signed_is_white_at_zero_and_symmetric(axes):
    assert images.signed(axes, np.array([[-0.5, 0.0], [2.0, 1.0]]), "weights") is axes
    image = axes.images[0]
    assert image.get_clim() == (-2, 2)
    assert min(image.to_rgba(0.0)[:3]) > 0.95
    red, _, blue, _ = image.to_rgba(2.0)
    assert red > blue  # orange is for positive
    red, _, blue, _ = image.to_rgba(-2.0)
    assert blue > red
    other = images.signed(style.new_figure()[1], np.zeros((2, 2)), limit=3.0)
    assert other.images[0].get_clim() == (-3, 3)


def test_interval_is_students():
    values = np.random.default_rng(0).normal(size=(6, 4))
    mean, half = curves.interval(values)
    for column in range(4):
        low, high = stats.t.interval(0.95, 5, values[:, column].mean(), stats.sem(values[:, column]))
        assert (mean[column] - half[column], mean[column] + half[column]) == pytest.approx((low, high))
    assert np.isnan(curves.interval(values[:1])[1]).all()


def test_over_seeds_draws_mean_and_band(axes):
    values = np.array([[1.0, 2.0, 4.0], [3.0, 2.0, 2.0], [2.0, 2.0, 3.0]])
    assert curves.over_seeds(axes, [1, 2, 3], values, "a", series=2) is axes
    assert axes.lines[0].get_ydata().tolist() == [2, 2, 3]
    assert axes.lines[0].get_color() == style.SERIES[2]
    band = axes.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == pytest.approx(2 - curves.interval(values)[1][0])
    curves.over_seeds(axes, [1, 2, 3], values[:1], "one seed")
    assert len(axes.collections) == 1  # no band without an interval
    with pytest.raises(ValueError, match="over_seeds needs"):
        curves.over_seeds(axes, [1, 2], values, "wrong")


def test_chance_is_a_level(axes):
    assert curves.chance(axes, 0.25) is axes
    assert set(axes.lines[0].get_ydata()) == {0.25}
    assert axes.lines[0].get_label() == "chance"
