"""House prices that we made up, so that the truth about them is known: generated, not read from a file.

Used by the chapter *what-is-deep-learning* and its exercises. Nobody lives in these houses. Their prices follow
`HouseTruth` up to noise, which is what makes them useful: what a method has learned can be held against what is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

COLUMNS = ("bedrooms", "width", "depth", "floors", "distance", "age", "number")
"""Names of the features, in the order of their columns."""
UNITS = {
    "bedrooms": "bedroom",
    "width": "m",
    "depth": "m",
    "floors": "floor",
    "distance": "km",
    "age": "year",
    "number": "number",
    "area": "m²",
}
"""What one more of each feature is, also of the combined ``area``."""


@dataclass(frozen=True)
class HouseTruth:
    """The rule behind the prices: ``base`` plus each coefficient times its feature, plus Gaussian noise.

    Prices are in thousands of euros. Width, depth and the number of floors act through their product alone, and
    the number in the street does not act at all.

    Raises:
        ValueError: the noise is negative.

    """

    base: float = 150.0
    """Price of the plot, in thousands of euros."""
    area: float = 2.0
    """Thousands of euros for a square metre of floor: width times depth times floors."""
    bedrooms: float = 10.0
    """Thousands of euros for a bedroom more in a house of the same area."""
    distance: float = -6.0
    """Thousands of euros for a kilometre from the centre."""
    age: float = -0.8
    """Thousands of euros for a year of age."""
    number: float = 0.0
    """Thousands of euros for the number in the street: nothing."""
    noise: float = 30.0
    """Standard deviation of what no feature knows, in thousands of euros."""

    def __post_init__(self) -> None:
        """Refuse noise that cannot be."""
        if not self.noise >= 0:
            raise ValueError(f"noise is a standard deviation, at least 0; got {self.noise}")

    def coefficients(self, names: Sequence[str]) -> Tensor:
        """Return the true coefficients of these features, float64 (len(names),).

        Raises:
            ValueError: a feature has no coefficient of its own (width, depth and floors act through the area).

        """
        known = ("area", "bedrooms", "distance", "age", "number")
        strange = [name for name in names if name not in known]
        if strange:
            raise ValueError(
                f"no true coefficient for {', '.join(strange)}; there is one for {', '.join(known)}"
            )
        return torch.tensor([getattr(self, name) for name in names], dtype=torch.float64)


@dataclass(frozen=True, eq=False)
class Houses:
    """Some houses and their prices."""

    names: tuple[str, ...]
    """Name of each column of ``features``."""
    features: Tensor
    """float64 (N, D)."""
    prices: Tensor
    """float64 (N,), thousands of euros."""
    truth: HouseTruth

    def __len__(self) -> int:
        """Return the number of houses."""
        return len(self.prices)

    def column(self, name: str) -> Tensor:
        """Return one feature of all houses, float64 (N,).

        Raises:
            ValueError: there is no such feature.

        """
        return self.features[:, self._index(name)]

    def select(self, *names: str) -> Tensor:
        """Return some features of all houses, in the order given here, float64 (N, len(names)).

        Raises:
            ValueError: there is no such feature, or none was asked for.

        """
        if not names:
            raise ValueError("select at least one feature")
        return self.features[:, [self._index(name) for name in names]]

    def with_area(self) -> Houses:
        """Return the same houses with one feature more, ``area`` = width · depth · floors, in square metres."""
        area = self.select("width", "depth", "floors").prod(dim=1, keepdim=True)  # (N, 1)
        return replace(self, names=(*self.names, "area"), features=torch.cat([self.features, area], dim=1))

    def split(self, first: int) -> tuple[Houses, Houses]:
        """Return the ``first`` houses, and the rest.

        Raises:
            ValueError: one of the two would be empty.

        """
        if not 0 < first < len(self):
            raise ValueError(
                f"cannot split {len(self)} houses after the first {first}: a part would be empty"
            )
        one = replace(self, features=self.features[:first], prices=self.prices[:first])
        return one, replace(self, features=self.features[first:], prices=self.prices[first:])

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise ValueError(f"no feature {name!r}; there are {', '.join(self.names)}")
        return self.names.index(name)


def make(count: int, seed: int, truth: HouseTruth | None = None) -> Houses:
    """Return houses drawn from the rule, the same for the same arguments.

    The features are rounded as a notary would write them down. Bigger houses have more bedrooms, so that the two
    are correlated; the other features are independent of one another.

    Args:
        count: how many.
        seed: of a generator used here only.
        truth: the rule; the book's own where it is left out.

    Returns:
        Features in the order of ``COLUMNS``: bedrooms 1 … 9; width 6 … 12 m and depth 7 … 13 m, to a tenth; 1 … 3
        floors; 0 … 20 km, to a tenth; age 0 … 99 years; number 1 … 199.

    Raises:
        ValueError: ``count`` is below 1.

    """
    if count < 1:
        raise ValueError(f"count must be at least 1; got {count}")
    truth = HouseTruth() if truth is None else truth
    generator = Generator().manual_seed(seed)

    def uniform() -> Tensor:
        return torch.rand(count, generator=generator, dtype=torch.float64)

    def normal() -> Tensor:
        return torch.randn(count, generator=generator, dtype=torch.float64)

    width = (6 + 6 * uniform()).mul(10).round() / 10
    depth = (7 + 6 * uniform()).mul(10).round() / 10
    floors = 1 + (3 * uniform()).floor()
    area = width * depth * floors
    bedrooms = (area / 40 + 0.7 * normal()).round().clamp(1, 9)
    distance = (20 * uniform()).mul(10).round() / 10
    age = (100 * uniform()).floor()
    number = 1 + (199 * uniform()).floor()
    prices = (
        truth.base
        + truth.area * area
        + truth.bedrooms * bedrooms
        + truth.distance * distance
        + truth.age * age
        + truth.number * number
        + truth.noise * normal()
    )
    features = torch.stack([bedrooms, width, depth, floors, distance, age, number], dim=1)  # (N, 7)
    return Houses(COLUMNS, features, prices, truth)
