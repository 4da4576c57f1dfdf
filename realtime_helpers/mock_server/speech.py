"""Ears and voice of the mock server: loaded once, shared by all sessions, run off the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from .ears import Moonshine
from .partials import Partials
from .vad import SpeechUnavailable
from .voice import Hibari

__all__ = ["Ears", "Partials", "Speech", "SpeechUnavailable", "Voice"]

_THREADS = 2
T = TypeVar("T")


class Ears(Protocol):
    """Speech to text."""

    name: str

    def transcribe(self, pcm: bytes) -> str:
        """PCM16 24 kHz mono -> text; "" for silence. Blocks."""


class Voice(Protocol):
    """Text to speech."""

    name: str

    def speak(self, text: str, *, voice: str = "marin", speed: float = 1.0) -> Iterator[bytes]:
        """Text -> PCM16 24 kHz mono, the first piece as early as can be; same input, same output. Blocks."""


class Speech:
    """Both engines behind two threads, so that the event loop never waits for a network's arithmetic."""

    def __init__(self, ears: Ears, voice: Voice) -> None:
        self._ears = ears
        self._voice = voice
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="speech")
        self._jobs = 0
        self._counting = threading.Lock()

    @classmethod
    def load(cls) -> Speech:
        """Both engines of this platform, warm. Takes about a second. Raises SpeechUnavailable."""
        with ThreadPoolExecutor(2) as loading:
            ears, voice = loading.submit(best_ears), loading.submit(Hibari)
            return cls(ears.result(), voice.result())

    def describe(self) -> str:
        """The engines' names, for people."""
        return f"ears: {self._ears.name}; voice: {self._voice.name}"

    @property
    def idle(self) -> bool:
        """No job waits or runs."""
        return self._jobs == 0

    async def transcribe(self, pcm: bytes) -> str:
        """PCM16 24 kHz mono -> text; "" for silence."""
        return await self._run(lambda: self._ears.transcribe(pcm))

    async def speak(self, text: str, *, voice: str = "marin", speed: float = 1.0) -> AsyncIterator[bytes]:
        """Text -> PCM16 24 kHz mono, a sentence at a time; stop iterating and no more is made."""
        pieces = self._voice.speak(text, voice=voice, speed=speed)
        while (piece := await self._run(lambda: next(pieces, None))) is not None:
            yield piece

    def close(self) -> None:
        """Drop what waits, finish what runs."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _run(self, job: Callable[[], T]) -> T:
        with self._counting:
            self._jobs += 1
        future = self._threads.submit(job)
        # Counted down when the thread is free, not when the waiting task goes away: a cancelled task frees no core.
        future.add_done_callback(lambda _: self._one_less())
        return await asyncio.wrap_future(future)

    def _one_less(self) -> None:
        with self._counting:
            self._jobs -= 1


def best_ears() -> Ears:
    """What this platform has. Raises SpeechUnavailable."""
    try:
        return Moonshine()
    except SpeechUnavailable:
        from .ears_fallback import PocketSphinx

        return PocketSphinx()
