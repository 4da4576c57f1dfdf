"""turns.py: when a turn begins and ends, on real speech."""

import numpy as np
import pytest

from benchmarks import sounds
from realtime_helpers.audio import float_to_pcm16
from realtime_helpers.mock_server.turns import SpeechPaused, SpeechResumed, SpeechStarted, SpeechStopped, TurnDetector
from tests.voices import hiss, pcm, say, silence

QUESTION = "Can you explain why the sky is blue?"


def events_by_position(detector: TurnDetector, audio: bytes, step_ms: int = 4) -> list[tuple[int, object]]:
    """Every event with the position at which it came."""
    events = []
    for start in range(0, len(audio), step_ms * 48):
        for event in detector.feed(audio[start : start + step_ms * 48]):
            events.append((detector.position_ms, event))
    return events


def only(events: list[tuple[int, object]], kind: type) -> list[tuple[int, object]]:
    return [(at, event) for at, event in events if isinstance(event, kind)]


@pytest.mark.parametrize("voice", ["marin", "ash"])
@pytest.mark.parametrize("noise_db", [60, 30])
def test_one_question_is_one_turn_noticed_in_time(voice: str, noise_db: int) -> None:
    question = say(QUESTION, voice)
    audio = hiss(np.concatenate([silence(1000), question, silence(1500)]), noise_db)
    events = events_by_position(TurnDetector(), float_to_pcm16(audio))
    end_ms = 1000 + len(question) / 24

    [(started_at, started)] = only(events, SpeechStarted)
    assert 1000 < started_at <= 1200
    assert 600 <= started.audio_start_ms <= 800  # where the voice began, less 300 ms of padding
    [(stopped_at, stopped)] = only(events, SpeechStopped)
    assert end_ms + 500 - 60 <= stopped_at <= end_ms + 500 + 100
    assert stopped.audio_end_ms <= stopped_at
    assert end_ms - 60 <= only(events, SpeechPaused)[-1][0] <= end_ms + 130


def test_the_window_counts_from_the_end_of_the_voice_not_from_where_silero_sees_it() -> None:
    beyond, paused = [], []
    for text in (
        QUESTION,
        "Yes.",
        "Stop.",
        "How many moons does Jupiter have?",
        "Please cancel my order.",
        "No, thanks.",
    ):
        clip = say(text)
        events = events_by_position(TurnDetector(), pcm(silence(500), clip, silence(1000)))
        end_ms = 500 + len(clip) / 24
        beyond.append(only(events, SpeechStopped)[-1][0] - end_ms - 500)
        paused.append(only(events, SpeechPaused)[-1][0] - end_ms)
    assert np.median(beyond) <= 45
    assert np.median(paused) <= 90


class Told:
    """Probabilities from a list, one a frame."""

    def __init__(self, *probabilities: float) -> None:
        self.probabilities = list(probabilities)
        self.resets = 0

    def probability(self, frame: np.ndarray) -> float:
        return self.probabilities.pop(0)

    def reset(self) -> None:
        self.resets += 1


def events_of_frames(vad: Told, **settings: int) -> list[tuple[int, str]]:
    """(frame number, event) where every frame is as loud as the next."""
    detector, frame = TurnDetector(vad=vad, **settings), float_to_pcm16(np.full(768, 0.1))
    count = len(vad.probabilities)
    return [(at, type(event).__name__) for at in range(count) for event in detector.feed(frame)]


def test_one_frame_is_no_turn_two_are() -> None:
    assert events_of_frames(Told(0.9, 0.1, 0.9, 0.1, 0.9, 0.4, 0.9)) == []
    assert events_of_frames(Told(0.1, 0.9, 0.9, 0.9)) == [(2, "SpeechStarted")]


def test_a_voice_ends_well_below_the_threshold_and_comes_back_only_above_it() -> None:
    told = Told(0.9, 0.9, 0.4, 0.4, 0.3, 0.4, 0.6, 0.4, 0.1, 0.1, 0.1, 0.1)
    assert events_of_frames(told, silence_duration_ms=96) == [
        (1, "SpeechStarted"),
        (4, "SpeechPaused"),
        (6, "SpeechResumed"),
        (8, "SpeechPaused"),
        (10, "SpeechStopped"),
    ]


