import asyncio
import gc
import logging
import os
import sys
import types

import pytest
import websockets
from openai.resources.realtime.realtime import AsyncRealtimeConnection

from realtime_helpers import mock_child as mock_child_module
from realtime_helpers.mock_child import MockChild
from realtime_helpers.service import EMBEDDING_MODEL, ServiceError, choose_service

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


def test_code_may_choose_over_the_settings(settings):
    settings(OPENAI_API_KEY=SECRET, REALTIME_MOCK_URL="http://h/v1", REALTIME_MOCK_API_KEY="k")
    assert choose_service("mock").name == "mock"
    with pytest.raises(ServiceError, match="mock, openai or azure"):
        choose_service("gemini")


async def test_faults_are_for_the_mock_server_alone(mock, settings):
    async with mock.connect(fault="error_after_events:1", extra_query={"more": "1"}) as connection:
        assert [(await connection.recv()).type for _ in range(2)] == ["session.created", "error"]
    with pytest.raises(ServiceError, match="refused the connection: There is no fault 'rain'"):
        async with mock.connect(fault="rain:1"):
            pass
    settings(OPENAI_API_KEY=SECRET)
    with pytest.raises(ServiceError, match=r'choose_service\("mock"\)'):
        choose_service("openai").connect(fault="refuse:1")


def test_azure_without_a_key_needs_a_package(settings, monkeypatch):
    settings(AZURE_OPENAI_ENDPOINT="https://r.example")
    monkeypatch.setitem(sys.modules, "azure.identity", None)
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


async def test_the_wire_counts_from_the_opened_connection(mock):
    connecting = mock.connect()
    await asyncio.sleep(0.5)  # the learner, or a starting server, took a while
    async with connecting as connection:
        await connection.recv()
    assert mock.wire[0].at < 0.4


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


async def test_hanging_up_on_a_service_too_busy_to_say_goodbye_is_no_failure(stand_in, monkeypatch):
    """It would have answered the close, only not within the time that is waited for it."""
    monkeypatch.setattr("realtime_helpers.service._CLOSE_WITHIN_S", 0.1)
    deaf = []

    async def go_deaf(socket):
        socket.transport.pause_reading()
        deaf.append(socket)
        await socket.send(CREATED)
        await socket.wait_closed()

    service = await stand_in(go_deaf)
    async with asyncio.timeout(5), service.connect() as connection:
        hanging_up = None
        async for _ in connection:
            hanging_up = asyncio.create_task(connection.close())
    await hanging_up
    deaf[0].transport.abort()


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


async def test_tasks_that_send_end_with_the_connection_and_complain_to_nobody(mock):
    complaints, sending = [], asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def send_for_ever(connection):
        while True:
            await connection.input_audio_buffer.append(audio="AAAA")
            sending.set()
            await asyncio.sleep(0.01)  # as fast as four microphones

    async with mock.connect() as connection:
        task = asyncio.create_task(send_for_ever(connection))
        await sending.wait()
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


async def test_a_sender_that_fails_ends_the_conversation(mock):
    """Nobody else would: the loop would wait for ever for an answer to nothing."""

    async def send(connection):
        await connection.input_audio_buffer.append(audio="AAAA")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10), mock.connect() as connection:
            sending = asyncio.create_task(send(connection))
            async for _ in connection:
                pass
    assert sending.done()


async def test_the_stop_button_shows_no_traceback(mock):
    async def converse():
        async with mock.connect() as connection:
            async for _ in connection:
                listening.set()

    listening = asyncio.Event()
    cell = asyncio.create_task(converse())
    await listening.wait()
    cell.cancel()
    with pytest.raises(asyncio.CancelledError) as stopped:
        await cell
    assert stopped.value._render_traceback_() == ["Stopped."]


async def test_hanging_up_while_something_is_still_to_be_sent_is_no_error(mock):
    async with mock.connect() as connection:
        await connection.close()
        await connection.response.create()


async def test_errors_of_ones_own_pass_through(mock):
    with pytest.raises(KeyError):
        async with mock.connect():
            raise KeyError


async def test_azure_without_a_key_signs_in_with_a_token(stand_in, settings, monkeypatch):
    arrived = []

    async def hello(socket):
        arrived.append(dict(socket.request.headers.raw_items()))
        await socket.send(CREATED)
        await socket.wait_closed()

    identity = types.ModuleType("azure.identity")
    identity.DefaultAzureCredential = lambda: None
    identity.get_bearer_token_provider = lambda credential, scope: lambda: "token-of-mine"
    monkeypatch.setitem(sys.modules, "azure.identity", identity)
    endpoint = (await stand_in(hello)).url.removesuffix("/v1")
    settings(REALTIME_SERVICE="azure", AZURE_OPENAI_ENDPOINT=endpoint)
    async with choose_service().connect():
        pass
    assert arrived[0]["Authorization"] == "Bearer token-of-mine" and "api-key" not in arrived[0]

    def not_signed_in():
        raise RuntimeError("a page of reasons")

    identity.get_bearer_token_provider = lambda credential, scope: not_signed_in
    assert "az login" in await refusal(choose_service())


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "REALTIME_MOCK_API_KEY"])
@pytest.mark.parametrize("key", [SECRET + "é", SECRET + "\nX-Evil: 1", f"{SECRET} {SECRET}"])
def test_a_key_that_no_header_can_carry(settings, name, key):
    settings(REALTIME_MOCK_URL="http://h/v1", REALTIME_SERVICE=name.split("_")[0].lower().replace("realtime", "mock"))
    settings(**{"AZURE_OPENAI_ENDPOINT": "https://r.example", name: key})
    with pytest.raises(ServiceError, match=name) as fault:
        choose_service()
    assert SECRET not in str(fault.value)


