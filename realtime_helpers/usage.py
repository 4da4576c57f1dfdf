"""What a conversation used: tokens and seconds of sound, reply by reply and in all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from html import escape
from typing import Any

from .story import audio_ms, find_replies, find_turns
from .wire import WireEvent

_HEAD = ("reply", "tokens in", "of them audio", "cached", "tokens out", "of them audio", "you spoke", "it made")
_SECONDS = ("spoken_s", "made_s")
# `!important`: JupyterLab's own rule for tables is more specific.
_STYLE = """<style>
table.rt-usage { table-layout: auto; margin: 0; border-collapse: collapse; font-size: 0.9em; line-height: 1.35;
  color: var(--jp-content-font-color1, inherit); }
table.rt-usage th, table.rt-usage td { text-align: right !important; padding: 0.25em 0.9em 0.25em 0.3em; border: 0;
  border-bottom: 1px solid var(--jp-border-color2, #8886); font-weight: normal; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
table.rt-usage th:first-child { text-align: left !important; }
table.rt-usage thead th, table.rt-usage tfoot th, table.rt-usage tfoot td { font-weight: bold; }
</style>"""


@dataclass(slots=True)
class Used:
    """What one reply used, or all of them together.

    Tokens are None where the service told no usage. `spoken_s`: the turns that it answers, as turn detection cut them.
    `made_s`: the sound that was made for it, heard or not.
    """

    tokens_in: int | None = None
    audio_in: int | None = None
    cached: int | None = None
    tokens_out: int | None = None
    audio_out: int | None = None
    spoken_s: float = 0.0
    made_s: float = 0.0

    def cells(self) -> tuple[str, ...]:
        return tuple(_cell(field.name, getattr(self, field.name)) for field in fields(self))


@dataclass(slots=True)
class Usage:
    """Shown in a notebook as a table; `str()` for a terminal; `.replies` and `.total` for you.

    `sent_s`: seconds of all the sound that was sent, silence too. `transcription`: what transcribing it used, in tokens
    or in seconds, whichever the service counts; kept apart, as another model did it.
    """

    replies: list[Used]
    total: Used
    sent_s: float
    transcription: dict[str, float]

    def __str__(self) -> str:
        if not self.replies:
            return f"No reply yet. {self.note}"
        rows = [_HEAD, *self._rows(), ("in all", *self.total.cells())]
        wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join([row[0].ljust(wide[0]), *map(str.rjust, row[1:], wide[1:])]) for row in rows]
        return "\n".join([*lines, self.note])

    __repr__ = __str__

    @property
    def note(self) -> str:
        """The rest, in a sentence or two."""
        counted = " and ".join(f"{n:,.0f} tokens" if of == "tokens" else f"{n:.1f} s" for of, n in self._counted())
        transcribed = f" Transcribing what you said used {counted}, which count apart." if counted else ""
        return f"Sound sent: {self.sent_s:.1f} s, silence included.{transcribed}"

    def _counted(self) -> list[tuple[str, float]]:
        return sorted(self.transcription.items(), reverse=True)

    def _rows(self) -> list[tuple[str, ...]]:
        return [(str(n), *used.cells()) for n, used in enumerate(self.replies, 1)]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._html(), "text/plain": str(self)}

    def _html(self) -> str:
        if not self.replies:
            return f"<p>{escape(str(self))}</p>"
        head = "".join(f'<th scope="col">{name}</th>' for name in _HEAD)
        body = "".join(map(_html_row, self._rows()))
        foot = _html_row(("in all", *self.total.cells()))
        table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody><tfoot>{foot}</tfoot>"
        return f'{_STYLE}<table class="rt-usage">{table}</table><p>{escape(self.note)}</p>'


def usage_table(wire: Iterable[WireEvent]) -> Usage:
    """Tokens and seconds of every reply that is done, from the `usage` of its `response.done`, and in all.

    Tokens in grow from reply to reply: each reads the whole conversation again, the cached part for less.
    """
    wire = list(wire)
    done = {e.event["response"]["id"]: e.event["response"].get("usage") for e in wire if e.type == "response.done"}
    turns, replies, since = find_turns(wire), find_replies(wire), -1.0
    used = []
    for reply in replies:
        if reply.id not in done:
            continue
        one = _tokens(done[reply.id])
        answered = [t for t in turns if t.stopped_at is not None and since < t.stopped_at <= reply.created_at]
        one.spoken_s = sum(t.stop - t.start for t in answered if t.stop is not None)
        one.made_s, since = reply.audio_ms / 1000, reply.created_at
        used.append(one)
    sent_s = sum(audio_ms(e.event) for e in wire if e.type == "input_audio_buffer.append") / 1000
    return Usage(used, _sum(used), sent_s, _transcription(wire))


def _tokens(usage: dict[str, Any] | None) -> Used:
    if not usage:
        return Used()
    into, out = usage.get("input_token_details") or {}, usage.get("output_token_details") or {}
    return Used(
        usage.get("input_tokens"),
        into.get("audio_tokens"),
        into.get("cached_tokens"),
        usage.get("output_tokens"),
        out.get("audio_tokens"),
    )


def _sum(used: list[Used]) -> Used:
    total = Used()
    for field in fields(Used):
        known = [value for one in used if (value := getattr(one, field.name)) is not None]
        if known:
            setattr(total, field.name, sum(known))
    return total


def _transcription(wire: list[WireEvent]) -> dict[str, float]:
    counted: dict[str, float] = {}
    for e in wire:
        if e.type == "conversation.item.input_audio_transcription.completed" and (usage := e.event.get("usage")):
            name, key = ("tokens", "total_tokens") if usage.get("type") == "tokens" else ("seconds", "seconds")
            counted[name] = counted.get(name, 0) + (usage.get(key) or 0)
    return counted


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f} s" if name in _SECONDS else f"{value:,}"


def _html_row(cells: tuple[str, ...]) -> str:
    first, *rest = map(escape, cells)
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
