"""When the loudspeaker sounded, how long somebody waited, who cut whom short, and what the tools took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .story import Reply, SoundClock, Turn, turn_detection
from .wire import WireEvent

Span = tuple[float, float]
_A_MOMENT_S = 0.1


@dataclass(frozen=True, slots=True)
class Played:
    """One stretch of one item out of the loudspeaker. `stop` is None while it still plays."""

    item_id: str
    start: float
    stop: float | None = None
    heard_ms: float | None = None
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """A reply's sound on the axis of time (s): as it came, as it played, where it was cut, what nobody heard.

    `noted`: the loudspeaker said so. Otherwise `plays` is reckoned from the sound's length.
    """

    reply: Reply
    arrives: Span
    plays: tuple[Span, ...]
    cut_at: float | None = None
    unheard: Span | None = None
    noted: bool = False

    @property
    def begins(self) -> float:
        """The first that was heard of it; where no loudspeaker told, when it came."""
        return self.plays[0][0] if self.noted and self.plays else self.arrives[0]


@dataclass(frozen=True, slots=True)
class Wait:
    """From the end of the voice (None if that is not known), over the end of the turn, to the first sound or words."""

    reply: Reply
    voice_ended: float | None
    asked_at: float
    answered_at: float

    @property
    def ms(self) -> float:
        """What a person waited: from the end of the voice, or else of the turn."""
        start = self.asked_at if self.voice_ended is None else self.voice_ended
        return 1000 * (self.answered_at - start)


@dataclass(frozen=True, slots=True)
class BargeIn:
    """From where the voice began to where the loudspeaker fell silent."""

    reply: Reply
    voice_began: float
    silent_at: float

    @property
    def ms(self) -> float:
        return 1000 * (self.silent_at - self.voice_began)


@dataclass(slots=True)
class ToolRun:
    """One call at work. `stop` is None while it is; `ok` is None where nobody noted how it went."""

    name: str
    start: float
    stop: float | None = None
    ok: bool | None = None


def find_playing(wire: Iterable[WireEvent]) -> list[Played]:
    """What a loudspeaker noted. Empty where there was none that could."""
    playing: list[Played] = []
    now: tuple[str, float] | None = None
    for e in wire:
        if e.direction != "local" or not e.type.startswith("speaker."):
            continue
        if now:
            heard = None if e.type == "speaker.started" else e.event["heard_ms"]
            playing.append(Played(*now, e.at, heard, e.type == "speaker.cleared"))
        now = (e.event["item_id"], e.at) if e.type == "speaker.started" else None
    return [*playing, Played(*now)] if now else playing


def find_bars(replies: Iterable[Reply], playing: Iterable[Played] = (), pace: float = 1.0) -> list[Bar]:
    """Where the sound of every reply that has some goes; what still sounds or was not noted, at `pace` times life."""
    playing = list(playing)
    bars: list[Bar] = []
    free = 0.0  # the loudspeaker plays one reply after another
    for reply in replies:
        if reply.first_at is None or reply.last_at is None:
            continue
        bar = _noted_bar(reply, playing, pace) if playing else _reckoned_bar(reply, free, pace)
        free = bar.plays[-1][1] if bar.plays else free
        bars.append(bar)
    return bars


def _noted_bar(reply: Reply, playing: list[Played], pace: float) -> Bar:
    order, lengths = list(reply.items), list(reply.items.values())
    spans, cut_at, heard_ms = [], None, 0.0
    for p in playing:
        if p.item_id in reply.items:
            place = order.index(p.item_id)
            spans.append((p.start, p.start + lengths[place] / 1000 / pace if p.stop is None else p.stop))
            cut_at = p.stop if p.cleared else None
            heard_ms = sum(lengths[:place]) + (lengths[place] if p.heard_ms is None else p.heard_ms)
    gone = cut_at is not None or not spans
    at = reply.first_at if cut_at is None else cut_at
    rest = (reply.audio_ms - heard_ms) / 1000 / pace
    unheard = (at, at + rest) if gone and rest > 0 else None
    return Bar(reply, (reply.first_at, reply.last_at), tuple(spans), cut_at, unheard, noted=True)


def _reckoned_bar(reply: Reply, free: float, pace: float) -> Bar:
    length = reply.audio_ms / 1000 / pace
    start = max(reply.first_at, free)
    stop, cut_at, unheard = start + length, reply.cut_at, None
    if cut_at is not None:
        start, stop = min(start, cut_at), cut_at
        rest = length - (reply.heard_ms or 0) / 1000 / pace
        unheard = (stop, stop + rest) if rest > 0 else None
    elif reply.interrupted:
        cut_at = reply.done_at  # and nobody told the service how much of it was heard
    return Bar(reply, (reply.first_at, reply.last_at), ((start, stop),), cut_at, unheard)


def find_waits(wire: list[WireEvent], turns: list[Turn], replies: list[Reply], bars: list[Bar]) -> list[Wait]:
    """How long every answer was waited for."""
    begins = {bar.reply.id: bar.begins for bar in bars}
    clock, windows = SoundClock(wire), _in_force(wire, "silence_duration_ms")
    ends = {t.stopped_at: t for t in turns if t.stopped_at is not None and t.stop is not None}
    waits = []
    for reply in replies:
        answered_at = begins.get(reply.id, reply.answers_at)
        if reply.asked_at is None or answered_at is None:
            continue
        turn, window = ends.get(reply.asked_at), windows(reply.asked_at)
        voice_ended = float(clock(max(turn.stop - window, turn.start))) if turn and window else None
        waits.append(Wait(reply, voice_ended, reply.asked_at, answered_at))
    return waits


def find_barge_ins(wire: list[WireEvent], turns: list[Turn], bars: list[Bar]) -> list[BargeIn]:
    """Every time a voice began while a reply sounded, and the reply fell silent."""
    clock, paddings = SoundClock(wire), _in_force(wire, "prefix_padding_ms")
    found = []
    for bar in bars:
        if bar.cut_at is None or not bar.plays or not (bar.noted or bar.reply.cut_at is not None):
            continue
        earlier = [t for t in turns if t.started_at <= bar.cut_at + _A_MOMENT_S]
        if not earlier:
            continue
        turn, before = earlier[-1], earlier[-2].stop if len(earlier) > 1 else 0.0
        # Where another turn or the beginning is in the way, the padding is shorter, and nobody says by how much.
        padding = paddings(turn.started_at) if before is None or turn.start > before else 0.0
        began = float(clock(turn.start + padding))
        if bar.plays[0][0] <= began < bar.cut_at:
            found.append(BargeIn(bar.reply, began, bar.cut_at))
    return found


def _in_force(wire: list[WireEvent], setting: str):
    """A setting of turn detection (ms) as it was at a time: in seconds, 0 where there was none."""

    def at(moment: float) -> float:
        return ((turn_detection(e for e in told if e.at <= moment) or {}).get(setting) or 0) / 1000

    told = [e for e in wire if e.type in ("session.created", "session.updated")]
    return at


def find_tools(wire: Iterable[WireEvent]) -> list[ToolRun]:
    """Every call: as it was noted, or else from the call's arrival to the output that was sent."""
    runs: dict[str, ToolRun] = {}
    for e in wire:
        call = e.event.get("call_id") or e.event.get("item", {}).get("call_id") or ""
        match e.type:
            case "response.function_call_arguments.done":
                runs.setdefault(call, ToolRun(e.event.get("name") or "function", e.at))
            case "tool.started":
                runs[call] = ToolRun(e.event["name"], e.at)
            case "tool.ended" if call in runs:
                runs[call].stop, runs[call].ok = e.at, e.event["ok"]
            case "conversation.item.create" if call in runs and runs[call].stop is None:
                runs[call].stop = e.at
    return list(runs.values())
