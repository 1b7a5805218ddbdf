"""An all-reduce round a ring of three processes, in four stages.

Used by the chapter *gpus-and-clusters*.
"""

import math

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from groundtruth.plotting import style

SIZE = 3
LETTERS = "abc"


def held() -> list[list[list[int]]]:
    """Return, for the start and after each round of adding and the end, how many terms each piece holds."""
    pieces = [[1] * SIZE for _ in range(SIZE)]
    stages = [[row[:] for row in pieces]]
    for turn in range(SIZE - 1):
        leaving = [((rank - turn) % SIZE, pieces[rank][(rank - turn) % SIZE]) for rank in range(SIZE)]
        for rank, (which, terms) in enumerate(leaving):
            pieces[(rank + 1) % SIZE][which] += terms
        stages.append([row[:] for row in pieces])
    return [*stages, [[SIZE] * SIZE for _ in range(SIZE)]]


def draw() -> list[Figure]:
    return [_stage(pieces, number) for number, pieces in enumerate(held())]


def _stage(pieces: list[list[int]], number: int) -> Figure:
    figure, axes = style.new_figure(height=3.2, bare=True)
    for rank in range(SIZE):
        angle = math.pi / 2 - 2 * math.pi * rank / SIZE
        x, y = 1.5 * math.cos(angle), 1.05 * math.sin(angle)
        for which, terms in enumerate(pieces[rank]):
            left = x + (which - SIZE / 2) * 0.42
            face = {1: "none", 2: style.GRID, 3: style.BLUE}[terms]
            axes.add_patch(Rectangle((left, y - 0.2), 0.42, 0.4, facecolor=face, edgecolor=style.INK))
            colour = style.PAPER if terms == SIZE else style.INK
            axes.text(left + 0.21, y, LETTERS[which], ha="center", va="center", fontsize=10, color=colour)
        axes.text(x, y - 0.37, f"process {rank}", ha="center", va="center", fontsize=9, color=style.MUTED)
        following = math.pi / 2 - 2 * math.pi * (rank + 1) / SIZE
        if number:
            start, end = (x, y), (1.5 * math.cos(following), 1.05 * math.sin(following))
            arrow = FancyArrowPatch(
                start, end, arrowstyle="-|>", mutation_scale=12, shrinkA=48, shrinkB=48, color=style.ORANGE,
                connectionstyle="arc3,rad=-0.12",
            )  # fmt: skip
            axes.add_patch(arrow)
    axes.set(xlim=(-2.3, 2.3), ylim=(-1.1, 1.4), aspect="equal")
    return figure
