"""A graph in which two values are used twice: values forwards, slopes on the arrows, sums of slopes backwards.

Used by the chapter *backpropagation*.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from groundtruth.plotting import style

RADIUS = 0.42
# name: where, what it says, its value, the slope of the result in it
NODES = {
    "w": ((0.6, 3.1), "$w$", "3", "28"),
    "x": ((0.6, 0.5), "$x$", "2", "48"),
    "u": ((3.4, 2.5), "$u = xw$", "6", "14"),
    "v": ((6.0, 0.8), "$v = u + x$", "8", "6"),
    "L": ((8.8, 2.2), "$L = uv$", "48", "1"),
}
# from, to, the slope along the arrow, where its label stands
ARROWS = (
    ("w", "u", "2", (2.05, 3.1)),
    ("x", "u", "3", (1.75, 1.85)),
    ("x", "v", "1", (3.2, 0.36)),
    ("u", "v", "1", (4.95, 1.85)),
    ("u", "L", "8", (6.1, 2.72)),
    ("v", "L", "6", (7.65, 1.2)),
)


def draw() -> list[Figure]:
    return [_stage("forwards: the values", 1), _stage("on each arrow: its own slope", 2), _backward()]


def _stage(title: str, level: int) -> Figure:
    figure, axes = style.new_figure(height=2.6, bare=True)
    axes.set(xlim=(-0.1, 9.6), ylim=(-0.6, 4.25), title=title, aspect="equal")
    for start, end, slope, place in ARROWS:
        _arrow(axes, NODES[start][0], NODES[end][0], style.BLUE if level == 1 else style.MUTED)
        if level > 1:
            axes.text(*place, slope, color=style.TEAL, ha="center", va="center", fontweight="bold")
    for (x, y), name, value, _ in NODES.values():
        axes.add_patch(Circle((x, y), RADIUS, facecolor=style.PAPER, edgecolor=style.BLUE, linewidth=1.6))
        axes.text(x, y, value, color=style.BLUE, ha="center", va="center")
        _name(axes, x, y, name)
    return figure


def _backward() -> Figure:
    figure, axes = style.new_figure(height=2.6, bare=True)
    axes.set(xlim=(-0.1, 9.6), ylim=(-0.6, 4.25), title="backwards: slopes of $L$, added up", aspect="equal")
    for start, end, slope, place in ARROWS:
        _arrow(axes, NODES[end][0], NODES[start][0], style.ORANGE)
        axes.text(*place, slope, color=style.TEAL, ha="center", va="center", fontweight="bold")
    for (x, y), name, _, slope in NODES.values():
        axes.add_patch(Circle((x, y), RADIUS, facecolor=style.PAPER, edgecolor=style.ORANGE, linewidth=1.6))
        axes.text(x, y, slope, color=style.ORANGE, ha="center", va="center")
        _name(axes, x, y, name)
    return figure


def _name(axes: Axes, x: float, y: float, name: str) -> None:
    below = name.startswith("$v")  # an arrow comes from above
    axes.text(
        x, y + (-0.55 if below else 0.55), name, color=style.INK, ha="center", va="top" if below else "bottom"
    )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    shrink = 14.5  # points: the radius of a circle
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=11, shrinkA=shrink, shrinkB=shrink, color=colour
        )
    )
