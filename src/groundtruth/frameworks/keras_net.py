"""The network in Keras 3, on whichever back end is chosen. Used by the chapter *frameworks*."""

import sys

from groundtruth.frameworks import contract, keras_backend  # noqa: F401 - chooses the back end, so before Keras
import keras
import numpy as np

loss = keras.losses.SparseCategoricalCrossentropy()


def network(weights):
    model = keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.set_weights([weights["W1"], weights["b1"], weights["W2"], weights["b2"]])
    return model


def named(values):
    arrays = [np.array(keras.ops.convert_to_numpy(value)) for value in values]
    return dict(zip(contract.SHAPES, arrays, strict=True))


def outputs(weights, x):
    return keras.ops.convert_to_numpy(network(weights)(x))


def gradients(weights, x, y):  # Keras itself has no word for a gradient: each back end has its own
    model = network(weights)
    if keras.backend.backend() == "torch":
        loss(y, model(x)).backward()
        return named([variable.value.grad for variable in model.trainable_variables])
    if keras.backend.backend() == "jax":
        import jax  # noqa: PLC0415 - only where it is the back end

        def of(variables):
            return loss(y, model.stateless_call(variables, [], x)[0])

        return named(jax.grad(of)([variable.value for variable in model.trainable_variables]))
    import tensorflow as tf  # noqa: PLC0415

    with tf.GradientTape() as tape:
        value = loss(y, model(x))
    return named(tape.gradient(value, [variable.value for variable in model.trainable_variables]))


def train(weights, x, y, epochs, batch, rate):
    model = network(weights)
    model.compile(optimizer=keras.optimizers.SGD(rate), loss=loss)
    model.fit(x, y, batch_size=batch, epochs=epochs, shuffle=False, verbose=0)
    return named(model.get_weights())


if __name__ == "__main__":
    from groundtruth.frameworks import keras_lab, keras_traps

    errands = {"lab": keras_lab.facts, "traps": keras_traps.facts}
    contract.main(sys.modules[__name__], backend=True, errands=errands)
