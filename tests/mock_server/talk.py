"""A client for tests that talks to a Session with no socket between, and holds every event against openai's types."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from realtime_helpers.audio import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.session import Session

# It accepted all of 997 recorded frames of the real service: what it refuses, the real service does not send.
_ORACLE = TypeAdapter(RealtimeServerEvent)
_CHUNK = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE // 25


def silence(seconds: float) -> bytes:
    return bytes(int(seconds * SAMPLE_RATE_HZ) * BYTES_PER_SAMPLE)


class Talk:
    """`events` holds everything the server sent. Use inside a running loop, and `close` it."""

    def __init__(self, house: House, model: str = "gpt-realtime-2.1", **options: Any) -> None:
        self.events: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self.session = Session(house, model, self._take, self._room, **options)

    def _take(self, event: dict[str, Any]) -> None:
        _ORACLE.validate_python(event)
        self.events.append(event)
        self._news.set()

    async def _room(self) -> None:
        return None

    def send(self, type: str, **fields: Any) -> None:
        self.session.handle({"type": type, **fields})

    def configure(self, **session: Any) -> None:
        self.send("session.update", session={"type": "realtime", **session})

    def type(self, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        self.send("conversation.item.create", item={"type": "message", "role": "user", "content": content})

    async def speak(self, pcm: bytes) -> None:
        """Append audio as a microphone would, but with no pause between chunks."""
        for start in range(0, len(pcm), _CHUNK):
            self.send("input_audio_buffer.append", audio=b64encode(pcm[start : start + _CHUNK]).decode())
            await asyncio.sleep(0)  # lets the server's tasks run, as a socket would
        self.session.listener.flush()

    async def until(self, wanted: str | Callable[[dict], bool], count: int = 1) -> dict[str, Any]:
        """The `count`-th event of that type, waiting for it if need be."""
        fits = (lambda e: e["type"] == wanted) if isinstance(wanted, str) else wanted
        async with asyncio.timeout(20):
            while True:
                self._news.clear()
                found = [e for e in self.events if fits(e)]
                if len(found) >= count:
                    return found[count - 1]
                await self._news.wait()

    def types(self, since: int = 0) -> list[str]:
        """Event types in order, runs of one type written once."""
        kinds = [e["type"] for e in self.events[since:]]
        return [k for i, k in enumerate(kinds) if i == 0 or kinds[i - 1] != k]

    def of(self, type: str) -> list[dict[str, Any]]:
        return [e for e in self.events if e["type"] == type]

    def spoken(self, item_id: str) -> bytes:
        """The audio of one item, as sent."""
        deltas = [e for e in self.of("response.output_audio.delta") if e["item_id"] == item_id]
        return b"".join(b64decode(e["delta"]) for e in deltas)

    @property
    def last_error(self) -> dict[str, Any]:
        return self.of("error")[-1]["error"]

    def close(self) -> None:
        self.session.close()
