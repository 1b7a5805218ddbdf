"""The weights that all frameworks start from."""

import numpy as np
import pytest

from groundtruth.frameworks.contract import SHAPES, initial_weights, scaled, weights_of


def test_start_weights_are_glorots_and_repeatable():
    weights = initial_weights(0)
    assert {name: values.shape for name, values in weights.items()} == SHAPES
    limit = np.sqrt(6 / (784 + 128))
    assert 0.99 * limit < np.abs(weights["W1"]).max() <= limit
    assert not weights["b1"].any()
    assert np.array_equal(weights["W1"], initial_weights(0)["W1"])
    assert not np.array_equal(weights["W1"], initial_weights(1)["W1"])


def test_weights_of_another_shape_are_refused():
    weights = initial_weights(0)
    with pytest.raises(ValueError, match=r"'W2' should have shape \(128, 10\)"):
        weights_of(weights | {"W2": weights["W2"].T})
    with pytest.raises(ValueError, match="'5/W1'"):
        weights_of(weights, "5/")


def test_images_are_scaled_to_rows_from_0_to_1():
    rows = scaled(np.array([[[0, 255], [51, 0]]], dtype=np.uint8))
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, [[0, 1, 0.2, 0]])
