"""Answers that leave while they are still being made."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def resumed(first: T, others: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """A stream whose first piece was taken, to see whether there would be one before the status is sent."""
    async with aclosing(others):
        yield first
        async for piece in others:
            yield piece
