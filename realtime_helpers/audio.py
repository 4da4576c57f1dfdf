"""The one audio format of the workbook, and the ways into and out of it.

The Realtime API speaks PCM16: signed 16-bit little-endian samples, 24,000 a second, one channel, no header.
Here it is `bytes`; everything one can compute with is a one-dimensional float32 array in [-1, 1).
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import numpy as np
import soundfile
import soxr

from .errors import LearnerError

SAMPLE_RATE_HZ = 24_000
BYTES_PER_SAMPLE = 2
_FULL_SCALE = 32_768
_BLOCK = 65_536  # frames decoded at once, and at most a second


class AudioError(LearnerError):
    """A recording that cannot be read: one sentence with the likely reason."""


class AudioTooLong(AudioError):
    """A recording that is longer than wanted."""


def pcm16_to_float(pcm: bytes) -> np.ndarray:
    """PCM16 bytes -> float32 samples in [-1, 1). An odd byte at the end is half a sample: ValueError."""
    if len(pcm) % BYTES_PER_SAMPLE:
        raise ValueError(
            f"PCM16 has {BYTES_PER_SAMPLE} bytes a sample, but {len(pcm)} bytes came: a chunk was cut apart."
        )
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(_FULL_SCALE)


def float_to_pcm16(samples: np.ndarray) -> bytes:
    """Float samples -> PCM16 bytes. What is louder than full scale is clipped, not wrapped around."""
    scaled = np.rint(np.asarray(samples, dtype=np.float32) * np.float32(_FULL_SCALE))
    return np.clip(scaled, -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2").tobytes()


def duration_ms(pcm: bytes) -> float:
    """How long PCM16 at 24 kHz sounds, in milliseconds."""
    return len(pcm) / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ * 1000


def resample(samples: np.ndarray, from_hz: int, to_hz: int) -> np.ndarray:
    """The whole of a recording at another sample rate (float32, mono)."""
    samples = np.asarray(samples, dtype=np.float32)
    return samples if from_hz == to_hz else soxr.resample(samples, from_hz, to_hz)


class Resampler:
    """Another sample rate for a stream: chunks joined equal `resample` of the whole, sample for sample.

    The filter looks ahead, so what comes out trails what went in by some 20 to 40 ms until `last=True`.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._stream = None if from_hz == to_hz else soxr.ResampleStream(from_hz, to_hz, 1, dtype="float32")

    def process(self, samples: np.ndarray, last: bool = False) -> np.ndarray:
        """Next chunk of the stream in, what is ready out (may be empty). After `last=True` the stream is over."""
        samples = np.ascontiguousarray(samples, dtype=np.float32)
        return samples if self._stream is None else self._stream.resample_chunk(samples, last=last)


def read_audio(source: str | PathLike | bytes, longest_s: float = math.inf) -> np.ndarray:
    """A recording as float32, mono, 24 kHz. A path, or the file's bytes. No more than `longest_s` of it is decoded.

    WAV, FLAC, Ogg and MP3 go through soundfile; what a browser records (webm or mp4 with opus or aac) through av.
    Raises AudioError if neither can read it, AudioTooLong, FileNotFoundError if there is no such file.
    """
    data = bytes(source) if isinstance(source, bytes | bytearray | memoryview) else Path(source).read_bytes()
    name = "the recording" if isinstance(source, bytes | bytearray | memoryview) else Path(source).name
    if not data:
        raise AudioError(f"{name} is empty: probably nothing was recorded, so record again.")
    chunks, room = [np.zeros(0, np.float32)], longest_s * SAMPLE_RATE_HZ
    for chunk in _decoded(data, name):
        room -= len(chunk)
        if room < 0:
            raise AudioTooLong(f"{name} is longer than {longest_s:g} s: cut it into parts.")
        chunks.append(chunk)
    return np.concatenate(chunks)


def _decoded(data: bytes, name: str) -> Iterator[np.ndarray]:
    """Piece by piece, so that a small file which holds days of silence fills no memory."""
    try:
        file = soundfile.SoundFile(io.BytesIO(data))
    except soundfile.LibsndfileError:
        yield from _decoded_with_av(data, name)
        return
    to_rate = Resampler(file.samplerate, SAMPLE_RATE_HZ)
    with file:
        try:
            while len(block := file.read(min(_BLOCK, file.samplerate), dtype="float32", always_2d=True)):
                yield to_rate.process(block.mean(axis=1))
        except soundfile.LibsndfileError as error:
            raise AudioError(f"{name} is damaged in the middle: save it again.") from error
    yield to_rate.process(np.zeros(0, np.float32), last=True)


def _decoded_with_av(data: bytes, name: str) -> Iterator[np.ndarray]:
    import av  # slow to import, and needed only for what a browser recorded

    # Planar, so that channels come as rows: ffmpeg's own way to mono is 3 dB louder than the mean, and may clip.
    to_rate = av.AudioResampler(format="fltp", rate=SAMPLE_RATE_HZ)
    try:
        with av.open(io.BytesIO(data)) as container:
            for frame in container.decode(audio=0):
                yield from (out.to_ndarray().mean(axis=0) for out in to_rate.resample(frame))
            yield from (out.to_ndarray().mean(axis=0) for out in to_rate.resample(None))
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise AudioError(f"{name} holds no audio that can be read: save it as WAV, FLAC, MP3 or webm.") from error


def write_audio(path: str | PathLike, samples: np.ndarray) -> None:
    """Float samples at 24 kHz -> a 16-bit mono file; the ending of `path` says which kind (.wav, .flac, .ogg)."""
    pcm = np.frombuffer(float_to_pcm16(samples), dtype="<i2")
    soundfile.write(str(path), pcm, SAMPLE_RATE_HZ, subtype=None if str(path).endswith(".ogg") else "PCM_16")
