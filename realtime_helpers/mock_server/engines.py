"""Ears and voice that load when they are first used, once a process: a test with text alone never waits for them."""

import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from .speech import Ears, Speech, Voice, best_ears
from .voice import Hibari

T = TypeVar("T")


class _Once(Generic[T]):
    """Makes a thing at its first call, whichever thread that is in; the same one for ever after."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._made, self._lock = make, None, threading.Lock()

    def __call__(self) -> T:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    @property
    def made(self) -> bool:
        return self._made is not None


ears: _Once[Ears] = _Once(best_ears)
voices: _Once[Voice] = _Once(Hibari)


class _LazyEars:
    name = "loaded when first used"

    def transcribe(self, pcm: bytes) -> str:
        return ears().transcribe(pcm)


class _LazyVoice:
    name = "loaded when first used"

    def speak(self, text: str, *, voice: str = "marin", speed: float = 1.0) -> Iterator[bytes]:
        yield from voices().speak(text, voice=voice, speed=speed)


def speech_on_demand() -> Speech:
    """A Speech with threads of its own, and with engines that all of this process share. Raises SpeechUnavailable from
    its methods where an engine is missing."""
    return Speech(_LazyEars(), _LazyVoice())
