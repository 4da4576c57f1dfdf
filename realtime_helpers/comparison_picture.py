"""A few ways to do one thing, measured, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .picture import INK, SERVICE, TURN, YOU, Picture, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _ROW, _ABOVE, _BELOW = 10.0, 0.42, 0.5, 0.42  # inches
_NAMES = 0.09  # of the width
_COLOURS = (SERVICE, YOU, TURN)
_TIMES = 50  # from the smallest to the largest: then only a logarithmic axis shows both


def draw_comparison(measured: Mapping[str, Mapping[str, float]]) -> Picture:
    """`{measure: {way: value}}` -> a panel for each measure, a bar for each way; values are 0 or more.

    Where the largest value of a measure dwarfs the smallest, its axis is logarithmic and says so.
    """
    ways = list(next(iter(measured.values())))
    height = _ABOVE + _ROW * len(ways) + _BELOW
    figure = new_figure(_WIDTH, height)
    wide = (1 - _NAMES) / len(measured)
    for at, (measure, values) in enumerate(measured.items()):
        box = (_NAMES + at * wide, _BELOW / height, wide * 0.86, _ROW * len(ways) / height)
        ax = figure.add_axes(box)
        _draw_panel(ax, measure, [values[way] for way in ways])
        if at == 0:
            for row, way in enumerate(ways):
                ax.text(-0.04, row, way, color=_COLOURS[row % 3], fontsize=10, weight="bold", ha="right", va="center",
                        transform=ax.get_yaxis_transform())  # fmt: skip
    rows = [("", *measured), *((way, *(_told(values[way]) for values in measured.values())) for way in ways)]
    return Picture(figure, _alt(measured, ways), rows)


def _draw_panel(ax: Axes, measure: str, values: list[float]) -> None:
    some = [value for value in values if value > 0]
    logarithmic = bool(some) and max(some) / min(some) > _TIMES
    ax.set_facecolor("none")
    for side, spine in ax.spines.items():
        spine.set_visible(side == "left")
        spine.set_color(INK)
    ax.set(ylim=(len(values) - 0.5, -0.5), yticks=[], xticks=[])
    least = 10 ** math.floor(math.log10(min(some)) - 0.3) if logarithmic else 0.0
    most = max([*values, least or 1])
    if logarithmic:
        ax.set_xscale("log")
        ax.minorticks_off()
        ax.set_xticks([])
        ax.set_xlim(least, most * (most / least) ** 0.45)  # room for the largest value's words
    else:
        ax.set_xlim(0, most * 1.45)
    for row, value in enumerate(values):
        if value > 0:
            ax.barh(row, value - least, left=least, height=0.62, color=_COLOURS[row % 3], linewidth=0)
        ax.text(value if value > 0 else least, row, f"  {_told(value)}", color=INK, fontsize=10, va="center")
    ax.set_title(measure, color=INK, fontsize=10, loc="left", weight="bold")
    if logarithmic:
        ax.set_xlabel("logarithmic", color=INK, fontsize=8, loc="left")


def _told(value: float) -> str:
    """1234567 -> "1.2 million", 0.00213 -> "0.0021", 34.4 -> "34"."""
    if value >= 999_950:
        return f"{value / 1e6:.1f} million"
    if value >= 10 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:.{1 - math.floor(math.log10(value))}f}" if value > 0 else "0"


def _alt(measured: Mapping[str, Mapping[str, float]], ways: list[str]) -> str:
    parts = [f"{measure}: " + ", ".join(f"{way} {_told(values[way])}" for way in ways)
             for measure, values in measured.items()]  # fmt: skip
    return f"Bars that compare {', '.join(ways[:-1])} and {ways[-1]}. " + "; ".join(parts) + "."
