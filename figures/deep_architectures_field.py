"""What one unit sees, layer by layer: three kernels of three on a row of pixels, and the same with strides of two.

Used by the chapter *deep-architectures*.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from groundtruth.plotting import style

KERNEL, LAYERS = 3, 3
NAMES = ("pixels", "layer 1", "layer 2", "layer 3")


def draw() -> list[Figure]:
    return [
        _stage(1, "stride 1: three layers see 7 pixels"),
        _stage(2, "stride 2: three layers see 15 pixels"),
    ]


def _stage(stride: int, title: str) -> Figure:
    figure, axes = style.new_figure(height=2.9, bare=True)
    jumps = [stride**layer for layer in range(LAYERS + 1)]
    half = 8
    rows = [[at for at in range(-half, half + 1) if at % jump == 0] for jump in jumps]
    seen: list[set[int]] = [set() for _ in rows]
    seen[LAYERS] = {0}
    for layer in range(LAYERS, 0, -1):
        reach = [step * jumps[layer - 1] for step in range(-(KERNEL // 2), KERNEL // 2 + 1)]
        seen[layer - 1] = {at + step for at in seen[layer] for step in reach}
        for at in seen[layer]:
            for step in reach:
                axes.plot(
                    [at, at + step],
                    [layer, layer - 1],
                    color=style.GRID,
                    linewidth=1.2,
                    linestyle="-",
                    zorder=1,
                )
    for layer, (places, marked) in enumerate(zip(rows, seen, strict=True)):
        _row(axes, places, marked, layer)
        axes.text(-half - 1.2, layer, NAMES[layer], ha="right", va="center", fontsize=9.5)
    axes.set(xlim=(-half - 4.6, half + 0.7), ylim=(-0.5, LAYERS + 0.5))
    axes.set_title(title)
    return figure


def _row(axes: Axes, places: list[int], marked: set[int], height: int) -> None:
    for at in places:
        inside = at in marked
        axes.plot(
            at,
            height,
            "o",
            color=style.ORANGE if inside else style.MUTED,
            markerfacecolor=style.ORANGE if inside else "none",
            markersize=7,
            zorder=2,
        )
