"""Three ways to use a trained network: what is kept, what is trained, and what starts anew.

Used by the chapter *transfer-learning*.
"""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

LAYERS = 5
ROWS = (
    ("from scratch", ["new"] * LAYERS, "new"),
    ("frozen body", ["kept"] * LAYERS, "new"),
    ("fine-tuned", ["kept"] * 3 + ["tuned"] * 2, "new"),
)
LOOK = {
    "kept": (style.MUTED, "", "kept as it is"),
    "tuned": (style.TEAL, "..", "kept, then trained gently"),
    "new": (style.ORANGE, "//", "random, then trained"),
}


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.3, bare=True)
    for row, (name, body, head) in enumerate(ROWS):
        low = -1.55 * row
        axes.text(-0.1, low + 1.0, name, ha="left", va="bottom")
        for place, kind in enumerate([*body, head]):
            colour, hatch, _ = LOOK[kind]
            left = place * 1.15 + (0.5 if place == LAYERS else 0.0)
            box = Rectangle((left, low), 1.0, 0.85, facecolor=colour, alpha=0.3, edgecolor="none")
            edge = Rectangle((left, low), 1.0, 0.85, fill=False, edgecolor=colour, hatch=hatch, linewidth=1.4)
            axes.add_patch(box)
            axes.add_patch(edge)
    for middle, text in ((0.5, "edges"), (LAYERS * 1.15 - 0.65, "parts"), (LAYERS * 1.15 + 1.0, "head")):
        axes.text(middle, 1.62, text, ha="center", va="bottom", color=style.MUTED)
    for number, (colour, hatch, text) in enumerate(LOOK.values()):
        bottom = -4.0 - number * 0.62
        axes.add_patch(Rectangle((0, bottom), 0.5, 0.42, facecolor=colour, alpha=0.3, edgecolor="none"))
        axes.add_patch(
            Rectangle((0, bottom), 0.5, 0.42, fill=False, edgecolor=colour, hatch=hatch, linewidth=1.2)
        )
        axes.text(0.7, bottom + 0.2, text, ha="left", va="center")
    axes.set(xlim=(-0.2, LAYERS * 1.15 + 1.7), ylim=(-5.4, 2.2))
    return figure
