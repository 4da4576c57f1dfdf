"""Ephemeral keys, models and limits, through HTTP and websockets; the clock is the test's."""

import contextlib
import json
from concurrent.futures import CancelledError

import httpx
import openai
import pytest
from openai.types import Model
from openai.types.realtime import ClientSecretCreateResponse
from pydantic import TypeAdapter
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from realtime_helpers.mock_server import MockServer
from realtime_helpers.mock_server.app import create_app
from realtime_helpers.mock_server.clock import Clock
from realtime_helpers.mock_server.engines import speech_on_demand
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.limits import Limits
from realtime_helpers.mock_server.script import Script

KEY = "the-key"
BEARER = {"Authorization": f"Bearer {KEY}"}
SECRETS = "/v1/realtime/client_secrets"


class StandingClock(Clock):
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def now(self) -> float:
        return self.seconds

    def wall(self) -> float:
        return self.seconds


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
def http(clock):
    """`http(**limits)`: a client of a server of its own."""

    def open_doors(**limits):
        house = House(speech_on_demand(), Script(["Hello."] * 9), clock=clock)
        return TestClient(create_app(house, KEY, Limits(**limits)))

    return open_doors


def secret(http, **body):
    answer = http.post(SECRETS, json=body, headers=BEARER)
    assert answer.status_code == 200, answer.text
    return answer.json()


@contextlib.contextmanager
def visit(http, path, **options):
    """starlette's test client cancels the app while it still says goodbye, and then wonders at that."""
    with contextlib.suppress(CancelledError), http.websocket_connect(path, **options) as socket:
        yield socket


def first_event(http, key, path="/v1/realtime?model=gpt-realtime", subprotocols=None):
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with visit(http, path, headers=headers, subprotocols=subprotocols) as socket:
        return json.loads(socket.receive_text())


def refused(http, key, path="/v1/realtime?model=gpt-realtime"):
    with visit(http, path, headers={"Authorization": f"Bearer {key}"}) as socket:
        error = json.loads(socket.receive_text())["error"]
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
    return error["code"], closed.value.code


# -- ephemeral keys


def test_an_ephemeral_key_opens_sessions_with_its_settings(http, clock):
    http = http()
    session = {"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief.", "output_modalities": ["text"]}
    made = secret(http, session=session, expires_after={"anchor": "created_at", "seconds": 30})
    TypeAdapter(ClientSecretCreateResponse).validate_python(made, strict=True)
    assert (made["expires_at"], made["value"][:3]) == (1_000_030, "ek_")
    assert made["session"]["instructions"] == "Be brief." and made["session"]["id"].startswith("sess_")
    for _ in range(2):  # it works more than once, and names the model by itself
        created = first_event(http, made["value"], "/v1/realtime")["session"]
        assert (created["instructions"], created["model"]) == ("Be brief.", "gpt-realtime")
    browser = ["realtime", f"openai-insecure-api-key.{made['value']}"]
    assert first_event(http, None, "/v1/realtime", browser)["session"]["output_modalities"] == ["text"]
    clock.seconds += 29
    assert first_event(http, made["value"], "/v1/realtime")["type"] == "session.created"
    clock.seconds += 1
    assert refused(http, made["value"]) == ("invalid_api_key", 3000)


def test_a_session_outlives_its_key(http, clock):
    http = http()
    made = secret(http, session={"type": "realtime", "output_modalities": ["text"]}, expires_after={"seconds": 10})
    with visit(http, "/v1/realtime?model=gpt-realtime", headers={"Authorization": f"Bearer {made['value']}"}) as socket:
        socket.receive_text()
        clock.seconds += 60
        socket.send_text(json.dumps({"type": "input_audio_buffer.clear"}))
        assert json.loads(socket.receive_text())["type"] == "input_audio_buffer.cleared"


def test_an_ephemeral_key_opens_nothing_else(http):
    http = http()
    made = secret(http)
    headers = {"Authorization": f"Bearer {made['value']}"}
    assert http.post(SECRETS, json={}, headers=headers).status_code == 401
    assert http.get("/v1/models", headers=headers).status_code == 401


def test_a_transcription_session_by_key_and_by_intent(http):
    http = http()
    made = secret(http, session={"type": "transcription"})
    assert made["session"]["object"] == "realtime.transcription_session"
    assert first_event(http, made["value"], "/v1/realtime")["session"]["type"] == "transcription"
    assert first_event(http, KEY, "/v1/realtime?intent=transcription")["session"]["type"] == "transcription"


