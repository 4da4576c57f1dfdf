"""Between a session and its outbox: keeps the connection's log, and does to the wire what its faults ask for."""

import asyncio
from typing import Any

from .connection_log import ConnectionLog
from .events import ProtocolError
from .faults import moment
from .house import House
from .outbox import Outbox

_NO_JSON = '{"type": "response.output_audio.delta", "delta": "'
# As the real service words it; its code was null each time that people reported it.
_SERVER_ERROR = (
    "The server had an error while processing your request. Sorry about that! You can retry your request, or contact "
    "us through our help center at help.openai.com if the error persists. (A fault that was asked for.)"
)


class FaultyWire:
    def __init__(self, outbox: Outbox, house: House, log: ConnectionLog | None) -> None:
        self._outbox, self._house, self._log = outbox, house, log
        faults = house.faults
        self.dropped = asyncio.Event()
        """Set when the socket shall die, once what was sent before has left."""
        asked = [
            (_Countdown(faults.drop_after_events, faults.drop_after, "drop_after"), self.drop),
            (_Countdown(faults.error_after_events, faults.error_after, "error_after"), self._error),
            (_Countdown(faults.malformed_after_events, faults.malformed_after, "malformed_after"), self._malformed),
        ]
        self._countdowns = [(countdown, act) for countdown, act in asked if not countdown.over]

    def send(self, event: dict[str, Any]) -> None:
        """A server event. After a drop nothing leaves any more."""
        if self.dropped.is_set():
            return
        self._put(event)
        self._count(event["type"], server=True)

    def received(self, event: dict[str, Any]) -> None:
        """A client event came, of whatever shape."""
        if self._log is not None:
            self._log.note("received", event)
        self._count(event.get("type"), server=False)

    def drop(self) -> None:
        self.dropped.set()
        self._outbox.close()
        if self._log is not None:  # now: the client may hang up before the last words have left
            self._log.end(1006)

    async def drop_in_time(self) -> None:
        """Return after the drop, if one was asked for by the clock; else never."""
        after_ms = self._house.faults.drop_after_ms
        if after_ms is not None:
            await self._house.clock.sleep(after_ms / 1000)
            self.drop()
        await self.dropped.wait()

    def _put(self, event: dict[str, Any]) -> None:
        if self._log is not None:
            self._log.note("sent", event)
        self._outbox.put(event)

    def _count(self, type: Any, *, server: bool) -> None:
        for countdown, act in self._countdowns:
            if not self.dropped.is_set() and countdown.reached(type, server):
                act()

    def _error(self) -> None:
        fault = ProtocolError(None, _SERVER_ERROR, type="server_error")
        self._put({"type": "error", "event_id": self._house.new_id("event"), "error": fault.payload()})

    def _malformed(self) -> None:
        self._outbox.put_frame(_NO_JSON)


class _Countdown:
    """To the moment after so many server events, or after the n-th event of one type; whichever is first. Once."""

    def __init__(self, events: int | None, after: str | None, name: str) -> None:
        self._events = events
        self._type, self._left = moment(name, after) if after else (None, 0)
        self.over = events is None and after is None

    def reached(self, type: Any, server: bool) -> bool:
        if self.over:
            return False
        if server and self._events is not None:
            self._events -= 1
        if type == self._type:
            self._left -= 1
        self.over = (self._events is not None and self._events <= 0) or (self._type is not None and self._left <= 0)
        return self.over
