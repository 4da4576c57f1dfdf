"""openai-python with `on_reconnecting`: what a dropped socket, an expired session and a wrong key mean to it.

The server keeps nothing for a client that comes again: a new session, an empty conversation.
"""

from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from realtime_helpers.mock_server import Faults, MockServer

from .test_openai_python import Connected, kind, settle, until, user  # noqa: F401 (kind is a fixture)

MODEL = "gpt-realtime"
TEXT = {"type": "realtime", "output_modalities": ["text"]}
PATIENCE_S = 0.01


class Recorder:
    """The handler: `attempts` holds the SDK's events."""

    def __init__(self, answer: Any = None) -> None:
        self.attempts: list[Any] = []
        self._answer = answer

    def __call__(self, event: Any) -> Any:
        self.attempts.append(event)
        return self._answer


@pytest.fixture
def connect(kind: str) -> Callable[..., Any]:  # noqa: F811
    def connect(server: MockServer, handler: Recorder) -> Connected:
        made = server.client() if kind == "sync" else server.async_client()
        return Connected(
            made.realtime.connect(model=MODEL, on_reconnecting=handler, max_retries=3, initial_delay=PATIENCE_S)
        )

    return connect


async def read(connection: Any, count_of: str, count: int = 1) -> list[Any]:
    """Events by iterating, which is what reconnects, until the `count`-th of that type."""
    seen: list[Any] = []

    def enough(event: Any) -> bool:
        seen.append(event)
        return sum(e.type == count_of for e in seen) == count

    if hasattr(connection, "__aiter__"):
        async for event in connection:
            if enough(event):
                break
    else:
        for event in connection:
            if enough(event):
                break
    return seen


async def test_after_a_drop_there_is_a_new_empty_session_and_the_conversation_goes_on(connect: Callable):
    recorder = Recorder()
    faults = Faults(drop_after="response.output_text.delta", times=1)
    with MockServer(["One, two, three, four."], faults=faults) as server:
        async with connect(server, recorder) as connection:
            await settle(connection.session.update(session=TEXT | {"instructions": "Count."}))
            await settle(connection.conversation.item.create(item=user("Count!", id="item_1")))
            await settle(connection.response.create())
            seen = await read(connection, "session.created", 2)
            first, second = (e.session for e in seen if e.type == "session.created")
            assert first.id != second.id
            assert "response.done" not in [e.type for e in seen]
            assert [(a.attempt, a.close_code) for a in recorder.attempts] == [(1, 1006)]

            await settle(connection.conversation.item.retrieve(item_id="item_1"))
            assert (await settle(connection.recv())).error.code == "item_retrieve_invalid_item_id"
            await settle(connection.session.update(session=TEXT))
            updated = await until(connection, "session.updated")
            assert updated.session.id == second.id and updated.session.instructions != "Count."
            await settle(connection.conversation.item.create(item=user("Again!", id="item_1")))
            await settle(connection.response.create())
            done = await until(connection, "response.done")
            assert done.response.output[0].content[0].text == "One, two, three, four."
        assert [log.wait_until_closed() for log in server.connections] == [1006, 1000]
        assert server.connections[1].transcript() == [("user", "Again!"), ("assistant", "One, two, three, four.")]


async def test_what_is_dropped_each_time_is_given_up(connect: Callable):
    """A session that lives long enough to say hello counts as progress to the SDK, so the handler decides."""
    recorder = Recorder()
    with MockServer(["x"], faults=Faults(drop_after_events=1)) as server:
        async with connect(server, recorder) as connection:
            await read(connection, "session.created", 5)
            assert [a.attempt for a in recorder.attempts] == [1, 1, 1, 1]
            recorder._answer = {"abort": True}
            with pytest.raises(ConnectionClosedError):
                await read(connection, "session.created")
        assert len(server.connections) == 5


async def test_a_full_server_is_tried_as_often_as_was_said(connect: Callable):
    recorder = Recorder()
    with MockServer(["x"], faults=Faults(drop_after_events=1, times=1)) as server:
        async with connect(server, recorder) as connection:
            await until(connection, "session.created")
            server.faults = Faults(refuse=1)
            with pytest.raises(ConnectionClosed):
                await read(connection, "session.created")
        assert [a.attempt for a in recorder.attempts] == [1, 2, 3]
        assert len(server.connections) == 1


async def test_a_new_address_can_be_given(connect: Callable):
    recorder = Recorder({"extra_query": {"intent": "transcription"}})
    with MockServer(["x"], faults=Faults(drop_after_events=1, times=1)) as server:
        async with connect(server, recorder) as connection:
            seen = await read(connection, "session.created", 2)
        assert [e.session.type for e in seen] == ["realtime", "transcription"]


async def test_an_expired_session_ends_and_is_not_opened_again(connect: Callable):
    recorder = Recorder()
    with MockServer(["x"], faults=Faults(expires_after_ms=50)) as server:
        async with connect(server, recorder) as connection:
            seen = await read(connection, "never")
        assert [e.type for e in seen] == ["session.created", "error"]
        assert seen[1].error.code == "session_expired"
        assert not recorder.attempts and len(server.connections) == 1


async def test_a_wrong_key_is_not_tried_again(connect: Callable):
    recorder = Recorder()
    with MockServer(["x"]) as server:
        async with connect(server, recorder) as connection:
            await until(connection, "session.created")
        server.api_key = "sk-another"  # what client() hands out from now on
        async with connect(server, recorder) as connection:
            error = (await settle(connection.recv())).error
            assert error.code == "invalid_api_key"
            with pytest.raises(ConnectionClosedError) as closed:
                await read(connection, "never")
        assert closed.value.rcvd.code == 3000
        assert not recorder.attempts
