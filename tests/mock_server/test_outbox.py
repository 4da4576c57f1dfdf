import asyncio
import json

from realtime_helpers.mock_server import outbox as module
from realtime_helpers.mock_server.outbox import Outbox


async def test_events_leave_in_order_and_then_it_ends():
    outbox = Outbox()
    for number in range(3):
        outbox.put({"n": number})
    outbox.close()
    outbox.put({"n": "too late"})
    frames = [await outbox.get() for _ in range(4)]
    assert [json.loads(frame)["n"] for frame in frames[:3]] == [0, 1, 2]
    assert frames[3] is None


async def test_replies_wait_while_the_client_reads_slowly(monkeypatch):
    monkeypatch.setattr(module, "_ROOM_BYTES", 10)
    outbox = Outbox()
    await asyncio.wait_for(outbox.room(), 1)
    outbox.put({"audio": "a" * 100})
    waiting = asyncio.create_task(outbox.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await outbox.get()
    await asyncio.wait_for(waiting, 1)


async def test_a_client_that_never_reads_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "_LIMIT_BYTES", 50)
    outbox = Outbox()
    for _ in range(10):
        outbox.put({"audio": "a" * 20})
    await asyncio.wait_for(outbox.room(), 1)  # nobody may hang on it
    sent = []
    while (frame := await outbox.get()) is not None:
        sent.append(frame)
    assert len(sent) == 1
