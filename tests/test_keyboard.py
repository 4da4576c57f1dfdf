"""The kernel's half of the keyboard, and conversations that go on by typing. The page's half: tests/browser."""

from __future__ import annotations

import asyncio
import logging
import math
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest

from realtime_helpers import _bridge, microphone
from realtime_helpers.keyboard import Keyboard, KeyboardError
from realtime_helpers.microphone import FAULTS, Microphone, MicrophoneError
from realtime_helpers.mock_server import MockServer, Say
from realtime_helpers.rehearsal import ClockLoudspeaker
from realtime_helpers.speaker import Speaker

from .dropped_calls import PACE, service_of
from .test_microphone import Page, settled

LINES = ["Put the Family Tent in my basket.", "What does that make?"]


@pytest.fixture(autouse=True)
def in_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALTIME_REHEARSAL", "0")


@pytest.fixture
def rehearsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALTIME_REHEARSAL", "1")
    monkeypatch.setenv("REALTIME_REHEARSAL_SPEED", "4")


async def read(keyboard: Keyboard) -> list[str]:
    return [line async for line in keyboard]


async def test_lines_come_in_order_also_those_sent_before_anybody_read() -> None:
    keyboard = Keyboard()
    page = Page(keyboard)
    async with keyboard:
        page.say("line", line="one")
        page.say("line", line=" two ")
        await settled()
        assert [await anext(keyboard), await anext(keyboard)] == ["one", "two"]
        third = asyncio.create_task(anext(keyboard))
        await settled()
        page.say("line", line="three")
        assert await third == "three"
    assert [m["line"] for m in page.got if m["kind"] == "sent"] == ["one", "two", "three"]
    assert page.got[-1] == {"kind": "stop", "page": "page 1", "why": "Off."} and not keyboard.active


async def test_a_line_of_spaces_is_no_line() -> None:
    keyboard = Keyboard()
    page = Page(keyboard)
    async with keyboard:
        reading = asyncio.create_task(anext(keyboard))
        await settled()
        page.say("line", line="  ")
        page.say("line", line="a word")
        assert await reading == "a word"


async def test_hang_up_ends_the_loop_at_once() -> None:
    keyboard = Keyboard()
    page = Page(keyboard)
    async with keyboard:
        page.say("line", line="nobody has read this yet")
        page.say("hang_up")
        await settled()
        assert await read(keyboard) == []
    assert page.got[-1]["why"] == "Hung up."


async def test_a_line_sent_as_it_goes_off_is_given_back() -> None:
    keyboard = Keyboard()
    page = Page(keyboard)
    async with keyboard:
        pass
    page.say("line", line="too late")
    await settled()
    assert page.got[-1] == {"kind": "unsent", "page": "page 1", "line": "too late"}


async def test_reading_on_after_the_block_ends_at_once() -> None:
    keyboard = Keyboard()
    Page(keyboard)
    async with keyboard:
        reading = asyncio.create_task(read(keyboard))
        await settled()
    assert await asyncio.wait_for(reading, 1) == []


async def test_a_reader_who_is_cancelled_leaves_it_off() -> None:
    keyboard = Keyboard()
    page = Page(keyboard)

    async def type_on() -> None:
        async with keyboard:
            await read(keyboard)

    typing = asyncio.create_task(type_on())
    await settled()
    assert keyboard.active
    typing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await typing
    assert not keyboard.active and page.kinds()[-1] == "stop"


async def test_it_can_be_entered_again_but_not_twice_at_once() -> None:
    keyboard = Keyboard()
    page = Page(keyboard)
    for words in ("first", "second"):
        async with keyboard:
            with pytest.raises(KeyboardError, match="already on"):
                await keyboard.__aenter__()
            page.say("line", line=words)
            await settled()
            assert await anext(keyboard) == words
            page.say("line", line="left over")
            await settled()


async def test_no_page_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bridge, "_ASK_AGAIN_S", 0.01)
    keyboard = Keyboard()
    Page(keyboard).answers = False
    with pytest.raises(KeyboardError, match=r"No browser page answered .* so nobody can type here: .*JupyterLab"):
        await keyboard.ready(timeout_s=0.05)


async def test_after_a_reload_typing_goes_on() -> None:
    keyboard = Keyboard()
    Page(keyboard)
    async with keyboard:
        reloaded = Page(keyboard, "page 2")
        reloaded.say("hello")
        reloaded.say("line", line="still here")
        await settled()
        assert await anext(keyboard) == "still here"


# -- rehearsed ---------------------------------------------------------------------------------------------------------


