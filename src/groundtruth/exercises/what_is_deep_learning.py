"""Answer checks for the chapter ``what-is-deep-learning``.

The houses are those of `groundtruth.data.houses`; the least-squares line is computed here by its own formulas, so
that the chapter's code, scikit-learn and these checks can be held against one another.
"""

from __future__ import annotations

import torch
from torch import Tensor

from groundtruth.data import houses
from groundtruth.data.houses import HouseTruth
from groundtruth.data.images import ImageSet
from groundtruth.exercises.answers import (
    Choice,
    Exercise,
    Function,
    NotRightError,
    Numeric,
    Parts,
    Predicate,
    call,
    checks_of,
    kind_of,
    read,
)

TRUTH = HouseTruth()
PRICED = {"area": 120.0, "bedrooms": 3.0, "distance": 5.0, "age": 20.0, "number": 14.0}


# --- kinds-of-learning -----------------------------------------------------------------------------------

KINDS = ("supervised", "unsupervised", "self-supervised")
_HINTS = {
    "supervised": "Did a person, or a measurement, give the right answer with each example?",
    "unsupervised": "Is there really nothing to predict? Look for a right answer, given or made from the data.",
    "self-supervised": "Is the right answer cut out of the data themselves?",
}


def _kind(expected: str) -> Choice:
    return Choice(KINDS, expected=lambda: expected, hints={k: v for k, v in _HINTS.items() if k != expected})


KIND_OF_LEARNING = Parts(
    {
        "tumours": _kind("supervised"),
        "shoppers": _kind("unsupervised"),
        "missing word": _kind("self-supervised"),
        "colour": _kind("self-supervised"),
        "prices": _kind("supervised"),
    }
)


# --- price-of-a-house ------------------------------------------------------------------------------------


def _price(*, base: bool = True, distance: float = 1.0, age: float = 1.0) -> float:
    own = {"distance": distance, "age": age}
    total = sum(getattr(TRUTH, name) * own.get(name, 1.0) * value for name, value in PRICED.items())
    return total + (TRUTH.base if base else 0.0)


PRICE = Numeric(
    expected=_price,
    what="The price",
    traps={
        "You forgot the base, which every house costs.": lambda: _price(base=False),
        "Distance lowers a price: mind the sign of its coefficient.": lambda: _price(distance=-1.0),
        "Age lowers a price: mind the sign of its coefficient.": lambda: _price(age=-1.0),
        "Distance and age lower a price: mind the signs.": lambda: _price(distance=-1.0, age=-1.0),
        "The prices of this chapter are in thousands of euros.": lambda: 1000 * _price(),
    },
)


# --- fit-a-line ------------------------------------------------------------------------------------------


