import asyncio
import gc
import logging
import os

import pytest
import websockets
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from realtime_helpers.mock_child import MockChild
from realtime_helpers.service import ServiceError, choose_service

SECRET = "sk-do-not-show-me-1234567890"


@pytest.fixture(scope="module")
def child():
    child = MockChild(pace=1000)
    yield child
    child.stop()


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting from outside, no .env, and no way to a paid service."""
    for name in list(os.environ):
        if name.startswith(("REALTIME_", "OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(monkeypatch):
    def put(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def mock(child, settings):
    settings(REALTIME_MOCK_URL=child.url(), REALTIME_MOCK_API_KEY=child.key)
    return choose_service()


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"REALTIME_MOCK_URL": "http://h/v1", "REALTIME_MOCK_API_KEY": "k"}, "mock"),
        ({"OPENAI_API_KEY": SECRET}, "openai"),
        ({"OPENAI_API_KEY": SECRET, "AZURE_OPENAI_ENDPOINT": "https://r.example", "AZURE_OPENAI_API_KEY": "k"},
         "azure"),
        ({"OPENAI_API_KEY": SECRET, "REALTIME_SERVICE": " Mock ", "REALTIME_MOCK_URL": "http://h/v1",
          "REALTIME_MOCK_API_KEY": "k"}, "mock"),
    ],
)  # fmt: skip
def test_which_service(settings, values, name):
    settings(**values)
    assert choose_service().name == name


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"REALTIME_SERVICE": "gemini"}, "REALTIME_SERVICE"),
        ({"REALTIME_SERVICE": "openai"}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": SECRET + "\n" + SECRET}, "OPENAI_API_KEY"),
        ({"OPENAI_API_KEY": SECRET, "OPENAI_BASE_URL": "api.example/v1"}, "OPENAI_BASE_URL"),
        ({"REALTIME_SERVICE": "azure"}, "AZURE_OPENAI_ENDPOINT"),
        ({"AZURE_OPENAI_ENDPOINT": "https://r.example/?api-version=1"}, "AZURE_OPENAI_ENDPOINT"),
        ({"REALTIME_MOCK_URL": "http://h/v1"}, "REALTIME_MOCK_API_KEY"),
    ],
)
def test_a_bad_setting_is_named_in_one_sentence(settings, values, named):
    settings(**values)
    with pytest.raises(ServiceError) as fault:
        choose_service()
    assert named in str(fault.value) and SECRET not in str(fault.value) and "\n" not in str(fault.value)


def test_azure_without_a_key_needs_a_package(settings, monkeypatch):
    settings(AZURE_OPENAI_ENDPOINT="https://r.example")
    monkeypatch.setitem(__import__("sys").modules, "azure.identity.aio", None)
    with pytest.raises(ServiceError, match="azure-identity"):
        choose_service()


@pytest.mark.parametrize("endpoint", ["https://r.example", "https://r.example/", "https://r.example/openai/v1/"])
def test_azure_addresses(settings, endpoint):
    settings(AZURE_OPENAI_ENDPOINT=endpoint, AZURE_OPENAI_API_KEY=SECRET, REALTIME_MODEL="my-deployment")
    service = choose_service()
    assert (service.url, service.model) == ("https://r.example/openai/v1", "my-deployment")


def test_it_shows_itself_but_never_its_key(settings, caplog):
    settings(OPENAI_API_KEY=SECRET, REALTIME_VOICE="<b>")
    caplog.set_level(logging.DEBUG)
    service = choose_service()
    assert service.client.api_key == SECRET
    shown = [repr(service), service._repr_html_(), caplog.text]
    assert not any(SECRET[:8] in text for text in shown)
    assert all(service.model in text for text in shown)
    assert "OPENAI_API_KEY is set" in shown[0] and "&lt;b&gt;" in shown[1]


async def test_a_connection_is_the_sdks_own_and_recorded(mock):
    async with mock.connect() as connection:
        assert isinstance(connection, AsyncRealtimeConnection)
        await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        await connection.response.create()
        seen = []
        async for event in connection:
            seen.append(event.type)
            if event.type == "response.done":
                break
    assert seen[0] == "session.created", "the loop sees what connect() looked at first"
    assert [e.type for e in mock.wire.received()] == seen
    assert [e.type for e in mock.wire.sent()] == ["session.update", "response.create"]


async def test_before_any_connection_there_is_no_wire(mock):
    with pytest.raises(ServiceError, match="run the cell"):
        _ = mock.wire


async def refusal(service, **options):
    with pytest.raises(ServiceError) as fault:
        async with service.connect(**options):
            pass
    text = str(fault.value)
    assert "\n" not in text and not any(key in text for key in ("wrong-key", SECRET))
    return text


async def test_refusals_are_raised_on_entering(mock, settings, child):
    assert "does not accept the key" in await refusal(mock, api_key="wrong-key")
    assert "'gpt-9'" in await refusal(mock, model="gpt-9")
    settings(
        REALTIME_SERVICE="azure",
        AZURE_OPENAI_ENDPOINT=child.url().removesuffix("/v1"),
        AZURE_OPENAI_API_KEY="wrong-key",
    )
    assert "(401)" in await refusal(choose_service())


async def test_azure_with_its_key(settings, child):
    settings(AZURE_OPENAI_ENDPOINT=child.url().removesuffix("/v1"), AZURE_OPENAI_API_KEY=child.key)
    async with choose_service().connect() as connection:
        assert (await connection.recv()).type == "session.created"


@pytest.mark.parametrize(
    ("url", "says"),
    [("http://127.0.0.1:9/v1", "Nothing answers at"), ("http://no-such-host.invalid/v1", "cannot be found")],
)
async def test_nobody_there(settings, url, says):
    settings(REALTIME_MOCK_URL=url, REALTIME_MOCK_API_KEY="k")
    assert says in await refusal(choose_service())


@pytest.fixture
async def stand_in(settings):
    """A service that fails as told: what the mock server cannot be made to do yet."""
    servers = []

    async def start(handler=None, status=None):
        async def refuse(connection, request):
            return connection.respond(status, "no\n") if status else None

        server = await websockets.serve(handler, "127.0.0.1", 0, process_request=refuse)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        settings(OPENAI_API_KEY=SECRET, OPENAI_BASE_URL=f"http://127.0.0.1:{port}/v1")
        return choose_service()

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(("status", "says"), [(429, "throttling"), (404, "no realtime model"), (503, "answered 503")])
async def test_refused_handshakes(stand_in, status, says):
    assert says in await refusal(await stand_in(status=status))


async def test_a_socket_that_closes_before_it_says_anything(stand_in):
    async def slam(socket):
        await socket.close(1011, "internal error")

    assert "1011: internal error" in await refusal(await stand_in(slam))


CREATED = '{"type": "session.created", "event_id": "e", "session": {}}'


async def test_a_connection_that_breaks_later(stand_in):
    async def vanish(socket):
        await socket.send(CREATED)
        socket.transport.abort()

    service = await stand_in(vanish)
    with pytest.raises(ServiceError, match="broke off"):
        async with service.connect() as connection:
            async for _ in connection:
                pass


async def test_a_session_that_expires(stand_in):
    async def expire(socket):
        await socket.send(CREATED)
        await socket.send('{"type": "error", "event_id": "e", "error": {"type": "x", "code": "session_expired"}}')
        await socket.close(1001)

    service = await stand_in(expire)
    with pytest.raises(ServiceError, match="60 minutes"):
        async with service.connect() as connection:
            async for _ in connection:
                pass


async def mock_server_hears(service):
    """Wait until something was sent."""
    while not service.wire.sent():
        await asyncio.sleep(0)


async def test_tasks_that_send_end_with_the_connection_and_complain_to_nobody(mock):
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def send_for_ever(connection):
        while True:
            await connection.input_audio_buffer.append(audio="AAAA")
            await asyncio.sleep(0.01)  # as fast as four microphones

    async with mock.connect() as connection:
        task = asyncio.create_task(send_for_ever(connection))
        await mock_server_hears(mock)
    assert task.done()
    del task
    gc.collect()
    assert complaints == []


async def test_a_sender_with_a_fault_of_its_own_is_heard(mock):
    async def send(connection):
        await connection.input_audio_buffer.append(audio="AAAA")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with mock.connect() as connection:
            await asyncio.wait([asyncio.create_task(send(connection))])


async def test_hanging_up_while_something_is_still_to_be_sent_is_no_error(mock):
    async with mock.connect() as connection:
        await connection.close()
        await connection.response.create()


async def test_errors_of_ones_own_pass_through(mock):
    with pytest.raises(KeyError):
        async with mock.connect():
            raise KeyError
