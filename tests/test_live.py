"""What a cell hands over for a live figure: packed numbers, the steps of a network, and what is refused."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from torch import nn

from groundtruth import live as module
from groundtruth.evidence import BUILD_VARIABLE, MIME, EvidenceError
from groundtruth.live import KINDS, LIMIT, live, packed, steps_of
from groundtruth.models.folding import folded

SCRIPTS = Path(module.__file__).parent / "sphinxext" / "static" / "live"


def unpacked(one: dict) -> np.ndarray:
    kind = {"float32": np.float32, "uint8": np.uint8}[one["type"]]
    return np.frombuffer(base64.b64decode(one["base64"]), kind).reshape(one["shape"])


class Largest(nn.Module):
    def forward(self, maps):
        return maps.amax(dim=(2, 3))


def network() -> nn.Sequential:
    """A small network of every kind of layer that a page can compute, with statistics that are not zero and one."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 4, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(4), nn.ReLU()),
        nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5),
        Largest(), nn.Linear(6, 3),
    )  # fmt: skip
    net(3 * torch.randn(64, 1, 28, 28) + 1)  # running means and variances
    return net.eval()


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 1, 4)])
def test_packed_numbers_keep_their_shape_and_their_bits(shape):
    numbers = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    assert np.array_equal(unpacked(packed(numbers)), numbers)


def test_tensors_and_transposed_arrays_are_packed_row_by_row():
    numbers = torch.arange(6.0).reshape(2, 3).T
    assert unpacked(packed(numbers)).tolist() == numbers.tolist()
    assert unpacked(packed([[1, 255]], "uint8")).tolist() == [[1, 255]]


@pytest.mark.parametrize(
    ("numbers", "kind", "says"),
    [
        ([1.0], "float16", "unknown type 'float16'; choose one of: float32, uint8"),
        ([float("nan")], "float32", "not finite"),
        ([256], "uint8", "whole numbers from 0 to 255"),
        ([0.5], "uint8", "whole numbers from 0 to 255"),
    ],
)
def test_numbers_that_a_page_cannot_hold_are_refused(numbers, kind, says):
    with pytest.raises(ValueError, match=says):
        packed(numbers, kind)


# --- networks -------------------------------------------------------------------------------------


def test_steps_are_the_layers_in_their_order_with_their_weights():
    net = folded(network())
    steps = steps_of(net, {Largest: "largest"})
    assert [step["op"] for step in steps] == [
        "conv", "relu", "conv", "relu", "pool", "largest", "linear",
    ]  # fmt: skip
    assert (steps[0]["stride"], steps[0]["padding"], steps[4]["size"]) == (2, 2, 2)
    assert np.array_equal(unpacked(steps[0]["weight"]), net[0][0].weight.numpy())
    assert np.array_equal(unpacked(steps[-1]["bias"]), net[-1].bias.numpy())


def test_a_layer_without_a_bias_gets_zeros():
    (step,) = steps_of(nn.Conv2d(1, 2, 3, bias=False).eval())
    assert unpacked(step["bias"]).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (nn.BatchNorm2d(3), "cannot compute BatchNorm2d"),
        (nn.Conv2d(1, 1, (3, 5)), "cannot compute Conv2d"),
        (nn.Conv2d(2, 2, 3, groups=2), "cannot compute Conv2d"),
        (nn.Conv2d(1, 1, 3, padding=1, padding_mode="circular"), "cannot compute Conv2d"),
        (nn.MaxPool2d(3, stride=2), "cannot compute MaxPool2d"),
        (Largest(), "cannot compute Largest"),
    ],
)
def test_layers_that_the_page_does_not_know_are_refused(layer, says):
    with pytest.raises(ValueError, match=says):
        steps_of(nn.Sequential(layer).eval())


def test_a_network_in_training_is_refused():
    with pytest.raises(ValueError, match="in training mode"):
        steps_of(nn.Sequential(nn.Linear(1, 1)))


# --- the way out of the cell ----------------------------------------------------------------------


def test_every_kind_has_its_script():
    found = {path.stem for path in SCRIPTS.glob("*.js")}
    assert set(KINDS) == found - {"start", "common"}


@pytest.mark.parametrize(
    ("name", "kind", "data", "says"),
    [
        ("No Name", "descent", {}, "is no name"),
        ("walk", "flight", {}, "live figure 'walk': unknown kind 'flight'; choose one of: convolution"),
        ("walk", "descent", {"a": float("inf")}, "its data are no JSON"),
        ("walk", "descent", {"a": np.float32(1)}, "its data are no JSON"),
        ("walk", "descent", {"a": "x" * LIMIT}, "a page may ask for 1,000,000"),
    ],
)
def test_what_cannot_come_alive_is_refused(name, kind, data, says):
    with pytest.raises(EvidenceError, match=says):
        live(name, kind, Figure(), data)


def test_in_a_build_the_figure_travels_and_beside_it_the_data(shell, monkeypatch):
    monkeypatch.setenv(BUILD_VARIABLE, "abc")
    live("walk", "descent", Figure((1, 1)), {"rate": 0.5})
    still, alive = (output["data"][MIME] for output in shell.display_pub.outputs)
    assert (still["kind"], still["name"], len(still["stages"])) == ("figure", "walk", 1)
    assert alive == {"kind": "live", "name": "walk", "script": "descent", "data": {"rate": 0.5}}
    assert json.dumps(alive, allow_nan=False)


def test_a_person_sees_the_figure_alone(shell):
    live("walk", "descent", Figure((1, 1)), {"rate": 0.5})
    (output,) = shell.display_pub.outputs
    assert "image/png" in output["data"]
    assert MIME not in output["data"]
