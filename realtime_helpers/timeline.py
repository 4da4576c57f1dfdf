"""A conversation as a picture: what you sent and what came back, on one axis of time."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .picture import INK, SERVICE, STOP, TURN, YOU, Picture, new_figure, quiet_axes
from .story import Reply, SoundClock, Turn, find_replies, find_turns, levels, sent_audio
from .wire import WireEvent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDTH, _HEIGHT = 10.0, 4.1  # inches
_LEFT, _RIGHT = 0.085, 0.985  # of the width
_COLUMNS = 1200
_POINTS_PER_CHARACTER = 4.5  # of 9 point text, on average
_LOUD_ENOUGH = 0.25  # as in the picture of the turns: a whisper stays small
_PACE_WORTH_SAYING = 1.3

# Heights of the lanes, from the top.
_YOU, _YOU_HALF = 3.45, 0.5
_YOUR_WORDS = 2.86
_WAIT = 2.36
_BAR, _BAR_HALF = 1.9, 0.22
_ITS_WORDS = 1.6
_TICKS = (0.0, 0.16)
_TICK_LABELS = (0.62, 0.42, 0.22)  # rows
_TOP = 4.0

# Too many to draw one by one, or drawn as something else.
_NO_TICK = ("input_audio_buffer.append", "response.output_audio.delta", "response.output_audio_transcript.delta")
_LABELS = {
    "session.updated": "session updated",
    "input_audio_buffer.commit": "commit",
    "input_audio_buffer.clear": "clear",
    "response.create": "response.create",
    "response.cancel": "response.cancel",
    "conversation.item.truncate": "truncate",
    "response.function_call_arguments.done": "call",
    "input_audio_buffer.timeout_triggered": "idle timeout",
    "error": "error",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A reply's sound on the axis of time (s): as it came, as it plays, and where it was cut."""

    reply: Reply
    arrives: tuple[float, float]
    plays: tuple[float, float]
    unheard: tuple[float, float] | None


def show_timeline(wire: Iterable[WireEvent]) -> Picture:
    """Your voice and its turns, the replies as they arrived and as they sound, the words, and other events as ticks.

    The axis counts seconds since the connection opened. How long a reply sounds is reckoned from its first slice (and
    the reply before it), or from what a truncate said: the wire does not hear the loudspeaker. Where the sound was sent
    faster than life, as in a rehearsal, replies are drawn as fast.
    """
    wire = list(wire)
    turns, replies, clock = find_turns(wire), find_replies(wire), SoundClock(wire)
    bars = find_bars(replies, clock.pace)
    ends = [e.at for e in wire] + [max(b.plays[1], (b.unheard or b.plays)[1]) for b in bars]
    end = max(ends, default=0) * 1.01 or 1.0
    figure = new_figure(_WIDTH, _HEIGHT)
    ax = figure.add_axes((_LEFT, 0.115, _RIGHT - _LEFT, 0.87))
    quiet_axes(ax)
    ax.set(xlim=(0, end), ylim=(_TICKS[0] - 0.06, _TOP))
    ax.set_xlabel("seconds since the connection opened" + _pace(clock.pace), color=INK, fontsize=9)
    for y, name, colour in ((_YOU, "you", YOU), (_BAR, "service", SERVICE), (0.1, "events", INK)):
        ax.text(-0.012, y, name, color=colour, fontsize=10, weight="bold", ha="right", va="center",
                transform=ax.get_yaxis_transform())  # fmt: skip
    _draw_you(ax, sent_audio(wire), turns, clock, end)
    for n, bar in enumerate(bars):
        until = bars[n + 1].arrives[0] if n + 1 < len(bars) else end
        _draw_bar(ax, bar, until - bar.arrives[0], end)
    _draw_ticks(ax, wire, replies, end)
    return Picture(figure, _alt(end, turns, replies), _rows(turns, replies))


