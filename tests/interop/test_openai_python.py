"""openai-python: each public method of `client.realtime`, sync and async, against the mock server.

One list of steps serves both clients; which methods it reached is recorded, and a method of the SDK that none reached
fails the last test: a new version's new method is noticed. So the last test needs those before it.
"""

import inspect
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import openai
import pytest
from openai.resources.realtime import calls, client_secrets, realtime
from openai.resources.realtime.translations import client_secrets as translation_secrets
from openai.resources.realtime.translations import translations

from realtime_helpers.mock_server import MockServer

MODEL = "gpt-realtime"
TEXT = {"output_modalities": ["text"]}
SILENCE = b64encode(bytes(9_600)).decode()  # 200 ms
NO_WEBRTC = "does not serve calls by WebRTC or SIP"
MODULES = (realtime, calls, client_secrets, translations, translation_secrets)
# Wrappers of the methods below.
WRAPPERS = ("WithRawResponse", "WithStreamingResponse")


def user(text: str, **more: Any) -> dict:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **more}


# -- what was reached


class Reached(set[str]):
    """Names `Class.method`; filled by watching the SDK's own functions."""


def public_methods() -> dict[str, tuple[type, str]]:
    """All that the SDK's realtime resources, connections and managers offer a caller, of their own and inherited."""
    found = {}
    for module in MODULES:
        for name, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ != module.__name__ or name.endswith(WRAPPERS):
                continue
            for method, _ in inspect.getmembers(cls, inspect.isfunction):
                if not method.startswith("_"):
                    found[f"{_short(module)}.{name}.{method}"] = (cls, method)
    return found


def _short(module: Any) -> str:
    return module.__name__.removeprefix("openai.resources.realtime.")


@pytest.fixture(scope="module")
def reached() -> Iterator[Reached]:
    reached = Reached()
    with pytest.MonkeyPatch.context() as patch:
        for full, (cls, method) in public_methods().items():
            patch.setattr(cls, method, _noting(getattr(cls, method), full, reached))
        yield reached


def _noting(function: Callable, full: str, reached: Reached) -> Callable:
    def noting(*args: Any, **kwargs: Any) -> Any:
        reached.add(full)
        return function(*args, **kwargs)

    return noting


# -- one way to write steps for both clients


async def settle(value: Any) -> Any:
    """The sync client has answered, the async one is to be waited for."""
    return await value if inspect.isawaitable(value) else value


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(["One.", "Two.", "Three.", "Four."]) as server:
        yield server


@pytest.fixture
async def client(server: MockServer, kind: str, reached: Reached) -> AsyncIterator[Any]:
    client = server.client(max_retries=0) if kind == "sync" else server.async_client(max_retries=0)
    yield client
    await settle(client.close())


