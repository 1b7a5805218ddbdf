"""Events along a line: what is drawn where, and what is refused."""

from itertools import pairwise

import pytest

from groundtruth.plotting import style, timeline


def drawn(events, **options):
    _, axes = style.new_figure()
    timeline.draw(axes, events, **options)
    return axes


def test_dots_are_to_scale_and_texts_do_not_overlap():
    events = [
        (1940, "a", style.BLUE),
        (1941, "b", style.BLUE),
        (1942, "c", style.ORANGE),
        (2020, "d", style.BLUE),
    ]
    axes = drawn(events, gap=0.1)
    dots = [line.get_ydata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert dots == pytest.approx([0, 1 / 80, 2 / 80, 1])
    texts = {text.get_text(): text.get_position()[1] for text in axes.texts}
    heights = [texts[name] for name in "abcd"]
    assert all(b - a >= 0.1 - 1e-9 for a, b in pairwise(heights))
    assert {"1940", "1980", "2020"} <= set(texts)


@pytest.mark.parametrize("events", [[], [(2000, "late", style.BLUE), (1990, "early", style.BLUE)]])
def test_events_out_of_order_are_refused(events):
    with pytest.raises(ValueError, match="order"):
        drawn(events)


def test_more_than_fits_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        drawn([(1900 + n, "x", style.BLUE) for n in range(30)], gap=0.04)
