"""The Keras lab that many readers know: digits, 128 units, dropout, five epochs. Used by the chapter *frameworks*.

The network and its calls are those of the beginners' page of TensorFlow's documentation; the digits come with the book.
"""

import time

from groundtruth.frameworks import keras_backend  # noqa: F401 - chooses the back end, so before Keras
import keras
import numpy as np


def lab(x_train, y_train, x_test, y_test, epochs=5):
    x_train, x_test = x_train / 255.0, x_test / 255.0

    model = keras.models.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(0.2),
            keras.layers.Dense(10),
        ]
    )
    loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="adam", loss=loss_fn, metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=epochs, verbose=0)
    return model.evaluate(x_test, y_test, verbose=0)


def facts(given, *runs):
    """Run the lab for each ``EPOCHSxDIGITSxSEED``; return losses, accuracies and seconds, one a run."""
    x_train, y_train, x_test, y_test = (given[name] for name in ("lab_x", "lab_y", "test_x", "test_y"))
    found = {"loss": [], "accuracy": [], "seconds": []}
    for run in runs:
        epochs, digits, seed = (int(number) for number in run.split("x"))
        keras.utils.set_random_seed(seed)
        begun = time.perf_counter()
        some = x_train[:digits].astype(np.float32), y_train[:digits]
        loss, accuracy = lab(*some, x_test.astype(np.float32), y_test, epochs)
        found["seconds"].append(time.perf_counter() - begun)
        found["loss"].append(float(loss))
        found["accuracy"].append(float(accuracy))
    return found
