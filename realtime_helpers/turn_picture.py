"""What turn detection made of a voice: the waveform, with every turn, its padding and its silence window."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from .audio import SAMPLE_RATE_HZ, pcm16_to_float
from .picture import INK, STOP, TURN, YOU, Picture, new_figure, quiet_axes
from .wire import WireEvent

_COLUMNS = 1400  # of the waveform: about one a pixel
_LOUD_ENOUGH = 0.25  # a waveform quieter than this is not blown up to fill the picture


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn in seconds of audio since the session began. `stop` is None while it lasts."""

    start: float
    stop: float | None


def draw_turns(heard: Iterable[WireEvent] | bytes | np.ndarray, *, title: str | None = None) -> Picture:
    """The audio that was sent, and the turns the service found in it; of bare audio, the waveform alone.

    `heard`: a wire, or audio (PCM16 bytes or float samples, 24 kHz, mono). The axis counts audio, not wall time, as
    `audio_start_ms` and `audio_end_ms` do; two pictures of the same audio can be laid one above the other.
    """
    if isinstance(heard, bytes | bytearray | memoryview | np.ndarray):
        samples = heard if isinstance(heard, np.ndarray) else pcm16_to_float(bytes(heard))
        return _draw(samples, [], None, title or "")
    wire = list(heard)
    samples, turns, detection = sent_audio(wire), find_turns(wire), turn_detection(wire)
    return _draw(samples, turns, detection, _title(turns, detection) if title is None else title)


def sent_audio(wire: Iterable[WireEvent]) -> np.ndarray:
    """All audio that was appended, as float32 samples."""
    pieces = [b64decode(e.event["audio"]) for e in wire if e.event.get("type") == "input_audio_buffer.append"]
    return pcm16_to_float(b"".join(pieces))


def find_turns(wire: Iterable[WireEvent]) -> list[Turn]:
    """Turns by the service's own figures."""
    turns: list[Turn] = []
    for e in wire:
        match e.event.get("type"):
            case "input_audio_buffer.speech_started":
                turns.append(Turn(e.event["audio_start_ms"] / 1000, None))
            case "input_audio_buffer.speech_stopped" if turns:
                turns[-1] = Turn(turns[-1].start, e.event["audio_end_ms"] / 1000)
    return turns


def turn_detection(wire: Iterable[WireEvent]) -> dict[str, Any] | None:
    """The turn detection last in force, as the service told; None if it is off."""
    found = None
    for e in wire:
        if e.direction == "received" and e.event.get("type") in ("session.created", "session.updated"):
            found = e.event["session"].get("audio", {}).get("input", {}).get("turn_detection")
    return found


def envelope(samples: np.ndarray, columns: int = _COLUMNS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds, lowest and highest sample of every column."""
    if len(samples) == 0:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    starts = np.linspace(0, len(samples), min(columns, len(samples)), endpoint=False).astype(int)
    return starts / SAMPLE_RATE_HZ, np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def _draw(samples: np.ndarray, turns: list[Turn], detection: dict | None, title: str) -> Picture:
    figure = new_figure(10, 2.3 if turns else 1.7)
    ax = figure.add_axes((0.015, 0.22, 0.97, 0.66 if title else 0.74))
    quiet_axes(ax)
    seconds = max(len(samples) / SAMPLE_RATE_HZ, *(t.stop or t.start for t in turns), 0.1) if turns else 0
    seconds = seconds or max(len(samples) / SAMPLE_RATE_HZ, 0.1)
    peak = max(float(np.abs(samples).max(initial=0)), _LOUD_ENOUGH) * 1.05
    top = peak * (1.5 if turns else 1)
    ax.set(xlim=(0, seconds), ylim=(-peak, top))
    at, low, high = envelope(samples)
    ax.fill_between(at, low, high, color=YOU, linewidth=0.4, zorder=3)
    padding = (detection or {}).get("prefix_padding_ms", 0) / 1000
    window = (detection or {}).get("silence_duration_ms", 0) / 1000
    for n, turn in enumerate(turns, 1):
        stop = seconds if turn.stop is None else turn.stop
        ax.axvspan(turn.start, stop, color=TURN, alpha=0.16, linewidth=0, zorder=1)
        ax.axvspan(turn.start, min(turn.start + padding, stop), color=TURN, alpha=0.22, linewidth=0, zorder=1)
        ax.plot([turn.start] * 2, [-peak, top], color=TURN, linewidth=1.4, zorder=4)
        if turn.stop is not None:
            quiet_from = max(turn.start, turn.stop - window)
            ax.axvspan(
                quiet_from, stop, facecolor="none", edgecolor=STOP, alpha=0.45, hatch="////", linewidth=0, zorder=2
            )
            ax.plot([turn.stop] * 2, [-peak, top], color=STOP, linewidth=1.4, zorder=4)
        ax.text(
            (turn.start + stop) / 2, top * 0.97, f"turn {n}", color=TURN, fontsize=9, ha="center", va="top", zorder=5,
            clip_on=True,
        )  # fmt: skip
    ax.set_xlabel("seconds of audio sent", color=INK, fontsize=9)
    if title:
        ax.set_title(title, color=INK, fontsize=10, loc="left")
    if turns:
        _legend(figure, padding, window)
    if not len(samples):
        ax.text(seconds / 2, 0, "no audio was sent", color=INK, ha="center", va="center")
    return Picture(figure, _alt(samples, turns, title), _details(turns))


def _legend(figure: Any, padding: float, window: float) -> None:
    from matplotlib.patches import Patch

    keys = [Patch(facecolor=TURN, alpha=0.16, label="a turn")]
    if padding:
        keys.append(Patch(facecolor=TURN, alpha=0.42, label=f"prefix padding, {padding * 1000:.0f} ms"))
    if window:
        keys.append(
            Patch(
                facecolor="none",
                edgecolor=STOP,
                hatch="////",
                linewidth=0,
                label=f"silence window, {window * 1000:.0f} ms",
            )
        )
    figure.legend(
        handles=keys, loc="upper right", ncols=3, frameon=False, fontsize=9, labelcolor=INK,
        bbox_to_anchor=(0.99, 1.01), handlelength=1.6, borderpad=0.1,
    )  # fmt: skip


def _title(turns: list[Turn], detection: dict | None) -> str:
    if detection is None:
        return "Turn detection is off: a turn ends when you commit it"
    return f"{len(turns)} turn{'s' * (len(turns) != 1)}"


def _alt(samples: np.ndarray, turns: list[Turn], title: str) -> str:
    what = f"Waveform of {len(samples) / SAMPLE_RATE_HZ:.1f} s of audio"
    if not turns:
        return f"{what}." if not title else f"{what}. {title}."
    return f"{what} with {len(turns)} turn{'s' * (len(turns) != 1)}: " + "; ".join(map(_span, turns)) + "."


def _span(turn: Turn) -> str:
    return f"{turn.start:.2f} s to " + ("the end" if turn.stop is None else f"{turn.stop:.2f} s")


def _details(turns: list[Turn]) -> str:
    if not turns:
        return ""
    gaps = [f"; {b.start - a.stop:.2f} s after the one before" for a, b in pairwise(turns) if a.stop is not None]
    return "<ol>" + "".join(f"<li>{_span(t)}{g}</li>" for t, g in zip(turns, ["", *gaps], strict=False)) + "</ol>"
