"""Where Keras and PyTorch mean different things, asked of Keras itself. Used by the chapter *frameworks*."""

from groundtruth.frameworks import keras_backend  # noqa: F401 - chooses the back end, so before Keras
import keras
import numpy as np


def facts(_):
    """Return shapes, defaults and small results, as plain numbers."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    dense = keras.layers.Dense(128)
    dense.build((None, 784))
    conv = keras.layers.Conv2D(8, 3)
    pictures = generator.normal(size=(2, 5, 6, 3)).astype(np.float32)
    maps = conv(pictures)

    norm = keras.layers.BatchNormalization()
    x = generator.normal(2.0, 3.0, size=(16, 4)).astype(np.float32)
    norm(x, training=True)

    scores = generator.normal(size=(8, 10)).astype(np.float32) * 4
    labels = generator.integers(0, 10, 8)
    of_scores = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    by_default = keras.losses.SparseCategoricalCrossentropy()

    drop = keras.layers.Dropout(0.5)
    ones = np.ones((1, 1000), np.float32)
    adam = keras.optimizers.Adam()
    found = {
        "kernel_shape": list(dense.kernel.shape),
        "largest_weight": float(np.abs(dense.get_weights()[0]).max()),
        "largest_bias": float(np.abs(dense.get_weights()[1]).max()),
        "pictures": pictures,
        "conv_kernel": conv.get_weights()[0],
        "maps": keras.ops.convert_to_numpy(maps),
        "flat": keras.ops.convert_to_numpy(keras.layers.Flatten()(pictures)),
        "norm_input": x,
        "norm_mean": keras.ops.convert_to_numpy(norm.moving_mean),
        "norm_variance": keras.ops.convert_to_numpy(norm.moving_variance),
        "norm_epsilon": norm.epsilon,
        "norm_momentum": norm.momentum,
        "scores": scores,
        "labels": labels,
        "loss_from_logits": float(of_scores(labels, scores)),
        "loss_by_default": float(by_default(labels, scores)),
        "kept_in_training": float((keras.ops.convert_to_numpy(drop(ones, training=True)) > 0).mean()),
        "kept_by_default": float((keras.ops.convert_to_numpy(drop(ones)) > 0).mean()),
        "adam_epsilon": adam.epsilon,
        "adam_rate": float(keras.ops.convert_to_numpy(adam.learning_rate)),
    }
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in found.items()}
