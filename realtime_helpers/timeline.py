"""A conversation as a picture: what you sent, what came back and what was heard of it, on one axis of time."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .moments import (
    Bar,
    BargeIn,
    ToolRun,
    Wait,
    find_barge_ins,
    find_bars,
    find_playing,
    find_tools,
    find_waits,
)
from .picture import INK, SERVICE, STOP, TURN, YOU, Picture, legend_above, new_figure, quiet_axes
from .story import Message, Reply, SoundClock, Turn, find_messages, find_replies, find_turns, sent_audio
from .timeline_lanes import ARRIVED, lanes_of
from .timeline_strip import Strip
from .timeline_words import sentence, table
from .wire import WireEvent

_WIDTH = 10.0  # inches
_LEFT, _RIGHT = 0.085, 0.985  # of the width
_ABOVE, _BELOW, _BETWEEN = 0.34, 0.46, 0.3  # inches: the legend, the axis with its words, an axis without
_ONE_STRIP_S = 75
_STRIP_S = 60
_MOST_STRIPS = 6
_PACE_WORTH_SAYING = 1.3


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that is drawn. Times in seconds since the connection opened; `samples`, all the sound that was sent."""

    wire: list[WireEvent]
    samples: np.ndarray
    clock: SoundClock
    turns: list[Turn]
    messages: list[Message]
    replies: list[Reply]
    bars: list[Bar]
    waits: list[Wait]
    barge_ins: list[BargeIn]
    tools: list[ToolRun]

    @property
    def late(self) -> list[Turn | Message]:
        """Said before an answer, and transcribed after it: printed as they come, these lines stand the wrong way."""
        spoken = [(said, _ended(said)) for said in (*self.turns, *self.messages) if said.words_at is not None]
        return [
            said
            for said, ended in spoken
            if any(r.words_at and ended <= r.created_at + 0.001 and r.words_at < said.words_at for r in self.replies)
        ]

    @property
    def span(self) -> tuple[float, float]:
        """From the first event to the end of the last sound."""
        at = [e.at for e in self.wire] or [0.0]
        at += [stop for bar in self.bars for _, stop in (*bar.plays, *filter(None, [bar.unheard]))]
        start = max(min(at) - 0.1, 0)  # a service that had to start first is not the story
        end = max([*at, start + 1])
        if self.replies:  # room for the words of the last one
            created = self.replies[-1].created_at
            end = max(end, created + min(0.25 * (created - start), 6))
        return start, end + 0.01 * (end - start)


def show_timeline(wire: Iterable[WireEvent]) -> Picture:
    """A conversation on one axis of time, a lane for each: your words, your voice and its turns, the waits and the
    interruptions, the replies as they arrived and as they were heard, their words, the tools, and other events.

    The axis counts seconds since the connection opened. A lane with nothing in it takes no space; what is long is drawn
    in several strips. What was heard is what `Speaker` noted; without one, how long a reply would sound is reckoned
    from its length. Where sound was sent faster than life, as in a rehearsal, replies are drawn as fast. Below the
    picture it all stands in words.
    """
    talk = read_conversation(wire)
    strips = find_strips(talk)
    lanes = lanes_of(talk, strips)
    tall = sum(lane.height for lane in lanes)
    height = _ABOVE + len(strips) * tall + (len(strips) - 1) * _BETWEEN + _BELOW
    figure = new_figure(_WIDTH, height)
    top = height - _ABOVE
    longest = max(stop - start for start, stop in strips)
    for n, (start, stop) in enumerate(strips):
        wide = (_RIGHT - _LEFT) * (stop - start) / longest  # one scale for all
        ax = figure.add_axes((_LEFT, (top - tall) / height, wide, tall / height))
        quiet_axes(ax)
        ax.set(xlim=(start, stop), ylim=(0, tall))
        strip = Strip(ax, start, stop, _WIDTH * wide, last=n == len(strips) - 1)
        y = tall
        for lane in lanes:
            y -= lane.height
            lane.draw(strip, talk, y)
        top -= tall + _BETWEEN
    label = "seconds since the connection opened" + _pace(talk.clock.pace)
    figure.axes[-1].set_xlabel(label, color=INK, fontsize=9)
    if not talk.wire:
        figure.axes[0].text(0.5, 0.5, "nothing was recorded", color=INK, fontsize=9, ha="center", va="center",
                            transform=figure.axes[0].transAxes)  # fmt: skip
    if keys := _legend(talk):
        legend_above(figure, keys)
    return Picture(figure, sentence(talk), table(talk))


