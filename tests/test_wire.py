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
