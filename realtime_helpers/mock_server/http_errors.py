"""Errors as OpenAI's HTTP API answers them: `{"error": {message, type, param, code}}`. None of them shows a key."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from .limits import TooMany

_NOT_SERVED = {
    "realtime/calls": "This mock server does not serve calls by WebRTC or SIP: use the websocket at /v1/realtime.",
    "realtime/translations": "This mock server does not serve translation sessions: use /v1/realtime.",
    "realtime/sessions": "This mock server does not serve the beta's sessions: use /v1/realtime/client_secrets.",
    "realtime/transcription_sessions": "This mock server does not serve the beta's sessions: use "
    "/v1/realtime/client_secrets with a session of type 'transcription'.",
}


def http_error(
    status: int,
    message: str,
    code: str | None = None,
    param: str | None = None,
    type: str = "invalid_request_error",
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    return JSONResponse({"error": {"message": message, "type": type, "param": param, "code": code}}, status, headers)


def throttled(why: TooMany) -> JSONResponse:
    headers = {"Retry-After": str(why.retry_after_s)}
    return http_error(429, str(why), "rate_limit_exceeded", type="requests", headers=headers)


def not_served(path: str) -> JSONResponse:
    """404 for what the real service may have and this one has not."""
    name = path.removeprefix("/openai").removeprefix("/v1").strip("/")
    for start, sentence in _NOT_SERVED.items():
        if name == start or name.startswith(start + "/"):
            return http_error(404, sentence)
    return http_error(
        404,
        f"This mock server does not serve {path[:80]}: it has the Realtime API, chat completions, speech, "
        "transcriptions and embeddings.",
    )


async def unknown_path(request: Request, _: Exception) -> JSONResponse:
    return not_served(request.url.path)


async def wrong_method(request: Request, why: Exception) -> JSONResponse:
    allowed = (why.headers or {}) if isinstance(why, HTTPException) else {}
    message = f"{request.url.path[:80]} takes no {request.method[:20]}, only {allowed.get('Allow', 'other methods')}."
    return http_error(405, message, "method_not_supported", headers=dict(allowed))


async def our_fault(request: Request, _: Exception) -> JSONResponse:
    return http_error(500, "The mock server failed on this request; its log says why.", type="server_error")