def read_conversation(wire: Iterable[WireEvent]) -> Conversation:
    """Everything that can be drawn of a wire."""
    wire = list(wire)
    turns, replies, clock = find_turns(wire), find_replies(wire), SoundClock(wire)
    bars = find_bars(replies, find_playing(wire), clock.pace)
    waits, barge_ins = find_waits(wire, turns, replies, bars), find_barge_ins(wire, turns, bars)
    messages, tools = find_messages(wire), find_tools(wire)
    return Conversation(wire, sent_audio(wire), clock, turns, messages, replies, bars, waits, barge_ins, tools)


def find_strips(talk: Conversation) -> list[tuple[float, float]]:
    """One strip, or several of about the same length for a long conversation, each beginning where somebody begins."""
    start, end = talk.span
    if end - start <= _ONE_STRIP_S:
        return [(start, end)]
    target = (end - start) / min(_MOST_STRIPS, math.ceil((end - start) / _STRIP_S))
    busy = [span for bar in talk.bars for span in bar.plays]
    busy += [(t.started_at, t.stopped_at or t.started_at) for t in talk.turns]
    busy += [(w.asked_at - 0.3, w.answered_at) for w in talk.waits]
    begins = [t.started_at for t in talk.turns] + [m.at for m in talk.messages] + [w.asked_at for w in talk.waits]
    calm = [at - 0.3 for at in begins if not any(a < at - 0.3 < b for a, b in busy)]
    edges = [start]
    while end - edges[-1] > 1.2 * target:
        here = [at for at in calm if 0.75 * target < at - edges[-1] <= 1.15 * target]
        edges.append(min(here, key=lambda at: abs(at - edges[-1] - target), default=edges[-1] + target))
    return list(zip(edges, [*edges[1:], end], strict=True))


def _ended(said: Turn | Message) -> float:
    if isinstance(said, Message):
        return said.at
    return said.started_at if said.stopped_at is None else said.stopped_at


def _pace(pace: float) -> str:
    return "" if pace < _PACE_WORTH_SAYING else f" (sound sent {pace:.0f} times faster than life)"


def _legend(talk: Conversation) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    keys: list[Any] = [Patch(facecolor=TURN, alpha=0.3, label="a turn")] if talk.turns else []
    if any(wait.voice_ended is not None for wait in talk.waits):
        keys.append(Line2D([], [], color=TURN, linewidth=3, label="silence it waits for"))
    if talk.waits:
        keys.append(Line2D([], [], color=INK, linewidth=3, label="you wait"))
    if talk.barge_ins:
        keys.append(Line2D([], [], color=STOP, linewidth=3, label="you cut in"))
    if talk.bars:
        keys.append(Patch(facecolor=SERVICE, label="sound arrives"))
    if any(bar.plays for bar in talk.bars):
        noted = any(bar.noted for bar in talk.bars)
        keys.append(Patch(facecolor=SERVICE, alpha=0.35, label="is heard" if noted else "as long as it would sound"))
    if any(bar.unheard for bar in talk.bars):
        keys.append(Line2D([], [], color=SERVICE, linewidth=1, linestyle=(0, (3, 2)), label="never heard"))
    if any(said.words_at is not None for said in (*talk.turns, *talk.messages)):
        keys.append(Line2D([], [], color=YOU, marker=ARRIVED, markersize=5, linewidth=0, label="transcript arrives"))
    return keys
