"""One Realtime session: client events in, server events out. It knows nothing of sockets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from copy import deepcopy
from functools import partial
from typing import Any

from . import config as configs
from .client_items import client_audio, client_item
from .conversation import Conversation
from .events import ProtocolError, event_id_of, validate
from .formats import PCM, Decoder
from .house import House
from .idle import IdleTimer
from .item import Item
from .listening import Listener, UserTurn
from .mcp import McpServers
from .production import Production
from .responding import Responder
from .response import Response
from .transcribing import Transcriber

log = logging.getLogger(__name__)

_MIN_COMMIT_MS = 100
_FOR_CONVERSATIONS_ONLY = {
    "conversation.item.create",
    "conversation.item.truncate",
    "response.create",
    "response.cancel",
}


class Session:
    """Handles events one at a time, synchronously; replies and recognition run as tasks beside it."""

    def __init__(
        self,
        house: House,
        model: str,
        send: Callable[[dict[str, Any]], None],
        room: Callable[[], Awaitable[None]],
        *,
        intent: str = "realtime",
        given: dict[str, Any] | None = None,
    ) -> None:
        """`send` takes server events, in order; `room` waits while too many are unsent. `intent`: "realtime" or
        "transcription". `given`: settings that an ephemeral key brings along, laid over the defaults. Needs a running
        loop.

        Raises:
            ProtocolError: for what `given` asks.
        """
        self.house, self._send = house, send
        expires_ms = house.faults.expires_after_ms
        self._lifetime_s = configs.SESSION_LIFETIME_S if expires_ms is None else expires_ms / 1000
        self.config = configs.first_config(
            house.new_id("sess"), model, int(house.clock.wall() + self._lifetime_s), intent=intent, given=given
        )
        self.conversation = Conversation(house.new_id("conv"))
        self._tasks: set[asyncio.Task] = set()
        self._responder = Responder(self, room)
        self._transcriber = Transcriber(self)
        self._mcp = McpServers(self)
        self._idle = IdleTimer(house.clock, self.run, self._prompt_the_silent)
        self.listener = Listener(self, house.speech, house.hearing, partial(house.new_id, "item"))
        self._decoder = Decoder()
        self.emit("session.created", session=deepcopy(self.config))
        self._take_up_settings()

    def handle(self, event: dict[str, Any]) -> None:
        """One decoded client event. A bad one is answered with one `error` event; nothing is raised."""
        is_audio = event.get("type") == "input_audio_buffer.append"
        self.listener.in_order(partial(self._handle, event), is_audio=is_audio)

    def _handle(self, event: dict[str, Any]) -> None:
        try:
            validate(event)
            kind = event["type"]
            if self._only_transcribes and kind in _FOR_CONVERSATIONS_ONLY:
                raise ProtocolError("invalid_value", f"A transcription session takes no '{kind}'.", "type")
            getattr(self, "_" + kind.replace(".", "_"))(event)
        except ProtocolError as fault:
            self.error(fault, event_id_of(event))
        except Exception:
            log.exception("An event could not be handled: %s", event.get("type"))
            fault = ProtocolError(None, "The mock server failed on this event; its log says why.", type="server_error")
            self.error(fault, event_id_of(event))

    def error(self, fault: ProtocolError, event_id: str | None = None) -> None:
        self.emit("error", error=fault.payload(event_id))

    async def expire(self) -> None:
        """Return when the session's time is up, having said so."""
        await self.house.clock.sleep(self._lifetime_s)
        self.error(ProtocolError("session_expired", "Your session hit the maximum duration of 60 minutes."))

    def close(self) -> None:
        """End everything that runs for this session."""
        self.listener.close()
        self._responder.close()
        for task in self._tasks:
            task.cancel()

    # -- what the helpers need (responding.Office) -----------------------------------------------------------------

    def emit(self, type: str, **fields: Any) -> None:
        self._send({"type": type, "event_id": self.house.new_id("event"), **fields})

    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task:
        """A task that ends with the session."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def item(self, given: dict[str, Any], path: str) -> Item:
        """An item that the client wrote. Raises ProtocolError."""
        item = client_item(given, path, self.house.new_id, self._audio_in["format"]["type"])
        if item.audio and item.body.get("role") == "user":
            item.heard = self._listen(item.audio)
        return item

    def response_began(self, response: Response) -> None:
        self._idle.stop()

    def response_ended(self, response: Response) -> None:
        if response.in_conversation and not self.listener.in_turn:
            self._idle.start(response.heard_at, self.listener.heard_ms + response.audio_ms)

    # -- client events ---------------------------------------------------------------------------------------------

    def _session_update(self, event: dict[str, Any]) -> None:
        has_spoken = self._responder.has_spoken
        self.config = configs.updated(self.config, event["session"], has_spoken=has_spoken)
        self.emit("session.updated", session=deepcopy(self.config))
        self._take_up_settings()

    def _input_audio_buffer_append(self, event: dict[str, Any]) -> None:
        self.listener.append(client_audio(event["audio"], "audio", self._decoder))

    def _input_audio_buffer_commit(self, event: dict[str, Any]) -> None:
        buffered_ms = self.listener.buffer.duration_ms
        if buffered_ms < _MIN_COMMIT_MS:
            raise ProtocolError(
                "input_audio_buffer_commit_empty",
                f"Error committing input audio buffer: buffer too small. Expected at least {_MIN_COMMIT_MS}ms, "
                f"but it only has {buffered_ms:.2f}ms.",
            )
        turn, audio = self.listener.commit()
        self._commit(turn, audio, self._listen(audio))

    def _input_audio_buffer_clear(self, event: dict[str, Any]) -> None:
        self.listener.clear()
        self.emit("input_audio_buffer.cleared")

    def _output_audio_buffer_clear(self, event: dict[str, Any]) -> None:
        raise ProtocolError(
            "invalid_value",
            "'output_audio_buffer.clear' is for WebRTC and SIP: over a websocket the client holds the unplayed audio.",
            "type",
        )

    def _conversation_item_create(self, event: dict[str, Any]) -> None:
        item = self.item(event["item"], "item")
        output_of = item.body.get("call_id") if item.body["type"] == "function_call_output" else None
        if output_of and not any(
            i.body["type"] == "function_call" and i.body["call_id"] == output_of for i in self.conversation.items
        ):
            raise ProtocolError(
                "invalid_tool_call_id", f"Tool call ID '{output_of}' not found in conversation.", "item.call_id"
            )
        self.conversation.add(item, event.get("previous_item_id"))
        self._show(item)

    def _conversation_item_delete(self, event: dict[str, Any]) -> None:
        self.conversation.delete(event["item_id"])
        self.emit("conversation.item.deleted", item_id=event["item_id"])

    def _conversation_item_retrieve(self, event: dict[str, Any]) -> None:
        item = self.conversation.need(event["item_id"], "retrieve")
        self.emit("conversation.item.retrieved", item=item.in_full(self._format_of(item)))

    def _conversation_item_truncate(self, event: dict[str, Any]) -> None:
        if event["content_index"] != 0:
            raise ProtocolError("invalid_value", "An assistant's audio is content part 0.", "content_index")
        self.conversation.truncate(event["item_id"], event["audio_end_ms"])
        where = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self.emit("conversation.item.truncated", **where)

    def _response_create(self, event: dict[str, Any]) -> None:
        self._responder.create(event.get("response") or {})

    def _response_cancel(self, event: dict[str, Any]) -> None:
        self._responder.cancel(event.get("response_id"))

    # -- what the listener says ------------------------------------------------------------------------------------

    @property
    def state(self) -> object:
        """Changes whenever a reply made earlier would no longer fit."""
        return self.config, self.conversation.version, self._responder.active is None

    def turn_started(self, turn: UserTurn) -> None:
        self._idle.stop()
        self.conversation.reserved = turn.item_id
        self.emit("input_audio_buffer.speech_started", audio_start_ms=turn.start_ms, item_id=turn.item_id)
        if self._turn_detection.get("interrupt_response"):
            self._responder.barge_in()

    def silent_until(self, audio_ms: float) -> None:
        self._idle.silent_until(audio_ms)

    def begin_reply(self, heard: asyncio.Task[str]) -> Production | None:
        if not self._answers or self._responder.active or not getattr(self.house.mind, "early", True):
            return None
        body = {"id": "", "type": "message", "role": "user", "content": [{"type": "input_audio"}]}
        return self._responder.prepare(Item(body, heard=heard))

    def turn_stopped(self, turn: UserTurn, audio: bytes, end_ms: int) -> None:
        guess = turn.guess
        still_good = guess is not None and guess.made_for == self.state
        self.emit("input_audio_buffer.speech_stopped", audio_end_ms=end_ms, item_id=turn.item_id)
        self._commit(turn, audio, guess.heard if guess else self._listen(audio))
        if guess and guess.reply and not still_good:
            guess.reply.cancel()
        if self._answers:
            self._answer(guess.reply if guess and still_good else None)

    def _answer(self, ready: Production | None) -> None:
        try:
            self._responder.answer(ready)
        except ProtocolError as fault:
            self.error(fault)

    def _prompt_the_silent(self, timeout_ms: int) -> None:
        """The idle timeout is over: the silence becomes a user's turn, and is answered."""
        detection = self._turn_detection or {}
        if self._only_transcribes or not (detection.get("create_response") or detection.get("interrupt_response")):
            return  # "the model will never respond automatically" (ServerVad)
        turn, audio = self.listener.take_silence(timeout_ms)
        end_ms = self.listener.buffer.end_ms
        self.emit(
            "input_audio_buffer.timeout_triggered",
            audio_start_ms=turn.start_ms,
            audio_end_ms=end_ms,
            item_id=turn.item_id,
        )
        self._commit(turn, audio, self._listen(audio))
        self._answer(None)

    def partial_words(self, turn: UserTurn, words: str) -> None:
        self._transcriber.words(turn, words)

    # -- items -----------------------------------------------------------------------------------------------------

    def _commit(self, turn: UserTurn, audio: bytes, heard: asyncio.Task[str]) -> None:
        """The user's turn becomes an item. The reply does not wait for its transcription."""
        body = {
            "id": turn.item_id,
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        item = Item(body, audio, heard)
        last = self.conversation.items[-1].id if self.conversation.items else None
        self.emit("input_audio_buffer.committed", previous_item_id=last, item_id=item.id)
        self.conversation.reserved = None
        self.conversation.add(item)
        self._show(item)
        self._transcriber.begin(item, turn)

    def _show(self, item: Item) -> None:
        for kind in ("added", "done"):
            previous = self.conversation.previous_id(item)
            self.emit(f"conversation.item.{kind}", previous_item_id=previous, item=deepcopy(item.body))

    def _listen(self, audio: bytes) -> asyncio.Task[str]:
        return self.run(self.house.speech.transcribe(audio))

    # -- settings --------------------------------------------------------------------------------------------------

    @property
    def _audio_in(self) -> dict[str, Any]:
        return self.config["audio"]["input"]

    @property
    def _turn_detection(self) -> dict[str, Any]:
        return self._audio_in["turn_detection"]

    @property
    def _answers(self) -> bool:
        return (self._turn_detection or {}).get("create_response", False) and not self._only_transcribes

    @property
    def _only_transcribes(self) -> bool:
        return self.config["type"] == "transcription"

    def _take_up_settings(self) -> None:
        self.listener.configure(self._turn_detection, partials=self._transcriber.partials)
        if self._decoder.kind != self._audio_in["format"]["type"]:
            self._decoder = Decoder(self._audio_in["format"]["type"])
        self._idle.configure((self._turn_detection or {}).get("idle_timeout_ms"))
        self._mcp.list_tools(self.config.get("tools", []))

    def _format_of(self, item: Item) -> str:
        side = "output" if item.body.get("role") == "assistant" else "input"
        return self.config["audio"].get(side, {"format": {"type": PCM}})["format"]["type"]
