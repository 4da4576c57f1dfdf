"""Connections that drop, expire, and are refused: what the loop sees, and what is left of the conversation.

A hundred whole conversations are benchmarks/drops.py's; here are a few, and everything around them.
"""

import asyncio
from base64 import b64decode, b64encode

import pytest

from realtime_helpers.mock_server import MockServer
from realtime_helpers.resume import Resuming
from realtime_helpers.service import ServiceError
from realtime_helpers.wire import current_wire

from .dropped_calls import PACE, Clerk, converse, service_of

TEXT = {"type": "realtime", "output_modalities": ["text"]}


def user(words):
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}


async def ask(connection, words):
    await connection.conversation.item.create(item=user(words))
    await connection.response.create()


async def until(connection, kind):
    """The events up to the first of that kind."""
    seen = []
    async for event in connection:
        seen.append(event)
        if event.type == kind:
            return seen
    raise AssertionError(f"no {kind}: {[event.type for event in seen]}")


@pytest.fixture
def echo():
    """Answers with how many turns of the user it has read."""

    class Counting:
        async def reply(self, prompt):
            from realtime_helpers.mock_server import Say

            yield Say(" / ".join(entry.text for entry in prompt.history if getattr(entry, "role", "") == "user"))

    with MockServer(mind=Counting()) as server:
        yield server


async def test_dropped_conversations_are_whole_in_the_end():
    """One undisturbed, then five at once, dropped early, late and between."""
    clerk = Clerk()
    async with MockServer(mind=clerk, pace=PACE) as server:
        await converse(server, clerk, "the engines are loaded by this one")
        undisturbed = await converse(server, clerk, "undisturbed")
        assert undisturbed.whole and not undisturbed.restored, undisturbed
        moments = [share * undisturbed.seconds * 1000 for share in (0.1, 0.3, 0.5, 0.7, 0.85)]
        dropped = await asyncio.gather(*(converse(server, clerk, f"{ms} ms", ms) for ms in moments))
    for outcome in dropped:
        assert outcome.during and outcome.restored == 1 and outcome.whole, outcome


async def test_the_loop_is_told_and_sees_nothing_twice(echo):
    service = service_of(echo)
    async with Resuming(service, faults=["drop_after=response.done"]) as connection:
        await connection.session.update(session=TEXT)
        await ask(connection, "One")
        seen = await until(connection, "connection.restored")
        await ask(connection, "Two")
        seen += await until(connection, "response.done")
    kinds = [event.type for event in seen]
    assert kinds.count("session.created") == kinds.count("session.updated") == 1
    assert kinds.count("conversation.item.done") == 4, "two turns, two replies"
    lost, restored = seen[kinds.index("connection.lost")], seen[kinds.index("connection.restored")]
    assert lost.attempt == 1 and 0 <= lost.wait_s <= 0.25 and "broke off" in lost.why and not lost.cut_short
    assert (restored.items, restored.refused) == (2, [])
    assert seen[-1].response.output[0].content[0].text == "One / Two"
    assert len(service.wires) == 2


async def test_what_is_said_while_nothing_is_connected_is_not_lost(echo):
    service = service_of(echo)
    async with Resuming(service, faults=["drop_after=session.updated"]) as connection:
        await connection.session.update(session=TEXT)
        await until(connection, "connection.lost")
        await ask(connection, "Anybody there?")
        done = (await until(connection, "response.done"))[-1]
    assert done.response.output[0].content[0].text == "Anybody there?"


async def test_what_happens_on_this_side_is_noted_on_the_newest_wire(echo):
    service = service_of(echo)
    async with Resuming(service, faults=["drop_after=session.updated"]) as connection:
        assert current_wire() is not None
        await connection.session.update(session=TEXT)
        await until(connection, "connection.restored")
        connection._connection.note_local({"type": "tool.started"})
        assert current_wire() is service.wires[1]
    assert [len(wire.local("tool.started")) for wire in service.wires] == [0, 1]


async def test_throttling_is_waited_out_and_said(echo):
    faults = ["drop_after=session.updated", "refuse=1", "refuse=1"]
    async with Resuming(service_of(echo), faults=faults) as connection:
        await connection.session.update(session=TEXT)
        seen = await until(connection, "connection.restored")
    lost = [event for event in seen if event.type == "connection.lost"]
    assert [event.attempt for event in lost] == [1, 2, 3]
    assert "throttling" in lost[1].why and all(event.wait_s >= 1 for event in lost[1:])


