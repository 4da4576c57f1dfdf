"""What a loudspeaker really played is noted on the wire that the sound came from."""

import asyncio
import json
import time

import pytest

from realtime_helpers.clock_loudspeaker import ClockLoudspeaker
from realtime_helpers.connection import Recorded
from realtime_helpers.speaker import Speaker
from realtime_helpers.wire import Wire, current_wire

from .test_microphone import Page, settled

SECOND = bytes(48_000)


def notes(wire: Wire) -> list[tuple]:
    return [(e.type.removeprefix("speaker."), e.event["item_id"], e.event["heard_ms"]) for e in wire.local()]


def conversation() -> Wire:
    news = asyncio.Event()
    wire = Wire(watchers=[lambda _: news.set()])
    wire.news = news
    wire.start()
    return wire


async def noted(wire: Wire, many: int) -> None:
    """Wait until the wire has so many notes. The clock's timers may come a moment after what waits for its sound."""
    async with asyncio.timeout(5):
        while len(wire) < many:
            wire.news.clear()
            await wire.news.wait()


async def test_the_clock_notes_items_as_they_begin_and_when_all_is_quiet():
    wire, speaker = conversation(), ClockLoudspeaker(speed=20)
    began = time.perf_counter()
    speaker.play(SECOND, "a")
    speaker.play(SECOND, "b")
    speaker.play(SECOND, "b")
    await noted(wire, 3)
    took = time.perf_counter() - began
    assert notes(wire) == [("started", "a", 0), ("started", "b", 0), ("drained", "b", 2000)]
    first, second, last = (e.at for e in wire)
    assert second - first > 0.045 and last - first > 0.14 and last - first <= took
    speaker.play(SECOND, "b")
    await asyncio.sleep(0)
    assert notes(wire)[3:] == [("started", "b", 0)], "after a silence, it begins again"


async def test_the_clock_notes_how_much_was_heard_when_it_is_cleared():
    wire, speaker = conversation(), ClockLoudspeaker(speed=20)
    speaker.play(SECOND, "a")
    await speaker.wait_until_heard(300)
    heard = speaker.clear()
    assert notes(wire) == [("started", "a", 0), ("cleared", "a", pytest.approx(heard.ms, abs=1))]
    assert speaker.clear() is None and len(wire) == 2


async def test_a_page_reports_and_each_beginning_is_noted_once(monkeypatch):
    monkeypatch.setenv("REALTIME_REHEARSAL", "0")
    wire, speaker = conversation(), Speaker()
    page = Page(speaker)
    await speaker.ready()
    speaker.play(SECOND, item_id="a")
    speaker.play(SECOND, item_id="b")
    assert notes(wire) == [], "queued is not heard"
    for item, frames, kind in (("a", 0, "begin"), ("a", 960, "begin"), ("a", 4800, "played"), ("b", 0, "begin")):
        page.say(kind, item=item, frames=frames, queued=100, seq=2)
    page.say("empty", item="b", frames=24_000, queued=0, seq=2)
    await settled()
    assert notes(wire) == [("started", "a", 0), ("started", "b", 0), ("drained", "b", 1000)]


async def test_a_page_that_was_cleared_or_left(monkeypatch):
    monkeypatch.setenv("REALTIME_REHEARSAL", "0")
    wire, speaker = conversation(), Speaker()
    page = Page(speaker)
    await speaker.ready()
    for seq, then in enumerate(("cleared", "hello"), 1):
        speaker.play(SECOND, item_id="a")
        page.say("begin", item="a", frames=0, queued=24_000, seq=seq)
        await settled()
        clearing = asyncio.create_task(speaker.clear()) if then == "cleared" else None
        await settled()
        (page if clearing else Page(speaker, "page 2")).say(
            then, id=1, item="a", frames=12_000, queued=0, seq=seq, state="suspended"
        )
        await settled()
    kinds = [kind for kind, _, _ in notes(wire)]
    assert kinds == ["started", "cleared", "started", "cleared"] and notes(wire)[1][2] == 500


async def test_two_conversations_at_a_time_each_have_their_own_notes():
    async def talk(item: str) -> Wire:
        wire, speaker = conversation(), ClockLoudspeaker(speed=20)
        await asyncio.sleep(0)  # the other one starts, too
        await asyncio.create_task(play(speaker, item))
        return wire

    async def play(speaker: ClockLoudspeaker, item: str) -> None:
        speaker.play(SECOND, item)
        await noted(current_wire(), 2)

    wires = await asyncio.gather(talk("a"), talk("b"))
    assert [notes(wire)[0][1] for wire in wires] == ["a", "b"] and [len(wire) for wire in wires] == [2, 2]


async def test_one_task_with_two_connections_speaks_for_the_one_it_heard_last():
    class Socket:
        close = None

        async def recv(self, **how: object) -> bytes:
            return json.dumps({"type": "session.created"}).encode()

    wires = [conversation(), conversation()]
    sockets = [Recorded(Socket(), wire) for wire in wires]
    for n in (0, 1, 0):
        await sockets[n].recv()
        assert current_wire() is wires[n]


async def test_what_is_played_after_the_conversation_is_not_its_but_what_still_sounds_is():
    wire, speaker = conversation(), ClockLoudspeaker(speed=20)
    speaker.play(SECOND, "a")
    wire.end()
    speaker.play(SECOND, "a tone of chapter 0")
    await speaker.drained()
    assert [item for _, item, _ in notes(wire)] == ["a"]


def test_without_a_loop_or_a_conversation_nothing_is_noted_and_nothing_fails():
    ClockLoudspeaker(speed=20).play(SECOND, "a")