class Connected:
    """`async with Connected(manager) as connection` for both kinds."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    async def __aenter__(self) -> Any:
        self._connection = await settle(self._manager.enter())
        return self._connection

    async def __aexit__(self, *why: object) -> None:
        await settle(self._connection.close())


async def until(connection: Any, wanted: str) -> Any:
    """The next event of that type; an error in between fails."""
    while True:
        event = await settle(connection.recv())
        if event.type == wanted:
            return event
        assert event.type != "error", event.error


# -- the connection


async def test_each_event_of_a_connection(client: Any):
    async with Connected(client.realtime.connect(model=MODEL)) as connection:
        created = connection.parse_event(await settle(connection.recv_bytes()))
        assert created.type == "session.created" and created.session.model == MODEL

        session = {"type": "realtime", "audio": {"input": {"turn_detection": None}}, **TEXT}
        await settle(connection.session.update(session=session, event_id="mine"))
        updated = await until(connection, "session.updated")
        assert updated.session.output_modalities == ["text"] and updated.session.audio.input.turn_detection is None

        sound = connection.input_audio_buffer
        await settle(sound.append(audio=SILENCE))
        await settle(sound.clear())
        await until(connection, "input_audio_buffer.cleared")
        await settle(sound.append(audio=SILENCE))
        await settle(sound.commit())
        committed = await until(connection, "input_audio_buffer.committed")

        items = connection.conversation.item
        await settle(items.retrieve(item_id=committed.item_id))
        item = (await until(connection, "conversation.item.retrieved")).item
        assert item.id == committed.item_id and item.content[0].type == "input_audio"
        await settle(items.delete(item_id=committed.item_id))
        assert (await until(connection, "conversation.item.deleted")).item_id == committed.item_id
        await settle(items.create(item=user("Hi!", id="item_hi"), previous_item_id="root"))
        assert (await until(connection, "conversation.item.done")).item.id == "item_hi"

        await settle(connection.response.create(response={"metadata": {"purpose": "test"}}))
        response = (await until(connection, "response.done")).response
        assert response.status == "completed" and response.output[0].content[0].text == "One."
        assert response.metadata == {"purpose": "test"}


async def test_what_was_spoken_is_truncated(client: Any):
    async with Connected(client.realtime.connect(model=MODEL)) as connection:
        await settle(connection.response.create())
        spoken = (await until(connection, "response.done")).response.output[0]
        assert spoken.content[0].transcript == "One."
        truncate = connection.conversation.item.truncate
        await settle(truncate(item_id=spoken.id, content_index=0, audio_end_ms=100))
        assert (await until(connection, "conversation.item.truncated")).audio_end_ms == 100


async def test_errors_name_the_event_and_the_session_goes_on(client: Any):
    async with Connected(client.realtime.connect(model=MODEL)) as connection:
        await settle(connection.response.cancel(event_id="cancel-nothing"))
        await settle(connection.output_audio_buffer.clear(event_id="no-webrtc"))
        await settle(connection.send_raw('{"type": "session.update", "session": 5, "event_id": "raw"}'))
        await settle(connection.send({"type": "input_audio_buffer.clear"}))
        await until(connection, "session.created")
        errors = [(await settle(connection.recv())).error for _ in range(3)]
        assert [error.event_id for error in errors] == ["cancel-nothing", "no-webrtc", "raw"]
        assert errors[0].code == "response_cancel_not_active"
        await until(connection, "input_audio_buffer.cleared")


@pytest.mark.parametrize("where", ["manager", "connection"])
async def test_handlers(client: Any, where: str):
    """Of the manager (before there is a connection) and of the connection; a handler that closes ends the dispatch."""
    seen: list[str] = []
    manager = client.realtime.connect(model=MODEL)
    if where == "manager":
        manager.send({"type": "response.create", "response": {**TEXT}})
        _handlers(manager, seen)
    async with Connected(manager) as connection:
        if where == "connection":
            _handlers(connection, seen)
            await settle(connection.response.create(response={**TEXT}))

        @connection.on("response.done")
        def done(_: Any) -> Any:
            return connection.close()

        await settle(connection.dispatch_events())
    assert seen.count("once") == 1 and seen.count("delta") >= 1 and "never" not in seen
    assert seen[-1] == "One."


def _handlers(target: Any, seen: list[str]) -> None:
    def never(_: Any) -> None:
        seen.append("never")

    target.on("session.created", never).off("session.created", never)
    target.once("event", lambda _: seen.append("once"))
    target.on("response.output_text.delta", lambda _: seen.append("delta"))
    target.on("response.output_text.done", lambda event: seen.append(event.text))


async def test_an_error_without_a_handler_is_raised(client: Any):
    async with Connected(client.realtime.connect(model=MODEL)) as connection:
        await settle(connection.response.cancel())
        with pytest.raises(openai.OpenAIError, match="no active response"):
            await settle(connection.dispatch_events())


# -- ways to connect


async def test_connecting_with_options_of_its_own(server: MockServer, client: Any):
    manager = client.realtime.connect(
        model=MODEL,
        extra_query={"intent": "transcription"},
        extra_headers={"X-Mine": "1"},
        websocket_connection_options={"max_size": 1_000_000, "open_timeout": 5},
    )
    async with Connected(manager) as connection:
        assert (await until(connection, "session.created")).session.type == "transcription"


async def test_a_key_from_a_function(server: MockServer, kind: str, reached: Reached):
    async def later() -> str:
        return server.api_key

    if kind == "sync":
        client: Any = openai.OpenAI(base_url=server.url, api_key=lambda: server.api_key)
    else:
        client = openai.AsyncOpenAI(base_url=server.url, api_key=later)
    async with Connected(client.realtime.connect(model=MODEL)) as connection:
        await until(connection, "session.created")
    await settle(client.close())


async def test_address_and_key_from_the_environment(
    server: MockServer, kind: str, reached: Reached, monkeypatch: pytest.MonkeyPatch
):
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    client: Any = openai.OpenAI() if kind == "sync" else openai.AsyncOpenAI()
    async with Connected(client.realtime.connect(model=MODEL)) as connection:
        await until(connection, "session.created")
    await settle(client.close())


async def test_a_websocket_address_of_its_own(server: MockServer, kind: str, reached: Reached):
    options = {"api_key": server.api_key, "websocket_base_url": server.url.replace("http", "ws")}
    client: Any = openai.OpenAI(**options) if kind == "sync" else openai.AsyncOpenAI(**options)
    async with Connected(client.realtime.connect(model=MODEL)) as connection:
        await until(connection, "session.created")
    await settle(client.close())


async def test_an_ephemeral_key_opens_its_session(server: MockServer, client: Any, kind: str):
    session = {"type": "realtime", "model": MODEL, "instructions": "Be brief."}
    secret = await settle(client.realtime.client_secrets.create(session=session))
    assert secret.value.startswith("ek_")
    options = {"base_url": server.url, "api_key": secret.value}
    browser: Any = openai.OpenAI(**options) if kind == "sync" else openai.AsyncOpenAI(**options)
    async with Connected(browser.realtime.connect()) as connection:
        assert (await until(connection, "session.created")).session.instructions == "Be brief."
    await settle(browser.close())


async def test_models(client: Any):
    models = [model.id for model in (await settle(client.models.list())).data]
    assert MODEL in models
    assert (await settle(client.models.retrieve(MODEL))).id == MODEL


# -- what the server does not serve


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("create", {"sdp": "v=0"}),
        ("accept", {"call_id": "call_1", "type": "realtime"}),
        ("refer", {"call_id": "call_1", "target_uri": "tel:+1"}),
        ("reject", {"call_id": "call_1"}),
        ("hangup", {"call_id": "call_1"}),
    ],
)
async def test_calls_are_not_found(client: Any, name: str, arguments: dict):
    with pytest.raises(openai.NotFoundError, match=NO_WEBRTC):
        await settle(getattr(client.realtime.calls, name)(**arguments))


async def test_translations_are_not_found(client: Any):
    with pytest.raises(openai.NotFoundError):
        await settle(client.realtime.translations.client_secrets.create(session={"model": "gpt-realtime-translate"}))
    with pytest.raises(Exception, match="404"):
        await settle(client.realtime.translations.connect(model="gpt-realtime-translate").enter())


# -- nothing forgotten


def test_each_method_of_the_sdk_was_reached(reached: Reached):
    """What needs a translation session cannot be: the server refuses these at the door, as tested above."""
    all_of_it = {name for name in public_methods() if not name.startswith("translations.translations.")}
    all_of_it |= {f"translations.translations.{kind}Translations.connect" for kind in ("", "Async")}
    assert len(all_of_it) >= 60, "the SDK has moved its classes"
    assert sorted(all_of_it - reached) == []