def test_reset_tells_silero_too() -> None:
    told = Told()
    TurnDetector(vad=told).reset()
    assert told.resets == 1


@pytest.mark.parametrize("step_ms", [7, 20, 1000])
def test_chunk_size_changes_nothing(step_ms: int) -> None:
    audio = pcm(silence(500), say(QUESTION), silence(700), say("Yes.", "marin"), silence(700))
    fine = [event for _, event in events_by_position(TurnDetector(), audio, step_ms=4)]
    assert len([event for event in fine if isinstance(event, SpeechStopped)]) == 2
    assert [event for _, event in events_by_position(TurnDetector(), audio, step_ms)] == fine


def test_chunks_may_be_any_number_of_samples() -> None:
    audio = pcm(silence(300), say(QUESTION), silence(700))
    whole = TurnDetector().feed(audio)
    odd = TurnDetector()
    assert [
        event for start in range(0, len(audio), 2 * 997) for event in odd.feed(audio[start : start + 2 * 997])
    ] == whole
    assert odd.feed(b"") == []
    with pytest.raises(ValueError):
        odd.feed(b"x")


def test_a_pause_shorter_than_the_window_keeps_the_turn_and_voids_early_work() -> None:
    audio = pcm(silence(500), say(QUESTION), silence(400), say("Please."), silence(1000))
    events = TurnDetector(silence_duration_ms=700).feed(audio)
    kinds = [type(event) for event in events]
    assert kinds.count(SpeechStarted) == kinds.count(SpeechStopped) == 1
    # Paused and Resumed take turns, and a turn never stops but from a pause.
    inner = kinds[1:]
    assert inner[0::2] == [SpeechPaused] * len(inner[0::2])
    assert inner[1::2] == [SpeechResumed] * (len(inner[1::2]) - 1) + [SpeechStopped]
    assert len(inner) >= 4


def test_the_same_pause_beyond_the_window_makes_two_turns() -> None:
    audio = pcm(silence(500), say(QUESTION), silence(400), say("Please."), silence(1000))
    events = TurnDetector(silence_duration_ms=200).feed(audio)
    starts = [event for event in events if isinstance(event, SpeechStarted)]
    stops = [event for event in events if isinstance(event, SpeechStopped)]
    assert len(starts) == len(stops) == 2
    assert starts[1].audio_start_ms >= stops[0].audio_end_ms  # no sample belongs to two turns


@pytest.mark.parametrize("window_ms", [200, 500, 1000])
def test_silence_window_is_honoured(window_ms: int) -> None:
    question = say(QUESTION)
    detector = TurnDetector(silence_duration_ms=window_ms)
    events = events_by_position(detector, pcm(silence(500), question, silence(1500)))
    [(stopped_at, _)] = only(events, SpeechStopped)
    assert 0 <= stopped_at - (500 + len(question) / 24) - window_ms <= 100


def test_padding_is_honoured_and_never_reaches_before_the_audio() -> None:
    def start(padding_ms: int, lead_ms: int = 1000, **where: int) -> int:
        detector = TurnDetector(prefix_padding_ms=padding_ms, **where)
        return detector.feed(pcm(silence(lead_ms), say(QUESTION)))[0].audio_start_ms

    assert start(0) - start(300) == 300
    assert start(5000) == 0
    assert start(300, lead_ms=0) == 0
    assert start(5000, at_ms=7000) == 7000
    assert start(0, at_ms=7000) == start(0) + 7000


def test_threshold_is_honoured() -> None:
    murmur = pcm(hiss(np.concatenate([silence(500), say(QUESTION), silence(900)]), below_db=-12))
    assert only(events_by_position(TurnDetector(threshold=0.05), murmur), SpeechStarted)
    assert not only(events_by_position(TurnDetector(threshold=0.99), murmur), SpeechStarted)


