"""What happened on a wire: spans of speech, replies, interruptions. The figures behind the timeline picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .event_table import audio_ms
from .wire import WireEvent


@dataclass(slots=True)
class Speech:
    """The service heard a voice: seconds of the wire's clock. `text`: its transcript, where there is one."""

    start: float
    stop: float | None = None
    item_id: str = ""
    text: str = ""


@dataclass(slots=True)
class Reply:
    """A response: seconds of the wire's clock. `asked_at`: when the turn was over, or you asked for it."""

    asked_at: float | None
    created: float
    id: str = ""
    item_ids: list[str] = field(default_factory=list)
    first_audio: float | None = None
    last_audio: float | None = None
    audio_s: float = 0.0
    done: float | None = None
    status: str = "in_progress"
    text: str = ""
    calls: list[str] = field(default_factory=list)
    cut_at: float | None = None  # when you sent conversation.item.truncate
    heard_s: float | None = None  # how much that said you had heard

    @property
    def wait_s(self) -> float | None:
        """Time to first audio."""
        return None if None in (self.asked_at, self.first_audio) else self.first_audio - self.asked_at


@dataclass(slots=True)
class Shape:
    """All of it, in order. `speed`: how many times faster than life the audio was sent (a rehearsal may hurry)."""

    start: float = 0.0
    end: float = 0.0
    speed: float = 1.0
    speeches: list[Speech] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    errors: list[tuple[float, str]] = field(default_factory=list)


def shape_of(wire: Iterable[WireEvent]) -> Shape:
    """Read a wire once, from the start to the end."""
    events = list(wire)
    shape = Shape()
    if not events:
        return shape
    shape.start, shape.end = events[0].at, events[-1].at
    reader = _Reader(shape)
    for e in events:
        reader.read(e)
    shape.speed = _speed([e for e in events if e.event.get("type") == "input_audio_buffer.append"])
    return shape


class _Reader:
    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._asked: float | None = None
        self._replies: dict[str, Reply] = {}
        self._speeches: dict[str, Speech] = {}

    def read(self, e: WireEvent) -> None:
        event, at = e.event, e.at
        match e.type:
            case "input_audio_buffer.speech_started":
                speech = Speech(at, item_id=event.get("item_id", ""))
                self._shape.speeches.append(speech)
                self._speeches[speech.item_id] = speech
            case "input_audio_buffer.speech_stopped":
                self._asked = at
                if self._shape.speeches:
                    self._shape.speeches[-1].stop = at
            case "conversation.item.input_audio_transcription.completed":
                if speech := self._speeches.get(event.get("item_id", "")):
                    speech.text = event.get("transcript", "")
            case "response.create" if e.direction == "sent":
                self._asked = at
            case "conversation.item.truncate" if e.direction == "sent":
                for reply in self._shape.replies:
                    if event.get("item_id") in reply.item_ids:
                        reply.cut_at, reply.heard_s = at, event.get("audio_end_ms", 0) / 1000
            case "error":
                self._shape.errors.append((at, event.get("error", {}).get("message", "")))
            case kind if kind.startswith("response."):
                self._response(kind, at, event)

    def _response(self, kind: str, at: float, event: dict) -> None:
        if kind == "response.created":
            response_id = event.get("response", {}).get("id", "")
            reply = self._replies[response_id] = Reply(self._asked, at, response_id)
            self._shape.replies.append(reply)
            self._asked = None
            return
        reply = self._replies.get(event.get("response_id") or event.get("response", {}).get("id", ""))
        if reply is None:
            return
        match kind:
            case "response.output_item.added":
                reply.item_ids.append(event.get("item", {}).get("id", ""))
            case "response.output_audio.delta":
                reply.first_audio = at if reply.first_audio is None else reply.first_audio
                reply.last_audio = at
                reply.audio_s += audio_ms(event) / 1000
            case "response.output_audio_transcript.done":
                reply.text = " ".join(filter(None, (reply.text, event.get("transcript", ""))))
            case "response.output_text.done":
                reply.text = " ".join(filter(None, (reply.text, event.get("text", ""))))
            case "response.function_call_arguments.done":
                reply.calls.append(event.get("name", "") or "function")
            case "response.done":
                reply.done, reply.status = at, event.get("response", {}).get("status", "completed")


def _speed(appends: list[WireEvent]) -> float:
    """Of the audio sent, against the wall. A microphone is 1; what is not streamed at all counts as 1 too."""
    if len(appends) < 25 or (wall := appends[-1].at - appends[0].at) <= 0:
        return 1.0
    speed = sum(audio_ms(e.event) for e in appends[1:]) / 1000 / wall
    return speed if 1.15 < speed < 100 else 1.0
