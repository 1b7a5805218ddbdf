"""The translated lab learns, and evaluates without dropout."""

import torch

from groundtruth.frameworks.torch_lab import lab


def test_lab_learns_an_easy_task():
    torch.manual_seed(0)
    labels = torch.arange(640) % 10
    images = torch.zeros(640, 28, 28)
    images[torch.arange(640), labels, :] = 255  # the lit row is the answer
    loss, accuracy = lab(images, labels, images[:50], labels[:50], epochs=5)
    assert accuracy > 0.95
    assert loss < 1.0