def find_bars(replies: Iterable[Reply], pace: float = 1.0) -> list[Bar]:
    """Where the sound of every reply that has some goes, at `pace` times the speed of life."""
    bars: list[Bar] = []
    free = 0.0  # the loudspeaker plays one reply after another
    for reply in replies:
        if reply.first_at is None or reply.last_at is None:
            continue
        length = reply.audio_ms / 1000 / pace
        start = max(reply.first_at, free)
        stop, unheard = start + length, None
        if reply.cut_at is not None:
            start, stop = min(start, reply.cut_at), reply.cut_at
            rest = length - (reply.heard_ms or 0) / 1000 / pace
            unheard = (stop, stop + rest) if rest > 0 else None
        free = stop
        bars.append(Bar(reply, (reply.first_at, reply.last_at), (start, stop), unheard))
    return bars


def _draw_you(ax: Axes, samples: np.ndarray, turns: list[Turn], clock: SoundClock, end: float) -> None:
    at, low, high = levels(samples, _COLUMNS)
    if len(at):
        scale = _YOU_HALF / max(float(np.abs(samples).max()), _LOUD_ENOUGH)
        ax.fill_between(clock(at), _YOU + low * scale, _YOU + high * scale, color=YOU, linewidth=0.5, zorder=3)
    else:
        ax.text(end / 2, _YOU, "no audio was sent", color=INK, fontsize=9, ha="center", va="center")
    spans = [(float(clock(t.start)), end if t.stop is None else float(clock(t.stop))) for t in turns]
    for n, (turn, (start, stop)) in enumerate(zip(turns, spans, strict=True)):
        ax.fill_between([start, stop], _YOU - _YOU_HALF, _YOU + _YOU_HALF, color=TURN, alpha=0.2, linewidth=0, zorder=1)
        ax.vlines(start, _YOU - _YOU_HALF, _YOU + _YOU_HALF, color=TURN, linewidth=1.3, zorder=4)
        if turn.stop is not None:
            ax.vlines(stop, _YOU - _YOU_HALF, _YOU + _YOU_HALF, color=TURN, linewidth=1.3, zorder=4)
        until = spans[n + 1][0] if n + 1 < len(spans) else end
        _write(ax, turn.words, start, _YOUR_WORDS, until - start, end, YOU, lines=1)


def _draw_bar(ax: Axes, bar: Bar, room: float, end: float) -> None:
    low, high = _BAR - _BAR_HALF, _BAR + _BAR_HALF
    ax.fill_between(bar.plays, low, high, color=SERVICE, alpha=0.3, linewidth=0, zorder=2)
    ax.fill_between(bar.arrives, low, low + _BAR_HALF * 0.7, color=SERVICE, linewidth=1, zorder=3)
    if bar.unheard:
        ax.fill_between(bar.unheard, low, high, facecolor="none", edgecolor=SERVICE, alpha=0.8, linewidth=0.9,
                        linestyle=(0, (3, 2)), zorder=2)  # fmt: skip
    if bar.reply.interrupted:
        cut = bar.reply.cut_at if bar.reply.cut_at is not None else bar.reply.done_at
        ax.vlines(cut, low - 0.06, high + 0.06, color=STOP, linewidth=2.2, zorder=5)
        ax.text(cut, high + 0.1, " interrupted", color=STOP, fontsize=9, va="bottom", ha="left", zorder=5)
    if bar.reply.wait_ms is not None:
        asked, first = bar.reply.asked_at, bar.reply.first_at
        ax.vlines([asked], _WAIT - 0.1, _YOU - _YOU_HALF, color=INK, linewidth=0.8, linestyle=(0, (2, 2)))
        ax.vlines([first], high, _WAIT + 0.1, color=INK, linewidth=0.8, linestyle=(0, (2, 2)))
        ax.plot([asked, first], [_WAIT, _WAIT], color=INK, linewidth=2.2, solid_capstyle="butt")
        ax.text(first, _WAIT, f" {bar.reply.wait_ms:.0f} ms", color=INK, fontsize=9, va="center", weight="bold")
    _write(ax, bar.reply.words, bar.arrives[0], _ITS_WORDS, room, end, SERVICE, lines=3)


