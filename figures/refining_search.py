"""Nine settings on a grid and nine at random, above the one curve that matters.

Used by the chapter *refining*.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from groundtruth.plotting import style

GRID = np.array([(x, y) for x in (1 / 6, 3 / 6, 5 / 6) for y in (1 / 6, 3 / 6, 5 / 6)])
RANDOM = np.array(
    [(0.07, 0.62), (0.18, 0.13), (0.30, 0.85), (0.36, 0.40), (0.51, 0.71), (0.61, 0.09), (0.69, 0.55),
     (0.80, 0.93), (0.93, 0.28)]
)  # fmt: skip


def score(x: np.ndarray) -> np.ndarray:
    """Return how good a value of the setting that matters is."""
    return np.exp(-(((x - 0.66) / 0.09) ** 2))


def draw() -> Figure:
    figure, panels = style.new_figure(1, 2, height=2.9)
    for axes, points, title in zip(panels, (GRID, RANDOM), ("grid", "random"), strict=True):
        _panel(axes, points, title)
    panels[0].set_ylabel("setting that does not")
    return figure


def _panel(axes: Axes, points: np.ndarray, title: str) -> None:
    x = np.linspace(0, 1, 200)
    axes.plot(x, 1.1 + 0.5 * score(x), color=style.TEAL, linestyle="-")
    values = np.unique(points[:, 0])
    for value in values:
        top = 1.1 + 0.5 * float(score(np.array(value)))
        axes.plot([value, value], [0, top], color=style.GRID, linewidth=1.2, linestyle="-")
        axes.plot(value, top, "o", color=style.TEAL, markersize=5)
    axes.plot(points[:, 0], points[:, 1], "o", color=style.ORANGE, markersize=7)
    axes.plot([0, 1], [1.05, 1.05], color=style.MUTED, linewidth=0.8, linestyle="-")
    axes.set(xlim=(0, 1), ylim=(0, 1.7), xticks=[], yticks=[], xlabel="setting that matters")
    axes.set_title(f"{title}: {len(values)} values tried")
    axes.grid(visible=False)
