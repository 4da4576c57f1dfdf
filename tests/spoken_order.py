"""A short spoken conversation with everything in it: two tools, one of which fails, an interruption, an error.

Real speech at six times life through the mock server's own ears.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode

from realtime_helpers.audio import float_to_pcm16
from realtime_helpers.mock_server import Call, Say
from realtime_helpers.tools import ToolSet

from .voices import say

SPEED, PACE, CHUNK_MS = 6, 8, 40
LONG = " ".join(
    f"Of the weather on day {n} there is a great deal to be said, and I mean to say all of it." for n in range(1, 13)
)


class Clerk:
    """Orders when asked to, talks at length about the weather, and is brief about the rest."""

    async def reply(self, prompt):
        newest = prompt.history[-1]
        if getattr(newest, "role", "") != "user":
            yield Say("That is ordered.")
        elif "order" in newest.text.lower():
            yield Call("place_order", json.dumps({"what": "tent"}))
            yield Call("look_into_the_cellar", "{}")
        else:
            yield Say(LONG if "weather" in newest.text.lower() else "You are welcome.")


async def place_order(what: str) -> str:
    """Order a thing."""
    await asyncio.sleep(0.2)
    return "ordered"


def look_into_the_cellar() -> str:
    """Look into the cellar."""
    raise OSError("It is dark.")


class Talk:
    """Orders a tent, asks for the weather, and cuts the answer short; `typed`: then writes a line."""

    def __init__(self, service, *, typed: str = "", **session) -> None:
        self.service, self.typed, self.session = service, typed, session
        self.tools = ToolSet([place_order, look_into_the_cellar], log=None)
        self.sounding, self.over = asyncio.Event(), asyncio.Event()

    async def hold(self) -> None:
        session = {"type": "realtime", "tools": self.tools.schema, **self.session}
        async with asyncio.timeout(90), self.service.connect() as connection:
            await connection.session.update(session=session)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._speak(connection))
                async for event in connection:
                    self._hear(event)
                    await self.tools.handle(event, connection)

    def _hear(self, event) -> None:
        if event.type == "response.output_audio.delta":
            self.sounding.set()
        if event.type == "response.done" and any(item.type == "message" for item in event.response.output):
            self.over.set()

    async def _speak(self, connection) -> None:
        await connection.response.cancel()  # nothing to cancel: an error, and a harmless one
        await self._line(connection, "Please order two tents for me.", self.over)
        await self._line(connection, "And what is the weather like today?", self.sounding)
        await self._line(connection, "Thank you very much, that is enough.", self.over)
        if self.typed:
            self.over.clear()
            content = [{"type": "input_text", "text": self.typed}]
            await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
            await connection.response.create()
            await self.over.wait()
        await connection.close()

    async def _line(self, connection, words: str, until: asyncio.Event) -> None:
        """A microphone that never stops: the words, and silence until there is an answer."""
        sound = float_to_pcm16(say(words))
        for at in range(0, len(sound), 48 * CHUNK_MS):
            await self._send(connection, sound[at : at + 48 * CHUNK_MS])
        self.sounding.clear()
        self.over.clear()
        while not until.is_set():
            await self._send(connection, b"")

    async def _send(self, connection, pcm: bytes) -> None:
        await connection.input_audio_buffer.append(audio=b64encode(pcm.ljust(48 * CHUNK_MS, b"\0")).decode())
        await asyncio.sleep(CHUNK_MS / 1000 / SPEED)
