"""How the mock server's app is put on a socket, for the command line and for tests alike."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from .websocket_protocol import WebSocketProtocol

# uvicorn reports these as errors, the second with a traceback; the client has had its answer.
_NO_FAULT_OF_OURS = {
    "ASGI callable returned without completing handshake.",  # we refused it with 401 or 403
    "Invalid UTF-8 sequence received from client.",  # uvicorn closed with 1007
}

_LAST_WORDS_S = 0.3


class CannotListen(Exception):
    """The address is taken, or none of this computer's."""


class Server(uvicorn.Server):
    """`run(sockets=[listener])` until `stop`, in any thread. `ready` is called once it can answer."""

    def __init__(self, app: ASGIApp, ready: Callable[[], None], *, ping_interval_s: float = 20) -> None:
        """A client that has not answered a ping when the next would be due is dropped."""
        logging.getLogger("uvicorn.error").addFilter(_of_interest)
        super().__init__(
            uvicorn.Config(
                app,
                ws=WebSocketProtocol,
                ws_per_message_deflate=False,  # 0.2 ms a frame, for audio that hardly shrinks
                ws_ping_interval=ping_interval_s,
                ws_ping_timeout=ping_interval_s,
                ws_max_size=16 * 1024 * 1024,
                lifespan="off",
                log_config=None,
                access_log=False,
            )
        )
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def stop(self) -> None:
        """End at once: no reply is worth finishing. May be called from another thread."""
        self.should_exit = True
        self.force_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.force_exit:  # from Python 3.12 on, a client that does not read would keep us here
            asyncio.get_running_loop().call_later(_LAST_WORDS_S, self._hang_up)
        await super().shutdown(sockets)
        tasks = list(self.server_state.tasks)
        for task in tasks:  # what uvicorn leaves to the end of the loop, which would report each
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0: any free one. Raises CannotListen."""
    if not 0 <= port <= 65_535:
        raise CannotListen(f"Cannot listen on port {port}: ports go from 0 (any free one) to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    if os.name != "nt":  # there it would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as why:
        listener.close()
        hint = (
            "is that an address of this computer?" if isinstance(why, socket.gaierror) else "is another server there?"
        )
        raise CannotListen(f"Cannot listen on {host}:{port} ({why.strerror}): {hint}") from why
    listener.listen(128)
    return listener


def base_url(listener: socket.socket) -> str:
    """`http://127.0.0.1:8765/v1`"""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/v1"


def _of_interest(record: logging.LogRecord) -> bool:
    cancelled = bool(record.exc_info) and record.exc_info[0] is asyncio.CancelledError  # a request, as the server ends
    return record.msg not in _NO_FAULT_OF_OURS and not cancelled
