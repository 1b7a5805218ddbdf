"""Two layers of perceptrons answer XOR: two lines first, then one line among *their* answers.

Used by the chapter *perceptron*.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from groundtruth.plotting import boundary, style

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
XOR = np.array([0, 1, 1, 0])


def draw() -> list[Figure]:
    return [
        _inputs([(1, 1)], -0.5, "first unit: $x_1$ or $x_2$"),
        _inputs([(-1, -1)], 1.5, "second unit: not both"),
        _answers(),
    ]


def _inputs(weights: list[tuple[int, int]], bias: float, title: str) -> Figure:
    figure, axes = _square("$x_1$", "$x_2$", title)
    boundary.line(axes, weights[0], bias)
    boundary.points(axes, CORNERS, XOR, names=("XOR is 0", "XOR is 1"), size=90)
    _legend(axes)
    return figure


def _answers() -> Figure:
    figure, axes = _square("first unit's answer", "second unit's answer", "last unit: both answer 1")
    hidden = np.stack([CORNERS.sum(axis=1) > 0.5, CORNERS.sum(axis=1) < 1.5], axis=1).astype(float)
    boundary.line(axes, (1, 1), -1.5)
    boundary.points(axes, hidden, XOR, names=("XOR is 0", "XOR is 1"), size=90)
    for x, y, text in ((0, 0.84, "(0, 0)"), (1, 1.1, "(0, 1), (1, 0)"), (1, -0.16, "(1, 1)")):
        axes.text(x, y, text, ha="center", va="bottom" if y > 1 else "top")
    _legend(axes)
    return figure


def _square(across: str, up: str, title: str) -> tuple[Figure, Axes]:
    figure, axes = style.new_figure(height=3.6)
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal", xlabel=across, ylabel=up, title=title)
    axes.set(xticks=[0, 1], yticks=[0, 1])
    return figure, axes


def _legend(axes: Axes) -> None:
    axes.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), handletextpad=0.2, borderaxespad=0)
