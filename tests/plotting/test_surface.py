"""What the functions for loss surfaces put into an Axes."""

import numpy as np
import pytest
from matplotlib.contour import ContourSet

from groundtruth.plotting import style, surface


@pytest.fixture
def axes():
    axes = style.new_figure()[1]
    axes.set(xlim=(-2, 2), ylim=(-4, 4))
    return axes


def test_contours_are_where_the_loss_has_the_level(axes):
    assert surface.contours(axes, lambda x, y: x**2 + y**2, [1.0, 2.0], labelled=[2.0]) is axes
    drawn = next(child for child in axes.get_children() if isinstance(child, ContourSet))
    for level, path in zip((1.0, 2.0), drawn.get_paths(), strict=True):
        assert (path.vertices**2).sum(axis=1) == pytest.approx(level, abs=0.01)
    assert [text.get_text() for text in drawn.labelTexts] == ["2"]
    assert axes.get_xlim() == (-2, 2)
    assert axes.get_ylim() == (-4, 4)


def test_a_walk_keeps_the_limits_and_drops_what_is_far_outside(axes):
    path = np.array([[0.0, 0.0], [1.0, 3.0], [np.nan, 0.0], [1e9, 0.0]])
    assert surface.walk(axes, path, series=1, label="a walk") is axes
    assert axes.lines[0].get_xydata().tolist() == [[0, 0], [1, 3]]
    assert axes.lines[0].get_color() == style.SERIES[1]
    assert axes.lines[2].get_xydata().tolist() == [[0, 0]]
    assert axes.get_xlim() == (-2, 2)
    assert axes.get_legend_handles_labels()[1] == ["a walk"]
    with pytest.raises(ValueError, match=r"\(T, 2\)"):
        surface.walk(axes, np.zeros(4))


def test_the_lowest_point_is_a_marker(axes):
    assert surface.lowest(axes, 1.0, -1.0, "lowest") is axes
    assert axes.lines[0].get_xydata().tolist() == [[1, -1]]
