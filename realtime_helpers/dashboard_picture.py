"""What telemetry measured, as one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dashboard import FIRST, TURN, Figures, Times, headlines, read_figures, sentence, table, told
from .picture import INK, SERVICE, STOP, YOU, Picture, new_figure
from .picture import TURN as GREEN

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .telemetry_outlets import Telemetry

# Inches.
_WIDTH, _ROW, _TILES, _AXIS = 10.0, 0.3, 0.72, 0.45
_NAMES, _PLOT, _COLUMN = 1.95, 2.15, 0.53
_COUNTS, _BARS = 8.4, 0.75  # where their bars begin, and how long the longest is
_TILE = 1.42
_MOST_ROWS = 10
_TIMES = 50  # from the least to the greatest: then only a logarithmic axis shows both
_LONGEST_NAME = 25  # characters
_STATUS = {"completed": GREEN, "cancelled": YOU, "incomplete": SERVICE, "unfinished": INK}


def draw_dashboard(telemetry: Telemetry) -> Picture:
    """All conversations that were held `with telemetry.observed(service):`, measured, as one picture.

    Above, the numbers to look at first. On the left how long was waited for the first audio or text of a response, for
    the answer of a turn, and for each tool: a dot for each time, a bar for the median. On the right the responses by
    status, the errors by code and the tokens. Below the picture it all stands in words. Where traces are switched off,
    a line from the least to the greatest and a bar for the mean take the place of the dots.
    """
    figures = read_figures(telemetry)
    counts = _groups(figures)
    left = _AXIS + _ROW * (1 + len(figures.times[:_MOST_ROWS])) if figures.times else 0
    right = _ROW * sum(1.2 + len(bars) for _, bars in counts)
    height = _TILES + max(left, right) if not figures.empty else 0.9
    figure = new_figure(_WIDTH, height)
    if figures.empty:
        figure.text(0.5, 0.5, "nothing was measured", color=INK, fontsize=9, ha="center", va="center")
        return Picture(figure, sentence(figures))
    _draw_tiles(figure, figures)
    if figures.times:
        _draw_times(figure, figures.times[:_MOST_ROWS])
    _draw_counts(figure, counts)
    if not figures.counted:
        figure.text((_COUNTS - 0.1) / _WIDTH, 1 - (_TILES + _ROW / 2) / height, "nothing was counted: metrics are off",
                    color=INK, fontsize=9, ha="center", va="center")  # fmt: skip
    return Picture(figure, sentence(figures), table(figures))


def _draw_tiles(figure: Figure, figures: Figures) -> None:
    tiles = headlines(figures)
    height = figure.get_figheight()
    bad = {"errors": bool(figures.errors), "not failed or lost": figures.succeeded not in (None, 1.0)}
    for n, (name, value) in enumerate(tiles):
        x = (0.1 + n * _TILE) / _WIDTH
        colour = STOP if bad.get(name) else INK
        figure.text(x, 1 - 0.06 / height, value, color=colour, fontsize=17, weight="bold", va="top")
        figure.text(x, 1 - 0.38 / height, name, color=INK, fontsize=9, va="top")


def _draw_times(figure: Figure, times: list[Times]) -> None:
    height, tall = figure.get_figheight(), _ROW * len(times)
    top = height - _TILES - _ROW
    ax = figure.add_axes((_NAMES / _WIDTH, (top - tall) / height, _PLOT / _WIDTH, tall / height))
    _quiet(ax, times)
    for row, one in enumerate(times):
        colour = {FIRST: SERVICE, TURN: YOU}.get(one.name, GREEN)
        _draw_row(ax, row, one, colour)
        ax.text(-0.1 / _PLOT, row, _short(one.name), color=colour, fontsize=9, ha="right", va="center",
                transform=ax.get_yaxis_transform())  # fmt: skip
    heads = _heads(times)
    for n, head in enumerate(heads):
        x = 1 + (0.2 + (n + 4.9 - len(heads)) * _COLUMN) / _PLOT
        ax.text(x, -1, head, color=INK, fontsize=8, ha="right", va="center", transform=ax.get_yaxis_transform())
        for row, one in enumerate(times):
            ax.text(x, row, _cell(one, head), color=INK, fontsize=9, ha="right", va="center",
                    transform=ax.get_yaxis_transform())  # fmt: skip
    middle = (top + _ROW / 2) / height
    figure.text(0.1 / _WIDTH, middle, "How long it took", color=INK, fontsize=10, weight="bold", va="center")
    figure.text(_NAMES / _WIDTH, middle, _key(times), color=INK, fontsize=8, va="center")


def _quiet(ax: Axes, times: list[Times]) -> None:
    """Seconds from left to right, a row for each of `times`."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

    least, greatest = min(one.least for one in times), max(one.greatest for one in times)
    ax.set_facecolor("none")
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(INK)
    ax.set(ylim=(len(times) - 0.5, -0.5), yticks=[])
    label = "seconds"
    if least > 0 and greatest / least > _TIMES:
        ax.set_xscale("log")
        ax.set_xlim(least / 1.3, greatest * 1.3)
        ax.xaxis.set_major_locator(LogLocator(10, [1, 3]))
        ax.minorticks_off()
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        label += ", logarithmic"
    else:
        ax.set_xlim(0, greatest * 1.05 or 1)
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.tick_params(colors=INK, labelsize=9, length=3)
    ax.set_xlabel(label, color=INK, fontsize=9)


