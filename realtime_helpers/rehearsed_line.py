"""A recorded caller on a line of its own: no page, no sound, so that several calls can be made at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Self

from .rehearsal import Caller, ClockLoudspeaker, Heard


class RecordedVoice:
    """What `Microphone` is to a cell, for a recording: `async with` it, `async for` PCM16 chunks (24 kHz, mono)."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._on = False

    async def __aenter__(self) -> Self:
        self._on = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._on = False

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        async for chunk in self._caller:
            if not self._on:
                return
            yield chunk


class UnheardSpeaker(ClockLoudspeaker):
    """What `Speaker` is to a cell, awaited where that is."""

    async def clear(self) -> Heard | None:
        """Silence now. What was heard of the interrupted item, or None if all was quiet."""
        return super().clear()


def rehearsed_line(name: str) -> tuple[RecordedVoice, UnheardSpeaker]:
    """The recording of that name as a microphone, and a loudspeaker that only it hears.

    Under REALTIME_REHEARSAL=1 both run at the rehearsal's speed, else at life's. Raises RecordingError when there is no
    such recording, or its script is wrong.
    """
    speaker = UnheardSpeaker()
    return RecordedVoice(Caller(name, speaker)), speaker
