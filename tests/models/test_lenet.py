import pytest
import torch
from torch import nn

from groundtruth.models.lenet import LeNet, UnsharedConv2d


def count(part):
    return sum(p.numel() for p in part.parameters())


def test_the_counts_in_the_header():
    model = LeNet()
    assert [count(part) for part in model.features if count(part)] == [156, 2416]
    assert [count(part) for part in model.head if count(part)] == [48_120, 10_164, 850]
    assert count(model) == 61_706
    apart = LeNet(shared=False)
    assert [count(part) for part in apart.features if count(part)] == [784 * 156, 100 * 2416]
    assert count(apart) == 423_038


@pytest.mark.parametrize("shared", [True, False])
def test_multiply_adds_in_the_header(shared):
    """Every number of a map costs a product for each weight of its window."""
    model, done = LeNet(shared), []

    def convolved(part, inputs, output):
        window = part.weight[0].numel() if isinstance(part, nn.Conv2d) else part.weight.shape[1]
        done.append(output[0].numel() * window)

    def dense(part, inputs, output):
        done.append(part.weight.numel())

    for part in model.modules():
        if isinstance(part, nn.Conv2d | UnsharedConv2d):
            part.register_forward_hook(convolved)
        if isinstance(part, nn.Linear):
            part.register_forward_hook(dense)
    model(torch.randn(1, 1, 28, 28))
    assert sum(done) == 416_520


def test_shapes():
    model = LeNet()
    x = torch.randn(2, 1, 28, 28)
    assert model.features(x).shape == (2, 16, 5, 5)
    assert model(x).shape == (2, 10)


def test_the_head_refuses_another_size():
    with pytest.raises(RuntimeError):
        LeNet()(torch.randn(2, 1, 32, 32))


@pytest.mark.parametrize(("inputs", "outputs", "padding"), [(1, 6, 2), (3, 2, 0)])
def test_with_equal_weights_at_all_places_it_is_a_convolution(inputs, outputs, padding):
    torch.manual_seed(0)
    shared = nn.Conv2d(inputs, outputs, 5, padding=padding).double()
    apart = UnsharedConv2d(inputs, outputs, 5, size=8, padding=padding).double()
    with torch.no_grad():
        apart.weight.copy_(shared.weight.flatten(1).T.expand_as(apart.weight))
        apart.bias.copy_(shared.bias.expand_as(apart.bias))
    x = torch.randn(3, inputs, 8, 8, dtype=torch.float64)
    torch.testing.assert_close(apart(x), shared(x))


def test_each_place_has_weights_of_its_own():
    torch.manual_seed(0)
    apart = UnsharedConv2d(1, 1, 3, size=5)
    before = apart(torch.ones(1, 1, 5, 5)).detach()
    with torch.no_grad():
        apart.weight[4] += 1  # the middle of nine places
    changed = (apart(torch.ones(1, 1, 5, 5)) - before)[0, 0].detach()
    torch.testing.assert_close(changed, torch.tensor([[0.0, 0, 0], [0, 9, 0], [0, 0, 0]]))


@pytest.mark.parametrize("shared", [True, False])
def test_both_start_at_the_same_scale(shared):
    torch.manual_seed(0)
    weight = next(LeNet(shared).parameters())
    assert float(weight.detach().abs().max()) <= 1 / 5
    assert 0.08 < float(weight.detach().std()) < 0.15


def test_impossible_layers_are_refused():
    with pytest.raises(ValueError, match="at least one class"):
        LeNet(classes=0)
    with pytest.raises(ValueError, match="an UnsharedConv2d needs"):
        UnsharedConv2d(1, 1, 6, size=5)
    with pytest.raises(ValueError, match=r"images must have shape \(N, 1, 28, 28\)"):
        LeNet(shared=False)(torch.randn(2, 1, 32, 32))
