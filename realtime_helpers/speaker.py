"""PCM16 chunks to the browser's loudspeaker, which knows what was heard."""

from __future__ import annotations

import asyncio
from typing import Any

import traitlets

from . import rehearsal as _rehearsal
from ._bridge import PageWidget, WidgetError, page_module
from .audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from .playback_notes import PlaybackNotes

_CLEAR_ANSWERED_WITHIN_S = 2.0


class SpeakerError(WidgetError):
    """No loudspeaker: one sentence saying why and what to do."""


class Speaker(PageWidget):
    """A loudspeaker in the page. `play()` queues, `await clear()` silences, and it counts what was heard.

    Audio is PCM16, 24 kHz, mono. The queue lives on the browser's audio thread: it plays on while a cell blocks.
    Under REALTIME_REHEARSAL=1 nothing sounds and no browser is needed: a clock plays (`rehearsal.ClockLoudspeaker`).

    `played_ms` and `item_id` are of the item that is playing, or that played last: the two figures that
    `conversation.item.truncate` asks for after an interruption. What sounded when is noted on the wire that it
    came from (`WireEvent`), as the page's reports come in.
    """

    _esm = page_module("page.js", "speaker.js")
    _error = SpeakerError

    volume = traitlets.Float(1.0, min=0.0, max=1.0).tag(sync=True)
    trace = traitlets.Bool(False, help="for tests: keep what left the audio thread in `rendered`").tag(sync=True)
    _context_rate = traitlets.Int(0, help="for tests: the rate that a browser insists on").tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        self._clock = _rehearsal.ClockLoudspeaker() if _rehearsal.rehearsing() else None
        self.rendered: list[bytes] = []  # with `trace`: PCM16 at the context's rate, before the volume
        self.reports: list[dict] = []  # with `trace`: every report of the audio thread, with its kernel time
        self.state = ""  # the page's AudioContext: "running", or "suspended" until *Enable sound* is pressed
        self.front_end = ""  # once the page has answered: "JupyterLab", "Notebook", "VS Code"
        self.secure_page = False
        self._seq = 0
        self._clears = 0
        self._clearing: dict[int, asyncio.Future[dict]] = {}
        self._waiting: list[tuple[float, asyncio.Future[None]]] = []
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._sounding = asyncio.Event()
        self._notes = PlaybackNotes()
        self._forget_report()
        super().__init__(**kwargs)

    def _forget_report(self) -> None:
        self._item: str | None = None
        self._frames = self._queued = 0
        self._reported_at = 0.0

    # -- playing ------------------------------------------------------------------------------------------------------

    def play(self, pcm: bytes, *, item_id: str | None = None) -> None:
        """Queue PCM16 (24 kHz, mono) behind what is already queued. Returns at once. `item_id`: whose audio it is.

        Raises ValueError for half a sample.
        """
        if len(pcm) % BYTES_PER_SAMPLE:
            raise ValueError(
                f"PCM16 has {BYTES_PER_SAMPLE} bytes a sample, but {len(pcm)} bytes came: a chunk was cut apart."
            )
        if self._clock:
            return self._clock.play(pcm, item_id)
        if not pcm:
            return None
        self._use_this_loop()
        self._notes.queued(item_id)
        self._quiet.clear()
        self._seq += 1
        self.send({"kind": "play", "seq": self._seq, "item": item_id}, [pcm])

    async def clear(self) -> _rehearsal.Heard | None:
        """Silence now, dropping all that is queued. What was heard of the interrupted item, or None if all was quiet.

        The loudspeaker fades within one audio quantum (5 ms), so that nothing clicks. `Heard(item_id, ms)` was counted
        by the audio thread, not guessed from a clock.
        """
        if self._clock:
            return self._clock.clear()
        if not self.is_playing:
            return None
        loop = self._use_this_loop()
        self._clears += 1
        answer = self._clearing[self._clears] = loop.create_future()
        self.send({"kind": "clear", "id": self._clears})
        try:
            async with asyncio.timeout(_CLEAR_ANSWERED_WITHIN_S):
                await answer
        except TimeoutError:
            self._now_quiet()  # the page is gone, and its queue with it: what it last said has to do
        finally:
            self._clearing.pop(self._clears, None)
        return _rehearsal.Heard(self._item, int(self.played_ms)) if self._item and self._frames else None

    # -- what was heard -----------------------------------------------------------------------------------------------

    @property
    def item_id(self) -> str | None:
        """The item that is sounding, or that sounded last."""
        return self._clock.item_id if self._clock else self._item

    @property
    def played_ms(self) -> float:
        """Milliseconds of that item which were heard: the audio thread's count, and a clock between its reports."""
        if self._clock:
            return self._clock.played_ms
        frames = self._frames
        if self._sounding.is_set() and self.state == "running" and self._loop:
            since = (self._loop.time() - self._reported_at) * SAMPLE_RATE_HZ
            frames += min(since, self._queued)
        return frames / SAMPLE_RATE_HZ * 1000

    @property
    def is_playing(self) -> bool:
        """Something is sounding, or queued to sound."""
        return self._clock.is_playing if self._clock else not self._quiet.is_set()

    async def drained(self) -> None:
        """Wait until all that was queued has been heard (or cleared)."""
        if self._clock:
            return await self._clock.drained()
        await self._page_there()
        await self._quiet.wait()

    async def wait_until_playing(self) -> None:
        """Wait until something sounds. Returns at once if it already does."""
        if self._clock:
            return await self._clock.wait_until_playing()
        await self._page_there()
        await self._sounding.wait()

    async def wait_until_heard(self, ms: float) -> None:
        """Wait until `ms` milliseconds have been heard of the item that is sounding, or of the next one to sound."""
        if self._clock:
            return await self._clock.wait_until_heard(ms)
        await self._page_there()
        if self._sounding.is_set() and self._frames >= ms * SAMPLE_RATE_HZ / 1000:
            return
        heard = self._use_this_loop().create_future()
        self._waiting.append((ms, heard))
        self.send({"kind": "watch", "frames": int(ms * SAMPLE_RATE_HZ / 1000)})
        try:
            await heard
        finally:
            self._waiting = [w for w in self._waiting if w[1] is not heard]

    async def _page_there(self) -> None:
        if not self.page or self._loop is not asyncio.get_running_loop():
            await self.ready()

    # -- what the page says -------------------------------------------------------------------------------------------

    def _new_page(self) -> None:
        self._now_quiet()

    def _now_quiet(self) -> None:
        self._notes.cleared(self.played_ms)
        self._queued = 0
        self._sounding.clear()
        self._quiet.set()

    def _handle(self, kind: str, message: dict, buffers: list[bytes]) -> None:
        assert self._loop is not None
        now = self._loop.time()
        if kind == "rendered":
            self.rendered += buffers
            return
        if kind in ("state", "hello"):
            self.state = message["state"]
        if kind == "hello":
            self.front_end, self.secure_page = message["front_end"], message["secure"]
        if "frames" in message:
            self._item, self._frames, self._queued = message["item"], message["frames"], message["queued"]
            self._reported_at = now
            if kind == "begin":
                self._quiet.clear()
                self._sounding.set()
                self._notes.started(self._item)
            elif kind in ("empty", "cleared"):
                self._sounding.clear()
                (self._notes.drained if kind == "empty" else self._notes.cleared)(self.played_ms)
                if message["seq"] == self._seq:  # else more is on its way
                    self._quiet.set()
            self._wake_those_who_waited()
        if kind == "cleared" and (answer := self._clearing.get(message["id"])) and not answer.done():
            answer.set_result(message)
        if self.trace:
            self.reports.append({**message, "kind": kind, "loop_time": now})

    def _wake_those_who_waited(self) -> None:
        if self._sounding.is_set():
            for ms, heard in self._waiting:
                if self._frames >= ms * SAMPLE_RATE_HZ / 1000 and not heard.done():
                    heard.set_result(None)
