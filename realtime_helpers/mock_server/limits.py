"""How many connections a key may have, and how fast it may open them. Off unless asked for.

The real service has such limits for each account; past them it throttles, HTTP 429 with Retry-After.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from .clock import Clock

_MINUTE_S = 60.0


@dataclass(frozen=True)
class Limits:
    """None: without limit."""

    connections: int | None = None
    new_per_minute: int | None = None


class TooMany(Exception):
    """`retry_after_s`: when it may be tried again, in whole seconds."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Gate:
    """Counts connections. An ephemeral key counts for the key that made it, so there is one account here."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits, self._clock = limits, clock
        self._open = 0
        self._opened_at: deque[float] = deque()

    @contextmanager
    def pass_through(self) -> Iterator[None]:
        """Hold a place while a connection is open. Raises TooMany."""
        self._admit()
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    def _admit(self) -> None:
        now, most, rate = self._clock.now(), self._limits.connections, self._limits.new_per_minute
        while self._opened_at and now - self._opened_at[0] >= _MINUTE_S:
            self._opened_at.popleft()
        if most is not None and self._open >= most:
            raise TooMany(f"Too many connections: {self._open} of at most {most} are open. Close one first.", 1)
        if rate is not None and len(self._opened_at) >= rate:
            wait = int(self._opened_at[0] + _MINUTE_S - now) + 1
            raise TooMany(f"Rate limit reached: {rate} new connections a minute. Please try again in {wait}s.", wait)
        self._opened_at.append(now)
