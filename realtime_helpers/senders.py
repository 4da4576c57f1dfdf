"""The tasks that send over a connection: none may linger when it is over, or fail unseen."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from websockets.exceptions import ConnectionClosed

_GRACE_S = 2


class Senders:
    """Tasks other than the one that opened the connection. One that fails (its microphone was pulled out, say) ends the
    conversation by `on_failure`: nobody else would."""

    def __init__(self, on_failure: Callable[[], Awaitable[Any]]) -> None:
        self._on_failure = on_failure
        self._owners = {asyncio.current_task()}
        self._tasks: set[asyncio.Task] = set()
        self._closing: asyncio.Future | None = None

    def note(self) -> None:
        """The current task sends."""
        task = asyncio.current_task()
        if task not in self._owners and task not in self._tasks:
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def exempt(self, task: asyncio.Task) -> None:
        """This one belongs to the connection itself."""
        self._owners.add(task)

    def _ended(self, task: asyncio.Task) -> None:
        if not task.cancelled() and task.exception():
            self._closing = asyncio.ensure_future(self._on_failure())

    async def end(self) -> None:
        """Wait a little for those that are still at it, then cancel them. Raises what one of them failed with."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=_GRACE_S)
        for task in late:
            task.cancel()
        for result in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, ConnectionClosed):
                raise result
