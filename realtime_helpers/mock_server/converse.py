"""One websocket, from session.created to its end, whichever side ends it."""

import asyncio
import logging
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from .events import ProtocolError, decode
from .house import House
from .outbox import Outbox
from .session import Session

log = logging.getLogger(__name__)


async def converse(websocket: WebSocket, house: House, model: str) -> None:
    """Hold a session over an accepted websocket until either side ends it or its time is up."""
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
