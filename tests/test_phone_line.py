"""A phone line between two agents: what one plays the other hears, when, and how it ends."""

import asyncio
import io
import re
import time
from base64 import b64decode

import numpy as np
import pytest
import soundfile

from realtime_helpers.audio import SAMPLE_RATE_HZ, duration_ms
from realtime_helpers.call_recording import CallRecording
from realtime_helpers.clock_loudspeaker import Heard
from realtime_helpers.phone_line import PhoneLine, PhoneLineError
from realtime_helpers.telephone_sound import Telephone
from realtime_helpers.wire import Wire

FAST = 50.0
CHUNK = 40


def sound(ms: float, level: int = 1) -> bytes:
    return level.to_bytes(2, "little") * round(24 * ms)


async def listen(phone, chunks: list[bytes]) -> None:
    async for chunk in phone:
        chunks.append(chunk)


class Call:
    """A line with both ends listening."""

    def __init__(self, **options) -> None:
        self.line = PhoneLine(**{"speed": FAST, **options})
        self.caller_heard: list[bytes] = []
        self.callee_heard: list[bytes] = []

    async def __aenter__(self) -> "Call":
        await self.line.__aenter__()
        self.listening = [
            asyncio.create_task(listen(self.line.caller, self.caller_heard)),
            asyncio.create_task(listen(self.line.callee, self.callee_heard)),
        ]
        return self

    async def __aexit__(self, *exc) -> None:
        await self.line.__aexit__(*exc)
        async with asyncio.timeout(5):
            await asyncio.gather(*self.listening)


async def test_what_one_plays_the_other_hears_and_nobody_else():
    async with Call() as call:
        call.line.caller.play(sound(100, 7), item_id="a")
        call.line.callee.play(sound(60, 9), item_id="b")
        await asyncio.gather(call.line.caller.drained(), call.line.callee.drained())
        call.line.caller.hang_up()
        await asyncio.gather(*call.listening)
    assert b"".join(call.callee_heard).startswith(sound(80, 7)), "what was still on its way is lost by hanging up"
    assert set(np.frombuffer(b"".join(call.callee_heard), "<i2")) <= {7, 0}
    assert set(np.frombuffer(b"".join(call.caller_heard), "<i2")) == {9, 0}


async def test_a_line_is_never_silent_it_carries_silence():
    async with Call() as call:
        await asyncio.wait_for(_until(lambda: len(call.callee_heard) >= 10), 5)
    assert {len(chunk) for chunk in call.callee_heard} == {len(sound(CHUNK))}
    assert not any(b"".join(call.callee_heard))


async def _until(true) -> None:
    while not true():  # noqa: ASYNC110  nothing tells of it
        await asyncio.sleep(0)


async def test_sound_goes_at_the_pace_of_life_times_speed():
    async with Call(speed=10.0) as call:
        began = time.perf_counter()
        call.line.caller.play(sound(2000))
        await call.line.caller.drained()
        took_s = time.perf_counter() - began
    assert 0.15 < took_s < 1, "a fifth of a second, and whatever a busy machine adds"
    assert call.line.seconds == pytest.approx(2.0, abs=0.1), "and the line counts life's seconds"


async def test_while_a_service_thinks_a_hurried_line_goes_at_the_pace_of_life():
    """Else a moment's wait for the rest of a sentence would be a long silence, and the end of a turn."""
    wire, line = Wire(), PhoneLine(speed=FAST)
    wire.start()  # a connection was opened in this task
    async with line, line.caller, asyncio.timeout(5):
        listening = [asyncio.create_task(listen(end, [])) for end in (line.caller, line.callee)]
        wire.note("received", {"type": "response.created", "response": {"id": "r"}})
        line.caller.play(sound(1000), item_id="a")
        began = time.perf_counter()
        await line.caller.drained()
        assert time.perf_counter() - began < 0.5, "what is there is said at the line's speed"
        began, before = time.perf_counter(), line.seconds
        await _until(lambda: line.seconds >= before + 0.2)
        assert time.perf_counter() - began > 0.15
        wire.note("received", {"type": "response.done", "response": {"id": "r"}})
        await _until(lambda: line.seconds >= before + 0.3)
        began, before = time.perf_counter(), line.seconds
        await _until(lambda: line.seconds >= before + 10)
        assert time.perf_counter() - began < 1, "silence is hurried through again"
    await asyncio.gather(*listening)


