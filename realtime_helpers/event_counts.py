"""A wire as a table: one row for every type of event, in order of first arrival."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from .event_notes import note
from .story import audio_ms
from .wire import WireEvent

_WITH_AUDIO = ("input_audio_buffer.append", "response.output_audio.delta")
_ARROW = {"sent": "you →", "received": "← service"}
_HEAD = ("", "event", "count", "first at", "audio", "when it arrives", "why it matters")
# `!important`: JupyterLab's own rules for tables (right-aligned) and code (grey) are more specific.
_STYLE = """<style>
table.rt-events { table-layout: auto; margin: 0; border-collapse: collapse; font-size: 0.9em; line-height: 1.35;
  color: var(--jp-content-font-color1, inherit); }
table.rt-events th, table.rt-events td { text-align: left !important; vertical-align: top;
  padding: 0.25em 0.9em 0.25em 0.3em; border: 0; border-bottom: 1px solid var(--jp-border-color2, #8886);
  white-space: normal; font-weight: normal; }
table.rt-events thead th { font-weight: bold; white-space: nowrap; }
table.rt-events .rt-n { text-align: right !important; font-variant-numeric: tabular-nums; white-space: nowrap; }
table.rt-events .rt-way { white-space: nowrap; color: var(--jp-content-font-color2, inherit); }
table.rt-events code { background: none !important; color: inherit; padding: 0 !important; }
</style>"""


@dataclass(slots=True)
class EventRow:
    """All events of one type in one direction; `first_at` in seconds since the connection opened, `audio_ms` of all."""

    direction: str
    type: str
    count: int
    first_at: float
    audio_ms: float | None

    @property
    def when(self) -> str:
        return note(self.direction, self.type)[0]

    @property
    def why(self) -> str:
        return note(self.direction, self.type)[1]


class EventTable:
    """Shown in a notebook as a table; `str()` for a terminal; `.rows` for you."""

    def __init__(self, rows: list[EventRow]) -> None:
        self.rows = rows

    def __str__(self) -> str:
        if not self.rows:
            return "No events yet."
        cells = [_HEAD, *map(_cells, self.rows)]
        wide = [max(len(row[i]) for row in cells) for i in range(len(_HEAD))]
        right = (2, 3, 4)
        return "\n".join(
            "  ".join(
                c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, wide, strict=True))
            ).rstrip()
            for row in cells
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._html(), "text/plain": str(self)}

    def _html(self) -> str:
        if not self.rows:
            return "<p>No events yet.</p>"
        head = "".join(f'<th scope="col"{_number(i)}>{escape(h)}</th>' for i, h in enumerate(_HEAD))
        body = "".join(f"<tr>{''.join(map(_html_cell, enumerate(_cells(row))))}</tr>" for row in self.rows)
        return f'{_STYLE}<table class="rt-events"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def event_table(wire: Iterable[WireEvent]) -> EventTable:
    """Count by type and direction what crossed a wire."""
    rows: dict[tuple[str, str], EventRow] = {}
    for e in wire:
        if e.direction == "local":
            continue
        kind = e.event.get("type", "?")
        row = rows.get((e.direction, kind))
        if row is None:
            row = rows[e.direction, kind] = EventRow(e.direction, kind, 0, e.at, 0.0 if kind in _WITH_AUDIO else None)
        row.count += 1
        if row.audio_ms is not None:
            row.audio_ms += audio_ms(e.event)
    return EventTable(list(rows.values()))


def _cells(row: EventRow) -> tuple[str, ...]:
    audio = "" if row.audio_ms is None else f"{row.audio_ms / 1000:.1f} s"
    way = _ARROW.get(row.direction, row.direction)
    return way, row.type, f"{row.count:,}", f"{row.first_at:.2f} s", audio, row.when, row.why


def _number(column: int) -> str:
    return ' class="rt-n"' if column in (2, 3, 4) else ' class="rt-way"' if column == 0 else ""


def _html_cell(cell: tuple[int, str]) -> str:
    column, text = cell
    text = escape(text)
    if column == 1:
        return f'<th scope="row"><code>{text.replace(".", ".<wbr>")}</code></th>'
    return f"<td{_number(column)}>{text}</td>"
