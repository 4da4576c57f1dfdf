"""Ears and voice of the mock server: loaded once, shared by all sessions, run off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from ..audio import SAMPLE_RATE_HZ, float_to_pcm16, pcm16_to_float
from .ears import Moonshine
from .partials import Partials
from .stretches import stretches
from .vad import SpeechUnavailable
from .voice import Hibari
from .work_queue import GivenUp, Urgency, WorkQueue

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

    def __init__(self, ears: Ears, voice: Voice, queue: WorkQueue | None = None) -> None:
        self._ears = ears
        self._voice = voice
        self._queue = queue or WorkQueue(_THREADS, "speech")

    def for_client(self) -> Speech:
        """The same engines and threads, for one connection: those of others take turns with it."""
        return Speech(self._ears, self._voice, self._queue)

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
        return self._queue.idle

    async def transcribe(self, pcm: bytes) -> str:
        """PCM16 24 kHz mono -> text; "" for silence."""
        return await self._run(lambda: self._ears.transcribe(pcm))

    async def transcribe_recording(self, pcm: bytes) -> str:
        """The same for a long one, a stretch at a time, so that whoever is in a conversation need not wait for it."""
        texts, urgency = [], Urgency.NOW
        for samples in stretches(pcm16_to_float(pcm), SAMPLE_RATE_HZ):
            stretch = float_to_pcm16(samples)
            texts.append(await self._run(lambda stretch=stretch: self._ears.transcribe(stretch), urgency))
            urgency = Urgency.LATER
        return " ".join(filter(None, texts))

    async def transcribe_when_idle(self, pcm: bytes) -> str | None:
        """The same, but None if a thread was needed for what someone waits for."""
        try:
            return await self._run(lambda: self._ears.transcribe(pcm), Urgency.IDLE)
        except GivenUp:
            return None

    async def speak(self, text: str, *, voice: str = "marin", speed: float = 1.0) -> AsyncIterator[bytes]:
        """Text -> PCM16 24 kHz mono, a sentence at a time; stop iterating and no more is made."""
        pieces = self._voice.speak(text, voice=voice, speed=speed)
        urgency = Urgency.NOW
        while (piece := await self._run(lambda: next(pieces, None), urgency)) is not None:
            yield piece
            urgency = Urgency.LATER

    def close(self) -> None:
        """Drop what waits, finish what runs."""
        self._queue.close()

    async def _run(self, work: Callable[[], T], urgency: Urgency = Urgency.NOW) -> T:
        job = self._queue.submit(work, self, urgency)
        try:
            return await asyncio.wrap_future(job.future)
        except asyncio.CancelledError:
            self._queue.give_up(job)
            raise


def best_ears() -> Ears:
    """What this platform has. Raises SpeechUnavailable."""
    try:
        return Moonshine()
    except SpeechUnavailable:
        from .ears_fallback import PocketSphinx

        return PocketSphinx()
