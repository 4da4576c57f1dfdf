"""Telephone formats, measured as sound."""

import numpy as np
import pytest

from realtime_helpers.audio import SAMPLE_RATE_HZ, float_to_pcm16, pcm16_to_float
from realtime_helpers.mock_server.formats import FORMATS, Decoder, Encoder

G711 = FORMATS[1:]


def tone(hz, seconds=1.0):
    t = np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    return (0.5 * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def level(samples, hz):
    """Of one frequency, in dB of full scale."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) / len(samples) * 4
    return 20 * np.log10(spectrum[round(hz * len(samples) / SAMPLE_RATE_HZ)] + 1e-9)


def through(kind, samples, chunk_bytes):
    encoder, decoder = Encoder(kind), Decoder(kind)
    pcm = float_to_pcm16(samples)
    wire = b"".join(encoder.process(pcm[i : i + chunk_bytes]) for i in range(0, len(pcm), chunk_bytes))
    back = b"".join(decoder.process(wire[i : i + 333]) for i in range(0, len(wire), 333))
    return wire, pcm16_to_float(back)


@pytest.mark.parametrize("kind", G711)
@pytest.mark.parametrize("chunk_bytes", [4, 1914, 4800])
def test_a_telephone_carries_a_voice(kind, chunk_bytes):
    wire, heard = through(kind, tone(440), chunk_bytes)
    assert len(wire) == 8000, "one byte a sample, 8,000 a second"
    assert len(heard) == SAMPLE_RATE_HZ
    middle = heard[4000:20000]
    assert abs(level(middle, 440) - level(tone(440)[4000:20000], 440)) < 0.5
    assert level(middle, 8000 - 440) < -50, "no image above the telephone's band"


@pytest.mark.parametrize("kind", G711)
def test_what_a_telephone_cannot_carry_does_not_come_back_as_something_else(kind):
    _, heard = through(kind, tone(5500), 4800)
    assert level(heard[4000:20000], 8000 - 5500) < -40


@pytest.mark.parametrize("kind", G711)
def test_chunks_leave_no_seams(kind):
    voice = tone(700)
    assert np.array_equal(through(kind, voice, 4800)[1], through(kind, voice, 96000)[1])


def test_pcm_goes_through_untouched():
    pcm = float_to_pcm16(tone(440))
    assert Encoder().process(pcm) == pcm == Decoder().process(pcm)
