"""Labels beside curves keep their order, their distance and their place within the axes."""

import numpy as np
import pytest

from groundtruth.plotting import labels, style


@pytest.mark.parametrize("seed", range(20))
def test_apart_keeps_order_and_distance(seed):
    wished = sorted(np.random.default_rng(seed).random(7).tolist())
    places = labels.apart(wished, 0.08)
    assert (np.diff(places) >= 0.08 - 1e-9).all()
    assert min(places) >= -1e-9
    assert max(places) <= 1 + 1e-9


def test_apart_leaves_alone_what_fits_and_centres_what_does_not():
    assert labels.apart([0.1, 0.5, 0.9], 0.05) == [0.1, 0.5, 0.9]
    assert labels.apart([0.5, 0.5], 0.1) == pytest.approx([0.45, 0.55])
    assert labels.apart([], 0.1) == []


def test_texts_stand_at_the_right_in_their_colours():
    _, axes = style.new_figure()
    axes.set(ylim=(0, 10))
    assert labels.at_right(axes, [(8.0, "high", style.BLUE), (1.0, "low", style.RED)]) is axes
    low, high = axes.texts
    assert (low.get_text(), high.get_text()) == ("low", "high")
    assert low.get_position() == pytest.approx((1.02, 0.1))
    assert high.get_position() == pytest.approx((1.02, 0.8))
    assert high.get_color() == style.BLUE
    with pytest.raises(ValueError, match="do not fit"):
        labels.at_right(axes, [(1.0, "x", style.INK)] * 40)
