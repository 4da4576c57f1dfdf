"""Pictures that read on white, on dark and on paper, and to somebody who cannot see them."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# All of one luminance, 0.19: a contrast of 4.3 with white and with JupyterLab's dark #111, the most there is.
INK = "#797979"
YOU = "#387bc6"
SERVICE = "#bc601b"
TURN = "#2a8951"
STOP = "#d7454b"
_DPI = 160
_STYLE = """<style>
table.rt-words { table-layout: auto; margin: 0; border-collapse: collapse; font-size: 0.9em; }
table.rt-words th, table.rt-words td { text-align: left !important; vertical-align: top; white-space: normal;
  padding: 0.15em 1em 0.15em 0.3em; border: 0; }
table.rt-words td:first-child { white-space: nowrap; }
</style>"""


class Picture:
    """A figure with its words: `alt` says in a sentence what is to be seen, `rows` the same in full.

    The first row is the head. Shown in a notebook as an image that has the sentence for its alternative text, with the
    rows folded below; in a terminal, as the words.
    """

    def __init__(self, figure: Figure, alt: str, rows: Sequence[tuple[str, ...]] = ()) -> None:
        self.figure = figure
        self.alt = alt
        self.rows = list(rows)
        self._png: bytes | None = None

    @property
    def png(self) -> bytes:
        """The picture on a transparent ground."""
        if self._png is None:
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="png", dpi=_DPI, transparent=True)
            self._png = buffer.getvalue()
        return self._png

    def __str__(self) -> str:
        wide = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = ["  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)).rstrip() for row in self.rows]
        return "\n".join([self.alt, *lines])

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        width = int(self.figure.get_figwidth() * 96)
        image = (
            f'<img alt="{escape(self.alt)}" style="width:{width}px;max-width:100%;background:none"'
            f' src="data:image/png;base64,{base64.b64encode(self.png).decode()}">'
        )
        return {"text/html": image + self._folded(), "text/plain": str(self)}

    def _folded(self) -> str:
        if not self.rows:
            return ""
        head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in self.rows[0])
        body = "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in self.rows[1:])
        table = f'<table class="rt-words"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        return f"{_STYLE}<details><summary>The same in words</summary>{table}</details>"


def new_figure(width: float, height: float) -> Figure:
    """A figure of its own (inches), unknown to pyplot: nothing is shown twice or kept in memory."""
    from matplotlib.figure import Figure  # slow to import, and not every chapter draws

    return Figure(figsize=(width, height))


def quiet_axes(ax: Axes) -> None:
    """No box, grey ink, nothing behind."""
    from matplotlib.ticker import MaxNLocator

    ax.set_facecolor("none")
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(INK)
    ax.tick_params(colors=INK, labelsize=9, length=3)
    ax.set_yticks([])
    ax.xaxis.set_major_locator(MaxNLocator(12, steps=[1, 2, 5, 10]))


def legend_above(figure: Figure, keys: Sequence[Any]) -> None:
    """In one row, at the top right."""
    figure.legend(
        handles=keys, loc="upper right", ncols=len(keys), frameon=False, fontsize=9, labelcolor=INK,
        bbox_to_anchor=(0.99, 1.0), handlelength=1.4, borderpad=0.1, borderaxespad=0.2,
        columnspacing=1.1, handletextpad=0.6,
    )  # fmt: skip
