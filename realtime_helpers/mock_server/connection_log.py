"""The recorded log of one connection, for tests to assert on: every event both ways, with its time.

Seen from the server: `received` is what the client sent, `sent` what it was sent. Base64 audio is kept out unless
asked for, and keys (an MCP tool's) always.
"""

import json
import threading
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

import anyio.to_thread

from .clock import Clock
from .faults import event_types

Direction = Literal["sent", "received"]
_AUDIO_FIELDS = {"input_audio_buffer.append": "audio", "response.output_audio.delta": "delta"}
_SECRETS = ("authorization", "headers")


class NothingCame(AssertionError):
    """What a test waited for did not come in time; says what came instead."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """`at`: seconds of the server's clock since the connection was opened. `event`: the JSON as it was."""

    at: float
    direction: Direction
    event: dict[str, Any]

    @property
    def type(self) -> str:
        return _type(self.event)


class ConnectionLog(list[LoggedEvent]):
    """The events of one connection, in order. The server writes it while a test reads it, in whatever thread.

    `close_code`: None while the connection is open; then what the client closed with (1005: without a code), 1000 if
    the server closed, 1006 if it was dropped, 1012 if the server ended. A frame that is no JSON object is not logged.
    """

    def __init__(self, clock: Clock | None = None, *, keep_audio: bool = False) -> None:
        super().__init__()
        self.close_code: int | None = None
        self._clock, self._keep_audio = clock or Clock(), keep_audio
        self._zero = self._clock.now()
        self._news = threading.Condition()

    # -- to assert on ----------------------------------------------------------------------------------------------

    def received(self, type: str | None = None) -> list[LoggedEvent]:
        """What the client sent, all or of one type."""
        return self._of("received", type)

    def sent(self, type: str | None = None) -> list[LoggedEvent]:
        """What the server sent, all or of one type."""
        return self._of("sent", type)

    @property
    def session(self) -> dict[str, Any]:
        """The session's settings, as last told to the client."""
        told = [e for e in self.sent() if e.type in ("session.created", "session.updated")]
        return told[-1].event["session"] if told else {}

    def transcript(self) -> list[tuple[str, str]]:
        """(role, text) of each message, in the conversation's order; "" for what was not transcribed."""
        messages: dict[str, tuple[str, str]] = {}
        for entry in self.sent():
            event = entry.event
            match entry.type:
                case "conversation.item.added" | "conversation.item.done" if event["item"]["type"] == "message":
                    item = event["item"]
                    parts = (part.get("text") or part.get("transcript") or "" for part in item["content"])
                    text = " ".join(filter(None, parts)) or messages.get(item["id"], ("", ""))[1]
                    messages[item["id"]] = (item["role"], text)
                case "conversation.item.input_audio_transcription.completed" if event["item_id"] in messages:
                    messages[event["item_id"]] = (messages[event["item_id"]][0], event["transcript"])
                case "conversation.item.deleted":
                    messages.pop(event["item_id"], None)
        return list(messages.values())

    def wait_for(self, type: str, count: int = 1, timeout: float = 5) -> LoggedEvent:
        """Block until the `count`-th event of that type, either way, and return it. `timeout` in seconds.

        In async code `await wait_for_async(...)`: a client in the same loop could not go on while this blocks.

        Raises:
            NothingCame: an AssertionError that lists what came instead.
        """
        _check_type(type)
        self._wait(lambda: self.close_code is not None or len(self._both(type)) >= count, timeout)
        found = self._both(type)
        if len(found) >= count:
            return found[count - 1]
        when = f"in {timeout:g} s" if self.close_code is None else f"before the connection ended ({self.close_code})"
        wanted = type if count == 1 else f"{count} times {type}"
        raise NothingCame(f"No {wanted} {when}. What came:\n{self}")

    async def wait_for_async(self, type: str, count: int = 1, timeout: float = 5) -> LoggedEvent:  # noqa: ASYNC109 (as in wait_for)
        """As `wait_for`, while the event loop goes on."""
        return await anyio.to_thread.run_sync(self.wait_for, type, count, timeout, abandon_on_cancel=True)

    def wait_until_closed(self, timeout: float = 5) -> int:
        """Block until the connection has ended; its close code. Raises NothingCame."""
        if not self._wait(lambda: self.close_code is not None, timeout):
            raise NothingCame(f"The connection is still open after {timeout:g} s. What came:\n{self}")
        return self.close_code

    async def wait_until_closed_async(self, timeout: float = 5) -> int:  # noqa: ASYNC109 (as in wait_until_closed)
        """As `wait_until_closed`, while the event loop goes on."""
        return await anyio.to_thread.run_sync(self.wait_until_closed, timeout, abandon_on_cancel=True)

    def __str__(self) -> str:
        """One line a run of events of one type."""
        lines: list[tuple[LoggedEvent, int]] = []
        for entry in list(self):
            if lines and (lines[-1][0].direction, lines[-1][0].type) == (entry.direction, entry.type):
                lines[-1] = (lines[-1][0], lines[-1][1] + 1)
            else:
                lines.append((entry, 1))
        text = [
            f"{e.at:8.3f} s  {e.direction:8}  {e.type}{f' x {n}' if n > 1 else ''}{_message(e.event)}" for e, n in lines
        ]
        return "\n".join(text) or "(nothing)"

    def __repr__(self) -> str:
        return f"<ConnectionLog: {len(self.received())} events received, {len(self.sent())} sent>"

    # -- for the server --------------------------------------------------------------------------------------------

    def note(self, direction: Direction, event: dict[str, Any]) -> None:
        """Record an event, now."""
        kept = _without_secrets(event if self._keep_audio else _without_audio(event))
        with self._news:
            self.append(LoggedEvent(self._clock.now() - self._zero, direction, kept))
            self._news.notify_all()

    def end(self, close_code: int) -> None:
        """The connection is over; the first to say so is right."""
        with self._news:
            self.close_code = close_code if self.close_code is None else self.close_code
            self._news.notify_all()

    # --------------------------------------------------------------------------------------------------------------

    def _of(self, direction: Direction, type: str | None) -> list[LoggedEvent]:
        _check_type(type)
        return [e for e in list(self) if e.direction == direction and type in (None, e.type)]

    def _both(self, type: str) -> list[LoggedEvent]:
        return [e for e in list(self) if e.type == type]

    def _wait(self, done: Callable[[], bool], timeout: float) -> bool:
        with self._news:
            return self._news.wait_for(done, timeout)


