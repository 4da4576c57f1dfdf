"""The responses of one session: at most one at a time in its conversation, others beside it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from .allowed import check_response, check_tool_choice
from .config import Config, cannot_update_voice
from .conversation import Conversation
from .events import ProtocolError
from .house import House
from .item import Item, told
from .production import Manner, Production
from .replies import Prompt
from .response import Response
from .truncation import kept

_RATE_LIMITS_AFTER_S = 0.04
_TOKENS_A_MINUTE = 40_000
# Out of band there is no turn to wait for, and each reply costs work.
_MOST_AT_ONCE = 16
_FIELDS = ("output_modalities", "instructions", "tools", "tool_choice", "max_output_tokens")


class Office(Protocol):
    """What a session lends to its helpers."""

    house: House
    conversation: Conversation
    config: Config

    def emit(self, type: str, **fields: Any) -> None: ...
    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task: ...
    def item(self, given: dict[str, Any], path: str) -> Item: ...
    def response_began(self, response: Response) -> None: ...
    def response_ended(self, response: Response) -> None: ...


class Responder:
    def __init__(self, office: Office, room: Callable[[], Awaitable[None]]) -> None:
        """`room` waits while too much is unsent."""
        self._office, self._room = office, room
        self._running: dict[Response, asyncio.Task] = {}
        self._has_spoken = False

    @property
    def active(self) -> Response | None:
        """The response that is being said in the default conversation."""
        return next((r for r in self._running if r.in_conversation and not r.done), None)

    @property
    def has_spoken(self) -> bool:
        return self._has_spoken or any(response.has_spoken for response in self._running)

    def need_silence(self) -> None:
        """Raises ProtocolError if a response is being said in the conversation."""
        if active := self.active:
            raise ProtocolError(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {active.id}. Wait until the response is "
                "finished before creating a new one.",
            )

    def create(self, given: dict[str, Any]) -> None:
        """response.create. Raises ProtocolError."""
        check_response(given)
        params = self._params(given)
        check_tool_choice(params["tool_choice"], params["tools"], "response")
        out_of_band = given.get("conversation") == "none"
        if not out_of_band:
            self.need_silence()
            if self.has_spoken and params["voice"] != self._office.config["audio"]["output"]["voice"]:
                raise cannot_update_voice("response.audio.output.voice")
        elif len(self._running) >= _MOST_AT_ONCE:
            raise ProtocolError("rate_limit_exceeded", f"More than {_MOST_AT_ONCE} responses at once.")
        inputs = self._inputs(given)
        self._start(params, self._produce(params, inputs), inputs, None if out_of_band else self._office.conversation)

    def prepare(self, still_unsaid: Item) -> Production:
        """Begin to make a reply to the conversation with one item more, which may yet prove not to have been said."""
        return self._produce(self._params({}), [*self._inputs({}), still_unsaid])

    def answer(self, ready: Production | None) -> None:
        """Reply to the conversation as it stands, with what is ready if anything is. Raises ProtocolError."""
        self.need_silence()
        params, inputs = self._params({}), self._inputs({})
        self._start(params, ready or self._produce(params, inputs), inputs, self._office.conversation)

    def cancel(self, response_id: str | None) -> None:
        """response.cancel. Raises ProtocolError."""
        found = self.active if response_id is None else next((r for r in self._running if r.id == response_id), None)
        if found is None:
            raise ProtocolError("response_cancel_not_active", "Cancellation failed: no active response found")
        self._interrupt(found, "client_cancelled")

    def barge_in(self) -> None:
        if active := self.active:
            self._interrupt(active, "turn_detected")

    def close(self) -> None:
        for response in list(self._running):
            self._stop(response)

    # --------------------------------------------------------------------------------------------------------------

    def _params(self, given: dict[str, Any]) -> dict[str, Any]:
        """A response's settings: the session's, and over them what response.create gave."""
        config = self._office.config
        own_output = (given.get("audio") or {}).get("output") or {}
        own = {name: value for name, value in (*given.items(), *own_output.items()) if value is not None}
        defaults = {name: config[name] for name in _FIELDS} | config["audio"]["output"]
        defaults |= {"parallel_tool_calls": config.get("parallel_tool_calls"), "metadata": None}
        return {name: own.get(name, default) for name, default in defaults.items()}

    def _inputs(self, given: dict[str, Any]) -> list[Item]:
        """What the model reads: `response.input`, with references to the conversation's items, or the conversation."""
        conversation = self._office.conversation
        if given.get("input") is None:
            return kept(conversation.items, self._office.config["truncation"])
        items = []
        for index, one in enumerate(given["input"]):
            if one.get("type") == "item_reference":
                items.append(conversation.need(str(one.get("id")), "retrieve"))
            else:
                items.append(self._office.item(one, f"response.input[{index}]"))
        return items

    def _produce(self, params: dict[str, Any], items: list[Item]) -> Production:
        tools = tuple(tool for tool in params["tools"] if tool.get("type") != "mcp")
        parallel = params["parallel_tool_calls"] is not False

        async def prompt() -> Prompt:
            return Prompt(params["instructions"], await told(items), tools, params["tool_choice"], parallel)

        manner = Manner(params["voice"] if params["output_modalities"] == ["audio"] else None, params["speed"])
        return Production(prompt, self._office.house.mind, self._office.house.speech, manner)

    def _start(
        self, params: dict[str, Any], production: Production, inputs: list[Item], conversation: Conversation | None
    ) -> None:
        house = self._office.house
        response = Response(
            params,
            production,
            conversation,
            inputs,
            emit=self._office.emit,
            new_id=house.new_id,
            clock=house.clock,
            pace=house.pace,
            room=self._room,
        )
        self._running[response] = self._office.run(self._see_through(response))
        self._office.response_began(response)

    async def _see_through(self, response: Response) -> None:
        house = self._office.house
        await house.clock.sleep(house.faults.reply_delay_ms / 1000)
        await response.run()
        self._after(response)

    def _interrupt(self, response: Response, reason: str) -> None:
        response.cancel(reason)
        self._stop(response)
        self._after(response)

    def _stop(self, response: Response) -> None:
        response.drop()
        if task := self._running.get(response):
            task.cancel()

    def _after(self, response: Response) -> None:
        self._has_spoken = self.has_spoken
        self._running.pop(response, None)
        self._office.response_ended(response)
        self._office.run(self._rate_limits(response.usage["total_tokens"] if response.usage else 0))

    async def _rate_limits(self, tokens: int) -> None:
        await self._office.house.clock.sleep(_RATE_LIMITS_AFTER_S)
        limit = {
            "name": "tokens",
            "limit": _TOKENS_A_MINUTE,
            "remaining": max(0, _TOKENS_A_MINUTE - tokens),
            "reset_seconds": round(60 * min(1, tokens / _TOKENS_A_MINUTE), 3),
        }
        self._office.emit("rate_limits.updated", rate_limits=[limit])
