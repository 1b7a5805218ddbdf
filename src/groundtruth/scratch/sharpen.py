"""Sharpen pictures: add what a picture has more than the mean of its surroundings (an "unsharp mask").

Used by the chapter *transfer-learning*, where enlarged thumbnails are blurred and the photographs of ImageNet are not.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import avg_pool2d


def sharpen(pictures: Tensor, amount: float = 1.0, window: int = 9) -> Tensor:
    """Return ``picture + amount · (picture - local mean)``; flat regions stay as they are.

    Args:
        pictures: floating (N, C, H, W).
        amount: 0 changes nothing.
        window: side in pixels of the square that the local mean is taken over, odd; at the border only the part
            of it that lies inside counts.

    Raises:
        ValueError: no batch of floating pictures, a negative amount, or a window that is even or below 1.

    """
    if pictures.dim() != 4 or not pictures.is_floating_point():
        raise ValueError(
            f"pictures must be floating (N, C, H, W); got {pictures.dtype} {tuple(pictures.shape)}"
        )
    if amount < 0 or window < 1 or window % 2 == 0:
        raise ValueError(
            f"amount must be 0 or more and window odd, from 1; got amount={amount}, window={window}"
        )
    around = avg_pool2d(pictures, window, stride=1, padding=window // 2, count_include_pad=False)
    return pictures + amount * (pictures - around)
