"""Ten voices that a listener can tell apart, equally loud, at any speed. Measured on what they say."""

import numpy as np
import pytest

from benchmarks.sounds import rms_dbfs, voiced_span
from benchmarks.voices import features
from realtime_helpers.audio import pcm16_to_float
from realtime_helpers.mock_server.allowed import VOICES as ALLOWED
from realtime_helpers.mock_server.voice import VOICES, Hibari

LINES = (
    "Do you have a table for four on Saturday?",
    "Nobody told me that it would rain all day.",
    "The answer is somewhere in the second drawer.",
    "Well, that depends on how fast you drive.",
    "Please leave your name and your number.",
    "She said that the garage opens at seven.",
)


@pytest.fixture(scope="module")
def voice() -> Hibari:
    return Hibari()


@pytest.fixture(scope="module")
def spoken(voice: Hibari) -> dict[str, list[np.ndarray]]:
    """Each line in each voice, float 24 kHz."""
    return {name: [pcm16_to_float(b"".join(voice.speak(line, voice=name))) for line in LINES] for name in VOICES}


def test_the_services_ten_names_all_have_a_voice():
    assert set(VOICES) == set(ALLOWED) and len(VOICES) == 10


def test_a_listener_tells_them_apart(spoken):
    """Each voice is learnt from half of the lines and recognised in the other half."""
    traits = np.array([[features(sound) for sound in spoken[name]] for name in VOICES])
    learnt, asked = traits[:, ::2], traits[:, 1::2]
    within = (learnt - learnt.mean(1, keepdims=True)).std((0, 1)) + 1e-9
    centres = learnt.mean(1) / within
    distances = np.linalg.norm(asked[:, :, None] / within - centres, axis=-1)
    right = distances.argmin(-1) == np.arange(len(VOICES))[:, None]
    assert right.mean() >= 0.95
    apart = np.linalg.norm(centres[:, None] - centres, axis=-1)[np.triu_indices(len(VOICES), 1)].min()
    own = np.mean([distances[n, :, n].mean() for n in range(len(VOICES))])
    assert apart > 0.8 * own, "resampling one voice gave 0.45"


def test_none_shouts_and_none_is_cut_off(spoken):
    levels = {
        name: rms_dbfs(np.concatenate([sound[slice(*voiced_span(sound))] for sound in sounds]))
        for name, sounds in spoken.items()
    }
    assert max(levels.values()) - min(levels.values()) < 3.5, levels
    assert max(np.abs(sound).max() for sounds in spoken.values() for sound in sounds) < 0.99


@pytest.mark.parametrize("name", VOICES)
def test_speed_is_honoured_in_every_voice(voice, spoken, name):
    usual = sum(map(len, spoken[name][:3]))
    for speed in (0.25, 0.6, 1.5):
        length = sum(len(b"".join(voice.speak(line, voice=name, speed=speed))) // 2 for line in LINES[:3])
        assert length * speed == pytest.approx(usual, rel=0.2), f"at {speed}"


def test_the_same_words_sound_the_same(voice):
    for name in ("marin", "shimmer"):
        first, second = (b"".join(voice.speak(LINES[0], voice=name)) for _ in range(2))
        assert first == second
