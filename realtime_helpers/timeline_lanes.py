"""The lanes of a timeline: each knows how tall it is, and how to draw itself on a strip of time.

Heights are inches; so is the vertical axis of a strip, counted from its lower edge.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .moments import Bar, ToolRun
from .picture import INK, SERVICE, STOP, TURN, YOU
from .story import Message, Turn, levels
from .timeline_strip import POINTS_PER_CHARACTER, Strip

if TYPE_CHECKING:
    from .timeline import Conversation

ARRIVED = "D"  # the mark of a transcript that arrives
_COLUMNS = 1200  # a strip
_LOUD_ENOUGH = 0.25  # as in the picture of the turns: a whisper stays small
_LATE_ENOUGH_INCHES = 0.15  # a leader shorter than this is a blot
_DOTTED = {"color": INK, "linewidth": 0.8, "linestyle": (0, (2, 2))}
_DASHED = {"color": SERVICE, "linewidth": 1, "linestyle": (0, (3, 2)), "zorder": 2}

# Too many to draw one by one, or drawn as something else.
_NO_TICK = ("input_audio_buffer.append", "response.output_audio.delta", "response.output_audio_transcript.delta")
NAMED = {
    "session.updated": "session.updated",
    "input_audio_buffer.commit": "buffer.commit",
    "input_audio_buffer.clear": "buffer.clear",
    "input_audio_buffer.timeout_triggered": "timeout_triggered",
    "conversation.item.truncate": "item.truncate",
    "conversation.item.truncated": "item.truncated",
    "conversation.item.input_audio_transcription.failed": "transcription.failed",
    "response.create": "response.create",
    "response.cancel": "response.cancel",
    "error": "error",
}


@dataclass(frozen=True, slots=True)
class Lane:
    """`draw(strip, talk, y)`: y is its lower edge."""

    height: float
    draw: Callable[[Strip, Conversation, float], None]


def lanes_of(talk: Conversation, strips: list[tuple[float, float]]) -> list[Lane]:
    """Those that have something to show, from the top."""
    rows = 1 + max(_rows_of(talk.tools), default=0)
    said = any(one.words or one.failed for one in (*talk.turns, *talk.messages))
    answered = any(reply.words or reply.calls for reply in talk.replies)
    events = any(_ticks(talk))
    every = [
        (said, 0.5, draw_your_words),
        (bool(talk.turns) or len(talk.samples) > 0, 0.94, draw_voice),
        (bool(talk.waits), 0.32, draw_waits),
        (any(_cuts(talk)), 0.2, draw_interruptions),
        (bool(talk.replies), 0.46 if talk.bars else 0.22, draw_replies),
        (answered, 0.5, draw_its_words),
        (bool(talk.tools), 0.12 + 0.21 * rows, draw_tools),
        (events, 0.6, draw_ticks),
    ]
    return [Lane(height, draw) for shown, height, draw in every if shown] or [Lane(0.6, lambda *_: None)]


def draw_your_words(strip: Strip, talk: Conversation, y: float) -> None:
    """At the turn they belong to; a mark where they arrived, led there from the turn if it was late."""
    if not len(talk.samples) and not talk.turns:
        strip.name(y + 0.22, "you", YOU)
    said = sorted((*talk.turns, *talk.messages), key=_begins)
    late = talk.late
    for one, following in zip(said, [*map(_begins, said[1:]), math.inf], strict=False):
        failed = "(the transcription failed)" if one.failed else ""
        strip.words(one.words or failed, _begins(one), following, y + 0.17, YOU, lines=2, upwards=True)
        if one.words_at is None:
            continue
        colour = STOP if one.failed else YOU
        if strip.has(one.words_at):
            strip.ax.plot(one.words_at, y + 0.07, ARRIVED, color=colour, markersize=4, zorder=5)
        spoken_until = one.stopped_at if isinstance(one, Turn) and one.stopped_at is not None else _begins(one)
        if not strip.meets(spoken_until, one.words_at + 0.001):
            continue
        if one in late and strip.inches(one.words_at - spoken_until) > _LATE_ENOUGH_INCHES:
            strip.ax.plot([spoken_until, one.words_at], [y + 0.07] * 2, color=colour, linewidth=1,
                          linestyle=(0, (1, 2)))  # fmt: skip
            later = one.words_at - spoken_until
            strip.label(one.words_at, y + 0.07, [f" {later:.1f} s late", f" {later:.1f} s"], math.inf, colour)


def draw_voice(strip: Strip, talk: Conversation, y: float) -> None:
    """The level of what was sent, and over it the turns that turn detection found."""
    middle, half = y + 0.48, 0.42
    strip.name(middle, "you", YOU)
    if len(talk.samples):
        shown = max(1, round((talk.span[1] - talk.span[0]) / (strip.stop - strip.start)))
        at, low, high = levels(talk.samples, _COLUMNS * shown)
        scale = half / max(float(np.abs(talk.samples).max()), _LOUD_ENOUGH)
        at = talk.clock(at)
        here = (at >= strip.start) & (at <= strip.stop)
        strip.ax.fill_between(
            at[here], middle + low[here] * scale, middle + high[here] * scale, color=YOU, linewidth=0.5, zorder=3
        )
    starts = [float(talk.clock(turn.start)) if len(talk.samples) else turn.started_at for turn in talk.turns]
    for turn, begun, following in zip(talk.turns, starts, [*starts[1:], talk.span[1]], strict=False):
        stop = following
        if turn.stop is not None:
            stop = float(talk.clock(turn.stop)) if len(talk.samples) else turn.stopped_at
        if strip.meets(begun, stop):
            edges = [begun] if turn.stop is None else [begun, stop]
            strip.ax.fill_between([begun, stop], middle - half, middle + half, color=TURN, alpha=0.2, linewidth=0,
                                  zorder=1)  # fmt: skip
            strip.ax.vlines(edges, middle - half, middle + half, color=TURN, linewidth=1.3, zorder=4)


def draw_waits(strip: Strip, talk: Conversation, y: float) -> None:
    """From the end of the voice, over the end of the turn, to the first that was heard of the answer."""
    middle = y + 0.16
    for wait, following in _with_next(talk.waits, [w.voice_ended or w.asked_at for w in talk.waits]):
        if not strip.meets(wait.voice_ended or wait.asked_at, wait.answered_at + 0.001):
            continue
        strip.ax.vlines(wait.asked_at, middle - 0.05, y + 0.38, **_DOTTED)
        strip.ax.vlines(wait.answered_at, y - 0.06, middle + 0.05, **_DOTTED)
        line = {"linewidth": 3, "solid_capstyle": "butt", "zorder": 4}
        strip.ax.plot([wait.asked_at, wait.answered_at], [middle, middle], color=INK, **line)
        answer = 1000 * (wait.answered_at - wait.asked_at)
        choices = [f"{answer:.0f} ms"]
        if wait.voice_ended is not None:
            strip.ax.plot([wait.voice_ended, wait.asked_at], [middle, middle], color=TURN, **line)
            choices = [f"{wait.ms:.0f} ms ({wait.ms - answer:.0f} + {answer:.0f})", f"{wait.ms:.0f} ms"]
        strip.label(wait.answered_at, middle, choices, following - wait.answered_at, INK, weight="bold")


def draw_interruptions(strip: Strip, talk: Conversation, y: float) -> None:
    """From where a voice began to where the loudspeaker fell silent."""
    middle = y + 0.1
    barge_ins = {barge_in.reply.id: barge_in for barge_in in talk.barge_ins}
    cuts = list(_cuts(talk))
    for bar, following in _with_next(cuts, [bar.cut_at for bar in cuts]):
        choices = ["interrupted"]
        if not strip.has(bar.cut_at):
            continue
        if barge_in := barge_ins.get(bar.reply.id):
            strip.ax.plot([barge_in.voice_began, barge_in.silent_at], [middle, middle], color=STOP, linewidth=3,
                          solid_capstyle="butt", zorder=5)  # fmt: skip
            ms = f"{barge_in.ms:.0f} ms"
            choices = [f"interrupted, silent in {ms}", f"silent in {ms}", ms]
        strip.label(bar.cut_at, middle, choices, following - bar.cut_at, STOP)


def draw_replies(strip: Strip, talk: Conversation, y: float) -> None:
    """The sound as it came below, as it was heard behind it; a line for what has none."""
    middle, half = (y + 0.24, 0.2) if talk.bars else (y + 0.14, 0.0)
    strip.name(middle, "service", SERVICE)
    by_id = {bar.reply.id: bar for bar in talk.bars}
    starts = [reply.created_at if reply.first_at is None else reply.first_at for reply in talk.replies]
    for reply, start, following in zip(talk.replies, starts, [*starts[1:], talk.span[1]], strict=False):
        if bar := by_id.get(reply.id):
            _draw_bar(strip, bar, following, middle, half)
        else:  # text, or function calls: no sound
            done = following if reply.done_at is None else reply.done_at
            if strip.meets(start, done):
                strip.ax.plot([start, done], [middle, middle], color=SERVICE, linewidth=4, solid_capstyle="butt",
                              marker="|")  # fmt: skip


def _draw_bar(strip: Strip, bar: Bar, following: float, middle: float, half: float) -> None:
    ax, low, high = strip.ax, middle - half, middle + half
    for span in bar.plays:
        if strip.meets(*span):
            ax.fill_between(span, low, high, color=SERVICE, alpha=0.3, linewidth=0, zorder=2)
    if strip.meets(bar.arrives[0], bar.arrives[1] + 0.001):
        ax.fill_between(bar.arrives, low, low + half * 0.7, color=SERVICE, linewidth=1, zorder=3)
    if bar.unheard and strip.meets(*bar.unheard):
        start, stop = bar.unheard[0], min(bar.unheard[1], following)
        if stop > start:
            ax.hlines([low, high], start, stop, **_DASHED)
        if bar.unheard[1] < following:
            ax.vlines(stop, low, high, **_DASHED)
    if bar.cut_at is not None and strip.has(bar.cut_at):
        ax.vlines(bar.cut_at, low - 0.05, high + 0.05, color=STOP, linewidth=2.2, zorder=5)


def draw_its_words(strip: Strip, talk: Conversation, y: float) -> None:
    starts = [reply.created_at if reply.answers_at is None else reply.answers_at for reply in talk.replies]
    for reply, start, following in zip(talk.replies, starts, [*starts[1:], math.inf], strict=False):
        calls = [] if talk.tools else reply.calls
        strip.words(" ".join(filter(None, [reply.words, *calls])), start, following, y + 0.48, SERVICE, lines=3)


def draw_tools(strip: Strip, talk: Conversation, y: float) -> None:
    """A bar for every call while it was at work, red if it failed; calls at the same time one below the other."""
    rows = _rows_of(talk.tools)
    top = y + 0.1 + 0.21 * max(rows) + 0.085
    strip.name(y + 0.06 + 0.105 * (1 + max(rows)), "tools", INK)
    for n, (tool, row) in enumerate(zip(talk.tools, rows, strict=True)):
        following = next(
            (t.start for t, r in zip(talk.tools[n + 1 :], rows[n + 1 :], strict=True) if r == row), math.inf
        )
        middle, stop = top - 0.21 * row, talk.span[1] if tool.stop is None else tool.stop
        if not strip.meets(tool.start, stop):
            continue
        colour = STOP if tool.ok is False else TURN
        strip.ax.fill_between([tool.start, stop], middle - 0.07, middle + 0.07, color=colour, linewidth=1.5, zorder=3,
                              alpha=0.35 if tool.stop is None else 1)  # fmt: skip
        names = [tool.name + (" failed" if tool.ok is False else ""), tool.name]
        strip.label(stop, middle - 0.01, names, following - stop, colour)


def draw_ticks(strip: Strip, talk: Conversation, y: float) -> None:
    """The other events, the telling ones by name."""
    strip.name(y + 0.1, "events", INK)
    label_rows = (y + 0.47, y + 0.28)
    taken = [-math.inf] * len(label_rows)  # until when, in every row
    characters_a_second = strip.inches(1) * 72 / POINTS_PER_CHARACTER
    ticks: dict[tuple[str, float], list[float]] = {}
    for at, colour, name in _ticks(talk):
        if not strip.has(at):
            continue
        ticks.setdefault((colour, 1.6 if name else 0.9), []).append(at)
        row = next((n for n in reversed(range(len(taken))) if taken[n] < at), None)
        if name and row is not None:
            side = "right" if strip.inches(strip.stop - at) < 0.08 * len(name) else "left"
            strip.ax.text(at, label_rows[row], name, color=colour, fontsize=8.5, va="center", ha=side)
            taken[row] = at + (len(name) + 1) / characters_a_second
    for (colour, width), at in ticks.items():
        strip.ax.vlines(at, y + 0.02, y + 0.18, color=colour, linewidth=width)


def _ticks(talk: Conversation):
    for e in talk.wire:
        if e.type not in _NO_TICK and e.direction != "local":
            colour = STOP if e.type == "error" else YOU if e.direction == "sent" else SERVICE
            yield e.at, colour, NAMED.get(e.type, "")


def _cuts(talk: Conversation):
    return (bar for bar in talk.bars if bar.cut_at is not None)


def _begins(said: Turn | Message) -> float:
    return said.started_at if isinstance(said, Turn) else said.at


def _with_next(things: Sequence, starts: Sequence[float]):
    """Each, and when the next begins."""
    return zip(things, [*starts[1:], math.inf], strict=True) if things else ()


def _rows_of(tools: Sequence[ToolRun]) -> list[int]:
    """The row of each, so that no two at the same time share one."""
    free: list[float] = []
    rows = []
    for tool in tools:
        row = next((n for n, until in enumerate(free) if until <= tool.start), len(free))
        free[row : row + 1] = [math.inf if tool.stop is None else tool.stop]
        rows.append(row)
    return rows
