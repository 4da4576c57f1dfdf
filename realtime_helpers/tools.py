"""Python functions offered to the model as tools, and the calls it makes of them."""

from __future__ import annotations

import asyncio
import json
import logging
import textwrap
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed

from .tool_function import BadArguments, ToolError, ToolFunction

__all__ = ["Called", "ToolError", "ToolSet"]

log = logging.getLogger("realtime_helpers")


@dataclass(slots=True)
class Called:
    """One call: what the model wrote, what it was told, and for you the whole error, if there was one."""

    name: str
    arguments: str
    call_id: str
    output: str | None = None
    error: BaseException | None = None
    seconds: float | None = None

    def __str__(self) -> str:
        """For the log, in two lines: the whole error, where the model was told less."""
        told = f"{type(self.error).__name__}: {self.error}" if self.error else self.output
        return f"{self.name}({_as_code(self.arguments)})\n    -> {told}"


@dataclass(slots=True)
class _Round:
    """The calls of one response."""

    open: set[str] = field(default_factory=set)
    wants_answer: bool = False
    status: str | None = None  # of the response, once it is done


class ToolSet:
    """`ToolSet([look_up, context.book])`: `schema` goes into the session, every event through `await handle(...)`.

    Every call gets one `function_call_output`, whatever happens: an unknown tool, arguments that do not fit, an
    exception and a timeout are told to the model in a few words, and kept whole in `calls`. When a response that held
    calls is done and all its outputs are sent, one `response.create` asks for the answer; none for a cancelled
    response, and none while somebody speaks or another response is under way: what comes next reads the outputs anyway.

    Calls run as tasks: `handle` never waits for a tool, so the caller can still interrupt. `timeout_s` is each call's.
    `silent`: tools after which nothing more is to be said, such as hanging up. `log` is told of each call when it has
    ended, in two lines.

    Raises ToolError for a function that cannot be offered.
    """

    def __init__(
        self,
        functions: Iterable[Callable[..., Any]],
        *,
        timeout_s: float = 10,
        silent: Iterable[Callable[..., Any]] = (),
        log: Callable[[str], Any] | None = print,
    ) -> None:
        self._tools = {tool.name: tool for tool in map(ToolFunction, functions)}
        self._silent = {ToolFunction(function).name for function in silent}
        self._tools |= {name: ToolFunction(f) for f in silent if (name := f.__name__) not in self._tools}
        self._timeout_s, self._log = timeout_s, log
        self.calls: list[Called] = []
        self._rounds: dict[str, _Round] = {}
        self._tasks: set[asyncio.Task] = set()
        self._response: str | None = None  # the one under way
        self._speaking = False
        self._owed = False  # an answer, as soon as nobody speaks

    @property
    def schema(self) -> list[dict[str, Any]]:
        """For the session's `tools`."""
        return [tool.schema for tool in self._tools.values()]

    async def handle(self, event: Any, connection: Any) -> None:
        """Take note of a server event; start the call that it asks for. Never waits for a tool."""
        match event.type:
            case "response.function_call_arguments.done":
                self._start(event, connection)
            case "response.created" if event.response.conversation_id:
                self._response, self._owed = event.response.id, False  # it has read the outputs
            case "response.done":
                await self._done(event.response, connection)
            case "input_audio_buffer.speech_started":
                self._speaking = True
            case "input_audio_buffer.speech_stopped":
                self._speaking = False

    async def finished(self) -> None:
        """Wait until no call is at work."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, event: Any, connection: Any) -> None:
        called = Called(event.name or "", event.arguments, event.call_id)
        self.calls.append(called)
        self._rounds.setdefault(event.response_id, _Round()).open.add(event.call_id)
        task = asyncio.create_task(self._run(called, event.response_id, connection), name=f"tool {called.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, called: Called, response_id: str, connection: Any) -> None:
        began = time.perf_counter()
        _note(connection, "tool.started", called)
        called.output = await self._output(called)
        called.seconds = time.perf_counter() - began
        _note(connection, "tool.ended", called, ok=called.error is None)
        if self._log:
            self._log(textwrap.indent(str(called), "    "))
        item = {"type": "function_call_output", "call_id": called.call_id, "output": called.output}
        round = self._rounds[response_id]
        try:
            await connection.conversation.item.create(item=item)
            round.open.discard(called.call_id)
            round.wants_answer |= called.name not in self._silent
            await self._answer(response_id, connection)
        except ConnectionClosed:
            log.info("%s had finished when the connection was gone", called.name)

    async def _output(self, called: Called) -> str:
        """What the model is told. Never raises, but for the stop button."""
        tool = self._tools.get(called.name)
        try:
            if tool is None:
                raise BadArguments(f"There is no tool {called.name!r}, only {', '.join(self._tools) or 'none'}.")
            async with asyncio.timeout(self._timeout_s):
                return await tool.call(tool.read(called.arguments))
        except BadArguments as why:
            called.error = why
            return _failed(str(why))
        except TimeoutError as why:
            called.error = why
            return _failed("This took too long, and may or may not have been done.")
        except Exception as why:
            called.error = why
            log.warning("The tool %s failed: %s", called.name, type(why).__name__)
            return _failed(f"This did not work ({type(why).__name__}).")

    async def _done(self, response: Any, connection: Any) -> None:
        if response.id == self._response:
            self._response = None
        if response.id in self._rounds:
            self._rounds[response.id].status = response.status
            await self._answer(response.id, connection)
        elif self._owed and not self._speaking:
            self._owed = False
            await connection.response.create()

    async def _answer(self, response_id: str, connection: Any) -> None:
        """Once all of a response's calls are answered and it is done, ask for what the model makes of it."""
        round = self._rounds[response_id]
        if round.open or round.status is None:
            return
        del self._rounds[response_id]
        if round.status == "cancelled" or not round.wants_answer:
            return
        if self._speaking or self._response:
            self._owed = True
        else:
            await connection.response.create()


def _as_code(arguments: str) -> str:
    """The model's JSON as a call would be written, if it is what it should be."""
    try:
        given = json.loads(arguments or "{}")
    except json.JSONDecodeError:
        return arguments
    return ", ".join(f"{name}={value!r}" for name, value in given.items()) if isinstance(given, dict) else arguments


def _failed(why: str) -> str:
    return json.dumps({"error": why})


def _note(connection: Any, kind: str, called: Called, **more: Any) -> None:
    """On the wire, for the timeline; the service never sees it."""
    if note := getattr(connection._connection, "note_local", None):
        note({"type": kind, "name": called.name, "call_id": called.call_id, **more})
