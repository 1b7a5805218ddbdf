"""Run the network of each framework in a process of its own, and read what comes back.

Used by the chapter *frameworks*. A process of its own: Keras reads its back end once, when it is imported, and two
frameworks in one process share threads and memory, so that neither's seconds would be its own.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from groundtruth.frameworks.contract import SHAPES, Weights, weights_of

if (
    TYPE_CHECKING
):  # run as processes, never imported here: named so that a change in one runs the chapter again
    from groundtruth.frameworks import (  # noqa: F401
        jax_graph,
        jax_net,
        keras_lab,
        keras_net,
        keras_traps,
        lightning_net,
        numpy_net,
        onnx_net,
        sklearn_net,
        torch_net,
    )

__all__ = [
    "FRAMEWORKS",
    "Framework",
    "MissingPackageError",
    "ProcessError",
    "Result",
    "lines_of_code",
    "relative_difference",
    "run",
    "run_all",
    "run_module",
]

FOLDER = Path(__file__).parent
PACKAGE = "groundtruth.frameworks"


class MissingPackageError(ImportError):
    """A package that a framework needs is not installed; the message says how to install it."""


class ProcessError(RuntimeError):
    """A framework's process failed; the message is the end of what it said."""


@dataclass(frozen=True)
class Framework:
    """A framework as the chapter runs it."""

    name: str
    """Lower-case words joined by hyphens."""
    title: str
    module: str
    packages: Mapping[str, str]
    """What it imports, each with the name that pip knows it by."""
    backend: str = ""

    @property
    def absent(self) -> str:
        """What to install, as a sentence; empty where nothing is missing."""
        missing = [pip for name, pip in self.packages.items() if importlib.util.find_spec(name) is None]
        if not missing:
            return ""
        return (
            f"{self.title} is not run: {', '.join(missing)} not installed (pip install {' '.join(missing)})"
        )


FRAMEWORKS = (
    Framework("numpy", "NumPy", "numpy_net", {}),
    Framework("torch", "PyTorch", "torch_net", {"torch": "torch"}),
    Framework("lightning", "Lightning", "lightning_net", {"pytorch_lightning": "pytorch-lightning"}),
    Framework("keras-torch", "Keras on PyTorch", "keras_net", {"keras": "keras", "torch": "torch"}, "torch"),
    Framework("keras-jax", "Keras on JAX", "keras_net", {"keras": "keras", "jax": "jax"}, "jax"),
    Framework(
        "keras-tensorflow",
        "Keras on TensorFlow",
        "keras_net",
        {"keras": "keras", "tensorflow": "tensorflow"},
        "tensorflow",
    ),
    Framework("jax", "JAX", "jax_net", {"jax": "jax"}),
    Framework("sklearn", "scikit-learn", "sklearn_net", {"sklearn": "scikit-learn"}),
    Framework("onnx", "ONNX Runtime", "onnx_net", {"onnx": "onnx", "onnxruntime": "onnxruntime"}),
)


@dataclass(frozen=True)
class Result:
    """What a framework's process handed back; None where the framework has no such thing."""

    outputs: np.ndarray
    """Probabilities, shape (N, 10)."""
    gradients: Weights | None
    trained: list[Weights]
    """One for each start; empty where it does not train."""
    seconds: list[float]
    accuracy: list[float]
    facts: dict[str, Any]
    """What each errand returned, by its name."""


def run(framework: Framework, given: Path, folder: Path, errands: Sequence[str] = ()) -> Result:
    """Run one framework on a file of arrays, and then its errands (see `contract.main`); return what it found.

    Raises:
        MissingPackageError: a package is not installed.
        ProcessError: the process failed.

    """
    if framework.absent:
        raise MissingPackageError(framework.absent)
    made = folder / f"{framework.name}.npz"
    backend = ["--backend", framework.backend] if framework.backend else []
    also = [word for errand in errands for word in ("--errand", errand)]
    said = run_module(framework.module, *backend, *also, str(given), str(made))
    with np.load(made) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    made.unlink()
    starts = len(found.get("seconds", []))
    return Result(
        outputs=found["outputs"],
        gradients={name: found[f"grad/{name}"] for name in SHAPES} if "grad/W1" in found else None,
        trained=[weights_of(found, f"{start}/") for start in range(starts)],
        seconds=[float(value) for value in found.get("seconds", [])],
        accuracy=[float(value) for value in found.get("accuracy", [])],
        facts=json.loads(said.splitlines()[-1]),
    )


