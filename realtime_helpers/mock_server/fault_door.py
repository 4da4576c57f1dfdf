"""Which faults a connection suffers: the server's own, and over them those that its URL asks for (`?fault=...`)."""

from collections import Counter
from urllib.parse import parse_qs

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from .faults import FaultError, Faults

_MOST_REMEMBERED = 1000


class FaultDoor:
    """An ASGI app before the real one. `faults` may be changed while it serves; new connections suffer the new ones.

    Answers the handshake with 400 for a fault that does not exist, and with 503 or 429 where that is the fault.
    """

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.faults = faults
        self._app = app
        self._suffered: Counter[Faults] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return await self._app(scope, receive, send)
        asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("fault", [])
        try:
            faults = self._in_turn(Faults.parse(asked, self.faults))
        except FaultError as why:
            error = {"message": str(why), "type": "invalid_request_error", "param": "fault", "code": "invalid_value"}
            return await _deny(scope, receive, send, JSONResponse({"error": error}, 400))
        if faults.unavailable:
            return await _deny(scope, receive, send, _unavailable())
        if faults.refuse is not None:
            return await _deny(scope, receive, send, _throttled(faults.refuse))
        await self._app({**scope, "state": {**scope.get("state", {}), "faults": faults}}, receive, send)

    def _in_turn(self, faults: Faults) -> Faults:
        if faults.times is None:
            return faults
        if len(self._suffered) >= _MOST_REMEMBERED:
            self._suffered.clear()
        self._suffered[faults] += 1
        return faults if self._suffered[faults] <= faults.times else Faults()


def _throttled(seconds: int) -> JSONResponse:
    message = f"Rate limit reached for realtime sessions. Please try again in {seconds}s."
    error = {"message": message, "type": "requests", "param": None, "code": "rate_limit_exceeded"}
    return JSONResponse({"error": error}, 429, {"Retry-After": str(seconds)})


def _unavailable() -> JSONResponse:
    message = "The realtime service is unavailable right now. Please try again later."
    error = {"message": message, "type": "server_error", "param": None, "code": "service_unavailable"}
    return JSONResponse({"error": error}, 503)


async def _deny(scope: Scope, receive: Receive, send: Send, response: JSONResponse) -> None:
    await WebSocket(scope, receive, send).send_denial_response(response)
