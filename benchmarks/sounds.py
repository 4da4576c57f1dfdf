"""Sounds that are not a caller: noise, typing, music, the murmur of a room. Same seed, same sound.

Levels are in dB of full scale: RMS for steady sounds, peak for typing, since clicks have no RMS to speak of.
"""

from __future__ import annotations

import numpy as np

from realtime_helpers.audio import SAMPLE_RATE_HZ


def rms_dbfs(samples: np.ndarray) -> float:
    """Level of float samples."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20))


def at_rms(samples: np.ndarray, dbfs: float) -> np.ndarray:
    """The same sound at that level."""
    return (samples * 10 ** ((dbfs - rms_dbfs(samples)) / 20)).astype(np.float32)


def at_peak(samples: np.ndarray, dbfs: float) -> np.ndarray:
    """The same sound with that highest sample."""
    return (samples / np.abs(samples).max() * 10 ** (dbfs / 20)).astype(np.float32)


def white_noise(seconds: float, seed: int = 0) -> np.ndarray:
    """As loud at every frequency."""
    return np.random.default_rng(seed).normal(size=int(SAMPLE_RATE_HZ * seconds)).astype(np.float32)


def pink_noise(seconds: float, seed: int = 0) -> np.ndarray:
    """As loud in every octave, like a fan or the street."""
    spectrum = np.fft.rfft(white_noise(seconds, seed))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    return np.fft.irfft(spectrum, int(SAMPLE_RATE_HZ * seconds)).astype(np.float32)


def typing(seconds: float, seed: int = 0) -> np.ndarray:
    """A keyboard: each key a click down and a softer one up, some six a second, with pauses for thought."""
    random = np.random.default_rng(seed)
    sound = np.zeros(int(SAMPLE_RATE_HZ * seconds))
    t = np.arange(int(0.04 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    at = 0.2
    while at < seconds - 0.3:
        for after, gain in ((0.0, 1.0), (random.uniform(0.06, 0.11), 0.5)):
            click = 0.5 * random.normal(size=len(t)) * np.exp(-t / random.uniform(0.003, 0.008))
            for pitch in random.uniform(300, 4000, 3):
                click += 0.4 * np.sin(2 * np.pi * pitch * t) * np.exp(-t / random.uniform(0.004, 0.012))
            start = int((at + after) * SAMPLE_RATE_HZ)
            sound[start : start + len(t)] += gain * random.uniform(0.5, 1) * click
        at += random.gamma(4, 0.04) if random.random() < 0.93 else random.uniform(0.4, 1.5)
    return sound.astype(np.float32)


def music(seconds: float, seed: int = 0) -> np.ndarray:
    """Four chords, a melody over them, a shaker: 120 beats a minute, no singer."""
    random = np.random.default_rng(seed)
    sound = np.zeros(int(SAMPLE_RATE_HZ * (seconds + 3)))

    def strike(at: float, semitone: int, length: float, gain: float) -> None:
        t = np.arange(int(length * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        pitch = 130.8 * 2 ** (semitone / 12)
        tone = sum(a * np.sin(2 * np.pi * pitch * (n + 1) * t) for n, a in enumerate((1, 0.4, 0.25, 0.12)))
        start = int(at * SAMPLE_RATE_HZ)
        sound[start : start + len(t)] += gain * tone * np.minimum(t / 0.01, 1) * np.exp(-t / (length * 0.6))

    chords = [(0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14)]
    shake = np.exp(-np.arange(1200) / 300)
    for beat in range(int(seconds * 2)):
        chord = chords[beat // 4 % 4]
        if beat % 4 == 0:
            for semitone in chord:
                strike(beat / 2, semitone, 2.2, 0.5)
        strike(beat / 2, int(random.choice(chord)) + 12 * int(random.integers(1, 3)), 0.6, 0.7)
        start = beat * SAMPLE_RATE_HZ // 2
        sound[start : start + 1200] += 0.15 * random.normal(size=1200) * shake
    return sound[: int(SAMPLE_RATE_HZ * seconds)].astype(np.float32)


def babble(voices: list[np.ndarray], seconds: float) -> np.ndarray:
    """Several people talking at once, each recording over and over, as loud as one another."""
    length = int(SAMPLE_RATE_HZ * seconds)
    return np.sum([np.resize(at_rms(voice, -26), length) for voice in voices], axis=0).astype(np.float32)


def voiced_span(samples: np.ndarray, below_db: float = 35.0) -> tuple[int, int]:
    """First and last voiced sample of a clean recording: within `below_db` of its loud parts, in 5 ms steps."""
    step = SAMPLE_RATE_HZ // 200
    blocks = samples[: len(samples) // step * step].reshape(-1, step)
    levels = np.sqrt(np.mean(np.square(blocks), axis=1) + 1e-12)
    loud = np.nonzero(levels > np.percentile(levels, 95) * 10 ** (-below_db / 20))[0]
    return int(loud[0]) * step, int(loud[-1] + 1) * step
