"""What every network must do. A new network is added to ``MODELS``, and a missing one fails the first test."""

import importlib
import inspect
import pkgutil

import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn

import groundtruth.models
from groundtruth.models.alexnet import AlexNet
from groundtruth.models.convnet import ConvNet
from groundtruth.models.efficientnet_lite import EfficientNetLite0
from groundtruth.models.lenet import LeNet
from groundtruth.models.lenet1989 import LeNet1989
from groundtruth.models.mbconv import MobileNet
from groundtruth.models.mlp import MLP
from groundtruth.models.residual import ResidualNet, SmallResNet, of_depth
from groundtruth.models.vgg import VGG

# make, shape of one input, whether training mode changes the output
MODELS = {
    MLP: (lambda: MLP((784, 32, 10)), (1, 28, 28), False),
    ConvNet: (lambda: ConvNet((4, 8, 8)), (1, 28, 28), True),
    LeNet: (lambda: LeNet(shared=False), (1, 28, 28), False),
    EfficientNetLite0: (lambda: EfficientNetLite0(classes=10), (3, 32, 32), True),
    MobileNet: (lambda: MobileNet(4, ((4, 2, 2), (8, 1, 2)), 8, same=True), (1, 28, 28), True),
    AlexNet: (lambda: AlexNet(classes=10, hidden=16), (3, 227, 227), True),
    LeNet1989: (lambda: LeNet1989(dropout=0.2), (1, 16, 16), True),
    ResidualNet: (lambda: of_depth(8, widths=(4, 8, 8)), (1, 28, 28), True),
    SmallResNet: (lambda: SmallResNet((4, 8, 8)), (1, 28, 28), True),
    VGG: (lambda: VGG((1, 1), (4, 8), hidden=16, in_channels=1, classes=10, size=12), (1, 12, 12), True),
}
EACH = pytest.mark.parametrize(("make", "shape", "modes_differ"), MODELS.values(), ids=lambda v: None)


def test_every_network_of_the_package_is_tested_here():
    defined = set()
    for found in pkgutil.iter_modules(groundtruth.models.__path__):
        module = importlib.import_module(f"groundtruth.models.{found.name}")
        defined |= {
            kind
            for name, kind in inspect.getmembers(module, inspect.isclass)
            if issubclass(kind, nn.Module) and kind.__module__ == module.__name__ and name[0] != "_"
        }
    # a building block is reached through the network that uses it
    used = {type(part) for make, *_ in MODELS.values() for part in make().modules()}
    assert {kind.__name__ for kind in defined - used} == set()


def without_gradient(model, shape):
    torch.manual_seed(0)
    x, labels = torch.randn(8, *shape), torch.randint(10, (8,))
    F.cross_entropy(model(x), labels).backward()
    return [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]


@EACH
def test_every_parameter_receives_a_gradient(make, shape, modes_differ):
    assert without_gradient(make(), shape) == []


def test_a_parameter_without_a_gradient_is_noticed():
    model = MLP((784, 32, 10))
    model.forgotten = nn.Linear(2, 2)
    assert without_gradient(model, (1, 28, 28)) == ["forgotten.weight", "forgotten.bias"]


@EACH
def test_training_mode_matters_only_where_it_should(make, shape, modes_differ):
    torch.manual_seed(0)
    model, x = make(), torch.randn(8, *shape)
    with torch.no_grad():
        trained, evaluated = model.train()(x), model.eval()(x)
    assert torch.allclose(trained, evaluated) != modes_differ


@EACH
def test_in_evaluation_examples_do_not_see_each_other(make, shape, modes_differ):
    torch.manual_seed(0)
    model, x = make().eval(), torch.randn(8, *shape)
    with torch.no_grad():
        torch.testing.assert_close(model(x)[:3], model(x[:3]), rtol=1e-4, atol=1e-5)


@EACH
def test_the_seed_decides_the_first_weights(make, shape, modes_differ):
    def weights(seed):
        torch.manual_seed(seed)
        return torch.cat([p.detach().flatten() for p in make().parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))
