import pytest
import torch
from torch import nn

from groundtruth.models.copies import Affine, side_by_side


def test_an_affine_map_of_one_copy_is_torchs():
    torch.manual_seed(0)
    ours = Affine(3, 2)
    torch.manual_seed(0)
    theirs = nn.Linear(3, 2)
    x = torch.randn(4, 3)
    assert torch.equal(ours(x), theirs(x))


@pytest.mark.parametrize("copies", [2, 5])
def test_affine_copies_do_not_meet(copies):
    singles = [Affine(3, 2) for _ in range(copies)]
    whole = side_by_side(singles, lambda count: Affine(3, 2, count))
    x = torch.randn(4, copies * 3)
    expected = torch.cat(
        [one(part) for one, part in zip(singles, x.chunk(copies, dim=1), strict=True)], dim=1
    )
    torch.testing.assert_close(whole(x), expected)


def test_the_networks_stay_as_they_are():
    single = Affine(3, 2)
    whole = side_by_side([single, single], lambda count: Affine(3, 2, count))
    with torch.no_grad():
        whole.weight.zero_()
    assert single.weight.abs().sum() > 0


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="at least one network"):
        side_by_side([], lambda count: Affine(3, 2, count))
    with pytest.raises(ValueError, match="not of the layout"):
        side_by_side([Affine(3, 2)], lambda count: Affine(3, 4, count))
    with pytest.raises(ValueError, match="not of one layout"):
        side_by_side([nn.Sequential()], lambda count: Affine(3, 4, count))