def _type(event: dict[str, Any]) -> str:
    """What clients send as a type may be anything."""
    kind = event.get("type")
    return kind if isinstance(kind, str) else ""


def _check_type(type: str | None) -> None:
    """A misspelled type would be waited for in vain, or found missing to everybody's satisfaction."""
    if type is not None and type not in event_types():
        raise ValueError(f"There is no event type {type!r:.80} in the Realtime protocol.")


def _message(event: dict[str, Any]) -> str:
    error = event.get("error")
    return f": {json.dumps(error.get('message'))}" if isinstance(error, dict) else ""


def _without_audio(event: dict[str, Any]) -> dict[str, Any]:
    if field := _AUDIO_FIELDS.get(_type(event)):
        return {**event, field: _length(event.get(field))}
    event = deepcopy(event)
    item = event.get("item")
    parts = item.get("content") if isinstance(item, dict) else None
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict) and "audio" in part:
            part["audio"] = _length(part["audio"])
    return event


def _length(audio: Any) -> Any:
    return f"({len(audio)} characters of base64)" if isinstance(audio, str) else audio


def _without_secrets(event: dict[str, Any]) -> dict[str, Any]:
    event = deepcopy(event)
    for holder in (event.get("session"), event.get("response")):
        tools = holder.get("tools") if isinstance(holder, dict) else None
        for tool in tools if isinstance(tools, list) else ():
            for name in _SECRETS:
                if isinstance(tool, dict) and tool.get(name) is not None:
                    tool[name] = "(kept out of the log)"
    return event
