"""Turn detection for many sessions at once: frames that wait are heard together, in one run of the network.

A run of one costs as much as a run of five, so a little waiting saves most of the work. A lone session never waits.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from .turns import TurnDetector, TurnEvent
from .vad import probabilities

log = logging.getLogger(__name__)

_EVERY_S = 0.01  # what a frame may wait for others, when many sessions speak
_ROUNDS = 8  # of one frame each, before the event loop's other work has its turn: some milliseconds


class Hearer(Protocol):
    """One session's side of it."""

    @property
    def detector(self) -> TurnDetector | None: ...

    @property
    def ready(self) -> bool:
        """Its detector has a frame, and the frame may be heard now. When that changes, it comes to `hear` again."""

    def heard(self, events: list[TurnEvent]) -> None:
        """The next frame was heard, and this happened in it."""


class VadPool:
    """Hears what its listeners' detectors have taken, each one's frames in order."""

    def __init__(self) -> None:
        self._waiting: dict[Hearer, None] = {}  # in order of arrival
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next: asyncio.Handle | None = None
        self._last_run = 0.0

    def hear(self, hearer: Hearer) -> None:
        """Its detector has taken audio: have it heard soon. Needs a running loop."""
        self._waiting[hearer] = None
        loop = asyncio.get_running_loop()
        if loop is not self._loop:  # a server that was stopped and started again
            self._loop, self._next, self._last_run = loop, None, loop.time() - _EVERY_S
        if self._next is None:
            wait_s = self._last_run + _EVERY_S - loop.time()
            self._next = loop.call_later(wait_s, self._run) if wait_s > 0 else loop.call_soon(self._run)

    def flush(self, hearer: Hearer) -> None:
        """Have it heard now, all of it that is ready."""
        if hearer in self._waiting:
            del self._waiting[hearer]
            while hearer.ready:
                self._round([hearer])

    def forget(self, hearer: Hearer) -> None:
        """Its session is over."""
        self._waiting.pop(hearer, None)

    def _run(self) -> None:
        for _ in range(_ROUNDS):
            ready = [hearer for hearer in self._waiting if hearer.ready]
            if not ready:
                self._waiting.clear()
                self._next, self._last_run = None, self._loop.time()
                return
            self._round(ready)
        self._next = self._loop.call_soon(self._run)

    def _round(self, hearers: list[Hearer]) -> None:
        """One frame of each."""
        detectors = [hearer.detector for hearer in hearers]
        likely = probabilities(
            [detector.vad for detector in detectors], [detector.next_frame for detector in detectors]
        )
        for hearer, detector, probability in zip(hearers, detectors, likely, strict=True):
            try:
                hearer.heard(detector.hear(probability))
            except Exception:
                log.exception("What was heard could not be handled")  # one session's trouble, not the others'