async def test_an_end_that_is_foreseen_is_used_at_a_quiet_moment(echo):
    service = service_of(echo)
    async with Resuming(service, faults=["expires_after_ms=1500"]) as connection:
        await connection.session.update(session=TEXT)
        await ask(connection, "One")
        seen = await until(connection, "connection.restored")
        await ask(connection, "Two")
        seen += await until(connection, "response.done")
    lost = next(event for event in seen if event.type == "connection.lost")
    assert lost.why == "The session's time is nearly over"
    assert not [event for event in seen if event.type == "error"], "it never came to that"
    assert seen[-1].response.output[0].content[0].text == "One / Two"


async def test_an_end_that_comes_all_the_same_is_no_error(echo):
    service = service_of(echo)
    async with Resuming(service, faults=["expires_after_ms=700"]) as connection:
        await connection.session.update(session={**TEXT, "audio": {"input": {"turn_detection": None}}})
        connection._connection._change_at = float("inf")  # nobody foresaw it
        seen = await until(connection, "connection.restored")
    assert "error" not in [event.type for event in seen]


async def test_a_key_that_is_refused_is_no_reason_to_try_again(echo):
    service = service_of(echo)
    async with Resuming(service) as connection:
        await until(connection, "session.created")
        service._key, service._client = "wrong", None
        with pytest.raises(ServiceError, match="does not accept the key"):
            await connection._connection._socket.close()
            await until(connection, "connection.restored")


async def test_patience_has_an_end():
    with MockServer() as server:
        service = service_of(server)
        async with Resuming(service, patience_s=0.5) as connection:
            await until(connection, "session.created")
            server.stop()
            with pytest.raises(ServiceError, match="Nothing answers at"):
                await until(connection, "connection.restored")


async def test_what_never_worked_is_not_tried_again(echo):
    service = service_of(echo)
    service._key, service._client = "wrong", None
    with pytest.raises(ServiceError, match="does not accept the key"):
        async with Resuming(service):
            pass
    assert len(service.wires) == 1


async def test_hanging_up_ends_the_loop_and_the_senders(echo):
    service = service_of(echo)
    async with Resuming(service) as connection:

        async def talk():
            for _ in range(3):
                await connection.input_audio_buffer.append(audio=b64encode(bytes(960)).decode())
            await connection.close()

        await connection.session.update(session=TEXT)
        talking = asyncio.create_task(talk())
        kinds = [event.type async for event in connection]
    assert talking.done() and "connection.lost" not in kinds
    assert echo.connections[0].wait_until_closed() == 1000


async def test_a_sender_that_fails_ends_the_conversation_with_its_own_error(echo):
    with pytest.raises(ZeroDivisionError):
        async with Resuming(service_of(echo)) as connection:

            async def talk():
                await connection.input_audio_buffer.append(audio=b64encode(bytes(960)).decode())
                raise ZeroDivisionError

            talking = asyncio.create_task(talk())
            async for _ in connection:
                pass
    assert talking.done()


async def test_a_reply_of_the_session_before_can_still_be_cut(echo):
    """It has no sound there any more, so the service would refuse; what was not heard must go all the same."""
    service = service_of(echo)
    async with Resuming(service, faults=["drop_after=response.done"]) as connection:
        await connection.session.update(session={"type": "realtime"})
        await ask(connection, "One two three four five six seven eight nine ten")
        seen = await until(connection, "connection.restored")
        item = next(e for e in seen if e.type == "response.done").response.output[0]
        came_ms = sum(len(b64decode(e.delta)) / 48 for e in seen if e.type == "response.output_audio.delta")
        await connection.conversation.item.truncate(item_id=item.id, content_index=0, audio_end_ms=int(came_ms / 2))
        seen = await until(connection, "conversation.item.truncated")
        await ask(connection, "And now?")
        seen += await until(connection, "response.done")
        await connection.conversation.item.truncate(item_id=item.id, content_index=0, audio_end_ms=0)
        await connection.conversation.item.retrieve(item_id=item.id)
        seen += await until(connection, "error")
    kinds = [event.type for event in seen]
    assert "conversation.item.deleted" not in kinds and kinds.count("error") == 1
    assert "item" in seen[-1].error.message, "nothing was left of it, so it is gone"
    cuts = [e.event for e in service.wires[1].sent("conversation.item.create") if e.event["item"]["id"] == item.id]
    assert cuts[-1]["item"]["content"][0]["text"] == "One two three four five", "of what it heard, the first half"
