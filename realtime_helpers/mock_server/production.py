"""Makes a reply: asks the mind, gives its words a voice, and holds the result ready.

It runs by itself and may begin before anyone knows that a reply is wanted (while the silence window still runs), so it
sends nothing: a `Response` takes the pieces, or nobody does and it is cancelled.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

from .replies import Call, Mind, Prompt, Say
from .speech import Speech

# Sound made ahead of what was taken: enough for the pace, little enough to throw away.
_PIECES_AHEAD = 8


@dataclass(frozen=True)
class Sound:
    """PCM16, 24 kHz, mono."""

    pcm: bytes


Piece = Say | Sound | Call


@dataclass(frozen=True)
class Manner:
    """How a reply is given. `voice` None: as text."""

    voice: str | None
    speed: float = 1.0


class Production:
    """The pieces of one reply, in order: words (`Say`), then their sound (`Sound`), and tool calls (`Call`)."""

    def __init__(self, prompt: Callable[[], Awaitable[Prompt]], mind: Mind, speech: Speech, manner: Manner) -> None:
        self._pieces: asyncio.Queue[Piece | BaseException | None] = asyncio.Queue(_PIECES_AHEAD)
        self._task = asyncio.create_task(self._produce(prompt, mind, speech, manner))

    async def pieces(self) -> AsyncIterator[Piece]:
        """Raises what the mind or the voice raised."""
        while (piece := await self._pieces.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece

    def cancel(self) -> None:
        self._task.cancel()

    async def _produce(
        self, prompt: Callable[[], Awaitable[Prompt]], mind: Mind, speech: Speech, manner: Manner
    ) -> None:
        try:
            async with aclosing(mind.reply(await prompt())) as reply:  # a model's stream ends as soon as we do
                async for step in reply:
                    await self._pieces.put(step)
                    if isinstance(step, Say) and manner.voice:
                        async for pcm in speech.speak(step.text, voice=manner.voice, speed=manner.speed):
                            await self._pieces.put(Sound(pcm))
        except Exception as why:
            await self._pieces.put(why)
        else:
            await self._pieces.put(None)
