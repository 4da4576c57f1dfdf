"""Ten speakers out of one: pitch, size, melody, tempo, breath and brightness of hibari's voice, each on its own.

hibari's network writes down how to speak rather than a sound: per 12.5 ms a pitch, and over 601 frequencies the
throat's filter (`lh`, its phase `th`), noise (`ln`) and a rest of free phase (`lr`, `phi`). That is changed here,
before it sounds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]

_HZ_PER_BIN = 20.0
_PITCH_HZ = 185.0  # hibari's own
_VOICED_HZ = 40.0  # below is no voice, as hibari has it
_LOWEST_HZ, _HIGHEST_HZ = 55.0, 480.0
_DB = np.log(10) / 20  # one decibel in the natural logarithms of the network
_RIPPLE_BINS = 9  # hibari's harmonics are so far apart; what is smoothed over them is the filter alone
_REST_KEPT_HZ = 3000.0, 5000.0  # the rest hums at hibari's own pitch below, and is plain hiss above


@dataclass(frozen=True)
class Timbre:
    """How a speaker differs from hibari's own voice."""

    pitch_hz: float = _PITCH_HZ
    size: float = 1.0  # of the resonances: below 1 a larger head and a longer throat
    melody: float = 1.0  # how far pitch moves: 0 is a monotone
    tempo: float = 1.0
    tilt_db: float = 0.0  # per octave: above 0 bright, below 0 dark
    breath_db: float | None = None  # noise beside the voice
    resonance: tuple[float, float] | None = None  # Hz, dB: a nose, a mask, a chest
    gain_db: float = 0.0  # what makes all speakers equally loud


def revoice(parts: Parts, timbre: Timbre) -> Parts:
    """The network's output for hibari's voice -> that for another. The sound still has to be played at `size`."""
    if timbre == Timbre():
        return parts
    lh, th, ln, lr, phi, f0 = parts
    voiced = f0 > _VOICED_HZ
    moved = timbre.pitch_hz * (np.maximum(f0, _VOICED_HZ) / _PITCH_HZ) ** timbre.melody
    f0 = np.where(voiced, np.clip(moved, _LOWEST_HZ, _HIGHEST_HZ) / timbre.size, 0).astype(np.float32)
    lh, lr = _at_one_pitch(lh, lr, voiced)
    hz = np.arange(len(lh), dtype=np.float32)[:, None] * (_HZ_PER_BIN * timbre.size)
    if timbre.breath_db is not None:
        airy = timbre.breath_db + 6 * np.log2(np.clip(hz, 300, 3000) / 3000)
        ln = np.logaddexp(ln, np.where(voiced, lh, np.float32(-20)) + (airy * _DB).astype(np.float32))
    colour = (_colour_db(hz, timbre) * _DB).astype(np.float32)
    return lh + colour, th, ln + colour, lr + colour, phi, f0


def _at_one_pitch(lh: np.ndarray, lr: np.ndarray, voiced: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What of the rest has hibari's pitch goes into the filter, which has none."""
    low, high = (round(hz / _HZ_PER_BIN) for hz in _REST_KEPT_HZ)
    share = np.clip((high - np.arange(high, dtype=np.float32)) / (high - low), 0, 1)[:, None] * voiced
    power = np.exp(2 * np.minimum(lr[: high + _RIPPLE_BINS], 7))
    total = np.cumsum(np.pad(power, ((_RIPPLE_BINS // 2 + 1, 0), (0, 0))), axis=0)
    peaks = (total[_RIPPLE_BINS:] - total[:-_RIPPLE_BINS])[:high] / 1.5  # a Hann window's peak and its two neighbours
    lh, lr = lh.copy(), lr.copy()
    lh[:high] = 0.5 * np.log(np.exp(2 * np.minimum(lh[:high], 7)) + np.maximum(share * peaks, 0) + 1e-12)
    lr[:high] += np.log(1 - share * np.float32(0.99))
    return lh, lr


def _colour_db(hz: np.ndarray, timbre: Timbre) -> np.ndarray:
    colour = timbre.gain_db + timbre.tilt_db * np.log2(np.clip(hz, 250, 6000) / 1000)
    if timbre.resonance is not None:
        at_hz, by_db = timbre.resonance
        colour = colour + by_db * np.exp(-((np.log2(np.maximum(hz, 20) / at_hz) / 0.35) ** 2))
    return colour
