"""A mind's reply in writing: its pieces, at most so many tokens of them, and how it ended."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace

from .ids import NewId
from .replies import Call, Mind, Prompt, Say
from .response import text_pieces
from .tokens import letters_of, tokens_of


@dataclass(frozen=True)
class End:
    """`reason`: stop, tool_calls or length."""

    reason: str
    tokens: int


Piece = str | Call | End


async def completion(prompt: Prompt, mind: Mind, most_tokens: int | None, new_id: NewId) -> AsyncIterator[Piece]:
    """A few words at a time, then whole calls with ids, and an End at last. Raises what the mind raises."""
    letters, said, called = 0, False, False
    most = None if most_tokens is None else letters_of(most_tokens)
    async with aclosing(mind.reply(prompt)) as reply:
        async for step in reply:
            if isinstance(step, Say):
                parts: list[str | Call] = [*text_pieces(f" {step.text}" if said else step.text)]
                said = True
            else:
                parts = [replace(step, call_id=step.call_id or new_id("call"))]
                called = True
            for part in parts:
                length = len(part if isinstance(part, str) else part.arguments)
                if most is not None and letters + length > most:
                    if rest := _cut(part, most - letters):
                        yield rest
                    yield End("length", most_tokens)
                    return
                letters += length
                yield part
    yield End("tool_calls" if called else "stop", tokens_of(letters))


def _cut(part: str | Call, letters: int) -> str | Call:
    return part[:letters] if isinstance(part, str) else replace(part, arguments=part.arguments[:letters])
