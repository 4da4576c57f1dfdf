"""A phone line between two agents: what one plays the other hears, at the pace of life."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import Self

from .audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from .call_recording import CallRecording
from .clock_loudspeaker import Heard
from .errors import LearnerError
from .playback_notes import PlaybackNotes
from .rehearsal_setting import speed_or_default
from .telephone_sound import Telephone
from .wire import Wire, current_wire

LIMIT_S = 180.0
RINGS_FOR_S = 60.0  # by the clock, not of life: until then both sides have to have a connection
CHUNK_MS = 40  # as the microphone's
CATCHES_UP_S = 0.2  # a line that was held up for longer goes on from where it is, and sends no burst


class PhoneLineError(LearnerError):
    """A phone used in a way that no phone can be."""


class PhoneEnd:
    """One phone: a microphone and a loudspeaker in one, for whoever sits there.

    `async for chunk in phone` is what the other side says, PCM16 chunks (24 kHz, mono) of `line.chunk_ms`, silence
    included, until somebody hangs up. `play`, `clear` and `drained` are the loudspeaker's, and what is played
    is what the other side hears. Leaving `async with phone` hangs up.
    """

    def __init__(self, line: PhoneLine, name: str) -> None:
        self.line, self.name = line, name
        self.item_id: str | None = None  # what the other side hears now, or heard last
        self._queue: deque[tuple[str | None, bytearray]] = deque()
        self._heard: dict[str | None, int] = {}  # bytes of each item that went over the line
        self._drained = asyncio.Event()
        self._drained.set()
        self._notes = PlaybackNotes()
        self._work = _Work()
        self._incoming: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._in_use = False

    # -- the loudspeaker ----------------------------------------------------------------------------------------------

    def play(self, pcm: bytes, *, item_id: str | None = None) -> None:
        """Queue PCM16 (24 kHz, mono) behind what is already queued. Returns at once. After the call: lost.

        Raises ValueError for half a sample.
        """
        if len(pcm) % BYTES_PER_SAMPLE:
            raise ValueError(
                f"PCM16 has {BYTES_PER_SAMPLE} bytes a sample, but {len(pcm)} bytes came: a chunk was cut apart."
            )
        if not pcm or self.line.ended_by:
            return
        if self._queue and self._queue[-1][0] == item_id:
            self._queue[-1][1].extend(pcm)
        else:
            self._queue.append((item_id, bytearray(pcm)))
        self._drained.clear()
        self._notes.queued(item_id)

    async def clear(self) -> Heard | None:
        """Silence now, dropping all that is queued. What the other side heard of the interrupted item, or None."""
        if not self._queue:
            return None
        item_id = self._queue[0][0]
        self._hush()
        heard_ms = int(self._ms_of(item_id))
        self._notes.cleared(self.played_ms)
        return Heard(item_id, heard_ms) if item_id and heard_ms else None

    async def drained(self) -> None:
        """Wait until all that was queued has gone over the line (or was cleared, or the call is over)."""
        await self._drained.wait()

    @property
    def is_playing(self) -> bool:
        """Something is sounding, or queued to sound."""
        return bool(self._queue)

    @property
    def played_ms(self) -> float:
        """Milliseconds of `item_id` which went over the line."""
        return self._ms_of(self.item_id)

    def _ms_of(self, item_id: str | None) -> float:
        return self._heard.get(item_id, 0) / BYTES_PER_SAMPLE / SAMPLE_RATE_HZ * 1000

    def _hush(self) -> None:
        self._queue.clear()
        self._drained.set()

    # -- the microphone -----------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        if self._in_use:
            raise PhoneLineError("This phone is in somebody's hand, or its call is over: make a new PhoneLine().")
        self._in_use = True
        self._work.of(current_wire())
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """End the call now, for both sides. What is queued is not heard: `await drained()` first if it should be."""
        self.line.end(self.name)

    def __aiter__(self) -> Self:
        self.line._listening(self)
        return self

    async def __anext__(self) -> bytes:
        while not self._incoming:
            if self.line.ended_by:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return self._incoming.popleft()

    # -- the line's side ----------------------------------------------------------------------------------------------

    def _take(self, size: int) -> bytes:
        """The next `size` bytes that this end says, silence where it says nothing."""
        chunk = bytearray()
        while self._queue and len(chunk) < size:
            self.item_id, sound = self._queue[0]
            self._notes.started(self.item_id)
            piece = sound[: size - len(chunk)]
            del sound[: len(piece)]
            chunk += piece
            self._heard[self.item_id] = self._heard.get(self.item_id, 0) + len(piece)
            if not sound:
                self._queue.popleft()
        if not self._queue and not self._drained.is_set():
            self._drained.set()
            self._notes.drained(self.played_ms)
        return bytes(chunk.ljust(size, b"\0"))

    @property
    def _is_thinking(self) -> bool:
        """Something is to be said and is not there yet."""
        return not self._queue and self._work.under_way()

    def _hear(self, chunk: bytes) -> None:
        self._incoming.append(chunk)
        self._news.set()

    def _line_ended(self) -> None:
        self._incoming.clear()
        self._hush()
        self._news.set()


class PhoneLine:
    """`line.caller` and `line.callee` are two phones; what one plays comes out of the other.

    Sound moves at the pace of life (`speed` times faster; None: the rehearsal's speed), with silence where nobody
    speaks, as turn detection needs it. The call begins when both listen, and ends when either hangs up, after `limit_s`
    of life, or when `async with PhoneLine() as line` is left. `hiss_db`: an old telephone's sound, with hiss so far
    below a voice; None: as clear as it was made. `record=True` keeps the sound, in memory, for `recording`.
    """

    def __init__(
        self,
        *,
        speed: float | None = None,
        limit_s: float = LIMIT_S,
        hiss_db: float | None = None,
        record: bool = False,
        chunk_ms: int = CHUNK_MS,
    ) -> None:
        self.speed, self.limit_s, self.chunk_ms = speed_or_default(speed), limit_s, chunk_ms
        self.ended_by = ""  # "caller", "callee", "time limit", "nobody answered"; "" while the call lasts
        self.caller, self.callee = PhoneEnd(self, "caller"), PhoneEnd(self, "callee")
        self._sound = [Telephone(hiss_db, seed) if hiss_db is not None else None for seed in (1, 2)]
        self._recording = CallRecording() if record else None
        self._chunks = 0
        self._there: set[str] = set()
        self._both = asyncio.Event()
        self._running: asyncio.Task | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.end("the program")
        if self._running:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running

    @property
    def seconds(self) -> float:
        """How long the call has lasted, in seconds of life."""
        return self._chunks * self.chunk_ms / 1000

    @property
    def recording(self) -> CallRecording:
        """The call so far: shown in a notebook, a player. Raises PhoneLineError unless the line was told to record."""
        if self._recording is None:
            raise PhoneLineError("Nothing of this call was recorded: make its line with PhoneLine(record=True).")
        return self._recording

    def end(self, by: str) -> None:
        """End the call, for both sides; harmless when it has ended."""
        if not self.ended_by:
            self.ended_by = by
            self._both.set()
            self.caller._line_ended()
            self.callee._line_ended()

    def _listening(self, end: PhoneEnd) -> None:
        self._there.add(end.name)
        if len(self._there) == 2:
            self._both.set()
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run(), name="phone line")

    async def _run(self) -> None:
        try:
            async with asyncio.timeout(RINGS_FOR_S):
                await self._both.wait()
            await self._carry()
        except TimeoutError:
            self.end("nobody answered")
        finally:
            self.end("the program")  # nobody may be left holding a dead phone

    async def _carry(self) -> None:
        loop = asyncio.get_running_loop()
        size = round(SAMPLE_RATE_HZ * self.chunk_ms / 1000) * BYTES_PER_SAMPLE
        due = loop.time()
        while not self.ended_by:
            said = [end._take(size) for end in (self.caller, self.callee)]
            said = [line.carry(chunk) if line else chunk for line, chunk in zip(self._sound, said, strict=True)]
            self.callee._hear(said[0])
            self.caller._hear(said[1])
            if self._recording is not None:
                self._recording.add(*said)
            self._chunks += 1
            if self.seconds >= self.limit_s:
                return self.end("time limit")
            # By absolute deadlines, so that a moment's delay is made up for.
            due = max(due + self.chunk_ms / 1000 / self._speed_now, loop.time() - CATCHES_UP_S)
            await asyncio.sleep(max(0.0, due - loop.time()))

    @property
    def _speed_now(self) -> float:
        """No service thinks faster because a rehearsal is in a hurry: while one does, the line goes at life's pace."""
        thinking = self.caller._is_thinking or self.callee._is_thinking
        return min(self.speed, 1.0) if thinking else self.speed

    def __repr__(self) -> str:
        state = f"ended by {self.ended_by}" if self.ended_by else "open"
        return f"<PhoneLine: {self.seconds:.1f} s, {state}>"


class _Work:
    """Whether a service has a response under way, read from the wire."""

    def __init__(self) -> None:
        self._wire: Wire | None = None
        self._read = 0
        self._open: set[str] = set()

    def of(self, wire: Wire | None) -> None:
        self._wire = wire

    def under_way(self) -> bool:
        for at in range(self._read, len(self._wire or ())):
            match self._wire[at].event:
                case {"type": "response.created", "response": {"id": id}}:
                    self._open.add(id)
                case {"type": "response.done", "response": {"id": id}}:
                    self._open.discard(id)
            self._read = at + 1
        return bool(self._open)
