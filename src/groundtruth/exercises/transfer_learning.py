"""Checks of the exercises in *transfer-learning*. Used by the chapter *transfer-learning*.

The reader's functions are tried on small networks made here; none of them needs pretrained weights.
"""

from __future__ import annotations

import copy

import torch
import torch.nn.functional as F  # noqa: N812 - the field's name for it
from torch import Tensor, nn

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
)

# --- count-what-learns -----------------------------------------------------------------------------------

FEATURES, CLASSES = 1280, 5
TOP = 320 * 1280 + 2 * 1280

COUNTING = Parts(
    {
        "frozen": Numeric(
            expected=lambda: FEATURES * CLASSES + CLASSES,
            what="The count with a frozen body",
            rtol=1e-6,
            traps={
                "The biases are missing: one a class.": lambda: FEATURES * CLASSES,
                "This is one weight a feature; there is one for each feature *and* class.": lambda: (
                    FEATURES + CLASSES
                ),
                "This is the old head, with a thousand classes.": lambda: FEATURES * 1000 + 1000,
            },
        ),
        "with top": Numeric(
            expected=lambda: TOP + FEATURES * CLASSES + CLASSES,
            what="The count with the last convolution",
            rtol=1e-6,
            traps={
                "The head learns as well: add it.": lambda: TOP,
                "Batch normalisation has a scale *and* a shift for each channel, and both learn.": lambda: (
                    TOP - 1280 + FEATURES * CLASSES + CLASSES
                ),
                "The running means and variances are counted, and gradients do not reach them.": lambda: (
                    TOP + 2 * 1280 + FEATURES * CLASSES + CLASSES
                ),
                "Scale and shift of the normalisation are missing.": lambda: (
                    TOP - 2 * 1280 + FEATURES * CLASSES + CLASSES
                ),
            },
        ),
    }
)

# --- as-it-was-trained -----------------------------------------------------------------------------------


def _prepared(images: Tensor) -> Tensor:
    return (images.float() - 127) / 128


def _unit(images: Tensor) -> Tensor:
    return images.float() / 255


def _swapped(images: Tensor) -> Tensor:
    return _prepared(images).flip(1)


def _own(images: Tensor) -> Tensor:
    x = images.float()
    return (x - x.mean()) / x.std()


def _wrapped(images: Tensor) -> Tensor:
    return (images - 127).float() / 128  # bytes wrap round below zero


def _images(draw: torch.Generator) -> list[tuple[object, ...]]:
    return [
        (torch.randint(0, 256, shape, generator=draw, dtype=torch.uint8),)
        for shape in ((2, 3, 4, 4), (1, 3, 5, 2), (3, 3, 1, 1))
    ]


PREPARED = Function(
    reference=_prepared,
    inputs=_images,
    traps={
        "This goes from 0 to 1. The network was trained on numbers from about −1 to 1.": _unit,
        "Red and blue have changed places.": _swapped,
        "These are the mean and deviation of the pictures at hand. The network wants those of its own training.": _own,
        "Whole bytes have no negative numbers: 100 − 127 comes out as 229. Make them floating first.": _wrapped,
    },
)

# --- truly-frozen ----------------------------------------------------------------------------------------


def _small() -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        body = nn.Sequential(
            nn.Conv2d(3, 4, 3),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Conv2d(4, 6, 3),
            nn.BatchNorm2d(6),
        )
        return nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))


def _frozen(answer: object) -> str | None:
    model = _small()
    before = copy.deepcopy(model.state_dict())
    model.train()
    _quietly(answer, model)
    draw = torch.Generator().manual_seed(0)
    rate = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad] or [torch.zeros(1)], lr=0.1)
    if not any(p.requires_grad for p in model[3].parameters()):
        raise NotRightError("The head is frozen too, so nothing can learn: spare `model[3]`.")
    for _ in range(3):
        x = torch.randn(8, 3, 8, 8, generator=draw) + 3
        loss = F.cross_entropy(model(x), torch.randint(2, (8,), generator=draw))
        rate.zero_grad()
        loss.backward()
        rate.step()
    after = model.state_dict()
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    body = [name for name in changed if not name.startswith("3.")]
    if any(name.endswith(("weight", "bias")) for name in body):
        raise NotRightError("Weights of the body have changed in three steps of training.")
    if body:
        raise NotRightError(
            "No weight of the body has changed, and yet it is another network now: the running statistics of its "
            "batch normalisation have moved. `requires_grad` does not hold them; a mode does."
        )
    x = torch.randn(4, 3, 8, 8, generator=draw)
    with torch.random.fork_rng(devices=[]):
        if not torch.equal(model[0](x), model[0](x)):
            raise NotRightError("The body gives two answers to one picture: its dropout is still on.")
    if not model[3].training:
        raise NotRightError("The head is in evaluation mode. Leave the head as it was.")
    return None


def _quietly(function: object, model: nn.Module) -> None:
    if not callable(function) or isinstance(function, nn.Module | Tensor):
        raise NotRightError(f"A function of (model) is wanted, and this is {kind_of(function)}.")
    try:
        function(model)
    except Exception as error:
        raise NotRightError(f"Your function raised {type(error).__name__}: {error}") from None


# --- rates-by-depth --------------------------------------------------------------------------------------


def _rates(blocks: int, top: float, factor: float) -> Tensor:
    return torch.tensor([top * factor ** (blocks - 1 - k) for k in range(blocks)])


