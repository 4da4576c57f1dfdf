"""HTTP requests of other people's clients, good and broken ones: an answer to each, and never a traceback."""

import json
import logging
import socket
from collections.abc import Callable, Iterator

import openai
import pytest
from openai import OpenAI
from openai.types.realtime import ClientSecretCreateResponse
from pydantic import BaseModel

from realtime_helpers.mock_server import MockServer
from realtime_helpers.mock_server.clock import Clock
from realtime_helpers.mock_server.keys import Keys

from .test_app import KEY

AUTH = f"Host: x\r\nAuthorization: Bearer {KEY}\r\n".encode()
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
SECRETS = b"POST /v1/realtime/client_secrets HTTP/1.1\r\n" + AUTH
REALTIME = b"/v1/realtime?model=gpt-realtime HTTP/1.1\r\n" + AUTH


@pytest.fixture(scope="module")
def served() -> Iterator[MockServer]:
    with MockServer(["Hello."], api_key=KEY) as served:
        yield served


@pytest.fixture
def client(served: MockServer) -> Iterator[OpenAI]:
    with OpenAI(base_url=served.url, api_key=KEY, max_retries=0) as client:
        yield client


# -- openai's client


def test_client_secrets(client):
    session = {
        "type": "realtime",
        "model": "gpt-realtime-2.1",
        "instructions": "Be brief.",
        "tools": [{"type": "function", "name": "look", "description": "Look.", "parameters": {"type": "object"}}],
        "tool_choice": {"type": "function", "name": "look"},
        "audio": {
            "input": {"format": {"type": "audio/pcmu"}, "turn_detection": {"type": "semantic_vad", "eagerness": "low"}},
            "output": {"voice": "cedar", "speed": 1.2},
        },
        "truncation": {"type": "retention_ratio", "retention_ratio": 0.5},
    }
    made = client.realtime.client_secrets.create(session=session, expires_after={"anchor": "created_at", "seconds": 60})
    assert_published(made)
    with (
        OpenAI(base_url=client.base_url, api_key=made.value) as browser,
        browser.realtime.connect() as connection,
    ):
        created = connection.recv().session.to_dict()
    shown = made.session.to_dict()
    assert created.pop("id") != shown.pop("id"), "each connection is a session of its own"
    assert abs(created.pop("expires_at") - shown.pop("expires_at")) <= 5
    assert created == shown
    assert shown["audio"]["output"]["voice"] == "cedar" and shown["tools"] == session["tools"]


def test_client_secrets_for_transcription(client):
    transcription = {"model": "gpt-4o-mini-transcribe", "language": "en"}
    session = {"type": "transcription", "audio": {"input": {"transcription": transcription, "turn_detection": None}}}
    made = client.realtime.client_secrets.create(session=session)
    assert_published(made)
    with OpenAI(base_url=client.base_url, api_key=made.value) as browser, browser.realtime.connect() as connection:
        created = connection.recv().session
    assert created.type == "transcription" and created.audio.input.turn_detection is None
    assert created.audio.input.transcription.model == "gpt-4o-mini-transcribe"


def assert_published(answer: ClientSecretCreateResponse) -> None:
    """All of it as published, and nothing else."""
    ClientSecretCreateResponse.model_validate(answer.to_dict(), strict=True)
    assert not unpublished(answer)


def unpublished(value: object) -> list[str]:
    if isinstance(value, list):
        return [name for one in value for name in unpublished(one)]
    if not isinstance(value, BaseModel):
        return []
    inside = [name for field in type(value).model_fields for name in unpublished(getattr(value, field))]
    return [*(value.model_extra or ()), *inside]


def test_a_bad_session_is_a_bad_request(client):
    with pytest.raises(openai.BadRequestError, match=r"Invalid type for 'session\.instructions'") as no:
        client.realtime.client_secrets.create(session={"type": "realtime", "instructions": 5})
    assert (no.value.code, no.value.param) == ("invalid_type", "session.instructions")


def test_models(client):
    names = [model.id for model in client.models.list()]
    assert {"gpt-realtime-2.1", "gpt-4o-transcribe"} <= set(names)
    assert client.models.retrieve("gpt-realtime").shutdown_date == "2027-01-20"
    with pytest.raises(openai.NotFoundError, match="'elvis' does not exist"):
        client.models.retrieve("elvis")


def test_a_wrong_key(served):
    with OpenAI(base_url=served.url, api_key="sk-wrong-on-purpose", max_retries=0) as client:
        with pytest.raises(openai.AuthenticationError) as no:
            client.models.list()
        assert no.value.code == "invalid_api_key" and "on-purpose" not in str(no.value)
        with pytest.raises(openai.AuthenticationError):
            client.realtime.client_secrets.create()


@pytest.mark.parametrize(
    "call",
    [
        lambda calls: calls.create(sdp="v=0"),
        lambda calls: calls.accept("call_1", type="realtime"),
        lambda calls: calls.refer("call_1", target_uri="tel:+1"),
        lambda calls: calls.reject("call_1"),
        lambda calls: calls.hangup("call_1"),
    ],
)
def test_calls_by_webrtc_and_sip_are_not_served(client, call: Callable):
    with pytest.raises(openai.NotFoundError, match="does not serve calls by WebRTC or SIP: use the websocket"):
        call(client.realtime.calls)


