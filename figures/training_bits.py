"""The bits of float32, bfloat16 and float16: sign, exponent, fraction.

Used by the chapter *training*.
"""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from groundtruth.plotting import style

KINDS = (("float32", 8, 23), ("bfloat16", 8, 7), ("float16", 5, 10))


def draw() -> Figure:
    figure, axes = style.new_figure(height=2.1, bare=True)
    for row, (name, exponent, fraction) in enumerate(KINDS):
        low = -2.3 * row
        axes.text(-0.6, low + 0.5, name, ha="right", va="center")
        for bit in range(1 + exponent + fraction):
            colour = style.INK if bit == 0 else style.ORANGE if bit <= exponent else style.BLUE
            axes.add_patch(Rectangle((bit, low), 0.84, 1, facecolor=colour, alpha=0.85, edgecolor="none"))
    axes.text(0.4, 1.35, "sign", ha="center", va="bottom", fontsize=9)
    axes.text(4.9, 1.35, "exponent", ha="center", va="bottom", color=style.ORANGE)
    axes.text(20.4, 1.35, "fraction", ha="center", va="bottom", color=style.BLUE)
    axes.set(xlim=(-9.2, 32.2), ylim=(-4.9, 2.9))
    return figure
