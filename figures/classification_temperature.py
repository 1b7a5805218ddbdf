"""The same four logits at three temperatures: nearly equal shares, softmax as it is, nearly all for the largest.

Used by the chapter *classification*.
"""

import math

from matplotlib.figure import Figure

from groundtruth.plotting import style

LOGITS = (2.0, 1.0, 0.5, -1.0)
TEMPERATURES = (4.0, 1.0, 0.25)


def draw() -> list[Figure]:
    return [_at(temperature) for temperature in TEMPERATURES]


def _at(temperature: float) -> Figure:
    powers = [math.exp(z / temperature) for z in LOGITS]
    figure, axes = style.new_figure(height=2.2)
    places = range(len(LOGITS))
    shares = [power / sum(powers) for power in powers]
    axes.bar(places, shares, color=style.BLUE, width=0.62)
    for place, share in zip(places, shares, strict=True):
        axes.text(place, share + 0.02, f"{share:.2f}", ha="center", va="bottom")
    axes.set_xticks(places, [f"z = {z:g}".replace("-", "−") for z in LOGITS])
    axes.set(ylim=(0, 1.12), yticks=[0, 0.5, 1], ylabel="share", title=f"temperature {temperature:g}")
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)
    return figure
