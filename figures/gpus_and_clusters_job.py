"""The life of a job: queue, node, and back with a checkpoint.

Used by the chapter *gpus-and-clusters*.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from groundtruth.plotting import style

BOXES = {
    "sbatch": (0.13, 0.85, "sbatch\nscript", style.MUTED),
    "pending": (0.5, 0.85, "PENDING\nin the queue", style.ORANGE),
    "running": (0.5, 0.45, "RUNNING\non a node", style.BLUE),
    "completed": (0.87, 0.58, "COMPLETED", style.TEAL),
    "failed": (0.87, 0.3, "FAILED\nTIMEOUT", style.RED),
    "disk": (0.5, 0.07, "shared disk: checkpoint", style.PURPLE),
}
ARROWS = (
    ("sbatch", "pending", 0.0, "", (0, 0)),
    ("pending", "running", -0.25, "a node\nis free", (0.61, 0.66)),
    ("running", "pending", -0.25, "signal,\nrequeue", (0.32, 0.65)),
    ("running", "completed", 0.0, "", (0, 0)),
    ("running", "failed", 0.0, "", (0, 0)),
    ("running", "disk", -0.25, "each epoch", (0.64, 0.24)),
    ("disk", "running", -0.25, "second life", (0.345, 0.24)),
)


def draw() -> Figure:
    figure, axes = style.new_figure(height=3.9, bare=True)
    for x, y, text, colour in BOXES.values():
        _box(axes, x, y, text, colour)
    for start, end, bend, text, (x, y) in ARROWS:
        a, b = BOXES[start], BOXES[end]
        arrow = FancyArrowPatch(
            a[:2], b[:2], arrowstyle="-|>", mutation_scale=12, shrinkA=42 if a[0] != b[0] else 22,
            shrinkB=42 if a[0] != b[0] else 22, color=style.MUTED, connectionstyle=f"arc3,rad={bend}",
        )  # fmt: skip
        axes.add_patch(arrow)
        if text:
            axes.text(x, y, text, ha="center", va="center", fontsize=9, color=style.INK)
    axes.set(xlim=(0, 1), ylim=(-0.02, 1))
    return figure


def _box(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    wide = 0.5 if "disk" in text else 0.24
    high = 0.12 if "disk" in text else 0.15
    axes.add_patch(
        FancyBboxPatch(
            (x - wide / 2, y - high / 2),
            wide,
            high,
            boxstyle="round,pad=0,rounding_size=0.02",
            facecolor="none",
            edgecolor=colour,
            linewidth=1.5,
        )
    )
    axes.text(x, y, text, ha="center", va="center", fontsize=9.5)
