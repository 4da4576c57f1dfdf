"""Real speech for tests, made when needed and once for a run: hibari, in the sizes the mock server has."""

from __future__ import annotations

from functools import cache

import numpy as np

from benchmarks.sounds import at_rms, voiced_span
from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16, pcm16_to_float
from realtime_helpers.mock_server.voice import Hibari

SPEECH_DBFS = -26.0


@cache
def _engine() -> Hibari:
    return Hibari()


@cache
def say(text: str, voice: str = "ash") -> np.ndarray:
    """Float32, 24 kHz, from the first voiced sample to the last, at -26 dBFS."""
    spoken = pcm16_to_float(b"".join(_engine().speak(text, voice=voice)))
    first, last = voiced_span(spoken)
    return at_rms(spoken[first:last], SPEECH_DBFS)


def silence(ms: float) -> np.ndarray:
    """Not a sound."""
    return np.zeros(round(ms * SAMPLE_RATE_HZ / 1000), np.float32)


def hiss(samples: np.ndarray, below_db: float, seed: int = 0) -> np.ndarray:
    """`samples` with white noise that far below speech."""
    noise = np.random.default_rng(seed).normal(size=len(samples)) * 10 ** ((SPEECH_DBFS - below_db) / 20)
    return (samples + noise).astype(np.float32)


def pcm(*pieces: np.ndarray) -> bytes:
    """The pieces one after the other, as they go over the wire."""
    return float_to_pcm16(np.concatenate(pieces))
