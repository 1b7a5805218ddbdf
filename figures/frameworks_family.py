"""Frameworks by year: what computes, what stands on it, and which have ended.

Used by the chapter *frameworks*.
"""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from groundtruth.frameworks.family import FAMILY
from groundtruth.plotting import style

LOOK = {"engine": (style.BLUE, "o"), "layer": (style.ORANGE, "s"), "format": (style.TEAL, "D")}


def draw() -> Figure:
    figure, axes = style.new_figure(height=5.4)
    rows = {member.name: row for row, member in enumerate(FAMILY)}
    years = {member.name: _place(member.year) for member in FAMILY}
    for member in FAMILY:
        colour, marker = LOOK[member.kind]
        row, year = rows[member.name], years[member.name]
        for parent in member.parents:
            ends = {"xy": (year - 0.12, row - 0.12), "xytext": (years[parent] + 0.1, rows[parent] + 0.2)}
            look = {"arrowstyle": "-|>", "color": style.MUTED, "linewidth": 0.9, "shrinkB": 3}
            axes.annotate("", **ends, arrowprops=look, zorder=1)  # type: ignore[arg-type]
        face = colour if member.status == "developed" else "none"
        axes.plot(year, row, marker=marker, color=colour, markerfacecolor=face, linestyle="none", zorder=3)
        colour_of_name = style.INK if member.status == "developed" else style.MUTED
        axes.text(year + 0.35, row, member.name, va="center", fontsize=9.5, color=colour_of_name, zorder=4)
    axes.set(xlim=(2005.3, 2023), ylim=(len(FAMILY) - 0.4, -0.8), yticks=[])
    axes.set_xticks(
        [2006, 2008, 2010, 2012, 2014, 2016, 2018], ["1992", "2002", "2010", "2012", "2014", "2016", "2018"]
    )
    axes.spines["left"].set_visible(False)
    axes.grid(axis="y", visible=False)
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="none", label=name)
        for name, (colour, marker) in zip(
            ("engine", "stands on one", "file format"), LOOK.values(), strict=True
        )
    ]
    handles.append(
        Line2D(
            [],
            [],
            color=style.MUTED,
            marker="o",
            markerfacecolor="none",
            linestyle="none",
            label="ended or quiet",
        )
    )
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def _place(year: int) -> float:
    """Two early years stand closer than they were: nothing happens in between."""
    return {1992: 2006.0, 2002: 2008.0}.get(year, float(year))
