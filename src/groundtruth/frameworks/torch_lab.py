"""The Keras lab, translated line by line into PyTorch. Used by the chapter *frameworks*."""

import torch
from torch import nn


def lab(x_train, y_train, x_test, y_test, epochs=5):
    x_train, x_test = x_train / 255.0, x_test / 255.0

    model = nn.Sequential(
        nn.Flatten(),
        nn.Linear(784, 128),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Linear(128, 10),
    )
    for layer in (model[1], model[4]):  # Keras starts a Dense layer so
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    loss_fn = nn.CrossEntropyLoss()  # takes scores, as from_logits=True does
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)

    model.train()  # dropout on: fit() does this by itself
    for _ in range(epochs):
        for batch in torch.randperm(len(x_train)).split(32):  # fit(): shuffled, batches of 32
            optimizer.zero_grad()
            loss_fn(model(x_train[batch]), y_train[batch]).backward()
            optimizer.step()

    model.eval()  # dropout off: evaluate() does this by itself
    with torch.no_grad():
        scores = model(x_test)
    right = (scores.argmax(dim=1) == y_test).double().mean()
    return loss_fn(scores, y_test).item(), right.item()
