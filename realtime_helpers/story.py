"""What happened on a wire: the turns, the replies, and how long each was waited for."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .audio import SAMPLE_RATE_HZ, pcm16_to_float
from .wire import WireEvent

_BYTES_PER_MS = 48  # PCM16, 24 kHz, mono
_TRANSCRIBED = "conversation.item.input_audio_transcription."
_AUDIO_FIELD = {"input_audio_buffer.append": "audio", "response.output_audio.delta": "delta"}


@dataclass(slots=True)
class Turn:
    """What the service took for one turn of the user.

    `start`, `stop`: seconds of audio since the session began, as `audio_start_ms` and `audio_end_ms` count; `stop` is
    None for a turn that was never seen to end. `started_at`, `stopped_at`: when the two events came, in seconds since
    the connection opened.
    """

    start: float
    stop: float | None = None
    started_at: float = 0.0
    stopped_at: float | None = None
    item_id: str | None = None
    words: str = ""
    words_at: float | None = None  # when its transcript was complete, or had failed
    failed: bool = False  # to be transcribed


@dataclass(slots=True)
class Message:
    """What the user said outside of any detected turn: typed, or spoken and committed by hand."""

    at: float
    words: str = ""
    item_id: str | None = None
    words_at: float | None = None  # of a spoken one: when its transcript was complete
    failed: bool = False


@dataclass(slots=True)
class Reply:
    """One response. Times: seconds since the connection opened; None if it never came to that."""

    id: str
    created_at: float
    asked_at: float | None = None  # the end of the turn, or the response.create, that it answers; tools do not count
    first_at: float | None = None  # its first and last slice of audio
    last_at: float | None = None
    done_at: float | None = None
    status: str = "in_progress"
    reason: str = ""
    words: str = ""
    words_from: float | None = None  # the first and the last of them
    words_at: float | None = None
    calls: list[str] = field(default_factory=list)
    items: dict[str, float] = field(default_factory=dict)  # item_id: ms of audio
    cut_at: float | None = None  # when the client truncated it
    heard_ms: float | None = None  # what it then said had been heard

    @property
    def audio_ms(self) -> float:
        """The sound it holds, however fast it came."""
        return sum(self.items.values())

    @property
    def answers_at(self) -> float | None:
        """Its first slice of sound, or its first words if it has none."""
        return self.words_from if self.first_at is None else self.first_at

    @property
    def wait_ms(self) -> float | None:
        """From the end of the turn to there."""
        return None if self.asked_at is None or self.answers_at is None else 1000 * (self.answers_at - self.asked_at)

    @property
    def interrupted(self) -> bool:
        return self.cut_at is not None or self.reason == "turn_detected"


def find_turns(wire: Iterable[WireEvent]) -> list[Turn]:
    """The turns that turn detection found, in order."""
    turns: list[Turn] = []
    for e in wire:
        match e.event.get("type"):
            case "input_audio_buffer.speech_started":
                start = e.event["audio_start_ms"] / 1000
                turns.append(Turn(start, started_at=e.at, item_id=e.event.get("item_id")))
            case "input_audio_buffer.speech_stopped" if turns:
                turns[-1].stop, turns[-1].stopped_at = e.event["audio_end_ms"] / 1000, e.at
        _transcribed(e, turns)
    return turns


def find_messages(wire: Iterable[WireEvent]) -> list[Message]:
    """What the user wrote, and what was committed by hand, in order."""
    messages: list[Message] = []
    detected: set[str | None] = set()
    for e in wire:
        match e.event.get("type"):
            case "conversation.item.create" if e.event.get("item", {}).get("role") == "user":
                parts = e.event["item"].get("content") or []
                words = " ".join(part.get("text") or "" for part in parts).strip()
                messages.append(Message(e.at, words or "(sound)"))
            case "input_audio_buffer.speech_started":
                detected.add(e.event.get("item_id"))
            case "input_audio_buffer.committed" if e.event.get("item_id") not in detected:
                messages.append(Message(e.at, item_id=e.event.get("item_id")))
        _transcribed(e, messages)
    return messages


def _transcribed(e: WireEvent, said: Iterable[Turn | Message]) -> None:
    kind = e.event.get("type", "")
    if kind.startswith(_TRANSCRIBED) and (item := e.event.get("item_id")):
        for one in said:
            if one.item_id == item:
                if kind.endswith(".delta"):
                    one.words += e.event.get("delta") or ""
                else:
                    one.words_at, one.failed = e.at, kind.endswith(".failed")
                    one.words = (e.event.get("transcript") or one.words).strip()


def find_replies(wire: Iterable[WireEvent]) -> list[Reply]:
    """The responses, in order of their creation."""
    replies: dict[str, Reply] = {}
    asked_at: float | None = None
    tools_for: float | None = None  # when somebody asked for what a silent function call has yet to bring
    for e in wire:
        kind, reply = e.event.get("type", ""), replies.get(e.event.get("response_id", ""))
        match kind:
            case "input_audio_buffer.speech_stopped":
                asked_at, tools_for = e.at, None
            case "response.create":
                asked_at = e.at
            case "response.created":
                created = e.event["response"]["id"]
                replies[created] = Reply(created, e.at, asked_at if tools_for is None else tools_for)
                asked_at = tools_for = None
            case "response.output_audio.delta" if reply:
                reply.first_at = e.at if reply.first_at is None else reply.first_at
                reply.last_at = e.at
                item = e.event["item_id"]
                reply.items[item] = reply.items.get(item, 0.0) + audio_ms(e.event)
            case "response.output_audio_transcript.delta" | "response.output_text.delta" if reply:
                reply.words += e.event["delta"]
                reply.words_from = e.at if reply.words_from is None else reply.words_from
            case "response.output_audio_transcript.done" | "response.output_text.done" if reply:
                reply.words_at = e.at
            case "response.function_call_arguments.done" if reply:
                reply.calls.append(f"{e.event.get('name') or 'function'}({e.event.get('arguments', '')})")
            case "response.done" if done := replies.get(e.event["response"]["id"]):
                done.done_at, done.status = e.at, e.event["response"]["status"]
                details = e.event["response"].get("status_details") or {}
                done.reason = details.get("reason") or (details.get("error") or {}).get("message") or ""
                if done.calls and done.answers_at is None and done.status == "completed":
                    tools_for = done.asked_at
            case "conversation.item.truncate":
                _cut(replies.values(), e)
    return list(replies.values())


def _cut(replies: Iterable[Reply], e: WireEvent) -> None:
    item = e.event["item_id"]
    for reply in replies:
        if item in reply.items:
            before = list(reply.items).index(item)
            reply.cut_at = e.at
            reply.heard_ms = sum(list(reply.items.values())[:before]) + e.event["audio_end_ms"]


def turn_detection(wire: Iterable[WireEvent]) -> dict[str, Any] | None:
    """The turn detection last in force, as the service told it; None if it is off."""
    found = None
    for e in wire:
        if e.event.get("type") in ("session.created", "session.updated"):
            found = ((e.event["session"].get("audio") or {}).get("input") or {}).get("turn_detection")
    return found


def sent_audio(wire: Iterable[WireEvent]) -> np.ndarray:
    """All audio that was appended, as float32 samples at 24 kHz."""
    pieces = [b64decode(e.event["audio"]) for e in wire if e.event.get("type") == "input_audio_buffer.append"]
    return pcm16_to_float(b"".join(pieces))


def audio_ms(event: dict[str, Any]) -> float:
    """How long the audio in an event lasts, without decoding it; 0 for an event that carries none."""
    base64 = event.get(_AUDIO_FIELD.get(event.get("type", ""), ""), "") or ""
    return (len(base64) // 4 * 3 - base64[-2:].count("=")) / _BYTES_PER_MS


class SoundClock:
    """When was which moment of the sound sent? Sound time (s) to time since the connection opened (s).

    An append at life's pace carries the sound that ended just then; one of many sent in a hurry, what fits behind the
    append before it.
    """

    def __init__(self, wire: Iterable[WireEvent]) -> None:
        at, sound = [0.0], [0.0]
        for e in wire:
            if e.event.get("type") == "input_audio_buffer.append":
                seconds = audio_ms(e.event) / 1000
                began = max(e.at - seconds, at[-1])
                at += [began, max(e.at, began)]
                sound += [sound[-1], sound[-1] + seconds]
        self._at, self._sound = np.array(at), np.array(sound)

    def __call__(self, seconds: float | np.ndarray) -> Any:
        return np.interp(seconds, self._sound, self._at)

    @property
    def pace(self) -> float:
        """How many times faster than life the sound was sent; 1 if there was none to tell by."""
        took = self._at[-1] - (self._at[1] if len(self._at) > 1 else 0)
        return float(self._sound[-1] / took) if took > 1 and self._sound[-1] else 1.0


def levels(samples: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seconds of sound, lowest and highest sample of every column."""
    if len(samples) == 0:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    starts = np.linspace(0, len(samples), min(columns, len(samples)), endpoint=False).astype(int)
    return starts / SAMPLE_RATE_HZ, np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)
