"""Text to speech: hibari, one small network and one voice in its wheel, 24 kHz, many times faster than life."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np

from ..audio import SAMPLE_RATE_HZ, float_to_pcm16, resample
from .vad import SpeechUnavailable

_SEED = 7  # of the noise in breath and fricatives: the same words sound the same, bit for bit

# The one voice, played slower or faster than it was made, is a larger or smaller speaker. hibari makes up for the
# tempo. The service's ten names stay apart by ear that way, though each sounds nothing like its namesake.
_SIZE = {
    "cedar": 0.82,
    "ash": 0.85,
    "echo": 0.88,
    "verse": 0.92,
    "ballad": 0.96,
    "marin": 1.0,
    "sage": 1.03,
    "alloy": 1.06,
    "coral": 1.09,
    "shimmer": 1.13,
}
VOICES = tuple(_SIZE)


class Hibari:
    """All the mock server's voices. `speak` may run in several threads at once."""

    name = "hibari"

    def __init__(self) -> None:
        try:
            from hibari import Hibari as Engine
        except ImportError as error:
            raise SpeechUnavailable(
                "No voice: the package hibari-tts is missing; install the workbook's requirements again."
            ) from error
        self._engine = Engine()
        self._spelling = threading.Lock()
        self._engine("Warm up.", seed=_SEED)

    def speak(self, text: str, *, voice: str = "marin", speed: float = 1.0) -> Iterator[bytes]:
        """PCM16 24 kHz, sentence by sentence, each as soon as it is made. An unknown voice sounds like marin."""
        noise = np.random.default_rng(_SEED)
        size = _SIZE.get(voice, 1.0)
        for sentence in self._engine.split_sentences(text):
            with self._spelling:
                parts = self._engine.phonemize(sentence)
            for phonemes in parts:
                samples = self._engine.from_ids(self._engine.ids(phonemes), speed / size, noise)
                if len(samples):
                    yield float_to_pcm16(resample(samples, round(SAMPLE_RATE_HZ * size), SAMPLE_RATE_HZ))