def _write(ax: Axes, words: str, at: float, y: float, room: float, end: float, colour: str, *, lines: int) -> None:
    """Words below `y` from `at` on, within `room` seconds, cut with an ellipsis."""
    characters = int(room / end * _WIDTH * (_RIGHT - _LEFT) * 72 / _POINTS_PER_CHARACTER) - 1
    if not words or characters < 6:
        return
    wrapped = textwrap.wrap(" ".join(words.split()), characters, max_lines=lines, placeholder=" …")
    ax.text(at, y, "\n".join(wrapped), color=colour, fontsize=9, va="top", ha="left", linespacing=1.15, clip_on=True)


def _draw_ticks(ax: Axes, wire: list[WireEvent], replies: list[Reply], end: float) -> None:
    full = [-np.inf] * len(_TICK_LABELS)  # up to where each row of labels is taken
    for e in wire:
        kind = e.event.get("type", "")
        if kind in _NO_TICK or e.direction == "local":
            continue
        label = _LABELS.get(kind, "")
        colour = STOP if kind in ("error", "conversation.item.truncate") else YOU if e.direction == "sent" else SERVICE
        ax.vlines(e.at, *_TICKS, color=colour, linewidth=1.4 if label else 0.8, alpha=1 if label else 0.7)
        width = len(label) * _POINTS_PER_CHARACTER / 72 / (_WIDTH * (_RIGHT - _LEFT)) * end
        row = next((n for n in range(len(full) - 1, -1, -1) if full[n] < e.at), None)
        if label and row is not None:
            ax.text(e.at, _TICK_LABELS[row], label, color=colour, fontsize=8.5, va="center", ha="left")
            full[row] = e.at + width


def _pace(pace: float) -> str:
    return "" if pace < _PACE_WORTH_SAYING else f" (sound sent {pace:.0f} times faster than life)"


def _alt(end: float, turns: list[Turn], replies: list[Reply]) -> str:
    waits = [f"{r.wait_ms:.0f} ms" for r in replies if r.wait_ms is not None]
    cut = sum(r.interrupted for r in replies)
    parts = [_count(len(turns), "turn") + " of yours", _count(len(replies), "reply", "replies")]
    if waits:
        parts.append(f"first sound {', '.join(waits)} after the turn was over")
    if cut:
        parts.append(f"{cut} interrupted")
    return f"Timeline of {end:.0f} s: {'; '.join(parts)}."


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _rows(turns: list[Turn], replies: list[Reply]) -> list[tuple[str, ...]]:
    rows: list[tuple[float, str, str]] = []
    for t in turns:
        ended = "not ended" if t.stop is None else f"{t.stop - t.start:.1f} s of sound"
        rows.append((t.started_at, "you", f"speak, {ended}" + (f": {t.words}" if t.words else "")))
    for r in replies:
        facts = [f"waited for {r.wait_ms:.0f} ms"] if r.wait_ms is not None else []
        if r.first_at is not None and r.last_at is not None:
            facts.append(f"{r.audio_ms / 1000:.1f} s of sound arriving in {r.last_at - r.first_at:.1f} s")
        facts += [f"calls {call}" for call in r.calls]
        if r.status != "completed":
            facts.append(f"{r.status} ({r.reason})" if r.reason else r.status)
        if r.heard_ms is not None:
            facts.append(f"cut off after {r.heard_ms:.0f} ms were heard")
        rows.append((r.first_at or r.created_at, "service", ", ".join(facts) + (f": {r.words}" if r.words else "")))
    if not rows:
        return []
    return [("at", "who", "what"), *((f"{at:.2f} s", who, what) for at, who, what in sorted(rows))]
