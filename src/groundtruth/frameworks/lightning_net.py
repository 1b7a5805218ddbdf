"""The network in Lightning: a PyTorch network and its loss, and a Trainer that has the loop.

Used by the chapter *frameworks*.
"""

import logging
import sys
import warnings

import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from groundtruth.frameworks import contract
from groundtruth.frameworks.torch_net import NAMES, network


class Classifier(pl.LightningModule):
    def __init__(self, weights, rate=0.0):
        super().__init__()
        self.model, self.rate = network(weights), rate

    def forward(self, x):
        return self.model(x)

    def training_step(self, batch, _):
        x, y = batch
        return nn.functional.cross_entropy(self(x), y)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.rate)


def outputs(weights, x):
    with torch.no_grad():
        return Classifier(weights)(torch.from_numpy(x)).softmax(dim=1).numpy()


def gradients(weights, x, y):
    module = Classifier(weights)
    module.training_step((torch.from_numpy(x), torch.from_numpy(y)), 0).backward()
    return {name: module.model.get_parameter(theirs).grad.numpy().T for name, theirs in NAMES.items()}


def train(weights, x, y, epochs, batch, rate):
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")  # it asks for worker processes, which the data do not need
    module = Classifier(weights, rate)
    loader = DataLoader(TensorDataset(torch.from_numpy(x), torch.from_numpy(y)), batch_size=batch)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    pl.Trainer(max_epochs=epochs, accelerator="cpu", enable_model_summary=False, **quiet).fit(module, loader)
    return {name: module.model.get_parameter(theirs).detach().numpy().T for name, theirs in NAMES.items()}


if __name__ == "__main__":
    contract.main(sys.modules[__name__])
