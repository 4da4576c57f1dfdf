"""MockServer as other people use it: from sync and async tests, several at once, and what its logs tell."""

import asyncio
import re
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import openai
import pytest
from websockets.exceptions import ConnectionClosed

from realtime_helpers.mock_server import Call, FaultError, MockServer, NothingCame, pytest_plugin
from realtime_helpers.mock_server.clock import Clock
from realtime_helpers.mock_server.connection_log import ConnectionLog
from realtime_helpers.mock_server.script import ScriptError
from realtime_helpers.mock_server.serving import CannotListen

MODEL = "gpt-realtime"
TEXT = {"type": "realtime", "output_modalities": ["text"]}


def user(text: str) -> dict:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


_of_others: set[threading.Thread] = set()


@pytest.fixture(autouse=True)
def threads_of_others() -> None:
    """The engines that other tests hold for the whole run."""
    _of_others.update(threading.enumerate())


def threads() -> list[str]:
    """What our servers have left behind."""
    running = set(threading.enumerate()) - _of_others
    return [thread.name for thread in running if thread.name.startswith(("mock server", "speech"))]


def until_done(connection) -> object:
    for event in connection:
        if event.type == "response.done":
            return event.response


def test_a_sync_test_holds_a_scripted_conversation_and_reads_its_log():
    with MockServer(script=["Hello there.", Call("look", '{"at": "moon"}')]) as server:
        with server.client() as client, client.realtime.connect(model=MODEL) as connection:
            connection.session.update(session=TEXT)
            connection.conversation.item.create(item=user("Hi!"))
            connection.response.create()
            assert until_done(connection).output[0].content[0].text == "Hello there."
            connection.conversation.item.create(item=user("Look!"))
            connection.response.create()
            assert until_done(connection).output[0].name == "look"
        log = server.connections[0]
        assert log.wait_until_closed() == 1000
    assert [e.type for e in log.received()] == [
        "session.update",
        *["conversation.item.create", "response.create"] * 2,
    ]
    assert [e.at for e in log] == sorted(e.at for e in log) and log[0].at >= 0
    assert log.session["output_modalities"] == ["text"]
    assert log.transcript() == [("user", "Hi!"), ("assistant", "Hello there."), ("user", "Look!")]
    assert not log.sent("error") and len(log.sent("response.done")) == 2


async def test_an_async_test_waits_while_its_client_goes_on():
    async with (
        MockServer(script=["Hello there."]) as server,
        server.async_client() as client,
        client.realtime.connect(model=MODEL) as connection,
    ):
        log = await server.wait_for_connection_async()
        waiting = asyncio.create_task(log.wait_for_async("response.done"))
        await asyncio.sleep(0)
        await connection.response.create(response={"output_modalities": ["text"]})
        assert (await waiting).event["response"]["status"] == "completed"
    assert not threads()


