import pytest
import torch
from torch.nn.functional import conv2d

from groundtruth.scratch.sharpen import sharpen


def test_it_is_one_convolution_away_from_the_border():
    x = torch.randn(2, 3, 12, 12, dtype=torch.double, requires_grad=True)
    kernel = torch.full((1, 1, 5, 5), -0.7 / 25, dtype=torch.double)
    kernel[0, 0, 2, 2] += 1.7
    expected = conv2d(x, kernel.expand(3, 1, 5, 5), groups=3)  # no padding: the inner 8 x 8
    found = sharpen(x, 0.7, 5)[:, :, 2:-2, 2:-2]
    torch.testing.assert_close(found, expected)
    one, two = (torch.autograd.grad(y.square().sum(), x, retain_graph=True)[0] for y in (found, expected))
    torch.testing.assert_close(one, two)


def test_flat_pictures_stay_and_so_do_all_with_amount_zero():
    flat = torch.full((1, 3, 7, 7), 0.4)
    torch.testing.assert_close(sharpen(flat, 2.0, 9), flat)
    x = torch.randn(1, 3, 7, 7)
    assert torch.equal(sharpen(x, 0.0), x)


@pytest.mark.parametrize(
    ("pictures", "settings"),
    [
        (torch.zeros(1, 3, 8, 8, dtype=torch.uint8), {}),
        (torch.zeros(3, 8, 8), {}),
        (torch.zeros(1, 3, 8, 8), {"amount": -1}),
        (torch.zeros(1, 3, 8, 8), {"window": 4}),
    ],
)
def test_bad_input_is_refused(pictures, settings):
    with pytest.raises(ValueError, match="must be"):
        sharpen(pictures, **settings)
