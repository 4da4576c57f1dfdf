"""Wires to draw: the events of protocol.md in their order and shapes, with just the fields that a picture reads."""

from base64 import b64encode
from typing import Any

import numpy as np

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16
from realtime_helpers.wire import Wire, WireEvent

APPEND_S = 0.1


class Script:
    """A wire, event by event."""

    def __init__(self) -> None:
        self.wire = Wire()

    def sent(self, at: float, type: str, **fields: Any) -> None:
        self.wire.append(WireEvent(at, "sent", {"type": type, **fields}))

    def received(self, at: float, type: str, **fields: Any) -> None:
        self.wire.append(WireEvent(at, "received", {"type": type, **fields}))

    def local(self, at: float, type: str, **fields: Any) -> None:
        self.wire.append(WireEvent(at, "local", {"type": type, **fields}))

    def heard(self, item: str, start: float, stop: float, ms: float, how: str = "drained") -> None:
        """The loudspeaker played this item from `start` on, and was "drained" or "cleared" at `stop`."""
        self.local(start, "speaker.started", item_id=item, heard_ms=0)
        self.local(stop, f"speaker.{how}", item_id=item, heard_ms=ms)

    def settings(self, at: float, turn_detection: dict[str, Any] | None, type: str = "session.updated") -> None:
        self.received(at, type, session={"audio": {"input": {"turn_detection": turn_detection}}})

    def speak(self, start: float, seconds: float, loudness: float = 0.5, *, pace: float = 1) -> None:
        """Appends that arrive from `start` on, each when its sound is over."""
        tone = loudness * np.sin(np.arange(int(APPEND_S * SAMPLE_RATE_HZ)) / 10)
        for n in range(round(seconds / APPEND_S)):
            self.sent(start + (n + 1) * APPEND_S / pace, "input_audio_buffer.append", audio=base64(tone))

    def turn(self, start_ms: int, stop_ms: int | None, item: str, *, later: float = 0) -> None:
        """The two events of a turn, each as soon as its sound is there, `later` seconds on the wire's own clock."""
        started, stopped = "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"
        self.received(later + start_ms / 1000, started, audio_start_ms=start_ms, item_id=item)
        if stop_ms is not None:
            self.received(later + stop_ms / 1000, stopped, audio_end_ms=stop_ms, item_id=item)

    def reply(self, at: float, id: str, words: str, *, seconds: float, took: float, **done: Any) -> None:
        """A spoken reply of `seconds` of sound that arrives within `took` seconds, from `at` on."""
        self.received(at - 0.01, "response.created", response={"id": id, "status": "in_progress"})
        slices = round(seconds / APPEND_S)
        for n in range(slices):
            sound = {"response_id": id, "item_id": f"item_{id}", "delta": base64(np.zeros(int(APPEND_S * 24_000)))}
            self.received(at + took * n / max(slices - 1, 1), "response.output_audio.delta", **sound)
        self.received(at + took, "response.output_audio_transcript.delta", response_id=id, delta=words)
        self.received(at + took, "response.done", response={"id": id, "status": "completed", **done})


def base64(samples: np.ndarray) -> str:
    return b64encode(float_to_pcm16(samples)).decode()


def interrupted() -> Wire:
    """Two turns. The first reply, 4 s of sound, is interrupted after 1 s of it; the second is not."""
    cancelled = {"status": "cancelled", "status_details": {"type": "cancelled", "reason": "turn_detected"}}
    script = Script()
    script.settings(0.0, {"type": "server_vad", "prefix_padding_ms": 300, "silence_duration_ms": 500})
    script.speak(0, 10)
    script.turn(500, 2000, "item_1")
    script.received(
        2.1, "conversation.item.input_audio_transcription.completed", item_id="item_1", transcript=" Explain gravity. "
    )
    script.reply(2.25, "a", "Gravity. Mass bends spacetime.", seconds=4, took=0.8, **cancelled)
    script.turn(3250, 5000, "item_2")
    script.sent(3.25, "conversation.item.truncate", item_id="item_a", content_index=0, audio_end_ms=1000)
    script.reply(5.04, "b", "Energy.", seconds=2, took=0.5)
    script.wire.sort(key=lambda e: e.at)
    return script.wire
