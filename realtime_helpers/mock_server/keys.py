"""Who may come in: the server's key, and ephemeral keys made with it for browsers.

An ephemeral key opens sessions, any number of them until it expires, and nothing else; a session goes on after its key
has expired (openai.types.realtime.ClientSecretCreateParams).
"""

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Any

import orjson

from .clock import Clock
from .limits import TooMany

_MOST = 1000  # alive at a time; each holds a session's settings


@dataclass(frozen=True)
class EphemeralKey:
    """`expires_at`: Unix seconds; `settings`: JSON, as dictionaries would take ten times the room."""

    value: str = field(repr=False)
    expires_at: int
    settings: bytes = field(repr=False)

    @property
    def session(self) -> dict[str, Any]:
        """What its sessions begin with, as the client wrote it."""
        return orjson.loads(self.settings)


class Keys:
    """The server's key, and the ephemeral ones. No `repr` shows one."""

    def __init__(self, key: str, clock: Clock) -> None:
        self._key, self._clock = key.encode(), clock
        self._ephemeral: dict[str, EphemeralKey] = {}

    def is_main(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self._key)

    def ephemeral(self, given: str | None) -> EphemeralKey | None:
        """The ephemeral key of that value, unless it has expired."""
        found = self._ephemeral.get(given or "")
        return found if found and self._clock.wall() < found.expires_at else None

    def make(self, session: dict[str, Any], lifetime_s: int) -> EphemeralKey:
        """A key for sessions that begin with these settings. Raises TooMany."""
        now = self._clock.wall()
        self._ephemeral = {value: key for value, key in self._ephemeral.items() if now < key.expires_at}
        if len(self._ephemeral) >= _MOST:
            wait_s = min(key.expires_at for key in self._ephemeral.values()) - int(now)
            message = f"Rate limit reached for ephemeral keys: {_MOST} are alive. Please try again in {wait_s}s."
            raise TooMany(message, wait_s)
        made = EphemeralKey("ek_" + secrets.token_hex(16), int(now) + lifetime_s, orjson.dumps(session))
        self._ephemeral[made.value] = made
        return made