async def test_what_went_over_the_line_is_noted_on_the_speakers_wire():
    wire, line = Wire(), PhoneLine(speed=FAST)
    wire.start()
    async with line, line.caller, asyncio.timeout(5):
        listening = [asyncio.create_task(listen(end, [])) for end in (line.caller, line.callee)]
        line.caller.play(sound(80), item_id="a")
        await line.caller.drained()
        line.caller.play(sound(60_000), item_id="b")
        await _until(lambda: line.caller.item_id == "b")
        heard = await line.caller.clear()
    await asyncio.gather(*listening)
    noted = [(e.type, e.event["item_id"], e.event["heard_ms"]) for e in wire.local()]
    assert noted[:3] == [("speaker.started", "a", 0), ("speaker.drained", "a", 80), ("speaker.started", "b", 0)]
    assert noted[3:] == [("speaker.cleared", "b", heard.ms)]


async def test_the_call_begins_when_both_listen():
    line = PhoneLine(speed=FAST)
    heard: list[bytes] = []
    line.caller.play(sound(80))
    async with line:
        first = asyncio.create_task(listen(line.caller, []))
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert line.seconds == 0 and line.caller.is_playing, "nobody there yet: not a word may be lost"
        second = asyncio.create_task(listen(line.callee, heard))
        await asyncio.wait_for(line.caller.drained(), 5)
        line.callee.hang_up()
        await asyncio.gather(first, second)
    assert line.ended_by == "callee"


async def test_clear_silences_and_tells_what_was_heard():
    async with Call(speed=5.0) as call:
        phone = call.line.caller
        phone.play(sound(4000, 3), item_id="long")
        phone.play(sound(4000, 4), item_id="never")
        await asyncio.wait_for(_until(lambda: phone.played_ms >= 400), 5)
        heard = await phone.clear()
        assert heard == Heard("long", int(phone.played_ms)) and 400 <= heard.ms < 2000
        assert not phone.is_playing and await phone.clear() is None
        before = len(call.callee_heard)
        await asyncio.wait_for(_until(lambda: len(call.callee_heard) >= before + 4), 5)
        assert not any(call.callee_heard[-1]), "silence, and the line goes on"


async def test_clear_before_the_first_chunk_went_out_is_nothing_heard():
    line = PhoneLine(speed=FAST)
    line.caller.play(sound(100), item_id="a")
    assert await line.caller.clear() is None


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_either_side_hangs_up_for_both(who):
    async with Call() as call:
        mine = getattr(call.line, who)
        theirs = call.line.callee if mine is call.line.caller else call.line.caller
        mine.play(sound(400), item_id="goodbye")
        theirs.play(sound(60_000))
        async with asyncio.timeout(5):
            await mine.drained()
            mine.hang_up()
            await asyncio.gather(*call.listening, theirs.drained())
    assert call.line.ended_by == who
    assert mine.played_ms == 400 and 0 < theirs.played_ms < 60_000


async def test_leaving_the_phone_hangs_up():
    line = PhoneLine(speed=FAST)
    with pytest.raises(RuntimeError, match="boom"):
        async with line.callee:
            raise RuntimeError("boom")
    assert line.ended_by == "callee"


async def test_the_longest_call_ends():
    async with Call(limit_s=0.4) as call:
        async with asyncio.timeout(5):
            await asyncio.gather(*call.listening)
    assert (call.line.ended_by, call.line.seconds) == ("time limit", pytest.approx(0.4))


async def test_nobody_answers(monkeypatch):
    monkeypatch.setattr("realtime_helpers.phone_line.RINGS_FOR_S", 0.05)
    line = PhoneLine(speed=FAST)
    async with line, asyncio.timeout(5):
        await listen(line.caller, heard := [])
    assert (line.ended_by, heard) == ("nobody answered", [])


