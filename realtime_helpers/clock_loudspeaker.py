"""A loudspeaker that is only a clock: it plays to nobody, and knows what would have been heard."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from .audio import duration_ms
from .playback_notes import PlaybackNotes
from .rehearsal_setting import speed_or_default


@dataclass(frozen=True, slots=True)
class Heard:
    """How much of an interrupted item was heard: what `conversation.item.truncate` asks for."""

    item_id: str
    ms: int


@dataclass(slots=True)
class _Run:
    """One item's audio. It may come in pieces with gaps between them: each piece is (start by the clock, ms)."""

    item_id: str | None
    pieces: list[tuple[float, float]] = field(default_factory=list)

    @property
    def ms(self) -> float:
        return sum(ms for _, ms in self.pieces)


class ClockLoudspeaker:
    """Plays PCM16 (24 kHz, mono) by the clock, `speed` times faster than life (None: the rehearsal's speed).

    It does what `Speaker` does in a browser; every figure is in life's milliseconds. Used from one event loop, not from
    other threads. `clock` gives seconds.
    """

    def __init__(self, *, speed: float | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        self.speed = speed_or_default(speed)
        self._clock = clock
        self._end = -math.inf  # when all that is queued will have been heard
        self._runs: list[_Run] = []  # the one that sounds or sounded last, then the queued ones
        self._given: dict[str | None, bytearray] = {}
        self._waiters: set[asyncio.Future[None]] = set()
        self._notes = PlaybackNotes()
        self._next_note: asyncio.TimerHandle | None = None

    # -- playing ------------------------------------------------------------------------------------------------------

    def play(self, pcm: bytes, item_id: str | None = None) -> None:
        """Queue audio behind what is already queued. Returns at once."""
        if not pcm:
            return
        now = self._clock()
        self._note_what_sounds()  # it may have fallen silent since
        self._notes.queued(item_id)
        self._forget_what_is_over(now)
        self._given.setdefault(item_id, bytearray()).extend(pcm)
        if not self._runs or self._runs[-1].item_id != item_id:
            self._runs.append(_Run(item_id))
        start, ms = max(now, self._end), duration_ms(pcm)
        self._runs[-1].pieces.append((start, ms))
        self._end = start + self._seconds(ms)
        self._note_what_sounds()
        self._changed()

    def clear(self) -> Heard | None:
        """Silence now, dropping all that is queued. What was heard of the interrupted item; None if all was quiet."""
        now = self._clock()
        if now >= self._end:
            return None
        self._forget_what_is_over(now)
        run = self._runs[0]
        heard = self._heard(run, now)
        run.pieces = [(start, self._heard_of(start, ms, now)) for start, ms in run.pieces if start < now]
        self._runs = [run]
        self._end = now
        self._notes.cleared(heard)
        self._note_what_sounds()
        self._changed()
        # Whole milliseconds, never past the end (the service refuses that); the rest forgives the clock's rounding.
        return Heard(run.item_id, int(heard + 1e-6)) if run.item_id and heard else None

    def pcm(self, item_id: str | None = None) -> bytes:
        """For tests: all the audio that `play` was given for this item, heard or not."""
        return bytes(self._given.get(item_id, b""))

    # -- what was heard -----------------------------------------------------------------------------------------------

    @property
    def item_id(self) -> str | None:
        """The item that is sounding, or that sounded last."""
        run = self._current(self._clock())
        return run.item_id if run else None

    @property
    def played_ms(self) -> float:
        """Milliseconds of that item which were heard; never more than were given."""
        now = self._clock()
        run = self._current(now)
        return self._heard(run, now) if run else 0.0

    @property
    def is_playing(self) -> bool:
        """Something is sounding, or queued to sound."""
        return self._clock() < self._end

    async def drained(self) -> None:
        """Wait until all that was queued has been heard (or cleared)."""
        await self._until(lambda: self._end)

    async def wait_until_playing(self) -> None:
        """Wait until something sounds. Returns at once if it already does."""
        await self._until(lambda: -math.inf if self.is_playing else math.inf)

    async def wait_until_heard(self, ms: float) -> None:
        """Wait until `ms` milliseconds have been heard of the item that is sounding, or of the next one long enough."""
        await self._until(lambda: self._when_heard(ms))

    # -- the clock ----------------------------------------------------------------------------------------------------

    def _seconds(self, ms: float) -> float:
        return ms / 1000 / self.speed

    def _heard_of(self, start: float, ms: float, now: float) -> float:
        return min(ms, max(0.0, (now - start) * 1000 * self.speed))

    def _heard(self, run: _Run, now: float) -> float:
        return sum(self._heard_of(start, ms, now) for start, ms in run.pieces)

    def _current(self, now: float) -> _Run | None:
        begun = [run for run in self._runs if run.pieces and run.pieces[0][0] <= now]
        return begun[-1] if begun else None

    def _forget_what_is_over(self, now: float) -> None:
        while len(self._runs) > 1 and self._runs[1].pieces[0][0] <= now:
            del self._runs[0]

    def _when_heard(self, ms: float) -> float:
        now = self._clock()
        if now >= self._end:
            return math.inf
        self._forget_what_is_over(now)
        for run in self._runs:
            missing = ms
            for start, piece_ms in run.pieces:
                if missing <= piece_ms:
                    return start + self._seconds(missing)
                missing -= piece_ms
        return math.inf

    async def _until(self, due: Callable[[], float]) -> None:
        """Sleep until the moment that `due` names, asking it again whenever something is queued or cleared."""
        while (left := due() - self._clock()) > 0:
            news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(news)
            try:
                async with asyncio.timeout(None if math.isinf(left) else left):
                    await news
            except TimeoutError:
                pass  # the moment has come
            finally:
                self._waiters.discard(news)

    def _changed(self) -> None:
        for news in self._waiters:
            if not news.done():
                news.set_result(None)

    def _note_what_sounds(self) -> None:
        """Note it, and come back at the next moment when that changes: a page would report it."""
        if self._next_note:
            self._next_note.cancel()
            self._next_note = None
        now = self._clock()
        if now >= self._end:
            self._notes.drained(self.played_ms)
        elif run := self._current(now):
            self._notes.started(run.item_id)
            due = min((r.pieces[0][0] for r in self._runs if r.pieces and r.pieces[0][0] > now), default=self._end)
            with suppress(RuntimeError):  # no loop, nobody who talks
                self._next_note = asyncio.get_running_loop().call_later(due - now, self._note_what_sounds)