def test_nor_is_anything_else(client):
    with pytest.raises(openai.NotFoundError, match="/v1/responses: it has the Realtime API, chat completions"):
        client.responses.create(model="gpt-5", input="Hi!")


def test_a_call_cannot_be_joined(client):
    with client.realtime.connect(call_id="rtc_1") as connection:
        error = connection.recv().error
    assert error.param == "call_id" and "WebRTC or SIP" in error.message


# -- hostile and broken requests


def address(served: MockServer) -> tuple[str, int]:
    return "127.0.0.1", int(served.url.split(":")[2].split("/")[0])


def ask(served: MockServer, request: bytes) -> bytes:
    """All that the server answers, until it hangs up."""
    with socket.create_connection(address(served), timeout=10) as plain:
        plain.sendall(request)
        answer = b""
        try:
            while more := plain.recv(65536):
                answer += more
        except ConnectionResetError:  # it has more to say than it was asked
            pass
    return answer


@pytest.mark.parametrize(
    ("request_bytes", "status", "words"),
    [
        (b"GET /v1/models HTTP/1.1\r\n" + AUTH + b"X: " + b"a" * 200_000 + b"\r\n\r\n", 400, b"Invalid HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, b"Invalid HTTP"),
        (SECRETS + b"Content-Length: -5\r\n\r\n", 400, b"Invalid HTTP"),
        (SECRETS + b"Connection: close\r\nContent-Length: 2\r\n\r\n{]", 400, b"not valid JSON"),
        (SECRETS + b"Connection: close\r\n\r\n", 200, b'"ek_'),
        (SECRETS + b"Content-Length: 9000000\r\n\r\n" + b" " * 9_000_000, 413, b"128 KiB"),
        (b"BREW /v1/models HTTP/1.1\r\nConnection: close\r\n" + AUTH + b"\r\n", 405, b"GET"),
        (b"GET /v1/%00%ff HTTP/1.1\r\nConnection: close\r\n" + AUTH + b"\r\n", 404, b"does not serve"),
        (b"GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer \xff\r\n\r\n", 401, b"key"),
        (b"GET " + REALTIME + UPGRADE + b"X: " + b"a" * 20_000 + b"\r\n\r\n", 400, b"8 KiB a line"),
        (b"GET " + REALTIME + UPGRADE + b"X: a\r\n" * 300 + b"\r\n", 400, b"128 headers"),
        (b"POST " + REALTIME + UPGRADE + b"Content-Length: 0\r\n\r\n", 400, b"must be a GET"),
        (b"GET " + REALTIME + UPGRADE.replace(b"13", b"8") + b"\r\n", 400, b"Sec-WebSocket-Version"),
        (b"GET " + REALTIME + UPGRADE.replace(b"==", b"") + b"\r\n", 400, b"Sec-WebSocket-Key"),
        (b"GET /v1/realtime/translations HTTP/1.1\r\n" + AUTH + UPGRADE + b"\r\n", 404, b"translation"),
        (b"GET " + REALTIME + b"Connection: close\r\n\r\n", 426, b"ws://"),
        (b"GET " + REALTIME + b"Connection: close\r\nOrigin: https://evil.example\r\n\r\n", 403, b"Foreign origin"),
    ],
    ids=lambda value: value[:24].decode("latin-1").split(" HTTP")[0] if isinstance(value, bytes) else str(value),
)
def test_an_answer_to_each(served, caplog, request_bytes, status, words):
    answer = ask(served, request_bytes)
    assert answer.startswith(b"HTTP/1.1 %d " % status) and words in answer
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert KEY not in caplog.text and KEY.encode() not in answer


def test_a_client_that_goes_in_the_middle_of_its_body(served, caplog):
    with socket.create_connection(address(served)) as plain:
        plain.sendall(SECRETS + b"Content-Length: 10\r\n\r\n{}")
    assert ask(served, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").endswith(b"ok\n")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_body_that_never_comes(served, monkeypatch):
    monkeypatch.setattr("realtime_helpers.mock_server.http_body._PATIENCE_S", 0.1)
    answer = ask(served, SECRETS + b"Content-Length: 10\r\n\r\n{}")
    assert answer.startswith(b"HTTP/1.1 408 ") and b"did not arrive" in answer


def test_nesting_beyond_reason(client):
    deep = json.loads("[" * 200 + "]" * 200)
    for session in ({"type": "realtime", "tools": deep}, {"type": deep}, {"type": "realtime", "audio": deep}):
        with pytest.raises(openai.BadRequestError):
            client.realtime.client_secrets.create(session=session)


def test_keys_are_not_printed():
    keys = Keys(KEY, Clock())
    made = keys.make({"type": "realtime"}, 60)
    assert KEY not in repr(keys) and made.value not in repr(keys) and made.value not in repr(made)
