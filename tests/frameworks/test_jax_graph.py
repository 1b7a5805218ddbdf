"""JAX traces a function once a shape."""

import importlib.util

import pytest

from groundtruth.frameworks import side_by_side


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_two_shapes_make_two_traces():
    facts = side_by_side.facts_of("jax_graph", "1", packages={"jax": "jax"})
    assert facts["traces"] == 2
    assert facts["python_runs"] == 0
    assert facts["graph"].count("dot_general") == 2
