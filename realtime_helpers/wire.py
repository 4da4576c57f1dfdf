"""The recorded wire: every event of a connection, both ways, with its time."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

Direction = Literal["sent", "received"]


@dataclass(frozen=True, slots=True)
class WireEvent:
    """`at`: seconds since the connection was opened. `event`: the JSON as it was; audio stays base64."""

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
        self.start()

    def start(self) -> None:
        """The connection is open: count from now."""
        self._zero = time.perf_counter()

    def note(self, direction: Direction, event: dict[str, Any]) -> None:
        """Record an event, now."""
        noted = WireEvent(time.perf_counter() - self._zero, direction, event)
        self.append(noted)
        for watch in self._watchers:
            watch(noted)

    def sent(self, type: str | None = None) -> list[WireEvent]:
        """What the client sent, all or of one type."""
        return self._of("sent", type)

    def received(self, type: str | None = None) -> list[WireEvent]:
        """What the service sent, all or of one type."""
        return self._of("received", type)

    def _of(self, direction: Direction, type: str | None) -> list[WireEvent]:
        return [e for e in self if e.direction == direction and type in (None, e.type)]

    def __repr__(self) -> str:
        return f"<Wire: {len(self.sent())} events sent, {len(self.received())} received>"
