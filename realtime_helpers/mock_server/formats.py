"""Audio on the wire: PCM16 at 24 kHz, or G.711 (mu-law or A-law) at 8 kHz as telephones send it.

Inside the server everything is PCM16, 24 kHz, mono. soxr's streams trail by up to 40 ms and their length is only right
in the end, so the telephone's eightfold kilohertz are filtered here: three samples for one, at once.
"""

import io

import numpy as np
import soundfile

from ..audio import SAMPLE_RATE_HZ, float_to_pcm16, pcm16_to_float

PCM = "audio/pcm"
_G711 = {"audio/pcmu": "ULAW", "audio/pcma": "ALAW"}
FORMATS = (PCM, *_G711)
_FACTOR = 3
_G711_HZ = SAMPLE_RATE_HZ // _FACTOR
_TAPS_A_PHASE = 16


def _low_pass() -> np.ndarray:
    """Windowed sinc that keeps what 8 kHz can carry; shape (48,), at 24 kHz, sums to 1."""
    count = _TAPS_A_PHASE * _FACTOR
    t = np.arange(count) - (count - 1) / 2
    cutoff = 3_500 / SAMPLE_RATE_HZ
    taps = 2 * cutoff * np.sinc(2 * cutoff * t) * np.kaiser(count, 6.0)
    return (taps / taps.sum()).astype(np.float32)


_TAPS = _low_pass()


class Decoder:
    """What a client appends -> PCM16 24 kHz, chunk by chunk; as long as what went in, 1 ms late."""

    def __init__(self, kind: str = PCM) -> None:
        self.kind = kind
        self._history = np.zeros(_TAPS_A_PHASE - 1, np.float32)

    @property
    def bytes_per_sample(self) -> int:
        return 2 if self.kind == PCM else 1

    def process(self, audio: bytes) -> bytes:
        if self.kind == PCM or not audio:
            return audio
        samples = soundfile.read(
            io.BytesIO(audio), samplerate=_G711_HZ, channels=1, format="RAW", subtype=_G711[self.kind], dtype="float32"
        )[0]
        stretch = np.concatenate([self._history, samples])
        self._history = stretch[-(_TAPS_A_PHASE - 1) :]
        windows = np.lib.stride_tricks.sliding_window_view(stretch, _TAPS_A_PHASE)
        phases = _TAPS[::-1].reshape(_TAPS_A_PHASE, _FACTOR)[:, ::-1] * _FACTOR
        return float_to_pcm16((windows @ phases).ravel())


class Encoder:
    """PCM16 24 kHz -> what a client hears, chunk by chunk."""

    def __init__(self, kind: str = PCM) -> None:
        self.kind = kind
        self._waiting = np.zeros(len(_TAPS) - 1, np.float32)

    def process(self, pcm: bytes) -> bytes:
        if self.kind == PCM or not pcm:
            return pcm
        stretch = np.concatenate([self._waiting, pcm16_to_float(pcm)])
        count = (len(stretch) - len(_TAPS)) // _FACTOR + 1
        if count <= 0:
            self._waiting = stretch
            return b""
        self._waiting = stretch[count * _FACTOR :]
        windows = np.lib.stride_tricks.sliding_window_view(stretch, len(_TAPS))[: count * _FACTOR : _FACTOR]
        encoded = io.BytesIO()
        soundfile.write(encoded, windows @ _TAPS, _G711_HZ, format="RAW", subtype=_G711[self.kind])
        return encoded.getvalue()
