"""The mock server's endpoints: OpenAI's `/v1/realtime` and Azure's `/openai/v1/realtime`."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from . import door
from .converse import converse
from .house import House
from .ids import random_id


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
        await converse(websocket, house, model)

    async def azure(websocket: WebSocket) -> None:
        if await _foreign(websocket):
            return
        if fault := door.azure_fault(websocket.headers, websocket.query_params, key):
            error = {"error": {"code": "401", "message": fault}}
            await websocket.send_denial_response(JSONResponse(error, status_code=401))
            return
        await websocket.accept(_subprotocol(websocket))
        await converse(websocket, house, websocket.query_params["model"])

    return Starlette(routes=[WebSocketRoute("/v1/realtime", openai), WebSocketRoute("/openai/v1/realtime", azure)])


async def _foreign(websocket: WebSocket) -> bool:
    if not door.foreign_origin(websocket.headers):
        return False
    await websocket.send_denial_response(JSONResponse({"error": {"message": "Foreign origin."}}, status_code=403))
    return True


def _subprotocol(websocket: WebSocket) -> str | None:
    return "realtime" if "realtime" in websocket.scope["subprotocols"] else None
