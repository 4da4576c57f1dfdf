"""The kernel's half of the microphone. The page's half: tests/browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from realtime_helpers import _bridge, microphone
from realtime_helpers.microphone import Microphone, MicrophoneError

LINES = [bytes([i, 0]) * 960 for i in range(1, 6)]


class Page:
    """Stands for the page: notes what the kernel sends, answers pings, says what a test tells it to."""

    def __init__(self, widget: _bridge.PageWidget, name: str = "page 1") -> None:
        self.widget, self.name, self.got = widget, name, []
        self.answers = True
        self.starts = True
        self.asked = asyncio.Event()  # to start
        widget.send = self._receive

    def _receive(self, message: dict, buffers: list | None = None) -> None:
        self.got.append(message)
        if message["kind"] == "ping" and self.answers:
            self.say("hello", state="running")
        if message["kind"] == "start":
            self.asked.set()
            if self.starts:
                self.say("started", label="a WAV file")

    def say(self, kind: str, *buffers: bytes, **more: object) -> None:
        self.widget._from_page(self.widget, {"kind": kind, "page": self.name, **more}, list(buffers))

    def kinds(self) -> list[str]:
        return [m["kind"] for m in self.got]


@pytest.fixture(autouse=True)
def in_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALTIME_REHEARSAL", "0")


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Caller:
        def __init__(self, name: str, listen_to: object) -> None:
            assert (name, listen_to) == ("a_name", "the loudspeaker")

        async def __aiter__(self) -> AsyncIterator[bytes]:
            for line in LINES:
                await asyncio.sleep(0)
                yield line

    monkeypatch.setattr(microphone._rehearsal, "Caller", Caller)


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_chunks_arrive_in_order_until_hang_up() -> None:
    mic = Microphone()
    page = Page(mic)
    async with mic:
        reading = asyncio.create_task(read(mic))
        await settled()
        page.say("audio", LINES[0], first=0)
        page.say("audio", LINES[1], first=960)
        await settled()
        page.say("hang_up")
        assert await reading == LINES[:2]
    assert mic.lost_samples == 0 and not mic.active and page.kinds()[-1] == "stop"


async def read(mic: Microphone) -> list[bytes]:
    return [chunk async for chunk in mic]


async def test_missing_samples_are_counted() -> None:
    mic = Microphone()
    page = Page(mic)
    async with mic:
        reading = asyncio.create_task(read(mic))
        await settled()
        page.say("audio", LINES[0], first=0)
        page.say("audio", LINES[1], first=1000)
        await settled()
        page.say("hang_up")
        await reading
    assert mic.lost_samples == 40


async def test_what_was_said_before_anybody_listened_is_dropped() -> None:
    mic = Microphone()
    page = Page(mic)
    async with mic:
        page.say("audio", LINES[0], first=0)
        await settled()
        reading = asyncio.create_task(anext(mic))
        await settled()
        page.say("audio", LINES[1], first=960)
        assert await reading == LINES[1]


async def test_an_unread_microphone_keeps_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone, "KEPT_S", 0.1)  # two and a half chunks of 40 ms
    mic = Microphone()
    page = Page(mic)
    async with mic:
        reading = asyncio.create_task(anext(mic))
        await settled()
        for i, line in enumerate(LINES):
            page.say("audio", line, first=960 * i)
        assert [await reading, await anext(mic)] == LINES[3:]


async def test_the_pages_sentence_is_the_error() -> None:
    mic = Microphone()
    page = Page(mic)
    page.starts = False
    entering = asyncio.create_task(mic.__aenter__())
    await page.asked.wait()
    page.say("error", name="NotAllowedError", sentence="Not allowed: allow it.")
    with pytest.raises(MicrophoneError, match=r"^Not allowed: allow it\.$"):
        await entering
    assert not mic.active and page.kinds()[-1] == "stop"


async def test_a_microphone_pulled_out_ends_the_loop_with_its_error() -> None:
    mic = Microphone()
    page = Page(mic)
    with pytest.raises(MicrophoneError, match="unplugged"):
        async with mic:
            reading = asyncio.create_task(read(mic))
            await settled()
            page.say("error", name="NotFoundError", sentence="unplugged")
            await reading
    assert not mic.active


async def test_no_page_answers_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bridge, "_ASK_AGAIN_S", 0.01)
    mic = Microphone()
    page = Page(mic)
    page.answers = False
    with pytest.raises(MicrophoneError, match="No browser page answered") as error:
        await mic.ready(timeout_s=0.05)
    assert page.kinds().count("ping") > 1 and len(error.value._render_traceback_()) == 1


async def test_cancelled_while_the_browser_asks_leaves_it_off() -> None:
    mic = Microphone()
    page = Page(mic)
    page.starts = False
    entering = asyncio.create_task(mic.__aenter__())
    await page.asked.wait()
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    assert not mic.active and page.kinds()[-1] == "stop"


async def test_it_can_be_entered_again_but_not_twice_at_once() -> None:
    mic = Microphone()
    page = Page(mic)
    for _ in range(2):
        async with mic:
            with pytest.raises(MicrophoneError, match="already on"):
                await mic.__aenter__()
            reading = asyncio.create_task(read(mic))
            await settled()
            page.say("hang_up")
            assert await reading == []


async def test_reading_on_after_the_block_ends_at_once() -> None:
    mic = Microphone()
    page = Page(mic)
    async with mic:
        reading = asyncio.create_task(read(mic))
        await settled()
    assert await asyncio.wait_for(reading, 1) == [] and page.kinds()[-1] == "stop"


async def test_a_rehearsal_needs_no_page(monkeypatch: pytest.MonkeyPatch, recorded: None) -> None:
    monkeypatch.setenv("REALTIME_REHEARSAL", "1")
    mic = Microphone(rehearsal="a_name", listen_to="the loudspeaker")
    page = Page(mic)
    async with mic:
        assert await read(mic) == LINES
    assert "ping" not in page.kinds()


async def test_a_rehearsal_without_a_recording_says_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALTIME_REHEARSAL", "1")
    with pytest.raises(MicrophoneError, match=r'Microphone\(rehearsal="NAME"\)'):
        await Microphone().__aenter__()


async def test_the_recording_clicked_while_the_browser_asks(recorded: None) -> None:
    mic = Microphone(rehearsal="a_name", listen_to="the loudspeaker")
    page = Page(mic)
    page.starts = False
    entering = asyncio.create_task(mic.__aenter__())
    await page.asked.wait()
    page.say("recording", use=True)
    await entering
    assert await read(mic) == LINES


async def test_the_recording_is_muted_too(recorded: None) -> None:
    mic = Microphone(rehearsal="a_name", listen_to="the loudspeaker")
    Page(mic)
    mic.use_recording = mic.muted = True
    async with mic:
        assert await read(mic) == [bytes(len(line)) for line in LINES]


async def test_another_tab_takes_over_and_the_first_is_not_heard() -> None:
    mic = Microphone()
    page = Page(mic)
    async with mic:
        reading = asyncio.create_task(read(mic))
        await settled()
        second = Page(mic, "page 2")
        second.say("hello")
        page.say("audio", LINES[0], first=0)
        second.say("audio", LINES[1], first=0)
        await settled()
        second.say("hang_up")
        assert await reading == [LINES[1]]


def test_every_comm_stays_on_the_shell_the_page_chose() -> None:
    from ipykernel.comm.comm import BaseComm

    assert _bridge.route_messages() == _bridge.route_messages() == "routed"
    assert BaseComm(target_name="t")._reply_subshell_for({"content": {}}, "the page's") == "the page's"
