"""idle_timeout_ms, on a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.ids import counted_ids
from realtime_helpers.mock_server.script import Script

from .fake_clock import FakeClock
from .talk import Talk, silence

TIMEOUT_MS = 6000
IDLE = {"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": TIMEOUT_MS}}}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
async def talk(speech, clock) -> AsyncIterator[Talk]:
    """A session that has said something, and nobody answers."""
    mind = Script(["Hello, this is the garage. How can I help you?", "Are you still there?", "Hello?", "Bye."])
    talk = Talk(House(speech, mind, clock=clock, pace=4, new_id=counted_ids()))
    talk.configure(audio=IDLE)
    talk.send("response.create")
    yield talk
    talk.close()


async def said(talk, clock, count=1):
    """Wait for a reply to be made and sent; the seconds that its audio plays on after response.done."""
    audio, began = len(talk.of("response.output_audio.delta")), None
    while len(talk.of("response.done")) < count:
        await clock.advance(0.05)
        await asyncio.sleep(0.001)  # the voice works in a thread, on the real clock
        if began is None and len(talk.of("response.output_audio.delta")) > audio:
            began = clock.now()
    item = talk.of("response.done")[count - 1]["response"]["output"][0]["id"]
    return len(talk.spoken(item)) / 48000 - (clock.now() - began)


def triggered(talk):
    return talk.of("input_audio_buffer.timeout_triggered")


async def test_who_says_nothing_is_asked(talk, clock):
    left_to_play = await said(talk, clock)
    assert left_to_play > 1, "it leaves faster than it plays"
    await talk.speak(silence(3))
    await clock.advance(left_to_play + TIMEOUT_MS / 1000 - 0.3)
    assert not triggered(talk), "what was still to be heard does not count"
    since = len(talk.events)
    await clock.advance(0.6)
    assert talk.types(since)[:5] == [
        "input_audio_buffer.timeout_triggered",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    (event,) = triggered(talk)
    assert (event["audio_start_ms"], event["audio_end_ms"]) == (0, 3000)
    item = talk.session.conversation.find(event["item_id"])
    assert (item.body["role"], item.body["content"][0]["type"]) == ("user", "input_audio")
    assert await item.heard == ""
    await said(talk, clock, 2)
    assert talk.of("response.output_audio_transcript.done")[1]["transcript"] == "Are you still there?"
    await clock.advance(30)
    assert len(triggered(talk)) == 2, "and asked again"


async def test_who_speaks_in_time_is_not(talk, clock, say):
    await said(talk, clock)
    await clock.advance(4)
    await talk.speak(silence(0.4) + say("I have a question about"))
    await talk.until("input_audio_buffer.speech_started")
    await clock.advance(60)
    assert not triggered(talk), "not while somebody speaks"


async def test_where_audio_comes_faster_than_life_the_silence_is_measured_in_it(talk, clock):
    await said(talk, clock)
    played_ms = len(talk.spoken(talk.of("response.done")[0]["response"]["output"][0]["id"])) / 48
    began = clock.now()
    await talk.speak(silence(played_ms / 1000 + TIMEOUT_MS / 1000 - 0.5))
    assert not triggered(talk)
    await talk.speak(silence(1))
    assert len(triggered(talk)) == 1 and clock.now() == began, "the clock stood still"
    await talk.speak(silence(1))
    assert len(triggered(talk)) == 1, "once"
    await said(talk, clock, 2)
    await clock.advance(30)
    assert len(triggered(talk)) == 2, "and asked again, by the clock where no more audio comes"


async def test_it_can_be_switched_off_and_changed(talk, clock):
    await said(talk, clock)
    talk.configure(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": None}}})
    await clock.advance(20)
    assert not triggered(talk)
    talk.configure(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": 25_000}}})
    await clock.advance(3)
    assert not triggered(talk)
    await clock.advance(10)
    assert len(triggered(talk)) == 1, "counted from the end of the reply, not from the change"


async def test_nobody_is_asked_who_would_not_be_answered(talk, clock):
    await said(talk, clock)
    off = {"type": "server_vad", "create_response": False, "interrupt_response": False}
    talk.configure(audio={"input": {"turn_detection": off}})
    await clock.advance(60)
    assert not triggered(talk), "where both are off the model never speaks by itself"


async def test_nor_before_anything_was_said(speech, clock):
    talk = Talk(House(speech, Script(["x"]), clock=clock, new_id=counted_ids()))
    talk.configure(audio=IDLE)
    await clock.advance(60)
    assert not triggered(talk)
    talk.close()


@pytest.mark.parametrize(("ms", "code"), [(4999, "integer_below_min_value"), (30_001, "integer_above_max_value")])
async def test_only_so_short_and_so_long(talk, ms, code):
    talk.configure(audio={"input": {"turn_detection": {"type": "server_vad", "idle_timeout_ms": ms}}})
    assert talk.last_error["code"] == code
