"""Answer checks for the chapter ``looking-inside``.

The conventions are those of the chapter. What the checks compute with shares no code with `groundtruth.scratch`, so
that tests can hold one against the other.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from groundtruth.exercises.answers import Choice, Exercise, Function, Numeric, Parts, checks_of

__all__ = ["EXERCISES", "check", "suspect"]


# --- cover-by-hand ---------------------------------------------------------------------------------------

WEIGHTS = ((1.0, 0.0, -2.0), (3.0, 1.0, 0.0), (0.0, 2.0, 1.0))
PICTURE = ((2.0, 1.0, 1.0), (0.0, 4.0, 5.0), (1.0, 1.0, 3.0))


def _cover(*, fill: float = 0.0, sign: float = 1.0, weighted: bool = True) -> list[list[float]]:
    def fall(row: int, column: int) -> float:
        total = 0.0
        for r in (row, row + 1):
            for c in (column, column + 1):
                total += (WEIGHTS[r][c] if weighted else 1.0) * (PICTURE[r][c] - fill)
        return sign * total

    return [[fall(row, column) for column in (0, 1)] for row in (0, 1)]


def _left_over() -> list[list[float]]:
    whole = sum(w * x for ws, xs in zip(WEIGHTS, PICTURE, strict=True) for w, x in zip(ws, xs, strict=True))
    return [[whole - fall for fall in row] for row in _cover()]


COVER = Numeric(
    expected=_cover,
    what="The occlusion map",
    traps={
        "That is the score that is left. The map says how far it has fallen.": _left_over,
        "Every sign is flipped: where covering lowers the score, the map is positive.": lambda: _cover(
            sign=-1
        ),
        "You have added up pixels. What counts for the score is weight times pixel.": lambda: _cover(
            weighted=False
        ),
    },
)


# --- map-on-paper ----------------------------------------------------------------------------------------

MAPS = (((4.0, 0.0), (0.0, 2.0)), ((0.0, 8.0), (0.0, 0.0)), ((2.0, 2.0), (2.0, 2.0)))
HEAD, BIAS = (2.0, -1.0, 0.5), 0.5


def _class_map(places: float = 4.0) -> list[list[float]]:
    return [
        [sum(w * m[r][c] for w, m in zip(HEAD, MAPS, strict=True)) / places for c in (0, 1)] for r in (0, 1)
    ]


ON_PAPER = Parts(
    {
        "map": Numeric(
            expected=_class_map,
            what="The map",
            traps={
                "The logit takes the *mean* over places: each place adds a quarter of that.": lambda: (
                    _class_map(1.0)
                )
            },
        ),
        "logit": Numeric(
            expected=lambda: sum(map(sum, _class_map())) + BIAS,
            what="The logit",
            traps={
                "The bias is missing.": lambda: sum(map(sum, _class_map())),
                "This takes the sum over places where the network takes the mean.": lambda: (
                    sum(map(sum, _class_map(1.0))) + BIAS
                ),
            },
        ),
        "covered": Numeric(
            expected=lambda: -_class_map()[0][0],
            what="The change of the logit",
            traps={
                "It falls: the change is negative.": lambda: _class_map()[0][0],
                "Only map number 1 was set to zero there. All three are.": lambda: (
                    -HEAD[0] * MAPS[0][0][0] / 4
                ),
            },
        ),
    }
)


# --- grad-cam --------------------------------------------------------------------------------------------


def _grad_cam(features: Tensor, slopes: Tensor) -> Tensor:
    return (features * slopes.mean(dim=(1, 2))[:, None, None]).sum(dim=0).clamp(min=0)


def _cam_inputs(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for channels, height, width in ((1, 2, 2), (3, 4, 5), (8, 7, 7)):
        features = torch.rand(channels, height, width, generator=generator, dtype=torch.float64)
        calls.append(
            (features, torch.randn(channels, height, width, generator=generator, dtype=torch.float64))
        )
    return calls


GRAD_CAM = Function(
    reference=_grad_cam,
    inputs=_cam_inputs,
    traps={
        "Negative places are still there: cut them off at zero.": lambda features, slopes: (
            features * slopes.mean(dim=(1, 2))[:, None, None]
        ).sum(dim=0),
        "You multiply place by place. A map has *one* weight, the mean of its slopes over all places.": (
            lambda features, slopes: (features * slopes).sum(dim=0).clamp(min=0)
        ),
        "The weight of a map is the mean of its slopes, and you have taken their sum.": lambda features, slopes: (
            (features * slopes.sum(dim=(1, 2))[:, None, None]).sum(dim=0).clamp(min=0)
        ),
        "Cut off negative values after the maps have been added up, not before.": lambda features, slopes: (
            (features * slopes.mean(dim=(1, 2))[:, None, None]).clamp(min=0).sum(dim=0)
        ),
    },
)


# --- step-without-autograd -------------------------------------------------------------------------------


def _step(x: Tensor, w: Tensor, targets: Tensor, eps: float, *, way: str = "") -> Tensor:
    slope = (torch.sigmoid(x @ w) - targets)[:, None] * w[None]
    if way == "plain":
        return x + eps * slope
    if way == "down":
        return x - eps * slope.sign()
    if way == "weights":
        return x + eps * w.sign()[None].expand_as(x)
    return x + eps * slope.sign()


def _reference(x: Tensor, w: Tensor, targets: Tensor, eps: float) -> Tensor:
    return _step(x, w, targets, eps)


def _step_inputs(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for count, size, eps in ((1, 2, 0.1), (6, 5, 0.03), (20, 12, 1.0)):
        x = torch.randn(count, size, generator=generator, dtype=torch.float64)
        w = torch.randn(size, generator=generator, dtype=torch.float64)
        targets = torch.randint(0, 2, (count,), generator=generator).double()
        calls.append((x, w, targets, eps))
    return calls


STEP = Function(
    reference=_reference,
    inputs=_step_inputs,
    traps={
        "That is a step of gradient ascent. Here every pixel moves by the same amount.": lambda x, w, targets, eps: (
            _step(x, w, targets, eps, way="plain")
        ),
        "The loss falls this way. It should rise.": lambda x, w, targets, eps: _step(
            x, w, targets, eps, way="down"
        ),
        "You always raise the score. For target 1 the loss rises when the score falls.": lambda x, w, targets, eps: (
            _step(x, w, targets, eps, way="weights")
        ),
    },
)


# --- how-small-a-step ------------------------------------------------------------------------------------

PIXELS, WEIGHT, SCORE = 10_000, 0.01, 5.0

SMALL = Parts(
    {
        "signs": Numeric(
            expected=lambda: SCORE / (PIXELS * WEIGHT),
            what="The step along the signs",
            traps={
                "You have left the number of pixels out: they all push.": lambda: SCORE / WEIGHT,
                "With signs that fit, pushes add up: there is no square root.": lambda: (
                    SCORE / (math.sqrt(PIXELS) * WEIGHT)
                ),
            },
        ),
        "random": Numeric(
            expected=lambda: SCORE / (math.sqrt(PIXELS) * WEIGHT),
            what="The random step",
            traps={
                "That is the step along the signs. Random pushes mostly cancel.": lambda: (
                    SCORE / (PIXELS * WEIGHT)
                ),
            },
        ),
        "factor": Numeric(
            expected=lambda: 2.0,
            what="The factor",
            traps={
                "The ratio of the two steps is the root of the number of pixels, and that is what quadruples.": (
                    lambda: 4.0
                ),
                "More pixels make the gap wider.": lambda: 0.5,
            },
        ),
    }
)


# --- pointing-game ---------------------------------------------------------------------------------------


def _pointing(maps: Tensor, regions: Tensor) -> float:
    top = maps.flatten(1).argmax(dim=1)
    return float(regions.flatten(1).gather(1, top[:, None]).double().mean())


def _pointing_inputs(generator: torch.Generator) -> list[tuple[object, ...]]:
    calls: list[tuple[object, ...]] = []
    for count, side in ((1, 2), (7, 4), (40, 6)):
        maps = torch.randn(count, side, side, generator=generator, dtype=torch.float64)
        calls.append((maps, torch.rand(count, side, side, generator=generator) < 0.5))
    return calls


def _whole_stack(maps: Tensor, regions: Tensor) -> float:
    return float(regions.flatten()[maps.flatten().argmax()])


POINTING = Function(
    reference=_pointing,
    inputs=_pointing_inputs,
    traps={
        "You look for one highest place in all maps together. Each map has its own.": _whole_stack,
        "That is the share of the area, whatever the maps say.": lambda maps, regions: float(
            regions.double().mean()
        ),
        "You count the sizes. The highest place of a map is the one with the largest *value*.": lambda maps, regions: (
            _pointing(maps.abs(), regions)
        ),
        "That is the share of misses.": lambda maps, regions: 1 - _pointing(maps, regions),
    },
)


# --- which-to-believe ------------------------------------------------------------------------------------

WORDS = ("fails", "passes", "open")

BELIEVE = Parts(
    {
        "A": Choice(
            WORDS,
            lambda: "fails",
            {
                "passes": "Its map does not care whether anything was learned. Where it points is beside the point.",
                "open": "The same map from a network that has learned nothing leaves nothing open.",
            },
        ),
        "B": Choice(
            WORDS,
            lambda: "open",
            {
                "fails": "It does change with the weights. That it points elsewhere may be the network's doing.",
                "passes": "It depends on the weights. But no truth was there to compare it with.",
            },
        ),
        "C": Choice(
            WORDS,
            lambda: "passes",
            {
                "fails": "It changes with what is learned, and it found what had been planted.",
                "open": "Both tests were made: it changes with the weights, and it was held against a known truth.",
            },
        ),
        "D": Choice(
            WORDS,
            lambda: "fails",
            {
                "passes": "It needs no network, so it says nothing about one, however well it points.",
                "open": "There is no network in it. What it says about networks is known.",
            },
        ),
    }
)


# --- find-the-spot ---------------------------------------------------------------------------------------

_SPOT = (13, 6)
_SPOT_SIDE = 3


def suspect(pictures: Tensor) -> Tensor:
    """Return one score for each picture: a classifier that looks at a spot of 3 × 3 pixels, and at little else.

    Args:
        pictures: (N, 20, 20), from 0 to 1.

    Returns:
        (N,), the higher the brighter that spot is.

    Raises:
        ValueError: pictures of another shape.

    """
    if pictures.dim() != 3 or pictures.shape[1:] != (20, 20):
        raise ValueError(f"suspect takes pictures (N, 20, 20); got {tuple(pictures.shape)}")
    top, left = _SPOT
    spot = pictures[:, top : top + _SPOT_SIDE, left : left + _SPOT_SIDE].mean(dim=(1, 2))
    return torch.tanh(3 * spot) + 0.1 * pictures.mean(dim=(1, 2))


SPOT = Numeric(
    expected=lambda: _SPOT,
    rtol=0,
    what="The place (row, column)",
    traps={
        "Row and column have changed places.": lambda: _SPOT[::-1],
        "That is the middle of the spot. Its upper left pixel is asked for.": lambda: [c + 1 for c in _SPOT],
        "That is its lower right pixel. The upper left is asked for.": lambda: [c + 2 for c in _SPOT],
    },
)


EXERCISES = {
    "cover-by-hand": Exercise(COVER, code=False),
    "map-on-paper": Exercise(ON_PAPER, code=False),
    "grad-cam": Exercise(
        GRAD_CAM, praise="On the last maps of our networks it is the class activation map, cut off."
    ),
    "step-without-autograd": Exercise(STEP),
    "how-small-a-step": Exercise(SMALL, code=False),
    "pointing-game": Exercise(POINTING),
    "which-to-believe": Exercise(BELIEVE, code=False),
    "find-the-spot": Exercise(SPOT, praise="You have opened a box whose inside you never saw."),
}

check = checks_of(EXERCISES)
