"""Answers that leave while they are still being made."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TypeVar

from starlette.responses import StreamingResponse
from starlette.types import Send

T = TypeVar("T")


class Streamed(StreamingResponse):
    """Stops making as soon as the client has gone, and not when the garbage is collected."""

    body_iterator: AsyncGenerator[bytes, None]

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self.body_iterator):
            await super().stream_response(send)


async def resumed(first: T, others: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """A stream whose first piece was taken, to see whether there would be one before the status is sent."""
    async with aclosing(others):
        yield first
        async for piece in others:
            yield piece
