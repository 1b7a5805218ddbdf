"""What Keras says of itself."""

import importlib.util

import pytest

from groundtruth.frameworks import side_by_side


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
@pytest.mark.skipif(importlib.util.find_spec("keras") is None, reason="keras is not installed")
def test_facts_are_those_of_kerass_documentation():
    facts = side_by_side.facts_of("keras_traps", "--backend", "jax", packages={"keras": "keras"})
    assert facts["kernel_shape"] == [784, 128]
    assert facts["norm_momentum"] == 0.99
    assert facts["norm_epsilon"] == 1e-3
    assert facts["kept_by_default"] == 1.0 > facts["kept_in_training"]
    assert facts["loss_by_default"] != pytest.approx(facts["loss_from_logits"], rel=0.05)
