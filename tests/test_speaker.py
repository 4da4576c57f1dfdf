"""The kernel's half of the loudspeaker. The page's half: tests/browser."""

from __future__ import annotations

import asyncio

import pytest

from realtime_helpers import speaker as speaker_module
from realtime_helpers.rehearsal import Heard
from realtime_helpers.speaker import Speaker

from .test_microphone import Page, settled

SECOND = bytes(48_000)


@pytest.fixture(autouse=True)
def in_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALTIME_REHEARSAL", "0")


async def playing(frames: int = 0, queued: int = 24_000) -> tuple[Speaker, Page]:
    speaker = Speaker()
    page = Page(speaker)
    await speaker.ready()
    speaker.play(SECOND, item_id="item_1")
    page.say("begin", item="item_1", frames=0, queued=24_000, seq=1)
    page.say("played", item="item_1", frames=frames, queued=queued, seq=1)
    await settled()
    return speaker, page


async def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="cut apart"):
        Speaker().play(b"123")


async def test_nothing_playing_clears_to_none() -> None:
    speaker = Speaker()
    page = Page(speaker)
    assert await speaker.clear() is None and page.got == []


async def test_clear_tells_what_the_audio_thread_counted() -> None:
    speaker, page = await playing(frames=12_000)
    clearing = asyncio.create_task(speaker.clear())
    await settled()
    page.say("cleared", id=1, item="item_1", frames=12_345, queued=0, seq=1)
    assert await clearing == Heard("item_1", 514)
    assert not speaker.is_playing


async def test_clear_of_what_was_never_heard_is_none() -> None:
    speaker = Speaker()
    page = Page(speaker)
    await speaker.ready()
    speaker.play(SECOND, item_id="item_1")
    clearing = asyncio.create_task(speaker.clear())
    await settled()
    page.say("cleared", id=1, item=None, frames=0, queued=0, seq=1)
    assert await clearing is None


async def test_clear_of_a_page_that_is_gone_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaker_module, "_CLEAR_ANSWERED_WITHIN_S", 0.05)
    speaker, _ = await playing(frames=2_400, queued=0)
    assert await speaker.clear() == Heard("item_1", 100)
    assert not speaker.is_playing


async def test_drained_is_not_fooled_by_a_report_from_before_the_last_play() -> None:
    speaker, page = await playing()
    speaker.play(SECOND, item_id="item_2")
    draining = asyncio.create_task(speaker.drained())
    page.say("empty", item="item_1", frames=24_000, queued=0, seq=1)
    await settled()
    assert not draining.done() and speaker.is_playing
    page.say("empty", item="item_2", frames=24_000, queued=0, seq=2)
    await draining
    assert speaker.played_ms == 1000 and speaker.item_id == "item_2"


async def test_played_ms_runs_on_between_reports_but_never_past_what_is_queued() -> None:
    speaker, _ = await playing(frames=2_400, queued=48)
    assert speaker.state == "running"
    before = speaker.played_ms
    await asyncio.sleep(0.02)
    assert 100 <= before <= speaker.played_ms == 102


async def test_wait_until_heard_asks_the_audio_thread() -> None:
    speaker, page = await playing()
    waiting = asyncio.create_task(speaker.wait_until_heard(900))
    await settled()
    assert page.got[-1] == {"kind": "watch", "frames": 21_600} and not waiting.done()
    page.say("played", item="item_1", frames=21_700, queued=2_300, seq=1)
    await waiting


async def test_a_reloaded_page_has_lost_its_queue() -> None:
    speaker, _ = await playing()
    Page(speaker, "page 2").say("hello", state="running")
    await asyncio.wait_for(speaker.drained(), 1)
    assert not speaker.is_playing


async def test_a_rehearsal_is_played_by_a_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REALTIME_REHEARSAL", "1")
    monkeypatch.setenv("REALTIME_REHEARSAL_SPEED", "20")
    speaker = Speaker()
    page = Page(speaker)
    speaker.play(SECOND, item_id="item_1")
    await speaker.wait_until_playing()
    await speaker.wait_until_heard(300)
    heard = await speaker.clear()
    assert heard is not None and heard.item_id == "item_1" and 300 <= heard.ms < 1000
    await speaker.drained()
    assert not speaker.is_playing and page.got == []
