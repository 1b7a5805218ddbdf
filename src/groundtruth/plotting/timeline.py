"""Events along a vertical line of years: dots to scale, texts beside them as near as they fit.

Used by the chapter *history*.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from groundtruth.plotting import style
from groundtruth.plotting.labels import apart

SIZE = 11.5
"""Of the texts, in points. On a phone a figure is shown at about 0.7 of its size: eleven pixels are left of these."""


def draw(axes: Axes, events: Sequence[tuple[float, str, str]], gap: float = 0.04) -> Axes:
    """Draw events from the top down.

    Args:
        axes: where to draw; they are hidden.
        events: year, text and colour of each, in the order of the years.
        gap: least distance of two texts, as a share of the height.

    Raises:
        ValueError: no event, years out of order, or more texts than fit.

    """
    years = [year for year, _, _ in events]
    if not events or years != sorted(years):
        raise ValueError("needs events in the order of their years")
    if gap * (len(events) - 1) > 1:
        raise ValueError(f"{len(events)} texts do not fit, {gap} of the height apart")
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(1.02, -0.02))
    first, last = years[0], years[-1]
    span = max(last - first, 1)
    places = [(year - first) / span for year in years]
    axes.plot([0.12, 0.12], [0, 1], color=style.MUTED, linestyle="-", linewidth=1.2)
    for decade in range(int(-(-first // 10) * 10), int(last) + 1, 10):
        height = (decade - first) / span
        axes.plot([0.108, 0.12], [height, height], color=style.MUTED, linestyle="-", linewidth=1.2)
        axes.text(0.096, height, str(decade), color=style.MUTED, ha="right", va="center", fontsize=9.5)
    for place, text_at, (_, text, colour) in zip(places, apart(places, gap), events, strict=True):
        axes.plot(
            [0.12, 0.145, 0.155], [place, text_at, text_at], color=style.GRID, linestyle="-", linewidth=1
        )
        axes.plot([0.12], [place], "o", color=colour, markersize=4.5)
        axes.text(0.165, text_at, text, color=colour, ha="left", va="center", fontsize=SIZE)
    return axes
