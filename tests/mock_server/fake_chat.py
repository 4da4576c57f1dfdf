"""A chat completions endpoint for tests, on loopback: it streams what it is told to, as real ones do."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

CUT = object()  # the connection dies here
Step = str | dict[str, Any] | asyncio.Event | object


def call(
    name: str | None = None, arguments: Any = None, *, index: int | None = 0, id: str | None = None
) -> dict[str, Any]:
    """A chunk's delta with one piece of a tool call."""
    function = {k: v for k, v in (("name", name), ("arguments", arguments)) if v is not None}
    piece = {"id": id, "type": "function", "function": function}
    return {"tool_calls": [piece if index is None else piece | {"index": index}]}


class FakeChat:
    """`streams` or `refuses` say what comes next, one a request; `requests` holds the bodies that came."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.models: Response = JSONResponse({"object": "list", "data": [{"id": "tiny", "object": "model"}]})
        self.asked = asyncio.Event()
        self.hung_up = asyncio.Event()  # the client left before an answer was over
        self.url = ""
        self._answers: list[tuple[Step, ...] | Response] = []

    def streams(self, *steps: Step, finish: str | None = "stop") -> None:
        """Text, deltas, events to wait for, or `CUT`."""
        ending = [{"finish": finish}, "[DONE]"] if finish else []
        self._answers.append((*steps, *ending))

    def refuses(self, status: int, message: str = "No.", **headers: str) -> None:
        error = {"message": message, "type": "error", "code": None}
        self._answers.append(JSONResponse({"error": error}, status, headers=headers))

    def answers(self, response: Response) -> None:
        self._answers.append(response)

    async def _completions(self, request: Request) -> Response:
        self.requests.append(await request.json())
        self.headers.append(dict(request.headers))
        self.asked.set()
        answer = self._answers.pop(0)
        if isinstance(answer, Response):
            return answer
        return StreamingResponse(self._stream(answer), media_type="text/event-stream")

    async def _stream(self, steps: tuple[Step, ...]) -> AsyncIterator[str]:
        over = False
        try:
            for step in steps:
                match step:
                    case asyncio.Event():
                        await step.wait()
                    case "[DONE]":
                        yield "data: [DONE]\n\n"
                    case str():
                        yield _chunk({"content": step})
                    case {"finish": reason}:
                        yield _chunk({}, reason)
                    case {"error": _}:
                        yield f"data: {json.dumps(step)}\n\n"
                    case dict():
                        yield _chunk(step)
                    case _:
                        over = True
                        raise ConnectionAbortedError("the script says so")
            over = True
        finally:
            if not over:
                self.hung_up.set()

    async def _list(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return self.models

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["FakeChat"]:
        app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._completions, methods=["POST"]),
                Route("/v1/models", self._list),
            ]
        )
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
            config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
            config.load()
            server = uvicorn.Server(config)
            server.lifespan = config.lifespan_class(config)
            await server.startup([listener])  # `serve` would take pytest's signals, and a tenth of a second to end
            try:
                yield self
            finally:
                server.force_exit = True
                await server.shutdown([listener])


def _chunk(delta: dict[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    body = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "tiny", "choices": [choice]}
    return f"data: {json.dumps(body)}\n\n"
