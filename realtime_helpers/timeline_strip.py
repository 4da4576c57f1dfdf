"""A strip of time on paper, and how to write on it without writing over the neighbour."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS_PER_CHARACTER = 4.7  # of 9 point text, on average
_NARROW = 8  # characters; words in a column narrower than this do not read


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch of time on the paper; `wide`: inches."""

    ax: Axes
    start: float
    stop: float
    wide: float
    last: bool = True

    def inches(self, seconds: float) -> float:
        return seconds / (self.stop - self.start) * self.wide

    def has(self, at: float) -> bool:
        return self.start <= at < self.stop or (self.last and at == self.stop)

    def meets(self, start: float, stop: float) -> bool:
        return start < self.stop and stop > self.start

    def name(self, y: float, name: str, colour: str) -> None:
        self.ax.text(-0.11 / self.wide, y, name, color=colour, fontsize=10, weight="bold", ha="right", va="center",
                     transform=self.ax.get_yaxis_transform())  # fmt: skip

    def label(self, at: float, y: float, choices: Sequence[str], room: float, colour: str, **style: object) -> None:
        """The first of `choices` that is no longer than `room` seconds, if one is."""
        if not self.has(at):
            return
        wide = POINTS_PER_CHARACTER * (1.2 if style.get("weight") == "bold" else 1)
        room = self.inches(min(at + room, self.stop) - at) * 72 / wide
        if text := next((text for text in choices if len(text) + 2 <= room), None):
            self.ax.text(at, y, f" {text}", color=colour, fontsize=9, va="center", zorder=6, **style)

    def words(
        self, words: str, start: float, stop: float, y: float, colour: str, *, lines: int, upwards: bool = False
    ) -> None:
        """Words from `start` on, wrapped to end before `stop` (s), what does not fit left out."""
        characters = int(self.inches(min(stop, self.stop) - start) * 72 / POINTS_PER_CHARACTER) - 2
        if not self.has(start) or characters < _NARROW:
            return
        text = "\n".join(
            textwrap.wrap(" ".join(words.split()), characters, max_lines=lines, placeholder=" …",
                          break_long_words=False)
        )  # fmt: skip
        self.ax.text(start, y, text, color=colour, fontsize=9, va="bottom" if upwards else "top", linespacing=1.15,
                     clip_on=True)  # fmt: skip
