"""`POST /v1/realtime/client_secrets`: what a client asks for, checked, and the ephemeral key it gets.

Shapes and ranges: openai.types.realtime.ClientSecretCreateParams and ClientSecretCreateResponse.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from . import config as configs
from .door import check_model
from .events import ProtocolError, check_shape, validate_session
from .house import House
from .http_body import json_of
from .keys import Keys
from .models import DEFAULT_MODEL

_DEFAULT_LIFETIME_S, _SHORTEST_S, _LONGEST_S = 600, 10, 7200
LARGEST_BODY = 128 * 1024


class _ExpiresAfter(BaseModel):
    model_config = ConfigDict(extra="allow")  # so that `check_shape` can name it
    anchor: Literal["created_at"] = "created_at"
    seconds: int | None = None


class _Asked(BaseModel):
    model_config = ConfigDict(extra="allow")
    expires_after: _ExpiresAfter | None = None
    session: dict[str, Any] | None = None


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
    asked = json_of(body or b"{}")
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
