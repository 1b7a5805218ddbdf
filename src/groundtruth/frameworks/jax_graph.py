"""The graph that JAX makes of a function, and what compiling it costs and saves. Used by the chapter *frameworks*."""

import time

import jax
import numpy as np

from groundtruth.frameworks import contract
from groundtruth.frameworks.jax_net import loss, scores

counted = {"calls": 0}


def step(weights, x, y):
    counted["calls"] += 1  # Python runs this line only where it runs the function
    return jax.grad(loss)(weights, x, y)


def median_seconds(call, times):
    """Return the median time of a call, over so many."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        jax.block_until_ready(call())
        taken.append(time.perf_counter() - begun)
    return float(np.median(taken))


def traces(sizes):
    """Return how often Python runs a compiled function that is called with batches of these sizes."""
    ran = []

    @jax.jit
    def doubled(x):
        ran.append(x.shape)
        return 2 * x

    for size in sizes:
        doubled(np.ones(size, np.float32))
    return len(ran)


def facts(_, times):
    """Return the graph as text, how often Python ran the function, and seconds a call, eager and compiled."""
    times = int(times)
    weights = jax.tree.map(jax.numpy.asarray, contract.initial_weights(0))
    generator = np.random.default_rng(0)
    x = generator.uniform(size=(4096, 784)).astype(np.float32)
    y = generator.integers(0, 10, 4096)
    found = {
        "graph": str(jax.make_jaxpr(scores)(weights, x[:32])),
        "eager": {},
        "compiled": {},
        "compile": {},
    }
    for size in (32, 4096):
        xs, ys = jax.numpy.asarray(x[:size]), jax.numpy.asarray(y[:size])
        jax.block_until_ready(step(weights, xs, ys))  # each operation on its own is compiled at its first use
        found["eager"][size] = median_seconds(lambda xs=xs, ys=ys: step(weights, xs, ys), times)
        compiled = jax.jit(step)
        found["compile"][size] = median_seconds(lambda xs=xs, ys=ys, f=compiled: f(weights, xs, ys), 1)
        before = counted["calls"]
        found["compiled"][size] = median_seconds(lambda xs=xs, ys=ys, f=compiled: f(weights, xs, ys), times)
        found["python_runs"] = counted["calls"] - before  # of the last size: it was traced before
    found["traces"] = traces((32, 32, 32, 64, 64, 32))
    return found
