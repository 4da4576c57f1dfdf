"""Are the mock server's ten voices ten speakers, and is each still clear?

    python -m benchmarks.voices            # all (about three minutes of one core)
    python -m benchmarks.voices --quick    # no ears

A simple listener (mean and spread of cepstra, and of pitch, over the voiced parts of a sentence) learns each voice from
ten sentences and names the speaker of twenty others. "Resampled" is one voice at ten sizes, as it was before.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import cache

import numpy as np

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16, pcm16_to_float, resample
from realtime_helpers.mock_server.ears import Moonshine
from realtime_helpers.mock_server.turns import SpeechStarted, TurnDetector
from realtime_helpers.mock_server.voice import VOICES, Hibari

from .ears import SENTENCES, judge
from .sounds import rms_dbfs, voiced_span

RESAMPLED = dict(zip(VOICES, (0.82, 0.85, 0.88, 0.92, 0.96, 1.0, 1.03, 1.06, 1.09, 1.13), strict=True))
LINES = [
    line.strip().replace("[", "").replace("]", "") for text in SENTENCES.values() for line in text.strip().split("\n")
]
LEARNT, ASKED = LINES[0::4][:10], [line for n, line in enumerate(LINES) if n % 4][:20]
UNDERSTOOD = LINES[:30]
SPEEDS = (0.25, 0.6, 1.5)
_WINDOW, _HOP, _BANDS, _CEPSTRA = 1024, 256, 32, 16


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--quick", action="store_true", help="without word error rates")
    quick = options.parse_args().quick
    engine = Hibari()

    @cache
    def say(voice: str, line: str) -> np.ndarray:
        return pcm16_to_float(b"".join(engine.speak(line, voice=voice)))

    @cache
    def resampled(voice: str, line: str) -> np.ndarray:
        size = RESAMPLED[voice]
        slower = pcm16_to_float(b"".join(engine.speak(line, speed=1 / size)))
        return resample(slower, round(SAMPLE_RATE_HZ * size), SAMPLE_RATE_HZ)

    for name, speak in (("resampled", resampled), ("now", say)):
        print(f"{name:10} {separability(speak)}")
    characters(say)
    costs(engine)
    if not quick:
        ears = Moonshine()
        clearness(engine, ears)


def features(samples: np.ndarray) -> np.ndarray:
    """One sentence, float 24 kHz -> mean and spread of 15 cepstra, log pitch and its spread."""
    first, last = voiced_span(samples)
    frames = np.lib.stride_tricks.sliding_window_view(samples[first:last], _WINDOW)[::_HOP]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1)) ** 2
    power = spectra.sum(axis=1)
    heard = spectra[power > power.max() * 1e-4]
    cepstra = np.log(heard @ _mel() + 1e-9) @ _cosines()
    octaves = np.log2(pitch_hz(samples))
    return np.concatenate(
        [cepstra.mean(0), cepstra.std(0), [np.median(octaves), np.subtract(*np.percentile(octaves, [85, 15]))]]
    )


def pitch_hz(samples: np.ndarray) -> np.ndarray:
    """Pitch of the clearly voiced frames, by autocorrelation, 60 to 450 Hz."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 1200)[::480]
    frames = frames[(frames**2).mean(1) > (samples**2).mean() * 0.3] * np.hanning(1200)
    spectra = np.abs(np.fft.rfft(frames, 4096)) ** 2
    spectra[:, int(1200 * 4096 / SAMPLE_RATE_HZ) :] = 0
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(1200), 4096)) ** 2)
    lags = np.arange(SAMPLE_RATE_HZ // 450, SAMPLE_RATE_HZ // 60)
    all_lags = np.fft.irfft(spectra)
    likeness = all_lags[:, lags] / window[lags] * window[0] / all_lags[:, :1]
    likeness *= 1 - 0.1 * np.log2(lags / lags[0]) / 3  # of two equal lags the shorter: not the octave below
    best = likeness.argmax(1)
    return SAMPLE_RATE_HZ / lags[best[likeness.max(1) > 0.6]]


def separability(speak: Callable[[str, str], np.ndarray]) -> str:
    """How many of the sentences are given to the right voice, and how far apart the nearest two voices are."""
    known = np.array([[features(speak(voice, line)) for line in LEARNT] for voice in VOICES])
    asked = np.array([[features(speak(voice, line)) for line in ASKED] for voice in VOICES])
    within = (known - known.mean(1, keepdims=True)).std((0, 1)) + 1e-9
    centre = known.mean(1) / within
    far = np.linalg.norm(asked[:, :, None] / within - centre[None, None], axis=-1)
    right = (far.argmin(-1) == np.arange(len(VOICES))[:, None]).mean()
    own = np.mean([far[n, :, n].mean() for n in range(len(VOICES))])
    between = np.linalg.norm(centre[:, None] - centre[None], axis=-1) + 1e9 * np.eye(len(VOICES))
    a, b = np.unravel_index(between.argmin(), between.shape)
    apart = f"nearest two {between.min():.1f} ({VOICES[a]}, {VOICES[b]})"
    return f"right {right:.0%}; {apart}; a sentence from its own voice {own:.1f}; ratio {between.min() / own:.2f}"


def characters(say: Callable[[str, str], np.ndarray]) -> None:
    """Pitch, brightness, tempo, level and what the turn detector makes of each voice."""
    print(f"{'voice':9}{'F0 Hz':>7}{'range st':>10}{'centroid':>10}{'s/line':>8}{'dBFS':>7}{'peak':>6}{'turns':>7}")
    for voice in VOICES:
        sounds = [say(voice, line) for line in ASKED]
        pitch = np.concatenate([pitch_hz(sound) for sound in sounds])
        spread = 12 * np.log2(np.percentile(pitch, 85) / np.percentile(pitch, 15))
        spectrum = np.abs(np.fft.rfft(np.concatenate(sounds))) ** 2
        centroid = np.average(np.linspace(0, SAMPLE_RATE_HZ / 2, len(spectrum)), weights=np.sqrt(spectrum))
        level = rms_dbfs(np.concatenate([sound[slice(*voiced_span(sound))] for sound in sounds]))
        turns = sum(_is_heard(sound) for sound in sounds)
        seconds = np.mean([len(sound) for sound in sounds]) / SAMPLE_RATE_HZ
        peak = max(np.abs(sound).max() for sound in sounds)
        print(
            f"{voice:9}{np.median(pitch):7.0f}{spread:10.1f}{centroid:10.0f}{seconds:8.2f}"
            f"{level:7.1f}{peak:6.2f}{turns:4}/{len(sounds)}"
        )


def _is_heard(sound: np.ndarray) -> bool:
    microphone = np.concatenate([np.zeros(SAMPLE_RATE_HZ // 2), sound, np.zeros(SAMPLE_RATE_HZ)])
    return any(isinstance(event, SpeechStarted) for event in TurnDetector().feed(float_to_pcm16(microphone)))


def costs(engine: Hibari) -> None:
    """CPU time, this process's alone: of the first sentence, and per second of sound. The least of three rounds."""
    print("CPU ms of a line (least of three, mean of lines), CPU ms per second of sound:")
    for voice in VOICES:
        rounds, seconds = [], 0.0
        for _ in range(3):
            began, seconds = time.process_time(), 0.0
            for line in ASKED:
                seconds += sum(map(len, engine.speak(line, voice=voice))) / 2 / SAMPLE_RATE_HZ
            rounds.append(time.process_time() - began)
        print(f"  {voice:9}{min(rounds) / len(ASKED) * 1000:6.1f} {min(rounds) / seconds * 1000:6.1f}")


def clearness(engine: Hibari, ears: Moonshine) -> None:
    """Word error rate of the server's own ears; at other speeds on ten lines, and length over what it should be."""
    print(f"word error rate, {len(UNDERSTOOD)} lines; at speeds {SPEEDS} on ten, with length over length expected")
    for voice in VOICES:
        row = f"  {voice:9}"
        usual = 0
        for speed in (1.0, *SPEEDS):
            wrong = words = length = 0
            for line in UNDERSTOOD if speed == 1 else UNDERSTOOD[::3]:
                pcm = b"".join(engine.speak(line, voice=voice, speed=speed))
                errors, count, _, _ = judge(line, ears.transcribe(pcm))
                wrong, words = wrong + errors, words + count
                length += len(pcm) if speed != 1 or line in UNDERSTOOD[::3] else 0
            usual = usual or length
            row += f"{100 * wrong / words:7.1f}%" + ("" if speed == 1 else f" x{length * speed / usual:.2f}")
        print(row, flush=True)


@cache
def _mel() -> np.ndarray:
    hz = np.linspace(0, SAMPLE_RATE_HZ / 2, _WINDOW // 2 + 1)
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), _BANDS + 2) / 2595) - 1)
    up = (hz[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    down = (edges[2:] - hz[:, None]) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(up, down), 0, None)


@cache
def _cosines() -> np.ndarray:
    return np.cos(np.pi * np.outer(np.arange(_BANDS) + 0.5, np.arange(1, _CEPSTRA)) / _BANDS) / _BANDS


if __name__ == "__main__":
    main()
