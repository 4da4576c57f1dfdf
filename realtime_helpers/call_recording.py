"""A call to listen to again: the caller on the left, the called on the right."""

from __future__ import annotations

import base64
import io
from os import PathLike

import numpy as np
import soundfile

from .audio import SAMPLE_RATE_HZ


class CallRecording:
    """Both directions of a call, in memory alone. Shown in a notebook, it is a player; `save` writes a file."""

    def __init__(self) -> None:
        self._sides = bytearray(), bytearray()

    def add(self, caller: bytes, callee: bytes) -> None:
        """The next chunk of both, PCM16 (24 kHz, mono), of one length."""
        self._sides[0].extend(caller)
        self._sides[1].extend(callee)

    @property
    def samples(self) -> np.ndarray:
        """int16, 24 kHz, of shape (samples, 2): the caller's column, and the called's."""
        return np.stack([np.frombuffer(side, "<i2") for side in self._sides], axis=1)

    @property
    def seconds(self) -> float:
        return len(self.samples) / SAMPLE_RATE_HZ

    def save(self, path: str | PathLike) -> None:
        """A stereo file; the ending of `path` says which kind (.wav, .flac, .mp3)."""
        soundfile.write(str(path), self.samples, SAMPLE_RATE_HZ)

    def __repr__(self) -> str:
        return f"<CallRecording: {self.seconds:.1f} s>"

    def _repr_html_(self) -> str:
        file = io.BytesIO()
        soundfile.write(file, self.samples, SAMPLE_RATE_HZ, format="MP3")  # a tenth of what WAV would add to a notebook
        sound = base64.b64encode(file.getvalue()).decode()
        return (
            f'<audio controls aria-label="Recording of the call, {self.seconds:.0f} seconds" style="max-width:100%"'
            f' src="data:audio/mpeg;base64,{sound}"></audio>'
        )
