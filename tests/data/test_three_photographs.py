"""The three photographs are there, upright, in colour, and in the order of their names."""

import pytest
import torch
from PIL import Image

from groundtruth.data import three_photographs


def test_three_squares_in_the_order_of_their_names():
    loaded = three_photographs.load(64)
    assert loaded.shape == (3, 3, 64, 64)
    assert loaded.dtype == torch.uint8
    assert tuple(three_photographs.paths()) == three_photographs.NAMES
    assert [path.name for path in three_photographs.paths().values()] == [
        "grace_hopper.jpg", "china.jpg", "flower.jpg",
    ]  # fmt: skip
    means = loaded.float().mean(dim=(2, 3))  # (3 photographs, 3 colours)
    assert float(means[2, 0]) > float(means[2, 2])  # the flower has more red than blue
    assert loaded.float().std(dim=(2, 3)).min() > 10


def test_the_middle_square_is_taken():
    path = three_photographs.paths()["palace"]
    with Image.open(path) as opened:
        width, height = opened.size
        left = (width - height) // 2
        middle = (
            opened.convert("RGB").crop((left, 0, left + height, height)).resize((1, 1), Image.Resampling.BOX)
        )
    found = three_photographs.load(1)[1].flatten().tolist()
    assert found == pytest.approx(middle.getpixel((0, 0)), abs=2)


def test_grounds_are_grey_palace_and_flower():
    grounds = three_photographs.grounds(40)
    assert [ground.shape for ground in grounds] == [(40, 40), (40, 40)]
    assert grounds[0].dtype == torch.uint8
    grey = three_photographs.load(40)[2].float().mean(dim=0)
    assert float(torch.corrcoef(torch.stack([grounds[1].flatten().float(), grey.flatten()]))[0, 1]) > 0.95


def test_a_size_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="size must be"):
        three_photographs.load(0)
