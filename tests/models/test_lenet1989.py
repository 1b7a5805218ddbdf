import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

from groundtruth.models import cost
from groundtruth.models.copies import side_by_side
from groundtruth.models.lenet1989 import READS, LeNet1989


def test_the_counts_of_the_paper():
    model = LeNet1989()
    kept = {name: p.numel() for name, p in model.named_parameters()}
    assert kept["h1.weight"] + kept["h1_bias"] == 1068
    assert kept["h2.weight"] + kept["h2_bias"] == 2592
    assert kept["h3.weight"] + kept["h3.bias"] == 5790
    assert kept["out.weight"] + kept["out.bias"] == 310
    assert sum(kept.values()) == 9760


def test_units_and_connections_of_the_paper():
    layers = cost.layers(LeNet1989(), (1, 16, 16))
    units = [torch.Size(layer.output).numel() for layer in layers]
    assert units == [768, 192, 30, 10]
    assert 256 + sum(units) == 1256
    assert [layer.multiply_adds for layer in layers] == [19_200, 38_400, 5_760, 300]
    assert sum(layer.multiply_adds for layer in layers) + sum(units) == 64_660  # a bias is a connection


def test_each_map_reads_eight_others():
    assert len(READS) == 12
    assert {len(set(maps)) for maps in READS} == {8}
    assert {number for maps in READS for number in maps} == set(range(12))
    model = LeNet1989()
    for number, maps in enumerate(READS):
        x = torch.randn(1, 12, 12, 12)
        expected = F.conv2d(x[:, list(maps)], model.h2.weight[number : number + 1], stride=2)
        torch.testing.assert_close(model.h2(x)[:, number : number + 1], expected, rtol=1e-4, atol=1e-5)


def test_outside_the_picture_is_background():
    model = LeNet1989()
    assert model(torch.full((2, 1, 16, 16), -1.0)).shape == (2, 10)
    with torch.no_grad():
        model.h1.weight.fill_(1.0)
        seen = {}
        model.h1.register_forward_hook(lambda part, inputs, output: seen.update(out=output))
        model(torch.full((1, 1, 16, 16), -1.0))
    assert torch.equal(seen["out"], torch.full((1, 12, 8, 8), -25.0))


def test_what_a_later_time_changes():
    x = torch.randn(8, 1, 16, 16)
    torch.manual_seed(0)
    old = LeNet1989()
    assert old(x).abs().max() <= 1
    torch.manual_seed(0)
    logits = LeNet1989(squashed=False)
    torch.testing.assert_close(logits(x).tanh(), old(x))
    torch.manual_seed(0)
    rectified = LeNet1989(nn.ReLU, squashed=False, dropout=0.5)
    assert not torch.equal(rectified(x), rectified(x))
    assert torch.equal(rectified.eval()(x), rectified(x))


def test_first_weights_lie_in_the_papers_range():
    model = LeNet1989()
    largest = model.h2.weight.detach().abs().max()
    assert 2.3 / 200**0.5 < largest <= 2.4 / 200**0.5
    assert not model.h3.bias.any()


def test_copies_do_not_meet():
    networks = []
    for seed in range(3):
        torch.manual_seed(seed)
        networks.append(LeNet1989())
    whole = side_by_side(networks, lambda count: LeNet1989(copies=count))
    x = torch.randn(4, 3, 16, 16)
    got = whole(x)
    got.square().sum().backward()
    for number, network in enumerate(networks):
        out = network(x[:, number : number + 1])
        torch.testing.assert_close(got[:, number], out, rtol=1e-4, atol=1e-5)
        out.square().sum().backward()
        for name, parameter in network.named_parameters():
            share = dict(whole.named_parameters())[name].grad.chunk(3)[number]
            torch.testing.assert_close(share, parameter.grad, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("wrong", [{"copies": 0}, {"dropout": 1.0}, {"dropout": -0.1}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="needs a copy"):
        LeNet1989(**wrong)
