"""Pictures that read on white, on dark and on paper, and to somebody who cannot see them."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# All of about the same lightness, which is as far from white as from JupyterLab's dark grey.
INK = "#7d7d7d"
YOU = "#3d86d8"
SERVICE = "#cf6a1e"
TURN = "#2f9a5b"
STOP = "#e0484f"
_DPI = 160


class Picture:
    """A figure with its words: `alt` says in a sentence what is to be seen, `details` (HTML) the same in full."""

    def __init__(self, figure: Figure, alt: str, details: str = "") -> None:
        self.figure = figure
        self.alt = alt
        self.details = details
        self._png: bytes | None = None

    @property
    def png(self) -> bytes:
        """The picture on a transparent ground."""
        if self._png is None:
            buffer = io.BytesIO()
            self.figure.savefig(buffer, format="png", dpi=_DPI, transparent=True)
            self._png = buffer.getvalue()
        return self._png

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        width = int(self.figure.get_figwidth() * 96)
        image = (
            f'<img alt="{escape(self.alt)}" style="width: {width}px; max-width: 100%; background: none"'
            f' src="data:image/png;base64,{base64.b64encode(self.png).decode()}">'
        )
        folded = f"<details><summary>The same in words</summary>{self.details}</details>" if self.details else ""
        return {"text/html": image + folded, "text/plain": self.alt}


def new_figure(width: float, height: float) -> Figure:
    """A figure of its own (inches), unknown to pyplot: nothing is shown twice or kept in memory."""
    from matplotlib.figure import Figure  # slow to import, and not every chapter draws

    return Figure(figsize=(width, height))


def quiet_axes(ax: Axes) -> None:
    """No box, grey ink, nothing behind."""
    ax.set_facecolor("none")
    for side, spine in ax.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(INK)
    ax.tick_params(colors=INK, labelsize=9, length=3)
    ax.set_yticks([])
