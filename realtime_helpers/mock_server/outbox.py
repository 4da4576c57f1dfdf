"""What waits to be sent to one client. A client that reads slowly holds up its own replies and nobody else."""

import asyncio
from typing import Any

import orjson

# Replies wait for room past the first; past the second the client is taken for gone.
_ROOM_BYTES = 2_000_000
_LIMIT_BYTES = 32_000_000


class Outbox:
    """Events in, JSON text frames out, in order."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[str | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._closed = False

    def put(self, event: dict[str, Any]) -> None:
        """Queue one event. Past the limit the outbox closes: whoever sends will hang up."""
        if not self._closed:
            self.put_frame(orjson.dumps(event).decode())

    def put_frame(self, frame: str) -> None:
        """Queue a text frame as it is."""
        if self._closed:
            return
        self._waiting_bytes += len(frame)
        if self._waiting_bytes > _LIMIT_BYTES:
            self.close()
            return
        if self._waiting_bytes > _ROOM_BYTES:
            self._has_room.clear()
        self._frames.put_nowait(frame)

    async def room(self) -> None:
        """Wait until there is room for more."""
        await self._has_room.wait()

    def close(self) -> None:
        """What is queued still goes out, then `get` ends."""
        if not self._closed:
            self._closed = True
            self._has_room.set()
            self._frames.put_nowait(None)

    async def get(self) -> str | None:
        """The next frame; None when the outbox has been closed and emptied."""
        frame = await self._frames.get()
        if frame is not None:
            self._waiting_bytes -= len(frame)
            if self._waiting_bytes <= _ROOM_BYTES:
                self._has_room.set()
        return frame
