"""One Realtime session: client events in, server events out. It knows nothing of sockets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from . import config as configs
from .client_items import client_audio, client_item
from .clock import Clock
from .conversation import Conversation, Item, told
from .events import ProtocolError, event_id_of, validate
from .faults import Faults
from .ids import NewId, random_id
from .listening import Listener, UserTurn
from .production import Manner, Production
from .replies import Mind, Prompt
from .response import Response
from .speech import Speech

log = logging.getLogger(__name__)

_MIN_COMMIT_MS = 100
_RATE_LIMITS_AFTER_S = 0.04


@dataclass(frozen=True)
class House:
    """What all sessions of one server share."""

    speech: Speech
    mind: Mind
    pace: float = 4.0
    clock: Clock = field(default_factory=Clock)
    new_id: NewId = random_id
    faults: Faults = field(default_factory=Faults)


class Session:
    """Handles events one at a time, synchronously; replies and recognition run as tasks beside it."""

    def __init__(
        self,
        house: House,
        model: str,
        send: Callable[[dict[str, Any]], None],
        room: Callable[[], Awaitable[None]],
    ) -> None:
        """`send` takes server events, in order; `room` waits while too many are unsent. Needs a running loop."""
        self._house, self._send, self._room = house, send, room
        self._new_id = house.new_id
        faults = house.faults
        expires_ms = faults.expires_after_ms
        self._lifetime_s = configs.SESSION_LIFETIME_S if expires_ms is None else expires_ms / 1000
        expires_at = int(house.clock.wall() + self._lifetime_s)
        self._config = configs.new_config(self._new_id("sess"), model, expires_at)
        self._conversation = Conversation(self._new_id("conv"))
        self._listener = Listener(self, house.speech, partial(self._new_id, "item"))
        self._listener.configure(self._config["audio"]["input"]["turn_detection"], partials=False)
        self._responses: dict[Response, asyncio.Task] = {}
        self._tasks: set[asyncio.Task] = set()
        self._has_spoken = False
        self._emit("session.created", session=deepcopy(self._config))

    def handle(self, event: dict[str, Any]) -> None:
        """One decoded client event. A bad one is answered with one `error` event; nothing is raised."""
        try:
            validate(event)
            getattr(self, "_" + event["type"].replace(".", "_"))(event)
        except ProtocolError as fault:
            self.error(fault, event_id_of(event))
        except Exception:
            log.exception("An event could not be handled: %s", event.get("type"))
            fault = ProtocolError(None, "The mock server failed on this event; its log says why.", type="server_error")
            self.error(fault, event_id_of(event))

    def error(self, fault: ProtocolError, event_id: str | None = None) -> None:
        self._emit("error", error=fault.payload(event_id))

    async def expire(self) -> None:
        """Return when the session's time is up, having said so."""
        await self._house.clock.sleep(self._lifetime_s)
        self.error(ProtocolError("session_expired", "Your session hit the maximum duration of 60 minutes."))

    def close(self) -> None:
        """End everything that runs for this session."""
        self._listener.close()
        for response in list(self._responses):
            self._stop(response)
        for task in self._tasks:
            task.cancel()

    # -- client events ---------------------------------------------------------------------------------------------

    def _session_update(self, event: dict[str, Any]) -> None:
        has_spoken = self._has_spoken or any(response.has_spoken for response in self._responses)
        self._config = configs.updated(self._config, event["session"], has_spoken=has_spoken)
        audio_in = self._config["audio"]["input"]
        faulty = self._house.faults.transcription_fails or self._house.faults.transcription is not None
        partials = audio_in["transcription"] is not None and not faulty  # they cannot be taken back
        self._listener.configure(audio_in["turn_detection"], partials=partials)
        self._emit("session.updated", session=deepcopy(self._config))

    def _input_audio_buffer_append(self, event: dict[str, Any]) -> None:
        self._listener.append(client_audio(event["audio"], "audio"))

    def _input_audio_buffer_commit(self, event: dict[str, Any]) -> None:
        buffered_ms = self._listener.buffer.duration_ms
        if buffered_ms < _MIN_COMMIT_MS:
            raise ProtocolError(
                "input_audio_buffer_commit_empty",
                f"Error committing input audio buffer: buffer too small. Expected at least {_MIN_COMMIT_MS}ms, "
                f"but it only has {buffered_ms:.2f}ms.",
            )
        turn, audio = self._listener.commit()
        self._commit(turn, audio, self._listen(audio))

    def _input_audio_buffer_clear(self, event: dict[str, Any]) -> None:
        self._listener.clear()
        self._emit("input_audio_buffer.cleared")

    def _output_audio_buffer_clear(self, event: dict[str, Any]) -> None:
        raise ProtocolError(
            "invalid_value",
            "'output_audio_buffer.clear' is for WebRTC and SIP: over a websocket the client holds the unplayed audio.",
            "type",
        )

    def _conversation_item_create(self, event: dict[str, Any]) -> None:
        item = self._item(event["item"], "item")
        output_of = item.body.get("call_id") if item.body["type"] == "function_call_output" else None
        if output_of and not any(
            i.body["type"] == "function_call" and i.body["call_id"] == output_of for i in self._conversation.items
        ):
            raise ProtocolError(
                "invalid_tool_call_id", f"Tool call ID '{output_of}' not found in conversation.", "item.call_id"
            )
        self._conversation.add(item, event.get("previous_item_id"))
        self._show(item)

    def _conversation_item_delete(self, event: dict[str, Any]) -> None:
        self._conversation.delete(event["item_id"])
        self._emit("conversation.item.deleted", item_id=event["item_id"])

    def _conversation_item_retrieve(self, event: dict[str, Any]) -> None:
        item = self._conversation.need(event["item_id"], "retrieve")
        self._emit("conversation.item.retrieved", item=item.with_audio())

    def _conversation_item_truncate(self, event: dict[str, Any]) -> None:
        if event["content_index"] != 0:
            raise ProtocolError("invalid_value", "An assistant's audio is content part 0.", "content_index")
        self._conversation.truncate(event["item_id"], event["audio_end_ms"])
        where = {name: event[name] for name in ("item_id", "content_index", "audio_end_ms")}
        self._emit("conversation.item.truncated", **where)

    def _response_create(self, event: dict[str, Any]) -> None:
        given = event.get("response") or {}
        configs.check_ranges(given, "response")
        out_of_band = given.get("conversation") == "none"
        if not out_of_band:
            self._need_silence()
        self._respond(self._produce(given), given, self._conversation if not out_of_band else None)

    def _response_cancel(self, event: dict[str, Any]) -> None:
        wanted = event.get("response_id")
        active = self._active if wanted is None else next((r for r in self._responses if r.id == wanted), None)
        if active is None:
            raise ProtocolError("response_cancel_not_active", "Cancellation failed: no active response found")
        self._interrupt(active, "client_cancelled")

    # -- what the listener says ------------------------------------------------------------------------------------

    @property
    def state(self) -> object:
        """Changes whenever a reply made earlier would no longer fit."""
        return self._config, self._conversation.version, self._active is None

    def turn_started(self, turn: UserTurn) -> None:
        self._emit("input_audio_buffer.speech_started", audio_start_ms=turn.start_ms, item_id=turn.item_id)
        if self._turn_detection["interrupt_response"] and self._active:
            self._interrupt(self._active, "turn_detected")

    def begin_reply(self, heard: asyncio.Task[str]) -> Production | None:
        if not self._turn_detection["create_response"] or self._active:
            return None
        body = {"id": "", "type": "message", "role": "user", "content": [{"type": "input_audio"}]}
        return self._produce({}, still_unsaid=Item(body, heard=heard))

    def turn_stopped(self, turn: UserTurn, audio: bytes, end_ms: int) -> None:
        guess = turn.guess
        still_good = guess is not None and guess.made_for == self.state
        self._emit("input_audio_buffer.speech_stopped", audio_end_ms=end_ms, item_id=turn.item_id)
        self._commit(turn, audio, guess.heard if guess else self._listen(audio))
        if guess and guess.reply and not still_good:
            guess.reply.cancel()
        if not self._turn_detection["create_response"]:
            return
        try:
            self._need_silence()
        except ProtocolError as fault:
            self.error(fault)
            return
        ready = guess.reply if guess and still_good else None
        self._respond(ready or self._produce({}), {}, self._conversation)

    def partial_words(self, turn: UserTurn, words: str) -> None:
        self._emit_transcription("delta", turn.item_id, delta=words)

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
        last = self._conversation.items[-1].id if self._conversation.items else None
        self._emit("input_audio_buffer.committed", previous_item_id=last, item_id=item.id)
        self._conversation.add(item)
        self._show(item)
        if self._config["audio"]["input"]["transcription"]:
            self._run(self._transcribed(item, turn))

    async def _transcribed(self, item: Item, turn: UserTurn) -> None:
        faults = self._house.faults
        await self._house.clock.sleep(faults.transcription_delay_ms / 1000)
        try:
            if faults.transcription_fails:
                raise RuntimeError("Input transcription failed for this item: a fault that was asked for.")
            transcript = await asyncio.shield(item.heard)
            if faults.transcription is not None:
                transcript = faults.transcription
        except Exception as why:
            log.exception("The ears failed")
            error = {"type": "server_error", "code": "transcription_failed", "message": str(why), "param": None}
            self._emit_transcription("failed", item.id, error=error)
            return
        sent = turn.partials.sent
        rest = turn.partials.finish(transcript)
        if rest is None:  # what was sent cannot be taken back: go on from there
            rest = "".join(" " + word for word in transcript.split()[len(sent.split()) :])
        if rest:
            self._emit_transcription("delta", item.id, delta=rest)
        transcript = sent + rest
        item.body["content"][0]["transcript"] = transcript
        seconds = item.audio_ms / 1000
        usage = {"type": "duration", "seconds": seconds}
        self._emit_transcription("completed", item.id, transcript=transcript, usage=usage)

    def _emit_transcription(self, kind: str, item_id: str, **fields: Any) -> None:
        self._emit(f"conversation.item.input_audio_transcription.{kind}", item_id=item_id, content_index=0, **fields)

    def _item(self, given: dict[str, Any], path: str) -> Item:
        item = client_item(given, path, self._new_id)
        if item.audio and item.body.get("role") == "user":
            item.heard = self._listen(item.audio)
        return item

    def _show(self, item: Item) -> None:
        for kind in ("added", "done"):
            previous = self._conversation.previous_id(item)
            self._emit(f"conversation.item.{kind}", previous_item_id=previous, item=deepcopy(item.body))

    def _listen(self, audio: bytes) -> asyncio.Task[str]:
        return self._run(self._house.speech.transcribe(audio))

    # -- responses -------------------------------------------------------------------------------------------------

    @property
    def _active(self) -> Response | None:
        """The response that is being said in the default conversation."""
        return next((r for r in self._responses if r.in_conversation and not r.done), None)

    @property
    def _turn_detection(self) -> dict[str, Any]:
        return self._config["audio"]["input"]["turn_detection"]

    def _need_silence(self) -> None:
        if active := self._active:
            raise ProtocolError(
                "conversation_already_has_active_response",
                f"Conversation already has an active response in progress: {active.id}. Wait until the response is "
                "finished before creating a new one.",
            )

    def _produce(self, given: dict[str, Any], still_unsaid: Item | None = None) -> Production:
        """Begin to make a reply to the conversation as it stands (and one item more)."""
        params = self._params(given)
        items = self._input_items(given) if given.get("input") is not None else list(self._conversation.items)
        if still_unsaid:
            items.append(still_unsaid)

        async def prompt() -> Prompt:
            return Prompt(params["instructions"], await told(items), tuple(params["tools"]), params["tool_choice"])

        manner = Manner(params["voice"] if params["output_modalities"] == ["audio"] else None, params["speed"])
        return Production(prompt, self._house.mind, self._house.speech, manner)

    def _input_items(self, given: dict[str, Any]) -> list[Item]:
        """`response.input`: items of its own, and references to the conversation's."""
        items = []
        for index, one in enumerate(given["input"]):
            if one.get("type") == "item_reference":
                items.append(self._conversation.need(str(one.get("id")), "retrieve"))
            else:
                items.append(self._item(one, f"response.input[{index}]"))
        return items

    def _params(self, given: dict[str, Any]) -> dict[str, Any]:
        """A response's settings: the session's, and over them what response.create gave."""
        config, output = self._config, self._config["audio"]["output"]
        own_output = (given.get("audio") or {}).get("output") or {}
        own = {name: value for name, value in (*given.items(), *own_output.items()) if value is not None}
        defaults = {name: config[name] for name in _RESPONSE_FIELDS} | output | {"metadata": None}
        return {name: own.get(name, default) for name, default in defaults.items()}

    def _respond(self, production: Production, given: dict[str, Any], conversation: Conversation | None) -> None:
        house = self._house
        response = Response(
            self._params(given),
            production,
            conversation,
            emit=self._emit,
            new_id=self._new_id,
            clock=house.clock,
            pace=house.pace,
            room=self._room,
        )
        self._responses[response] = self._run(self._see_through(response))

    async def _see_through(self, response: Response) -> None:
        await self._house.clock.sleep(self._house.faults.reply_delay_ms / 1000)
        await response.run()
        self._after(response)

    def _interrupt(self, response: Response, reason: str) -> None:
        response.cancel(reason)
        self._stop(response)
        self._after(response)

    def _stop(self, response: Response) -> None:
        response.drop()
        if task := self._responses.get(response):
            task.cancel()

    def _after(self, response: Response) -> None:
        self._responses.pop(response, None)
        self._has_spoken = self._has_spoken or response.has_spoken
        self._run(self._rate_limits())

    async def _rate_limits(self) -> None:
        await self._house.clock.sleep(_RATE_LIMITS_AFTER_S)
        limit = {"name": "tokens", "limit": 40_000, "remaining": 40_000, "reset_seconds": 0.0}
        self._emit("rate_limits.updated", rate_limits=[limit])

    # -- the wire --------------------------------------------------------------------------------------------------

    def _emit(self, type: str, **fields: Any) -> None:
        self._send({"type": type, "event_id": self._new_id("event"), **fields})

    def _run(self, work: Any) -> asyncio.Task:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


_RESPONSE_FIELDS = ("output_modalities", "instructions", "tools", "tool_choice", "max_output_tokens")
