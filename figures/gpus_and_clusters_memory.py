"""Where a number may lie, from registers to other computers: sizes and rates of an H100.

Used by the chapter *gpus-and-clusters*. Sizes: Andersch et al., "NVIDIA Hopper architecture in-depth", 2022; rates:
Lockwood, "H100", 2026.
"""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from groundtruth.plotting import style

PLACES = (
    ("registers", "256 KB for each of\n132 processors", "of one thread"),
    ("shared memory", "up to 228 KB each", "filled by the program"),
    ("second-level cache", "50 MB", "of the whole GPU"),
    ("main memory of the GPU", "80 GB", "arrays on “cuda” lie here"),
    ("memory of the computer", "hundreds of GB", "where a DataLoader puts its batches"),
    ("other computers", "as many as there are", "reached by all-reduce, or by a shared disk"),
)
RATES = ("", "", "3.35 TB a second", "64 GB a second, one way", "network")
WIDTHS = (9.0, 7.0, 5.0, 2.6, 1.2)


def draw() -> Figure:
    figure, axes = style.new_figure(height=5.6, bare=True)
    for number, (name, size, what) in enumerate(PLACES):
        top = -number
        box = FancyBboxPatch(
            (0.02, top - 0.31),
            0.96,
            0.58,
            boxstyle="round,pad=0.0,rounding_size=0.05",
            facecolor="none",
            edgecolor=style.BLUE if number < 4 else style.ORANGE,
            linewidth=1.4,
        )
        axes.add_patch(box)
        axes.text(0.05, top + 0.11, name, va="center", fontsize=10)
        axes.text(0.05, top - 0.15, what, va="center", fontsize=8.5, color=style.MUTED)
        axes.text(0.95, top, size, va="center", ha="right", fontsize=9)
    for number, (rate, width) in enumerate(zip(RATES, WIDTHS, strict=True)):
        axes.plot(
            [0.3, 0.3],
            [-number - 0.33, -number - 0.71],
            color=style.MUTED,
            linewidth=width,
            linestyle="-",
            solid_capstyle="butt",
        )
        axes.text(0.36, -number - 0.52, rate, va="center", fontsize=8.5, color=style.INK)
    axes.set(xlim=(0, 1), ylim=(-len(PLACES) + 0.6, 0.4))
    return figure
