"""Flip, shift, crop and erase against slices of torch, picture by picture, in value and gradient."""

import itertools

import pytest
import torch
import torch.nn.functional as F  # noqa: N812

from groundtruth.scratch.augmentations import chain, crop, erase, flip, shift

SHAPES = [(1, 1, 4, 4), (6, 3, 5, 7), (40, 2, 8, 8)]
CASES = [*itertools.product(SHAPES, (0, 1))]


def gen(seed=0):
    return torch.Generator().manual_seed(seed)


def pictures(*shape, seed=0):
    return torch.randn(*shape, generator=gen(seed), dtype=torch.float64)


def all_shifts(picture, most, fill):
    height, width = picture.shape[1:]
    padded = F.pad(picture, (most,) * 4, value=fill)
    return {
        (top, left): padded[:, top : top + height, left : left + width]
        for top in range(2 * most + 1)
        for left in range(2 * most + 1)
    }


def all_crops(picture, size):
    height, width = picture.shape[1:]
    return {
        (top, left): picture[:, top : top + size, left : left + size]
        for top in range(height - size + 1)
        for left in range(width - size + 1)
    }


def all_erased(picture, size, fill):
    height, width = picture.shape[1:]
    results = {}
    for top, left in itertools.product(range(height - size + 1), range(width - size + 1)):
        results[top, left] = picture.clone()
        results[top, left][:, top : top + size, left : left + size] = fill
    return results


KINDS = {
    "flip": (flip, lambda one: {0: one, 1: one.flip(2)}),
    "shift": (lambda x, g: shift(x, 2, g, fill=9.0), lambda one: all_shifts(one, 2, 9.0)),
    "crop": (lambda x, g: crop(x, 3, g), lambda one: all_crops(one, 3)),
    "erase": (lambda x, g: erase(x, 2, g, fill=9.0), lambda one: all_erased(one, 2, 9.0)),
}


# --- every outcome is one of the possible ones, and each is drawn as often ---------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "seed"), CASES)
def test_every_picture_is_a_possible_one(kind, shape, seed):
    ours, possible = KINDS[kind]
    x = pictures(*shape, seed=seed)
    kept = x.clone()
    out = ours(x, gen(seed + 1))
    assert torch.equal(x, kept), "the batch that was given has changed"
    for before, after in zip(x, out, strict=True):
        assert any(torch.equal(after, one) for one in possible(before).values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_possible_picture_is_drawn_equally_often(kind):
    ours, possible = KINDS[kind]
    one = pictures(1, 1, 4, 4)
    outcomes = list(possible(one[0]).values())
    drawn = ours(one.expand(10_000, 1, 4, 4), gen(5))
    counts = [int((drawn == outcome).flatten(1).all(dim=1).sum()) for outcome in outcomes]
    assert sum(counts) == 10_000
    expected = 10_000 / len(outcomes)
    assert max(abs(count - expected) for count in counts) < 5 * expected**0.5


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_a_batch_draw_by_themselves(kind):
    ours, _ = KINDS[kind]
    same = pictures(1, 1, 8, 8).expand(60, 1, 8, 8)
    assert len({tuple(one.flatten().tolist()) for one in ours(same, gen(0))}) > 1
    for channels in (1, 3):  # and all channels of a picture move together
        grey = same.expand(60, channels, 8, 8)
        out = ours(grey, gen(0))
        assert torch.equal(out, out[:, :1].expand_as(out))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("shape", "seed"), CASES)
def test_the_slope_goes_to_the_pixel_that_was_moved(kind, shape, seed):
    ours, possible = KINDS[kind]
    x = pictures(*shape, seed=seed).requires_grad_()
    out = ours(x, gen(seed + 1))
    slope = pictures(*out.shape, seed=seed + 2)
    (found,) = torch.autograd.grad(out, x, slope)
    for index in range(len(x)):
        one = x.detach()[index].clone().requires_grad_()
        theirs = next(p for p in possible(one).values() if torch.equal(p.detach(), out[index].detach()))
        if theirs.grad_fn is None:  # the picture itself
            torch.testing.assert_close(found[index], slope[index])
            continue
        (expected,) = torch.autograd.grad(theirs, one, slope[index])
        torch.testing.assert_close(found[index], expected)


# --- edges ------------------------------------------------------------------------------------------------


def test_settings_that_change_nothing():
    x = pictures(5, 3, 6, 6)
    assert torch.equal(flip(x, gen(), 0.0), x)
    assert torch.equal(flip(x, gen(), 1.0), x.flip(3))
    assert torch.equal(shift(x, 0, gen()), x)
    assert torch.equal(crop(x, 6, gen()), x)
    assert not erase(x, 6, gen()).any()


def test_a_chain_is_its_steps_with_one_generator():
    x = pictures(5, 3, 6, 6)
    both = chain(flip, lambda p, g: shift(p, 2, g))
    generator = gen(3)
    step_by_step = shift(flip(x, generator), 2, generator)
    assert torch.equal(both(x, gen(3)), step_by_step)
    assert torch.equal(chain()(x, gen()), x)


def test_the_generator_decides_and_the_global_one_is_left_alone():
    before = torch.get_rng_state()
    x = pictures(30, 3, 6, 6)
    for ours, _ in KINDS.values():
        assert torch.equal(ours(x, gen(1)), ours(x, gen(1)))
        assert not torch.equal(ours(x, gen(1)), ours(x, gen(2)))
    assert torch.equal(torch.get_rng_state(), before)


def test_wrong_input_is_named():
    for ours, _ in KINDS.values():
        with pytest.raises(ValueError, match=r"pictures \(B, C, H, W\)"):
            ours(pictures(3, 6, 6), gen())
    x = pictures(2, 1, 4, 6)
    for size in (0, 5):
        with pytest.raises(ValueError, match="size must be from 1 to 4"):
            crop(x, size, gen())
        with pytest.raises(ValueError, match="size must be from 1 to 4"):
            erase(x, size, gen())
    with pytest.raises(ValueError, match="most must be"):
        shift(x, -1, gen())
    with pytest.raises(ValueError, match="probability"):
        flip(x, gen(), 1.5)
