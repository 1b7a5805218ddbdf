"""Batch normalisation folded into the convolution before it: the same function with fewer steps.

Used by the chapter *transfer-learning*. In evaluation mode a normalisation is a fixed scale and shift of each channel,
and a convolution followed by those is another convolution with a bias. For a body that stays as it is, and runs over
thousands of pictures, this saves most of the traffic through memory. The arithmetic is ``torch.nn.utils.fusion``'s; the
chapter *deep-architectures* has it as an exercise.
"""

from __future__ import annotations

import copy
from typing import TypeVar

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Network = TypeVar("Network", bound=nn.Module)


def folded(network: Network) -> Network:
    """Return a frozen copy in which each pair of convolution and normalisation in a row is one convolution.

    Args:
        network: with its pairs next to each other in an ``nn.Sequential``, in evaluation mode; it is not changed.

    Raises:
        ValueError: a normalisation that would be folded is in training mode: it then depends on the batch.

    """
    twin = copy.deepcopy(network).requires_grad_(False)
    for part in list(twin.modules()):
        if isinstance(part, nn.Sequential):
            for place in range(len(part) - 1):
                first, second = part[place], part[place + 1]
                if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                    if second.training:
                        raise ValueError(
                            "a batch normalisation in training mode depends on its batch and cannot be folded; "
                            "call .eval() on the network first"
                        )
                    part[place] = fuse_conv_bn_eval(first.eval(), second)
                    part[place + 1] = nn.Identity()
    return twin
