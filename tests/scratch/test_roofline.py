"""Operations against PyTorch's own counter, and the roof against its two limits."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from groundtruth.scratch import roofline


def counted(function):
    with FlopCounterMode(display=False) as counter:
        function()
    return counter.get_total_flops()


@pytest.mark.parametrize("shape", [(3, 5, 7), (1, 784, 128), (64, 20, 1)])
def test_a_product_has_torchs_operations(shape):
    n, d, k = shape
    work = roofline.product(n, d, k)
    assert work.operations == counted(lambda: torch.zeros(n, d) @ torch.zeros(d, k))
    assert work.moved == 4 * (n * d + d * k + n * k)


def test_a_convolution_has_torchs_operations():
    layer, x = nn.Conv2d(3, 8, 5, padding=2, bias=False), torch.zeros(4, 3, 12, 12)
    work = roofline.convolution(4, 3, 8, 5, side=12)
    assert work.operations == counted(lambda: layer(x))
    assert work.moved == 4 * (x.numel() + layer.weight.numel() + layer(x).numel())


def test_a_function_of_each_number_reads_and_writes_all():
    work = roofline.elementwise(1000, reads=2, operations=3, size=2)
    assert (work.operations, work.moved, work.intensity) == (3000, 6000, 0.5)


def test_the_roof_has_two_sides_that_meet_at_the_ridge():
    peak, bandwidth = 200e9, 40e9
    assert roofline.ridge(peak, bandwidth) == 5
    assert roofline.attainable(5, peak, bandwidth) == peak
    assert roofline.attainable(500, peak, bandwidth) == peak
    assert roofline.attainable(0.25, peak, bandwidth) == 10e9
    with pytest.raises(ValueError, match="above 0"):
        roofline.attainable(0, peak, bandwidth)


def test_a_larger_batch_raises_a_products_intensity():
    values = [roofline.product(n, 784, 128).intensity for n in (1, 4, 16, 64, 256, 1024)]
    assert values == sorted(values)
    assert values[0] < 0.5


def test_the_fastest_round_counts():
    calls = []
    assert roofline.seconds(lambda: calls.append(1), least=1e-4, rounds=2) > 0
    assert len(calls) >= 4
