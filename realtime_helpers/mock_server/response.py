"""One response on the wire: its events, in the real service's order, at a pace.

Order (seen on the wire): response.created, response.output_item.added, conversation.item.added,
response.content_part.added, the deltas, the dones, conversation.item.done, response.output_item.done, response.done.
A cancelled response closes what is open in the same order, with status `incomplete`; so does one that has used up its
`max_output_tokens`.
"""

import logging
import math
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from .clock import Clock
from .conversation import Conversation
from .formats import Encoder
from .ids import NewId
from .input_buffer import BYTES_PER_MS
from .item import Item
from .production import Production, Sound
from .replies import Call, Say
from .tokens import spoken_tokens, text_tokens, tokens_of
from .usage import response_usage

log = logging.getLogger(__name__)

_DELTA_MS = 100
_TEXT_DELTA_LETTERS = 20
_ARGUMENTS_DELTA_LETTERS = 8
# Sent at once, so that the loudspeaker has something in hand before the pace holds us back.
_HEAD_START_MS = 300
# Transcript deltas run a little ahead of the audio they belong to, as the real service's do.
_LETTERS_PER_S = 15
_WORDS_AHEAD_MS = 400


class Emit(Protocol):
    def __call__(self, type: str, **fields: Any) -> None: ...


@dataclass
class _Message:
    """An assistant message while it is being said."""

    item: Item
    index: int
    kind: str  # "audio" or "text"
    encoder: Encoder
    sent: list[str] = field(default_factory=list)  # its words, as far as they were sent
    letters: int = 0  # in them
    unsaid: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        return "".join(self.sent)

    @property
    def where(self) -> dict[str, Any]:
        return {"item_id": self.item.id, "output_index": self.index, "content_index": 0}

    @property
    def delta_event(self) -> str:
        return "response.output_audio_transcript" if self.kind == "audio" else "response.output_text"


class _LimitReached(Exception):
    """max_output_tokens"""


