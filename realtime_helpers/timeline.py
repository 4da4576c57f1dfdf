"""The recorded wire as a picture: who spoke when, who waited how long, who interrupted whom."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np

from .audio import pcm16_to_float
from .conversation_shape import Reply, Shape, Speech, shape_of
from .event_table import event_table
from .picture import INK, SERVICE, STOP, TURN, YOU, Picture, new_figure, quiet_axes
from .turn_picture import draw_turns
from .wire import WireEvent

__all__ = ["Timeline", "draw_turns", "event_table", "show_timeline"]

_WIDTH = 11.0  # inches
_LEFT = 0.085  # of the width: the lanes' names
_LETTER = 0.068  # inches, of the small print: about
_LANES = {"you": 4.25, "turns": 3.25, "service": 1.75, "wire": 0.3}


class Timeline(Picture):
    """A picture of a conversation, with the same in words. `.shape` holds the figures."""

    def __init__(self, figure: Any, shape: Shape) -> None:
        super().__init__(figure, _alt(shape), _details(shape))
        self.shape = shape


def show_timeline(wire: Iterable[WireEvent]) -> Timeline:
    """Draw a wire in lanes, against the seconds since the connection opened.

    you: the level of the audio that was sent. turns: where the service heard a voice. service: a reply from
    response.created to response.done (frame), its audio as it came (dark) and as long as it plays (light), and the time
    to first audio. wire: every other event, yours above and the service's below.
    """
    wire = list(wire)
    shape = shape_of(wire)
    figure = new_figure(_WIDTH, 3.5)
    ax = figure.add_axes((_LEFT, 0.135, 1 - _LEFT - 0.012, 0.85))
    quiet_axes(ax)
    end = max([shape.end, *(_plays_until(r, shape.speed) for r in shape.replies)])
    span = max(end - shape.start, 0.5)
    ax.set(xlim=(shape.start - span * 0.005, end + span * 0.01), ylim=(-0.35, 5.1))
    ax.set_xlabel(_axis_name(shape), color=INK, fontsize=9)
    letters = _WIDTH * (1 - _LEFT) / span / _LETTER  # that fit beside each other into one second
    for name, y in _LANES.items():
        colour = {"you": YOU, "turns": TURN, "service": SERVICE}.get(name, INK)
        ax.text(-0.012, y, name, transform=ax.get_yaxis_transform(), color=colour, ha="right", va="center", fontsize=10)
    _draw_level(ax, wire)
    _draw_speeches(ax, shape, end, letters)
    _draw_replies(ax, shape, end, letters)
    _draw_ticks(ax, wire)
    if not wire:
        ax.text(0.5, 0.5, "nothing on the wire yet", transform=ax.transAxes, color=INK, ha="center")
    return Timeline(figure, shape)


def _draw_level(ax: Any, wire: list[WireEvent]) -> None:
    sent = [e for e in wire if e.event.get("type") == "input_audio_buffer.append"]
    if not sent:
        return
    levels = np.array([_level(e.event["audio"]) for e in sent])
    at = np.array([e.at for e in sent])
    height = 0.62 * levels / max(levels.max(), 0.02)
    y = _LANES["you"]
    ax.fill_between(at, y - height, y + height, color=YOU, linewidth=0.8, zorder=3)


def _level(audio: str) -> float:
    """RMS, on a curve that lets quiet speech be seen."""
    samples = pcm16_to_float(b64decode(audio))
    return float(np.sqrt(np.mean(samples**2))) ** 0.7 if len(samples) else 0.0


def _draw_speeches(ax: Any, shape: Shape, end: float, letters: float) -> None:
    y = _LANES["turns"]
    for n, speech in enumerate(shape.speeches):
        stop = end if speech.stop is None else speech.stop
        _bar(ax, speech.start, stop, y, 0.3, facecolor=TURN, alpha=0.9, zorder=3)
        ax.axvspan(speech.start, stop, ymin=0.635, color=TURN, alpha=0.1, linewidth=0, zorder=1)
        after = shape.speeches[n + 1].start if n + 1 < len(shape.speeches) else end
        _caption(ax, speech.start, y - 0.24, speech.text, TURN, (after - speech.start) * letters)


def _draw_replies(ax: Any, shape: Shape, end: float, letters: float) -> None:
    y = _LANES["service"]
    ends = [*(r.created for r in shape.replies[1:]), end]
    for reply, next_at in zip(shape.replies, ends, strict=False):
        done = reply.done or shape.end
        _bar(ax, reply.created, done, y, 0.52, facecolor="none", edgecolor=SERVICE, linewidth=0.8, zorder=4)
        if reply.first_audio is not None and reply.last_audio is not None:
            until = _plays_until(reply, shape.speed)
            _bar(ax, reply.first_audio, until, y, 0.3, facecolor=SERVICE, alpha=0.4, linewidth=0, zorder=2)
            _bar(ax, reply.first_audio, min(reply.last_audio, until), y, 0.3, facecolor=SERVICE, linewidth=0, zorder=3)
        label = ", ".join([*filter(None, [reply.text]), *(f"{name}()" for name in reply.calls)])
        if not label and reply.status != "completed":
            label = reply.status
        _caption(ax, reply.created, y - 0.37, label, SERVICE, (next_at - reply.created) * letters)
        _draw_wait(ax, reply, y + 0.5, (next_at - reply.created) * letters)
        if reply.cut_at is not None and reply.heard_s is not None:
            early = reply.cut_at < shape.start + 0.7 * (end - shape.start)
            told = f" interrupted: {reply.heard_s:.1f} s heard of {reply.audio_s:.1f} s sent "
            ax.plot([reply.cut_at] * 2, [y - 0.3, 5.08], color=STOP, linewidth=1.3, linestyle=(0, (4, 2)), zorder=6)
            ax.text(reply.cut_at, 5.1, told, color=STOP, fontsize=9, va="top", ha="left" if early else "right")


def _draw_wait(ax: Any, reply: Reply, y: float, room: float) -> None:
    if reply.wait_s is None:
        return
    for at in (reply.asked_at, reply.first_audio):
        ax.plot([at] * 2, [y - 0.1, y + 0.1], color=INK, linewidth=1)
    ax.plot([reply.asked_at, reply.first_audio], [y] * 2, color=INK, linewidth=1)
    label = f"  {reply.wait_s * 1000:.0f} ms" + (" to first audio" if room > 30 else "")
    ax.text(reply.first_audio, y, label, color=INK, fontsize=9, va="center", clip_on=True)


def _draw_ticks(ax: Any, wire: list[WireEvent]) -> None:
    y = _LANES["wire"]
    drawn_elsewhere = {"input_audio_buffer.append", "response.output_audio.delta"}
    ax.axhline(y, color=INK, linewidth=0.6, alpha=0.6)
    others = [e for e in wire if e.event.get("type") not in drawn_elsewhere]
    for direction, low, high, colour in (("sent", 0.03, 0.33, YOU), ("received", -0.33, -0.03, SERVICE)):
        at = [e.at for e in others if e.direction == direction]
        ax.vlines(at, y + low, y + high, color=colour, linewidth=1, zorder=3)
    wrong = [e.at for e in others if e.event.get("type") == "error"]
    ax.plot(wrong, [y - 0.18] * len(wrong), "x", color=STOP, markersize=8, markeredgewidth=2, zorder=5)


def _bar(ax: Any, start: float, stop: float, y: float, height: float, **style: Any) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((start, y - height / 2), max(stop - start, 0.001), height, **style))


def _caption(ax: Any, at: float, y: float, text: str, colour: str, room: float) -> None:
    """Two lines at most, cut to the room there is: the whole text stands in the words below the picture."""
    if not text or room < 4:
        return
    wide = int(room) - 1
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > wide:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    lines = [line if len(line) <= wide else line[: wide - 1] + "…" for line in lines]
    if len(lines) > 2:
        lines = [lines[0], lines[1][: wide - 1].rstrip(" .,") + "…"]
    ax.text(at, y, "\n".join(lines), color=colour, fontsize=8.5, va="top", linespacing=1.15, clip_on=True)


def _plays_until(reply: Reply, speed: float) -> float:
    if reply.first_audio is None:
        return reply.done or reply.created
    if reply.cut_at is not None:
        return reply.cut_at
    return reply.first_audio + reply.audio_s / speed


def _axis_name(shape: Shape) -> str:
    hurry = f" (a rehearsal, {shape.speed:.1f} times faster than life)" if shape.speed > 1 else ""
    return f"seconds since the connection opened{hurry}"


def _alt(shape: Shape) -> str:
    waits = [f"{r.wait_s * 1000:.0f} ms" for r in shape.replies if r.wait_s is not None]
    cuts = sum(r.cut_at is not None for r in shape.replies)
    return (
        f"Timeline of {shape.end - shape.start:.1f} s: {_count(len(shape.speeches), 'turn')} of speech, "
        f"{_count(len(shape.replies), 'reply', 'replies')}"
        + (f", first audio after {', '.join(waits)}" if waits else "")
        + (f", {_count(cuts, 'interruption')}" if cuts else "")
        + (f", {_count(len(shape.errors), 'error')}" if shape.errors else "")
        + "."
    )


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one if n == 1 else many or one + 's'}"


def _details(shape: Shape) -> str:
    happened: list[tuple[float, str]] = [(s.start, _speech_in_words(s)) for s in shape.speeches]
    happened += [(r.created, _reply_in_words(r)) for r in shape.replies]
    happened += [(at, f"error: {message}") for at, message in shape.errors]
    return "".join(["<ul>", *(f"<li>{at:.2f} s: {escape(what)}</li>" for at, what in sorted(happened)), "</ul>"])


def _speech_in_words(speech: Speech) -> str:
    said = f", “{speech.text}”" if speech.text else ""
    return f"speech started{said}, " + ("not yet over" if speech.stop is None else f"stopped at {speech.stop:.2f} s")


def _reply_in_words(reply: Reply) -> str:
    parts = [f"reply {reply.status}"]
    if reply.text:
        parts.append(f"“{reply.text}”")
    if reply.calls:
        parts.append(f"calls {', '.join(reply.calls)}")
    if reply.wait_s is not None:
        parts.append(f"first audio after {reply.wait_s * 1000:.0f} ms, {reply.audio_s:.1f} s of audio")
    if reply.cut_at is not None:
        parts.append(f"interrupted at {reply.cut_at:.2f} s, when {reply.heard_s:.1f} s of it had been heard")
    return ", ".join(parts)
