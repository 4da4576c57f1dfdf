"""Work for a few threads: what someone waits for goes first, and nobody's many jobs hold up another's one."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import IntEnum
from typing import Any

_LATER_EVERY = 4  # under a flood of urgent work, every so many jobs one of the later ones is done


class Urgency(IntEnum):
    NOW = 0  # someone waits for it: a turn's words, a reply's first sentence
    LATER = 1  # a reply's next sentences, while its first is heard
    IDLE = 2  # given up as soon as a thread is needed for anything else


class GivenUp(Exception):
    """The job was stopped halfway: nobody wants it any more, or a thread was needed."""


class _Job:
    def __init__(self, work: Callable[[], Any], client: Hashable, urgency: Urgency) -> None:
        self.work, self.client, self.urgency = work, client, urgency
        self.future: Future = Future()
        self.wanted = True


_running = threading.local()


def go_on() -> None:
    """For long work to call now and then. Raises GivenUp if its job is no longer wanted."""
    job = getattr(_running, "job", None)
    if job is not None and not job.wanted:
        raise GivenUp


class _Lane:
    """Jobs of one urgency. Clients take turns; a client's own jobs keep their order."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, _Job]] = []
        self._count = itertools.count()
        self._turn = 0
        self._last_turn: dict[Hashable, int] = {}  # of clients with jobs here

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, job: _Job) -> None:
        turn = self._last_turn[job.client] = max(self._turn, self._last_turn.get(job.client, 0)) + 1
        heapq.heappush(self._heap, (turn, next(self._count), job))

    def pop(self) -> _Job:
        self._turn, _, job = heapq.heappop(self._heap)
        if self._last_turn[job.client] == self._turn:
            del self._last_turn[job.client]
        return job


class WorkQueue:
    """`submit` may be called in any thread."""

    def __init__(self, threads: int, name: str) -> None:
        self._count = threads
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._lanes = {urgency: _Lane() for urgency in Urgency}
        self._busy: set[_Job] = set()
        self._urgent_in_a_row = 0
        self._lock = threading.Lock()

    @property
    def idle(self) -> bool:
        """No job waits or runs."""
        with self._lock:
            return not self._busy and not any(self._lanes.values())

    def submit(self, work: Callable[[], Any], client: Hashable, urgency: Urgency = Urgency.NOW) -> _Job:
        """`job.future` is its result; cancel it and a job that waits is never begun. `give_up` stops one that runs."""
        job = _Job(work, client, urgency)
        with self._lock:
            self._lanes[urgency].push(job)
            if urgency is not Urgency.IDLE and len(self._busy) >= self._count:
                for other in self._busy:
                    other.wanted &= other.urgency is not Urgency.IDLE
        self._threads.submit(self._work)
        return job

    @staticmethod
    def give_up(job: _Job) -> None:
        """Nobody wants it any more."""
        job.wanted = False
        job.future.cancel()

    def close(self) -> None:
        """Drop what waits, finish what runs."""
        with self._lock:
            for lane in self._lanes.values():
                while lane:
                    lane.pop().future.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _work(self) -> None:
        """The best of the jobs that wait."""
        while (job := self._next()) is not None:
            if job.future.set_running_or_notify_cancel():
                self._do(job)
                return
            with self._lock:
                self._busy.discard(job)

    def _do(self, job: _Job) -> None:
        _running.job = job
        try:
            result = job.work()
        except BaseException as why:
            self._done(job)
            job.future.set_exception(why)
        else:
            self._done(job)
            job.future.set_result(result)

    def _done(self, job: _Job) -> None:
        _running.job = None
        with self._lock:
            self._busy.discard(job)

    def _next(self) -> _Job | None:
        with self._lock:
            waiting = [lane for lane in self._lanes.values() if lane]
            if not waiting:
                return None
            later = self._lanes[Urgency.LATER]
            overdue = bool(later) and self._urgent_in_a_row >= _LATER_EVERY - 1
            job = (later if overdue else waiting[0]).pop()
            self._urgent_in_a_row = self._urgent_in_a_row + 1 if job.urgency is Urgency.NOW else 0
            self._busy.add(job)
            return job
