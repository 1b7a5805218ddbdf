"""The order in which to measure: the data, the loss, the first steps, the curves; and the cause each answer points to.

Used by the chapter *when-it-fails*.
"""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from groundtruth.plotting import style

STAGES = (
    (
        "1  The data, before any step",
        style.BLUE,
        (
            ("spread of the inputs far from 1", "unscaled"),
            ("neighbours agree by chance only", "shuffled labels"),
            ("one input explains the label", "leak"),
            ("rows in both sets", "leak"),
            ("one class a batch", "order"),
            ("a rule tells the sets apart", "other data"),
        ),
    ),
    (
        "2  The loss, before any step",
        style.ORANGE,
        (
            ("sure and right, and still not 0", "wrong loss"),
            ("starts far above log K", "scale, or start"),
        ),
    ),
    (
        "3  The first twenty steps",
        style.TEAL,
        (
            ("slopes grow from layer to layer", "exploding"),
            ("units at 0 for every example", "dead units"),
            ("steps tiny, or huge", "learning rate"),
        ),
    ),
    (
        "4  The curves",
        style.PURPLE,
        (
            ("training loss still falls", "too short"),
            ("validation loss rises again", "too long"),
            ("validation far above training", "too few examples"),
        ),
    ),
)
LEFT, RIGHT, TURN = 0.35, 6.55, 10.0
"""Where rows start, where arrows start, and where the page ends."""


def draw() -> Figure:
    figure, axes = style.new_figure(height=5.6, bare=True)
    y, tops = 0.0, []
    for title, colour, rows in STAGES:
        top = y
        y -= 0.75
        axes.text(LEFT, top - 0.42, title, ha="left", va="center", weight="bold", fontsize=9.5)
        for sign, cause in rows:
            y -= 0.62
            axes.text(LEFT, y + 0.2, sign, ha="left", va="center", fontsize=8.8)
            arrow = FancyArrowPatch(
                (RIGHT, y + 0.2), (RIGHT + 0.55, y + 0.2), arrowstyle="-|>", mutation_scale=9, color=colour
            )
            axes.add_patch(arrow)
            axes.text(RIGHT + 0.65, y + 0.2, cause, ha="left", va="center", fontsize=8.8)
        y -= 0.12
        box = FancyBboxPatch(
            (0.05, y), TURN - 0.1, top - y, boxstyle="round,pad=0,rounding_size=0.18", facecolor="none",
            edgecolor=colour, linewidth=1.4,
        )  # fmt: skip
        axes.add_patch(box)
        tops.append(top)
        y -= 0.5
    for top in tops[1:]:
        axes.add_patch(
            FancyArrowPatch(
                (0.8, top + 0.5), (0.8, top), arrowstyle="-|>", mutation_scale=10, color=style.MUTED
            )
        )
        axes.text(1.05, top + 0.25, "all in order", ha="left", va="center", fontsize=8.2, color=style.MUTED)
    axes.set(xlim=(0, TURN), ylim=(y + 0.4, 0.1))
    return figure