@pytest.mark.parametrize("url", ["http://h:99999/v1", "http://h:port/v1", "http://[::1/v1", "h/v1"])
def test_addresses_that_are_none(settings, url):
    settings(REALTIME_MOCK_URL=url, REALTIME_MOCK_API_KEY="k")
    with pytest.raises(ServiceError, match="REALTIME_MOCK_URL is not an address"):
        choose_service()


def test_a_failure_to_choose_is_logged(settings, caplog):
    settings(REALTIME_SERVICE="openai")
    with pytest.raises(ServiceError):
        choose_service()
    assert "OPENAI_API_KEY is not set" in caplog.text


async def test_no_log_shows_the_key(mock, child, caplog):
    caplog.set_level(logging.DEBUG)
    async with mock.connect():
        pass
    assert "> User-Agent" in caplog.text, "the headers are logged at this level"
    assert child.key not in caplog.text


async def test_a_proxy_is_no_way_to_this_computer(mock, settings):
    settings(http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9", no_proxy="")
    async with mock.connect() as connection:
        assert (await connection.recv()).type == "session.created"


async def test_nor_is_it_for_plain_requests(mock, settings):
    settings(http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9", no_proxy="")
    made = await mock.client.embeddings.create(model=mock.embedding_model, input="a tent")
    assert len(made.data) == 1


def test_the_embedding_model_is_a_setting(settings):
    settings(OPENAI_API_KEY=SECRET)
    assert choose_service().embedding_model == EMBEDDING_MODEL
    settings(REALTIME_EMBEDDING_MODEL="mine")
    assert choose_service().embedding_model == "mine"


async def test_a_foreign_origin_is_named(mock):
    assert "`Origin`" in await refusal(mock, extra_headers={"Origin": "https://elsewhere.example"})


async def test_stopping_while_it_connects_leaves_no_connection_behind(stand_in):
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def say_nothing(socket):
        await (await socket.ping())  # once the client answers, it has seen the handshake
        arrived.set()
        await socket.wait_closed()
        gone.set()

    connecting = asyncio.create_task((await stand_in(say_nothing)).connect().__aenter__())
    await arrived.wait()
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    await asyncio.wait_for(gone.wait(), 5)


async def test_stopping_in_the_middle_closes_the_connection(stand_in):
    gone = asyncio.Event()

    async def talk(socket):
        await socket.send(CREATED)
        await socket.wait_closed()
        gone.set()

    service, reading = await stand_in(talk), asyncio.Event()

    async def cell():
        async with service.connect() as connection:
            async for _ in connection:
                reading.set()

    running = asyncio.create_task(cell())
    await reading.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.wait_for(gone.wait(), 5)


async def test_a_connection_that_breaks_in_a_task_group(stand_in):
    async def vanish(socket):
        await socket.send(CREATED)
        socket.transport.abort()

    async def read(connection):
        async for _ in connection:
            pass

    service = await stand_in(vanish)
    with pytest.raises(ServiceError, match="broke off"):
        async with service.connect() as connection, asyncio.TaskGroup() as group:
            group.create_task(read(connection))


async def test_a_goodbye_that_cut_the_learner_short_is_told(stand_in):
    async def leave(socket):
        await socket.send(CREATED)
        await socket.close(1001, "going away")

    service = await stand_in(leave)
    with pytest.raises(ServiceError, match="1001: going away"):
        async with service.connect() as connection:
            await connection.recv()
            await connection.recv()


async def test_a_mock_server_that_died_is_started_again(monkeypatch):
    monkeypatch.setattr(mock_child_module, "_child", None)
    service = choose_service()
    first = service._child
    try:
        with pytest.raises(ServiceError, match="stopped in the middle"):
            async with service.connect() as connection:
                first._process.kill()
                async for _ in connection:
                    pass
        async with service.connect() as connection:
            assert (await connection.recv()).type == "session.created"
        assert service._child is not first and service._child.alive
    finally:
        first.stop()
        service._child.stop()


def test_whoever_else_speaks_has_another_voice(monkeypatch):
    monkeypatch.setenv("REALTIME_VOICE", "sage")
    service = choose_service()
    assert service.voice == "sage" and len(service.other_voices) == 9 == len(set(service.other_voices) - {"sage"})


def test_model_names_in_the_settings_are_the_chosen_services(settings):
    """A deployment's name on Azure is no model of the mock server's, with which its owner wants to practise."""
    settings(AZURE_OPENAI_ENDPOINT="https://r.example", AZURE_OPENAI_API_KEY="k", REALTIME_MODEL="my-deployment")
    settings(REALTIME_MOCK_URL="http://h/v1", REALTIME_MOCK_API_KEY="k", REALTIME_EMBEDDING_MODEL="mine-too")
    azure, practice = choose_service(), choose_service("mock")
    assert (azure.model, azure.embedding_model) == ("my-deployment", "mine-too")
    assert practice.model != "my-deployment" and practice.embedding_model != "mine-too"
    settings(REALTIME_SERVICE="mock")
    assert choose_service("mock").model == "my-deployment"
