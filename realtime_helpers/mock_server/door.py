"""Who may come in: keys, origins and models, refused the way each service refuses them (seen on the wire).

OpenAI accepts the websocket, sends one `error` event and closes with 3000 or 4000. Azure answers the handshake itself
with 401.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams

from .events import ProtocolError
from .keys import Keys
from .models import DEFAULT_MODEL

_MODEL = re.compile(r"gpt-(realtime|audio)(-[\w.-]+)?")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_BROWSER_KEY = "openai-insecure-api-key."
WRONG_KEY = (
    "Incorrect API key provided. This mock server takes only the key that it was started with, and ephemeral keys that "
    "it made and that have not expired."
)


@dataclass(frozen=True)
class Entry:
    """A session that a client may have. `given`: settings that it begins with."""

    model: str
    intent: str
    given: dict[str, Any] | None


@dataclass(frozen=True)
class Refused(Exception):
    """A refusal after the handshake: an `error` event, then a close with this code."""

    fault: ProtocolError
    close_code: int

    @property
    def reason(self) -> str:
        return ".".join(filter(None, (self.fault.type, self.fault.code)))


def foreign_origin(headers: Headers) -> bool:
    """Is this a page of some website, trying to use the learner's server from the learner's browser?"""
    origin = headers.get("origin")
    try:
        return origin is not None and urlsplit(origin).hostname not in _LOOPBACK
    except ValueError:  # no browser sends such an origin
        return True


def given_key(headers: Headers) -> str | None:
    """The client's key: `Authorization: Bearer`, Azure's `api-key`, or a browser's subprotocol."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return bearer.strip()
    if key := headers.get("api-key"):
        return key
    protocols = [p.strip() for p in headers.get("sec-websocket-protocol", "").split(",")]
    return next((p.removeprefix(_BROWSER_KEY) for p in protocols if p.startswith(_BROWSER_KEY)), None)


def check_model(name: str, param: str) -> None:
    """Raises ProtocolError: invalid_model."""
    if not _MODEL.fullmatch(name):
        raise ProtocolError("invalid_model", f"Model {name[:80]!r} is not supported in realtime mode.", param)


def openai_entry(headers: Headers, query: QueryParams, keys: Keys) -> Entry:
    """What session the client may have.

    Raises:
        Refused: invalid_api_key (3000); beta_api_shape_disabled, missing_model, invalid_model (4000).
    """
    entry = _entry(headers, query, keys)
    if "openai-beta" in headers:
        message = "The Realtime Beta API is no longer supported. Leave out the OpenAI-Beta header and use the GA API."
        raise Refused(ProtocolError("beta_api_shape_disabled", message), 4000)
    if query.get("call_id") and not query.get("model"):
        message = "This mock server has no calls to join, by WebRTC or SIP: leave out call_id and name a model."
        raise Refused(ProtocolError("invalid_value", message, "call_id"), 4000)
    if entry.intent == "transcription":  # such a session names its model inside
        return entry
    if not entry.model:
        raise Refused(ProtocolError("missing_model", "You must provide a model parameter.", "model"), 4000)
    try:
        check_model(entry.model, "model")
    except ProtocolError as fault:
        raise Refused(fault, 4000) from None
    return entry


def azure_entry(headers: Headers, query: QueryParams, keys: Keys) -> Entry:
    """What session the client may have. Its `model` is a deployment's name, so any will do.

    Raises:
        Refused: to be answered with HTTP 401, as Azure does it.
    """
    try:
        entry = _entry(headers, query, keys)
    except Refused:
        raise _denied("Access denied due to invalid subscription key or wrong API endpoint.") from None
    if "api-version" in query:
        raise _denied("The GA endpoint takes no api-version.")
    if not entry.model and entry.intent == "realtime":
        raise _denied("The model parameter, a deployment's name, is missing.")
    return entry


def _entry(headers: Headers, query: QueryParams, keys: Keys) -> Entry:
    """What the key's own settings and the URL ask for; where both speak, the key's count. Raises Refused."""
    key = given_key(headers)
    if keys.is_main(key):
        transcribes = query.get("intent") == "transcription"
        return Entry(query.get("model") or "", "transcription" if transcribes else "realtime", None)
    if ephemeral := keys.ephemeral(key):
        given = ephemeral.session
        return Entry(given.get("model") or query.get("model") or DEFAULT_MODEL, given["type"], given)
    # The real message shows a part of the key; a key is shown nowhere here.
    raise Refused(ProtocolError("invalid_api_key", WRONG_KEY), 3000)


def _denied(message: str) -> Refused:
    return Refused(ProtocolError("401", message), 401)
