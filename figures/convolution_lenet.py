"""The network of the chapter: a picture, twice convolution, activation and pooling, and dense layers. Sides to scale.

Used by the chapter *convolution*.
"""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

# maps drawn, side in places, what it is called, how it came about
STAGES = (
    (1, 28, "1 × 28 × 28", "picture"),
    (6, 28, "6 × 28 × 28", "convolution 5 × 5, padding 2, then ReLU"),
    (6, 14, "6 × 14 × 14", "max pooling 2 × 2, step 2"),
    (16, 10, "16 × 10 × 10", "convolution 5 × 5, then ReLU"),
    (16, 5, "16 × 5 × 5", "max pooling 2 × 2, step 2"),
    (0, 400, "400", "laid out in a row"),
    (0, 120, "120", "dense, then ReLU"),
    (0, 84, "84", "dense, then ReLU"),
    (0, 10, "10", "dense: a logit for each class"),
)
COLOURS = {"c": style.ORANGE, "m": style.TEAL, "d": style.PURPLE, "p": style.BLUE, "l": style.MUTED}


def draw() -> Figure:
    figure, axes = style.new_figure(height=5.6, bare=True)
    top = 0.0
    for maps, side, shape, how in STAGES:
        colour = COLOURS[how[0]]
        height = 0.95
        if maps:
            size, apart = 1.5 * side / 28, 0.1
            for number in reversed(range(maps)):
                axes.add_patch(
                    Rectangle(
                        (apart * number, top - size - 0.03 * number),
                        size,
                        size,
                        facecolor=style.PAPER,
                        edgecolor=colour,
                        linewidth=0.9,
                    )
                )
            height = max(size + 0.03 * maps, height)
        else:
            axes.add_patch(
                Rectangle((0, top - 0.6), 0.0065 * side, 0.25, facecolor=colour, alpha=0.5, edgecolor="none")
            )
        middle = top - height / 2
        axes.text(3.0, middle + 0.04, shape, ha="left", va="bottom")
        axes.text(3.0, middle - 0.04, how, ha="left", va="top", color=colour, fontsize=9.5)
        top -= height + 0.16
    axes.set(xlim=(-0.1, 8.6), ylim=(top - 0.1, 0.1), aspect="equal")
    return figure
