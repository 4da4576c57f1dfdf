"""Limits on connections, from outside, and the pings that free the places of clients who are gone."""

import asyncio
import json
import socket

import openai
import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect

from realtime_helpers.handshake import Explain
from realtime_helpers.mock_server import Faults, Limits, MockServer

from .test_app import KEY, ready_url, start

BEARER = {"Authorization": f"Bearer {KEY}"}
HANDSHAKE = (
    "GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer {KEY}\r\n\r\n"
).encode()
PING, CLOSED_1011 = b"\x89\x04", b"\x03\xf3keepalive ping timeout"
LINE = "It was a dark and stormy night. " * 600


def url(served: MockServer) -> str:
    return served.websocket_url + "?model=gpt-realtime"


async def admitted(url: str) -> ClientConnection:
    """A connection, as soon as there is a place for it: a client knows of its end a moment before the server."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await connect(url, additional_headers=BEARER)
            except websockets.InvalidStatus as no:
                assert no.response.status_code == 429
                await asyncio.sleep(0.02)


def deaf_socket(served: MockServer) -> socket.socket:
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
    plain.settimeout(10)
    plain.connect(("127.0.0.1", int(served.url.split(":")[2].split("/")[0])))
    plain.sendall(HANDSHAKE)
    return plain


def frame(payload: bytes, opcode: int = 1) -> bytes:
    """A client's frame, masked with zeros."""
    return bytes([0x80 | opcode, 0x80 | 126]) + len(payload).to_bytes(2, "big") + bytes(4) + payload


# -- places


def say_goodbye(client: socket.socket) -> None:
    client.sendall(frame((1000).to_bytes(2, "big"), opcode=8))


def hang_up(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # with a reset
    client.close()


def send_half_a_frame(client: socket.socket) -> None:
    client.sendall(frame(b"{" * 500)[:300])
    client.close()


def send_no_utf8(client: socket.socket) -> None:
    client.sendall(frame(b"\xff\xfe"))


def send_no_frame(client: socket.socket) -> None:
    client.sendall(b"\x7f" * 64)


def send_far_too_much(client: socket.socket) -> None:
    client.sendall(bytes([0x81, 0x80 | 127]) + (1 << 30).to_bytes(8, "big") + bytes(4))


@pytest.mark.parametrize(
    "end", [say_goodbye, hang_up, send_half_a_frame, send_no_utf8, send_no_frame, send_far_too_much]
)
async def test_a_place_is_free_again_however_its_client_went(end):
    with MockServer(api_key=KEY, limits=Limits(connections=1)) as served:
        client = deaf_socket(served)
        assert b"session.created" in await asyncio.to_thread(read_until, client, b"session.created")
        with pytest.raises(websockets.InvalidStatus):
            await connect(url(served), additional_headers=BEARER)
        end(client)
        async with await admitted(url(served)) as other:
            assert json.loads(await other.recv())["type"] == "session.created"
        client.close()


@pytest.mark.parametrize("faults", [Faults(expires_after_ms=1), Faults(drop_after_events=1)])
async def test_a_place_is_free_again_when_the_server_ends_it(faults):
    with MockServer(api_key=KEY, limits=Limits(connections=1), faults=faults) as served:
        for _ in range(3):
            client = await admitted(url(served))
            await client.wait_closed()


async def test_ephemeral_keys_count_for_the_key_that_made_them():
    with MockServer(api_key=KEY, limits=Limits(connections=1)) as served:
        async with openai.AsyncOpenAI(base_url=served.url, api_key=KEY) as client:
            key = (await client.realtime.client_secrets.create()).value
        async with connect(url(served), additional_headers=BEARER):
            with pytest.raises(websockets.InvalidStatus) as no:
                await connect(url(served), additional_headers={"Authorization": f"Bearer {key}"})
        assert no.value.response.status_code == 429 and key.encode() not in no.value.response.body


# -- the command line


async def test_limits_by_the_command_line_and_what_a_learner_reads():
    process = start("--port", "0", "--until-eof", "--max-connections", "1", "--max-new-per-minute", "2", key=KEY)
    try:
        url = ready_url(process).replace("http", "ws", 1) + "/realtime?model=gpt-realtime"
        async with connect(url, additional_headers=BEARER):
            no = await refusal(url)
            assert "1 open connections, and may have 1" in message(no) and no.response.headers["Retry-After"] == "10"
        await (await admitted(url)).close()
        async with asyncio.timeout(10):
            while "open connections" in message(no):
                no = await refusal(url)
        assert "2 a minute" in message(no) and 50 <= int(no.response.headers["Retry-After"]) <= 60
        assert "too many sessions at once or too fast" in str(Explain("The mock server", "m", url, "K").failed(no))
    finally:
        process.stdin.close()
        assert process.wait(5) == 0
    assert process.stderr.read() == ""


async def refusal(url: str) -> websockets.InvalidStatus:
    with pytest.raises(websockets.InvalidStatus) as no:
        await connect(url, additional_headers=BEARER)
    assert no.value.response.status_code == 429
    return no.value


def message(no: websockets.InvalidStatus) -> str:
    error = json.loads(no.response.body)["error"]
    assert error["code"] == "rate_limit_exceeded"
    return error["message"]


@pytest.mark.parametrize("number", ["0", "many"])
def test_a_limit_that_is_none(number):
    process = start(f"--max-connections={number}")
    _, complaint = process.communicate(timeout=20)
    assert process.returncode == 2 and repr(number) in complaint.splitlines()[-1]


# -- pings


def read_until(client: socket.socket, wanted: bytes) -> bytes:
    """What came up to `wanted`, or up to the end."""
    got = b""
    while wanted not in got and (more := client.recv(65536)):
        got += more
    return got


async def test_who_answers_no_ping_is_dropped_and_who_does_is_not():
    with MockServer(api_key=KEY, ping_interval_s=0.2) as served:
        async with connect(url(served), additional_headers=BEARER, ping_interval=None) as healthy:
            await healthy.recv()
            client = deaf_socket(served)
            got = await asyncio.to_thread(read_until, client, CLOSED_1011)
            assert PING in got and got.endswith(CLOSED_1011)
            served.connections[1].wait_until_closed()
            await healthy.send(json.dumps({"type": "input_audio_buffer.clear"}))
            assert json.loads(await healthy.recv())["type"] == "input_audio_buffer.cleared"
            client.close()


async def test_a_half_open_client_with_much_unread_gives_its_place_back():
    with MockServer([[LINE] * 600], api_key=KEY, limits=Limits(connections=1), ping_interval_s=1) as served:
        client = deaf_socket(served)
        await asyncio.to_thread(read_until, client, b"session.created")
        response = {"output_modalities": ["text"]}
        client.sendall(frame(json.dumps({"type": "response.create", "response": response}).encode()))
        async with await admitted(url(served)):
            assert not served.connections[0].sent("response.done"), "it was never read to its end"
        client.close()
