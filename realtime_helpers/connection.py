"""`service.connect()`: the SDK's connection, recorded, and with failures that a person can read."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any

from openai.resources.realtime.realtime import AsyncRealtimeConnection, AsyncRealtimeConnectionManager
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK
from websockets.frames import CloseCode

from .handshake import Explain, ServiceError
from .senders import Senders
from .wire import Wire

_PATIENCE_S = 20


class Recorded:
    """A websocket whose every frame goes into a `Wire`. Everything else is the socket's own."""

    def __init__(self, socket: Any, wire: Wire) -> None:
        self._socket, self._wire = socket, wire
        self._first: bytes | None = None
        self.senders = Senders(socket.close)

    async def peek(self) -> dict[str, Any]:
        """The first event, which `recv` will give once more."""
        self._first = await self.recv(decode=False)
        return json.loads(self._first)

    async def recv(self, **how: Any) -> bytes:
        if frame := self._first:
            self._first = None
            return frame
        try:
            frame = await self._socket.recv(**how)
        except ConnectionClosed:
            self._wire.end()
            raise
        self.make_current()
        self._wire.note("received", json.loads(frame))
        return frame

    def make_current(self) -> None:
        """What this task plays from now on is noted on this wire."""
        self._wire.make_current()

    async def send(self, frame: str | bytes) -> None:
        self.senders.note()
        await self._socket.send(frame)
        self._wire.note("sent", json.loads(frame))

    def note_local(self, event: dict[str, Any]) -> None:
        """Something that happened on this side, for the timeline; the service never sees it."""
        self._wire.note("local", event)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class Connecting:
    """What `service.connect()` returns: `async with` it for an ordinary `AsyncRealtimeConnection`.

    Entering waits for the service's first event, since a refusal may come after the handshake; the loop still sees
    that event. Leaving ends the tasks that sent over the connection.

    Raises:
        ServiceError: the service refused, could not be reached, or closed the connection.
    """

    def __init__(self, prepare: Callable[[], tuple[AsyncRealtimeConnectionManager, Explain]], wire: Wire) -> None:
        """`prepare` may block (while the mock server starts), so it runs in a thread."""
        self._prepare, self._wire = prepare, wire
        self._socket: Recorded | None = None

    async def __aenter__(self) -> AsyncRealtimeConnection:
        self._manager, self._explain = await asyncio.to_thread(self._prepare)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                connection = await self._manager.enter()
                self._wire.start()
                self._socket = connection._connection = Recorded(connection._connection, self._wire)
                first = await self._socket.peek()
        except BaseException as why:  # the stop button, too, must not leave a connection behind
            await self._manager.__aexit__(None, None, None)
            if not isinstance(why, Exception):
                raise
            raise self._explain.failed(why) from None
        if first.get("type") == "error":
            await self._manager.__aexit__(None, None, None)
            raise self._explain.error_event(first["error"])
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._wire.end()
        await self._manager.__aexit__(kind, problem, trace)
        await self._socket.senders.end()
        if isinstance(problem, asyncio.CancelledError):
            problem._render_traceback_ = lambda: ["Stopped."]  # the stop button is no accident: IPython asks for this
        closed = _closed(problem)
        if closed and _hung_up(closed):
            return True  # something was still to be sent, or received, when the learner hung up
        if closed:
            raise self.why_closed(closed) from None
        last_error = self._last_error()
        if problem is None and last_error and last_error.get("code") == "session_expired":
            raise self._explain.error_event(last_error)  # the loop ended by itself, and looks as if all were well
        return False

    def why_closed(self, closed: ConnectionClosed) -> ServiceError:
        """What ended the connection, as a sentence."""
        return self._explain.closed(closed, self._last_error())

    def _last_error(self) -> dict[str, Any] | None:
        errors = self._wire.received("error")
        return errors[-1].event["error"] if errors else None


def _hung_up(closed: ConnectionClosed) -> bool:
    """This side said goodbye first; a service that is too busy to answer in time is not a broken one."""
    if isinstance(closed, ConnectionClosedOK):
        return not closed.rcvd_then_sent
    return closed.rcvd is None and closed.sent is not None and closed.sent.code == CloseCode.NORMAL_CLOSURE


def _closed(problem: BaseException | None) -> ConnectionClosed | None:
    """The end of the connection, if that is all that went wrong; a task group wraps it, once for each of its tasks."""
    if isinstance(problem, BaseExceptionGroup):
        ends = [_closed(inner) for inner in problem.exceptions]
        return ends[0] if all(ends) else None
    return problem if isinstance(problem, ConnectionClosed) else None
