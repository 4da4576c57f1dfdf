"""What an old telephone leaves of a voice: half its frequencies, eight bits, and hiss."""

from __future__ import annotations

import numpy as np

from .audio import SAMPLE_RATE_HZ, Resampler, float_to_pcm16, pcm16_to_float

TELEPHONE_HZ = 8_000
VOICE_DBFS = -26.0  # the level that hiss is measured from
_MU = 255.0
_BEHIND_MS = 150  # the filters look ahead; a call over a mobile network is later than this


class Telephone:
    """One direction of a line: PCM16 (24 kHz, mono) in chunks, in and out, always as much out as in.

    8 kHz, the eight bits of G.711's mu-law, and white noise `hiss_db` decibels below a voice. `seed`: the noise's.
    """

    def __init__(self, hiss_db: float, seed: int = 0) -> None:
        self._down, self._up = Resampler(SAMPLE_RATE_HZ, TELEPHONE_HZ), Resampler(TELEPHONE_HZ, SAMPLE_RATE_HZ)
        self._noise = np.random.default_rng(seed)
        self._level = 10 ** ((VOICE_DBFS - hiss_db) / 20)
        self._ready = np.zeros(SAMPLE_RATE_HZ * _BEHIND_MS // 1000, np.float32)

    def carry(self, pcm: bytes) -> bytes:
        """The next chunk said -> the next chunk heard."""
        samples = pcm16_to_float(pcm)
        narrow = self._down.process(samples)
        narrow = narrow + self._noise.normal(0, self._level, len(narrow))
        wide = self._up.process(_eight_bits(narrow).astype(np.float32))
        self._ready = np.concatenate([self._ready, wide])
        heard, self._ready = self._ready[: len(samples)], self._ready[len(samples) :]
        return float_to_pcm16(heard)


def _eight_bits(samples: np.ndarray) -> np.ndarray:
    """To mu-law and back: fine steps for what is quiet, coarse ones for what is loud."""
    bent = np.sign(samples) * np.log1p(_MU * np.minimum(np.abs(samples), 1)) / np.log1p(_MU)
    stepped = np.round(bent * 127) / 127
    return np.sign(stepped) * np.expm1(np.abs(stepped) * np.log1p(_MU)) / _MU
