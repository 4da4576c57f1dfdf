"""The one clock of the mock server, so that tests can put another in its place."""

import asyncio
import time


class Clock:
    """Real time. `now` is in seconds and only differences of it mean anything; `wall` is Unix time."""

    def now(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()

    async def sleep_until(self, moment: float) -> None:
        """Return once `now()` has reached `moment`; at once if it is past."""
        delay = moment - self.now()
        if delay > 0:
            await asyncio.sleep(delay)

    async def sleep(self, seconds: float) -> None:
        """Return `seconds` from now; at once if there are none."""
        await self.sleep_until(self.now() + seconds)
