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
    response: its outputs stand in the conversation, and the reply to the interruption reads them. While somebody
    speaks or another response is under way the answer waits, and is dropped if what comes next has read the outputs.

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
        self._tasks: set[asyncio.Task] = set()
        self._begin()

    def _begin(self) -> None:
        """A new session knows nothing of the one before."""
        self._rounds: dict[str, _Round] = {}
        self._taken: set[str] = set()  # the calls' ids
        self._unread: set[str] = set()  # calls whose outputs are sent, and not yet in the conversation
        self._response: str | None = None  # the one under way
        self._turn = False  # somebody speaks, or has just spoken and will be answered
        self._replies_to_turns = True  # as the session says
        self._owed = False  # an answer, as soon as it can be asked for

    @property
    def schema(self) -> list[dict[str, Any]]:
        """For the session's `tools`."""
        return [tool.schema for tool in self._tools.values()]

    async def handle(self, event: Any, connection: Any) -> None:
        """Take note of a server event; start the call that it asks for. Never waits for a tool."""
        match event.type:
            case "session.created":
                self._begin()
                self._replies_to_turns = _replies_to_turns(event.session)
            case "session.updated":
                self._replies_to_turns = _replies_to_turns(event.session)
            case "response.function_call_arguments.done" if event.call_id not in self._taken:
                self._start(event, connection)
            case "conversation.item.added" if event.item.type == "function_call_output":
                self._unread.discard(event.item.call_id)
            case "response.created" if event.response.conversation_id:
                self._response, self._turn = event.response.id, False
                self._owed = self._owed and bool(self._unread)  # without these, it has read all outputs
            case "response.done":
                await self._done(event.response, connection)
            case "input_audio_buffer.speech_started":
                self._turn = True
            case "input_audio_buffer.timeout_triggered":
                self._turn = self._replies_to_turns
            case "input_audio_buffer.speech_stopped" if not self._replies_to_turns:
                self._turn = False
            case "input_audio_buffer.cleared":
                self._turn = False

    async def call(self, name: str, arguments: str) -> str:
        """One call that a model asked for by another way than an event: what to tell the model. Never raises."""
        called = Called(name, arguments, call_id="")
        self.calls.append(called)
        await self._do(called)
        self._tell(called)
        return called.output

    async def finished(self) -> None:
        """Wait until no call is at work."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _start(self, event: Any, connection: Any) -> None:
        called = Called(event.name or "", event.arguments, event.call_id)
        self.calls.append(called)
        self._taken.add(event.call_id)
        round = self._rounds.setdefault(event.response_id, _Round())
        round.open.add(event.call_id)
        task = asyncio.create_task(self._run(called, round, connection), name=f"tool {called.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, called: Called, round: _Round, connection: Any) -> None:
        _note(connection, "tool.started", called)
        await self._do(called)
        _note(connection, "tool.ended", called, ok=called.error is None)
        self._tell(called)
        item = {"type": "function_call_output", "call_id": called.call_id, "output": called.output}
        try:
            self._unread.add(called.call_id)
            await connection.conversation.item.create(item=item)
            round.open.discard(called.call_id)
            round.wants_answer |= called.name not in self._silent
            await self._answer(round, connection)
        except ConnectionClosed:
            log.info("%s had finished when the connection was gone", called.name)

    async def _do(self, called: Called) -> None:
        began = time.perf_counter()
        called.output = await self._output(called)
        called.seconds = time.perf_counter() - began

    def _tell(self, called: Called) -> None:
        try:
            if self._log:
                self._log(textwrap.indent(str(called), "    "))
        except Exception:  # a log that fails must not cost the model its output
            log.exception("The log of tool calls failed")

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
        except (Exception, SystemExit, asyncio.CancelledError) as why:
            if isinstance(why, asyncio.CancelledError) and asyncio.current_task().cancelling():
                raise  # not the tool's own doing
            called.error = why
            log.warning("The tool %s failed: %s", called.name, type(why).__name__)
            return _failed(f"This did not work ({type(why).__name__}).")

    async def _done(self, response: Any, connection: Any) -> None:
        if response.id == self._response:
            self._response = None
        if round := self._rounds.pop(response.id, None):
            round.status = response.status
            await self._answer(round, connection)
        await self._ask(connection)

    async def _answer(self, round: _Round, connection: Any) -> None:
        """Once all of a response's calls are answered and it is done, ask for what the model makes of it."""
        if not round.open and round.status is not None:
            self._owed |= round.wants_answer and round.status != "cancelled"
            await self._ask(connection)

    async def _ask(self, connection: Any) -> None:
        if self._owed and not self._turn and not self._response:
            self._owed = False
            await connection.response.create()


def _replies_to_turns(session: Any) -> bool:
    """Does the service reply by itself when somebody has spoken?"""
    turns = getattr(getattr(getattr(session, "audio", None), "input", None), "turn_detection", None)
    return turns is not None and getattr(turns, "create_response", None) is not False


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
    if note := getattr(getattr(connection, "_connection", None), "note_local", None):
        note({"type": kind, "name": called.name, "call_id": called.call_id, **more})
