"""Maps that say which part of a picture an answer rests on, and two ways to judge such a map.

Used by the chapter *looking-inside*.

A *score* is any function that takes pictures (B, C, H, W) and returns one number each, (B,): the logit of a class, say.

- `occlusion`: cover a square, and see how far the score falls. Zeiler and Fergus (2014, doi
  10.1007/978-3-319-10590-1_53).
- `class_activation`: what each place adds to a logit, where a network ends in a mean over places and an affine map.
  Zhou, Khosla, Lapedriza, Oliva and Torralba (2016, doi 10.1109/CVPR.2016.319).
- `grad_cam`: the same idea for any network, by the gradient. Selvaraju et al. (2017, doi 10.1109/ICCV.2017.74).
- `gradient`: the slope of the score in each pixel. Simonyan, Vedaldi and Zisserman (2014, arXiv:1312.6034).
- `guided_gradient`: the same with negative slopes dropped at every ReLU. Springenberg, Dosovitskiy, Brox and Riedmiller
  (2015, arXiv:1412.6806).
- `rank_correlation`: how alike two maps are. Spearman (1904, doi 10.2307/1412159).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

Score = Callable[[Tensor], Tensor]
"""Pictures (B, C, H, W) to one number each, (B,)."""


def logit_of(network: Callable[[Tensor], Tensor], classes: Tensor | int) -> Score:
    """Return the score "the logit of this class": of one class for all pictures, or of one for each, int64 (B,)."""

    def score(pictures: Tensor) -> Tensor:
        logits = network(pictures)  # (B, K)
        if isinstance(classes, int):
            return logits[:, classes]
        return logits.gather(1, classes[:, None])[:, 0]

    return score


# --- by covering ------------------------------------------------------------------------------------------


def squares(height: int, width: int, size: int, step: int) -> Tensor:
    """Return all places of a square that moves by ``step`` pixels: bool (R, Q, H, W), R rows of Q squares.

    Raises:
        ValueError: the square does not fit in, or the step is below 1.

    """
    if not 1 <= size <= min(height, width) or step < 1:
        raise ValueError(
            f"the square's side must be from 1 to {min(height, width)} and the step at least 1; got {size}, {step}"
        )
    down = _stretches(height, size, step)  # (R, H)
    right = _stretches(width, size, step)  # (Q, W)
    return down[:, None, :, None] & right[None, :, None, :]


def occlusion(
    score: Score, picture: Tensor, size: int, step: int, fill: float | Tensor = 0.0, *, at_once: int = 64
) -> Tensor:
    """Return how far the score of one picture falls when a square of it is covered: (R, Q), one number a place.

    Args:
        score: of pictures.
        picture: (C, H, W).
        size: side of the square, in pixels.
        step: by how many pixels it moves.
        fill: what it is covered with: a number, or (C, 1, 1).
        at_once: pictures in a batch.

    Raises:
        ValueError: as for `squares`, or ``picture`` is not (C, H, W).

    """
    if picture.dim() != 3:
        raise ValueError(f"occlusion takes one picture (C, H, W); got shape {tuple(picture.shape)}")
    masks = squares(picture.shape[1], picture.shape[2], size, step)  # (R, Q, H, W)
    covered = covering(picture[None], masks.flatten(0, 1), fill)  # (R·Q, C, H, W)
    with torch.no_grad():
        left = torch.cat([score(some) for some in covered.split(at_once)])  # (R·Q,)
        whole = score(picture[None])
    return (whole - left).unflatten(0, masks.shape[:2])


def covering(pictures: Tensor, masks: Tensor, fill: float | Tensor = 0.0) -> Tensor:
    """Return the pictures (N, C, H, W) with what lies under their masks, bool (N, H, W), covered; one N may be 1."""
    return torch.where(masks[:, None], torch.as_tensor(fill, dtype=pictures.dtype), pictures)


# --- exactly, at the last layer ---------------------------------------------------------------------------


def class_activation(features: Tensor, weights: Tensor) -> Tensor:
    """Return what each place adds to a logit.

    Where a network ends in ``logit = weights · mean over places of features + bias``, the map adds up to the logit
    minus the bias, exactly.

    Args:
        features: (N, K, h, w), what goes into the mean.
        weights: (K,) of one class for all, or (N, K) of one class for each picture.

    Returns:
        (N, h, w), in the unit of a logit.

    Raises:
        ValueError: the channels are not as many as the weights.

    """
    if features.dim() != 4 or weights.shape[-1] != features.shape[1]:
        raise ValueError(
            f"features must be (N, K, h, w) and weights (K,) or (N, K); got {tuple(features.shape)}, "
            f"{tuple(weights.shape)}"
        )
    places = features.shape[2] * features.shape[3]
    each = weights if weights.dim() == 2 else weights[None]  # (N or 1, K)
    return (features * each[:, :, None, None]).sum(dim=1) / places


# --- by gradients -----------------------------------------------------------------------------------------


def gradient(score: Score, pictures: Tensor) -> Tensor:
    """Return the slope of each picture's score in its own pixels: (N, C, H, W)."""
    leaf = pictures.detach().clone().requires_grad_()
    return torch.autograd.grad(score(leaf).sum(), leaf)[0]


