"""Text to speech: hibari, one small network and one voice in its wheel, 24 kHz, many times faster than life."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np

from ..audio import float_to_pcm16
from .vad import SpeechUnavailable

_SEED = 7  # of the noise in breath and fricatives: the same words sound the same, bit for bit


class Hibari:
    """The professor's voice. `speak` may run in several threads at once."""

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
        """PCM16 24 kHz, sentence by sentence, each as soon as it is made."""
        noise = np.random.default_rng(_SEED)
        for sentence in self._engine.split_sentences(text):
            with self._spelling:
                parts = self._engine.phonemize(sentence)
            for phonemes in parts:
                yield float_to_pcm16(self._engine.from_ids(self._engine.ids(phonemes), speed, noise))
