"""The made-up houses follow the rule that they are said to follow."""

import pytest
import torch

from groundtruth.data import houses
from groundtruth.data.houses import COLUMNS, HouseTruth

KNOWN = ("area", "bedrooms", "distance", "age", "number")


def test_without_noise_the_prices_are_the_rule():
    truth = HouseTruth(noise=0.0)
    made = houses.make(500, seed=3, truth=truth).with_area()
    expected = truth.base + made.select(*KNOWN) @ truth.coefficients(KNOWN)
    assert torch.allclose(made.prices, expected, rtol=0, atol=1e-9)


def test_noise_has_the_size_that_is_stated_and_no_pattern():
    made = houses.make(40_000, seed=0).with_area()
    left = made.prices - made.truth.base - made.select(*KNOWN) @ made.truth.coefficients(KNOWN)
    assert float(left.mean()) == pytest.approx(0, abs=0.6)
    assert float(left.std()) == pytest.approx(made.truth.noise, rel=0.02)
    together = torch.corrcoef(torch.cat([left[:, None], made.features], dim=1).T)
    assert float(together[0, 1:].abs().max()) < 0.02


def test_features_stay_in_their_ranges():
    made = houses.make(5000, seed=1)
    assert made.features.shape == (5000, len(COLUMNS))
    assert made.features.dtype == made.prices.dtype == torch.float64
    assert len(made) == 5000
    ranges = {
        "bedrooms": (1, 9), "width": (6, 12), "depth": (7, 13), "floors": (1, 3),
        "distance": (0, 20), "age": (0, 99), "number": (1, 199),
    }  # fmt: skip
    for name, (low, high) in ranges.items():
        column = made.column(name)
        assert low <= float(column.min()) < float(column.max()) <= high, name
    assert set(made.column("floors").tolist()) == {1, 2, 3}
    assert set(houses.UNITS) == {*COLUMNS, "area"}


def test_bedrooms_go_with_area_and_nothing_else_does():
    made = houses.make(20_000, seed=2).with_area()
    together = torch.corrcoef(made.select("area", "bedrooms", "distance", "age", "number").T)
    assert 0.8 < float(together[0, 1]) < 0.97
    assert float(together[2:, :2].abs().max()) < 0.03


def test_a_seed_repeats_and_leaves_the_global_generator_alone():
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first, again, other = houses.make(50, 7), houses.make(50, 7), houses.make(50, 8)
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(first.features, again.features)
    assert torch.equal(first.prices, again.prices)
    assert not torch.equal(first.prices, other.prices)


def test_area_is_a_column_more():
    made = houses.make(4, 0)
    wider = made.with_area()
    assert wider.names == (*COLUMNS, "area")
    assert torch.equal(
        wider.column("area"), made.column("width") * made.column("depth") * made.column("floors")
    )
    assert torch.equal(wider.prices, made.prices)
    assert made.features.shape == (4, 7)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="count"):
        houses.make(0, 0)
    with pytest.raises(ValueError, match="noise"):
        HouseTruth(noise=-1.0)
    with pytest.raises(ValueError, match="no true coefficient for width"):
        HouseTruth().coefficients(["area", "width"])
    made = houses.make(3, 0)
    with pytest.raises(ValueError, match="no feature 'garden'"):
        made.column("garden")
    with pytest.raises(ValueError, match="at least one"):
        made.select()


def test_split_keeps_every_house_once():
    town = houses.make(10, seed=1).with_area()
    one, other = town.split(3)
    assert (len(one), len(other)) == (3, 7)
    assert torch.equal(torch.cat([one.features, other.features]), town.features)
    assert torch.equal(torch.cat([one.prices, other.prices]), town.prices)
    assert one.names == other.names == town.names


@pytest.mark.parametrize("first", [-1, 0, 10, 11])
def test_split_refuses_an_empty_part(first):
    with pytest.raises(ValueError, match="a part would be empty"):
        houses.make(10, seed=1).split(first)
