"""Turn detection: from a stream of PCM16 to "speech started" and "speech stopped", as the service's server_vad does it.

It counts samples and knows no clock, so audio that comes faster than life, or cut into other chunks, gives the same
events. Two more events, never sent to a client, let the server use the silence window: SpeechPaused says that the voice
fell silent and recognition may begin, SpeechResumed that it came back and that work is void.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from ..audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, pcm16_to_float
from .vad import FRAME_MS, FRAME_SAMPLES, Vad, new_vad

_ONSET_FRAMES = 2  # in a row, so that no single click or cough begins a turn
_ONSET_DBFS = -48.0  # softer than any caller into a microphone, 4 dB louder than the loudspeaker's echo 35 dB down
_HYSTERESIS = 0.15  # Silero's own: a voice has ended only when it falls this far below the threshold that began it
_TRAIL_FRAMES = 4  # Silero says "speech" for up to 100 ms after the voice fell silent
_VOICE_FADES_DB = 0.1  # a frame: a speaker may turn softer within a turn
_INAUDIBLE_DB = 40.0  # below the voice: quiet in any room
_ROOM_VARIES_DB = 4.0  # from frame to frame, around its average
_VOICE_RANGE_DB = 15.0  # a voice this close to the room's noise cannot be told from it by loudness
_PAUSE_FRAMES = 2  # so many quiet frames are worth a recognition; one is often only the closure of a "t" or "p"


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
        self.vad = vad or new_vad()
        self._loudness = _Loudness()
        self._at_ms = at_ms
        self._samples = 0  # fed in all
        self._frames: deque[np.ndarray] = deque()  # taken, and not heard yet
        self._rest = np.zeros(0, np.float32)  # less than a frame
        self.heard_ms = at_ms  # where the last frame heard ends; trails `position_ms`
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
        self.vad.reset()

    @property
    def position_ms(self) -> int:
        """How much audio has been fed, counted from the session's first sample."""
        return self._at_ms + self._samples * 1000 // SAMPLE_RATE_HZ

    def feed(self, pcm: bytes) -> list[TurnEvent]:
        """PCM16 24 kHz mono, any length -> what happened in it, in order."""
        self.take(pcm)
        return self.catch_up()

    def take(self, pcm: bytes) -> None:
        """`feed` in two steps, so that many detectors' frames can be heard together: this one takes the audio, and
        whoever looks at `waiting` gives `hear` the probability of each frame in turn."""
        if len(pcm) % BYTES_PER_SAMPLE:
            raise ValueError("PCM16 has two bytes a sample, but an odd number came: a chunk was cut apart.")
        self._samples += len(pcm) // BYTES_PER_SAMPLE
        fresh = np.concatenate([self._rest, pcm16_to_float(pcm)])
        whole = len(fresh) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = fresh[whole:]
        self._frames.extend(fresh[:whole].reshape(-1, FRAME_SAMPLES))

    @property
    def waiting(self) -> int:
        """Frames taken and not heard."""
        return len(self._frames)

    @property
    def next_frame(self) -> np.ndarray:
        return self._frames[0]

    def hear(self, probability: float) -> list[TurnEvent]:
        """The next frame is speech with this probability -> what happened in it."""
        frame = self._frames.popleft()
        self.heard_ms += FRAME_MS
        dbfs = self._loudness.hear(frame, probability)
        if self._speaking:
            return self._hear_turn(probability, dbfs, self.heard_ms)
        return self._hear_silence(probability, dbfs, self.heard_ms)

    def catch_up(self) -> list[TurnEvent]:
        """Hear all that waits, alone."""
        events: list[TurnEvent] = []
        while self._frames:
            events += self.hear(self.vad.probability(self.next_frame))
        return events

    def _forget_turn(self) -> None:
        self._speaking = False
        self._onset_frames = 0
        self._onset_dbfs = -200.0
        self._earliest_ms = self.position_ms  # no turn reaches back before this

    def _hear_silence(self, probability: float, dbfs: float, now_ms: int) -> list[TurnEvent]:
        if probability < self.threshold:
            self._onset_frames, self._onset_dbfs = 0, -200.0
            return []
        self._onset_frames += 1
        self._onset_dbfs = max(self._onset_dbfs, dbfs)
        if self._onset_frames < _ONSET_FRAMES or self._onset_dbfs < _ONSET_DBFS:
            return []
        onset_ms = now_ms - self._onset_frames * FRAME_MS
        self._speaking = True
        self._voice_end_ms = now_ms
        self._quiet_frames = 0
        self._fallen = self._paused = False
        self._loudness.begin_turn(self._onset_dbfs)
        return [SpeechStarted(max(self._earliest_ms, onset_ms - self.prefix_padding_ms))]

    def _hear_turn(self, probability: float, dbfs: float, now_ms: int) -> list[TurnEvent]:
        """A frame inside a turn.

        Silero is sure but late, loudness is early but knows no speech. So Silero decides *whether* the voice ended, and
        the run of quiet frames before it said so decides *when*. Where it goes on hearing speech in frames that are
        quiet (a soft word in a noisy room) it is believed.
        """
        events: list[TurnEvent] = []
        quiet = self._loudness.is_quiet(dbfs)
        self._quiet_frames = self._quiet_frames + 1 if quiet else 0
        floor = self.threshold if self._fallen else max(0.01, self.threshold - _HYSTERESIS)
        if probability >= floor:
            self._fallen = False
            if not quiet or self._quiet_frames > _TRAIL_FRAMES:
                self._voice_end_ms = now_ms
                if self._paused:
                    self._paused = False
                    events.append(SpeechResumed(now_ms))
            elif self._quiet_frames >= _PAUSE_FRAMES and not self._paused:
                self._paused = True
                events.append(SpeechPaused(now_ms))
            return events
        self._fallen = True
        if not self._paused:
            self._paused = True
            events.append(SpeechPaused(now_ms))
        if now_ms - self._voice_end_ms >= self.silence_duration_ms:
            self._speaking = False
            self._onset_frames, self._onset_dbfs = 0, -200.0
            self._earliest_ms = now_ms
            events.append(SpeechStopped(now_ms))
        return events


class _Loudness:
    """How loud a frame is beside the turn's voice and the room's noise, all in dB of full scale."""

    def __init__(self) -> None:
        self._room: float | None = None  # unknown until there was silence
        self._voice = -200.0

    def hear(self, frame: np.ndarray, probability: float) -> float:
        """RMS of the frame; learns the room's noise from frames without speech."""
        dbfs = 10 * math.log10(float(np.dot(frame, frame)) / len(frame) + 1e-20)
        if self._room is None:
            self._room = dbfs if probability < 0.3 else None
        elif probability < 0.3 or dbfs < self._room:
            self._room += 0.15 * (dbfs - self._room)
        self._voice = max(self._voice - _VOICE_FADES_DB, dbfs)
        return dbfs

    def begin_turn(self, dbfs: float) -> None:
        self._voice = dbfs

    def is_quiet(self, dbfs: float) -> bool:
        """As soft as the room, or far below the voice; never near the voice, however loud the room."""
        bound = self._voice - _INAUDIBLE_DB
        if self._room is not None:
            bound = max(bound, min(self._room + _ROOM_VARIES_DB, self._voice - _VOICE_RANGE_DB))
        return dbfs <= bound