async def test_a_rehearsal_needs_lines(rehearsed: None) -> None:
    with pytest.raises(KeyboardError, match=r'Keyboard\(rehearsal=\["LINE", \.\.\.\]\)'):
        await Keyboard().__aenter__()
    with pytest.raises(KeyboardError, match=r"a list of lines, not one text: put it in \[brackets\]"):
        Keyboard(rehearsal="Hello.")


def sound(ms: float) -> bytes:
    return b"\1\0" * round(24 * ms)


async def test_each_line_waits_until_the_one_before_is_answered_and_all_is_quiet(rehearsed: None) -> None:
    speaker = ClockLoudspeaker()
    speaker.play(sound(1200), "what a microphone was told")
    keyboard = Keyboard(rehearsal=LINES, listen_to=speaker)
    page = Page(keyboard)
    typed = []
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(10), keyboard:
        async for line in keyboard:
            assert not speaker.is_playing, "typed into the answer"
            typed.append(line)
            loop.call_later(0.5, speaker.play, sound(400), line)
            loop.call_later(0.7, speaker.play, sound(400), line)  # a gap, and the rest of it
    assert typed == LINES and "ping" not in page.kinds()
    assert speaker.played_ms == 800, "it ended only when the last line was answered, too"


async def test_without_a_loudspeaker_a_gap_stands_for_the_answer(rehearsed: None, monkeypatch) -> None:
    monkeypatch.setenv("REALTIME_REHEARSAL_SPEED", "10")
    began = asyncio.get_running_loop().time()
    async with Keyboard(rehearsal=LINES) as keyboard:
        assert await read(keyboard) == LINES
    assert asyncio.get_running_loop().time() - began >= 0.6


