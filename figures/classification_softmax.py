"""From three logits to three shares in stages: the scores, their powers, the powers divided by their sum.

Used by the chapter *classification*.
"""

import math

from matplotlib.figure import Figure

from groundtruth.plotting import style

NAMES = ("shirt", "coat", "bag")
LOGITS = (2.0, 1.0, -1.0)
COLOURS = (style.BLUE, style.ORANGE, style.TEAL)


def draw() -> list[Figure]:
    powers = [math.exp(z) for z in LOGITS]
    total = sum(powers)
    shares = [power / total for power in powers]
    return [
        _bars(LOGITS, (-1.6, 3.2), "logit z", [f"{z:g}".replace("-", "−") for z in LOGITS]),
        _bars(powers, (0, 9.4), "power $e^z$", [f"{power:.2f}" for power in powers]),
        _bars(shares, (0, 1), f"share: the power, divided by {total:.2f}", [f"{s:.3f}" for s in shares]),
    ]


def _bars(
    values: tuple[float, ...] | list[float], limits: tuple[float, float], title: str, texts: list[str]
) -> Figure:
    figure, axes = style.new_figure(height=1.9)
    axes.barh(range(3), values, color=COLOURS, height=0.62)
    axes.axvline(0, color=style.MUTED, linestyle="-", linewidth=0.8)
    reach = limits[1] - limits[0]
    for row, (value, text) in enumerate(zip(values, texts, strict=True)):
        axes.text(max(value, 0) + 0.015 * reach, row, text, ha="left", va="center")
    axes.set_yticks(range(3), NAMES)
    axes.set(xlim=limits, ylim=(2.5, -0.5), title=title)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    return figure
