"""Layer by layer without labels: a start from which deep logistic units learn."""

import pytest
import torch

from groundtruth.data import mnist
from groundtruth.history.deep_belief import error, fine_tune, network, stack

SIZES = (784, 60, 60, 60)


@pytest.fixture(scope="module")
def digits():
    whole = mnist.load()
    return whole.train_images[:2000].flatten(1).float() / 255, whole.train_labels[:2000]


def test_pre_training_rescues_deep_logistic_units(digits):
    x, y = digits
    machines = stack(x, SIZES, 3, torch.Generator().manual_seed(100))
    found = {
        kind: error(fine_tune(network(kind, SIZES, machines, 100), x, y, 6, 100), x, y)
        for kind in ("pre-trained", "small random")
    }
    assert found["pre-trained"] < 0.5
    assert found["small random"] > found["pre-trained"] + 0.2


def test_first_weights_are_those_of_the_machines(digits):
    machines = stack(digits[0][:100], (784, 5, 4), 1, torch.Generator().manual_seed(0))
    net = network("pre-trained", (784, 5, 4), machines, 0)
    hidden = machines[1].hidden(machines[0].hidden(digits[0][:3]))
    torch.testing.assert_close(net.layers[:4](digits[0][:3]), hidden)


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="kind"):
        network("magic", SIZES, [], 0)
