"""`service.connect()`: the SDK's connection, recorded, and with failures that a person can read."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any

from openai.resources.realtime.realtime import AsyncRealtimeConnection, AsyncRealtimeConnectionManager
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from .handshake import Explain
from .wire import Wire

_PATIENCE_S = 20
_GRACE_S = 2


class Recorded:
    """A websocket whose every frame goes into a `Wire`. Everything else is the socket's own."""

    def __init__(self, socket: Any, wire: Wire) -> None:
        self._socket, self._wire = socket, wire
        self._first: bytes | None = None
        self._owner = asyncio.current_task()
        self.senders: set[asyncio.Task] = set()
        self._closing: asyncio.Task | None = None

    async def peek(self) -> dict[str, Any]:
        """The first event, which `recv` will give once more."""
        self._first = await self.recv(decode=False)
        return json.loads(self._first)

    async def recv(self, **how: Any) -> bytes:
        if frame := self._first:
            self._first = None
            return frame
        frame = await self._socket.recv(**how)
        self._wire.note("received", json.loads(frame))
        return frame

    async def send(self, frame: str | bytes) -> None:
        task = asyncio.current_task()
        if task is not self._owner and task not in self.senders:
            self.senders.add(task)
            task.add_done_callback(self._sender_ended)
        await self._socket.send(frame)
        self._wire.note("sent", json.loads(frame))

    def _sender_ended(self, task: asyncio.Task) -> None:
        """A sender that failed (its microphone was pulled out, say) ends the conversation: nobody else would."""
        if not task.cancelled() and task.exception():
            self._closing = asyncio.ensure_future(self._socket.close())

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
        await self._manager.__aexit__(kind, problem, trace)
        await self._end_senders()
        if isinstance(problem, asyncio.CancelledError):
            problem._render_traceback_ = lambda: ["Stopped."]  # the stop button is no accident: IPython asks for this
        closed = _closed(problem)
        if isinstance(closed, ConnectionClosedOK) and not closed.rcvd_then_sent:
            return True  # something was still to be sent when the learner hung up
        errors = self._wire.received("error")
        last_error = errors[-1].event["error"] if errors else None
        if closed:
            raise self._explain.closed(closed, last_error) from None
        if problem is None and last_error and last_error.get("code") == "session_expired":
            raise self._explain.error_event(last_error)  # the loop ended by itself, and looks as if all were well
        return False

    async def _end_senders(self) -> None:
        """Tasks that send find the connection gone; none of them may linger, or complain about that later."""
        tasks = self._socket.senders
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=_GRACE_S)
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, ConnectionClosed):
                raise result


def _closed(problem: BaseException | None) -> ConnectionClosed | None:
    """The end of the connection, if that is all that went wrong; a task group wraps it, once for each of its tasks."""
    if isinstance(problem, BaseExceptionGroup):
        ends = [_closed(inner) for inner in problem.exceptions]
        return ends[0] if all(ends) else None
    return problem if isinstance(problem, ConnectionClosed) else None
