"""audio.py: bytes, samples and files."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile

from realtime_helpers.audio import (
    SAMPLE_RATE_HZ,
    AudioError,
    Resampler,
    duration_ms,
    float_to_pcm16,
    pcm16_to_float,
    read_audio,
    resample,
    write_audio,
)
from tests.voices import say


def tone(hz: float, seconds: float, rate: int = SAMPLE_RATE_HZ) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def loudest_hz(samples: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(samples)).argmax() * SAMPLE_RATE_HZ / len(samples))


def test_every_pcm16_value_survives_the_way_there_and_back() -> None:
    every = np.arange(-32768, 32768).astype("<i2").tobytes()
    samples = pcm16_to_float(every)
    assert samples.dtype == np.float32 and samples.min() == -1 and samples.max() < 1
    assert float_to_pcm16(samples) == every


def test_too_loud_is_clipped_and_never_wraps() -> None:
    assert np.frombuffer(float_to_pcm16(np.array([1.5, 1.0, -1.0, -7.0])), "<i2").tolist() == [
        32767,
        32767,
        -32768,
        -32768,
    ]


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="cut apart"):
        pcm16_to_float(b"abc")


def test_duration() -> None:
    assert duration_ms(bytes(48_000)) == 1000
    assert duration_ms(b"") == 0


@pytest.mark.parametrize("chunk", [160, 441, 5000])
def test_resampled_stream_equals_resampled_whole(chunk: int) -> None:
    whole = say("Why does ice float?")
    stream = Resampler(SAMPLE_RATE_HZ, 16_000)
    pieces = [stream.process(whole[at : at + chunk]) for at in range(0, len(whole), chunk)]
    pieces.append(stream.process(whole[:0], last=True))
    np.testing.assert_allclose(np.concatenate(pieces), resample(whole, SAMPLE_RATE_HZ, 16_000), atol=1e-5)


def test_resampling_keeps_pitch_and_length() -> None:
    down = resample(tone(440, 1.0, 48_000), 48_000, SAMPLE_RATE_HZ)
    assert len(down) == SAMPLE_RATE_HZ
    assert loudest_hz(down) == pytest.approx(440, abs=1)


def test_same_rate_is_left_alone() -> None:
    some = tone(440, 0.1)
    assert resample(some, 24_000, 24_000) is some
    np.testing.assert_array_equal(Resampler(24_000, 24_000).process(some), some)


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_files_keep_every_sample(tmp_path, ending: str) -> None:
    path = tmp_path / f"said.{ending}"
    spoken = say("Why does ice float?")
    write_audio(path, spoken)
    np.testing.assert_array_equal(read_audio(path), pcm16_to_float(float_to_pcm16(spoken)))
    np.testing.assert_array_equal(read_audio(path.read_bytes()), read_audio(str(path)))


def test_stereo_at_another_rate_becomes_mono_at_24_khz(tmp_path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.stack([tone(440, 1.0, 44_100), np.zeros(44_100, np.float32)], axis=1), 44_100)
    heard = read_audio(path)
    assert heard.ndim == 1 and len(heard) == SAMPLE_RATE_HZ
    assert np.abs(heard).max() == pytest.approx(0.25, abs=0.02)  # the mean of both channels


def test_what_a_browser_records_is_read() -> None:
    heard = read_audio(webm_opus(tone(440, 1.0, 48_000)))
    assert heard.dtype == np.float32 and abs(len(heard) - SAMPLE_RATE_HZ) < SAMPLE_RATE_HZ * 0.05
    assert loudest_hz(heard) == pytest.approx(440, abs=2)
    assert np.abs(heard[5000:20_000]).max() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("data", [b"", b"RIFF....WAVEnothing", b"<html>404</html>" * 50])
def test_what_is_no_recording_is_one_sentence(data: bytes) -> None:
    with pytest.raises(AudioError) as caught:
        read_audio(data)
    assert "the recording" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        read_audio(tmp_path / "none.wav")


def webm_opus(samples: np.ndarray) -> bytes:
    """As a browser's MediaRecorder packs it: 48 kHz stereo opus in webm."""
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="stereo")
        for at in range(0, len(samples) - 959, 960):
            planes = np.stack([samples[at : at + 960]] * 2)
            frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
