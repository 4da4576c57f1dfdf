"""work_queue.py: urgent work first, clients in turn, unwanted work not done."""

import threading
from collections.abc import Iterator

import pytest

from realtime_helpers.mock_server.work_queue import GivenUp, Urgency, WorkQueue, go_on


class Desk:
    """A queue with one thread, which is busy until it is let go; `done` says what it then did, in order."""

    def __init__(self) -> None:
        self.queue = WorkQueue(1, "desk")
        self.done: list[str] = []
        self._open, begun = threading.Event(), threading.Event()

        def block() -> None:
            begun.set()
            self._open.wait(10)

        self.queue.submit(block, "blocker")
        assert begun.wait(10)

    def submit(self, name: str, client: str, urgency: Urgency = Urgency.NOW):
        return self.queue.submit(lambda: self.done.append(name), client, urgency)

    def work(self) -> list[str]:
        last = self.queue.submit(lambda: None, "last", Urgency.IDLE)
        self._open.set()
        last.future.result(10)
        return self.done

    def close(self) -> None:
        self._open.set()
        self.queue.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk()
    yield one
    one.close()


def test_urgent_work_goes_first(desk: Desk) -> None:
    desk.submit("partial", "a", Urgency.IDLE)
    desk.submit("second sentence", "b", Urgency.LATER)
    desk.submit("turn", "c")
    assert desk.work() == ["turn", "second sentence", "partial"]


def test_a_client_with_a_hundred_jobs_holds_up_another_by_one(desk: Desk) -> None:
    for number in range(100):
        desk.submit(f"many {number}", "a")
    desk.submit("one", "b")
    done = desk.work()
    assert done.index("one") <= 1
    assert [name for name in done if name != "one"] == [f"many {number}" for number in range(100)]


def test_clients_go_on_taking_turns(desk: Desk) -> None:
    for number in range(3):
        for client in "ab":
            desk.submit(f"{client}{number}", client)
    desk.submit("c0", "c")
    assert desk.work() == ["a0", "b0", "c0", "a1", "b1", "a2", "b2"]


def test_a_reply_goes_on_even_under_a_flood(desk: Desk) -> None:
    for number in range(40):
        desk.submit("flood", f"client {number}")
    desk.submit("second sentence", "b", Urgency.LATER)
    assert desk.work().index("second sentence") < 5


def test_what_is_cancelled_in_the_queue_is_never_begun(desk: Desk) -> None:
    desk.submit("wanted", "a")
    desk.queue.give_up(desk.submit("unwanted", "a"))
    desk.submit("wanted too", "a")
    assert desk.work() == ["wanted", "wanted too"]


class Long:
    """Work that asks now and then whether it is still wanted."""

    def __init__(self) -> None:
        self.begun, self._look = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.begun.set()
        assert self._look.wait(10)
        go_on()
        return "finished"

    def look(self) -> None:
        self._look.set()


@pytest.fixture
def queue() -> Iterator[WorkQueue]:
    one = WorkQueue(1, "test")
    yield one
    one.close()


def test_work_that_nobody_wants_any_more_stops_halfway(queue: WorkQueue) -> None:
    long = Long()
    job = queue.submit(long, "a")
    assert long.begun.wait(10)
    queue.give_up(job)
    long.look()
    with pytest.raises(GivenUp):
        job.future.result(10)


@pytest.mark.parametrize(("urgency", "outcome"), [(Urgency.IDLE, GivenUp), (Urgency.NOW, None), (Urgency.LATER, None)])
def test_only_idle_work_makes_room(queue: WorkQueue, urgency: Urgency, outcome: type | None) -> None:
    long = Long()
    job = queue.submit(long, "a", urgency)
    assert long.begun.wait(10)
    other = queue.submit(lambda: "urgent", "b")
    long.look()
    assert other.future.result(10) == "urgent"
    if outcome:
        with pytest.raises(outcome):
            job.future.result(10)
    else:
        assert job.future.result(10) == "finished"


def test_idle_work_goes_on_while_a_thread_is_free() -> None:
    queue, long = WorkQueue(2, "test"), Long()
    job = queue.submit(long, "a", Urgency.IDLE)
    assert long.begun.wait(10)
    assert queue.submit(lambda: "beside it", "b").future.result(10) == "beside it"
    long.look()
    assert job.future.result(10) == "finished"
    queue.close()


def test_outside_the_queue_all_work_is_wanted() -> None:
    go_on()


def test_failures_come_to_whoever_asked(queue: WorkQueue) -> None:
    with pytest.raises(ZeroDivisionError):
        queue.submit(lambda: 1 / 0, "a").future.result(10)
    assert queue.idle


def test_close_drops_what_waits(desk: Desk) -> None:
    job = desk.submit("never", "a")
    desk.close()
    assert job.future.cancelled() and desk.done == []
