"""Answers that the checks of *looking-inside* must tell apart, and the book's own functions held against theirs."""

import pytest
import torch

from groundtruth.exercises import looking_inside as module
from groundtruth.exercises.looking_inside import check, suspect
from groundtruth.scratch import adversarial, attribution

OK_PAPER = {"map": [[2.25, -1.75], [0.25, 1.25]], "logit": 2.5, "covered": -2.25}
OK_SMALL = {"signs": 0.05, "random": 5.0, "factor": 2}
OK_BELIEF = {"A": "fails", "B": "open", "C": "passes", "D": "fails"}


def trap(exercise, number):
    return list(exercise.traps.values())[number]


WRONG = [
    ("cover-by-hand", module._left_over(), "score that is left"),
    ("cover-by-hand", module._cover(sign=-1), "sign is flipped"),
    ("cover-by-hand", module._cover(weighted=False), "added up pixels"),
    ("cover-by-hand", [1.0, 2.0], "should have shape"),
    ("map-on-paper", OK_PAPER | {"map": [[9, -7], [1, 5]]}, "adds a quarter"),
    ("map-on-paper", OK_PAPER | {"logit": 2.0}, "bias is missing"),
    ("map-on-paper", OK_PAPER | {"logit": 8.5}, "takes the mean"),
    ("map-on-paper", OK_PAPER | {"covered": 2.25}, "It falls"),
    ("map-on-paper", OK_PAPER | {"covered": -2.0}, "All three are"),
    ("grad-cam", trap(module.GRAD_CAM, 0), "cut them off"),
    ("grad-cam", trap(module.GRAD_CAM, 1), "place by place"),
    ("grad-cam", trap(module.GRAD_CAM, 2), "taken their sum"),
    ("grad-cam", trap(module.GRAD_CAM, 3), "after the maps"),
    ("step-without-autograd", trap(module.STEP, 0), "gradient ascent"),
    ("step-without-autograd", trap(module.STEP, 1), "It should rise"),
    ("step-without-autograd", trap(module.STEP, 2), "always raise the score"),
    ("step-without-autograd", lambda x, w, targets, eps: x.add_(eps), "changes its input `x`"),
    ("how-small-a-step", OK_SMALL | {"signs": 500}, "number of pixels"),
    ("how-small-a-step", OK_SMALL | {"signs": 5}, "no square root"),
    ("how-small-a-step", OK_SMALL | {"random": 0.05}, "mostly cancel"),
    ("how-small-a-step", OK_SMALL | {"factor": 4}, "root of the number"),
    ("how-small-a-step", OK_SMALL | {"factor": 0.5}, "wider"),
    ("pointing-game", module._whole_stack, "Each map has its own"),
    ("pointing-game", trap(module.POINTING, 1), "share of the area"),
    ("pointing-game", trap(module.POINTING, 2), "largest *value*"),
    ("pointing-game", trap(module.POINTING, 3), "misses"),
    ("which-to-believe", OK_BELIEF | {"A": "passes"}, "anything was learned"),
    ("which-to-believe", OK_BELIEF | {"B": "passes"}, "no truth"),
    ("which-to-believe", OK_BELIEF | {"C": "open"}, "Both tests"),
    ("which-to-believe", OK_BELIEF | {"D": "passes"}, "needs no network"),
    ("which-to-believe", OK_BELIEF | {"D": "perhaps"}, "none of the words"),
    ("find-the-spot", (6, 13), "changed places"),
    ("find-the-spot", (14, 7), "middle of the spot"),
    ("find-the-spot", (15, 8), "lower right"),
]  # fmt: skip


def by_book(features, slopes):
    return attribution.grad_cam(features[None], slopes[None])[0]


def by_autograd(x, w, targets, eps):
    def losses(pixels):
        return torch.nn.functional.binary_cross_entropy_with_logits(pixels @ w, targets, reduction="none")

    return adversarial.fast_gradient_sign(losses, x, eps)


def one_by_one(maps, regions):
    hits = [bool(r.flatten()[m.argmax()]) for m, r in zip(maps, regions, strict=True)]
    return sum(hits) / len(hits)


RIGHT = [
    ("cover-by-hand", torch.tensor(module._cover())),
    ("map-on-paper", OK_PAPER),
    ("grad-cam", by_book),
    ("step-without-autograd", by_autograd),
    ("how-small-a-step", OK_SMALL),
    ("pointing-game", one_by_one),
    ("which-to-believe", {key: value.upper() for key, value in OK_BELIEF.items()}),
    ("find-the-spot", torch.tensor([13, 6])),
]  # fmt: skip


def test_the_pencils_maps_are_the_books():
    weights, picture = torch.tensor(module.WEIGHTS), torch.tensor(module.PICTURE)
    found = attribution.occlusion(lambda x: (x * weights).sum(dim=(1, 2, 3)), picture[None], 2, 1)
    assert found.tolist() == module._cover()
    maps = attribution.class_activation(torch.tensor(module.MAPS)[None], torch.tensor(module.HEAD))
    assert maps[0].tolist() == OK_PAPER["map"] == module._class_map()


def test_covering_finds_the_spot():
    score = lambda x: suspect(x[:, 0])  # noqa: E731
    fell = attribution.occlusion(score, torch.full((1, 20, 20), 0.5), 3, 1)
    assert divmod(int(fell.argmax()), fell.shape[1]) == module._SPOT


def test_the_suspect_names_what_it_takes():
    with pytest.raises(ValueError, match="suspect takes"):
        suspect(torch.zeros(20, 20))


def test_the_stub_is_unfinished():
    assert not check("find-the-spot", (..., ...))
