"""The loudspeaker that is a clock, and the caller who listens to it."""

import asyncio
import logging
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from realtime_helpers.audio import duration_ms, write_audio
from realtime_helpers.rehearsal import (
    Caller,
    ClockLoudspeaker,
    Heard,
    RecordingError,
    RehearsalError,
    rehearsal_speed,
    rehearsing,
)
from realtime_helpers.wire import Wire

FAST = 20.0


def sound(ms: float) -> bytes:
    return b"\1\0" * round(24 * ms)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def speaker(clock: Clock) -> ClockLoudspeaker:
    return ClockLoudspeaker(speed=2, clock=clock)


def test_plays_items_one_after_the_other(speaker: ClockLoudspeaker, clock: Clock) -> None:
    speaker.play(sound(200), "a")
    speaker.play(sound(100), "a")
    speaker.play(sound(400), "b")
    clock.now += 0.125
    assert (speaker.item_id, speaker.played_ms, speaker.is_playing) == ("a", pytest.approx(250), True)
    clock.now += 0.125
    assert (speaker.item_id, speaker.played_ms) == ("b", pytest.approx(200))
    clock.now += 9
    assert (speaker.item_id, speaker.played_ms, speaker.is_playing) == ("b", 400, False)
    assert speaker.pcm("a") == sound(300)


def test_clear_tells_what_was_heard_and_drops_the_rest(speaker: ClockLoudspeaker, clock: Clock) -> None:
    assert speaker.clear() is None
    speaker.play(sound(300), "a")
    speaker.play(sound(300), "b")
    clock.now += 0.2
    assert speaker.clear() == Heard("b", 100)
    assert not speaker.is_playing
    assert speaker.clear() is None
    clock.now += 5
    assert speaker.played_ms == pytest.approx(100)
    speaker.play(sound(50), "c")
    clock.now += 0.01
    assert (speaker.item_id, speaker.played_ms) == ("c", pytest.approx(20))


def test_a_gap_between_two_pieces_is_not_counted_as_heard(speaker: ClockLoudspeaker, clock: Clock) -> None:
    speaker.play(sound(100), "a")
    clock.now += 1
    speaker.play(sound(100), "a")
    clock.now += 0.025
    assert speaker.played_ms == pytest.approx(150)
    assert speaker.clear() == Heard("a", 150)


async def test_waiting_ends_when_it_should() -> None:
    speaker = ClockLoudspeaker(speed=FAST)
    await speaker.drained()  # nothing to wait for
    started = asyncio.create_task(speaker.wait_until_playing())
    heard = asyncio.create_task(speaker.wait_until_heard(500))
    await asyncio.sleep(0)
    assert not started.done()
    speaker.play(sound(400), "short")
    speaker.play(sound(1000), "long")
    await started
    await heard
    assert speaker.item_id == "long"
    assert 500 <= speaker.played_ms < 1000
    await speaker.drained()
    assert speaker.played_ms == 1000


async def test_drained_is_told_of_a_clear() -> None:
    speaker = ClockLoudspeaker(speed=1)
    speaker.play(sound(60_000), "a")
    drained = asyncio.create_task(speaker.drained())
    await asyncio.sleep(0)
    speaker.clear()
    async with asyncio.timeout(1):
        await drained


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write a script with 400 ms of sound for every line, in a folder that a kernel might run in."""
    monkeypatch.chdir(tmp_path)

    def write(text: str, lines: int = 2) -> str:
        folder = tmp_path / "recordings" / "somebody"
        folder.mkdir(parents=True)
        (folder / "script.toml").write_text(textwrap.dedent(text))
        for n in range(1, lines + 1):
            write_audio(folder / f"line_{n}.wav", np.full(9600, n / 10, np.float32))
        return "somebody"

    return write


def said(chunks: list[bytes]) -> list[int]:
    """Which line sounds in each chunk, 0 for none, runs of one written once."""
    tenths = [round(np.frombuffer(c, "<i2").max() / 3276.8) for c in chunks]
    return [t for i, t in enumerate(tenths) if i == 0 or tenths[i - 1] != t]


TIMED = """
    [[line]]
    text = "one"
    [[line]]
    text = "two"
    after_ms = 800
    [hang_up]
    after_ms = 400
