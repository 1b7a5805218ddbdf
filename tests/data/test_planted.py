"""Planted pictures: what was put where is where it is said to be, and the tag tells what it is said to tell."""

import pytest
import torch

from groundtruth.data import planted

COUNT = 400


def make(tagged=None, seed=0, **changed):
    garments = torch.full((COUNT, 1, 28, 28), 255, dtype=torch.uint8)
    settings = {
        "garments": garments,
        "labels": torch.arange(COUNT) % 5,
        "photographs": [
            torch.zeros(40, 50, dtype=torch.uint8),
            torch.full((32, 32), 100, dtype=torch.uint8),
        ],
        "generator": torch.Generator().manual_seed(seed),
        "tagged": tagged,
    } | changed
    return planted.plant(**settings)


def test_the_garment_is_where_it_is_said_to_be_and_nowhere_else():
    made = make()
    white = made.pictures[:, 0] == 255
    assert torch.equal(white, made.garment)
    assert bool((made.garment.sum(dim=(1, 2)) == 14 * 14).all())
    assert len({tuple(box.nonzero()[0].tolist()) for box in made.garment}) > 40  # at many places


def test_garment_and_tag_do_not_touch():
    made = make(tagged=0.5)
    assert not bool((made.garment & made.tag).any())
    assert bool((made.tag.sum(dim=(1, 2)) == 16).all())


def test_the_tag_is_the_pattern_of_its_class():
    made = make(tagged=0.5)
    for picture, where, which in zip(made.pictures[:, 0], made.tag, made.tag_labels, strict=True):
        assert torch.equal(picture[where].view(4, 4).float() / 255, planted.tags()[which])
    assert len({tuple(t.flatten().tolist()) for t in planted.tags()}) == 6


def test_how_often_the_tag_tells_the_class():
    assert torch.equal(make(tagged=1.0).tag_labels, make().labels)
    by_chance = (make(tagged=0.0).tag_labels == make().labels).float().mean()
    assert 0.13 < float(by_chance) < 0.27
    half = (make(tagged=0.5).tag_labels == make().labels).float().mean()
    assert 0.5 < float(half) < 0.7


def test_without_tags_there_is_none_and_all_else_is_the_same():
    without, with_ = make(), make(tagged=1.0)
    assert not bool(without.tag.any())
    assert without.tag_labels.unique().tolist() == [-1]
    assert torch.equal(without.garment, with_.garment)
    assert torch.equal(without.pictures[~with_.tag[:, None]], with_.pictures[~with_.tag[:, None]])


def test_all_corners_and_photographs_are_used_and_the_seed_decides():
    made = make(tagged=1.0)
    assert len({tuple(tag.nonzero()[0].tolist()) for tag in made.tag}) == 4
    assert set(make().pictures[~make().garment[:, None]].unique().tolist()) == {0, 50}  # half as bright
    assert torch.equal(made.pictures, make(tagged=1.0).pictures)
    assert not torch.equal(made.pictures, make(tagged=1.0, seed=1).pictures)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"garments": torch.zeros(COUNT, 1, 28, 28)}, "garments must be uint8"),
        ({"labels": torch.zeros(3, dtype=torch.int64)}, "one a garment"),
        ({"labels": torch.full((COUNT,), 5)}, "from 0 to 4"),
        ({"classes": 7}, "from 1 to 6"),
        ({"photographs": []}, "must be a photograph"),
        ({"photographs": [torch.zeros(20, 40, dtype=torch.uint8)]}, "at least 32"),
        ({"tagged": 1.5}, "share from 0 to 1"),
    ],
)
def test_bad_input_is_named(changed, words):
    with pytest.raises(ValueError, match=words):
        make(**changed)
