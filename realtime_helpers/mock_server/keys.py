"""Who may come in: the server's key, and ephemeral keys made with it for browsers.

An ephemeral key opens sessions, any number of them until it expires, and nothing else; a session goes on after its key
has expired (openai.types.realtime.ClientSecretCreateParams).
"""

import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from .clock import Clock

LIFETIMES_S = range(10, 7201)
DEFAULT_LIFETIME_S = 600
_MOST = 10_000  # the oldest go first: each holds a session's settings


@dataclass(frozen=True)
class EphemeralKey:
    """`session`: settings that its sessions begin with, as the client wrote them; `expires_at`: Unix seconds."""

    value: str
    expires_at: int
    session: dict[str, Any]


class Keys:
    def __init__(self, key: str, clock: Clock) -> None:
        self._key, self._clock = key.encode(), clock
        self._ephemeral: OrderedDict[str, EphemeralKey] = OrderedDict()

    def is_main(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self._key)

    def ephemeral(self, given: str | None) -> EphemeralKey | None:
        """The ephemeral key of that value, unless it has expired."""
        found = self._ephemeral.get(given or "")
        return found if found and self._clock.wall() < found.expires_at else None

    def make(self, session: dict[str, Any], lifetime_s: int) -> EphemeralKey:
        made = EphemeralKey("ek_" + secrets.token_hex(16), int(self._clock.wall()) + lifetime_s, session)
        self._ephemeral[made.value] = made
        while len(self._ephemeral) > _MOST:
            self._ephemeral.popitem(last=False)
        return made
