"""The conversation: items in order, what each holds, and what a mind is told of them."""

import asyncio
from base64 import b64encode
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from .events import ProtocolError
from .formats import Encoder
from .input_buffer import BYTES_PER_MS, MAX_BYTES
from .replies import Call, CallOutput, Message

# Kept only for retrieving and truncating. Nobody asks for older than half an hour, and it is memory.
_KEPT_AUDIO_BYTES = MAX_BYTES
# A conversation of an hour is far below both; without them one client could eat the machine.
MAX_ITEMS = 10_000
MAX_STORED_BYTES = 32_000_000  # text and images


@dataclass
class Item:
    """One conversation item. `body` is what the client sees of it, without audio.

    `heard` is what the ears made of its audio: the mind reads it, the client sees it only where input transcription is
    on, just as the real model hears audio and transcribes only if asked.
    """

    body: dict[str, Any]
    audio: bytes | bytearray = b""  # a bytearray grows: the item is still being said
    heard: asyncio.Future[str] | None = None
    cut_at_ms: int | None = None  # truncated while it is being said: cut once it is complete
    images: tuple[str | None, ...] = ()  # a data URI for each content part, None where it is no image

    @property
    def id(self) -> str:
        return self.body["id"]

    @property
    def audio_ms(self) -> int:
        return len(self.audio) // BYTES_PER_MS

    def in_full(self, audio_format: str) -> dict[str, Any]:
        """The body with its audio, base64, and its images: what `conversation.item.retrieve` asks for."""
        content = [dict(part) for part in self.body.get("content", [])]
        for part, image in zip_longest(content, self.images):
            if image:
                part["image_url"] = image
            elif part and "audio" in part["type"]:
                part["audio"] = b64encode(Encoder(audio_format).process(bytes(self.audio))).decode()
        return {**self.body, "content": content} if content else self.body

    @property
    def stored_bytes(self) -> int:
        """What it holds beside audio."""
        texts = (part.get("text") or part.get("transcript") or "" for part in self.body.get("content", []))
        written = (self.body.get("arguments", ""), self.body.get("output", ""), *texts, *filter(None, self.images))
        return sum(map(len, written))

    def cut(self, audio_end_ms: int) -> None:
        """Forget the audio from there on, and the words that lie in it."""
        share = audio_end_ms / self.audio_ms if self.audio_ms else 1.0
        content = self.body["content"][0]
        content["transcript"] = _first_words(content.get("transcript") or "", share)
        self.audio = self.audio[: audio_end_ms * BYTES_PER_MS]

    async def told(self) -> Message | Call | CallOutput | None:
        """This item as a mind reads it."""
        match self.body["type"]:
            case "message":
                return Message(self.body["role"], await self._text(), tuple(filter(None, self.images)))
            case "function_call":
                return Call(self.body["name"], self.body["arguments"], self.body["call_id"])
            case "function_call_output":
                return CallOutput(self.body["call_id"], self.body["output"])
        return None

    async def _text(self) -> str:
        heard = await asyncio.shield(self.heard) if self.heard else ""
        parts = [heard or part.get("text") or part.get("transcript") or "" for part in self.body["content"]]
        return " ".join(p for p in parts if p)


@dataclass
class Conversation:
    id: str
    items: list[Item] = field(default_factory=list)
    version: int = 0  # goes up with every change: work begun on an older one is stale
    _stored_bytes: int = 0  # at least what the items hold

    def find(self, item_id: str | None) -> Item | None:
        return next((item for item in self.items if item.id == item_id), None)

    def previous_id(self, item: Item) -> str | None:
        index = self.items.index(item)
        return self.items[index - 1].id if index else None

    def add(self, item: Item, after: str | None = None) -> None:
        """Append, or insert after another item (`"root"`: at the start).

        Raises:
            ProtocolError: an id that is taken, `after` unknown, or the conversation is full.
        """
        if self.find(item.id):
            raise ProtocolError(
                "item_create_item_already_exists",
                f"Error adding item: the item with id '{item.id}' already exists in this conversation.",
                "item.id",
            )
        index = len(self.items)
        if after == "root":
            index = 0
        elif after is not None:
            previous = self.find(after)
            if not previous:
                raise ProtocolError(
                    "item_create_invalid_previous_item_id",
                    f"Error adding item: the previous item with id '{after}' does not exist.",
                    "previous_item_id",
                )
            index = self.items.index(previous) + 1
        self._need_room(item)
        self.items.insert(index, item)
        self.version += 1
        self._forget_old_audio()

    def _need_room(self, item: Item) -> None:
        self._stored_bytes += item.stored_bytes
        if len(self.items) < MAX_ITEMS and self._stored_bytes <= MAX_STORED_BYTES:
            return
        self._stored_bytes = sum(i.stored_bytes for i in self.items)  # much may have been deleted
        if len(self.items) >= MAX_ITEMS or self._stored_bytes + item.stored_bytes > MAX_STORED_BYTES:
            raise ProtocolError(
                "conversation_full",
                f"A conversation holds at most {MAX_ITEMS} items and {MAX_STORED_BYTES // 1_000_000} MB of text and "
                "images here: delete items, or connect anew.",
            )
        self._stored_bytes += item.stored_bytes

    def _forget_old_audio(self) -> None:
        room = _KEPT_AUDIO_BYTES
        for item in reversed(self.items):
            room -= len(item.audio)
            if room < 0:
                item.audio = item.audio[:0]

    def need(self, item_id: str, action: str) -> Item:
        """The item, or the error that the real service gives for `action` ("delete", "retrieve", "truncate")."""
        if item := self.find(item_id):
            return item
        raise ProtocolError(
            f"item_{action}_invalid_item_id",
            f"Error with item {action}: the item with id '{item_id}' does not exist.",
            "item_id",
        )

    def delete(self, item_id: str) -> None:
        self.items.remove(self.need(item_id, "delete"))
        self.version += 1

    def truncate(self, item_id: str, audio_end_ms: int) -> None:
        """Forget what the learner did not hear, so that the model does not believe it was said.

        Raises:
            ProtocolError: no such item, not spoken by the assistant, or the audio is shorter than that.
        """
        item = self.need(item_id, "truncate")
        content = item.body.get("content") or [{}]
        is_being_said = isinstance(item.audio, bytearray)
        if not is_being_said and content[0].get("type") != "output_audio":
            raise ProtocolError("invalid_value", "Only audio that the assistant spoke can be truncated.", "item_id")
        if audio_end_ms < 0:
            raise ProtocolError(
                "integer_below_min_value",
                f"Invalid 'audio_end_ms': expected a value >= 0, but got {audio_end_ms} instead.",
                "audio_end_ms",
            )
        if audio_end_ms > item.audio_ms:
            raise ProtocolError(
                "invalid_value",
                f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms",
                "audio_end_ms",
            )
        if is_being_said:
            item.cut_at_ms = audio_end_ms
        else:
            item.cut(audio_end_ms)
        self.version += 1


async def told(items: list[Item]) -> tuple[Message | Call | CallOutput, ...]:
    """The items as a mind reads them; waits for audio that is still being listened to."""
    return tuple([one for item in list(items) if (one := await item.told())])


def _first_words(text: str, share: float) -> str:
    """The words that lie within the first `share` of the text: speech runs about evenly over its letters."""
    kept, position = [], 0
    for word in text.split():
        position += len(word) + 1
        if position > share * (len(text) + 1):
            break
        kept.append(word)
    return " ".join(kept)