async def test_no_answer_is_waited_for_in_vain_and_the_log_says_so_without_the_words(
    rehearsed: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("realtime_helpers.listener.PATIENCE_AT_LEAST_S", 0)
    monkeypatch.setattr("realtime_helpers.listener.PATIENCE_S", 0.4)
    with caplog.at_level(logging.DEBUG, "realtime_helpers"):
        async with Keyboard(rehearsal=LINES, listen_to=ClockLoudspeaker()) as keyboard:
            assert await read(keyboard) == LINES
    warnings = [r.message for r in caplog.records if r.levelno == logging.WARNING]
    assert [w.partition(": ")[2] for w in warnings] == [
        "the typist goes on and sends line 2.",
        "the typist goes on and hangs up.",
    ]
    assert "Tent" not in caplog.text


async def test_the_recording_types_once_it_is_clicked_and_can_be_stopped() -> None:
    speaker = ClockLoudspeaker(speed=4)
    keyboard = Keyboard(rehearsal=LINES, listen_to=speaker)
    page = Page(keyboard)
    async with asyncio.timeout(10), keyboard:
        first = asyncio.create_task(anext(keyboard))
        await settled()
        assert not first.done()
        page.say("recording", use=True)
        assert await first == LINES[0]
        page.say("recording", use=False)
        await settled()
        speaker.play(sound(100), "the answer")
        second = asyncio.create_task(anext(keyboard))
        await asyncio.wait([second], timeout=0.5)
        assert not second.done(), "a person types now"
        page.say("line", line="my own words")
        assert await second == "my own words"


async def test_the_rehearsal_stops_typing_when_the_block_is_left(rehearsed: None) -> None:
    before = asyncio.all_tasks()
    async with Keyboard(rehearsal=LINES, listen_to=ClockLoudspeaker()) as keyboard:
        await anext(keyboard)
    await settled()
    assert asyncio.all_tasks() == before


# -- a microphone's faults ---------------------------------------------------------------------------------------------


def test_an_unknown_fault_is_told_which_there_are() -> None:
    with pytest.raises(MicrophoneError, match=r"no fault 'dead': choose one of 'denied', 'missing', 'unplugged'\."):
        Microphone(fault="dead")


@pytest.mark.parametrize("fault", ["denied", "missing"])
async def test_a_practised_refusal_is_the_real_one_and_asks_nobody(fault: str) -> None:
    mic = Microphone(fault=fault)
    page = Page(mic)
    for _ in range(2):
        with pytest.raises(MicrophoneError) as practised:
            await mic.__aenter__()
    assert page.kinds() == ["stop", "stop"] and page.got[0]["why"] == str(practised.value) and page.got[0]["wrong"]
    assert not mic.active
    # The page has its sentences from the same place.
    assert f'"{fault}": "{practised.value}"' in Microphone._esm and str(practised.value) not in Microphone._esm[3000:]


async def test_a_practised_unplugging_ends_the_loop_after_two_seconds() -> None:
    mic = Microphone(fault="unplugged")
    page = Page(mic)
    chunks = []
    with pytest.raises(MicrophoneError, match="is gone, probably because it was unplugged"):
        async with mic:
            feeding = asyncio.create_task(_feed(page))
            async for chunk in mic:
                chunks.append(chunk)
    feeding.cancel()
    assert len(chunks) == 49, "the fiftieth of 40 ms would have been the end of the second second"
    assert not mic.active and next(m["why"] for m in page.got if m["kind"] == "stop") == FAULTS["unplugged"]


async def _feed(page: Page) -> None:
    await settled()
    for i in range(60):  # faster than they are read
        page.say("audio", bytes(1920), first=960 * i)


# -- the conversation that goes on -------------------------------------------------------------------------------------


class Shopkeeper:
    """Says how many turns of the customer it has read: it can only count those of one conversation."""

    def __init__(self) -> None:
        self.read: list[list[str]] = []

    async def reply(self, prompt: Any) -> AsyncIterator[Say]:
        self.read.append([entry.text for entry in prompt.history if getattr(entry, "role", "") == "user"])
        yield Say(f"That was turn number {len(self.read[-1])}.")


class Talk:
    """A spoken conversation as the chapters hold it, and what to do when the microphone fails."""

    def __init__(self, server: MockServer, mic: Microphone, keyboard: Keyboard, speaker: Speaker) -> None:
        self.service = service_of(server)
        self.mic, self.keyboard, self.speaker = mic, keyboard, speaker
        self.why, self.typed, self.heard, self.errors = "", [], [], []
        self.answered = lambda: None

    async def hold(self) -> None:
        async with asyncio.timeout(40), self.service.connect() as connection:
            await connection.session.update(session={"type": "realtime", "instructions": "Sell tents."})
            talking = None
            async for event in connection:
                match event.type:
                    case "session.updated":
                        talking = asyncio.create_task(self.talk(connection))
                    case "response.output_audio.delta":
                        self.speaker.play(b64decode(event.delta), item_id=event.item_id)
                    case "response.output_audio_transcript.done":
                        self.heard.append(event.transcript)
                    case "response.done":
                        self.answered()
                    case "error":
                        self.errors.append(event.error.message)
            await talking

    async def talk(self, connection: Any) -> None:
        try:
            async with self.mic:
                async for chunk in self.mic:
                    await connection.input_audio_buffer.append(audio=b64encode(chunk).decode())
        except MicrophoneError as why:
            self.why = str(why)
            await connection.input_audio_buffer.clear()  # half a sentence, that nobody will finish
            async with self.keyboard:
                async for line in self.keyboard:
                    self.typed.append(line)
                    content = [{"type": "input_text", "text": line}]
                    item = {"type": "message", "role": "user", "content": content}
                    await connection.conversation.item.create(item=item)
                    await connection.response.create()
        await connection.close()


@pytest.mark.parametrize(
    ("fault", "after_s", "turns_spoken"),
    [("denied", 0, 0), ("missing", 0, 0), ("unplugged", 1.5, 0), ("unplugged", math.inf, 1)],
    ids=["denied", "missing", "unplugged in the first sentence", "unplugged after an answer"],
)
async def test_a_failing_microphone_is_told_and_typing_goes_on_in_the_same_conversation(
    rehearsed: None, monkeypatch: pytest.MonkeyPatch, fault: str, after_s: float, turns_spoken: int
) -> None:
    monkeypatch.setattr(microphone, "UNPLUGGED_AFTER_S", after_s)
    keeper, speaker = Shopkeeper(), Speaker()
    mic = Microphone(rehearsal="08_voice_shop", listen_to=speaker, fault=fault)
    async with MockServer(mind=keeper, pace=PACE) as server:
        talk = Talk(server, mic, Keyboard(rehearsal=LINES, listen_to=speaker), speaker)
        talk.answered = lambda: setattr(microphone, "UNPLUGGED_AFTER_S", 0)  # infinity until then
        await talk.hold()
    assert talk.why == FAULTS[fault] and talk.typed == LINES and talk.errors == []
    assert len(talk.service.wire.received("session.created")) == 1, "one connection, to the end"
    turns = turns_spoken + len(LINES)
    assert talk.heard == [f"That was turn number {n}." for n in range(1, turns + 1)], keeper.read
    assert keeper.read[-1][turns_spoken:] == LINES
    assert "tent" in " ".join(keeper.read[-1][:turns_spoken]) or not turns_spoken
    assert speaker.played_ms > 500 and not speaker.is_playing, "the last answer was heard to its end"
