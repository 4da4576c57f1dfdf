"""idle_timeout_ms: somebody who says nothing for so long is spoken to.

The time counts from when the last response's audio has been played, that is from `response.done` plus what was left to
play then (openai.types.realtime, ServerVad).
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
        self._since: float | None = None
        self._waiting: asyncio.Task | None = None

    def configure(self, timeout_ms: int | None) -> None:
        """None: never. A silence that is being waited out goes on under the new time."""
        if timeout_ms != self._timeout_ms:
            self._timeout_ms = timeout_ms
            if self._since is not None:
                self.start(self._since)

    def start(self, since: float) -> None:
        """`since`: the moment of the clock at which all was heard; it may be still to come."""
        self.stop()
        self._since = since
        if self._timeout_ms is not None:
            self._waiting = self._run(self._wait(since, self._timeout_ms))

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
