import pytest
import torch
from torch import nn

from groundtruth.models.efficientnet_lite import FEATURES, STAGES, EfficientNetLite0, cut, prepare


@pytest.fixture(scope="module")
def model():
    return EfficientNetLite0().eval()


def test_the_counts_in_the_header(model):
    head = sum(p.numel() for p in model.head.parameters())
    assert sum(p.numel() for p in model.parameters()) == 4_652_008
    assert head == 1_281_000
    norms = [part for part in model.modules() if isinstance(part, nn.BatchNorm2d)]
    assert len(norms) == 49
    assert sum(norm.num_features for norm in norms) == 21_008
    assert sum(buffer.numel() for buffer in model.buffers()) == 42_016 + 49
    assert len(model.blocks) == sum(repeats for _, repeats, *_ in STAGES) == 16


def test_sides_of_the_maps(model):
    sides = []
    hooks = [
        block.register_forward_hook(lambda _m, _i, out: sides.append(tuple(out.shape[1:])))
        for block in model.blocks
    ]
    with torch.no_grad():
        assert model(torch.zeros(1, 3, 224, 224)).shape == (1, 1000)
    for hook in hooks:
        hook.remove()
    last_of_stage = [sides[sum(s[1] for s in STAGES[: k + 1]) - 1] for k in range(len(STAGES))]
    assert last_of_stage == [
        (16, 112, 112), (24, 56, 56), (40, 28, 28), (80, 14, 14), (112, 14, 14), (192, 7, 7), (320, 7, 7),
    ]  # fmt: skip


@pytest.mark.parametrize("size", [(1, 1), (32, 32), (33, 50)])
def test_any_size_goes_in(model, size):
    x = torch.randn(2, 3, *size)
    with torch.no_grad():
        assert model.maps(x).shape == (2, FEATURES, -(-size[0] // 32), -(-size[1] // 32))
        torch.testing.assert_close(model(x), model.head(model.features(x)))


def test_a_fresh_head_leaves_the_body():
    model = EfficientNetLite0(classes=4)
    before = model.stem[0].weight
    assert model.fresh_head(2) is model
    assert model.head.weight.shape == (2, FEATURES)
    assert model.stem[0].weight is before
    with pytest.raises(ValueError, match="at least one class; got 0"):
        model.fresh_head(0)


@pytest.mark.parametrize("wrong", [{"classes": 0}, {"dropout": 1.0}, {"dropout": -0.1}])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match="an EfficientNetLite0 needs"):
        EfficientNetLite0(**wrong)


def test_prepare_scales_and_resizes():
    images = torch.tensor([0, 127, 255], dtype=torch.uint8).view(1, 3, 1, 1).expand(2, 3, 5, 4)
    for mode in ("bicubic", "bilinear", "area", "nearest"):
        x = prepare(images, 8, mode)
        assert x.shape == (2, 3, 8, 8)
        torch.testing.assert_close(x[0, :, 3, 3], torch.tensor([-127 / 128, 0, 1.0]))
    assert prepare(images, None).shape == (2, 3, 5, 4)
    assert prepare(images[0]).shape == (1, 3, 224, 224)


def test_prepare_does_not_touch_its_input_nor_leave_the_range_of_bytes():
    images = torch.randint(0, 2, (1, 3, 9, 9), generator=torch.Generator().manual_seed(0)).mul(255).byte()
    before = images.clone()
    x = prepare(images, 40)  # bicubic would overshoot
    assert torch.equal(images, before)
    assert x.min() >= -127 / 128
    assert x.max() <= 1


def test_shrinking_averages_over_all_pixels():
    stripes = torch.zeros(1, 3, 64, 64, dtype=torch.uint8)
    stripes[..., ::2] = 254
    assert prepare(stripes, 16)[..., 2:-2, 2:-2].abs().max() < 0.1  # grey, not stripes of its own


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (torch.zeros(1, 3, 4, 4), "whole bytes"),
        (torch.zeros(1, 1, 4, 4, dtype=torch.uint8), "Grey images"),
        (torch.zeros(4, 4, dtype=torch.uint8), "of shape"),
    ],
)
def test_prepare_refuses_what_is_no_batch_of_colour_images(images, words):
    with pytest.raises(ValueError, match=words):
        prepare(images)


def test_prepare_refuses_no_size():
    with pytest.raises(ValueError, match="at least 1 pixel"):
        prepare(torch.zeros(1, 3, 4, 4, dtype=torch.uint8), 0)


@pytest.mark.parametrize("first", [0, 7, 16])
def test_two_pieces_are_the_whole(model, first):
    lower, upper = cut(model, first)
    x = torch.randn(2, 3, 40, 40)
    with torch.no_grad():
        torch.testing.assert_close(upper(lower(x)), model(x), rtol=1e-4, atol=1e-5)
    assert not lower.training
    assert not upper.training
    together = {id(p) for piece in (lower, upper) for p in piece.parameters()}
    assert together == {id(p) for p in model.parameters()}


def test_pieces_leave_the_modes_of_the_parts():
    model = EfficientNetLite0(classes=2).train()
    model.blocks[15].depthwise[1].eval()
    _, upper = cut(model, 15)
    assert upper.training
    assert not model.blocks[15].depthwise[1].training


@pytest.mark.parametrize("first", [-1, 17])
def test_a_block_that_is_not_there(model, first):
    with pytest.raises(ValueError, match="from 0 to 16"):
        cut(model, first)
