"""Speech to text where moonshine-voice has no wheel (Intel Mac): pocketsphinx, which carries its own model.

It hears every fifth word wrong, in lower case and without punctuation; enough to follow the workbook.
"""

from __future__ import annotations

import threading

from ..audio import SAMPLE_RATE_HZ, float_to_pcm16, pcm16_to_float, resample
from .vad import SpeechUnavailable, first_speech


class PocketSphinx:
    """One decoder, one caller at a time."""

    name = "pocketsphinx (simple ears)"

    def __init__(self) -> None:
        try:
            from pocketsphinx import Decoder
        except ImportError as error:
            raise SpeechUnavailable(
                "No speech recognition: neither moonshine-voice nor pocketsphinx is installed, probably for want of a "
                "wheel for this machine; install the requirements again, or run the mock server elsewhere."
            ) from error
        self._decoder = Decoder(samprate=16_000, loglevel="FATAL")
        self._hearing = threading.Lock()

    def transcribe(self, pcm: bytes) -> str:
        """PCM16 24 kHz -> text; "" if no one speaks in it."""
        samples = pcm16_to_float(pcm)
        if first_speech(samples) is None:
            return ""
        raw = float_to_pcm16(resample(samples, SAMPLE_RATE_HZ, 16_000))
        with self._hearing:
            self._decoder.start_utt()
            self._decoder.process_raw(raw, full_utt=True)
            self._decoder.end_utt()
            guess = self._decoder.hyp()
        text = guess.hypstr.strip() if guess else ""
        return text[:1].upper() + text[1:]