RATES = Function(
    reference=_rates,
    inputs=lambda _draw: [(4, 1e-3, 0.5), (1, 0.2, 0.1), (6, 1e-2, 0.8), (3, 1.0, 1.0)],
    traps={
        "It is the wrong way round: the block nearest to the head gets the largest rate.": lambda blocks, top, factor: (
            _rates(blocks, top, factor).flip(0)
        ),
        "The last block should get `top` itself: here it is already multiplied once.": lambda blocks, top, factor: (
            _rates(blocks, top, factor) * factor
        ),
        "The rates should fall by a factor from block to block, not by a fixed amount.": lambda blocks, top, factor: (
            torch.linspace(top * factor ** (blocks - 1), top, blocks)
        ),
    },
    atol=1e-9,
)

# --- names-into-two --------------------------------------------------------------------------------------


def _grouped(logits: Tensor, first: list[int], second: list[int]) -> Tensor:
    shares = logits.softmax(dim=1)
    one, two = shares[:, first].sum(dim=1), shares[:, second].sum(dim=1)
    return one / (one + two)


def _without_rest(logits: Tensor, first: list[int], second: list[int]) -> Tensor:
    return logits.softmax(dim=1)[:, first].sum(dim=1)


def _means(logits: Tensor, first: list[int], second: list[int]) -> Tensor:
    shares = logits.softmax(dim=1)
    one, two = shares[:, first].mean(dim=1), shares[:, second].mean(dim=1)
    return one / (one + two)


def _largest(logits: Tensor, first: list[int], second: list[int]) -> Tensor:
    shares = logits.softmax(dim=1)
    one, two = shares[:, first].amax(dim=1), shares[:, second].amax(dim=1)
    return one / (one + two)


def _of_sums(logits: Tensor, first: list[int], second: list[int]) -> Tensor:
    return (logits[:, first].sum(dim=1) - logits[:, second].sum(dim=1)).sigmoid()


def _logits(draw: torch.Generator) -> list[tuple[object, ...]]:
    return [
        (torch.randn(n, k, generator=draw) * 2, first, second)
        for n, k, first, second in (
            (4, 9, [0, 1, 2, 3], [5, 7]),
            (3, 6, [5, 4, 3], [0]),
            (1, 5, [1, 2], [0, 3, 4]),
        )
    ]


GROUPED = Function(
    reference=_grouped,
    inputs=_logits,
    traps={
        "This is the probability among *all* classes. Given that it is one of the two groups, divide by their sum.": (
            _without_rest
        ),
        "This compares means. A group with many classes then counts less than it should: add probabilities.": _means,
        "Only the likeliest class of each group counts here. Any of them would do: add them.": _largest,
        "Logits are added here. Probabilities of classes that exclude each other add, logits do not.": _of_sums,
    },
)

# --- may-it-be-cached ------------------------------------------------------------------------------------

CACHE = ("yes", "no")

CACHED = Parts(
    {
        "frozen eval": Choice(
            CACHE, lambda: "yes", {"no": "Nothing that the maps depend on changes: why compute them twice?"}
        ),
        "frozen train": Choice(
            CACHE,
            lambda: "no",
            {"yes": "In training mode the maps of a picture depend on the other pictures of its batch."},
        ),
        "small rate": Choice(
            CACHE, lambda: "no", {"yes": "A small rate is not zero: after each step the maps are others."}
        ),
        "random crops": Choice(
            CACHE,
            lambda: "no",
            {"yes": "A new crop is a new picture; what was kept belongs to an old one."},
        ),
        "mirrored": Choice(
            CACHE,
            lambda: "yes",
            {"no": "There are only two versions of each picture: both can be kept."},
        ),
    }
)

# --- honest-split ----------------------------------------------------------------------------------------


def _mask(answer: object, owners: Tensor, share: float, seed: int) -> Tensor:
    mask = call(answer, (owners, share, seed), ("owners", "share", "seed"))
    if not isinstance(mask, Tensor) or mask.dtype != torch.bool or mask.shape != owners.shape:
        raise NotRightError(
            "A tensor of truth values is wanted, one a photograph: True where it is held out."
        )
    return mask


def _honest(answer: object) -> str | None:
    draw = torch.Generator().manual_seed(3)
    for people, photos, share in ((10, 60, 0.3), (6, 40, 0.5), (25, 200, 0.2)):
        owners = torch.randint(people, (photos,), generator=draw)
        owners[:people] = torch.arange(people)
        result = _mask(answer, owners, share, 0)
        other = _mask(answer, owners, share, 1)
        again = _mask(answer, owners, share, 0)
        held, kept = set(owners[result].tolist()), set(owners[~result].tolist())
        if not held or not kept:
            raise NotRightError("One of the two parts is empty.")
        if held & kept:
            raise NotRightError(
                "Some people have photographs in both parts, so the network is tested on faces that it has seen. Draw "
                "people, not photographs."
            )
        if abs(len(held) - share * people) > 0.51:
            raise NotRightError("The share of people held out is not the one asked for, rounded.")
        if not torch.equal(result, again):
            raise NotRightError("The same seed gives two different splits: use a generator of your own.")
        if torch.equal(result, other):
            raise NotRightError("Two seeds give the same split: the seed has no influence.")
    return None


EXERCISES: dict[str, Exercise] = {
    "count-what-learns": Exercise(COUNTING, code=False),
    "as-it-was-trained": Exercise(PREPARED, praise="It agrees on every hidden picture."),
    "names-into-two": Exercise(GROUPED, praise="Classes that exclude each other add their probabilities."),
    "truly-frozen": Exercise(
        Predicate(_frozen), praise="Three steps of training, and the body is the same to the bit."
    ),
    "rates-by-depth": Exercise(RATES, praise="The last block learns fastest, the first hardly at all."),
    "may-it-be-cached": Exercise(CACHED, code=False),
    "honest-split": Exercise(Predicate(_honest), praise="Nobody stands on both sides."),
}

check = checks_of(EXERCISES)
