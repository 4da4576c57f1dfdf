"""What turn detection made of a voice: the waveform, with every turn, its padding and its silence window."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .audio import SAMPLE_RATE_HZ, pcm16_to_float
from .picture import INK, STOP, TURN, YOU, Picture, legend_above, new_figure, quiet_axes
from .story import Turn, find_turns, levels, sent_audio, turn_detection
from .wire import WireEvent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 1400  # of the waveform: about one a pixel
_LOUD_ENOUGH = 0.25  # a waveform quieter than this is not blown up to fill the picture


def draw_turns(heard: Iterable[WireEvent] | bytes | np.ndarray, *, title: str | None = None) -> Picture:
    """The audio that was sent, and the turns the service found in it; of bare audio, the waveform alone.

    `heard`: a wire, or audio (PCM16 bytes or float samples, 24 kHz, mono). The axis counts audio, not wall time, as
    `audio_start_ms` and `audio_end_ms` do; two pictures of the same audio can be laid one above the other.
    """
    if isinstance(heard, bytes | bytearray | memoryview | np.ndarray):
        samples = heard if isinstance(heard, np.ndarray) else pcm16_to_float(bytes(heard))
        return _bare(samples, title or "")
    wire = list(heard)
    return _with_turns(sent_audio(wire), find_turns(wire), turn_detection(wire), title)


def _bare(samples: np.ndarray, title: str) -> Picture:
    figure, _, _, _ = _waveform(samples, 1.7, 1.0, title, "seconds")
    alt = f"Waveform of {len(samples) / SAMPLE_RATE_HZ:.1f} s of audio, loudest at {_peak(samples):.2f} of 1."
    return Picture(figure, f"{title}. {alt}" if title else alt)


def _with_turns(samples: np.ndarray, turns: list[Turn], detection: dict[str, Any] | None, title: str | None) -> Picture:
    title = _title(turns, detection) if title is None else title
    figure, ax, seconds, top = _waveform(samples, 2.4, 1.3, title, "seconds of audio sent")
    padding = ((detection or {}).get("prefix_padding_ms") or 0) / 1000
    window = ((detection or {}).get("silence_duration_ms") or 0) / 1000
    before = 0.0
    for n, (turn, following) in enumerate(zip(turns, [*(t.start for t in turns[1:]), seconds], strict=False), 1):
        stop = following if turn.stop is None else turn.stop
        # Where another turn or the beginning is in the way, the padding is shorter, and nobody says by how much.
        _draw_turn(ax, turn, stop, padding if turn.start > before else 0, window)
        middle = (turn.start + stop) / 2
        ax.text(middle, top * 0.97, str(n), color=TURN, fontsize=10, ha="center", va="top", weight="bold", clip_on=True)
        before = stop
    if turns:
        _legend(figure, padding, window, any(turn.stop is None for turn in turns))
    alt = f"Waveform of {len(samples) / SAMPLE_RATE_HZ:.1f} s of audio. {title}."
    return Picture(figure, alt, _rows(turns))


def _waveform(
    samples: np.ndarray, height: float, headroom: float, title: str, label: str
) -> tuple[Figure, Axes, float, float]:
    figure = new_figure(10, height)
    below, above = 0.47 / height, 0.3 / height
    ax = figure.add_axes((0.015, below, 0.97, 1 - below - above))
    quiet_axes(ax)
    seconds = max(len(samples) / SAMPLE_RATE_HZ, 0.1)
    peak = max(_peak(samples), _LOUD_ENOUGH) * 1.05
    ax.set(xlim=(0, seconds), ylim=(-peak, peak * headroom))
    ax.set_xlabel(label, color=INK, fontsize=9)
    if title:
        figure.text(0.015, 1 - 0.06 / height, title, color=INK, fontsize=10, va="top")
    if len(samples):
        at, low, high = levels(samples, _COLUMNS)
        ax.fill_between(at, low, high, color=YOU, linewidth=0.5, zorder=3)
    else:
        ax.text(seconds / 2, 0, "no audio was sent", color=INK, ha="center", va="center")
    return figure, ax, seconds, peak * headroom


def _draw_turn(ax: Axes, turn: Turn, stop: float, padding: float, window: float) -> None:
    """`stop`: where to end the drawing of a turn, also of one that never stopped."""
    ax.axvspan(turn.start, stop, color=TURN, alpha=0.2, linewidth=0, zorder=1)
    if padding:
        ax.axvspan(turn.start, min(turn.start + padding, stop), color=TURN, alpha=0.3, linewidth=0, zorder=1)
    ax.axvline(turn.start, color=TURN, linewidth=1.4, zorder=4)
    if turn.stop is None:
        return
    if window:
        hatched = {"facecolor": "none", "edgecolor": STOP, "alpha": 0.55, "hatch": "////", "linewidth": 0, "zorder": 2}
        ax.axvspan(max(turn.start, stop - window), stop, **hatched)
    ax.axvline(stop, color=STOP, linewidth=1.4, zorder=4)


def _legend(figure: Figure, padding: float, window: float, dangling: bool) -> None:
    from matplotlib.patches import Patch

    keys = [Patch(facecolor=TURN, alpha=0.2, label="a turn" + (" (the last one did not end)" if dangling else ""))]
    if padding:
        keys.append(Patch(facecolor=TURN, alpha=0.48, label=f"prefix padding, {padding * 1000:.0f} ms"))
    if window:
        label = f"silence window, {window * 1000:.0f} ms"
        keys.append(Patch(facecolor="none", edgecolor=STOP, alpha=0.55, hatch="////", linewidth=0, label=label))
    legend_above(figure, keys)


def _peak(samples: np.ndarray) -> float:
    return float(np.abs(samples).max(initial=0))


def _title(turns: list[Turn], detection: dict[str, Any] | None) -> str:
    if detection is None:
        return "Turn detection is off: a turn ends when you commit it"
    return f"{len(turns)} turn{'s' * (len(turns) != 1)}"


def _rows(turns: list[Turn]) -> list[tuple[str, ...]]:
    if not turns:
        return []
    gaps = ["", *(f"{b.start - a.stop:.2f} s" if a.stop is not None else "" for a, b in pairwise(turns))]
    ends = ["did not end" if t.stop is None else f"{t.stop:.2f} s" for t in turns]
    cells = [(f"{n}", f"{t.start:.2f} s", e, g) for n, (t, e, g) in enumerate(zip(turns, ends, gaps, strict=True), 1)]
    return [("turn", "starts", "ends", "after the one before"), *cells]
