"""Three synthetic speakers, never used to tune anything: flite's slt, rms and awb (`apt-get install flite`)."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from realtime_helpers.audio import read_audio

VOICES = {"slt": "woman, US", "rms": "man, US", "awb": "man, Scotland"}


def say(text: str, voice: str) -> np.ndarray:
    """Float32 mono at 24 kHz; flite itself speaks at 16 kHz."""
    flite = shutil.which("flite")
    if flite is None:
        raise SystemExit("The held-out voices are flite's, which is not installed: run `apt-get install flite`.")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        subprocess.run([flite, "-voice", voice, "-t", text, "-o", str(wav)], check=True, capture_output=True)
        return read_audio(wav)
