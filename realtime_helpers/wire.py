"""The recorded wire: every event of a connection, both ways, with its time; and what happened on this side of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

Direction = Literal["sent", "received", "local"]


@dataclass(frozen=True, slots=True)
class WireEvent:
    """`at`: seconds since the connection was opened. `event`: the JSON as it was; audio stays base64.

    "local" events never crossed the wire. They say what the service cannot know: `speaker.started`, `speaker.cleared`
    and `speaker.drained` (item_id, heard_ms), `tool.started` and `tool.ended` (name, call_id, ok).
    """

    at: float
    direction: Direction
    event: dict[str, Any]

    @property
    def type(self) -> str:
        return self.event.get("type", "")


class Wire(list[WireEvent]):
    """The events of one connection, in order. Kept in memory alone. `watchers` are called with each as it is noted."""

    def __init__(
        self, events: list[WireEvent] | None = None, watchers: Iterable[Callable[[WireEvent], None]] = ()
    ) -> None:
        super().__init__(events or [])
        self._watchers = tuple(watchers)
        self._zero = time.perf_counter()
        self._waiting: set[asyncio.Event] = set()
        self.is_open = False

    def start(self) -> None:
        """The connection is open: count from now."""
        self._zero = time.perf_counter()
        self.is_open = True
        self.make_current()

    def end(self) -> None:
        """Nothing more will be received. What still plays is noted, but nothing new is this conversation's."""
        self.is_open = False

    def make_current(self) -> None:
        """What this task, and every task that it starts, does from here on is about this conversation."""
        _current.set(self)

    def note(self, direction: Direction, event: dict[str, Any]) -> None:
        """Record an event, now."""
        noted = WireEvent(time.perf_counter() - self._zero, direction, event)
        self.append(noted)
        for watch in self._watchers:
            watch(noted)
        for news in self._waiting:
            news.set()

    async def until(self, true: Callable[[Wire], Any], patience_s: float) -> Any:
        """Wait until `true(self)`, as more is noted, but no longer than `patience_s`. What it is then."""
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            async with asyncio.timeout(patience_s):
                while not true(self):
                    news.clear()
                    await news.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(news)
        return true(self)

    def sent(self, type: str | None = None) -> list[WireEvent]:
        """What the client sent, all or of one type."""
        return self._of("sent", type)

    def received(self, type: str | None = None) -> list[WireEvent]:
        """What the service sent, all or of one type."""
        return self._of("received", type)

    def local(self, type: str | None = None) -> list[WireEvent]:
        """What happened on this side and was never sent, all or of one type."""
        return self._of("local", type)

    def _of(self, direction: Direction, type: str | None) -> list[WireEvent]:
        return [e for e in self if e.direction == direction and type in (None, e.type)]

    def __repr__(self) -> str:
        return f"<Wire: {len(self.sent())} events sent, {len(self.received())} received>"


_current: ContextVar[Wire | None] = ContextVar("the wire of this conversation", default=None)


def current_wire() -> Wire | None:
    """The open wire on which this task last received something, or the task that started it; None if there is none.

    So a loudspeaker knows whose voice it is given, with several conversations at a time, and no chapter has to say so.
    """
    wire = _current.get()
    return wire if wire is not None and wire.is_open else None