def grad_cam(features: Tensor, slopes: Tensor) -> Tensor:
    """Return the features weighted with their mean slope, and what is negative cut off: (N, h, w).

    Args:
        features: (N, K, h, w), of any layer.
        slopes: (N, K, h, w), of the score in them.

    """
    weights = slopes.mean(dim=(2, 3))  # (N, K)
    return (features * weights[:, :, None, None]).sum(dim=1).clamp(min=0)


def guided_gradient(network: nn.Module, classes: Tensor | int, pictures: Tensor) -> Tensor:
    """Return the slope of a logit in the pixels, where every ``nn.ReLU`` lets only positive slopes back: (N, C, H, W).

    It is the slope of nothing. The rule was made up for the looks of it.

    Raises:
        ValueError: the network has no ``nn.ReLU``, or changes its input in place there.

    """
    rectifiers = [layer for layer in network.modules() if isinstance(layer, nn.ReLU)]
    if not rectifiers or any(layer.inplace for layer in rectifiers):
        raise ValueError("guided_gradient needs a network with nn.ReLU layers that do not work in place")

    def only_positive(_: nn.Module, into: tuple[Tensor, ...], out: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return (into[0].clamp(min=0),)

    handles = [layer.register_full_backward_hook(only_positive) for layer in rectifiers]
    try:
        return gradient(logit_of(network, classes), pictures)
    finally:
        for handle in handles:
            handle.remove()


def edges(pictures: Tensor) -> Tensor:
    """Return how steep each picture is at each pixel, without any network: (N, C, H, W) -> (N, H, W).

    The length of the central differences along rows and columns, added up over channels; beyond its rim the picture
    goes on as it ended.
    """
    padded = nn.functional.pad(pictures, (1, 1, 1, 1), mode="replicate")
    across = (padded[:, :, 1:-1, 2:] - padded[:, :, 1:-1, :-2]) / 2
    down = (padded[:, :, 2:, 1:-1] - padded[:, :, :-2, 1:-1]) / 2
    return (across.square() + down.square()).sqrt().sum(dim=1)


# --- how good is a map? -----------------------------------------------------------------------------------


def share_inside(maps: Tensor, regions: Tensor) -> Tensor:
    """Return which share of each map's positive part lies in a region: (N,); 0 where nothing is positive.

    Args:
        maps: (N, h, w).
        regions: bool or from 0 to 1, (N, H, W), with sides that h and w divide: a coarse place counts by the share of
            it that lies in the region.

    Raises:
        ValueError: shapes that do not fit.

    """
    if regions.shape[0] != maps.shape[0] or any(
        whole % part for whole, part in zip(regions.shape[1:], maps.shape[1:], strict=True)
    ):
        raise ValueError(
            f"maps must be (N, h, w), regions (N, H, W), with h and w dividing H and W; got {tuple(maps.shape)}, "
            f"{tuple(regions.shape)}"
        )
    positive = maps.clamp(min=0)
    height, width = maps.shape[1:]
    inside = nn.functional.adaptive_avg_pool2d(regions.to(maps.dtype)[:, None], (height, width))[:, 0]
    total = positive.sum(dim=(1, 2))
    share = (positive * inside).sum(dim=(1, 2)) / torch.where(total > 0, total, torch.ones_like(total))
    return torch.where(total > 0, share, torch.zeros_like(share))


def rank_correlation(first: Tensor, second: Tensor) -> Tensor:
    """Return Spearman's rank correlation of each pair of maps: (N, …) and (N, …) -> (N,), from −1 to 1.

    Equal values share the mean of their ranks. A map that is the same everywhere has no ranks: the result is 0.

    Raises:
        ValueError: the shapes differ.

    """
    if first.shape != second.shape:
        raise ValueError(
            f"two maps of one shape are compared; got {tuple(first.shape)}, {tuple(second.shape)}"
        )
    a, b = _centred_ranks(first.flatten(1)), _centred_ranks(second.flatten(1))  # (N, P)
    scale = (a.square().sum(dim=1) * b.square().sum(dim=1)).sqrt()
    return torch.where(
        scale > 0, (a * b).sum(dim=1) / scale.clamp(min=torch.finfo(a.dtype).tiny), torch.zeros_like(scale)
    )


def _centred_ranks(values: Tensor) -> Tensor:
    """Return ranks minus their mean, ties sharing their mean rank: (N, P), float64."""
    count = values.shape[1]
    ordered, order = values.sort(dim=1)
    places = torch.arange(count, dtype=torch.float64).expand_as(values)
    fresh = torch.ones_like(ordered, dtype=torch.bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    group = fresh.long().cumsum(dim=1) - 1  # (N, P): the number of a value among the different ones
    total = torch.zeros(values.shape, dtype=torch.float64).scatter_add_(1, group, places)
    size = torch.zeros(values.shape, dtype=torch.float64).scatter_add_(1, group, torch.ones_like(places))
    shared = (total / size.clamp(min=1)).gather(1, group)  # (N, P), in sorted order
    ranks = torch.empty_like(shared).scatter_(1, order, shared)
    return ranks - (count - 1) / 2


def _stretches(length: int, size: int, step: int) -> Tensor:
    """Return which pixels a stretch covers at each of its places: bool (places, length)."""
    start = torch.arange(0, length - size + 1, step)[:, None]
    at = torch.arange(length)[None]
    return (at >= start) & (at < start + size)
