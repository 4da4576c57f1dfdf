"""The mock server's endpoints: OpenAI's under `/v1`, Azure's under `/openai/v1`."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from . import door
from .converse import converse
from .house import House
from .http_doors import foreign, http_error, http_routes
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
            refusal = http_error(429, str(why), "rate_limit_exceeded", type="requests")
            refusal.headers["Retry-After"] = str(why.retry_after_s)
            await websocket.send_denial_response(refusal)

    return Starlette(
        routes=[
            WebSocketRoute("/v1/realtime", _from_here(openai)),
            WebSocketRoute("/openai/v1/realtime", _from_here(azure)),
            *http_routes(house, keys),
        ],
        middleware=[
            Middleware(CORSMiddleware, allow_origin_regex=_LOCAL_PAGES, allow_methods=["*"], allow_headers=["*"])
        ],
    )


def _from_here(endpoint: Callable[[WebSocket], Awaitable[None]]) -> Callable[[WebSocket], Awaitable[None]]:
    """Refuses the pages of websites, which could otherwise use the learner's server from the learner's browser."""

    async def guarded(websocket: WebSocket) -> None:
        if refusal := foreign(websocket.headers):
            await websocket.send_denial_response(refusal)
        else:
            await endpoint(websocket)

    return guarded


def _subprotocol(websocket: WebSocket) -> str | None:
    return "realtime" if "realtime" in websocket.scope["subprotocols"] else None
