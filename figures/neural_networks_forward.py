"""One example goes through the worked network, layer by layer, with its real numbers.

Used by the chapter *neural-networks*.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from groundtruth.plotting import style
from groundtruth.scratch.activations import relu
from groundtruth.scratch.dense import forward, worked_network

NETWORK = worked_network()
PASS = forward(NETWORK.layers, NETWORK.x, relu)
INPUTS = [(0.0, 2.35), (0.0, 0.65)]
HIDDEN = [(3.4, 3.0), (3.4, 1.5), (3.4, 0.0)]
OUTPUT = [(6.8, 1.5)]
RADIUS = 0.42


def draw() -> list[Figure]:
    return [_stage(number) for number in range(4)]


def _stage(number: int) -> Figure:
    figure, axes = style.new_figure(height=3.15, bare=True)
    axes.set(xlim=(-0.8, 7.6), ylim=(-1.05, 4.05), aspect="equal")
    scores = PASS.scores[0].tolist()
    on = [value > 0 for value in scores]
    for unit, row in enumerate(NETWORK.hidden.weights.tolist()):
        for source, weight in enumerate(row):
            _edge(axes, INPUTS[source], HIDDEN[unit], weight, 0.74, active=number == 1)
    for unit, weight in enumerate(NETWORK.output.weights[0].tolist()):
        live = number == 3 and on[unit]
        _edge(axes, HIDDEN[unit], OUTPUT[0], weight, 0.45, active=live)
    for place, value in zip(INPUTS, NETWORK.x.tolist(), strict=True):
        _node(axes, place, _text(value), style.BLUE, filled=True)
    for unit, place in enumerate(HIDDEN):
        off = number >= 2 and not on[unit]
        value = "" if number == 0 else _text(scores[unit] if number == 1 else max(scores[unit], 0.0))
        _node(axes, place, value, style.MUTED if off else style.TEAL, filled=number >= 1, dashed=off)
        bias = _text(NETWORK.hidden.biases.tolist()[unit], sign=True)
        axes.text(place[0], place[1] - RADIUS - 0.05, bias, ha="center", va="top", color=style.ORANGE)
    prediction = _text(PASS.outputs[1].tolist()[0]) if number == 3 else ""
    _node(axes, OUTPUT[0], prediction, style.PURPLE, filled=number == 3)
    bias = _text(NETWORK.output.biases.tolist()[0], sign=True)
    axes.text(*(OUTPUT[0][0], OUTPUT[0][1] - RADIUS - 0.05), bias, ha="center", va="top", color=style.ORANGE)
    hidden = ("z", "z", "h", "h")[number]
    for x, name in ((0.0, "inputs x"), (3.4, f"hidden {hidden}"), (6.8, "output")):
        axes.text(x, 3.95, name, ha="center", va="top", color=style.INK)
    return figure


def _edge(
    axes: Axes,
    start: tuple[float, float],
    end: tuple[float, float],
    weight: float,
    at: float,
    *,
    active: bool,
) -> None:
    colour = style.INK if active else style.MUTED
    axes.plot(
        [start[0] + RADIUS, end[0] - RADIUS],
        [start[1], end[1]],
        color=colour,
        linewidth=1.9 if active else 0.9,
        linestyle="-",
        zorder=1,
    )
    x = start[0] + RADIUS + at * (end[0] - start[0] - 2 * RADIUS)
    y = start[1] + at * (end[1] - start[1])
    axes.text(
        x,
        y,
        _text(weight),
        ha="center",
        va="center",
        color=style.ORANGE,
        bbox={"boxstyle": "round,pad=0.12", "facecolor": style.PAPER, "edgecolor": "none"},
        zorder=2,
    )


def _node(
    axes: Axes, place: tuple[float, float], value: str, colour: str, *, filled: bool, dashed: bool = False
) -> None:
    if filled:
        axes.add_patch(Circle(place, RADIUS, color=colour, alpha=0.2, linewidth=0, zorder=3))
    axes.add_patch(
        Circle(
            place,
            RADIUS,
            fill=False,
            edgecolor=colour,
            linewidth=1.8,
            linestyle="--" if dashed else "-",
            zorder=4,
        )
    )
    axes.text(*place, value, ha="center", va="center", color=colour, zorder=5, weight="bold")


def _text(value: float, sign: bool = False) -> str:
    return f"{value:+g}".replace("-", "−") if sign else f"{value:g}".replace("-", "−")
