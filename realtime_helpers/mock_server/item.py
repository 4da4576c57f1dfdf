"""One conversation item: what the client sees of it, and what a mind is told."""

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from .formats import Encoder
from .input_buffer import BYTES_PER_MS
from .replies import Call, CallOutput, Message
from .tokens import text_tokens

Told = Message | Call | CallOutput


@dataclass(eq=False)
class Item:
    """`body` is what the client sees of it, without audio and images; it changes only through `rewrite`.

    `heard` is what the ears made of its audio: the mind reads it, the client sees it only where input transcription is
    on, just as the real model hears audio and transcribes only if asked.
    """

    body: dict[str, Any]
    audio: bytes | bytearray = b""  # PCM16 24 kHz; a bytearray grows: the item is still being said
    heard: asyncio.Future[str] | None = None
    cut_at_ms: int | None = None  # truncated while it is being said: cut once it is complete
    images: tuple[str | None, ...] = ()  # a data URI for each content part, None where it is no image
    _tokens: int | None = None
    _told: Told | None = None

    @property
    def id(self) -> str:
        return self.body["id"]

    @property
    def audio_ms(self) -> int:
        return len(self.audio) // BYTES_PER_MS

    def rewrite(self, **body: Any) -> None:
        self.body.update(body)
        self._tokens = self._told = None

    @property
    def text_tokens(self) -> int:
        """A user's transcript does not count: the model hears the audio itself."""
        if self._tokens is None:
            self._tokens = text_tokens(self._written())
        return self._tokens

    def _written(self) -> str:
        body, is_user = self.body, self.body.get("role") == "user"
        parts = (part.get("text") or (not is_user and part.get("transcript")) or "" for part in body.get("content", ()))
        return "".join((*parts, body.get("arguments", ""), body.get("output", "")))

    @property
    def stored_bytes(self) -> int:
        """What it holds beside audio."""
        return len(self._written()) + sum(len(image) for image in self.images if image)

    def in_full(self, audio_format: str) -> dict[str, Any]:
        """The body with its audio, base64, and its images: what `conversation.item.retrieve` asks for."""
        content = [dict(part) for part in self.body.get("content", [])]
        for part, image in zip_longest(content, self.images):
            if image:
                part["image_url"] = image
            elif part and "audio" in part["type"]:
                part["audio"] = b64encode(Encoder(audio_format).process(bytes(self.audio))).decode()
        return {**self.body, "content": content} if content else self.body

    def cut(self, audio_end_ms: int) -> None:
        """Forget the audio from there on, and the words that lie in it."""
        share = audio_end_ms / self.audio_ms if self.audio_ms else 1.0
        first, *others = self.body["content"]
        said = _first_words(first.get("transcript") or "", share)
        self.rewrite(content=[{**first, "transcript": said}, *others])
        self.audio = self.audio[: audio_end_ms * BYTES_PER_MS]

    @property
    def told(self) -> Told | None:
        """This item as a mind reads it; None for one that no mind needs. Only once `heard` is done."""
        if self._told is None:
            body = self.body
            if body["type"] == "message":
                heard = self.heard.result() if self.heard else ""
                parts = (heard or part.get("text") or part.get("transcript") for part in body["content"])
                text = " ".join(part for part in parts if part)
                self._told = Message(body["role"], text, tuple(image for image in self.images if image))
            elif body["type"] == "function_call":
                self._told = Call(body["name"], body["arguments"], body["call_id"])
            elif body["type"] == "function_call_output":
                self._told = CallOutput(body["call_id"], body["output"])
        return self._told


async def told(items: list[Item]) -> tuple[Told, ...]:
    """The items as a mind reads them; waits for audio that is still being listened to."""
    items = list(items)
    for item in items:
        if item.heard and not item.heard.done():
            await asyncio.shield(item.heard)
    return tuple([one for item in items if (one := item.told)])


def _first_words(text: str, share: float) -> str:
    """The words that lie within the first `share` of the text: speech runs about evenly over its letters."""
    kept, position = [], 0
    for word in text.split():
        position += len(word) + 1
        if position > share * (len(text) + 1):
            break
        kept.append(word)
    return " ".join(kept)
