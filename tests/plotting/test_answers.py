import numpy as np
import pytest

from groundtruth.plotting import answers, style


def test_the_likeliest_answer_is_on_top_and_its_bar_is_as_long_as_its_share():
    _, axes = style.new_figure()
    answers.bars(axes, ["palace", "castle"], [0.6, 0.25])
    assert [bar.get_width() for bar in axes.patches] == [0.6, 0.25]
    assert [text.get_text() for text in axes.texts] == ["palace", "castle"]
    low, high = axes.get_ylim()
    assert low > high  # first place on top
    assert axes.get_xlim() == (0, 1)


def test_a_photograph_is_drawn_with_its_own_colours():
    _, axes = style.new_figure()
    pixels = np.random.default_rng(0).integers(0, 256, (3, 4, 5), dtype=np.uint8)
    answers.picture(axes, pixels)
    assert np.array_equal(axes.images[0].get_array(), pixels.transpose(1, 2, 0))


@pytest.mark.parametrize(
    ("names", "shares"), [(["a"], [0.1, 0.2]), ([], []), (["a"], [1.5]), (["a"], [-0.1])]
)
def test_bars_refuse_what_are_no_shares(names, shares):
    with pytest.raises(ValueError, match="one share from 0 to 1"):
        answers.bars(style.new_figure()[1], names, shares)


@pytest.mark.parametrize("wrong", [np.zeros((4, 5), np.uint8), np.zeros((3, 4, 5))])
def test_picture_refuses_what_is_no_photograph(wrong):
    with pytest.raises(ValueError, match="in bytes"):
        answers.picture(style.new_figure()[1], wrong)
