"""Wrong answers to the chapter's exercises, the sentence meant for each, and the checks against the book's pieces."""

import pytest
import torch
from torch import nn

from groundtruth.exercises import deep_architectures as module
from groundtruth.exercises.deep_architectures import check
from groundtruth.models import cost
from groundtruth.models.residual import Block as Convolved
from groundtruth.scratch import receptive_field
from groundtruth.scratch.residual import Block

OK_COUNT = {"one-large": 102_400, "two-small": 73_728, "dense-head": 25_089_000, "pooled-head": 513_000}
OK_BARGAIN = {"direct": 120_422_400, "through": 12_443_648, "factor": 9.677}
OK_CASES = {"a": "underfitting", "b": "overfitting", "c": "chance"}


class Nothing(nn.Module):
    def __init__(self, channels, *, zero="scale", shortcut=True, sizes=(3, 3), norm=True, frozen=False):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, sizes[0], padding=sizes[0] // 2, bias=False)
        self.second = nn.Conv2d(channels, channels, sizes[1], padding=sizes[1] // 2, bias=False)
        self.norms = (
            nn.ModuleList(nn.BatchNorm2d(channels) for _ in range(2)) if norm else [nn.Identity()] * 2
        )
        self.shortcut = shortcut
        if zero == "scale":
            nn.init.zeros_(self.norms[1].weight)
        elif zero == "second":
            nn.init.zeros_(self.second.weight)
        elif zero == "dead":
            nn.init.zeros_(self.norms[0].weight)
            nn.init.zeros_(self.norms[1].weight)
        for parameter in self.parameters():
            parameter.requires_grad = not frozen

    def forward(self, x):
        out = self.norms[1](self.second(torch.relu(self.norms[0](self.first(x)))))
        return torch.relu(out + x) if self.shortcut else torch.relu(out)


def making(**how):
    return lambda channels: Nothing(channels, **how)


WRONG = [
    ("count-the-weights", OK_COUNT | {"one-large": 1600}, "a kernel for each channel"),
    ("count-the-weights", OK_COUNT | {"one-large": 102_464}, "[one-large] Biases are not wanted"),
    ("count-the-weights", OK_COUNT | {"two-small": 36_864}, "one of the two"),
    ("count-the-weights", OK_COUNT | {"two-small": 73_856}, "[two-small] Biases are not wanted"),
    ("count-the-weights", OK_COUNT | {"two-small": 36_864**2}, "do not multiply"),
    ("count-the-weights", OK_COUNT | {"dense-head": 25_088_000}, "[dense-head] The biases are missing"),
    ("count-the-weights", OK_COUNT | {"dense-head": 513_000}, "every place of every map"),
    ("count-the-weights", OK_COUNT | {"pooled-head": 512_000}, "[pooled-head] The biases"),
    ("count-the-weights", OK_COUNT | {"pooled-head": 25_089_000}, "single number"),
    ("inception-bargain", OK_BARGAIN | {"direct": 153_600}, "[direct] These are the weights"),
    ("inception-bargain", OK_BARGAIN | {"direct": 784 * 5 * 192 * 32}, "not 5"),
    ("inception-bargain", OK_BARGAIN | {"through": 15_872}, "[through] These are the weights"),
    ("inception-bargain", OK_BARGAIN | {"through": 784 * 25 * 16 * 32}, "costs something too"),
    ("inception-bargain", OK_BARGAIN | {"through": 784 * (192 * 16 + 25 * 192 * 32)}, "few channels"),
    ("inception-bargain", OK_BARGAIN | {"factor": 0.1033}, "upside down"),
    ("inception-bargain", OK_BARGAIN | {"factor": 12}, "has its price"),
    ("whose-fault", OK_CASES | {"a": "overfitting"}, "[a] Look at the training errors"),
    ("whose-fault", OK_CASES | {"b": "underfitting"}, "[b] This network fits"),
    ("whose-fault", OK_CASES | {"c": "overfitting"}, "[c] Compare the difference"),
    ("whose-fault", OK_CASES | {"a": "depth"}, "none of the words"),
    ("see-far", module._no_jump, "Strides are forgotten"),
    ("see-far", module._own_stride_first, "own stride"),
    ("see-far", module._sum_of_kernels, "k − 1 gaps"),
    ("see-far", module._from_zero, "begin with 1"),
    ("see-far", module._last_stride_alone, "Strides multiply"),
    ("see-far", lambda layers: receptive_field.fields(layers)[-1], "single number"),
    ("block-backward", module._backward_like("none"), "plain block"),
    ("block-backward", module._backward_like("raw"), "passes that rectifier too"),
    ("block-backward", module._backward_like("times"), "not multiplied"),
    ("block-backward", module._backward_like(outer=False), "last rectifier is forgotten"),
    ("block-backward", module._backward_like(inner=False), "in the middle"),
    ("block-backward", module._backward_like(seen="branch"), "looks at the sum"),
    ("block-backward", lambda x, W1, W2, slope: slope.T, "transposed"),
    ("fold-the-norm", module._fold_by_variance, "root of the variance"),
    ("fold-the-norm", module._fold_mean_left, "ends up in the bias"),
    ("fold-the-norm", module._fold_mean_bare, "scaled as well"),
    ("fold-the-norm", module._fold_plus, "you have added it"),
    ("fold-the-norm", lambda weight, mean, variance, scale, shift: weight, "should return (weight, bias)"),
    ("begin-as-nothing", 3, "A function make(channels)"),
    ("begin-as-nothing", Nothing(3), "A function make(channels)"),
    ("begin-as-nothing", lambda channels: 3, "should return a network"),
    ("begin-as-nothing", lambda channels: nn.Conv2d(channels, channels, 3), "Two 3×3 convolutions"),
    ("begin-as-nothing", making(sizes=(1, 3)), "Two 3×3 convolutions"),
    ("begin-as-nothing", making(norm=False, zero=None), "no batch normalisation"),
    ("begin-as-nothing", making(shortcut=False), "is the shortcut missing"),
    ("begin-as-nothing", making(zero=None), "does not give back"),
    ("begin-as-nothing", making(zero="second"), "A convolution starts at zero"),
    ("begin-as-nothing", making(zero="dead"), "still has not moved"),
    ("begin-as-nothing", making(frozen=True), "cannot be trained"),
]  # fmt: skip


def by_torch(x, W1, W2, slope):
    leaf = x.clone().requires_grad_()
    torch.relu(leaf + torch.relu(leaf @ W1) @ W2).backward(slope)
    return leaf.grad


def by_the_book(x, W1, W2, slope):
    block = Block(W1, torch.zeros(W1.shape[1]).double(), W2, torch.zeros(W2.shape[1]).double())
    block.forward(x)
    return block.backward(slope).inputs


def books_block(channels):
    block = Convolved(channels, channels)
    nn.init.zeros_(block.second[1].weight)
    return block


RIGHT = [
    ("count-the-weights", OK_COUNT),
    ("inception-bargain", OK_BARGAIN),
    ("whose-fault", OK_CASES),
    ("see-far", lambda layers: receptive_field.fields(layers)[-1].size),
    ("block-backward", by_torch),
    ("block-backward", by_the_book),
    ("begin-as-nothing", making()),
    ("begin-as-nothing", books_block),
]


def test_counts_are_those_of_torchs_layers():
    large = nn.Conv2d(64, 64, 5, bias=False)
    small = nn.Sequential(*(nn.Conv2d(64, 64, 3, bias=False) for _ in range(2)))
    with torch.device("meta"):
        heads = nn.Linear(7 * 7 * 512, 1000), nn.Linear(512, 1000)
    assert [cost.weights(part) for part in (large, small, *heads)] == list(OK_COUNT.values())


def test_the_bargain_is_what_our_count_says():
    direct = nn.Conv2d(192, 32, 5, padding=2, bias=False)
    through = nn.Sequential(nn.Conv2d(192, 16, 1, bias=False), nn.Conv2d(16, 32, 5, padding=2, bias=False))
    counts = [cost.multiply_adds(part, (192, 28, 28)) for part in (direct, through)]
    assert counts == [OK_BARGAIN["direct"], OK_BARGAIN["through"]]
    assert OK_BARGAIN["factor"] == pytest.approx(counts[0] / counts[1], rel=1e-4)


def test_a_folded_layer_gives_what_two_gave():
    torch.manual_seed(0)
    layer, norm = nn.Conv2d(3, 4, 3, bias=False).double(), nn.BatchNorm2d(4).double().eval()
    for vector in (norm.weight, norm.bias, norm.running_mean):
        nn.init.normal_(vector)
    nn.init.uniform_(norm.running_var, 0.5, 2)
    weight, bias = module._fold(layer.weight, norm.running_mean, norm.running_var, norm.weight, norm.bias)
    x = torch.randn(2, 3, 6, 6).double()
    torch.testing.assert_close(nn.functional.conv2d(x, weight, bias), norm(layer(x)))


def test_the_stub_is_unfinished():
    assert not check("see-far", ...)
