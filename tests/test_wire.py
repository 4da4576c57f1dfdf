from realtime_helpers.wire import Wire


def test_it_tells_the_directions_and_types_apart():
    wire = Wire()
    wire.note("sent", {"type": "response.create"})
    wire.note("received", {"type": "response.created"})
    wire.note("received", {"type": "response.done"})
    assert [e.type for e in wire.received()] == ["response.created", "response.done"]
    assert wire.received("response.done")[0].event == {"type": "response.done"}
    assert wire.sent("response.done") == []
    times = [e.at for e in wire]
    assert times == sorted(times) and times[0] >= 0
    assert repr(wire) == "<Wire: 1 events sent, 2 received>"
