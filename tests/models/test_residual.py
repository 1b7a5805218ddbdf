import pytest
import torch
from torch import nn

from groundtruth.models import cost
from groundtruth.models.copies import side_by_side
from groundtruth.models.residual import Block, Pair, ResidualNet, SmallResNet, imagenet_34, of_depth


def numbers(model):
    return sum(p.numel() for p in model.parameters())


def test_the_counts_in_the_header():
    assert numbers(of_depth(20, in_channels=3)) == 269_722
    assert numbers(of_depth(56, in_channels=3)) == 853_018
    with torch.device("meta"):
        large = imagenet_34()
    assert numbers(large) == 21_623_848
    assert large.depth == 34
    assert cost.multiply_adds(large, (3, 224, 224)) == 3_644_493_824  # 3.6 billion in table 1 of He et al.
    assert numbers(SmallResNet()) == 463_594


@pytest.mark.parametrize("depth", [8, 20, 56])
def test_a_plain_network_has_the_weights_of_the_residual_one(depth):
    plain, residual = of_depth(depth, False), of_depth(depth)
    assert numbers(plain) == numbers(residual)
    assert plain.depth == residual.depth == depth
    multiplied = [part for part in plain.modules() if isinstance(part, nn.Conv2d | nn.Linear)]
    assert len(multiplied) == depth


@pytest.mark.parametrize("dims", [1, 2])
def test_shapes(dims):
    x = torch.randn(2, 3, *(9,) * dims)
    model = of_depth(8, dims=dims, in_channels=3, classes=4)
    assert model(x).shape == (2, 4)
    assert SmallResNet((4, 8), in_channels=3)(torch.randn(2, 3, 20, 12)).shape == (2, 10)


def test_a_block_without_weights_is_its_shortcut():
    block = Block(2, 3, stride=2)
    nn.init.zeros_(block.second[1].weight)  # the normalisation's scale: the branch gives zeros
    x = torch.rand(1, 2, 5, 5)
    y = block(x)
    assert torch.equal(y[:, :2], x[:, :, ::2, ::2])
    assert torch.equal(y[:, 2:], torch.zeros(1, 1, 3, 3))
    plain = Block(2, 3, stride=2, residual=False)
    nn.init.zeros_(plain.second[1].weight)
    assert torch.equal(plain(x), torch.zeros(1, 3, 3, 3))


def test_a_pair_adds_its_input():
    pair = Pair(3)
    nn.init.zeros_(pair.body[2][1].weight)
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(pair(x), x)
    pair.residual = False
    assert not pair(x).any()


def test_a_small_network_without_shortcuts_has_the_weights_of_the_one_with_them():
    with_them, without = SmallResNet((4, 8)), SmallResNet((4, 8), residual=False)
    without.load_state_dict(with_them.state_dict())
    x = torch.randn(2, 1, 12, 12)
    assert not torch.allclose(with_them.eval()(x), without.eval()(x))
    for part in with_them.modules():
        if isinstance(part, Pair):
            part.residual = False
    assert torch.equal(with_them(x), without(x))


def test_a_mirror_image_counts_as_much_as_its_picture():
    torch.manual_seed(0)
    model = SmallResNet((4, 8), mirror=True)
    x = torch.randn(3, 1, 12, 12)
    assert not torch.allclose(model.train()(x), model(x.flip(3)))
    model.eval()
    torch.testing.assert_close(model(x), model(x.flip(3)))
    once = SmallResNet((4, 8))
    once.load_state_dict(model.state_dict())
    once.eval()
    torch.testing.assert_close(model(x), (once(x) + once(x.flip(3))) / 2)


def test_sequences_are_pictures_of_one_row():
    torch.manual_seed(0)
    model = of_depth(8, dims=1, widths=(2, 3, 4))
    first = model.stem[0][0]
    x = torch.randn(2, 1, 12)
    as_sequence = nn.functional.conv1d(x, first.weight[:, :, 0], padding=1)
    torch.testing.assert_close(first(x.unsqueeze(2))[:, :, 0], as_sequence)


def test_without_normalisation_there_are_biases():
    model = of_depth(8, norm=False)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in model.modules())
    assert all(part.bias is not None for part in model.modules() if isinstance(part, nn.Conv2d))


@pytest.mark.parametrize("residual", [True, False])
def test_copies_do_not_meet(residual):
    def make(copies):
        return of_depth(8, residual, dims=1, widths=(2, 4, 6), copies=copies)

    networks = []
    for seed in range(3):
        torch.manual_seed(seed)
        networks.append(make(1))
    x = torch.randn(5, 3, 12)
    whole = side_by_side(networks, make)
    got = whole(x)
    assert got.shape == (5, 3, 10)
    got.square().sum().backward()
    slopes = dict(whole.named_parameters())
    for number, network in enumerate(networks):
        out = network(x[:, number : number + 1])
        torch.testing.assert_close(got[:, number], out, rtol=1e-4, atol=1e-5)
        out.square().sum().backward()
        for name, parameter in network.named_parameters():
            share = slopes[name].grad.chunk(3)[number]
            torch.testing.assert_close(share, parameter.grad, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("wrong", [{"blocks": ()}, {"blocks": (1, 1)}, {"blocks": (1, 0, 1)}, {"classes": 0}])
def test_impossible_networks_are_refused(wrong):
    with pytest.raises(ValueError, match="a ResidualNet needs"):
        ResidualNet(**({"blocks": (1, 1, 1)} | wrong))


@pytest.mark.parametrize("depth", [2, 19, 57])
def test_impossible_depths_are_refused(depth):
    with pytest.raises(ValueError, match=r"6n \+ 2"):
        of_depth(depth)


def test_impossible_blocks_are_refused():
    with pytest.raises(ValueError, match="no fewer channels"):
        Block(4, 2)
    with pytest.raises(ValueError, match="dims must be"):
        Block(4, 4, dims=3)
    with pytest.raises(ValueError, match="a SmallResNet needs"):
        SmallResNet((8,))


def test_the_small_networks_pooling_hands_its_slope_back_with_channels_last():
    net = SmallResNet((4, 8, 8)).to(memory_format=torch.channels_last)
    seen = []
    net.features[-1].register_full_backward_pre_hook(lambda module, slopes: seen.append(slopes[0]))
    pictures = torch.randn(2, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    maps = net.features(pictures.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(net(pictures), net.head(maps.mean(dim=(2, 3))))
    net(pictures).sum().backward()
    assert seen[0].is_contiguous(memory_format=torch.channels_last)