def _draw_row(ax: Axes, row: int, times: Times, colour: str) -> None:
    ax.axhline(row, color=INK, linewidth=0.5, alpha=0.4, zorder=1)
    middle = times.mean if times.median is None else times.median
    if times.each:
        dots = {"linestyle": "none", "alpha": max(0.15, min(0.7, 20 / len(times.each))), "zorder": 3}
        well = _without(times.each, times.failed)
        ax.plot(well, [row] * len(well), marker="o", markersize=6, color=colour, markeredgewidth=0, **dots)
        if times.failed:
            ax.plot(times.failed, [row] * len(times.failed), marker="x", markersize=6, color=STOP, linestyle="none",
                    zorder=4)  # fmt: skip
    else:
        ax.plot([times.least, times.greatest], [row, row], color=colour, linewidth=4, alpha=0.5, zorder=2)
    ax.plot([middle, middle], [row - 0.36, row + 0.36], color=colour, linewidth=2.5, zorder=5)
    if times.p95 is not None:
        ax.plot([times.p95, times.p95], [row - 0.25, row + 0.25], color=colour, linewidth=1, zorder=5)


def _without(every: list[float], some: list[float]) -> list[float]:
    left = list(every)
    for one in some:
        left.remove(one)
    return left


def _key(times: list[Times]) -> str:
    """What is drawn, in words."""
    if not any(one.each for one in times):
        return "least to greatest, bar: mean"
    return "dot: one, bar: median" + ", cross: failed" * any(one.failed for one in times)


def _heads(times: list[Times]) -> list[str]:
    """The columns beside the plot: what is known of one of `times` at least."""
    middles = ["median"] * any(one.each for one in times) or ["mean"]
    return [*middles, *["p95"] * any(one.p95 is not None for one in times), "slowest", "times"]


def _cell(times: Times, head: str) -> str:
    figure = {"median": times.median, "mean": times.mean, "p95": times.p95, "slowest": times.greatest}.get(head)
    if head == "times":
        return f"{times.count:,}"
    return "–" if figure is None else told(figure)


def _groups(figures: Figures) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """A title, and a bar for each: name, value, colour."""
    responses = [(name, n, _STATUS.get(name, STOP)) for name, n in figures.responses.items()]
    errors = [(name, n, STOP) for name, n in figures.errors.items()]
    tokens = [(name, n, INK) for name, n in figures.tokens.items()]
    groups = [("Responses", responses), ("Errors", errors[:_MOST_ROWS]), ("Tokens", tokens)]
    return [(title, bars) for title, bars in groups if bars]


def _draw_counts(figure: Figure, groups: list[tuple[str, list[tuple[str, int, str]]]]) -> None:
    height = figure.get_figheight()
    y = height - _TILES
    for title, bars in groups:
        figure.text((_COUNTS - 0.1) / _WIDTH, (y - _ROW / 2) / height, title, color=INK, fontsize=10, weight="bold",
                    ha="right", va="center")  # fmt: skip
        y -= _ROW
        tall = _ROW * len(bars)
        ax = figure.add_axes((_COUNTS / _WIDTH, (y - tall) / height, _BARS / _WIDTH, tall / height))
        ax.set_facecolor("none")
        for spine in ax.spines.values():
            spine.set_visible(False)
        most = max(n for _, n, _ in bars)
        ax.set(xlim=(0, most), ylim=(len(bars) - 0.5, -0.5), xticks=[], yticks=[])
        for row, (name, n, colour) in enumerate(bars):
            ax.barh(row, n, height=0.62, color=colour, linewidth=0)
            ax.text(n, row, f" {n:,}" if n < 1e6 else f" {n / 1e6:.1f} million", color=INK, fontsize=9, va="center")
            ax.text(-0.1 / _BARS, row, _short(name), color=INK, fontsize=9, ha="right", va="center",
                    transform=ax.get_yaxis_transform())  # fmt: skip
        y -= tall + 0.2 * _ROW


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
