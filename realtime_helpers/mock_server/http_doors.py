"""What the mock server answers over plain HTTP: ephemeral keys, the models, and a sentence for everything else."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from . import config as configs
from . import door
from .events import ProtocolError, validate_session
from .house import House
from .keys import DEFAULT_LIFETIME_S, LIFETIMES_S, Keys

# Names that the real service knew in November 2026. A session may name any model of their kind.
_MODELS = (
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime",
    "gpt-realtime-mini",
    "gpt-live-transcribe",
    "gpt-transcribe",
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "whisper-1",
)
_LARGEST_BODY = 1_000_000
_DEFAULT_MODEL = _MODELS[0]
_NOT_SERVED = {
    "realtime/calls": "WebRTC and SIP calls are not served by this mock server: connect to /v1/realtime by websocket.",
    "realtime/translations": "Translation sessions are not served by this mock server.",
}
Endpoint = Callable[[Request], Awaitable[Response]]


def http_error(
    status: int, message: str, code: str | None = None, param: str | None = None, type: str = "invalid_request_error"
) -> JSONResponse:
    """An error in the shape of OpenAI's HTTP API."""
    return JSONResponse({"error": {"message": message, "type": type, "param": param, "code": code}}, status)


def foreign(headers: Headers) -> JSONResponse | None:
    """A refusal for pages of some website."""
    return http_error(403, "Foreign origin.", "forbidden") if door.foreign_origin(headers) else None


def http_routes(house: House, keys: Keys) -> list[Route]:
    def guarded(endpoint: Endpoint) -> Endpoint:
        async def guard(request: Request) -> Response:
            if refusal := foreign(request.headers):
                return refusal
            if not keys.is_main(door.given_key(request.headers)):
                message = "Incorrect API key provided. This mock server takes only the key that it was started with."
                return http_error(401, message, "invalid_api_key")
            try:
                return await endpoint(request)
            except ProtocolError as fault:
                return http_error(400, fault.message, fault.code, fault.param)

        return guard

    async def client_secrets(request: Request) -> Response:
        asked = await _json(request)
        lifetime_s = _lifetime_s(asked)
        given = asked.get("session") or {"type": "realtime"}
        if not isinstance(given, dict):
            raise ProtocolError("invalid_type", "Invalid type for 'session': expected an object.", "session")
        given = {"type": "realtime", **given}
        validate_session(given)
        expires_at = int(house.clock.wall()) + configs.SESSION_LIFETIME_S
        model = given.get("model") or _DEFAULT_MODEL
        session = configs.first_config(house.new_id("sess"), model, expires_at, given=given)
        made = keys.make(given, lifetime_s)
        return JSONResponse({"value": made.value, "expires_at": made.expires_at, "session": session})

    async def models(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [_model(name) for name in _MODELS]})

    async def model(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in _MODELS:
            return http_error(404, f"The model {name[:80]!r} does not exist.", "model_not_found", "model")
        return JSONResponse(_model(name))

    async def rest(request: Request) -> Response:
        path = request.path_params["path"].strip("/")
        if path == "realtime":
            message = "This is a websocket's address: connect with ws:// instead of http://."
            return http_error(426, message, "upgrade_required")
        sentence = next((text for start, text in _NOT_SERVED.items() if path.startswith(start)), None)
        sentence = sentence or f"This mock server serves the Realtime API only, and nothing at '{path[:80]}'."
        return http_error(404, sentence, "not_found")

    routes = [Route("/", _welcome), Route("/health", _health)]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    for root in ("/v1", "/openai/v1"):
        routes += [
            Route(f"{root}/realtime/client_secrets", guarded(client_secrets), methods=["POST"]),
            Route(f"{root}/models", guarded(models)),
            Route(f"{root}/models/{{name}}", guarded(model)),
            Route(f"{root}/{{path:path}}", guarded(rest), methods=every),
        ]
    return routes


async def _welcome(request: Request) -> Response:
    return PlainTextResponse(
        "A mock server of the Realtime voice API. The websocket is at /v1/realtime?model=..., for those who have the "
        "key.\n"
    )


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok\n")


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_756_339_200, "owned_by": "mock-server"}


async def _json(request: Request) -> dict[str, Any]:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            raise ProtocolError("request_too_large", f"The body is larger than {_LARGEST_BODY} bytes.")
    try:
        asked = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as why:
        raise ProtocolError("invalid_json", f"The body is not valid JSON: {why}.") from None
    if not isinstance(asked, dict):
        raise ProtocolError("invalid_json", "The body must be a JSON object.")
    for name in asked:
        if name not in ("expires_after", "session"):
            raise ProtocolError("unknown_parameter", f"Unknown parameter: '{name[:80]}'.", name[:80])
    return asked


def _lifetime_s(asked: dict[str, Any]) -> int:
    after = asked.get("expires_after") or {}
    seconds = after.get("seconds", DEFAULT_LIFETIME_S) if isinstance(after, dict) else None
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds not in LIFETIMES_S:
        message = f"Expected between {LIFETIMES_S[0]} and {LIFETIMES_S[-1]} seconds."
        raise ProtocolError("invalid_value", message, "expires_after.seconds")
    if after.get("anchor", "created_at") != "created_at":
        raise ProtocolError("invalid_value", "Only 'created_at' is supported.", "expires_after.anchor")
    return seconds
