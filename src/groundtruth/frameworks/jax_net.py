"""The network in JAX: functions of weights, and functions that transform them. Used by the chapter *frameworks*."""

import sys

import jax
import jax.numpy as jnp
import numpy as np

from groundtruth.frameworks import contract


def scores(weights, x):
    hidden = jax.nn.relu(x @ weights["W1"] + weights["b1"])
    return hidden @ weights["W2"] + weights["b2"]


def loss(weights, x, y):
    logarithms = jax.nn.log_softmax(scores(weights, x))
    return -jnp.mean(jnp.take_along_axis(logarithms, y[:, None], axis=1))


@jax.jit
def step(weights, x, y, rate):
    slopes = jax.grad(loss)(weights, x, y)
    return jax.tree.map(lambda weight, slope: weight - rate * slope, weights, slopes)


def outputs(weights, x):
    return np.array(jax.nn.softmax(scores(weights, x)))


def gradients(weights, x, y):
    return jax.tree.map(np.array, jax.grad(loss)(weights, x, y))


def train(weights, x, y, epochs, batch, rate):
    for _ in range(epochs):
        for start in range(0, len(x), batch):
            weights = step(weights, x[start : start + batch], y[start : start + batch], rate)
    return jax.tree.map(np.array, weights)


if __name__ == "__main__":
    from groundtruth.frameworks import jax_graph

    contract.main(sys.modules[__name__], errands={"graph": jax_graph.facts})
