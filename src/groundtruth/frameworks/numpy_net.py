"""The network in NumPy: every line of the backward pass is ours. Used by the chapter *frameworks*."""

import sys

import numpy as np

from groundtruth.frameworks import contract


def forward(weights, x):
    hidden = np.maximum(x @ weights["W1"] + weights["b1"], 0)  # (N, 128)
    scores = hidden @ weights["W2"] + weights["b2"]  # (N, 10)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return hidden, powers / powers.sum(axis=1, keepdims=True)


def outputs(weights, x):
    return forward(weights, x)[1]


def gradients(weights, x, y):
    hidden, probabilities = forward(weights, x)
    slope = probabilities.copy()  # of the loss in the scores: probability minus target
    slope[np.arange(len(y)), y] -= 1
    slope /= len(y)
    back = (slope @ weights["W2"].T) * (hidden > 0)  # (N, 128)
    return {"W1": x.T @ back, "b1": back.sum(axis=0), "W2": hidden.T @ slope, "b2": slope.sum(axis=0)}


def train(weights, x, y, epochs, batch, rate):
    weights = {name: values.copy() for name, values in weights.items()}
    for _ in range(epochs):
        for start in range(0, len(x), batch):
            slopes = gradients(weights, x[start : start + batch], y[start : start + batch])
            for name in weights:
                weights[name] -= rate * slopes[name]
    return weights


if __name__ == "__main__":
    contract.main(sys.modules[__name__])