def test_text_loads_no_speech_engine_and_audio_does():
    """In a process of its own: here other tests have loaded them long ago."""
    code = """
        import sys
        from realtime_helpers.mock_server import MockServer, engines
        with MockServer(script=["Hello there."]) as server, server.client() as client:
            with client.realtime.connect(model="gpt-realtime") as connection:
                connection.response.create(response={"output_modalities": ["text"]})
                log = server.wait_for_connection()
                log.wait_for("response.done")
                print(engines.voices.made, engines.ears.made)
                connection.response.create(response={"conversation": "none", "input": []})
                log.wait_for("response.output_audio.delta", timeout=60)
                print(engines.voices.made, engines.ears.made)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True)
    assert done.stdout.split("\n")[:2] == ["False False", "True False"], done.stderr


def test_servers_nest_and_keep_their_scripts_keys_and_logs_apart():
    with MockServer(["Outer."]) as outer, MockServer(["Inner."]) as inner:
        assert outer.url != inner.url and outer.api_key != inner.api_key
        for server, line in ((outer, "Outer."), (inner, "Inner.")):
            with server.client() as client, client.realtime.connect(model=MODEL) as connection:
                connection.response.create(response={"output_modalities": ["text"]})
                assert until_done(connection).output[0].content[0].text == line
        assert len(outer.connections) == len(inner.connections) == 1
    assert not threads()


def test_it_ends_within_a_second_though_clients_are_still_there():
    with MockServer(["A long reply. " * 50], pace=1) as server:
        client = server.client()
        connection = client.realtime.connect(model=MODEL).enter()
        connection.response.create()
        log = server.wait_for_connection()
        log.wait_for("response.output_audio.delta", timeout=60)
        began = time.monotonic()
    assert time.monotonic() - began < 1
    assert not threads()
    assert log.close_code == 1012
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            connection.recv()
    assert closed.value.rcvd.code == 1012
    client.close()


def test_what_did_not_come_is_said_with_what_came_instead():
    with MockServer(["x"]) as server, server.client() as client, client.realtime.connect(model=MODEL) as connection:
        connection.send({"type": "response.craete"})
        log = server.wait_for_connection()
        log.wait_for("error")
        with pytest.raises(NothingCame) as nothing:
            log.wait_for("response.done", timeout=0.01)
        with pytest.raises(NothingCame, match="1 connections, not 2"):
            server.wait_for_connection(2, timeout=0.01)
        connection.send({"type": ["no type"]})
        log.wait_for("error", count=2)
        assert [e.type for e in log.received()] == ["response.craete", ""]
    text = str(nothing.value)
    assert "No response.done in 0.01 s" in text
    assert re.search(r"received +response\.craete\n.*sent +error: .*response\.craete", text), text


def test_waiting_ends_with_the_connection():
    log = ConnectionLog()
    log.end(1006)
    began = time.monotonic()
    with pytest.raises(NothingCame, match=r"before the connection ended \(1006\)"):
        log.wait_for("response.done", timeout=30)
    assert time.monotonic() - began < 5


def test_the_log_keeps_audio_and_keys_out():
    class Ticks(Clock):
        ticks = 0.0

        def now(self) -> float:
            self.ticks += 0.5
            return self.ticks

    log, full = ConnectionLog(Ticks()), ConnectionLog(keep_audio=True)
    tool = {"type": "mcp", "server_label": "x", "authorization": "secret-1", "headers": {"x-key": "secret-2"}}
    events = [
        {"type": "input_audio_buffer.append", "audio": "AAAA" * 100},
        {"type": "conversation.item.create", "item": {"content": [{"type": "input_audio", "audio": "AAAA"}]}},
        {"type": "session.update", "session": {"tools": [tool, None]}},
        {"type": "response.create", "response": {"tools": [tool]}},
        {"type": "session.update", "session": 3},
    ]
    for event in events:
        log.note("received", event)
        full.note("received", event)
    assert log[0].event["audio"] == "(400 characters of base64)"
    assert log[1].event["item"]["content"][0]["audio"] == "(4 characters of base64)"
    assert [e.at for e in log] == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert full[0].event == events[0] and full[1].event == events[1]
    for one in (log, full):
        assert "secret" not in repr(list(one)) and str(one).count("session.update") == 2
    assert tool["authorization"] == "secret-1"  # the session still needs it


def test_its_settings_reach_clients_that_read_the_environment(monkeypatch):
    with MockServer(["From the environment."], api_key="mine") as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        assert server.websocket_url == server.url.replace("http", "ws") + "/realtime"
        with openai.OpenAI() as client, client.realtime.connect(model=MODEL) as connection:
            assert connection.recv().type == "session.created"
    with (
        MockServer() as other,
        openai.OpenAI(base_url=other.url) as stranger,
        stranger.realtime.connect(model=MODEL) as connection,
    ):
        assert connection.recv().error.code == "invalid_api_key"
    assert not other.connections


def test_without_a_script_the_rules_answer_and_a_script_can_follow():
    with MockServer() as server, server.client() as client:
        for line in (None, "Scripted."):
            if line:
                server.script([line])
            with client.realtime.connect(model=MODEL) as connection:
                connection.conversation.item.create(item=user("Please tell me about magnets."))
                connection.response.create(response={"output_modalities": ["text"]})
                text = until_done(connection).output[0].content[0].text
                assert text == line if line else "magnet" in text.lower()


def test_mistakes_are_one_sentence(tmp_path):
    with pytest.raises(RuntimeError, match="not running"):
        _ = MockServer().url
    with pytest.raises(TypeError, match="one of them"):
        MockServer(["x"], mind=object())
    with pytest.raises(ScriptError, match="cannot be read"):
        MockServer(tmp_path / "none.json")
    with MockServer() as server:
        with pytest.raises(RuntimeError, match="make another one"):
            server.start()
        port = int(server.url.split(":")[2].removesuffix("/v1"))
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port} .*another server there. Without `port`"):
            MockServer(port=port).start()


def example() -> str:
    block = re.search(r"\n\n((?:    .*\n|\n)+)", pytest_plugin.__doc__).group(1)
    return textwrap.dedent(block).strip() + "\n"


def run_pytest(folder: Path) -> str:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers", "--rootdir", folder]
    done = subprocess.run([*command, folder], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_plugins_ten_lines_run(tmp_path):
    (tmp_path / "test_example.py").write_text(example(), encoding="utf-8")
    assert "1 passed" in run_pytest(tmp_path)
    assert len(example().replace("\n\n", "\n").splitlines()) <= 10


def test_the_marker_makes_the_fixtures_server(tmp_path):
    plugins, _, test = example().partition("\n")
    (tmp_path / "conftest.py").write_text(plugins, encoding="utf-8")
    script = 'mock_server.script(["Hello! What can I do for you?"])'
    assert script in test
    test = test.replace(script, "assert mock_server.faults.drop_after == 'response.done'").replace(
        "def test",
        "import pytest\n"
        "@pytest.mark.mock_server(['Hello! What can I do for you?'], faults='drop_after=response.done')\n"
        "def test",
    )
    (tmp_path / "test_marked.py").write_text(test + "    assert log.close_code == 1006", encoding="utf-8")
    assert "1 passed" in run_pytest(tmp_path)


def test_the_documentation_shows_the_same_ten_lines():
    text = (Path(__file__).resolve().parents[2] / "docs" / "mock-server.md").read_text("utf-8")
    assert example() in text


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"script": []}, ScriptError, "empty"),
        ({"script": [3]}, ScriptError, "Step 1"),
        ({"script": [["a line", 3]]}, ScriptError, "Step 1"),
        ({"limits": 1}, TypeError, "Limits"),
        ({"faults": {"refuse": 1}}, FaultError, "refuse=20"),
        ({"mind": 3}, TypeError, "reply"),
        ({"pace": 0}, ValueError, "above 0"),
    ],
)
def test_what_cannot_be_is_said_when_it_is_made(arguments, error, words):
    with pytest.raises(error, match=words):
        MockServer(**arguments)


def test_a_port_that_is_none():
    with pytest.raises(CannotListen, match="65535"):
        MockServer(port=99_999).start()


def test_a_call_may_be_written_in_three_ways():
    """As JSON text, as what becomes JSON, and as in a file."""
    calls = [Call("f", '{"a": 1}'), Call("f", {"a": 1}), {"call": "f", "arguments": {"a": 1}}]
    with MockServer(script=[calls]) as server, server.client() as client:
        with client.realtime.connect(model=MODEL) as connection:
            connection.response.create(response={"output_modalities": ["text"]})
            made = until_done(connection).output
        deltas = server.connections[0].sent("response.function_call_arguments.delta")
    assert [item.arguments for item in made] == ['{"a": 1}'] * 3
    assert "".join(entry.event["delta"] for entry in deltas[: len(deltas) // 3]) == '{"a": 1}'


def test_a_misspelled_type_is_not_waited_for():
    with MockServer(script=["x"]) as server, server.client() as client, client.realtime.connect(model=MODEL):
        log = server.wait_for_connection()
        for look in (log.wait_for, log.sent, log.received):
            with pytest.raises(ValueError, match="respnse"):
                look("respnse.done")


async def test_the_end_is_waited_for_in_async_code():
    async with MockServer(script=["x"]) as server, server.async_client() as client:
        async with client.realtime.connect(model=MODEL):
            log = await server.wait_for_connection_async()
        assert await log.wait_until_closed_async() == 1000
