"""What the modules of this package have in common: the network's weights, and how a process of its own is run.

Used by the chapter *frameworks*. Each module has up to three functions:

- ``outputs(weights, x)``: probabilities of the classes, shape (N, 10);
- ``gradients(weights, x, y)``: slope of the mean cross-entropy in each weight, of the weights' shapes;
- ``train(weights, x, y, epochs, batch, rate)``: the weights after plain gradient descent on batches, in order.

The weights are a dictionary of arrays: ``W1`` (784, 128), ``b1`` (128,), ``W2`` (128, 10), ``b2`` (10,), float32. The
network is ``softmax(relu(x @ W1 + b1) @ W2 + b2)``, and the loss is the mean over the batch of minus the logarithm of
the right class's probability.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["SHAPES", "Weights", "initial_weights", "main", "weights_of"]

Weights = dict[str, np.ndarray]

Errand = Callable[..., dict[str, Any]]
"""What else a process can do: gets the arrays of its file and the words of its command, returns what JSON can hold."""

SHAPES = {"W1": (784, 128), "b1": (128,), "W2": (128, 10), "b2": (10,)}


def initial_weights(seed: int) -> Weights:
    """Return weights to start from, as Keras would draw them: Glorot's uniform law, and biases of zero.

    Source: Glorot and Bengio (2010), "Understanding the difficulty of training deep feedforward neural networks".
    """
    generator = np.random.default_rng(seed)
    weights = {}
    for name, shape in SHAPES.items():
        limit = np.sqrt(6 / sum(shape)) if len(shape) == 2 else 0.0
        weights[name] = generator.uniform(-limit, limit, shape).astype(np.float32)
    return weights


def weights_of(arrays: Mapping[str, np.ndarray], prefix: str = "") -> Weights:
    """Return the weights among named arrays.

    Raises:
        ValueError: one is missing or has another shape.

    """
    for name, shape in SHAPES.items():
        found = arrays[prefix + name].shape if prefix + name in arrays else None
        if found != shape:
            raise ValueError(f"weights '{prefix + name}' should have shape {shape}; got {found}")
    return {name: np.asarray(arrays[prefix + name]) for name in SHAPES}


def main(module: ModuleType, backend: bool = False, errands: Mapping[str, Errand] | None = None) -> None:
    """Run a module on the arrays of a file and write its results to another: ``[--backend NAME] in.npz out.npz``.

    The file holds the weights of each seed (``0/W1`` …), the images ``x`` and labels ``y`` to compare on, ``train_x``
    and ``train_y`` to train on, ``test_x`` and ``test_y``, and the numbers ``epochs``, ``batch`` and ``rate``. Images
    are whole bytes. Results: ``outputs`` and ``grad/W1`` … of the first weights; ``seconds`` and ``accuracy``, one a
    seed; and the trained weights. What a module has no function for is left out.

    ``--errand NAME=WORD,WORD`` then runs one of the ``errands`` in the same process, which has imported its framework
    already. What they return is printed as one line of JSON at the end, by name.
    """
    parser = argparse.ArgumentParser(prog=module.__name__)
    if backend:
        parser.add_argument("--backend", help="read before Keras is imported")
    parser.add_argument("--errand", action="append", default=[])
    parser.add_argument("given", type=Path)
    parser.add_argument("made", type=Path)
    places = parser.parse_args()
    with np.load(places.given) as file:
        given = {name: file[name] for name in file.files}
    x, train_x, test_x = (scaled(given[name]) for name in ("x", "train_x", "test_x"))
    starts = [weights_of(given, f"{seed}/") for seed in range(int(given["starts"]))]
    made: dict[str, Any] = {}
    if hasattr(module, "outputs"):
        made["outputs"] = module.outputs(starts[0], x)
    if hasattr(module, "gradients"):
        slopes = module.gradients(starts[0], x, given["y"])
        made |= {f"grad/{name}": slopes[name] for name in SHAPES}
    if hasattr(module, "train"):
        plan = {"epochs": int(given["epochs"]), "batch": int(given["batch"]), "rate": float(given["rate"])}
        seconds, accuracy = [], []
        for seed, weights in enumerate(starts):
            begun = time.perf_counter()
            trained = module.train(weights, train_x, given["train_y"], **plan)
            seconds.append(time.perf_counter() - begun)
            accuracy.append(np.mean(scores(trained, test_x).argmax(axis=1) == given["test_y"]))
            made |= {f"{seed}/{name}": trained[name] for name in SHAPES}
        made |= {"seconds": np.array(seconds), "accuracy": np.array(accuracy)}
    np.savez(places.made, **made)
    facts = {}
    for errand in places.errand:
        name, _, words = errand.partition("=")
        facts[name] = (errands or {})[name](given, *filter(None, words.split(",")))
    print(json.dumps(facts))


def scaled(images: np.ndarray) -> np.ndarray:
    """Return images (N, …) of whole bytes as float32 (N, 784) from 0 to 1."""
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def scores(weights: Weights, x: np.ndarray) -> np.ndarray:
    """Return the scores (N, 10) of the network: trained weights are all judged by the same lines."""
    hidden = np.maximum(x @ weights["W1"] + weights["b1"], 0)
    return hidden @ weights["W2"] + weights["b2"]
