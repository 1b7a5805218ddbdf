"""Wrong answers to the chapter's exercises, the sentence meant for each, and right answers in other forms."""

import torch
from torch import nn

from groundtruth.exercises import transfer_learning as module

OK_COUNT = {"frozen": 6405, "with top": 320 * 1280 + 2 * 1280 + 6405}
OK_CACHE = {
    "frozen eval": "yes",
    "frozen train": "no",
    "small rate": "no",
    "random crops": "no",
    "mirrored": "yes",
}


def no_gradients(model):
    for weight in model[0].parameters():
        weight.requires_grad = False


def only_mode(model):
    model[0].eval()


def all_frozen(model):
    model.requires_grad_(False)
    model.eval()


def head_in_evaluation(model):
    model[0].requires_grad_(False)
    model.eval()


def norms_only(model):
    model[0].requires_grad_(False)
    for part in model[0]:
        if isinstance(part, nn.BatchNorm2d):
            part.eval()


def frozen(model):
    model[0].requires_grad_(False)
    model[0].eval()


def people(owners, share, seed):
    names = owners.unique()
    order = names[torch.randperm(len(names), generator=torch.Generator().manual_seed(seed))]
    return torch.isin(owners, order[: round(share * len(names))])


def photographs(owners, share, seed):
    order = torch.randperm(len(owners), generator=torch.Generator().manual_seed(seed))
    held = torch.zeros(len(owners), dtype=torch.bool)
    held[order[: round(share * len(owners))]] = True
    return held


WRONG = [
    ("count-what-learns", OK_COUNT | {"frozen": 6400}, "[frozen] The biases are missing"),
    ("count-what-learns", OK_COUNT | {"frozen": 1_281_000}, "the old head"),
    ("count-what-learns", OK_COUNT | {"frozen": 1285}, "each feature *and* class"),
    ("count-what-learns", OK_COUNT | {"with top": 412_160}, "The head learns as well"),
    ("count-what-learns", OK_COUNT | {"with top": 412_160 + 6405 + 2560}, "running means"),
    ("count-what-learns", OK_COUNT | {"with top": 320 * 1280 + 6405}, "Scale and shift"),
    ("as-it-was-trained", module._unit, "from 0 to 1"),
    ("as-it-was-trained", module._swapped, "Red and blue"),
    ("as-it-was-trained", module._own, "the pictures at hand"),
    ("as-it-was-trained", module._wrapped, "Whole bytes"),
    ("names-into-two", module._without_rest, "among *all* classes"),
    ("names-into-two", module._means, "compares means"),
    ("names-into-two", module._largest, "Only the likeliest"),
    ("names-into-two", module._of_sums, "Logits are added"),
    ("truly-frozen", no_gradients, "running statistics"),
    ("truly-frozen", only_mode, "Weights of the body have changed"),
    ("truly-frozen", all_frozen, "The head is frozen too"),
    ("truly-frozen", head_in_evaluation, "The head is in evaluation mode"),
    ("truly-frozen", norms_only, "dropout is still on"),
    ("truly-frozen", lambda: None, "raised TypeError"),
    ("rates-by-depth", lambda b, t, f: module._rates(b, t, f).flip(0), "wrong way round"),
    ("rates-by-depth", lambda b, t, f: module._rates(b, t, f) * f, "multiplied once"),
    ("rates-by-depth", lambda b, t, f: torch.linspace(t * f ** (b - 1), t, b), "by a factor"),
    ("may-it-be-cached", OK_CACHE | {"frozen train": "yes"}, "other pictures of its batch"),
    ("may-it-be-cached", OK_CACHE | {"small rate": "yes"}, "not zero"),
    ("may-it-be-cached", OK_CACHE | {"random crops": "yes"}, "new crop"),
    ("may-it-be-cached", OK_CACHE | {"mirrored": "no"}, "only two versions"),
    ("honest-split", photographs, "Draw people"),
    ("honest-split", lambda o, share, seed: torch.zeros(len(o), dtype=torch.bool), "empty"),
    ("honest-split", lambda o, share, seed: people(o, share, 0), "no influence"),
    ("honest-split", lambda o, share, seed: people(o, share / 2, seed), "share of people"),
    ("honest-split", lambda o, share, seed: o, "truth values"),
]

RIGHT = [
    ("count-what-learns", {key: float(value) for key, value in OK_COUNT.items()}),
    ("as-it-was-trained", lambda images: images.double().sub(127).div(128).float()),
    ("names-into-two", lambda z, a, b: torch.sigmoid(z[:, a].logsumexp(1) - z[:, b].logsumexp(1))),
    ("truly-frozen", frozen),
    ("rates-by-depth", lambda blocks, top, factor: [top * factor**k for k in reversed(range(blocks))]),
    ("may-it-be-cached", {key: value.upper() for key, value in OK_CACHE.items()}),
    ("honest-split", people),
]