def _fit_line(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    dx, dy = x - x.mean(), y - y.mean()
    slope = (dx * dy).sum() / (dx * dx).sum()
    return slope, y.mean() - slope * x.mean()


def _line_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for n in (3, 5, 20, 200):
        x = 4 + 2 * torch.randn(n, generator=generator, dtype=torch.float64)
        noise = torch.randn(n, generator=generator, dtype=torch.float64)
        calls.append((x, 7 - 3 * x + noise))
        calls.append((x, -2 + 0.5 * x + noise))
    return calls


def _through_origin(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return (x * y).sum() / (x * x).sum(), torch.zeros((), dtype=x.dtype)


def _upside_down(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    slope, _ = _fit_line(y, x)
    return slope, y.mean() - slope * x.mean()


def _correlation_as_slope(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    slope = torch.corrcoef(torch.stack([x, y]))[0, 1]
    return slope, y.mean() - slope * x.mean()


LINE = Function(
    reference=_fit_line,
    inputs=_line_calls,
    returns=("slope", "intercept"),
    traps={
        "Your line goes through the origin: subtract the means first, and work out the intercept.": _through_origin,
        "You divide by the spread of y, as if x were to be predicted. Divide by the spread of x.": _upside_down,
        "Your slope is the correlation. They agree only where x and y have the same spread.": _correlation_as_slope,
        "The intercept and the slope have changed places: return (slope, intercept).": lambda x, y: _fit_line(
            x, y
        )[::-1],
    },
)


# --- strongest-feature -----------------------------------------------------------------------------------


def _correlations(features: Tensor, prices: Tensor) -> Tensor:
    both = torch.cat([features, prices[:, None]], dim=1)  # (N, D + 1)
    return torch.corrcoef(both.T)[-1, :-1]  # (D,)


def _strongest(features: Tensor, prices: Tensor) -> int:
    return int(_correlations(features, prices).abs().argmax())


def _strongest_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for seed in range(8):
        made = houses.make(150, seed=1000 + seed)
        # A feature that lowers the price, sometimes the strongest; and a weak one with a huge spread.
        strength = 40.0 if seed % 2 else 400.0
        noise = torch.randn(150, generator=generator, dtype=torch.float64)
        lowers = -made.prices + strength * noise
        loud = 1e5 * torch.randn(150, generator=generator, dtype=torch.float64) + 50 * made.prices
        features = torch.stack([made.column("age"), lowers, made.column("bedrooms"), loud], dim=1)
        calls.append((features[:, torch.randperm(4, generator=generator)], made.prices))
    return calls


STRONGEST = Function(
    reference=_strongest,
    inputs=_strongest_calls,
    traps={
        "You look for the largest correlation. A strongly negative one is just as useful: what do you take first?": (
            lambda features, prices: int(_correlations(features, prices).argmax())
        ),
        "You compare covariances, which grow with the unit of the feature. Divide by the spreads.": (
            lambda features, prices: int(
                ((features - features.mean(0)) * (prices - prices.mean())[:, None]).mean(0).abs().argmax()
            )
        ),
        "This is the weakest feature.": lambda features, prices: int(
            _correlations(features, prices).abs().argmin()
        ),
    },
)


# --- one-good-feature ------------------------------------------------------------------------------------


def _error_left(features: Tensor, prices: Tensor) -> float:
    """Return the root of the mean squared error of the best linear prediction from these features, (N, D)."""
    design = torch.cat([torch.ones(len(features), 1, dtype=torch.float64), features], dim=1)
    scaled = design / design.abs().amax(dim=0).clamp(min=1e-12)
    solution = torch.linalg.lstsq(scaled, prices[:, None], driver="gelsd").solution
    return float((scaled @ solution - prices[:, None]).square().mean().sqrt())


def _feature(answer: object) -> str | None:
    made = houses.make(1000, seed=77)

    def result(given: Tensor) -> Tensor:
        got = read(call(answer, (given,), ("features",)), (len(given),), what="What your function returns")
        return torch.from_numpy(got.copy())

    new = result(made.features)
    if not torch.allclose(result(made.features[:5]), new[:5], atol=1e-6):
        raise NotRightError(
            "The feature of a house must depend on that house alone, not on the others or on chance."
        )
    rest = made.select("bedrooms", "distance", "age")
    left = _error_left(torch.cat([rest, new[:, None]], dim=1), made.prices)
    if left <= 1.1 * TRUTH.noise:
        return None
    if _error_left(torch.cat([made.features, new[:, None]], dim=1), made.prices) > 0.99 * _error_left(
        made.features, made.prices
    ):
        raise NotRightError(
            "Your feature is a sum of columns, or as good as one: a line in the columns can form it by itself. "
            "Something has to be multiplied."
        )
    width, depth, floors = made.select("width", "depth", "floors").T
    for name, candidate in (("width times depth", width * depth), ("width times floors", width * floors),
                            ("depth times floors", depth * floors)):  # fmt: skip
        if torch.allclose(new, candidate, rtol=1e-4):
            raise NotRightError(
                f"This is {name}, which leaves out how big the house is in its third direction."
            )
    raise NotRightError(
        f"With your feature the error is still {left / TRUTH.noise:.1f} times the noise; at most 1.1 times is wanted."
    )


# --- left-out --------------------------------------------------------------------------------------------


def left_out_houses() -> houses.Houses:
    """Return the houses of ``left-out``: 2,000 of them, with their area."""
    return houses.make(2000, seed=42).with_area()


def _slope_of_bedrooms(*others: str) -> float:
    made = left_out_houses()
    design = torch.cat(
        [torch.ones(len(made), 1, dtype=torch.float64), made.select("bedrooms", *others)], dim=1
    )
    return float(torch.linalg.lstsq(design, made.prices[:, None]).solution[1, 0])


def _slope(*others: str, traps: dict[str, tuple[str, ...]]) -> Numeric:
    return Numeric(
        expected=lambda: _slope_of_bedrooms(*others),
        what="The coefficient of the bedrooms",
        traps={said: (lambda names=names: _slope_of_bedrooms(*names)) for said, names in traps.items()},  # type: ignore[misc]
    )


LEFT_OUT = Parts(
    {
        "alone": _slope(
            traps={"This is the coefficient beside the area. Leave all other features out.": ("area",)}
        ),
        "with area": _slope(
            "area",
            traps={
                "This is the coefficient of the bedrooms alone. Give the regression the area as well.": (),
                "This is the coefficient beside all features. Give it the area alone.": (
                    "area",
                    "distance",
                    "age",
                ),
            },
        ),
        "with floors": _slope(
            "floors",
            traps={
                "This is the coefficient of the bedrooms alone. Give the regression the floors as well.": (),
                "This is the coefficient beside the area. The question is about the floors.": ("area",),
            },
        ),
        "a bedroom more": Choice(
            ("alone", "with area", "with floors"),
            expected=lambda: "with area",
            hints={
                "alone": "A house with one bedroom more is also a bigger house. Does a wall add area?",
                "with floors": "Among houses with as many floors, more bedrooms still go with more area.",
            },
        ),
    }
)


# --- change-the-data -------------------------------------------------------------------------------------


def _small_set(classes: int = 5, per_class: int = 4) -> ImageSet:
    generator = torch.Generator().manual_seed(9)
    count = classes * per_class
    labels = torch.arange(classes).repeat(per_class)

    def pictures() -> Tensor:
        return torch.randint(0, 256, (count, 1, 3, 3), generator=generator, dtype=torch.uint8)

    names = tuple(f"thing {number}" for number in range(classes))
    return ImageSet("things", names, pictures(), labels, pictures(), labels.flip(0))


def _detector(answer: object) -> str | None:
    for wanted in (0, 3):
        images = _small_set()
        name = images.class_names[wanted]
        if not callable(answer):
            raise NotRightError(f"A function of (images, wanted) is wanted, and this is {kind_of(answer)}.")
        # `call` compares arguments before and after by ==, which sets of images do not have: that follows below.
        got = call(lambda wanted, images=images: answer(images, wanted), (name,), ("wanted",))
        if not isinstance(got, ImageSet):
            raise NotRightError(f"Your function should return an ImageSet, and returns {kind_of(got)}.")
        if not torch.equal(images.train_labels, _small_set().train_labels):
            raise NotRightError("Your function changes the labels of the set it was given. Make a new one.")
        if len(got.train_images) < len(images.train_images):
            raise NotRightError(
                "Pictures are missing: a detector needs to see what it should *not* report, too."
            )
        if not torch.equal(got.train_images, images.train_images) or not torch.equal(
            got.test_images, images.test_images
        ):
            raise NotRightError("The pictures stay as they are, in their order; only the labels change.")
        if len(got.class_names) != 2:
            raise NotRightError(f"A detector has two classes; yours has {len(got.class_names)} class_names.")
        for part in ("train", "test"):
            old, new = getattr(images, f"{part}_labels"), getattr(got, f"{part}_labels")
            target = (old == wanted).long()
            if torch.equal(new, 1 - target):
                raise NotRightError(
                    "It is the wrong way round: label 1 should mean that the wanted class is there."
                )
            if torch.equal(new, old):
                raise NotRightError(f"The {part} labels have not changed.")
            if not torch.equal(new, target):
                raise NotRightError(
                    f"Some of the {part} labels are not right: 1 for the wanted class, 0 for others."
                )
    return None


DETECTOR = Parts(
    {
        "data": Predicate(_detector),
        "always no": Numeric(
            expected=lambda: 0.9,
            what="The accuracy of always answering no",
            traps={
                "This is how often always answering *yes* is right.": lambda: 0.1,
                "There are two answers, and they are not equally common.": lambda: 0.5,
            },
        ),
    }
)


# --- true-interval ---------------------------------------------------------------------------------------


def _interval(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    slope, intercept = _fit_line(x, y)
    error = _standard_error(x, y, slope, intercept, lost=2)
    return slope - 2 * error, slope + 2 * error


def _standard_error(x: Tensor, y: Tensor, slope: Tensor, intercept: Tensor, *, lost: int) -> Tensor:
    left = y - intercept - slope * x
    variance = (left * left).sum() / (len(x) - lost)
    return (variance / ((x - x.mean()) ** 2).sum()).sqrt()


def _interval_calls(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for n in (4, 6, 12, 40, 200):
        x = 3 + 2 * torch.randn(n, generator=generator, dtype=torch.float64)
        calls.append((x, 5 + 2 * x + 3 * torch.randn(n, generator=generator, dtype=torch.float64)))
    return calls


def _interval_by_n(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    slope, intercept = _fit_line(x, y)
    error = _standard_error(x, y, slope, intercept, lost=0)
    return slope - 2 * error, slope + 2 * error


def _interval_one(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    low, high = _interval(x, y)
    quarter = (high - low) / 4
    return low + quarter, high - quarter


def _interval_of_noise(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    slope, intercept = _fit_line(x, y)
    left = y - intercept - slope * x
    spread = ((left * left).sum() / (len(x) - 2)).sqrt()
    return slope - 2 * spread, slope + 2 * spread


INTERVAL = Function(
    reference=_interval,
    inputs=_interval_calls,
    returns=("low", "high"),
    traps={
        "You divide the squared errors by N. Two numbers were fitted, the slope and the intercept: divide by N − 2.": (
            _interval_by_n
        ),
        "Your interval is one standard error to each side; two are wanted.": _interval_one,
        "This is the spread of the errors, not of the slope: it still has to be divided by the spread of x.": (
            _interval_of_noise
        ),
        "The ends have changed places.": lambda x, y: _interval(x, y)[::-1],
    },
)


EXERCISES = {
    "kinds-of-learning": Exercise(
        KIND_OF_LEARNING, praise="The question is always: where does the right answer come from?", code=False
    ),
    "price-of-a-house": Exercise(PRICE, praise="And the number in the street adds nothing.", code=False),
    "fit-a-line": Exercise(LINE, praise="This is learning from pairs, in two lines."),
    "strongest-feature": Exercise(STRONGEST, praise="Size counts, not sign, and not the unit."),
    "one-good-feature": Exercise(
        Predicate(_feature), praise="One product of three columns, and the error is down to the noise."
    ),
    "left-out": Exercise(LEFT_OUT, praise="A coefficient speaks for everything that was left out beside it."),
    "true-interval": Exercise(INTERVAL, praise="This is what a network does not give you."),
    "change-the-data": Exercise(DETECTOR, praise="Not a line about bags, and yet a bag detector."),
}

check = checks_of(EXERCISES)
