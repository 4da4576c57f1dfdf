"""A spoken conversation with two orders in it, whose connection drops at a given moment: what is left of it?

Real speech at six times life through the mock server's own ears; a mind that reads the whole conversation each time, so
what it was last asked with is the conversation as the service has it; orders in a real table.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from realtime_helpers.audio import float_to_pcm16
from realtime_helpers.mock_server import Call, MockServer, Say
from realtime_helpers.resume import Resuming
from realtime_helpers.service import Service
from realtime_helpers.tools import ToolSet

from .voices import say

LINES = {
    "tent": "Please order two tents for me.",
    "weather": "And what is the weather like today?",
    "lantern": "Then please order one lantern as well.",
}
SPEED, PACE = 6, 8
TOOL_S = 0.25
_CHUNK_MS = 40
_PATIENCE_S = 30


class Clerk:
    """Orders what the newest turn asks for, once; anything else it talks about."""

    def __init__(self) -> None:
        self.read: dict[str, list[str]] = {}  # caller: the user's turns, as last read

    async def reply(self, prompt: Any) -> AsyncIterator[Say | Call]:
        turns = [entry.text for entry in prompt.history if getattr(entry, "role", "") == "user"]
        self.read[prompt.instructions] = turns
        newest = prompt.history[-1]
        if getattr(newest, "role", "") != "user":
            yield Say("That is ordered, and it will be with you before the weekend comes.")
        elif "order" in newest.text.lower():
            what = next((word for word in LINES if word in newest.text.lower()), newest.text)
            yield Call("place_order", json.dumps({"what": what}))
        else:
            yield Say("I could not say, but it is certainly better than it was yesterday.")


@dataclass
class Outcome:
    """What one conversation came to."""

    turns: list[str] = field(default_factory=list)  # as the service had them in the end
    orders: list[str] = field(default_factory=list)
    during: str = ""  # what was going on when the connection dropped
    restored: int = 0
    refused: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def lost_turns(self) -> list[str]:
        return [word for word in LINES if not any(word in turn.lower() for turn in self.turns)]

    @property
    def whole(self) -> bool:
        """Every turn there once, every order once, and nobody complained."""
        once = len(self.turns) == len(LINES) and sorted(self.orders) == ["lantern", "tent"]
        return once and not (self.lost_turns or self.refused or self.errors)


def service_of(server: MockServer) -> Service:
    """The server as a chapter would choose it."""
    return Service(
        name="mock", why="", model="gpt-realtime", transcription_model="gpt-live-transcribe", embedding_model="",
        file_transcription_model="", chat_model="", speech_model="",
        voice="cedar", key_setting="", _key=server.api_key, _url=server.url,
    )  # fmt: skip


async def converse(server: MockServer, clerk: Clerk, name: str, drop_after_ms: float | None = None) -> Outcome:
    """Hold the conversation. `name`: another one for every caller; `drop_after_ms`: when its first socket dies."""
    outcome, began = Outcome(), time.monotonic()
    faults = [] if drop_after_ms is None else [f"drop_after_ms:{drop_after_ms:.0f}"]
    resuming = Resuming(service_of(server), faults=faults)
    caller = _Caller(outcome)
    tools = ToolSet([caller.place_order])
    session = {
        "type": "realtime",
        "instructions": name,
        "tools": tools.schema,
        "audio": {"input": {"transcription": {"model": "gpt-live-transcribe"}}},
    }
    async with asyncio.timeout(_PATIENCE_S), resuming as connection:
        await connection.session.update(session=session)
        talking = None
        async for event in connection:
            match event.type:
                case "session.updated":
                    talking = asyncio.create_task(caller.talk(connection))
                case "response.created":
                    caller.replying = True
                case "response.done":
                    caller.reply_over(event.response)
                case "connection.lost" if event.attempt == 1:
                    outcome.during = caller.doing
                case "connection.restored":
                    outcome.restored += 1
                    outcome.refused += event.refused
                case "error":
                    outcome.errors.append(event.error.message)
            await tools.handle(event, connection)
        await talking
    outcome.turns = clerk.read.get(name, [])
    outcome.orders = caller.rows()
    outcome.seconds = time.monotonic() - began
    return outcome


class _Caller:
    """Speaks the lines, the next one when the one before was answered, over a microphone that never stops."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome
        self._answered = asyncio.Event()
        self._table = sqlite3.connect(":memory:")
        self._table.execute("create table orders (what text)")
        self.speaking = self.ordering = self.replying = False

    @property
    def doing(self) -> str:
        states = {"a tool": self.ordering, "an utterance": self.speaking, "a reply": self.replying}
        return next((name for name, now in states.items() if now), "silence")

    async def talk(self, connection: Any) -> None:
        for line in LINES.values():
            self._answered.clear()
            sound = float_to_pcm16(say(line))
            self.speaking = True
            for at in range(0, len(sound), 48 * _CHUNK_MS):
                await self._send(connection, sound[at : at + 48 * _CHUNK_MS])
            self.speaking = False
            while not self._answered.is_set():
                await self._send(connection, b"")
        await connection.close()

    async def _send(self, connection: Any, pcm: bytes) -> None:
        chunk = pcm.ljust(48 * _CHUNK_MS, b"\0")
        await connection.input_audio_buffer.append(audio=b64encode(chunk).decode())
        await asyncio.sleep(_CHUNK_MS / 1000 / SPEED)  # a microphone's clock

    def reply_over(self, response: Any) -> None:
        self.replying = False
        if response.status == "completed" and all(item.type == "message" for item in response.output):
            self._answered.set()

    async def place_order(self, what: str) -> str:
        """Order a thing."""
        self.ordering = True
        self._table.execute("insert into orders values (?)", (what,))
        await asyncio.sleep(TOOL_S)  # a warehouse that takes its time
        self.ordering = False
        return "ordered"

    def rows(self) -> list[str]:
        return [what for (what,) in self._table.execute("select what from orders")]