class Response:
    """`conversation` is None for an out-of-band response: it adds nothing to any conversation."""

    def __init__(
        self,
        params: dict[str, Any],
        production: Production,
        conversation: Conversation | None,
        inputs: list[Item],
        *,
        emit: Emit,
        new_id: NewId,
        clock: Clock,
        pace: float,
        room: Callable[[], Awaitable[None]],
    ) -> None:
        """`params`: output_modalities, instructions, voice, format, max_output_tokens, metadata. `inputs`: what the
        model reads, for usage. `pace`: how many times faster than life audio leaves. `room`: waits while the client
        reads too slowly."""
        self.id = new_id("resp")
        self.done = False
        self.has_spoken = False
        self.usage: dict[str, Any] | None = None  # known once it is done
        self._params, self._production, self._conversation = params, production, conversation
        self._emit, self._new_id, self._clock, self._pace, self._room = emit, new_id, clock, pace, room
        self._inputs = inputs
        self._outputs: list[Item] = []
        self._message: _Message | None = None
        self._began_sending: float | None = None
        self._sent_ms = 0
        limit = params["max_output_tokens"]
        self._tokens_left = math.inf if limit == "inf" else limit
        emit("response.created", response=self._view("in_progress"))

    @property
    def heard_at(self) -> float:
        """The moment of the clock at which all that was sent has been played, if it is played as it comes."""
        began = self._clock.now() if self._began_sending is None else self._began_sending
        return max(self._clock.now(), began + self._sent_ms / 1000)

    @property
    def audio_ms(self) -> int:
        """How much of it was sent."""
        return self._sent_ms

    @property
    def in_conversation(self) -> bool:
        return self._conversation is not None

    def drop(self) -> None:
        """Make nothing more; say nothing about it."""
        self._production.cancel()

    async def run(self) -> None:
        """Send the reply to its end. Cancel from outside only through `cancel`."""
        try:
            async for piece in self._production.pieces():
                match piece:
                    case Say(text):
                        self._say(text)
                    case Sound(pcm):
                        await self._sound(pcm)
                    case Call():
                        self._close_message("completed")
                        self._call(piece)
                await self._room()
        except _LimitReached:
            self.drop()
            self._finish("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})
        except Exception as why:
            log.exception("A reply could not be made")
            error = {
                "type": "server_error",
                "code": type(why).__name__,
                "message": f"The reply could not be made: {why}",
            }
            self._finish("failed", {"type": "failed", "error": error})
        else:
            self._complete()

    def _complete(self) -> None:
        try:
            self._close_message("completed")
        except _LimitReached:
            self._finish("incomplete", {"type": "incomplete", "reason": "max_output_tokens"})
        else:
            self._finish("completed", None)

    def cancel(self, reason: str) -> None:
        """Stop talking now. `reason`: turn_detected or client_cancelled."""
        self.drop()
        self._finish("cancelled", {"type": "cancelled", "reason": reason})

    def _finish(self, status: str, details: dict[str, Any] | None) -> None:
        if self.done:
            return
        self.done = True
        self._close_message("incomplete")
        self._emit("response.done", response=self._view(status, details))

    def _say(self, text: str) -> None:
        message = self._message or self._open_message()
        if message.kind == "text":
            for piece in text_pieces(text if not message.letters else " " + text):
                self._send_words(message, piece)
            return
        self._send_all_words(message)  # a sentence before this one has been spoken
        words = text.split()
        message.unsaid = [w if i == 0 and not message.letters else " " + w for i, w in enumerate(words)]
        self._send_due_words(message)

    async def _sound(self, pcm: bytes) -> None:
        step = _DELTA_MS * BYTES_PER_MS
        for start in range(0, len(pcm), step):
            await self._wait_for_pace()
            if self.done or self._message is None:
                return
            message, chunk = self._message, pcm[start : start + step]
            self._spend(spoken_tokens(message.item.audio_ms + _DELTA_MS) - spoken_tokens(message.item.audio_ms))
            message.item.audio += chunk
            self._send_due_words(message)
            self.has_spoken = True
            self._sent_ms += len(chunk) // BYTES_PER_MS
            self._emit_part(
                message, "response.output_audio.delta", delta=b64encode(message.encoder.process(chunk)).decode()
            )

    def _spend(self, tokens: int) -> None:
        if tokens > self._tokens_left:
            raise _LimitReached
        self._tokens_left -= tokens

    async def _wait_for_pace(self) -> None:
        if self._began_sending is None:
            self._began_sending = self._clock.now()
        ahead_ms = max(0, self._sent_ms - _HEAD_START_MS)
        await self._clock.sleep_until(self._began_sending + ahead_ms / 1000 / self._pace)

    def _open_message(self) -> _Message:
        kind = self._params["output_modalities"][0]
        body = {
            "id": self._new_id("item"),
            "object": "realtime.item",
            "type": "message",
            "status": "in_progress",
            "role": "assistant",
            "content": [],
        }
        item = Item(body, audio=bytearray() if kind == "audio" else b"")
        message = self._message = _Message(
            self._add_output(item), len(self._outputs) - 1, kind, Encoder(self._params["format"]["type"])
        )
        part = {"type": "audio", "transcript": ""} if kind == "audio" else {"type": "text", "text": ""}
        self._emit_part(message, "response.content_part.added", part=part)
        return message

    def _add_output(self, item: Item) -> Item:
        self._outputs.append(item)
        self._emit(
            "response.output_item.added", response_id=self.id, output_index=len(self._outputs) - 1, item=dict(item.body)
        )
        if self._conversation:
            self._conversation.add(item)
            previous = self._conversation.previous_id(item)
            self._emit("conversation.item.added", previous_item_id=previous, item=dict(item.body))
        return item

    def _close_message(self, status: str) -> None:
        message = self._message
        if message is None:
            return
        if status == "completed":
            self._send_all_words(message)  # this may reach max_output_tokens, and come back as incomplete
        self._message = None
        said = message.said
        if message.kind == "audio":
            self._emit_part(message, "response.output_audio.done")
            self._emit_part(message, "response.output_audio_transcript.done", transcript=said)
            part = {"type": "audio", "transcript": said}
            content = {"type": "output_audio", "transcript": said}
        else:
            self._emit_part(message, "response.output_text.done", text=said)
            part = {"type": "text", "text": said}
            content = {"type": "output_text", "text": said}
        self._emit_part(message, "response.content_part.done", part=part)
        message.item.rewrite(status=status, content=[content])
        message.item.audio = bytes(message.item.audio)
        if message.item.cut_at_ms is not None:
            message.item.cut(message.item.cut_at_ms)
        self._output_done(message.item, message.index)

    def _output_done(self, item: Item, index: int) -> None:
        if self._conversation and self._conversation.find(item.id):  # the client may have deleted it meanwhile
            self._conversation.version += 1
            previous = self._conversation.previous_id(item)
            self._emit("conversation.item.done", previous_item_id=previous, item=dict(item.body))
        self._emit("response.output_item.done", response_id=self.id, output_index=index, item=dict(item.body))

    def _call(self, call: Call) -> None:
        call_id = call.call_id or self._new_id("call")
        body = {
            "id": self._new_id("item"),
            "object": "realtime.item",
            "type": "function_call",
            "status": "in_progress",
            "name": call.name,
            "call_id": call_id,
            "arguments": "",
        }
        item = self._add_output(Item(body))
        index = len(self._outputs) - 1
        where = {"response_id": self.id, "item_id": item.id, "output_index": index, "call_id": call_id}
        tokens = text_tokens(call.arguments)
        if tokens > self._tokens_left:
            item.rewrite(status="incomplete", arguments=call.arguments[: 4 * self._tokens_left])
            self._emit("response.function_call_arguments.delta", **where, delta=item.body["arguments"])
            self._output_done(item, index)
            raise _LimitReached
        self._spend(tokens)
        for piece in argument_pieces(call.arguments):
            self._emit("response.function_call_arguments.delta", **where, delta=piece)
        self._emit("response.function_call_arguments.done", **where, name=call.name, arguments=call.arguments)
        item.rewrite(status="completed", arguments=call.arguments)
        self._output_done(item, index)

    def _send_words(self, message: _Message, text: str) -> None:
        letters = message.letters + len(text)
        self._spend(tokens_of(letters) - tokens_of(message.letters))
        message.letters = letters
        message.sent.append(text)
        self._emit_part(message, f"{message.delta_event}.delta", delta=text)

    def _send_due_words(self, message: _Message) -> None:
        reach = (len(message.item.audio) / BYTES_PER_MS + _WORDS_AHEAD_MS) / 1000 * _LETTERS_PER_S
        while message.unsaid and message.letters < reach:
            self._send_words(message, message.unsaid.pop(0))

    def _send_all_words(self, message: _Message) -> None:
        while message.unsaid:
            self._send_words(message, message.unsaid.pop(0))

    def _emit_part(self, message: _Message, type: str, **fields: Any) -> None:
        self._emit(type, response_id=self.id, **message.where, **fields)

    def _view(self, status: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
        params = self._params
        if status != "in_progress":
            self.usage = response_usage(params["instructions"], self._inputs, self._outputs)
        return {
            "object": "realtime.response",
            "id": self.id,
            "status": status,
            "status_details": details,
            "output": [dict(item.body) for item in self._outputs],
            "conversation_id": self._conversation.id if self._conversation else None,
            "output_modalities": params["output_modalities"],
            "max_output_tokens": params["max_output_tokens"],
            "audio": {"output": {"format": params["format"], "voice": params["voice"]}},
            "usage": self.usage,
            "metadata": params["metadata"],
        }


def text_pieces(text: str) -> list[str]:
    """Text as it is streamed: a few words at a time."""
    return re.findall(rf"\s*\S.{{0,{_TEXT_DELTA_LETTERS}}}(?=\s|$)|\s*\S+", text, re.DOTALL) or [text]


def argument_pieces(arguments: str) -> list[str]:
    """Arguments as they are streamed: as the real service's, a few letters at a time and never all at once."""
    return [arguments[at : at + _ARGUMENTS_DELTA_LETTERS] for at in range(0, len(arguments), _ARGUMENTS_DELTA_LETTERS)]
