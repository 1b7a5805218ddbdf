"""Convolution by hand against torch: sizes, value and gradient over random shapes, and planted faults."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.scratch.convolution import Conv2d, convolve, correlate, correlate_backward, output_size

PICTURE = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]


def generator(seed):
    return torch.Generator().manual_seed(seed)


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


def whole(low, high, g):
    return int(torch.randint(low, high + 1, (), generator=g))


# --- sizes --------------------------------------------------------------------------------------------------


def test_sizes_are_torchs():
    for size in range(1, 9):
        for kernel in range(1, 6):
            for stride in range(1, 4):
                for padding in range(3):
                    if kernel > size + 2 * padding:
                        continue
                    theirs = F.conv1d(torch.ones(1, 1, size), torch.ones(1, 1, kernel), None, stride, padding)
                    assert output_size(size, kernel, stride, padding) == theirs.shape[2]


@pytest.mark.parametrize("wrong", [(0, 1), (3, 0), (3, 1, 0), (3, 1, 1, -1)])
def test_sizes_out_of_range_are_named(wrong):
    with pytest.raises(ValueError, match="must be at least 1"):
        output_size(*wrong)


def test_a_kernel_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match=r"kernel of 6 does not fit on 3 \+ 2·1 = 5"):
        output_size(3, 6, padding=1)


# --- one dimension ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_one_dimension_is_torchs_forward_and_backward(seed):
    g = generator(seed)
    length, size, stride, padding = whole(5, 12, g), whole(1, 5, g), whole(1, 3, g), whole(0, 2, g)
    x, kernel, bias = draw(length, seed=seed), draw(size, seed=seed + 50), draw(1, seed=seed + 100)
    leaves = [part.clone().requires_grad_() for part in (x, kernel, bias)]
    theirs = F.conv1d(leaves[0][None, None], leaves[1][None, None], leaves[2], stride, padding)[0, 0]
    torch.testing.assert_close(correlate(x, kernel, float(bias), stride, padding), theirs.detach())
    slope = draw(len(theirs), seed=seed + 150)
    theirs.backward(slope)
    ours = correlate_backward(x, kernel, slope, stride, padding)
    torch.testing.assert_close(ours.inputs, leaves[0].grad)
    torch.testing.assert_close(ours.weights, leaves[1].grad)
    torch.testing.assert_close(ours.biases, leaves[2].grad[0])


def test_convolution_turns_the_kernel_around():
    x, kernel = draw(7), draw(3, seed=1)
    full = convolve(x, kernel, padding=2)  # every overlap, so that the order of the two does not matter
    torch.testing.assert_close(full, convolve(kernel, x, padding=6))
    polynomial = [sum(x[i] * kernel[n - i] for i in range(7) if 0 <= n - i < 3) for n in range(9)]
    torch.testing.assert_close(full, torch.stack(polynomial))
    assert not torch.allclose(correlate(x, kernel, padding=2), full)


def test_wrong_signals_are_named():
    with pytest.raises(ValueError, match=r"a signal \(L,\) and a kernel \(k,\)"):
        correlate(draw(2, 2), draw(2))
    with pytest.raises(ValueError, match="padding must be at least 0"):
        correlate(draw(3), draw(2), padding=-1)
    with pytest.raises(ValueError, match=r"shape of the output, \(2,\)"):
        correlate_backward(draw(3), draw(2), draw(3))


# --- two dimensions -----------------------------------------------------------------------------------------


def case(seed):
    g = generator(seed)
    count, channels, kernels = whole(1, 3, g), whole(1, 4, g), whole(1, 4, g)
    height, width, tall, wide = whole(5, 9, g), whole(5, 9, g), whole(1, 5, g), whole(1, 5, g)
    stride, padding = whole(1, 3, g), whole(0, 2, g)
    layer = Conv2d(
        draw(kernels, channels, tall, wide, seed=seed + 50), draw(kernels, seed=seed + 100), stride, padding
    )
    return layer, draw(count, channels, height, width, seed=seed + 150)


def torchs(layer, x):
    leaves = [part.clone().requires_grad_() for part in (x, layer.weights, layer.biases)]
    return leaves, F.conv2d(*leaves, stride=layer.stride, padding=layer.padding)


@pytest.mark.parametrize("seed", range(40))
def test_two_dimensions_are_torchs_forward_and_backward(seed):
    layer, x = case(seed)
    leaves, theirs = torchs(layer, x)
    torch.testing.assert_close(layer.forward(x), theirs.detach())
    slope = draw(*theirs.shape, seed=seed + 200)
    theirs.backward(slope)
    ours = layer.backward(x, slope)
    torch.testing.assert_close(ours.inputs, leaves[0].grad)
    torch.testing.assert_close(ours.weights, leaves[1].grad)
    torch.testing.assert_close(ours.biases, leaves[2].grad)


@pytest.mark.parametrize(
    "planted",
    [
        lambda s, n: s.weights / n,  # a mean over places in place of the sum
        lambda s, n: s.weights.transpose(2, 3),
        lambda s, n: s.weights.flip(2, 3),  # turned around
    ],
)
def test_planted_faults_would_be_seen(planted):
    layer, x = Conv2d(draw(2, 3, 3, 3), draw(2, seed=1), padding=1), draw(2, 3, 6, 6, seed=2)
    leaves, theirs = torchs(layer, x)
    slope = draw(*theirs.shape, seed=3)
    theirs.backward(slope)
    assert torch.allclose(layer.backward(x, slope).weights, leaves[1].grad)
    assert not torch.allclose(planted(layer.backward(x, slope), 36), leaves[1].grad)


def test_nothing_that_was_handed_in_is_changed():
    layer, x = case(3)
    slope = torch.ones_like(layer.forward(x))
    before = [part.clone() for part in (x, slope, layer.weights, layer.biases)]
    layer.forward(x)
    layer.backward(x, slope)
    for old, new in zip(before, (x, slope, layer.weights, layer.biases), strict=True):
        assert torch.equal(old, new)


def test_the_worked_example():
    kernel = torch.tensor([[1.0, 0, 1], [0, 1, 0], [1, 0, 1]])
    layer = Conv2d(kernel[None, None], torch.zeros(1))
    assert layer.forward(torch.tensor(PICTURE).float()[None, None])[0, 0].tolist() == [
        [4, 3, 4],
        [2, 4, 3],
        [2, 3, 4],
    ]


@pytest.mark.parametrize("channels", [1, 3, 64])
def test_a_three_by_three_kernel_has_nine_weights_a_channel_and_a_bias(channels):
    assert Conv2d(torch.zeros(1, channels, 3, 3), torch.zeros(1)).parameters == 9 * channels + 1


def test_wrong_layers_and_pictures_are_named():
    with pytest.raises(ValueError, match=r"weights \(K, C, kH, kW\)"):
        Conv2d(draw(2, 1, 3, 3), draw(3))
    with pytest.raises(ValueError, match="stride must be at least 1"):
        Conv2d(draw(2, 1, 3, 3), draw(2), stride=0)
    layer = Conv2d(draw(2, 3, 3, 3), draw(2))
    with pytest.raises(ValueError, match=r"shape \(N, 3, H, W\)"):
        layer.forward(draw(1, 1, 5, 5))
    with pytest.raises(ValueError, match="does not fit"):
        layer.forward(draw(1, 3, 2, 5))
    with pytest.raises(ValueError, match="slope must have the shape of the maps"):
        layer.backward(draw(1, 3, 5, 5), draw(1, 2, 5, 5))
