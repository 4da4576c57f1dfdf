"""Whoever plays a person's part listens to the loudspeaker, and takes a turn when the answer is over."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Protocol

from .wire import Wire

_log = logging.getLogger(__name__)

QUIET_MS = 700  # a loudspeaker quiet for so long has finished; less is a gap between two sentences or two chunks
QUIET_AT_LEAST_S = 0.3  # in a fast rehearsal too: nobody's service thinks faster because the caller speaks faster
PATIENCE_S = 20.0  # of life, for a reply that does not come
PATIENCE_AT_LEAST_S = 8.0


class Loudspeaker(Protocol):
    """What is listened to: `Speaker` or `ClockLoudspeaker`."""

    @property
    def item_id(self) -> str | None: ...
    async def drained(self) -> None: ...
    async def wait_until_playing(self) -> None: ...
    async def wait_until_heard(self, ms: float) -> None: ...


class Listener:
    """Waits for the reply to a line. `speed`: how many times faster than life the conversation runs.

    `name` is who the log says it was that went on without one, after `patience_s` (seconds, not life's).
    """

    def __init__(self, speaker: Loudspeaker, speed: float, name: str) -> None:
        self.patience_s = patience_s(speed)
        self._speaker, self._name = speaker, name
        self._quiet_s = max(QUIET_MS / 1000 / speed, QUIET_AT_LEAST_S)
        self._known_item: str | None = None  # what was being said before our line: not the reply to it

    def my_turn(self) -> None:
        """A line is begun now: the reply is whatever the loudspeaker begins after this."""
        self._known_item = self._speaker.item_id

    async def replied(self, then: str, interrupt_ms: int | None = None) -> None:
        """Wait until the reply is over; or until `interrupt_ms` of it were heard. `then`: what is done, for the log."""
        try:
            async with asyncio.timeout(self.patience_s):
                await self._new_reply()
        except TimeoutError:
            _no_reply(self.patience_s, self._name, then)
            return
        if interrupt_ms is None:
            await self.fallen_quiet()
        elif await self._over_before(interrupt_ms):
            _log.warning("The reply was over before %d ms of it: nothing to interrupt.", interrupt_ms)

    async def fallen_quiet(self) -> None:
        """Wait until nothing sounds, and nothing follows at once."""
        while True:
            await self._speaker.drained()
            try:
                async with asyncio.timeout(self._quiet_s):
                    await self._speaker.wait_until_playing()
            except TimeoutError:
                return

    async def _new_reply(self) -> None:
        await self._speaker.wait_until_playing()
        while self._speaker.item_id is not None and self._speaker.item_id == self._known_item:
            await self._speaker.drained()  # still the answer to the line before
            await self._speaker.wait_until_playing()

    async def _over_before(self, ms: int) -> bool:
        heard = asyncio.create_task(self._speaker.wait_until_heard(ms))
        over = asyncio.create_task(self.fallen_quiet())
        try:
            await asyncio.wait((heard, over), return_when=asyncio.FIRST_COMPLETED)
            return not heard.done()
        finally:
            for task in (heard, over):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


class WireListener:
    """As `Listener`, where nothing sounds: a reply is over when the service says so on this wire."""

    def __init__(self, wire: Wire, speed: float, name: str) -> None:
        self.patience_s = patience_s(speed)
        self._wire, self._name = wire, name
        self._known = 0  # responses begun before our line

    def my_turn(self) -> None:
        """A line is begun now: the reply is a response that begins after this."""
        self._known = len(self._wire.received("response.created"))

    async def replied(self, then: str, interrupt_ms: int | None = None) -> None:
        """Wait until a response has come, and none is under way. There is no interrupting what is not heard."""
        if not await self._wire.until(self._all_over, self.patience_s):
            _no_reply(self.patience_s, self._name, then)

    def _all_over(self, wire: Wire) -> bool:
        return self._known < len(wire.received("response.created")) <= len(wire.received("response.done"))


def patience_s(speed: float) -> float:
    """How long to wait for a reply, in seconds; `speed` as in `Listener`."""
    return max(PATIENCE_S / speed, PATIENCE_AT_LEAST_S)


def _no_reply(seconds: float, name: str, then: str) -> None:
    _log.warning("No reply within %.0f s: the %s goes on and %s.", seconds, name, then)
