"""The same cat as pixels, as edges, as parts and as a face: features from low level to high.

Used by the chapter *what-is-deep-learning*.
"""

import itertools

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Ellipse, Polygon, Rectangle

from groundtruth.plotting import style

# In a square from −1 to 1: the head, two ears, two eyes, a nose.
HEAD = (0.0, -0.15, 0.66, 0.58)
EARS = (((-0.62, 0.05), (-0.58, 0.85), (-0.15, 0.4)), ((0.62, 0.05), (0.58, 0.85), (0.15, 0.4)))
EYES = ((-0.25, 0.0), (0.25, 0.0))
NOSE = ((-0.08, -0.22), (0.08, -0.22), (0.0, -0.33))


def draw() -> Figure:
    figure, panels = style.new_figure(2, 2, height=2.35, bare=True)
    titles = (
        "1  pixels: numbers",
        "2  edges: where numbers jump",
        "3  parts: ear, eye, whiskers",
        "4  object: a cat",
    )
    for axes, title, paint in zip(panels, titles, (_pixels, _edges, _parts, _face), strict=True):
        axes.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal")
        axes.set_title(title, fontsize=9.5)
        paint(axes)
    return figure


def _outline() -> list[np.ndarray]:
    """Return the contours of head and ears, each (N, 2)."""
    x, y, across, up = HEAD
    angle = np.linspace(0, 2 * np.pi, 41)
    head = np.stack([x + across * np.cos(angle), y + up * np.sin(angle)], axis=1)
    # Where an ear covers the head there is no contour.
    head = head[~((head[:, 1] > 0.16) & (np.abs(head[:, 0]) > 0.17))]
    gaps = np.nonzero(np.linalg.norm(np.diff(head, axis=0), axis=1) > 0.2)[0] + 1
    return [*np.split(head, gaps), *(np.array(ear) for ear in EARS)]


def _inside(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    cx, cy, across, up = HEAD
    inside = ((x - cx) / across) ** 2 + ((y - cy) / up) ** 2 < 1
    for (ax, ay), (bx, by), (ox, oy) in EARS:
        turn = [
            (bx - ax) * (y - ay) - (by - ay) * (x - ax),
            (ox - bx) * (y - by) - (oy - by) * (x - bx),
            (ax - ox) * (y - oy) - (ay - oy) * (x - ox),
        ]
        inside |= np.all(np.array(turn) > 0, axis=0) | np.all(np.array(turn) < 0, axis=0)
    return inside


def _pixels(axes: Axes) -> None:
    side = np.linspace(-0.96, 0.96, 25)
    x, y = np.meshgrid(side, side[::-1])
    grey = 0.08 + 0.5 * _inside(x, y)
    for ex, ey in EYES:
        grey[(x - ex) ** 2 + (y - ey) ** 2 < 0.012] = 1.0
    grey[(np.abs(x) < 0.09) & (y < -0.18) & (y > -0.34)] = 0.9
    axes.imshow(grey, cmap="Greys", vmin=0, vmax=1, extent=(-1, 1, -1, 1))


def _edges(axes: Axes) -> None:
    for contour in _outline():
        for a, b in itertools.pairwise(contour):
            pieces = max(1, round(float(np.linalg.norm(b - a)) / 0.17))
            for piece in range(pieces):
                start, end = a + (b - a) * (piece + 0.14) / pieces, a + (b - a) * (piece + 0.86) / pieces
                upright = abs(end[1] - start[1]) > abs(end[0] - start[0])
                colour = style.BLUE if upright else style.ORANGE
                axes.plot(*zip(start, end, strict=True), color=colour, linewidth=2.4, linestyle="-")
    for ex, ey in EYES:
        for turn in np.linspace(0, np.pi, 4)[:-1]:
            dx, dy = 0.1 * np.cos(turn), 0.1 * np.sin(turn)
            colour = style.BLUE if abs(dy) > abs(dx) else style.ORANGE
            axes.plot([ex - dx, ex + dx], [ey - dy, ey + dy], color=colour, linewidth=1.8, linestyle="-")


def _parts(axes: Axes) -> None:
    for ear in EARS:
        axes.add_patch(Polygon(ear, closed=False, fill=False, edgecolor=style.TEAL, linewidth=2))
    _frame(axes, (-0.75, 0.13, 0.66, 0.8))
    for eye in EYES:
        axes.add_patch(Ellipse(eye, 0.22, 0.15, fill=False, edgecolor=style.TEAL, linewidth=1.8))
        axes.add_patch(Ellipse(eye, 0.06, 0.15, color=style.TEAL))
    _frame(axes, (0.1, -0.13, 0.3, 0.26))
    axes.add_patch(Polygon(NOSE, color=style.TEAL))
    _whiskers(axes, style.TEAL)
    _frame(axes, (-0.95, -0.62, 0.78, 0.4))


def _face(axes: Axes) -> None:
    for contour in (Polygon(ear, color=style.ORANGE, alpha=0.25, linewidth=0) for ear in EARS):
        axes.add_patch(contour)
    x, y, across, up = HEAD
    axes.add_patch(Ellipse((x, y), 2 * across, 2 * up, color=style.ORANGE, alpha=0.25, linewidth=0))
    for line in _outline():
        axes.plot(line[:, 0], line[:, 1], color=style.INK, linewidth=1.8, linestyle="-")
    for eye in EYES:
        axes.add_patch(Circle(eye, 0.08, color=style.INK))
    axes.add_patch(Polygon(NOSE, color=style.INK))
    _whiskers(axes, style.INK)


def _whiskers(axes: Axes, colour: str) -> None:
    for side in (-1, 1):
        for tilt in (-0.12, 0.0, 0.12):
            axes.plot(
                [0.24 * side, 0.9 * side],
                [-0.38 + tilt / 3, -0.42 + tilt],
                color=colour,
                linewidth=1.3,
                linestyle="-",
            )


def _frame(axes: Axes, place: tuple[float, float, float, float]) -> None:
    x, y, width, height = place
    axes.add_patch(
        Rectangle(
            (x, y),
            width,
            height,
            fill=False,
            edgecolor=style.PURPLE,
            linewidth=1.3,
            linestyle=style.DASHES[2],
        )
    )
