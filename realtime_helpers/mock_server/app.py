"""The mock server's endpoints: OpenAI's `/v1/realtime` and Azure's `/openai/v1/realtime`."""

import asyncio
import logging
from contextlib import suppress

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from . import door
from .events import ProtocolError, decode
from .ids import random_id
from .outbox import Outbox
from .session import House, Session

log = logging.getLogger(__name__)


def create_app(house: House, key: str) -> Starlette:
    """An ASGI app that lets in whoever has `key`."""

    async def openai(websocket: WebSocket) -> None:
        if await _foreign(websocket):
            return
        await websocket.accept(_subprotocol(websocket))
        try:
            model = door.openai_model(websocket.headers, websocket.query_params, key)
        except door.Refused as no:
            event = {"type": "error", "event_id": random_id("event"), "error": no.fault.payload()}
            await websocket.send_json(event)
            await websocket.close(no.close_code, no.reason)
            return
        await _converse(websocket, house, model)

    async def azure(websocket: WebSocket) -> None:
        if await _foreign(websocket):
            return
        if fault := door.azure_fault(websocket.headers, websocket.query_params, key):
            error = {"error": {"code": "401", "message": fault}}
            await websocket.send_denial_response(JSONResponse(error, status_code=401))
            return
        await websocket.accept(_subprotocol(websocket))
        await _converse(websocket, house, websocket.query_params["model"])

    return Starlette(routes=[WebSocketRoute("/v1/realtime", openai), WebSocketRoute("/openai/v1/realtime", azure)])


async def _foreign(websocket: WebSocket) -> bool:
    if not door.foreign_origin(websocket.headers):
        return False
    await websocket.send_denial_response(JSONResponse({"error": {"message": "Foreign origin."}}, status_code=403))
    return True


def _subprotocol(websocket: WebSocket) -> str | None:
    return "realtime" if "realtime" in websocket.scope["subprotocols"] else None


async def _converse(websocket: WebSocket, house: House, model: str) -> None:
    """One session from its first event to its end, whichever side ends it."""
    outbox = Outbox()
    session = Session(house, model, outbox.put, outbox.room)
    work = [
        asyncio.create_task(_receive(websocket, session)),
        asyncio.create_task(_send(websocket, outbox)),
        asyncio.create_task(session.expire()),
    ]
    try:
        await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        receiving, sending, expiry = work
        if expiry.done():
            outbox.close()
            await asyncio.wait([receiving, sending], return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.close()
        for task in work:
            task.cancel()
        for problem in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(problem, Exception) and not isinstance(problem, WebSocketDisconnect):
                log.error("A connection ended badly", exc_info=problem)
    if websocket.application_state is WebSocketState.CONNECTED and websocket.client_state is WebSocketState.CONNECTED:
        with suppress(RuntimeError, WebSocketDisconnect):  # the client may have gone this very moment
            await websocket.close(1000)


async def _receive(websocket: WebSocket, session: Session) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        frame = message.get("text")
        if frame is None:
            session.error(ProtocolError("invalid_event", "Events are text frames with JSON; this frame was binary."))
            continue
        try:
            event = decode(frame)
        except ProtocolError as fault:
            session.error(fault)
            continue
        session.handle(event)


async def _send(websocket: WebSocket, outbox: Outbox) -> None:
    while (frame := await outbox.get()) is not None:
        await websocket.send({"type": "websocket.send", "text": frame})