def test_azure_makes_them_too(http):
    http = http()
    session = {"type": "realtime", "model": "my-deployment"}
    made = http.post("/openai" + SECRETS, json={"session": session}, headers={"api-key": KEY}).json()
    assert first_event(http, made["value"], "/openai/v1/realtime")["session"]["model"] == "my-deployment"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"expires_after": {"seconds": 9}}, "expires_after.seconds"),
        ({"expires_after": {"seconds": True}}, "expires_after.seconds"),
        ({"expires_after": {"seconds": 7201}}, "expires_after.seconds"),
        ({"expires_after": {"seconds": "60"}}, "expires_after.seconds"),
        ({"expires_after": {"minutes": 1}}, "expires_after.minutes"),
        ({"expires_after": 5}, "expires_after"),
        ({"expires_after": {"anchor": "now", "seconds": 60}}, "expires_after.anchor"),
        ({"session": {"type": "realtime", "bogus": 1}}, "session.bogus"),
        ({"session": {"type": "beta"}}, "session.type"),
        ({"session": []}, "session"),
        ({"session": "x"}, "session"),
        ({"session": {"instructions": "Be brief."}}, "session.type"),
        ({"session": {"type": "realtime", "model": "elvis"}}, "session.model"),
        ({"session": {"type": "realtime", "audio": {"output": {"voice": "elvis"}}}}, "session.audio.output.voice"),
        ({"sesion": {}}, "sesion"),
    ],
)
def test_a_bad_request_is_named(http, body, param):
    answer = http().post(SECRETS, json=body, headers=BEARER)
    assert answer.status_code == 400 and answer.json()["error"]["param"] == param


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 5000])
def test_a_body_that_is_no_json(http, body):
    answer = http().post(SECRETS, content=body, headers=BEARER)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_json")


def test_a_body_that_is_too_large(http):
    answer = http().post(SECRETS, content=b" " * 131_073, headers=BEARER)
    assert answer.status_code == 413 and "128 KiB" in answer.json()["error"]["message"]


def test_only_so_many_keys_live_at_a_time(http, clock, monkeypatch):
    monkeypatch.setattr("realtime_helpers.mock_server.keys._MOST", 2)
    http = http()
    made = [secret(http, expires_after={"seconds": seconds})["value"] for seconds in (600, 30)]
    answer = http.post(SECRETS, json={}, headers=BEARER)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "30")
    assert answer.json()["error"]["code"] == "rate_limit_exceeded" and "30s" in answer.json()["error"]["message"]
    clock.seconds += 30
    made.append(secret(http)["value"])
    assert first_event(http, made[0])["type"] == first_event(http, made[2])["type"] == "session.created"


# -- models and the rest


def test_models(http):
    http = http()
    listed = http.get("/v1/models", headers=BEARER).json()["data"]
    for model in listed:
        TypeAdapter(Model).validate_python(model, strict=True)
        assert http.get(f"/v1/models/{model['id']}", headers=BEARER).json() == model
    assert "gpt-realtime-2.1" in [model["id"] for model in listed]
    assert http.get("/v1/models/elvis", headers=BEARER).json()["error"]["code"] == "model_not_found"


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("POST", "/v1/realtime/calls", 404, "WebRTC"),
        ("POST", "/v1/realtime/calls/x/accept", 404, "websocket"),
        ("POST", "/v1/realtime/translations", 404, "translation"),
        ("POST", "/v1/responses", 404, "Realtime API"),
        ("POST", "/v1/realtime/sessions", 404, "client_secrets"),
        ("POST", "/v1/realtime", 404, "WebRTC"),
        ("GET", "/v1/realtime", 426, "ws://"),
        ("DELETE", "/v1/realtime", 405, "GET"),
        ("GET", "/v1/realtime/client_secrets", 405, "POST"),
        ("DELETE", "/v1/models/whisper-1", 405, "GET"),
        ("GET", "/v1/models/", 404, "does not exist"),
        ("GET", "/elsewhere", 404, "/elsewhere"),
        ("POST", SECRETS + "/", 404, "client_secrets/"),
        ("GET", "/openai/v1/deployments", 404, "deployments"),
    ],
)
def test_what_is_not_served_is_said(http, method, path, status, words):
    answer = http().request(method, path, headers=BEARER)
    assert answer.status_code == status and words in answer.json()["error"]["message"]