def test_reconfigure_keeps_position_and_turn() -> None:
    question = say(QUESTION)
    detector = TurnDetector(silence_duration_ms=5000)
    assert len(only(events_by_position(detector, pcm(silence(500), question, silence(1000))), SpeechStarted)) == 1
    before = detector.position_ms
    detector.reconfigure(threshold=0.5, prefix_padding_ms=300, silence_duration_ms=500)
    assert detector.position_ms == before
    assert [type(event) for event in detector.feed(pcm(silence(100)))] == [SpeechStopped]


def test_reset_forgets_the_turn_but_not_the_count() -> None:
    detector = TurnDetector()
    detector.feed(pcm(silence(500), say(QUESTION)))
    cleared_at = detector.position_ms
    detector.reset()
    assert detector.feed(pcm(silence(2000))) == []
    assert detector.position_ms == cleared_at + 2000
    detector.reset()
    again = detector.feed(pcm(say(QUESTION)))
    assert again[0].audio_start_ms >= cleared_at + 2000  # cleared audio is gone, padding or not


def test_a_soft_last_word_stays_in_the_turn() -> None:
    soft = 10 ** (-18 / 20) * say("with a hammer.")
    question = say("What happens if I drop a feather")
    for noise_db in (60, 30):
        audio = hiss(np.concatenate([silence(500), question, silence(60), soft, silence(1500)]), noise_db)
        events = events_by_position(TurnDetector(silence_duration_ms=200), float_to_pcm16(audio))
        end_ms = 500 + len(question) / 24 + 60 + len(soft) / 24
        assert only(events, SpeechStopped)[-1][0] >= end_ms + 200 - 80
        assert len(only(events, SpeechStarted)) == 1


@pytest.mark.parametrize(
    "sound",
    [
        sounds.at_rms(sounds.white_noise(20, seed=1), -20),
        sounds.at_rms(sounds.white_noise(20, seed=2), -45),
        sounds.at_peak(sounds.typing(20, seed=1), -6),
        sounds.at_rms(sounds.music(20, seed=1), -25),
        np.zeros(480_000, np.float32),
    ],
    ids=["loud noise", "soft noise", "typing", "music", "nothing"],
)
def test_no_turn_without_a_speaker(sound: np.ndarray) -> None:
    assert TurnDetector().feed(float_to_pcm16(sound)) == []


def test_a_voice_over_music_is_still_heard() -> None:
    audio = np.concatenate([silence(2000), say(QUESTION), silence(3000)])
    audio = audio + sounds.at_rms(sounds.music(len(audio) / 24_000 + 0.01), -45)[: len(audio)]
    events = TurnDetector().feed(float_to_pcm16(audio))
    assert [type(event) for event in events if isinstance(event, SpeechStarted | SpeechStopped)] == [
        SpeechStarted,
        SpeechStopped,
    ]


def test_a_soft_caller_is_heard() -> None:
    soft = 10 ** (-14 / 20) * say(QUESTION)  # -40 dBFS
    events = TurnDetector().feed(float_to_pcm16(hiss(np.concatenate([silence(500), soft, silence(900)]), 40)))
    assert [type(event) for event in events if isinstance(event, SpeechStarted | SpeechStopped)] == [
        SpeechStarted,
        SpeechStopped,
    ]


def test_the_loudspeakers_echo_is_not_a_turn() -> None:
    reply = say("Obviously. Gravity bends space, and space bends you.", "marin")
    echo = np.concatenate([silence(150), sounds.at_rms(reply, -23) * 10 ** (-35 / 20), silence(1000)])
    assert TurnDetector().feed(float_to_pcm16(echo)) == []


def test_two_detectors_share_no_state() -> None:
    audio = pcm(silence(500), say(QUESTION), silence(700))
    alone = TurnDetector().feed(audio)
    one, other = TurnDetector(), TurnDetector()
    together = []
    for start in range(0, len(audio), 1920):
        together += one.feed(audio[start : start + 1920])
        other.feed(float_to_pcm16(sounds.at_rms(sounds.white_noise(0.04), -20)))
    assert together == alone
