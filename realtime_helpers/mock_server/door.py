"""Who may come in: keys, origins and models, refused the way each service refuses them (seen on the wire).

OpenAI accepts the websocket, sends one `error` event and closes with 3000 or 4000. Azure answers the handshake itself
with 401.
"""

import hmac
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams

from .events import ProtocolError

_MODEL = re.compile(r"gpt-(realtime|audio|4o(-mini)?-realtime-preview)(-[\w.-]+)?")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_BROWSER_KEY = "openai-insecure-api-key."


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


def right_key(given: str | None, key: str) -> bool:
    return given is not None and hmac.compare_digest(given.encode(), key.encode())


def openai_model(headers: Headers, query: QueryParams, key: str) -> str:
    """The model asked for, if the client may have it.

    Raises:
        Refused: invalid_api_key (3000); beta_api_shape_disabled, missing_model, invalid_model (4000).
    """
    if not right_key(given_key(headers), key):
        # The real message shows a part of the key; a key is shown nowhere here.
        message = "Incorrect API key provided. This mock server takes only the key that it was started with."
        raise Refused(ProtocolError("invalid_api_key", message), 3000)
    if "openai-beta" in headers:
        message = "The Realtime Beta API is no longer supported. Leave out the OpenAI-Beta header and use the GA API."
        raise Refused(ProtocolError("beta_api_shape_disabled", message), 4000)
    model = query.get("model")
    if not model:
        raise Refused(ProtocolError("missing_model", "You must provide a model parameter.", "model"), 4000)
    if not _MODEL.fullmatch(model):
        message = f"Model {model[:80]!r} is not supported in realtime mode."
        raise Refused(ProtocolError("invalid_model", message, "model"), 4000)
    return model


def azure_fault(headers: Headers, query: QueryParams, key: str) -> str | None:
    """Why Azure would answer 401, or None. Its `model` is a deployment's name, so any will do."""
    if not right_key(given_key(headers), key):
        return "Access denied due to invalid subscription key or wrong API endpoint."
    if "api-version" in query:
        return "The GA endpoint takes no api-version."
    if not query.get("model"):
        return "The model parameter, a deployment's name, is missing."
    return None
