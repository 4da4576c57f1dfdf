"""A clock that goes only when a test says so."""

import asyncio

from realtime_helpers.mock_server.clock import Clock


class FakeClock(Clock):
    def __init__(self) -> None:
        self._now = 1000.0
        self._waiting: list[tuple[float, asyncio.Event]] = []

    def now(self) -> float:
        return self._now

    def wall(self) -> float:
        return 1_800_000_000 + self._now

    async def sleep_until(self, moment: float) -> None:
        if moment > self._now:
            reached = asyncio.Event()
            self._waiting.append((moment, reached))
            await reached.wait()

    async def advance(self, seconds: float) -> None:
        """Let so much time pass, from one moment that somebody waits for to the next."""
        end = self._now + seconds
        while True:
            await self._settle()
            due = [moment for moment, reached in self._waiting if not reached.is_set() and moment <= end]
            if not due:
                break
            self._now = min(due)
            for moment, reached in self._waiting:
                if moment <= self._now:
                    reached.set()
            self._waiting = [(moment, reached) for moment, reached in self._waiting if not reached.is_set()]
        self._now = end
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(20):  # tasks that wake others
            await asyncio.sleep(0)
