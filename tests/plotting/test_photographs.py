"""Tiles of colour photographs, and methods beside each other."""

import numpy as np
import pytest
import torch

from groundtruth.plotting import curves, photographs, style


def test_tiles_stand_where_they_should_and_gaps_are_clear():
    _, axes = style.new_figure(bare=True)
    stack = torch.randint(256, (5, 3, 4, 6), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    photographs.mosaic(axes, stack, columns=3, gap=2)
    sheet = np.asarray(axes.images[0].get_array())
    assert sheet.shape == (10, 22, 4)
    assert (sheet[6:10, 8:14, :3] == stack[4].permute(1, 2, 0).numpy()).all()
    assert (sheet[:4, :6, 3] == 255).all()
    assert (sheet[4:6, :, 3] == 0).all()
    assert (sheet[6:, 16:, 3] == 0).all()  # there is no sixth photograph


@pytest.mark.parametrize(
    ("shape", "kind", "columns"),
    [((2, 1, 4, 4), torch.uint8, 1), ((3, 4, 4), torch.uint8, 1), ((2, 3, 4, 4), torch.float32, 1),
     ((0, 3, 4, 4), torch.uint8, 1), ((2, 3, 4, 4), torch.uint8, 0)],
)  # fmt: skip
def test_what_is_no_stack_of_photographs_is_refused(shape, kind, columns):
    _, axes = style.new_figure(bare=True)
    with pytest.raises(ValueError, match="photographs"):
        photographs.mosaic(axes, torch.zeros(shape, dtype=kind), columns)


def test_a_ladder_shows_every_seed_and_the_mean():
    figure, axes = style.new_figure()
    values = np.array([[0.5, 0.6, 0.7], [0.8, 0.8, 0.9]])
    photographs.ladder(axes, ["first", "second"], values, "accuracy")
    assert [text.get_text() for text in axes.get_yticklabels()] == ["first", "second"]
    assert axes.yaxis_inverted()
    dots = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 3]
    assert np.allclose(dots, values)
    mean, half = curves.interval(values.T)
    ends = axes.collections[0].get_segments()
    assert np.allclose([end[:, 0] for end in ends], np.stack([mean - half, mean + half], axis=1))
    assert not style.foreign_colours(style.to_svg(figure))
    photographs.ladder(axes, ["one"], [[0.5]], "accuracy")  # a single seed has no interval
    with pytest.raises(ValueError, match="ladder"):
        photographs.ladder(axes, ["one"], values, "accuracy")
