"""One turn of the training cycle on a small network, with all its numbers, over two examples.

Used by the chapter *backpropagation*. The numbers are computed here by plain arithmetic; a cell of the chapter
asserts the same ones with the engine and with torch.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from groundtruth.plotting import style

X = np.array([[2.0, 1.0], [1.0, 3.0]])
TARGETS = np.array([1.0, 1.25])
W1 = np.array([[0.5, -1.0], [1.0, 0.5], [-1.0, 0.5]])
B1 = np.array([0.5, -0.5, 0.0])
W2 = np.array([1.0, 0.5, -1.0])
B2 = 0.25
RATE = 0.1

# Left edge and width of the three columns, in inches; middle heights of the boxes.
COLUMNS = {"input": (0.0, 0.62), "hidden": (0.92, 1.86), "output": (3.1, 1.7)}
ROWS = (3.2, 1.95, 0.7)
LINE = 0.185
Text = tuple[str, str]


@dataclass(frozen=True)
class Numbers:
    """Everything of a pass forwards and backwards, for both examples."""

    z: np.ndarray
    h: np.ndarray
    prediction: np.ndarray
    loss: np.ndarray
    d_prediction: np.ndarray
    d_w2: np.ndarray
    d_z: np.ndarray
    d_w1: np.ndarray


def _run(w1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: float) -> Numbers:
    z = X @ w1.T + b1  # (2, 3)
    h = np.maximum(z, 0)
    prediction = h @ w2 + b2  # (2,)
    d_prediction = 2 * (prediction - TARGETS)
    d_z = d_prediction[:, None] * w2 * (z > 0)  # (2, 3)
    return Numbers(
        z,
        h,
        prediction,
        (prediction - TARGETS) ** 2,
        d_prediction,
        d_prediction[:, None] * h,
        d_z,
        d_z[:, :, None] * X[:, None, :],
    )


def draw() -> list[Figure]:
    first = _run(W1, B1, W2, B2)
    gradients = (first.d_w1.mean(0), first.d_z.mean(0), first.d_w2.mean(0), float(first.d_prediction.mean()))
    moved = [p - RATE * g for p, g in zip((W1, B1, W2, B2), gradients, strict=True)]
    after = _run(*moved)
    return [
        _example("1  forward, first example", first, 0, 0),
        _example("2  backward, to the last layer", first, 0, 1),
        _example("3  backward, through ReLU to the first layer", first, 0, 2),
        _example("4  forward and backward, second example", first, 1, 2),
        _average("5  the mean over the two examples", gradients, first),
        _update("6  the update, with learning rate 0.1", moved),
        _again("7  forward again, both examples", moved, after),
    ]


def _example(title: str, n: Numbers, k: int, back: int) -> Figure:
    """Draw one example: forward alone (back = 0), back to the last layer (1), or all the way (2)."""
    hidden, off = [], n.z[k] <= 0
    for i in range(3):
        lines = [_ink(f"w {_row(W1[i])}   b {_n(B1[i])}"), _blue(f"z {_n(n.z[k, i])}   h {_n(n.h[k, i])}")]
        if back == 2:
            lines += [_orange(f"∂w {_row(n.d_w1[k, i])}"), _orange(f"∂b = ∂z {_n(n.d_z[k, i])}")]
        hidden.append(lines)
    output = [
        _ink(f"w {_row(W2)}"),
        _ink(f"b {_n(B2)}"),
        _blue(f"prediction {_n(n.prediction[k])}"),
        _blue(f"target {_n(TARGETS[k])}"),
        _blue(f"loss {_n(n.loss[k])}"),
    ]
    if back:
        output += [_orange(f"∂w {_row(n.d_w2[k])}"), _orange(f"∂b = ∂ŷ {_n(n.d_prediction[k])}")]
    inputs = [[_blue(f"$x_{j + 1}$"), _blue(_n(X[k, j]))] for j in range(2)]
    return _panel(title, inputs, hidden, output, off=off.tolist(), flow=back)


def _average(title: str, gradients: tuple[np.ndarray, np.ndarray, np.ndarray, float], n: Numbers) -> Figure:
    d_w1, d_b1, d_w2, d_b2 = gradients
    hidden = [
        [
            _ink(f"w {_row(W1[i])}   b {_n(B1[i])}"),
            _orange(f"∂w {_row(d_w1[i])}"),
            _orange(f"∂b {_n(d_b1[i])}"),
        ]
        for i in range(3)
    ]
    output = [
        _ink(f"w {_row(W2)}"),
        _ink(f"b {_n(B2)}"),
        _blue(f"losses {_n(n.loss[0])}, {_n(n.loss[1])}"),
        _blue(f"mean {_n(n.loss.mean())}"),
        _orange(f"∂w ({_n(d_w2[0])}, {_n(d_w2[1])},"),
        _orange(f"      {_n(d_w2[2])})"),
        _orange(f"∂b {_n(d_b2)}"),
    ]
    return _panel(title, _both(), hidden, output, off=[False] * 3, flow=3)


def _update(title: str, moved: list[np.ndarray]) -> Figure:
    hidden = [[_teal(f"w {_row(moved[0][i])}"), _teal(f"b {_n(moved[1][i])}")] for i in range(3)]
    return _panel(title, _both(), hidden, _new_output(moved), off=[False] * 3, flow=3)


def _new_output(moved: list[np.ndarray]) -> list[Text]:
    return [
        _teal(f"w ({_n(moved[2][0])}, {_n(moved[2][1])},"),
        _teal(f"     {_n(moved[2][2])})"),
        _teal(f"b {_n(float(moved[3]))}"),
    ]


def _again(title: str, moved: list[np.ndarray], n: Numbers) -> Figure:
    hidden = [
        [_teal(f"w {_row(moved[0][i])}"), _teal(f"b {_n(moved[1][i])}"),
         _blue(f"z {_n(n.z[0, i])}, {_n(n.z[1, i])}"), _blue(f"h {_n(n.h[0, i])}, {_n(n.h[1, i])}")]
        for i in range(3)
    ]  # fmt: skip
    output = [
        *_new_output(moved),
        _blue("predictions"),
        _blue(f"{_n(n.prediction[0])}, {_n(n.prediction[1])}"),
        _blue("losses"),
        _blue(f"{_n(n.loss[0])}, {_n(n.loss[1])}"),
        _blue(f"mean {_n(n.loss.mean())}"),
    ]
    return _panel(
        title, _both(), hidden, output, off=[bool((n.z[:, i] <= 0).all()) for i in range(3)], flow=0
    )


def _both() -> list[list[Text]]:
    return [[_blue(f"$x_{j + 1}$"), _blue(f"{_n(X[0, j])}, {_n(X[1, j])}")] for j in range(2)]


# --- drawing ----------------------------------------------------------------------------------------------


def _panel(
    title: str,
    inputs: list[list[Text]],
    hidden: list[list[Text]],
    output: list[Text],
    *,
    off: list[bool],
    flow: int,
) -> Figure:
    """Draw the network. flow: 0 forwards, 1 back in the last layer, 2 back to the hidden units, 3 no direction.

    An arrow is orange where a slope is handed on along it. No slope is computed for the inputs.
    """
    figure, axes = style.new_figure(height=3.95, bare=True)
    axes.set(xlim=(-0.03, 4.83), ylim=(0.0, 3.85), title=title)
    middle = ROWS[1]
    for number, height in enumerate((ROWS[0] - 0.63, ROWS[2] + 0.63)):
        _box(axes, "input", height, inputs[number], edge=style.MUTED)
    for number, height in enumerate(ROWS):
        _box(axes, "hidden", height, hidden[number], edge=style.INK, off=off[number])
    _box(axes, "output", middle, output, edge=style.INK)
    for number, height in enumerate(ROWS):
        for source in (ROWS[0] - 0.63, ROWS[2] + 0.63):
            _arrow(axes, "input", source, "hidden", height, off=off[number], plain=flow == 3)
        _arrow(axes, "hidden", height, "output", middle + 0.3 * (1 - number), back=flow == 2,
               off=off[number], plain=flow == 3)  # fmt: skip
    return figure


def _box(axes: Axes, column: str, middle: float, lines: list[Text], *, edge: str, off: bool = False) -> None:
    left, width = COLUMNS[column]
    height = LINE * len(lines) + 0.16
    axes.add_patch(
        FancyBboxPatch(
            (left + 0.05, middle - height / 2 + 0.05),
            width - 0.1,
            height - 0.1,
            boxstyle="round,pad=0.05",
            facecolor=style.PAPER,
            edgecolor=style.MUTED if off else edge,
            linestyle=(0, (3, 2)) if off else "-",
            linewidth=1.0,
        )
    )
    for number, (text, colour) in enumerate(lines):
        axes.text(
            left + (width / 2 if column == "input" else 0.09),
            middle + LINE * ((len(lines) - 1) / 2 - number),
            text,
            color=style.MUTED if off and colour == style.BLUE else colour,
            fontsize=9.5,
            ha="center" if column == "input" else "left",
            va="center",
        )


def _arrow(
    axes: Axes, start: str, low: float, end: str, high: float, *, off: bool, plain: bool, back: bool = False
) -> None:
    a, b = (sum(COLUMNS[start]), low), (COLUMNS[end][0], high)
    colour = style.GRID if off or plain else style.ORANGE if back else style.BLUE
    axes.add_patch(
        FancyArrowPatch(
            b if back else a,
            a if back else b,
            arrowstyle="-" if plain else "-|>",
            mutation_scale=8,
            shrinkA=1,
            shrinkB=1,
            linewidth=1.1,
            color=colour,
        )
    )


def _n(value: float) -> str:
    """Return a number with at most five decimals and no zeros behind."""
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", "−")


def _row(values: np.ndarray) -> str:
    return f"({', '.join(_n(v) for v in values)})"


def _ink(text: str) -> Text:
    return text, style.INK


def _blue(text: str) -> Text:
    return text, style.BLUE


def _orange(text: str) -> Text:
    return text, style.ORANGE


def _teal(text: str) -> Text:
    return text, style.TEAL
