"""A recorded caller, where there is no person or no browser, and what goes with it."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Protocol

from .audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, duration_ms
from .clock_loudspeaker import ClockLoudspeaker, Heard
from .recordings import Cue, Line, Recording, RecordingError, load_recording
from .rehearsal_setting import RehearsalError, rehearsal_speed, rehearsing, speed_or_default

__all__ = [
    "Caller",
    "ClockLoudspeaker",
    "Heard",
    "RecordingError",
    "RehearsalError",
    "rehearsal_speed",
    "rehearsing",
]

_log = logging.getLogger(__name__)

QUIET_MS = 700  # a loudspeaker quiet for so long has finished; less is a gap between two sentences or two chunks
QUIET_AT_LEAST_S = 0.3  # in a fast rehearsal too: nobody's service thinks faster because the caller speaks faster
PATIENCE_S = 20.0  # of life, for a reply that does not come
PATIENCE_AT_LEAST_S = 8.0
GAP_MS = 3000  # in place of a reply, where there is no loudspeaker to listen to


class Loudspeaker(Protocol):
    """What a caller listens to: `Speaker` or `ClockLoudspeaker`."""

    @property
    def item_id(self) -> str | None: ...
    async def drained(self) -> None: ...
    async def wait_until_playing(self) -> None: ...
    async def wait_until_heard(self, ms: float) -> None: ...


class Caller:
    """`async for chunk in Caller(NAME, speaker)`: a recorded person, as PCM16 chunks (24 kHz, mono) of `chunk_ms`.

    Chunks come as a microphone's would, `speed` times faster than life (None: the rehearsal's speed, or life's outside
    of a rehearsal), silence between the lines, until the script is over. Deadlines are absolute: a consumer that was
    late gets what it missed at once, and loses nothing.

    `listen_to` (None: GAP_MS instead) is the loudspeaker whose silence is the cue for the next line; recordings.py has
    the cues. If no reply comes, the caller goes on after PATIENCE_S, and the log says so.

    Raises RecordingError when there is no recording NAME, or its script is wrong.
    """

    def __init__(
        self, name: str, listen_to: Loudspeaker | None = None, *, speed: float | None = None, chunk_ms: int = 40
    ) -> None:
        self.recording: Recording = load_recording(name)
        self.speed = speed_or_default(speed)
        self.chunk_ms = chunk_ms
        self.patience_s = max(PATIENCE_S / self.speed, PATIENCE_AT_LEAST_S)
        self._listen_to = listen_to
        self._bytes = round(SAMPLE_RATE_HZ * chunk_ms / 1000) * BYTES_PER_SAMPLE
        self._known_item: str | None = None  # what the loudspeaker said last before our line: not the reply to it
        for line in self.recording.lines:  # all of it now: nothing is read or decoded between two chunks
            if not line.wav.is_file():
                raise RecordingError(f"{name} has no file {line.wav.name}: run make_recordings.py in recordings.")
            _ = line.pcm

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        zero, sent = loop.time(), 0
        async with aclosing(self._script()) as script:
            async for sound in script:
                for start in range(0, len(sound), self._bytes):
                    early_s = sent * self.chunk_ms / 1000 / self.speed - (loop.time() - zero)
                    # Even when late: a loop over this generator must not keep everybody else from running.
                    await asyncio.sleep(max(0.0, early_s))
                    yield sound[start : start + self._bytes].ljust(self._bytes, b"\0")
                    sent += 1

    # -- what comes next ----------------------------------------------------------------------------------------------

    async def _script(self) -> AsyncGenerator[bytes, None]:
        """The lines as they are, and chunk-long pieces of silence for as long as a cue is not there."""
        for line in (*self.recording.lines, None):
            async with aclosing(self._wait_for(line.cue if line else self.recording.hang_up, line)) as waiting:
                async for silence in waiting:
                    yield silence
            if line:
                self._known_item = self._listen_to.item_id if self._listen_to else None
                _log.info("The caller says: %s", line.words)
                yield line.pcm

    async def _wait_for(self, cue: Cue, line: Line | None) -> AsyncGenerator[bytes, None]:
        silence = bytes(self._bytes)
        gap_ms = cue.delay_ms
        if cue.reply or cue.interrupt_ms is not None:
            if self._listen_to is None:
                gap_ms += GAP_MS
            else:
                told = asyncio.create_task(self._listen(cue, line), name="recorded caller listens")
                try:
                    while not told.done():  # a microphone never stops: one chunk of silence at a time, paced above
                        yield silence
                    await told
                finally:
                    told.cancel()
        # Counted in samples, not by the clock: what a service hears is then the same at every speed.
        for _ in range(math.ceil(gap_ms / self.chunk_ms)):
            yield silence

    async def _listen(self, cue: Cue, line: Line | None) -> None:
        try:
            async with asyncio.timeout(self.patience_s):
                await self._new_reply()
        except TimeoutError:
            then = f"says {line.words!r}" if line else "hangs up"
            _log.warning("No reply within %.0f s: the recorded caller goes on and %s.", self.patience_s, then)
            return
        if cue.interrupt_ms is None:
            await self._fallen_quiet()
        elif await self._over_before(cue.interrupt_ms):
            _log.warning("The reply was over before %d ms of it: nothing to interrupt.", cue.interrupt_ms)

    async def _new_reply(self) -> None:
        speaker = self._listen_to
        assert speaker is not None
        await speaker.wait_until_playing()
        while speaker.item_id is not None and speaker.item_id == self._known_item:
            await speaker.drained()  # still the answer to the line before
            await speaker.wait_until_playing()

    async def _fallen_quiet(self) -> None:
        speaker = self._listen_to
        assert speaker is not None
        quiet_s = max(QUIET_MS / 1000 / self.speed, QUIET_AT_LEAST_S)
        while True:
            await speaker.drained()
            try:
                async with asyncio.timeout(quiet_s):
                    await speaker.wait_until_playing()
            except TimeoutError:
                return

    async def _over_before(self, ms: int) -> bool:
        assert self._listen_to is not None
        heard = asyncio.create_task(self._listen_to.wait_until_heard(ms))
        over = asyncio.create_task(self._fallen_quiet())
        try:
            await asyncio.wait((heard, over), return_when=asyncio.FIRST_COMPLETED)
            return not heard.done()
        finally:
            for task in (heard, over):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    @property
    def duration_ms(self) -> float:
        """How long the lines are together, without the waiting."""
        return sum(duration_ms(line.pcm) for line in self.recording.lines)
