"""idle_timeout_ms: somebody who says nothing for so long is spoken to.

The time counts from when the last response's audio has been played, that is from `response.done` plus what was left to
play then (openai.types.realtime, ServerVad). Where audio comes in faster than life, as in a rehearsal, playing and
silence are measured in that audio instead: the clock or the audio, whichever is there first.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from .clock import Clock


class IdleTimer:
    def __init__(
        self, clock: Clock, run: Callable[[Coroutine[Any, Any, None]], asyncio.Task], idle: Callable[[int], None]
    ) -> None:
        """`idle` is told the timeout in ms that has passed; `run` makes tasks that end with the session."""
        self._clock, self._run, self._idle = clock, run, idle
        self._timeout_ms: int | None = None
        self._since: tuple[float, float] | None = None
        self._waiting: asyncio.Task | None = None

    def configure(self, timeout_ms: int | None) -> None:
        """None: never. A silence that is being waited out goes on under the new time."""
        if timeout_ms != self._timeout_ms:
            self._timeout_ms = timeout_ms
            if self._since is not None:
                self.start(*self._since)

    def start(self, since: float, since_ms: float) -> None:
        """The moment at which all was heard, by the clock and in ms of the user's audio; it may be still to come."""
        self.stop()
        self._since = since, since_ms
        if self._timeout_ms is not None:
            self._waiting = self._run(self._wait(since, self._timeout_ms))

    def silent_until(self, audio_ms: float) -> None:
        """The user's audio has been heard so far, and nobody spoke in it."""
        if self._waiting and self._timeout_ms is not None and audio_ms >= self._since[1] + self._timeout_ms:
            self.stop()
            self._idle(self._timeout_ms)

    def stop(self) -> None:
        """Somebody speaks."""
        self._since = None
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    async def _wait(self, since: float, timeout_ms: int) -> None:
        await self._clock.sleep_until(since + timeout_ms / 1000)
        self._waiting = self._since = None
        self._idle(timeout_ms)
