"""What excites a unit: the pictures of a collection that do it most, and a picture made for it by gradient ascent.

Used by the chapter *looking-inside*.

Sources: a picture made by ascent, Erhan, Bengio, Courville and Vincent (2009), "Visualizing higher-layer features of a
deep network", Université de Montréal, technical report 1341; for class scores, Simonyan, Vedaldi and Zisserman (2014,
arXiv:1312.6034); shifting and blurring on the way, and what they are good for: Olah, Mordvintsev and Schubert (2017,
doi 10.23915/distill.00007).
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn import functional as F  # noqa: N812 - the field's name for it

from groundtruth.scratch.attribution import Score, gradient


def most_exciting(activations: Tensor, count: int) -> Tensor:
    """Return the numbers of the ``count`` examples with the largest activation of each unit, the largest first.

    Args:
        activations: (N, K), N examples of K units.
        count: how many, from 1 to N.

    Returns:
        int64 (K, count).

    Raises:
        ValueError: a shape or count that does not fit.

    """
    if activations.dim() != 2 or not 1 <= count <= len(activations):
        raise ValueError(
            f"activations (N, K) and a count from 1 to N are needed; got {tuple(activations.shape)}, {count}"
        )
    return activations.topk(count, dim=0).indices.T


def maximise(
    score: Score,
    start: Tensor,
    steps: int,
    rate: float,
    *,
    low: float = -torch.inf,
    high: float = torch.inf,
    jitter: int = 0,
    blur_every: int = 0,
    generator: Generator | None = None,
) -> Tensor:
    """Return pictures that have climbed the slope of their score, each by itself: (N, C, H, W).

    Every step goes ``rate`` along the gradient brought to length 1, so that it is as long where the slope is small. The
    last eighth of the steps is not blurred.

    Args:
        score: pictures to one number each, (N,).
        start: (N, C, H, W); it stays as it is. A picture of one colour may have slope 0 and stay there: start from
            noise.
        steps: how many.
        rate: length of a step, in the pictures' unit.
        low, high: what a pixel can be.
        jitter: before each step the pictures are rolled by up to so many pixels, and back after it.
        blur_every: blur slightly after each so many steps; 0 for never.
        generator: draws the jitter; needed where there is some.

    Raises:
        ValueError: a negative number of steps or jitter, or jitter without a generator.

    """
    if steps < 0 or jitter < 0 or (jitter and generator is None):
        raise ValueError(
            f"steps and jitter must be at least 0, and jitter needs a generator; got {steps}, {jitter}"
        )
    pictures = start.detach().clone()
    for step in range(steps):
        down, right = (0, 0)
        if jitter:
            down, right = torch.randint(-jitter, jitter + 1, (2,), generator=generator).tolist()
        slope = gradient(score, pictures.roll((down, right), (2, 3))).roll((-down, -right), (2, 3))
        length = slope.flatten(1).norm(dim=1).clamp(min=torch.finfo(slope.dtype).tiny)  # (N,)
        pictures = (pictures + rate * slope / length[:, None, None, None]).clamp(low, high)
        if blur_every and (step + 1) % blur_every == 0 and step < steps - steps // 8:
            pictures = blur(pictures)
    return pictures


def blur(pictures: Tensor, width: float = 0.6) -> Tensor:
    """Return the pictures, each pixel a mean of its surroundings with the weights of a bell of this width, in pixels.

    Five by five pixels are looked at; beyond the rim the picture is mirrored. Sides of at least 3 are needed.
    """
    bell = torch.exp(-((torch.arange(5, dtype=pictures.dtype) - 2) ** 2) / (2 * width * width))
    bell = bell / bell.sum()
    channels = pictures.shape[1]
    kernel = (bell[:, None] * bell[None]).expand(channels, 1, 5, 5)
    return F.conv2d(F.pad(pictures, (2, 2, 2, 2), mode="reflect"), kernel, groups=channels)
