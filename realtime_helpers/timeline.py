"""A conversation as a picture: what you sent and what came back, on one axis of time."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .picture import INK, SERVICE, STOP, TURN, YOU, Picture, legend_above, new_figure, quiet_axes
from .story import Reply, SoundClock, Turn, find_replies, find_turns, levels, sent_audio
from .wire import WireEvent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 10.0, 4.2  # inches
_LEFT, _RIGHT = 0.085, 0.985  # of the width
_COLUMNS = 1200
_POINTS_PER_CHARACTER = 4.7  # of 9 point text, on average
_NARROW = 8  # characters; words in a column narrower than this do not read
_LOUD_ENOUGH = 0.25  # as in the picture of the turns: a whisper stays small
_LABEL_INCHES = 0.7  # in a long conversation the marks stay, and the table has the figures
_PACE_WORTH_SAYING = 1.3

# Heights of the lanes, from the top.
_TOP = 4.0
_YOUR_WORDS = 3.56
_YOU, _YOU_HALF = 3.0, 0.5
_WAIT = 2.24
_BAR, _BAR_HALF = 1.58, 0.22
_ITS_WORDS = 1.28
_TICK_LABELS = (0.48, 0.27)  # rows
_TICKS = (0.0, 0.16)

# Too many to draw one by one, or drawn as something else.
_NO_TICK = ("input_audio_buffer.append", "response.output_audio.delta", "response.output_audio_transcript.delta")
_WHO = {"sent": "you", "received": "service"}
_NAMED = {
    "session.updated": "session.updated",
    "input_audio_buffer.commit": "buffer.commit",
    "input_audio_buffer.clear": "buffer.clear",
    "input_audio_buffer.timeout_triggered": "timeout_triggered",
    "conversation.item.truncate": "item.truncate",
    "conversation.item.truncated": "item.truncated",
    "response.create": "response.create",
    "response.cancel": "response.cancel",
    "response.function_call_arguments.done": "function call",
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
    start = max(min((e.at for e in wire), default=0) - 0.1, 0)  # a service that had to start first is not the story
    end = max(
        [start + 1, *(e.at for e in wire), *(b.plays[1] for b in bars), *(b.unheard[1] for b in bars if b.unheard)]
    )
    if replies:  # room for the words of the last one
        end = max(end, replies[-1].created_at + min(0.25 * (replies[-1].created_at - start), 6))
    figure = new_figure(_WIDTH, _HEIGHT)
    ax = figure.add_axes((_LEFT, 0.11, _RIGHT - _LEFT, 0.82))
    quiet_axes(ax)
    ax.set(xlim=(start, end + 0.01 * (end - start)), ylim=(_TICKS[0] - 0.06, _TOP))
    ax.set_xlabel("seconds since the connection opened" + _pace(clock.pace), color=INK, fontsize=9)
    for y, name, colour in ((_YOU, "you", YOU), (_BAR, "service", SERVICE), (0.08, "events", INK)):
        ax.text(-0.012, y, name, color=colour, fontsize=10, weight="bold", ha="right", va="center",
                transform=ax.get_yaxis_transform())  # fmt: skip
    _draw_you(ax, sent_audio(wire), turns, clock)
    _draw_replies(ax, replies, bars)
    _draw_ticks(ax, wire)
    _legend(figure, turns, bars)
    return Picture(figure, _alt(end - start, turns, replies), _rows(wire, turns, replies))


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


def _draw_you(ax: Axes, samples: np.ndarray, turns: list[Turn], clock: SoundClock) -> None:
    start, end = ax.get_xlim()
    at, low, high = levels(samples, _COLUMNS)
    if len(at):
        scale = _YOU_HALF / max(float(np.abs(samples).max()), _LOUD_ENOUGH)
        ax.fill_between(clock(at), _YOU + low * scale, _YOU + high * scale, color=YOU, linewidth=0.5, zorder=3)
    else:
        ax.text((start + end) / 2, _YOU, "no audio was sent", color=INK, fontsize=9, ha="center", va="center")
    starts = [float(clock(turn.start)) for turn in turns]
    low, high = _YOU - _YOU_HALF, _YOU + _YOU_HALF
    for turn, begun, following in zip(turns, starts, [*starts[1:], end], strict=False):
        stop = following if turn.stop is None else float(clock(turn.stop))
        ax.fill_between([begun, stop], low, high, color=TURN, alpha=0.2, linewidth=0, zorder=1)
        ax.vlines([begun] if turn.stop is None else [begun, stop], low, high, color=TURN, linewidth=1.3, zorder=4)
        _write(ax, turn.words, begun, following, _YOUR_WORDS, YOU, lines=2, upwards=True)


def _draw_replies(ax: Axes, replies: list[Reply], bars: list[Bar]) -> None:
    by_id = {bar.reply.id: bar for bar in bars}
    starts = [reply.created_at if reply.first_at is None else reply.first_at for reply in replies]
    for reply, start, following in zip(replies, starts, [*starts[1:], ax.get_xlim()[1]], strict=False):
        if bar := by_id.get(reply.id):
            _draw_bar(ax, bar, following)
        else:  # text, or function calls: no sound
            done = following if reply.done_at is None else reply.done_at
            ax.plot([start, done], [_BAR, _BAR], color=SERVICE, linewidth=4, solid_capstyle="butt", marker="|")
        if reply.wait_ms is not None:
            _draw_wait(ax, reply, following)
        words = " ".join(filter(None, [reply.words, *reply.calls]))
        _write(ax, words, start, following, _ITS_WORDS, SERVICE, lines=3)


def _draw_bar(ax: Axes, bar: Bar, following: float) -> None:
    low, high = _BAR - _BAR_HALF, _BAR + _BAR_HALF
    ax.fill_between(bar.plays, low, high, color=SERVICE, alpha=0.3, linewidth=0, zorder=2)
    ax.fill_between(bar.arrives, low, low + _BAR_HALF * 0.7, color=SERVICE, linewidth=1, zorder=3)
    if bar.unheard:
        edge = {"color": SERVICE, "linewidth": 1, "linestyle": (0, (3, 2)), "zorder": 2}
        start, stop = bar.unheard[0], min(bar.unheard[1], following)
        ax.hlines([low, high], start, stop, **edge)
        if bar.unheard[1] < following:
            ax.vlines(stop, low, high, **edge)
    if bar.reply.interrupted:
        cut = bar.reply.done_at if bar.reply.cut_at is None else bar.reply.cut_at
        ax.vlines(cut, low - 0.05, high + 0.05, color=STOP, linewidth=2.2, zorder=5)
        if _inches(ax, following - cut) > _LABEL_INCHES:
            ax.text(cut, high + 0.09, "interrupted", color=STOP, fontsize=9, va="bottom", ha="left", zorder=5)


def _draw_wait(ax: Axes, reply: Reply, following: float) -> None:
    dotted = {"color": INK, "linewidth": 0.8, "linestyle": (0, (2, 2))}
    ax.vlines(reply.asked_at, _WAIT - 0.08, _YOU - _YOU_HALF, **dotted)
    ax.vlines(reply.first_at, _BAR + _BAR_HALF, _WAIT + 0.08, **dotted)
    ax.plot([reply.asked_at, reply.first_at], [_WAIT, _WAIT], color=INK, linewidth=2.2, solid_capstyle="butt")
    if _inches(ax, following - reply.first_at) > _LABEL_INCHES:
        ax.text(reply.first_at, _WAIT, f" {reply.wait_ms:.0f} ms", color=INK, fontsize=9, va="center", weight="bold")


def _write(
    ax: Axes, words: str, start: float, stop: float, y: float, colour: str, *, lines: int, upwards: bool = False
) -> None:
    """Words from `start` on, wrapped to end before `stop` (s), what does not fit left out."""
    characters = int(_inches(ax, stop - start) * 72 / _POINTS_PER_CHARACTER) - 1
    if characters < _NARROW:
        return
    text = "\n".join(
        textwrap.wrap(" ".join(words.split()), characters, max_lines=lines, placeholder=" …", break_long_words=False)
    )
    ax.text(start, y, text, color=colour, fontsize=9, va="bottom" if upwards else "top", linespacing=1.15, clip_on=True)


def _inches(ax: Axes, seconds: float) -> float:
    start, end = ax.get_xlim()
    return seconds / (end - start) * _WIDTH * (_RIGHT - _LEFT)


def _draw_ticks(ax: Axes, wire: list[WireEvent]) -> None:
    ticks: dict[tuple[str, float], list[float]] = {}
    taken = [-math.inf] * len(_TICK_LABELS)  # until when, in every row
    characters_a_second = _inches(ax, 1) * 72 / _POINTS_PER_CHARACTER
    for e in wire:
        kind = e.event.get("type", "")
        if kind in _NO_TICK or e.direction == "local":
            continue
        name = _NAMED.get(kind, "")
        colour = STOP if kind == "error" else YOU if e.direction == "sent" else SERVICE
        ticks.setdefault((colour, 1.6 if name else 0.9), []).append(e.at)
        row = next((n for n in reversed(range(len(taken))) if taken[n] < e.at), None)
        if name and row is not None:
            side = "right" if _inches(ax, ax.get_xlim()[1] - e.at) < _LABEL_INCHES else "left"
            ax.text(e.at, _TICK_LABELS[row], name, color=colour, fontsize=8.5, va="center", ha=side)
            taken[row] = e.at + (len(name) + 1) / characters_a_second
    for (colour, width), at in ticks.items():
        ax.vlines(at, *_TICKS, color=colour, linewidth=width)


def _legend(figure: Figure, turns: list[Turn], bars: list[Bar]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys: list[Any] = [Patch(facecolor=TURN, alpha=0.3, label="a turn")] if turns else []
    if bars:
        keys.append(Patch(facecolor=SERVICE, label="sound arriving"))
        keys.append(Patch(facecolor=SERVICE, alpha=0.35, label="the same sound, as it plays"))
    if any(bar.unheard for bar in bars):
        keys.append(Line2D([], [], color=SERVICE, linewidth=1, linestyle=(0, (3, 2)), label="never heard"))
    if keys:
        legend_above(figure, keys)


def _pace(pace: float) -> str:
    return "" if pace < _PACE_WORTH_SAYING else f" (sound sent {pace:.0f} times faster than life)"


def _alt(end: float, turns: list[Turn], replies: list[Reply]) -> str:
    waits = [round(r.wait_ms) for r in replies if r.wait_ms is not None]
    cut = sum(r.interrupted for r in replies)
    parts = [_count(len(turns), "turn") + " of yours", _count(len(replies), "reply", "replies")]
    if waits:
        each = ", ".join(map(str, waits)) if len(waits) < 5 else f"{min(waits)} to {max(waits)}"
        parts.append(f"first sound {each} ms after the turn was over")
    if cut:
        parts.append(f"{cut} interrupted")
    return f"Timeline of {end:.0f} s: {'; '.join(parts)}."


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _rows(wire: list[WireEvent], turns: list[Turn], replies: list[Reply]) -> list[tuple[str, ...]]:
    rows = [(e.at, _WHO.get(e.direction, ""), e.event["type"]) for e in wire if e.event.get("type") in _NAMED]
    for t in turns:
        ended = "a turn that did not end" if t.stop is None else f"a turn of {t.stop - t.start:.1f} s"
        rows.append((t.started_at, "you", ended + (f": {t.words}" if t.words else "")))
    for r in replies:
        rows.append((r.created_at if r.first_at is None else r.first_at, "service", _reply_in_words(r)))
    if not rows:
        return []
    return [("at", "who", "what"), *((f"{at:.2f} s", who, what) for at, who, what in sorted(rows))]


def _reply_in_words(r: Reply) -> str:
    facts = [f"a reply, {r.status}" + (f" ({r.reason})" if r.reason else "")]
    if r.wait_ms is not None:
        facts.append(f"waited {r.wait_ms:.0f} ms for")
    if r.first_at is not None and r.last_at is not None:
        facts.append(f"{r.audio_ms / 1000:.1f} s of sound that arrived in {r.last_at - r.first_at:.1f} s")
    if r.heard_ms is not None:
        facts.append(f"{r.heard_ms / 1000:.1f} s of it heard")
    facts += [f"calls {call}" for call in r.calls]
    return ", ".join(facts) + (f": {r.words}" if r.words else "")
