"""Text to speech: hibari, one small network and one voice in its wheel, 24 kHz, many times faster than life."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from textwrap import wrap

import numpy as np

from ..audio import SAMPLE_RATE_HZ, float_to_pcm16, resample
from .timbre import Timbre, revoice
from .vad import SpeechUnavailable

_SEED = 7  # of the noise in breath and fricatives: the same words sound the same, bit for bit

# The service's ten names are ten speakers (benchmarks/voices.py), though none sounds like its namesake.
SPEAKERS = {
    "cedar": Timbre(pitch_hz=92, size=0.84, melody=0.9, tempo=0.93, tilt_db=-0.3, gain_db=-5.3),
    "ash": Timbre(pitch_hz=110, size=0.90, melody=1.1, tempo=0.97, tilt_db=1.5, resonance=(2800, 4), gain_db=-4.7),
    "echo": Timbre(pitch_hz=126, size=0.83, melody=0.6, tempo=0.95, tilt_db=0.8, breath_db=-16, gain_db=-4.7),
    "verse": Timbre(pitch_hz=150, size=0.91, melody=1.4, tempo=0.98, resonance=(1100, 5), gain_db=-2.2),
    "ballad": Timbre(pitch_hz=116, size=0.97, melody=1.0, tempo=0.97, tilt_db=-1.2, breath_db=-18, gain_db=-8.6),
    "marin": Timbre(),
    "sage": Timbre(pitch_hz=165, size=1.06, melody=0.7, tempo=0.97, tilt_db=-0.7, gain_db=-4.0),
    "alloy": Timbre(pitch_hz=182, size=0.93, melody=0.9, tempo=1.03, tilt_db=2, gain_db=0.9),
    "coral": Timbre(pitch_hz=222, size=1.06, melody=1.25, tempo=1.04, tilt_db=1, resonance=(1100, 4), gain_db=-1.7),
    "shimmer": Timbre(pitch_hz=240, size=1.13, melody=0.9, tempo=0.98, breath_db=-14, gain_db=-2.5),
}
# hibari counts in whole frames of 12.5 ms a sound: what it is asked for, and how much faster that is (measured).
_PACES = (0.25, 0.5, 0.8, 0.85, 1.0, 1.2, 1.3, 1.33, 1.35, 1.5, 1.8)
_RATES = (0.25, 0.5, 0.818, 0.86, 1.0, 1.092, 1.178, 1.233, 1.478, 1.556, 1.676)
VOICES = tuple(SPEAKERS)
_LONGEST = 400  # letters said at once: without a comma hibari takes any number, and its time grows with the square
_ENDLESS_NUMBER = re.compile(r"\d[\d,]{32,}")  # hibari knows the names of numbers up to decillions


class Hibari:
    """All the mock server's voices. `speak` may run in several threads at once."""

    name = "hibari"

    def __init__(self) -> None:
        try:
            from hibari import Hibari as Engine
            from hibari.dsp import synth
        except ImportError as error:
            raise SpeechUnavailable(
                "No voice: the package hibari-tts is missing; install the workbook's requirements again."
            ) from error
        self._engine = Engine()
        self._synth = synth
        self._spelling = threading.Lock()
        self._engine("Warm up.", seed=_SEED)

    def speak(self, text: str, *, voice: str = "marin", speed: float = 1.0) -> Iterator[bytes]:
        """PCM16 24 kHz, sentence by sentence, each as soon as it is made. An unknown voice sounds like marin."""
        noise = np.random.default_rng(_SEED)
        timbre = SPEAKERS.get(voice, SPEAKERS["marin"])
        for sentence in self._sentences(text):
            with self._spelling:
                parts = self._engine.phonemize(sentence)
            for phonemes in parts:
                samples = self._say(self._engine.ids(phonemes), timbre, speed, noise)
                if len(samples):
                    yield float_to_pcm16(samples)

    def _sentences(self, text: str) -> Iterator[str]:
        text = _ENDLESS_NUMBER.sub(lambda number: " ".join(number[0].replace(",", "")), text)
        for sentence in self._engine.split_sentences(text):
            yield from (sentence,) if len(sentence) <= _LONGEST else wrap(sentence, _LONGEST, break_on_hyphens=False)

    def _say(self, ids: list[int], timbre: Timbre, speed: float, noise: np.random.Generator) -> np.ndarray:
        if len(ids) < 3:  # only the pauses before and after
            return np.zeros(0, np.float32)
        pace = np.asarray([np.interp(speed * timbre.tempo / timbre.size, _RATES, _PACES)], np.float32)
        made = self._engine.sess.run(None, {"ids": np.asarray([ids], np.int64), "speed": pace})
        samples = self._synth(*revoice(tuple(part[0] for part in made), timbre), noise)
        return resample(samples, round(SAMPLE_RATE_HZ * timbre.size), SAMPLE_RATE_HZ)
