"""What beginners' courses and manuals train on the same images, each as its source describes it, and nothing tuned.

Every training is a generator that gives a mark after each epoch: seconds of training so far, and the accuracy on the
test images, whose time is not counted. What a source does before it trains, such as dividing all images by 255, is not
counted either; what it does for each image while it trains, is. Every method may use all cores, in single precision,
which is the default of each of these libraries.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from groundtruth.data.images import ImageSet
from shared.levels import Mark


class PerImage:
    """Images that become tensors one at a time, as ``torchvision``'s sets with ``ToTensor()`` do it.

    torchvision does not import beside every build of PyTorch, so its work is done here: bytes to a tensor of numbers
    from 0 to 1, for one image, when it is asked for. (Its detour through a PIL image is left out, in its favour.)
    """

    def __init__(self, images: Any, labels: Any) -> None:
        self.images, self.labels = images, labels

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.images[index].float().div(255), int(self.labels[index])


def _torch_sgd(
    network: Any, images: ImageSet, *, rate: float, batch_size: int, epochs: int
) -> Iterator[Mark]:
    """Train by plain gradient descent, as PyTorch's own beginners' pages write the loop."""
    import torch  # noqa: PLC0415 - each method imports what it needs, in a process of its own
    from torch.utils.data import DataLoader  # noqa: PLC0415

    loader: Any = DataLoader(
        PerImage(images.train_images, images.train_labels),  # type: ignore[arg-type]
        batch_size=batch_size,
        shuffle=True,
    )
    test = images.test_images.float().div(255)
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    loss_of = torch.nn.CrossEntropyLoss()
    seconds = 0.0
    for _ in range(epochs):
        begun = time.perf_counter()
        network.train()
        for x, y in loader:
            loss = loss_of(network(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seconds += time.perf_counter() - begun
        network.eval()
        with torch.no_grad():
            said = torch.cat([network(part).argmax(dim=1) for part in test.split(1000)])
        yield Mark(seconds, float((said == images.test_labels).double().mean()))


def lenet_sigmoid(images: ImageSet, seed: int, epochs: int | None = None) -> Iterator[Mark]:
    """LeNet with sigmoids and mean pooling: rate 0.9, batches of 256, 10 epochs, Xavier's first weights.

    Source: Zhang, Lipton, Li and Smola, "Dive into Deep Learning", section "Convolutional Neural Networks (LeNet)", in
    its PyTorch version (github.com/d2l-ai/d2l-en, commit 02c2e54, chapter_convolutional-neural-networks/lenet.md).
    """
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Conv2d(6, 16, kernel_size=5), nn.Sigmoid(),
        nn.AvgPool2d(kernel_size=2, stride=2),
        nn.Flatten(),
        nn.Linear(400, 120), nn.Sigmoid(),
        nn.Linear(120, 84), nn.Sigmoid(),
        nn.Linear(84, 10),
    )  # fmt: skip
    for part in network:
        if isinstance(part, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(part.weight)
    return _torch_sgd(network, images, rate=0.9, batch_size=256, epochs=epochs or 10)


def tiny_vgg(images: ImageSet, seed: int, epochs: int | None = None) -> Iterator[Mark]:
    """Two blocks of two 3×3 convolutions with 10 channels: SGD with rate 0.1, batches of 32, 3 epochs.

    Source: Bourke, "Zero to Mastery: Learn PyTorch for Deep Learning", chapter 03, "PyTorch Computer Vision", model 2
    (learnpytorch.io, github.com/mrdbourke/pytorch-deep-learning), after the "TinyVGG" of Wang et al., "CNN Explainer",
    IEEE TVCG 27(2), 2021.
    """
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    torch.manual_seed(seed)

    def block(inputs: int) -> list[nn.Module]:
        first, second = nn.Conv2d(inputs, 10, 3, padding=1), nn.Conv2d(10, 10, 3, padding=1)
        return [first, nn.ReLU(), second, nn.ReLU(), nn.MaxPool2d(2)]

    network = nn.Sequential(*block(1), *block(10), nn.Flatten(), nn.Linear(10 * 7 * 7, 10))
    return _torch_sgd(network, images, rate=0.1, batch_size=32, epochs=epochs or 3)


def _keras(images: ImageSet, seed: int, *, dropout: float, epochs: int) -> Iterator[Mark]:
    """784-128-10 with Adam and batches of 32, which are the defaults; the back end is in ``KERAS_BACKEND``."""
    import keras  # noqa: PLC0415

    keras.utils.set_random_seed(seed)
    # As these pages do: divided by a Python number, which makes double precision of bytes; Keras makes single of that.
    x_train, x_test = images.train_images[:, 0].numpy() / 255.0, images.test_images[:, 0].numpy() / 255.0
    y_train, y_test = images.train_labels.numpy(), images.test_labels.numpy()
    layers = [keras.Input(shape=(28, 28)), keras.layers.Flatten(), keras.layers.Dense(128, activation="relu")]
    if dropout:
        layers.append(keras.layers.Dropout(dropout))
    model = keras.Sequential([*layers, keras.layers.Dense(10)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])

    class Marks(keras.callbacks.Callback):
        """Stops the clock while the model is looked at; what is compiled before the first epoch counts."""

        def __init__(self) -> None:
            super().__init__()
            self.marks: list[Mark] = []
            self.seconds = 0.0
            self.begun = time.perf_counter()

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch:
                self.begun = time.perf_counter()

        def on_test_begin(self, logs: Any = None) -> None:
            self.seconds += time.perf_counter() - self.begun

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            # Keras gives a number of single precision, which may lie just below the share that it stands for.
            self.marks.append(Mark(self.seconds, round(float(logs["val_accuracy"]), 6)))

    noted = Marks()
    looked = {"validation_data": (x_test, y_test), "validation_batch_size": 1000}
    model.fit(x_train, y_train, epochs=epochs, verbose=0, callbacks=[noted], **looked)
    yield from noted.marks


def keras_clothes(images: ImageSet, seed: int, epochs: int | None = None) -> Iterator[Mark]:
    """784-128-10 without dropout, 10 epochs.

    Source: TensorFlow, "Basic classification: Classify images of clothing" (tensorflow.org/tutorials/keras/
    classification); here with Keras 3 on another back end.
    """
    return _keras(images, seed, dropout=0.0, epochs=epochs or 10)


def keras_digits(images: ImageSet, seed: int, epochs: int | None = None) -> Iterator[Mark]:
    """784-128-10 with dropout 0.2, 5 epochs.

    Source: TensorFlow, "TensorFlow 2 quickstart for beginners" (tensorflow.org/tutorials/quickstart/beginner); here
    with Keras 3 on another back end.
    """
    return _keras(images, seed, dropout=0.2, epochs=epochs or 5)


def sklearn_mlp(images: ImageSet, seed: int, epochs: int | None = None) -> Iterator[Mark]:
    """``MLPClassifier()`` as it comes: 100 units, Adam with rate 0.001, batches of 200.

    Source: scikit-learn's reference of the class; its manual, section "Neural network models", advises to scale the
    inputs. Without a test set to look at it would go on until the loss stops falling, for at most 200 epochs; here the
    budget ends it. Epochs go by ``partial_fit``, of which one call is one pass.
    """
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415

    train, test = _rows(images)
    # A generator, for with a number each call of partial_fit would go through the images in the same order.
    model = MLPClassifier(random_state=np.random.RandomState(seed))
    seconds = 0.0
    for _ in range(epochs or 200):
        begun = time.perf_counter()
        model.partial_fit(*train, classes=np.arange(10))
        seconds += time.perf_counter() - begun
        yield Mark(seconds, float(model.score(*test)))


def boosting(images: ImageSet, seed: int, epochs: int | None = None) -> Iterator[Mark]:
    """``HistGradientBoostingClassifier()`` as it comes: rate 0.1, at most 100 rounds, early stopping.

    Source: scikit-learn's reference of the class. A round of boosting is taken for an epoch. Its seconds are those at
    which ``verbose=2`` tells of it; the accuracies are looked at afterwards.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    train, test = _rows(images)
    model = HistGradientBoostingClassifier(random_state=seed, verbose=2, max_iter=epochs or 100)
    log = _Clock()
    with contextlib.redirect_stdout(log):
        model.fit(*train)
    ends = log.rounds[: model.n_iter_]
    ends[-1:] = [log.now()]  # what comes after the last round is part of the training, too
    for seconds, said in zip(ends, model.staged_predict(test[0]), strict=True):
        yield Mark(seconds, float((said == test[1]).mean()))


class _Clock(io.TextIOBase):
    """Takes what boosting says about its rounds, and notes when each ends: ``[3/100] 10 trees, …, in 0.345s``."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.rounds: list[float] = []
        self._open = False

    def now(self) -> float:
        return time.perf_counter() - self.begun

    def write(self, text: str) -> int:
        if text.startswith("["):
            self._open = True
        if self._open and text.rstrip().endswith("s") and ", in " in text:
            self.rounds.append(self.now())
            self._open = False
        return len(text)


def _rows(images: ImageSet) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return training and test images as rows (N, 784) from 0 to 1, with their labels."""
    return tuple(
        (part.flatten(1).numpy().astype(np.float32) / np.float32(255), labels.numpy())
        for part, labels in (
            (images.train_images, images.train_labels),
            (images.test_images, images.test_labels),
        )
    )  # type: ignore[return-value]
