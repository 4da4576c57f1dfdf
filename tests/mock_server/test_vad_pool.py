"""vad_pool.py: many sessions heard together are heard exactly as each alone, in order, and none holds up another."""

import asyncio
from base64 import b64encode

import numpy as np
import pytest

from benchmarks import sounds
from realtime_helpers.audio import float_to_pcm16
from realtime_helpers.mock_server import vad_pool
from realtime_helpers.mock_server.turns import SpeechStarted, SpeechStopped, TurnDetector, TurnEvent
from realtime_helpers.mock_server.vad import FRAME_SAMPLES, SileroVad
from realtime_helpers.mock_server.vad_pool import VadPool
from tests.voices import hiss, pcm, say, silence

LINES = ("Can you explain why the sky is blue?", "Yes.", "Please cancel my order.", "How many moons does Jupiter have?")


class Ear:
    """A session that only writes down what happened."""

    def __init__(self, pool: VadPool) -> None:
        self.detector = TurnDetector()
        self.events: list[TurnEvent] = []
        self._pool = pool

    @property
    def ready(self) -> bool:
        return self.detector.waiting > 0

    def append(self, pcm: bytes) -> None:
        self.detector.take(pcm)
        self._pool.hear(self)

    def heard(self, events: list[TurnEvent]) -> None:
        self.events += events


class Broken(Ear):
    def heard(self, events: list[TurnEvent]) -> None:
        raise RuntimeError("a session's own trouble")


def clips() -> list[bytes]:
    said = [
        float_to_pcm16(hiss(np.concatenate([silence(200 + 90 * n), say(line), silence(900)]), 40, seed=n))
        for n, line in enumerate(LINES)
    ]
    return [*said, float_to_pcm16(sounds.at_rms(sounds.white_noise(2), -30))]


async def until_heard(*ears: Ear) -> int:
    """How many turns of the loop it took."""
    turns = 0
    async with asyncio.timeout(10):
        while any(ear.detector.waiting for ear in ears):
            turns += 1
            await asyncio.sleep(0)
    return turns


def test_a_batch_gives_exactly_what_each_alone_gives() -> None:
    speech = [np.frombuffer(clip, "<i2").astype(np.float32) / 32768 for clip in clips()]
    for size in (2, 3, len(speech)):
        alone, together = [SileroVad() for _ in range(size)], [SileroVad() for _ in range(size)]
        for start in range(0, 40 * FRAME_SAMPLES, FRAME_SAMPLES):
            frames = [clip[start : start + FRAME_SAMPLES] for clip in speech[:size]]
            singly = [vad.probability(frame) for vad, frame in zip(alone, frames, strict=True)]
            assert SileroVad.probabilities(together, frames) == singly
        assert max(singly) > 0  # the network did hear something


@pytest.mark.parametrize("chunk_ms", [10, 40, 1000])
async def test_events_are_those_of_each_detector_alone(chunk_ms: int) -> None:
    pool, audio = VadPool(), clips()
    ears = [Ear(pool) for _ in audio]
    step = chunk_ms * 48
    for start in range(0, max(map(len, audio)), step):
        for ear, clip in zip(ears, audio, strict=True):
            if clip[start : start + step]:
                ear.append(clip[start : start + step])
        await asyncio.sleep(0)
    await until_heard(*ears)
    assert [ear.events for ear in ears] == [TurnDetector().feed(clip) for clip in audio]
    assert sum(isinstance(event, SpeechStopped) for ear in ears for event in ear.events) == len(LINES)


async def test_frames_of_many_sessions_go_through_the_network_together(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = []
    run = vad_pool.probabilities

    def counted(vads, frames):
        batches.append(len(vads))
        return run(vads, frames)

    monkeypatch.setattr(vad_pool, "probabilities", counted)
    pool = VadPool()
    ears = [Ear(pool) for _ in range(20)]
    for ear in ears:
        ear.append(bytes(FRAME_SAMPLES * 2))
    await until_heard(*ears)
    assert batches == [20]


async def test_flush_tells_everything_at_once_and_nothing_twice() -> None:
    pool, clip = VadPool(), clips()[0]
    ear = Ear(pool)
    ear.append(clip)
    assert ear.events == []
    pool.flush(ear)
    assert ear.events == TurnDetector().feed(clip)
    await asyncio.sleep(0.03)
    assert ear.events == TurnDetector().feed(clip)


async def test_a_long_append_does_not_hold_up_another_session() -> None:
    pool, question = VadPool(), pcm(silence(100), say(LINES[0]), silence(700))
    long, other = Ear(pool), Ear(pool)
    long.append(question * 40)  # two minutes and a half
    frames = long.detector.waiting
    await asyncio.sleep(0)
    other.append(question)
    await until_heard(other)
    assert type(other.events[0]) is SpeechStarted
    assert type(other.events[-1]) is SpeechStopped
    assert long.detector.waiting > frames / 2  # it is still being heard
    turns = await until_heard(long)
    assert turns > frames / 2 / 10  # ... a few frames in each turn of the loop
    assert long.events == TurnDetector().feed(question * 40)


async def test_one_sessions_trouble_is_not_anothers(caplog: pytest.LogCaptureFixture) -> None:
    pool, clip = VadPool(), clips()[1]
    broken, sound = Broken(pool), Ear(pool)
    broken.append(clip)
    sound.append(clip)
    await until_heard(broken, sound)
    assert sound.events == TurnDetector().feed(clip)
    assert "a session's own trouble" in caplog.text


async def test_a_session_that_ended_is_told_nothing() -> None:
    pool = VadPool()
    gone, there = Ear(pool), Ear(pool)
    gone.append(clips()[0])
    there.append(clips()[0])
    pool.forget(gone)
    await until_heard(there)
    assert there.events and not gone.events


def test_it_serves_in_one_event_loop_after_another() -> None:
    pool = VadPool()

    async def leave() -> None:
        Ear(pool).append(bytes(4096))  # never heard: its loop ends first

    async def come() -> None:
        ear = Ear(pool)
        ear.append(clips()[0])
        await until_heard(ear)
        assert ear.events

    asyncio.run(leave())
    asyncio.run(come())


async def test_what_happened_in_a_clip_comes_before_the_answer_to_the_next_event(talk) -> None:
    talk = talk()
    talk.configure(audio={"input": {"turn_detection": {"type": "server_vad", "create_response": False}}})
    clip = pcm(silence(300), say(LINES[0]), silence(900))
    for _ in range(2):  # at once, the event loop has no turn between
        talk.send("input_audio_buffer.append", audio=b64encode(clip).decode())
    assert "input_audio_buffer.speech_started" not in talk.types()
    talk.send("input_audio_buffer.clear")
    kinds = [kind for kind in talk.types() if kind.startswith("input_audio_buffer.")]
    turn = [f"input_audio_buffer.{kind}" for kind in ("speech_started", "speech_stopped", "committed")]
    assert kinds == [*turn, *turn, "input_audio_buffer.cleared"]


async def test_a_reply_is_begun_only_in_a_pause_that_may_be_the_last(talk) -> None:
    talk = talk("A reply.")
    await talk.speak(pcm(silence(300), say(LINES[0]), silence(150)))
    assert talk.session.listener._turn.guess is None
    await talk.speak(pcm(silence(200)))
    assert talk.session.listener._turn.guess.reply
    await talk.speak(pcm(say(LINES[1])))
    assert talk.session.listener._turn.guess is None
