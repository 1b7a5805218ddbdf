"""The network in PyTorch. Used by the chapter *frameworks*."""

import sys

import torch
from torch import nn

from groundtruth.frameworks import contract

NAMES = {"W1": "0.weight", "b1": "0.bias", "W2": "2.weight", "b2": "2.bias"}


def network(weights):
    model = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    # A Linear keeps its weight as (outputs, inputs); for vectors .T changes nothing.
    state = {NAMES[name]: torch.from_numpy(values.T.copy()) for name, values in weights.items()}
    model.load_state_dict(state)
    return model


def outputs(weights, x):
    with torch.no_grad():
        return network(weights)(torch.from_numpy(x)).softmax(dim=1).numpy()


def gradients(weights, x, y):
    model = network(weights)
    nn.functional.cross_entropy(model(torch.from_numpy(x)), torch.from_numpy(y)).backward()
    return {name: model.get_parameter(theirs).grad.numpy().T for name, theirs in NAMES.items()}


def train(weights, x, y, epochs, batch, rate):
    model, x, y = network(weights), torch.from_numpy(x), torch.from_numpy(y)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(epochs):
        for xb, yb in zip(x.split(batch), y.split(batch), strict=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(xb), yb).backward()
            optimizer.step()
    return {name: model.get_parameter(theirs).detach().numpy().T for name, theirs in NAMES.items()}


if __name__ == "__main__":
    contract.main(sys.modules[__name__])
