"""One websocket, from session.created to its end, whichever side ends it."""

import asyncio
import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from .connection_log import ConnectionLog
from .events import ProtocolError, decode
from .faulty_wire import FaultyWire
from .house import House
from .outbox import Outbox
from .session import Session

log = logging.getLogger(__name__)

_LAST_WORDS_S = 1  # for what was sent before a drop to leave


async def converse(websocket: WebSocket, house: House, model: str, **options: Any) -> None:
    """Hold a session over an accepted websocket until either side ends it or its time is up.

    `options`: the session's `intent` and `given`. The connection's own faults are in `websocket.state.faults`, if
    `fault_door` has put any there.
    """
    faults = getattr(websocket.state, "faults", house.faults)
    house = replace(house, faults=faults, speech=house.speech.for_client())
    outbox = Outbox()
    record = house.new_log() if house.new_log else None
    wire = FaultyWire(outbox, house, record)
    session = Session(house, model, wire.send, outbox.room, **options)
    work = [
        asyncio.create_task(_receive(websocket, session, wire, record)),
        asyncio.create_task(_send(websocket, outbox)),
        asyncio.create_task(session.expire()),
        asyncio.create_task(wire.drop_in_time()),
    ]
    receiving, sending, expiry, _ = work
    try:
        await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
        if wire.dropped.is_set():
            await asyncio.wait([sending], timeout=_LAST_WORDS_S)
        elif expiry.done():
            outbox.close()
            await asyncio.wait([receiving, sending], return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.close()
        for task in work:
            task.cancel()
        for problem in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(problem, Exception) and not isinstance(problem, WebSocketDisconnect):
                log.error("A connection ended badly", exc_info=problem)
        if record is not None:
            record.end(1006 if wire.dropped.is_set() else 1000)
    if wire.dropped.is_set():
        return  # with no close: uvicorn closes the socket under the client
    if websocket.application_state is WebSocketState.CONNECTED and websocket.client_state is WebSocketState.CONNECTED:
        with suppress(RuntimeError, WebSocketDisconnect):  # the client may have gone this very moment
            await websocket.close(1000)


async def _receive(websocket: WebSocket, session: Session, wire: FaultyWire, record: ConnectionLog | None) -> None:
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            if record is not None:
                record.end(message.get("code", 1005))
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
        wire.received(event)
        await session.listener.room()
        session.handle(event)


async def _send(websocket: WebSocket, outbox: Outbox) -> None:
    while (frame := await outbox.get()) is not None:
        await websocket.send({"type": "websocket.send", "text": frame})
