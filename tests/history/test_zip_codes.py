"""The network of 1989 with its backward pass by hand, against autograd on the model."""

import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.history import zip_codes
from groundtruth.history.zip_codes import Copies, cut
from groundtruth.models.lenet1989 import LeNet1989


def networks(count):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return [LeNet1989() for _ in range(count)]


def test_outputs_and_slopes_are_autograds():
    nets = networks(2)
    copies = Copies(nets)
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randint(0, 256, (2, 1, 28, 28), generator=generator, dtype=torch.uint8)
    small = F.interpolate(pictures.float(), size=16, mode="bilinear", antialias=True) / 127.5 - 1
    wanted = 2.0 * F.one_hot(torch.tensor([3, 7]), 10) - 1
    patches = cut(pictures)
    slopes = copies.gradient(patches, wanted[:, None])
    out = copies.forward(patches)[-1]
    for number, net in enumerate(nets):
        theirs = net(small[number : number + 1])
        torch.testing.assert_close(out[number], theirs)
        (theirs - wanted[number]).square().mean().backward()
        ours = {name: slope[number] for name, slope in slopes.items()}
        torch.testing.assert_close(ours["h1"].T.view(12, 1, 5, 5), net.h1.weight.grad)
        torch.testing.assert_close(ours["b1"].T.view(12, 8, 8), net.h1_bias.grad)
        full = ours["h2"].view(5, 5, 12, 12).permute(3, 2, 0, 1)
        torch.testing.assert_close(full.gather(1, net.h2.reads), net.h2.weight.grad)
        assert int((ours["h2"] == 0).sum()) >= 12 * 4 * 25  # the maps that are not read
        torch.testing.assert_close(ours["b2"].T.view(12, 4, 4), net.h2_bias.grad)
        dense = ours["h3"].view(16, 12, 30).permute(2, 1, 0).reshape(30, 192)
        torch.testing.assert_close(dense, net.h3.weight.grad)
        torch.testing.assert_close(ours["b3"][0], net.h3.bias.grad)
        torch.testing.assert_close(ours["out"].T, net.out.weight.grad)
        torch.testing.assert_close(ours["bo"][0], net.out.bias.grad)


def test_a_few_hundred_digits_are_learned():
    x, y, test_x, test_y = zip_codes.digits(400, 200)
    with torch.no_grad():
        copies = zip_codes.train([100, 101], x, y, passes=8)
        assert (copies.errors(x, y) < 0.1).all()
        assert (copies.errors(test_x, test_y) < 0.4).all()
