"""The server as a process, from outside: its doors, its refusals, and clients nobody here wrote."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
import websockets
from openai import AsyncOpenAI

KEY = "a-key-for-tests"
MODEL = "gpt-realtime-2.1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Its base URL, http://127.0.0.1:PORT/v1."""
    process = start("--port", "0", "--until-eof", "--pace", "1000", key=KEY)
    yield ready_url(process)
    process.stdin.close()
    assert process.wait(5) == 0


def start(*args: str, key: str | None = None) -> subprocess.Popen:
    environment = {name: value for name, value in os.environ.items() if name != "REALTIME_MOCK_API_KEY"}
    if key:
        environment["REALTIME_MOCK_API_KEY"] = key
    return subprocess.Popen(
        [sys.executable, "-m", "realtime_helpers.mock_server", *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def ready_url(process: subprocess.Popen) -> str:
    line = process.stdout.readline()
    assert line.startswith("Ready: http://127.0.0.1:"), process.stderr.read()
    return line.removeprefix("Ready: ").strip()


def connect(server: str, path: str = "/v1/realtime", query: str = f"model={MODEL}", key: str = KEY, **headers: str):
    root = server.replace("http", "ws", 1).removesuffix("/v1")
    headers = {"Authorization": f"Bearer {key}"} | headers
    return websockets.connect(f"{root}{path}?{query}", additional_headers={k: v for k, v in headers.items() if v})


async def test_the_sdk_holds_a_conversation(server):
    async with AsyncOpenAI(base_url=server, api_key=KEY) as client, client.realtime.connect(model=MODEL) as connection:
        await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        content = [{"type": "input_text", "text": "Please tell me about magnets."}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        await connection.response.create()
        async for event in connection:
            if event.type == "response.output_text.done":
                assert "magnet" in event.text.lower()
            elif event.type == "response.done":
                break
        assert event.response.status == "completed"


@pytest.mark.parametrize(
    ("query", "key", "headers", "code", "reason"),
    [
        (f"model={MODEL}", "wrong", {}, 3000, "invalid_request_error.invalid_api_key"),
        ("", KEY, {}, 4000, "invalid_request_error.missing_model"),
        ("model=gpt-9", KEY, {}, 4000, "invalid_request_error.invalid_model"),
        (f"model={MODEL}", KEY, {"OpenAI-Beta": "realtime=v1"}, 4000, "invalid_request_error.beta_api_shape_disabled"),
    ],
)
async def test_openai_refuses_after_the_handshake(server, query, key, headers, code, reason):
    async with connect(server, query=query, key=key, **headers) as socket:
        event = json.loads(await socket.recv())
        assert event["type"] == "error" and reason.endswith(event["error"]["code"])
        assert key not in json.dumps(event)
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await socket.recv()
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (code, reason)


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("model=mine", {"api-key": "wrong"}),
        ("model=mine&api-version=2025-01-01", {"api-key": KEY}),
        ("", {"api-key": KEY}),
    ],
)
async def test_azure_refuses_the_handshake(server, query, headers):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(server, "/openai/v1/realtime", query, Authorization="", **headers)
    assert refused.value.response.status_code == 401


async def test_azure_takes_either_credential_and_any_deployment_name(server):
    for headers in ({"Authorization": "", "api-key": KEY}, {}):
        async with connect(server, "/openai/v1/realtime", "model=my-deployment", **headers) as socket:
            created = json.loads(await socket.recv())
            assert created["session"]["model"] == "my-deployment"


async def test_a_page_of_some_website_is_kept_out(server):
    with pytest.raises(websockets.InvalidStatus) as refused:
        await connect(server, Origin="https://evil.example")
    assert refused.value.response.status_code == 403
    async with connect(server, Origin="http://localhost:8888") as socket:
        assert json.loads(await socket.recv())["type"] == "session.created"


async def test_a_browser_may_bring_its_key_as_a_subprotocol(server):
    url = server.replace("http", "ws", 1) + f"/realtime?model={MODEL}"
    async with websockets.connect(url, subprotocols=["realtime", f"openai-insecure-api-key.{KEY}"]) as socket:
        assert socket.subprotocol == "realtime"
        assert json.loads(await socket.recv())["type"] == "session.created"


async def test_bad_frames_are_answered_and_the_socket_stays(server):
    async with connect(server) as socket:
        await socket.recv()
        codes = []
        for frame in ("{", b"\x00\x01", json.dumps({"type": "nope", "event_id": "mine"})):
            await socket.send(frame)
            event = json.loads(await socket.recv())
            codes.append(event["error"]["code"])
        assert codes == ["invalid_json", "invalid_event", "invalid_value"]
        assert event["error"]["event_id"] == "mine"


async def test_clients_that_offer_compression_are_served(server):
    async with connect(server) as socket:
        assert not socket.protocol.extensions
        assert json.loads(await socket.recv())["type"] == "session.created"


async def test_a_client_that_vanishes_mid_reply_costs_nobody_else_anything(server):
    async with connect(server) as socket:
        await socket.recv()
        await socket.send(json.dumps({"type": "response.create"}))
        await socket.recv()
        socket.transport.abort()
    async with connect(server) as socket:
        assert json.loads(await socket.recv())["type"] == "session.created"


def test_without_a_key_it_makes_one_and_says_so():
    process = start("--port", "0", "--until-eof")
    try:
        assert process.stdout.readline().startswith("Key: mock-")
        ready_url(process)
    finally:
        process.stdin.close()
        process.wait(5)


def test_a_taken_port_is_one_sentence(server):
    port = httpx.URL(server).port
    process = start("--port", str(port))
    _, complaint = process.communicate(timeout=20)
    assert process.returncode == 1
    assert complaint.strip().count("\n") == 0 and f"127.0.0.1:{port}" in complaint and "--port 0" in complaint


def test_a_script_that_is_none_is_one_sentence(tmp_path):
    (tmp_path / "script.json").write_text("{}")
    process = start("--port", "0", "--script", str(tmp_path / "script.json"))
    _, complaint = process.communicate(timeout=20)
    assert process.returncode == 1
    assert complaint.strip().count("\n") == 0 and "must be a JSON array" in complaint


def test_ctrl_c_ends_it_quietly():
    process = start("--port", "0", key=KEY)
    ready_url(process)
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=10)
    assert complaint == ""


async def test_audio_through_the_socket(server, say):
    from base64 import b64encode

    from .talk import silence

    pcm = silence(0.5) + say("What is inertia?") + silence(1)
    async with (
        AsyncOpenAI(base_url=server, api_key=KEY) as client,
        client.realtime.connect(model=MODEL) as connection,
        asyncio.timeout(20),
    ):
        for start_byte in range(0, len(pcm), 4800):
            chunk = pcm[start_byte : start_byte + 4800]
            await connection.input_audio_buffer.append(audio=b64encode(chunk).decode())
        async for event in connection:
            if event.type == "response.done":
                break
        assert "inertia" in event.response.output[0].content[0].transcript.lower()
