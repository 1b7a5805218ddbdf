"""The network in scikit-learn, whose own way is to draw the weights itself. Used by the chapter *frameworks*."""

import sys

import numpy as np
from sklearn.neural_network import MLPClassifier

from groundtruth.frameworks import contract


def network(weights, batch=128, rate=0.1):
    model = MLPClassifier(
        (128,), solver="sgd", momentum=0, alpha=0, learning_rate_init=rate, batch_size=batch, shuffle=False
    )
    # A first step makes the attributes; then they are filled with the weights that we want.
    model.partial_fit(np.zeros((batch, 784), np.float32), np.arange(batch) % 10, classes=np.arange(10))
    model.coefs_ = [weights["W1"].copy(), weights["W2"].copy()]
    model.intercepts_ = [weights["b1"].copy(), weights["b2"].copy()]
    return model


def outputs(weights, x):
    return network(weights).predict_proba(x)


def train(weights, x, y, epochs, batch, rate):
    model = network(weights, batch, rate)
    for _ in range(epochs):
        model.partial_fit(x, y)  # one epoch, in batches
    (W1, W2), (b1, b2) = model.coefs_, model.intercepts_
    return {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


if __name__ == "__main__":
    contract.main(sys.modules[__name__])
