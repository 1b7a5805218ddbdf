"""A map over a picture: orange where it is positive, the picture where it is not."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from groundtruth.plotting import maps, style


def drawn(picture, heat=None, **settings):
    _, axes = style.new_figure()
    maps.overlay(axes, picture, heat, **settings)
    return axes, np.asarray(axes.images[0].get_array())


def test_without_a_map_the_picture_is_drawn_as_it_is():
    picture = np.random.default_rng(0).integers(0, 256, (3, 6, 8)).astype(np.uint8)
    _, shown = drawn(picture)
    assert np.array_equal(shown, picture.transpose(1, 2, 0))


def test_orange_where_the_map_is_positive_and_only_there():
    heat = np.zeros((2, 2))
    heat[0, 0], heat[1, 1] = 1.0, -5.0
    _, shown = drawn(np.zeros((8, 8), np.uint8), heat)
    assert np.allclose(shown[0, 0] / 255, 0.15 * 0.35 + 0.85 * np.array(to_rgb(style.ORANGE)), atol=0.01)
    assert np.allclose(shown[7, 7] / 255, 0.35, atol=0.01)


def test_two_maps_can_share_their_full_colour():
    _, weak = drawn(np.zeros((4, 4), np.uint8), np.ones((2, 2)), top=10.0)
    _, strong = drawn(np.zeros((4, 4), np.uint8), np.ones((2, 2)))
    assert abs(weak[0, 0].astype(int) - 89).max() < abs(strong[0, 0].astype(int) - 89).max()


def test_a_map_of_zeros_does_not_divide_by_zero():
    _, shown = drawn(np.zeros((4, 4), np.uint8), np.zeros((2, 2)))
    assert shown.max() == round(0.35 * 255)


def test_boxes_and_title_are_drawn():
    axes, _ = drawn(np.zeros((1, 4, 4), np.uint8), title="a title", boxes=((0, 1, 2, 4),))
    assert axes.patches[0].get_xy() == (0.5, -0.5)
    assert (axes.patches[0].get_width(), axes.patches[0].get_height()) == (3, 2)
    assert axes.get_title(loc="left") == "a title"


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="a picture is bytes"):
        drawn(np.zeros((3, 4, 4)))
    with pytest.raises(ValueError, match="a map has shape"):
        drawn(np.zeros((4, 4), np.uint8), np.zeros(3))
