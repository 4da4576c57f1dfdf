"""A connection that outlives its sockets: what was lost is restored in a new session, and nobody repeats himself."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any

from openai.resources.realtime.realtime import AsyncRealtimeConnection
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from .connection import Connecting, Recorded
from .handshake import ServiceError
from .senders import Senders
from .service import Service
from .session_mirror import OURS, Event, Restoration, SessionMirror

__all__ = ["Resuming"]

log = logging.getLogger("realtime_helpers")

_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 0.25, 10.0
_LIFE_USED = 0.9  # of a session's time: from then on the next quiet moment is taken for a change of sessions
_LOOK_EVERY_S = 0.2
_NEARLY_OVER = "The session's time is nearly over"


class Resuming:
    """`async with Resuming(service) as connection:` an ordinary `AsyncRealtimeConnection` that survives its sockets.

    When the socket drops, or the session's hour is nearly over, a new one is opened and given the settings, the
    conversation, the sound of an unfinished turn, and the request for a reply that is owed. What is sent meanwhile is
    kept, a microphone's sound too. Two events that no service sends tell the loop: before each attempt
    `connection.lost` (`why`, `attempt`, `wait_s`, and `cut_short`: a reply was, and will be made anew from its
    beginning), then `connection.restored` (`items`, `refused`, `seconds`).

    Attempts wait longer and longer, each by chance between nothing and its limit (full jitter: a thousand clients must
    not come back at once), and at least as long as a throttling service asks. After `patience_s` without success, or
    where another attempt is pointless (a wrong key), the loop raises ServiceError. `options` go to `service.connect`;
    `faults`, to practise, are those of its connections in turn, the reconnects too, and then there are none.

    Raises ServiceError on entering, as `service.connect` does: what never worked is not tried again.
    """

    def __init__(
        self, service: Service, *, patience_s: float = 120, faults: Iterable[str] = (), **options: Any
    ) -> None:
        self.mirror = SessionMirror()
        self._service, self._options, self._patience_s = service, options, patience_s
        self._faults = deque(faults)

    async def __aenter__(self) -> AsyncRealtimeConnection:
        self._line = _Line(self.mirror, self._new_socket, self._patience_s)
        await self._line.open()
        return AsyncRealtimeConnection(self._line)

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> bool:
        await self._line.close()
        await self._line.senders.end()
        if isinstance(problem, asyncio.CancelledError):
            problem._render_traceback_ = lambda: ["Stopped."]  # as in Connecting
        return isinstance(problem, ConnectionClosedOK)  # something was still to be sent when the learner hung up

    async def _new_socket(self) -> tuple[Connecting, Recorded]:
        fault = {"fault": self._faults.popleft()} if self._faults else {}
        connecting = self._service.connect(**fault, **self._options)
        connection = await connecting.__aenter__()
        return connecting, connection._connection


class _Line:
    """What the SDK takes for a websocket: frames in, frames out, whichever socket is there."""

    def __init__(self, mirror: SessionMirror, new_socket: Any, patience_s: float) -> None:
        self.senders = Senders(self.close)
        self._mirror, self._new_socket, self._patience_s = mirror, new_socket, patience_s
        self._socket: Recorded | None = None
        self._sending = asyncio.Lock()
        self._arrived: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self._keeping: asyncio.Task | None = None
        self._closed = False
        self._change_at = float("inf")
        self._as_text: set[str] = set()  # replies that this session knows as text alone
        self._replacing: dict[str, str] = {}  # item_id: the type of the last event about it

    # -- what the SDK calls --------------------------------------------------------------------------------------------

    async def recv(self, decode: bool = False) -> bytes:
        frame = await self._arrived.get()
        if isinstance(frame, Exception):
            self._arrived.put_nowait(frame)  # for whoever asks again
            raise frame
        self._newest.make_current()
        return frame

    async def send(self, frame: str | bytes) -> None:
        if self._closed:
            raise ConnectionClosedOK(None, None)
        self.senders.note()
        async with self._sending:
            event = self._mirror.sent(json.loads(frame))
            instead = self._of_text(event) if event.get("item_id") in self._as_text else [event]
            if self._socket:
                with suppress(ConnectionClosed):  # the keeper will see that too, and restore what this was
                    for one in instead:
                        await self._socket.send(json.dumps(one))

    def _of_text(self, event: Event) -> list[Event]:
        """What cuts a reply that has no sound here any more: the service truncates sound alone."""
        if event["type"] != "conversation.item.truncate":
            return [event]
        item_id, left = event["item_id"], self._mirror.cut(event["item_id"])
        self._replacing[item_id] = "conversation.item.done" if left else "conversation.item.deleted"
        self._give({**event, "type": "conversation.item.truncated"})
        return [{"type": "conversation.item.delete", "item_id": item_id, "event_id": f"{OURS}delete"}, *left]

    def _replaced(self, event: Event) -> bool:
        """Is this an answer to `_of_text`?"""
        item_id = event.get("item_id") or (event.get("item") or {}).get("id")
        if item_id not in self._replacing or not event["type"].startswith("conversation.item."):
            return False
        if event["type"] == self._replacing[item_id]:
            del self._replacing[item_id]
        return True

    def note_local(self, event: Event) -> None:
        """As `Recorded` does it, on the newest wire."""
        self._newest.note_local(event)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self._closed:
            return
        self._closed = True
        if self._keeping:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
        await self._hang_up()
        self._arrived.put_nowait(ConnectionClosedOK(None, None))

    # -- one socket after another --------------------------------------------------------------------------------------

    async def open(self) -> None:
        """The first connection. Raises ServiceError."""
        connecting = await self._connect()
        self._keeping = asyncio.create_task(self._keep(connecting), name="keeps the connection")
        self.senders.exempt(self._keeping)

    async def _connect(self) -> Connecting:
        connecting, self._newest = await self._new_socket()
        self._newest.senders = self.senders  # tasks that send outlive this socket
        if self._keeping is None:
            self._socket = self._newest
        return connecting

    async def _keep(self, connecting: Connecting) -> None:
        """Hand on the events of one session after another, until the line is closed or there is no hope."""
        restoring = None
        try:
            while True:
                why = await self._read(connecting, restoring)
                began = time.monotonic()
                await self._hang_up()
                connecting, restoring = await self._reconnect(why, began)
        except ServiceError as hopeless:
            self._arrived.put_nowait(hopeless)

    async def _read(self, connecting: Connecting, restoring: Restoration | None) -> str:
        """Events of one session, until it ends: why."""
        while True:
            try:
                async with asyncio.timeout(max(self._change_at - time.monotonic(), _LOOK_EVERY_S)):
                    event = json.loads(await self._socket.recv(decode=False))
            except TimeoutError:
                if time.monotonic() >= self._change_at and self._mirror.quiet:
                    return _NEARLY_OVER
                continue
            except ConnectionClosed as closed:
                problem = connecting.why_closed(closed)
                if not problem.passing:
                    raise problem from None
                return _briefly(problem)
            if event["type"] == "session.created":
                self._change_at = time.monotonic() + _LIFE_USED * (event["session"]["expires_at"] - time.time())
            if restoring:
                ours = restoring.takes(event)
                if restoring.complete:
                    self._give(restoring.notice())
                    restoring = None
                if ours:
                    continue
            if self._replaced(event):
                continue
            self._mirror.received(event)
            if event["type"] != "error" or event["error"].get("code") != "session_expired":
                self._give(event)

    async def _reconnect(self, why: str, began: float) -> tuple[Connecting, Restoration]:
        """A new session like the one that was lost. Raises ServiceError when there is no hope."""
        ceiling_s, attempt = _SHORTEST_WAIT_S, 1
        wait_s = 0.0 if why == _NEARLY_OVER else random.uniform(0, ceiling_s)
        endings = self._mirror.lost()
        while True:
            lost = {"why": why, "attempt": attempt, "wait_s": round(wait_s, 2)}
            lost["cut_short"] = any(ending["response"]["status"] == "cancelled" for ending in endings)
            self._give({"type": "connection.lost", **lost})
            while endings:
                self._give(endings.pop(0))
            log.warning("Connection lost (%s): attempt %d in %.1f s", why, attempt, wait_s)
            await asyncio.sleep(wait_s)
            try:
                connecting = await self._connect()
                async with self._sending:
                    restoring = Restoration(self._mirror.restoration(), began)
                    for event in restoring.events:
                        await self._newest.send(json.dumps(event))
                    self._as_text, self._replacing = restoring.replies, {}
                    self._socket = self._newest
                return connecting, restoring
            except ConnectionClosed as closed:
                problem = connecting.why_closed(closed)
            except ServiceError as refused:
                problem = refused
            if not problem.passing or time.monotonic() - began > self._patience_s:
                raise problem from None
            why, attempt = _briefly(problem), attempt + 1
            ceiling_s = min(_LONGEST_WAIT_S, 2 * ceiling_s)
            wait_s = (problem.retry_after_s or 0) + random.uniform(0, ceiling_s)

    async def _hang_up(self) -> None:
        socket, self._socket = self._socket, None
        if socket:
            await socket.close()

    def _give(self, event: Event) -> None:
        self._arrived.put_nowait(json.dumps(event).encode())


def _briefly(problem: ServiceError) -> str:
    """Without what to do about it: that is being done."""
    return str(problem).split(": ")[0]
