"""Labels that stand beside curves, in their colours, in place of a legend.

Used by the chapter *what-is-deep-learning*.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

GAP = 0.062
"""Least distance of two labels, as a share of the height of the axes."""


def at_right(axes: Axes, ends: Sequence[tuple[float, str, str]], gap: float = GAP) -> Axes:
    """Write each text at the right edge of the axes, at the height where its curve ends.

    Texts that would cover one another are moved apart; their order from top to bottom stays. Set the limits of the
    axes first.

    Args:
        axes: where to write.
        ends: for each curve the height of its end (in data), a text and a colour.
        gap: least distance of two texts, as a share of the height of the axes.

    Raises:
        ValueError: there are more texts than fit.

    """
    if gap * (len(ends) - 1) > 1:
        raise ValueError(f"{len(ends)} labels do not fit, {gap} of the height apart")
    bottom, top = axes.get_ylim()
    ordered = sorted(ends)
    wished = [(height - bottom) / (top - bottom) for height, _, _ in ordered]
    for place, (_, text, colour) in zip(apart(wished, gap), ordered, strict=True):
        axes.text(1.02, place, text, color=colour, transform=axes.transAxes, ha="left", va="center")
    return axes


def apart(wished: Sequence[float], gap: float) -> list[float]:
    """Return places from 0 to 1, ascending, at least ``gap`` apart, near the wished ones (ascending as well)."""
    places: list[float] = []
    for number, wish in enumerate(wished):
        lowest = places[-1] + gap if places else 0.0
        highest = 1 - gap * (len(wished) - 1 - number)
        places.append(min(max(wish, lowest), highest))
    # A group that was pushed up as a whole goes back down to the middle of its wishes.
    start = 0
    for number in range(1, len(places) + 1):
        if number < len(places) and places[number] - places[number - 1] <= gap + 1e-12:
            continue
        too_high = sum(places[start:number]) - sum(wished[start:number])
        floor = places[start - 1] + gap if start else 0.0
        shift = max(min(too_high / (number - start), places[start] - floor), 0.0)
        places[start:number] = [place - shift for place in places[start:number]]
        start = number
    return places
