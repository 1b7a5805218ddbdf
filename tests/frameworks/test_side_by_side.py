"""The same network in each framework: right outputs and gradients, and clear words where something is missing."""

import importlib.util
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from groundtruth.frameworks import contract, numpy_net, side_by_side
from groundtruth.frameworks.side_by_side import FRAMEWORKS, Framework, MissingPackageError, ProcessError

BATCH = 16


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (64, 28, 28), dtype=np.uint8)
    return images, generator.integers(0, 10, 64)


def needs(*packages):
    gone = [name for name in packages if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(bool(gone), reason=f"{gone} not installed")


def named(name):
    return next(framework for framework in FRAMEWORKS if framework.name == name)


@pytest.fixture(scope="module")
def given(data, tmp_path_factory):
    x, y = data
    path = tmp_path_factory.mktemp("frameworks") / "given.npz"
    arrays = {f"0/{name}": values for name, values in contract.initial_weights(3).items()}
    arrays |= {"x": x[:20], "y": y[:20], "train_x": x, "train_y": y, "test_x": x, "test_y": y}
    labels = np.arange(320) % 10  # for the lab: the lit pixel of the first row is the answer
    images = np.zeros((320, 28, 28), np.uint8)
    images[np.arange(320), 0, labels] = 255
    arrays |= {"lab_x": images, "lab_y": labels}
    np.savez(path, **arrays, starts=1, epochs=1, batch=BATCH, rate=0.1)
    return path


def double(seed):
    return {name: values.astype(np.float64) for name, values in contract.initial_weights(seed).items()}


def test_numpys_gradient_is_autograds(data):
    x, y = contract.scaled(data[0]).astype(np.float64), data[1]
    weights = double(1)
    leaves = {name: torch.from_numpy(values).requires_grad_() for name, values in weights.items()}
    hidden = (torch.from_numpy(x) @ leaves["W1"] + leaves["b1"]).relu()
    scores = hidden @ leaves["W2"] + leaves["b2"]
    nn.functional.cross_entropy(scores, torch.from_numpy(y)).backward()
    np.testing.assert_allclose(numpy_net.outputs(weights, x), scores.softmax(dim=1).detach(), atol=1e-12)
    for name, slope in numpy_net.gradients(weights, x, y).items():
        np.testing.assert_allclose(slope, leaves[name].grad, atol=1e-12)


@pytest.mark.parametrize("framework", FRAMEWORKS, ids=lambda framework: framework.name)
def test_framework_agrees_with_numpy(framework, given, data, tmp_path):
    if framework.absent:
        pytest.skip(framework.absent)
    result = side_by_side.run(framework, given, tmp_path)
    x, y, weights = contract.scaled(data[0]).astype(np.float64), data[1], double(3)
    assert side_by_side.relative_difference(result.outputs, numpy_net.outputs(weights, x[:20])) < 1e-5
    if framework.name not in ("sklearn", "onnx"):
        for name, slope in numpy_net.gradients(weights, x[:20], y[:20]).items():
            assert side_by_side.relative_difference(result.gradients[name], slope) < 1e-5
    else:
        assert result.gradients is None
    if framework.name != "onnx":
        trained = numpy_net.train(weights, x, y, epochs=1, batch=BATCH, rate=0.1)
        for name, values in trained.items():
            assert side_by_side.relative_difference(result.trained[0][name], values) < 1e-4
            assert not np.array_equal(result.trained[0][name], weights[name]), "nothing was learned"
        right = contract.scores(trained, x).argmax(axis=1) == y
        assert result.accuracy == [pytest.approx(right.mean())]


@needs("jax", "keras")
def test_keras_does_its_errands_in_the_same_process(given, tmp_path):
    errands = ["lab=1x64x0,8x320x1,8x320x1", "traps"]
    found = side_by_side.run(named("keras-jax"), given, tmp_path, errands).facts
    lab, traps = found["lab"], found["traps"]
    assert len(lab["seconds"]) == 3
    assert lab["loss"][1] == lab["loss"][2] != lab["loss"][0], "a run is its seed, whatever ran before"
    assert traps["kernel_shape"] == [784, 128]
    assert traps["norm_momentum"] == 0.99
    assert traps["norm_epsilon"] == 1e-3
    assert traps["kept_by_default"] == 1.0 > traps["kept_in_training"]
    assert traps["loss_by_default"] != pytest.approx(traps["loss_from_logits"], rel=0.05)


@needs("jax")
def test_jax_traces_twice_for_two_shapes(given, tmp_path):
    graph = side_by_side.run(named("jax"), given, tmp_path, ["graph=1"]).facts["graph"]
    assert graph["traces"] == 2
    assert graph["python_runs"] == 0
    assert graph["graph"].count("dot_general") == 2


def test_an_errand_that_nobody_knows_is_an_error(given, tmp_path):
    with pytest.raises(ProcessError, match="dance"):
        side_by_side.run(named("numpy"), given, tmp_path, ["dance"])


@needs("jax", "keras")
@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_keras_computes_with_the_back_end_that_was_asked_for(backend):
    code = (
        f"import sys; sys.argv = ['net', '--backend', {backend!r}, 'in']\n"
        "from groundtruth.frameworks import keras_net\nprint(keras_net.keras.backend.backend())"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout.split() == [backend]
    assert not ended.stderr


def test_a_missing_package_is_named_with_what_to_do(given, tmp_path, capsys):
    absent = Framework("nothing", "Nothing", "numpy_net", {"no_such_package": "no-such"})
    assert absent.absent == "Nothing is not run: no-such not installed (pip install no-such)"
    with pytest.raises(MissingPackageError, match="pip install no-such"):
        side_by_side.run(absent, given, tmp_path)


def test_run_all_prints_what_is_absent_and_runs_the_rest(data, monkeypatch, capsys):
    absent = Framework("nothing", "Nothing", "numpy_net", {"no_such_package": "no-such"})
    monkeypatch.setattr(side_by_side, "FRAMEWORKS", (absent, FRAMEWORKS[0]))
    plan = {"epochs": 1, "batch": BATCH, "rate": 0.1}
    results = side_by_side.run_all([contract.initial_weights(0)], data, data, data, **plan)
    assert list(results) == ["numpy"]
    assert "Nothing is not run" in capsys.readouterr().out
    with pytest.raises(ValueError, match="multiple of 48"):
        side_by_side.run_all([contract.initial_weights(0)], data, data, data, **plan | {"batch": 48})


def test_a_failing_process_says_why(tmp_path):
    with pytest.raises(ProcessError, match="no-such-file"):
        side_by_side.run_module("numpy_net", str(tmp_path / "no-such-file.npz"), "made.npz")


def test_difference_is_relative_and_refuses_other_shapes():
    assert side_by_side.relative_difference(np.array([1.0, 3.0]), np.array([1.0, 4.0])) == 0.25
    with pytest.raises(ValueError, match="shapes differ"):
        side_by_side.relative_difference(np.zeros(2), np.zeros((2, 1)))


def test_lines_are_counted_without_blanks_comments_and_docstrings(tmp_path, monkeypatch):
    monkeypatch.setattr(side_by_side, "FOLDER", tmp_path)
    head = '"""A docstring."""\n\nimport sys\n\n# words\n\n\n'
    body = 'def f(x):\n    """More."""\n    # why\n    y = (\n        x\n    )\n    return y\n'
    (tmp_path / "some.py").write_text(head + body + '\n\nif __name__ == "__main__":\n    f(1)\n')
    assert side_by_side.lines_of_code("some") == 6
