"""The drawings that judge a classifier: squares of the right area, points in the right place, and no bad input."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from scipy import stats

from groundtruth.plotting import judgement, style


def squares(axes):
    return {
        (round(p.get_y() + p.get_height() / 2), round(p.get_x() + p.get_width() / 2)): p
        for p in axes.patches
        if isinstance(p, Rectangle)
    }


def test_the_area_of_a_square_is_the_share_of_its_row():
    _, axes = style.new_figure()
    judgement.confusion(axes, [[8, 2], [0, 5]], ["a", "b"])
    drawn = squares(axes)
    assert set(drawn) == {(0, 0), (0, 1), (1, 1)}  # row, column; an empty cell has none
    areas = {place: patch.get_width() * patch.get_height() for place, patch in drawn.items()}
    assert areas == pytest.approx({(0, 0): 0.8, (0, 1): 0.2, (1, 1): 1.0})
    assert drawn[0, 1].get_facecolor() != drawn[0, 0].get_facecolor()
    assert axes.yaxis_inverted()  # the first label is at the top
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "b"]


def test_confusion_refuses_what_it_cannot_draw():
    _, axes = style.new_figure()
    with pytest.raises(ValueError, match="K names"):
        judgement.confusion(axes, [[1, 0], [0, 1]], ["a"])
    with pytest.raises(ValueError, match=r"\(K, K\)"):
        judgement.confusion(axes, [[1, 0]], ["a"])
    with pytest.raises(ValueError, match="row of the matrix is empty"):
        judgement.confusion(axes, [[1, 0], [0, 0]], ["a", "b"])


def test_reliability_leaves_empty_bins_out():
    _, axes = style.new_figure()
    judgement.reliability(axes, [np.nan, 0.6, 0.9], [np.nan, 0.5, 0.8], [0, 10, 40])
    diagonal, points = axes.get_lines()
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]]
    assert points.get_xydata().tolist() == [[0.6, 0.5], [0.9, 0.8]]
    with pytest.raises(ValueError, match=r"\(B,\)"):
        judgement.reliability(axes, [0.5], [0.5, 0.6], [1])


@pytest.mark.parametrize(("hits", "count"), [(0, 5), (3, 5), (5, 5), (180, 200)])
def test_interval_is_scipys(hits, count):
    low, high = judgement.wilson(np.array([hits / count]), np.array([count]), z=stats.norm.ppf(0.975))
    theirs = stats.binomtest(hits, count).proportion_ci(method="wilson")
    assert low[0] == pytest.approx(theirs.low, abs=1e-12)
    assert high[0] == pytest.approx(theirs.high, abs=1e-12)


def test_drawings_use_the_books_colours():
    fig, (left, right) = style.new_figure(1, 2)
    judgement.confusion(left, np.eye(3), ["a", "b", "c"])
    judgement.reliability(right, [0.5, 0.9], [0.4, 0.95], [9, 90], series=1)
    assert not style.foreign_colours(style.to_svg(fig))
