"""`POST /v1/realtime/client_secrets`: what a client asks for, checked, and the ephemeral key it gets.

Shapes and ranges: openai.types.realtime.ClientSecretCreateParams and ClientSecretCreateResponse.
"""

import asyncio
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from . import config as configs
from .door import check_model
from .events import ProtocolError, check_shape, validate_session
from .house import House
from .keys import Keys
from .models import DEFAULT_MODEL

_DEFAULT_LIFETIME_S, _SHORTEST_S, _LONGEST_S = 600, 10, 7200
_LARGEST_BODY = 128 * 1024
_MOST_READ = 16 * 1024 * 1024
_PATIENCE_S = 30


class _ExpiresAfter(BaseModel):
    model_config = ConfigDict(extra="allow")  # so that `check_shape` can name it
    anchor: Literal["created_at"] = "created_at"
    seconds: int | None = None


class _Asked(BaseModel):
    model_config = ConfigDict(extra="allow")
    expires_after: _ExpiresAfter | None = None
    session: dict[str, Any] | None = None


class BadBody(Exception):
    """A body that is too large (413) or too slow (408)."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


async def body_of(request: Request, largest: int = _LARGEST_BODY) -> bytes:
    """Raises BadBody."""
    body, size = bytearray(), 0
    try:
        async with asyncio.timeout(_PATIENCE_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > _MOST_READ:
                    break
                if size <= largest:  # the rest is read all the same: who still writes does not hear an answer
                    body += chunk
    except TimeoutError:
        raise BadBody(408, f"The request's body did not arrive within {_PATIENCE_S} seconds.") from None
    if size > largest:
        raise BadBody(413, f"The request's body is larger than {largest // 1024} KiB.")
    return bytes(body)


def create(body: bytes, house: House, keys: Keys, *, any_model: bool) -> dict[str, Any]:
    """The answer: `value`, `expires_at`, and the session as its `session.created` will show it, but for its id.

    `any_model`: Azure's, which are names of deployments.

    Raises:
        ProtocolError: for what is asked.
        TooMany: there are too many keys.
    """
    asked = _asked(body)
    given = {"type": "realtime"} if asked.get("session") is None else asked["session"]
    validate_session(given)
    model = given.get("model") or DEFAULT_MODEL
    if not any_model:
        check_model(model, "session.model")
    lifetime_s = _lifetime_s(asked.get("expires_after") or {})
    expires_at = int(house.clock.wall()) + configs.SESSION_LIFETIME_S
    session = configs.first_config(house.new_id("sess"), model, expires_at, given=given)
    made = keys.make(given, lifetime_s)
    return {"value": made.value, "expires_at": made.expires_at, "session": session}


def _asked(body: bytes) -> dict[str, Any]:
    try:
        asked = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as why:
        raise ProtocolError("invalid_json", f"The request's body is not valid JSON: {why}.") from None
    if not isinstance(asked, dict):
        raise ProtocolError("invalid_json", "The request's body must be a JSON object.")
    check_shape(_Asked, asked, ())
    return asked


def _lifetime_s(after: dict[str, Any]) -> int:
    seconds = after.get("seconds")
    if seconds is None:
        return _DEFAULT_LIFETIME_S
    if _SHORTEST_S <= seconds <= _LONGEST_S:
        return seconds
    low = seconds < _SHORTEST_S
    bound = f">= {_SHORTEST_S}" if low else f"<= {_LONGEST_S}"
    raise ProtocolError(
        "integer_below_min_value" if low else "integer_above_max_value",
        f"Invalid 'expires_after.seconds': expected a value {bound}, but got {seconds} instead.",
        "expires_after.seconds",
    )
