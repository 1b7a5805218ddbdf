"""The frameworks of the chapter *frameworks* as a family: since when, under which licence, and what became of them.

Used by its diagram; a test holds the chapter's table against it.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ADDRESSES", "CHECKED", "FAMILY", "Member"]

CHECKED = "November 2026"
"""When status and licence were looked up."""


@dataclass(frozen=True)
class Member:
    """One framework, format or library."""

    name: str
    year: int
    """Of the earliest release or paper that could be checked."""
    kind: str
    """``"engine"`` computes and differentiates, ``"layer"`` stands on engines, ``"format"`` is a file."""
    language: str
    """What its users write."""
    licence: str
    status: str
    """``"developed"``, ``"ended"`` (said so, or archived) or ``"quiet"`` (no release for years)."""
    source: str
    """Citation key."""
    parents: tuple[str, ...] = ()
    """What it grew out of, or stands on."""


FAMILY = (
    Member("MATLAB toolbox", 1992, "engine", "MATLAB", "proprietary", "developed", "beale2012neural"),
    Member("Torch", 2002, "engine", "C++, Lua", "BSD", "ended", "collobert2011torch7"),
    Member("Theano", 2010, "engine", "Python", "BSD", "ended", "theano2016theano"),
    Member("scikit-learn", 2010, "engine", "Python", "BSD", "developed", "scikit2026about"),
    Member("Caffe", 2014, "engine", "C++, Python", "BSD", "quiet", "jia2014caffe"),
    Member("DeepLearning4J", 2014, "engine", "Java, Scala", "Apache-2.0", "quiet", "dl4j2022release"),
    Member("CNTK", 2015, "engine", "C++, Python", "MIT", "ended", "seide2016cntk"),
    Member("MXNet", 2015, "engine", "Python, C++", "Apache-2.0", "ended", "chen2015mxnet"),
    Member("TensorFlow", 2015, "engine", "Python", "Apache-2.0", "developed", "abadi2016tensorflow"),
    Member("Keras", 2015, "layer", "Python", "Apache-2.0", "developed", "chollet2015keras", ("Theano",)),
    Member("TFLearn", 2016, "layer", "Python", "MIT", "quiet", "damien2016tflearn", ("TensorFlow",)),
    Member("PyTorch", 2016, "engine", "Python", "BSD", "developed", "paszke2019pytorch", ("Torch",)),
    Member("Caffe2", 2017, "engine", "C++, Python", "Apache-2.0", "ended", "caffe2018pytorch", ("Caffe",)),
    Member("ONNX", 2017, "format", "any", "Apache-2.0", "developed", "boyd2017microsoft"),
    Member("JAX", 2018, "engine", "Python", "Apache-2.0", "developed", "bradbury2018jax"),
    Member("Transformers", 2018, "layer", "Python", "Apache-2.0", "developed", "wolf2020transformers", ("PyTorch",)),
    Member("fastai", 2018, "layer", "Python", "Apache-2.0", "developed", "howard2020fastai", ("PyTorch",)),
    Member("Lightning", 2019, "layer", "Python", "Apache-2.0", "developed", "falcon2019lightning", ("PyTorch",)),
    Member("timm", 2019, "layer", "Python", "Apache-2.0", "developed", "wightman2019timm", ("PyTorch",)),
)  # fmt: skip

ADDRESSES = {
    "MATLAB toolbox": "https://www.mathworks.com/help/deeplearning/",
    "Torch": "https://github.com/torch/torch7",
    "Theano": "https://github.com/Theano/Theano",
    "scikit-learn": "https://scikit-learn.org",
    "Caffe": "https://github.com/BVLC/caffe",
    "DeepLearning4J": "https://github.com/deeplearning4j/deeplearning4j",
    "CNTK": "https://github.com/microsoft/CNTK",
    "MXNet": "https://github.com/apache/mxnet",
    "TensorFlow": "https://www.tensorflow.org",
    "Keras": "https://keras.io",
    "TFLearn": "https://github.com/tflearn/tflearn",
    "PyTorch": "https://pytorch.org",
    "Caffe2": "https://github.com/facebookarchive/caffe2",
    "ONNX": "https://onnx.ai",
    "JAX": "https://github.com/jax-ml/jax",
    "Transformers": "https://github.com/huggingface/transformers",
    "fastai": "https://github.com/fastai/fastai",
    "Lightning": "https://github.com/Lightning-AI/pytorch-lightning",
    "timm": "https://github.com/huggingface/pytorch-image-models",
}
"""Where each is found; the chapter's table links there."""