async def test_after_the_call_nothing_is_queued():
    line = PhoneLine(speed=FAST)
    line.caller.hang_up()
    line.caller.play(sound(100))
    async with asyncio.timeout(1):
        await line.caller.drained()
    assert not line.caller.is_playing


async def test_a_phone_is_used_once():
    line = PhoneLine(speed=FAST)
    async with line.caller:
        with pytest.raises(PhoneLineError, match="new PhoneLine"):
            await line.caller.__aenter__()


def test_half_a_sample_is_refused():
    with pytest.raises(ValueError, match="cut apart"):
        PhoneLine(speed=FAST).caller.play(b"\1\2\3")


def test_the_rehearsal_sets_the_pace(monkeypatch):
    assert PhoneLine().speed == 1
    monkeypatch.setenv("REALTIME_REHEARSAL", "1")
    monkeypatch.setenv("REALTIME_REHEARSAL_SPEED", "4")
    assert PhoneLine().speed == 4


# -- listening to it again --------------------------------------------------------------------------------------------


async def test_a_call_is_recorded_on_two_tracks_only_when_asked(tmp_path):
    async with Call(record=True) as call:
        call.line.caller.play(sound(80, 7))
        await call.line.caller.drained()
        call.line.callee.play(sound(80, 9))
        await call.line.callee.drained()
    left, right = call.line.recording.samples.T
    assert (set(left), set(right)) == ({7, 0}, {9, 0})
    assert np.argmax(left) < np.argmax(right), "one after the other"
    call.line.recording.save(tmp_path / "call.wav")
    samples, rate = soundfile.read(tmp_path / "call.wav", dtype="int16")
    assert rate == SAMPLE_RATE_HZ and np.array_equal(samples, call.line.recording.samples)
    with pytest.raises(PhoneLineError, match="record=True"):
        _ = PhoneLine(speed=FAST).recording


def test_a_recording_is_a_player_in_a_notebook():
    recording = CallRecording()
    recording.add(sound(500, 2000), sound(500, 0))
    page = recording._repr_html_()
    assert "<audio controls" in page and 'aria-label="Recording of the call' in page
    samples, rate = soundfile.read(io.BytesIO(b64decode(re.search(r"base64,([^\"]+)", page)[1])))
    assert samples.shape[1] == 2 and len(samples) / rate == pytest.approx(0.5, abs=0.1)


# -- an old telephone -------------------------------------------------------------------------------------------------


def tone(hz: float, seconds: float = 1.0) -> bytes:
    wave = 0.3 * np.sin(2 * np.pi * hz * np.arange(round(SAMPLE_RATE_HZ * seconds)) / SAMPLE_RATE_HZ)
    return (wave * 32767).astype("<i2").tobytes()


def carried(pcm: bytes, hiss_db: float, chunk_ms: int = CHUNK) -> np.ndarray:
    line, size = Telephone(hiss_db), len(sound(chunk_ms))
    heard = [line.carry(pcm[at : at + size]) for at in range(0, len(pcm), size)]
    assert [len(chunk) for chunk in heard] == [size] * len(heard), "as much out as in"
    return np.frombuffer(b"".join(heard), "<i2").astype(float)


def test_a_telephone_carries_low_tones_and_loses_high_ones():
    half = SAMPLE_RATE_HZ // 2  # past the filters' beginning
    assert carried(tone(1000), 60)[half:].std() == pytest.approx(0.3 * 32767 / 2**0.5, rel=0.05)
    assert carried(tone(6000), 60)[half:].std() < 100


def test_hiss_is_as_far_below_a_voice_as_was_said():
    quiet = sound(1000, 0)
    level = [20 * np.log10(carried(quiet, db)[4800:].std() / 32768) for db in (10, 30)]
    assert level[0] - level[1] == pytest.approx(20, abs=1.5)
    assert level[0] == pytest.approx(-36, abs=2), "10 dB below a voice at -26 dBFS"
    assert duration_ms(quiet) == 1000
