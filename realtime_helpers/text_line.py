"""A line between two agents that write: what one says the other reads, at once."""

from __future__ import annotations

import asyncio
from typing import Self

MOST_LINES = 40
PATIENCE_S = 20.0


class TextEnd:
    """Where one of the two sits: `async for words in end` is what the other says, until somebody hangs up."""

    def __init__(self, line: TextLine, name: str) -> None:
        self.line, self.name = line, name
        self._incoming: asyncio.Queue[str] = asyncio.Queue()

    def say(self, words: str) -> None:
        """Hand a line over. Returns at once. After the call: lost."""
        self.line._say(self, words)

    def hang_up(self) -> None:
        """End the conversation, for both sides. Leaving `async with end` does it, too."""
        self.line._end(self.name)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.hang_up()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        if not self.line.ended_by:
            try:
                async with asyncio.timeout(self.line.patience_s):
                    if words := await self._incoming.get():
                        return words
            except TimeoutError:
                self.line._end("silence")
        raise StopAsyncIteration


class TextLine:
    """`line.caller` and `line.callee` are two ends.

    It ends when either hangs up, after `most_lines` lines, or when one has waited `patience_s` for the other. `lines`:
    all that was said, as (who, words).
    """

    def __init__(self, *, most_lines: int = MOST_LINES, patience_s: float = PATIENCE_S) -> None:
        self.most_lines, self.patience_s = most_lines, patience_s
        self.lines: list[tuple[str, str]] = []
        self.ended_by = ""  # "caller", "callee", "too many lines" or "silence"; "" while it lasts
        self.caller, self.callee = TextEnd(self, "caller"), TextEnd(self, "callee")

    def _say(self, end: TextEnd, words: str) -> None:
        if self.ended_by or not words.strip():
            return
        self.lines.append((end.name, words))
        other = self.callee if end is self.caller else self.caller
        other._incoming.put_nowait(words)
        if len(self.lines) >= self.most_lines:
            self._end("too many lines")

    def _end(self, by: str) -> None:
        if not self.ended_by:
            self.ended_by = by
            for end in (self.caller, self.callee):
                end._incoming.put_nowait("")  # wakes who waits

    def __repr__(self) -> str:
        state = f"ended by {self.ended_by}" if self.ended_by else "open"
        return f"<TextLine: {len(self.lines)} lines, {state}>"
