"""The classic lab runs in Keras, on the back end that is asked for."""

import importlib.util

import numpy as np
import pytest

from groundtruth.frameworks import side_by_side


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="keras is not installed")
def test_lab_runs_once_for_each_word():
    labels = np.arange(320) % 10
    images = np.zeros((320, 28, 28), np.uint8)
    images[np.arange(320), labels] = 255
    found = side_by_side.run_lab("jax", (images, labels), (images, labels), ["1x64x0", "8x320x1"])
    assert len(found["seconds"]) == 2
    assert found["accuracy"][1] > 0.9 > found["accuracy"][0]
