"""The region where a classifier answers 1, drawn where it is."""

import numpy as np
import pytest
from matplotlib.contour import ContourSet

from groundtruth.plotting import regions, style


@pytest.fixture
def axes():
    axes = style.new_figure()[1]
    axes.set(xlim=(-2, 2), ylim=(-3, 3))
    return axes


def sets(axes):
    return [child for child in axes.get_children() if isinstance(child, ContourSet)]


def test_the_edge_is_where_the_score_is_at_the_level(axes):
    assert regions.region(axes, lambda p: (p**2).sum(axis=1), level=1.5) is axes
    shaded, edge = sets(axes)
    for path in edge.get_paths():
        assert (path.vertices**2).sum(axis=1) == pytest.approx(1.5, abs=0.01)
    assert len(edge.get_paths()) == 1
    corners = shaded.get_paths()[0].get_extents()  # reaches the corners, and leaves a hole in the middle
    assert (corners.x0, corners.x1, corners.y0, corners.y1) == (-2, 2, -3, 3)
    assert ((shaded.get_paths()[0].vertices ** 2).sum(axis=1) > 1.49).all()
    assert axes.get_xlim() == (-2, 2)
    assert axes.get_ylim() == (-3, 3)


def test_one_side_everywhere_has_no_edge(axes):
    regions.region(axes, lambda p: np.ones(len(p)))
    assert len(sets(axes)) == 1
    regions.region(axes, lambda p: -np.ones(len(p)))
    assert len(sets(axes)) == 1


def test_a_score_a_point(axes):
    with pytest.raises(ValueError, match="one score a point"):
        regions.region(axes, lambda p: p)
