"""A recorded caller, where there is no person or no browser, and what goes with it."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from .audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ, duration_ms
from .clock_loudspeaker import ClockLoudspeaker, Heard
from .listener import Listener, Loudspeaker, WireListener
from .recordings import Cue, Line, Recording, RecordingError, load_recording
from .rehearsal_setting import RehearsalError, rehearsal_speed, rehearsing, speed_or_default
from .wire import current_wire

__all__ = [
    "Caller",
    "ClockLoudspeaker",
    "Heard",
    "RecordingError",
    "RehearsalError",
    "Typist",
    "rehearsal_speed",
    "rehearsing",
]

_log = logging.getLogger(__name__)

GAP_MS = 3000  # in place of a reply, where there is neither a loudspeaker to listen to nor a conversation


class Caller:
    """`async for chunk in Caller(NAME, speaker)`: a recorded person, as PCM16 chunks (24 kHz, mono) of `chunk_ms`.

    Chunks come as a microphone's would, `speed` times faster than life (None: the rehearsal's speed, or life's outside
    of a rehearsal), silence between the lines, until the script is over. Deadlines are absolute: a consumer that was
    late gets what it missed at once, and loses nothing.

    `listen_to` is the loudspeaker whose silence is the cue for the next line; recordings.py has the cues. None: the end
    of the response in this task's conversation is, and without a conversation GAP_MS. If no reply comes, the caller
    loses patience and goes on, and the log says so.

    Raises RecordingError when there is no recording NAME, or its script is wrong.
    """

    def __init__(
        self, name: str, listen_to: Loudspeaker | None = None, *, speed: float | None = None, chunk_ms: int = 40
    ) -> None:
        self.recording: Recording = load_recording(name)
        self.speed = speed_or_default(speed)
        self.chunk_ms = chunk_ms
        self.listener = Listener(listen_to, self.speed, "recorded caller") if listen_to is not None else None
        self._bytes = round(SAMPLE_RATE_HZ * chunk_ms / 1000) * BYTES_PER_SAMPLE
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
        listener = self.listener
        if listener is None and (wire := current_wire()):
            listener = WireListener(wire, self.speed, "recorded caller")
        for line in (*self.recording.lines, None):
            cue = line.cue if line else self.recording.hang_up
            async with aclosing(self._wait_for(cue, line, listener)) as waiting:
                async for silence in waiting:
                    yield silence
            if line:
                if listener:
                    listener.my_turn()
                _log.info("The caller says a line of %d words.", len(line.words.split()))
                yield line.pcm

    async def _wait_for(
        self, cue: Cue, line: Line | None, listener: Listener | WireListener | None
    ) -> AsyncGenerator[bytes, None]:
        silence = bytes(self._bytes)
        gap_ms = cue.delay_ms
        if cue.reply or cue.interrupt_ms is not None:
            if listener is None:
                gap_ms += GAP_MS
            else:
                then = f"says {line.words!r}" if line else "hangs up"
                replied = listener.replied(then, cue.interrupt_ms)
                told = asyncio.create_task(replied, name="recorded caller listens")
                try:
                    while not told.done():  # a microphone never stops: one chunk of silence at a time, paced above
                        yield silence
                    await told
                finally:
                    told.cancel()
        # Counted in samples, not by the clock: what a service hears is then the same at every speed.
        for _ in range(math.ceil(gap_ms / self.chunk_ms)):
            yield silence

    @property
    def duration_ms(self) -> float:
        """How long the lines are together, without the waiting."""
        return sum(duration_ms(line.pcm) for line in self.recording.lines)


class Typist:
    """`async for line in Typist(LINES, speaker)`: a rehearsed person at a keyboard, one line at a time.

    The first line comes when the loudspeaker `listen_to` is quiet, each later one when it has answered the one before
    and fallen quiet, and the loop ends when the last is answered. None: GAP_MS instead, at the rehearsal's speed.
    """

    def __init__(self, lines: Sequence[str], listen_to: Loudspeaker | None = None) -> None:
        self.lines = lines
        self.speed = speed_or_default(None)
        self.listener = Listener(listen_to, self.speed, "typist") if listen_to is not None else None

    async def __aiter__(self) -> AsyncGenerator[str, None]:
        if self.listener:
            await self.listener.fallen_quiet()
        for number, line in enumerate(self.lines, 1):
            if self.listener:
                self.listener.my_turn()
            _log.info("The typist sends line %d.", number)
            yield line
            if self.listener:
                await self.listener.replied("hangs up" if number == len(self.lines) else f"sends line {number + 1}")
            else:
                await asyncio.sleep(GAP_MS / 1000 / self.speed)
