"""Turn detection: from a stream of PCM16 to "speech started" and "speech stopped", as the service's server_vad does it.

It counts samples and knows no clock, so audio that comes faster than life, or cut into other chunks, gives the same
events. Two more events, never sent to a client, let the server use the silence window: SpeechPaused says that the voice
fell silent and recognition may begin, SpeechResumed that it came back and that work is void.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, pcm16_to_float
from .vad import FRAME_MS, FRAME_SAMPLES, SileroVad, Vad

_MIN_SPEECH_FRAMES = 2
_HYSTERESIS = 0.15  # Silero's own: a voice has ended only when it falls this far below the threshold that began it


@dataclass(frozen=True)
class SpeechStarted:
    """A turn began. `audio_start_ms` counts from the session's first sample and includes the prefix padding."""

    audio_start_ms: int


@dataclass(frozen=True)
class SpeechPaused:
    """The voice fell silent and the silence window runs: begin to recognise now. Internal."""

    audio_ms: int


@dataclass(frozen=True)
class SpeechResumed:
    """The voice came back inside the window: throw the early work away. Internal."""

    audio_ms: int


@dataclass(frozen=True)
class SpeechStopped:
    """The silence window is over; the turn ends at `audio_end_ms`."""

    audio_end_ms: int


TurnEvent = SpeechStarted | SpeechPaused | SpeechResumed | SpeechStopped


class TurnDetector:
    """server_vad for one session; feed it every sample that is appended to the input audio buffer."""

    def __init__(
        self,
        *,
        threshold: float = 0.5,
        prefix_padding_ms: int = 300,
        silence_duration_ms: int = 500,
        vad: Vad | None = None,
        at_ms: int = 0,
    ) -> None:
        """`at_ms`: where in the session's audio the first sample lies."""
        self._vad = vad or SileroVad()
        self._at_ms = at_ms
        self._samples = 0  # fed in all
        self._rest = np.zeros(0, np.float32)  # less than a frame
        self.reconfigure(
            threshold=threshold, prefix_padding_ms=prefix_padding_ms, silence_duration_ms=silence_duration_ms
        )
        self._forget_turn()

    def reconfigure(self, *, threshold: float, prefix_padding_ms: int, silence_duration_ms: int) -> None:
        """session.update: other settings from the next frame on; the position and a turn in progress stay."""
        self.threshold = threshold
        self.prefix_padding_ms = prefix_padding_ms
        self.silence_duration_ms = silence_duration_ms

    def reset(self) -> None:
        """input_audio_buffer.clear: forget a turn in progress; the sample count goes on."""
        self._forget_turn()
        self._vad.reset()

    @property
    def position_ms(self) -> int:
        """How much audio has been fed, counted from the session's first sample."""
        return self._at_ms + self._samples * 1000 // SAMPLE_RATE_HZ

    def feed(self, pcm: bytes) -> list[TurnEvent]:
        """PCM16 24 kHz mono, any length -> what happened in it, in order."""
        if len(pcm) % BYTES_PER_SAMPLE:
            raise ValueError("half a sample")
        self._samples += len(pcm) // BYTES_PER_SAMPLE
        waiting = np.concatenate([self._rest, pcm16_to_float(pcm)])
        whole = len(waiting) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = waiting[whole:]
        frame_end_ms = self.position_ms - len(waiting) * 1000 // SAMPLE_RATE_HZ
        events: list[TurnEvent] = []
        for frame in waiting[:whole].reshape(-1, FRAME_SAMPLES):
            frame_end_ms += FRAME_MS
            events += self._hear(self._vad.probability(frame), frame_end_ms)
        return events

    def _forget_turn(self) -> None:
        self._speaking = False
        self._onset_frames = 0
        self._voice_end_ms = 0
        self._paused = False

    def _hear(self, probability: float, now_ms: int) -> list[TurnEvent]:
        if not self._speaking:
            self._onset_frames = self._onset_frames + 1 if probability >= self.threshold else 0
            if self._onset_frames < _MIN_SPEECH_FRAMES:
                return []
            self._speaking = True
            self._voice_end_ms = now_ms
            onset_ms = now_ms - self._onset_frames * FRAME_MS
            self._onset_frames = 0
            return [SpeechStarted(max(self._at_ms, onset_ms - self.prefix_padding_ms))]
        if probability >= self.threshold - _HYSTERESIS:
            self._voice_end_ms = now_ms
            if self._paused:
                self._paused = False
                return [SpeechResumed(now_ms)]
            return []
        events: list[TurnEvent] = []
        if not self._paused:
            self._paused = True
            events.append(SpeechPaused(now_ms))
        if now_ms - self._voice_end_ms >= self.silence_duration_ms:
            self._forget_turn()
            events.append(SpeechStopped(now_ms))
        return events
