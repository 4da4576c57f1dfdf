import asyncio

from realtime_helpers.wire import Wire, current_wire


def test_it_tells_the_directions_and_types_apart():
    wire = Wire()
    wire.note("sent", {"type": "response.create"})
    wire.note("received", {"type": "response.created"})
    wire.note("received", {"type": "response.done"})
    wire.note("local", {"type": "tool.started", "name": "book", "call_id": "1"})
    assert [e.type for e in wire.received()] == ["response.created", "response.done"]
    assert wire.received("response.done")[0].event == {"type": "response.done"}
    assert wire.sent("response.done") == []
    assert [e.type for e in wire.local()] == ["tool.started"] and wire.local("tool.ended") == []
    times = [e.at for e in wire]
    assert times == sorted(times) and times[0] >= 0
    assert repr(wire) == "<Wire: 1 events sent, 2 received>"


async def test_the_current_wire_is_the_open_one_of_this_task_and_its_children():
    async def seen_by_a_child() -> Wire | None:
        return current_wire()

    async def another_conversation() -> None:
        Wire().start()

    assert current_wire() is None
    wire = Wire()
    assert current_wire() is None, "made, but not connected"
    wire.start()
    await asyncio.create_task(another_conversation())
    assert current_wire() is wire and await asyncio.create_task(seen_by_a_child()) is wire
    wire.end()
    assert current_wire() is None


async def test_one_can_wait_for_what_a_wire_will_have_seen():
    wire = Wire()

    def two(wire):
        return len(wire) == 2 and wire[-1].type

    waiting = [asyncio.create_task(wire.until(two, 5)) for _ in range(2)]
    for kind in ("a", "b"):
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        wire.note("received", {"type": kind})
    assert await asyncio.gather(*waiting) == ["b", "b"]
    assert await wire.until(lambda wire: len(wire) == 3, 0.01) is False, "patience has an end"
    assert not wire._waiting