def run_all(
    starts: Sequence[Weights],
    compared: tuple[np.ndarray, np.ndarray],
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    *,
    epochs: int,
    batch: int,
    rate: float,
    at_once: int = 1,
    errands: Mapping[str, Sequence[str]] | None = None,
    lab: tuple[np.ndarray, np.ndarray] | None = None,
) -> dict[str, Result]:
    """Run every framework that is installed, one after the other, and print a line for each that is not.

    Args:
        starts: weights to start from, one set for each run.
        compared, train, test: images (N, …) of whole bytes and labels (N,); outputs and gradients are those of
            ``compared``. Training goes through the images in their order, and their number is a multiple of ``batch``.
        epochs, batch, rate: how to train.
        at_once: how many processes run together; with more than one, the seconds mean nothing.
        errands: what the process of a framework does besides, ``NAME=WORD,WORD`` each. A process that has imported its
            framework does them for the price of the work; one of their own would start and import again.
        lab: images and labels that the errand ``lab`` trains on.

    Raises:
        ValueError: the last batch would be smaller than the others.
        ProcessError: a process failed.

    """
    if len(train[0]) % batch:
        raise ValueError(f"the number of training images must be a multiple of {batch}; got {len(train[0])}")
    arrays: dict[str, Any] = {
        f"{number}/{name}": values
        for number, weights in enumerate(starts)
        for name, values in weights.items()
    }
    sets = {"": compared, "train_": train, "test_": test} | ({"lab_": lab} if lab else {})
    for prefix, (images, labels) in sets.items():
        arrays |= {f"{prefix}x": images, f"{prefix}y": np.asarray(labels, dtype=np.int64)}
    plan: dict[str, Any] = {"starts": len(starts), "epochs": epochs, "batch": batch, "rate": rate}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = folder / "given.npz"
        np.savez(given, **arrays, **plan)
        present = [framework for framework in FRAMEWORKS if not framework.absent]
        with ThreadPoolExecutor(at_once) as pool:
            results = list(
                pool.map(lambda one: run(one, given, folder, (errands or {}).get(one.name, ())), present)
            )
    for framework in FRAMEWORKS:
        if framework.absent:
            print(framework.absent)
    return {framework.name: result for framework, result in zip(present, results, strict=True)}


ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NPROC"), "1"),
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
"""One core for every framework alike: a fair comparison, and sums whose order no second thread can change."""


def run_module(module: str, *arguments: str) -> str:
    """Run a module of this package in a process of its own, on the processor, and return what it printed.

    Raises:
        ProcessError: it ended with an error.

    """
    source = str(FOLDER.parents[1])
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "JAX_PLATFORMS": "cpu",
            "CUDA_VISIBLE_DEVICES": "",
            "KERAS_HOME": home,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            **ONE_THREAD,
            "PYTHONPATH": os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH")))),
        }
        ended = subprocess.run(
            [sys.executable, "-m", f"{PACKAGE}.{module}", *arguments],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
        )
    if ended.returncode:
        said = "\n".join(ended.stderr.splitlines()[-12:])
        raise ProcessError(f"{PACKAGE}.{module} {' '.join(arguments)} failed:\n{said}")
    return ended.stdout


def relative_difference(found: np.ndarray, reference: np.ndarray) -> float:
    """Return the largest difference of two arrays of one shape, relative to the largest number of the reference.

    Raises:
        ValueError: the shapes differ.

    """
    if found.shape != reference.shape:
        raise ValueError(f"shapes differ: {found.shape} and {reference.shape}")
    return float(np.abs(found - reference).max() / np.abs(reference).max())


def lines_of_code(module: str) -> int:
    """Return how many lines of a module of this package hold code: no blank lines, comments or docstrings.

    The last two lines, which start the process, are the same in each and not counted.
    """
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    body = [node for node in tree.body if not (isinstance(node, ast.If) and "__main__" in ast.unparse(node))]
    lines: set[int] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                continue  # a docstring; its Constant has no statement of its own
            if isinstance(node, ast.stmt):
                nested = getattr(node, "body", None)
                first = node.lineno - len(getattr(node, "decorator_list", []))
                last = nested[0].lineno - 1 if nested else node.end_lineno or node.lineno
                lines.update(range(first, last + 1))
    source = (FOLDER / f"{module}.py").read_text(encoding="utf-8").splitlines()
    return sum(1 for line in lines if (text := source[line - 1].strip()) and not text.startswith("#"))
