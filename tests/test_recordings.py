"""What the recorded callers say is what their scripts say, in the shape of a microphone's audio."""

import re
from pathlib import Path

import jiwer
import numpy as np
import pytest
import soundfile

from realtime_helpers.audio import pcm16_to_float
from realtime_helpers.mock_server.ears import Moonshine
from realtime_helpers.mock_server.rules.numbers import digits_to_words
from realtime_helpers.mock_server.turns import SpeechStopped, TurnDetector
from realtime_helpers.recordings import Line, load_recording, read_script

FOLDER = Path(__file__).parents[1] / "notebooks" / "recordings"
SCRIPTS = sorted(FOLDER.glob("*/script.toml"))
LINES = [(script.parent.name, n, line) for script in SCRIPTS for n, line in enumerate(read_script(script).lines, 1)]
IDS = [f"{name}-{n}" for name, n, _ in LINES]


@pytest.fixture(scope="module")
def ears() -> Moonshine:
    return Moonshine()


def plain(text: str) -> str:
    """Words alone; "$240" is "two hundred and forty dollars"."""
    text = re.sub(r"\$(\d+)", lambda price: f"{digits_to_words(price[1])} dollars", text)
    return " ".join(re.sub(r"[^a-z ]", " ", text.lower()).split())


def test_every_chapter_that_listens_has_one() -> None:
    assert {s.parent.name for s in SCRIPTS} >= {
        "00_start_here",
        "02_audio_input",
        "02_push_to_talk",
        "03_event_peek",
        "04_audio_output",
    }
    assert sum(f.stat().st_size for f in FOLDER.rglob("*.wav")) < 4_000_000


@pytest.mark.parametrize(("name", "n", "line"), LINES, ids=IDS)
def test_can_be_understood(ears: Moonshine, name: str, n: int, line: Line) -> None:
    said = plain(line.words)
    wrong = jiwer.wer(said, plain(ears.transcribe(line.pcm))) * len(said.split())
    assert wrong < 1.5 or wrong <= 0.1 * len(said.split()), "more than one word, or one in ten"


@pytest.mark.parametrize(("name", "n", "line"), LINES, ids=IDS)
def test_sounds_like_somebody_near_a_laptop(name: str, n: int, line: Line) -> None:
    info = soundfile.info(line.wav)
    assert (info.samplerate, info.channels, info.subtype) == (24_000, 1, "PCM_16")
    samples = pcm16_to_float(line.pcm)
    frames = samples[: len(samples) // 240 * 240].reshape(-1, 240)
    levels = 20 * np.log10(np.sqrt(np.mean(frames**2, axis=1)) + 1e-9)
    voiced = levels > levels.max() - 40
    rms = 10 * np.log10(np.mean(np.square(frames[voiced])))
    assert -21.5 < rms < -18.5
    assert np.abs(samples).max() < 1, "clipped"
    first, last = np.flatnonzero(voiced)[[0, -1]]
    assert abs(first - 10) <= 2, "100 ms of silence before"
    assert abs(len(voiced) - 1 - last - 10) <= 2, "100 ms of silence after"


def test_pauses_are_as_long_as_written() -> None:
    line = load_recording("02_push_to_talk").lines[0]
    assert line.pieces == [("Professor, why is the sky", 1500), ("blue?", 0)]
    assert line.words == "Professor, why is the sky blue?"
    silent = np.abs(pcm16_to_float(line.pcm)) < 1e-4
    edges = np.flatnonzero(np.diff(np.concatenate([[0], silent, [0]])))
    longest = max(stop - start for start, stop in edges.reshape(-1, 2)) / 24
    assert 1480 < longest < 1540


def test_a_patient_listener_finds_fewer_turns() -> None:
    recording = load_recording("02_audio_input")
    pcm = b"".join(bytes(48 * line.cue.delay_ms) + line.pcm for line in recording.lines)
    pcm += bytes(48 * recording.hang_up.delay_ms)

    def turns(silence_ms: int) -> int:
        heard = TurnDetector(silence_duration_ms=silence_ms).feed(pcm)
        return sum(isinstance(event, SpeechStopped) for event in heard)

    assert turns(200) >= 5
    assert turns(500) == 4
    assert turns(1200) == 3
