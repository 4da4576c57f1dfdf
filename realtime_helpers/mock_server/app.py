"""The mock server's endpoints: OpenAI's under `/v1`, Azure's under `/openai/v1`."""

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from . import door
from .converse import converse
from .house import House
from .http_doors import http_routes
from .http_errors import http_error, not_served, our_fault, throttled, unknown_path, wrong_method
from .ids import random_id
from .keys import Keys
from .limits import Gate, Limits, TooMany

_LOCAL_PAGES = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"


def create_app(house: House, key: str, limits: Limits | None = None) -> Starlette:
    """An ASGI app that lets in whoever has `key`, or an ephemeral key made with it."""
    keys, gate = Keys(key, house.clock), Gate(limits or Limits(), house.clock)

    async def openai(websocket: WebSocket) -> None:
        try:
            entry = door.openai_entry(websocket.headers, websocket.query_params, keys)
        except door.Refused as no:
            await websocket.accept(_subprotocol(websocket))
            event = {"type": "error", "event_id": random_id("event"), "error": no.fault.payload()}
            await websocket.send_json(event)
            await websocket.close(no.close_code, no.reason)
            return
        await serve(websocket, entry)

    async def azure(websocket: WebSocket) -> None:
        try:
            entry = door.azure_entry(websocket.headers, websocket.query_params, keys)
        except door.Refused as no:
            error = {"error": {"code": no.fault.code, "message": no.fault.message}}
            await websocket.send_denial_response(JSONResponse(error, status_code=401))
            return
        await serve(websocket, entry)

    async def serve(websocket: WebSocket, entry: door.Entry) -> None:
        try:
            with gate.pass_through():
                await websocket.accept(_subprotocol(websocket))
                await converse(websocket, house, entry.model, intent=entry.intent, given=entry.given)
        except TooMany as why:
            await websocket.send_denial_response(throttled(why))

    app = Starlette(
        routes=[
            WebSocketRoute("/v1/realtime", openai),
            WebSocketRoute("/openai/v1/realtime", azure),
            WebSocketRoute("/{path:path}", _no_such_websocket),
            *http_routes(house, keys),
        ],
        middleware=[
            Middleware(_LocalPagesOnly),
            Middleware(
                CORSMiddleware, allow_origin_regex=_LOCAL_PAGES, allow_methods=["GET", "POST"], allow_headers=["*"]
            ),
        ],
        exception_handlers={404: unknown_path, 405: wrong_method, Exception: our_fault},
    )
    app.router.redirect_slashes = False
    return app


class _LocalPagesOnly:
    """Refuses the pages of websites, which could otherwise use the learner's server from the learner's browser."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or not door.foreign_origin(Headers(scope=scope)):
            return await self._app(scope, receive, send)
        refusal = http_error(403, "Foreign origin: this mock server takes no calls from the pages of a website.")
        if scope["type"] == "websocket":
            await WebSocket(scope, receive, send).send_denial_response(refusal)
        else:
            await refusal(scope, receive, send)


async def _no_such_websocket(websocket: WebSocket) -> None:
    await websocket.send_denial_response(not_served(websocket.url.path))


def _subprotocol(websocket: WebSocket) -> str | None:
    return "realtime" if "realtime" in websocket.scope["subprotocols"] else None