"""


async def test_timed_gaps_are_counted_in_samples(script) -> None:
    chunks = [chunk async for chunk in Caller(script(TIMED), speed=FAST)]
    assert {len(c) for c in chunks} == {1920}
    assert said(chunks) == [1, 0, 2, 0]
    assert duration_ms(b"".join(chunks)) == 400 + 800 + 400 + 400


async def test_late_consumers_catch_up(script) -> None:
    started, n = time.perf_counter(), 0
    async for _ in Caller(script(TIMED), speed=4):  # 50 chunks, 10 ms each
        n += 1
        if n == 10:
            time.sleep(0.4)  # noqa: ASYNC251 - somebody blocks the loop
    took = time.perf_counter() - started
    assert n == 50
    assert 0.49 <= took < 0.8  # cumulative sleeps would need 0.9


LISTENING = """
    [[line]]
    text = "one"
    [[line]]
    text = "two"
    after = "reply"
    [hang_up]
    after = "reply"
"""


async def converse(caller: Caller, on_chunk) -> list[bytes]:
    chunks = []
    async with asyncio.timeout(20):
        async for chunk in caller:
            chunks.append(chunk)
            on_chunk(said(chunks))
    return chunks


async def test_waits_for_the_reply_to_fall_quiet(script) -> None:
    speaker, spoken = ClockLoudspeaker(speed=4), []

    def reply(lines: list[int]) -> None:
        for_line = {(1, 0): "to one", (1, 0, 2, 0): "to two"}.get(tuple(lines))
        if for_line and for_line not in spoken:
            spoken.append(for_line)
            speaker.play(sound(200), for_line)
            # A gap inside the reply, and then more of it.
            asyncio.get_running_loop().call_later(0.15, speaker.play, sound(200), for_line)
        if lines[-1] == 2:
            assert len(speaker.pcm("to one")) == len(sound(400)), "spoke into the reply"

    chunks = await converse(Caller(script(LISTENING), speaker, speed=4), reply)
    assert said(chunks) == [1, 0, 2, 0]
    assert spoken == ["to one", "to two"]


async def test_the_end_of_an_old_reply_is_no_reply(script) -> None:
    speaker = ClockLoudspeaker(speed=4)
    speaker.play(sound(2000), "before")
    caller = Caller(script(LISTENING), speaker, speed=4)
    caller.listener.patience_s = 1.5
    heard_two_at: list[float] = []

    def note(lines: list[int]) -> None:
        if lines[-1] == 2 and not heard_two_at:
            heard_two_at.append(time.perf_counter())

    started = time.perf_counter()
    await converse(caller, note)
    assert heard_two_at[0] - started > 1.5  # patience, not the 0.5 s that the old reply lasted


async def test_interrupts_once_so_much_was_heard(script) -> None:
    name = script(
        """
        [[line]]
        text = "one"
        [[line]]
        text = "two"
        interrupt_ms = 600
        [hang_up]
        after_ms = 0
        """
    )
    speaker = ClockLoudspeaker(speed=4)
    heard = []

    def reply(lines: list[int]) -> None:
        if lines == [1, 0] and not speaker.is_playing:
            speaker.play(sound(5000), "long")
        if lines[-1] == 2 and not heard:
            heard.append(speaker.played_ms)

    await converse(Caller(name, speaker, speed=4), reply)
    assert 600 <= heard[0] < 1200


async def test_goes_on_when_no_reply_comes(script, caplog: pytest.LogCaptureFixture) -> None:
    caller = Caller(script(LISTENING), ClockLoudspeaker(speed=FAST), speed=FAST)
    assert caller.listener.patience_s >= 8, "a fast rehearsal leaves the service time to think"
    caller.listener.patience_s = 0.1
    with caplog.at_level(logging.WARNING):
        chunks = await converse(caller, lambda lines: None)
    assert said(chunks) == [1, 0, 2, 0]
    assert [r.message for r in caplog.records] == [
        "No reply within 0 s: the recorded caller goes on and says 'two'.",
        "No reply within 0 s: the recorded caller goes on and hangs up.",
    ]


async def test_without_a_loudspeaker_a_gap_stands_for_the_reply(script) -> None:
    chunks = [chunk async for chunk in Caller(script(LISTENING), speed=FAST)]
    assert duration_ms(b"".join(chunks)) == 400 + 3000 + 400 + 3000


async def test_a_caller_cut_short_leaves_no_task(script) -> None:
    before = asyncio.all_tasks()
    stream = aiter(Caller(script(LISTENING), ClockLoudspeaker(speed=1), speed=FAST))
    for _ in range(15):
        await anext(stream)
    await stream.aclose()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


def test_an_unknown_recording_is_told_which_there_are(script) -> None:
    script(TIMED)
    with pytest.raises(RecordingError, match=r"no recording 'nobody'.*04_audio_output, .*somebody"):
        Caller("nobody")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[line]\n", r"somebody/script.toml is not TOML: .*line 1"),
        ("", r"has no \[\[line\]\]"),
        ("[[line]]\ntext = 3", r"line 1: text must be text in quotes, not 3"),
        ("[[line]]\nafter = 'start'", r"line 1 has no text"),
        ("[[line]]\ntext = 'a'\nwaw = 'b'", r"line 1: unknown field 'waw'"),
        ("[[line]]\ntext = 'a'\n[[line]]\ntext = 'b'", r"line 2 has no cue"),
        ("[[line]]\ntext = 'a'\n[[line]]\ntext = 'b'\nafter = 'start'", r"line 2: only the first line"),
        ("[[line]]\ntext = 'a'\nafter = 'answer'", r"line 1: after must be"),
        ("[[line]]\ntext = 'a'\nafter_ms = -1", r"line 1: after_ms must be a whole number of milliseconds, not -1"),
        ("[[line]]\ntext = 'a'\ninterrupt_ms = 1\nafter_ms = 1", r"line 1: interrupt_ms goes alone"),
        ("[[line]]\ntext = 'a'\n[hang_up]\ninterrupt_ms = 1", r"hang_up: unknown field 'interrupt_ms'"),
        ("[[line]]\ntext = 'a'\nwav = 'gone.wav'", r"no file gone.wav"),
    ],
)
def test_a_wrong_script_is_told_where(script, text: str, message: str) -> None:
    with pytest.raises(RecordingError, match=message):
        Caller(script(text))


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REALTIME_REHEARSAL", raising=False)
    monkeypatch.setenv("REALTIME_REHEARSAL_SPEED", "8")
    assert not rehearsing()
    assert ClockLoudspeaker().speed == 1, "outside of a rehearsal a recording is heard at life's speed"
    monkeypatch.setenv("REALTIME_REHEARSAL", "1")
    assert rehearsing()
    assert ClockLoudspeaker().speed == 8
    monkeypatch.setenv("REALTIME_REHEARSAL", "yes")
    with pytest.raises(RehearsalError, match="REALTIME_REHEARSAL is 'yes'"):
        rehearsing()
    for wrong in ("fast", "0", "-1", "inf", "nan"):
        monkeypatch.setenv("REALTIME_REHEARSAL_SPEED", wrong)
        with pytest.raises(RehearsalError, match="a number above 0"):
            rehearsal_speed()


async def test_without_a_loudspeaker_the_end_of_a_response_is_the_cue(script) -> None:
    """However late it comes; a response that was begun before our line is not the reply to it."""
    wire = Wire()
    wire.start()
    wire.note("received", {"type": "response.created"})
    stream = aiter(Caller(script(LISTENING), speed=FAST))
    assert [any(await anext(stream)) for _ in range(20)] == [True] * 10 + [False] * 10
    wire.note("received", {"type": "response.done"})
    wire.note("received", {"type": "response.created"})
    assert not any([any(await anext(stream)) for _ in range(100)]), "the reply is still under way"
    wire.note("received", {"type": "response.done"})
    assert True in [any(await anext(stream)) for _ in range(3)]
    await stream.aclose()
    wire.end()