def test_anyone_may_ask_whether_it_is_there(http):
    http = http()
    assert "websocket" in http.get("/").text and http.get("/health").text == "ok\n"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong-key"}, {"api-key": "wrong-key"}])
def test_without_the_key_nothing_is_told(http, headers):
    for method, path in (("GET", "/v1/models"), ("GET", "/v1/models/whisper-1"), ("POST", SECRETS)):
        answer = http().request(method, path, headers=headers)
        assert answer.status_code == 401 and "wrong-key" not in answer.text


def test_pages_of_websites_are_kept_out_and_local_pages_are_not(http):
    http = http()
    for path in ("/v1/models", SECRETS):
        assert http.post(path, headers=BEARER | {"Origin": "https://evil.example"}).status_code in (403, 405)
    assert http.get("/v1/models", headers=BEARER | {"Origin": "https://evil.example"}).status_code == 403
    page = {"Origin": "http://localhost:8888"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    assert http.options(SECRETS, headers=page | asked).status_code == 200
    sdk = {"Access-Control-Request-Headers": "authorization, content-type, x-stainless-lang"}
    assert http.options(SECRETS, headers={"Origin": "http://[::1]:3000"} | asked | sdk).status_code == 200
    assert http.options(SECRETS, headers={"Origin": "https://evil.example"} | asked).status_code == 403
    assert http.options(SECRETS, headers={"Origin": "http://localhost.evil.example"} | asked).status_code == 403
    answer = http.post(SECRETS, json={}, headers=BEARER | page)
    assert answer.headers["access-control-allow-origin"] == page["Origin"]


# -- limits


def denied(http, path="/v1/realtime?model=gpt-realtime"):
    with pytest.raises(WebSocketDenialResponse) as no, visit(http, path, headers=BEARER):
        pass
    return no.value


def test_so_many_connections_and_no_more(http):
    http = http(connections=2)
    path = "/v1/realtime?model=gpt-realtime"
    with visit(http, path, headers=BEARER):
        with visit(http, "/openai/v1/realtime?model=m", headers=BEARER):
            answer = denied(http)
            assert answer.status_code == 429 and int(answer.headers["Retry-After"]) >= 1
            assert answer.json()["error"]["code"] == "rate_limit_exceeded"
        assert first_event(http, KEY)["type"] == "session.created", "a place was freed"


def test_so_many_new_ones_a_minute(http, clock):
    http = http(new_per_minute=2)
    first_event(http, KEY)
    clock.seconds += 20
    first_event(http, KEY)
    answer = denied(http)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "40")
    clock.seconds += 39
    assert denied(http).headers["Retry-After"] == "1", "who was refused did not count"
    clock.seconds += 1
    assert first_event(http, KEY)["type"] == "session.created"


def test_a_wrong_key_takes_no_place(http):
    http = http(new_per_minute=1)
    assert refused(http, "wrong") == ("invalid_api_key", 3000)
    assert first_event(http, KEY)["type"] == "session.created"


# -- the SDK


async def test_the_sdk_makes_a_key_and_uses_it():
    async with MockServer(script=["Hello."]) as server, server.async_client() as client:
        session = {"type": "realtime", "model": "gpt-realtime", "output_modalities": ["text"]}
        made = await client.realtime.client_secrets.create(session=session)
        browser = openai.AsyncOpenAI(base_url=server.url, api_key=made.value)
        async with browser, browser.realtime.connect(model="gpt-realtime") as connection:
            await connection.response.create()
            async for event in connection:
                if event.type == "response.done":
                    break
        assert event.response.output[0].content[0].text == "Hello."
        names = [model.id async for model in client.models.list()]
        assert (await client.models.retrieve(names[0])).id == names[0]
        with pytest.raises(openai.NotFoundError, match="WebRTC"):
            await client.realtime.calls.hangup("call_1")


def test_limits_of_a_mock_server_for_tests():
    with MockServer(limits=Limits(connections=0)) as server:
        asked = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        asked |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Authorization": f"Bearer {server.api_key}"}
        answer = httpx.get(f"{server.url}/realtime?model=gpt-realtime", headers=asked)
    assert answer.status_code == 429
