import pytest
import torch

from groundtruth.scratch.translation import move

X = torch.arange(12.0).view(3, 4)


@pytest.mark.parametrize("down", range(-4, 5))
@pytest.mark.parametrize("right", range(-5, 6))
def test_every_pixel_is_where_it_should_be(down, right):
    moved = move(X, down, right, fill=-1)
    for row in range(3):
        for column in range(4):
            inside = 0 <= row - down < 3 and 0 <= column - right < 4
            assert moved[row, column] == (X[row - down, column - right] if inside else -1)


def test_leading_axes_are_kept_and_the_input_is_left_alone():
    x = torch.rand(2, 3, 5, 5)
    before = x.clone()
    assert torch.equal(move(x, 1, 2)[1, 2], move(x[1, 2], 1, 2))
    assert torch.equal(x, before)
    assert torch.equal(move(x), x)


def test_wrong_input_is_named():
    with pytest.raises(ValueError, match=r"pictures \(…, H, W\)"):
        move(torch.rand(3))
    with pytest.raises(ValueError, match="whole pixels"):
        move(X, 0.5)
