"""Each fault, asked for in each way, as clients that others wrote meet it."""

import asyncio
import json
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress

import pytest
import websockets
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from realtime_helpers.mock_server import FaultError, Faults, MockServer
from realtime_helpers.mock_server.clock import Clock
from realtime_helpers.mock_server.faulty_wire import FaultyWire
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.outbox import Outbox
from realtime_helpers.service import ServiceError, choose_service

MODEL = "gpt-realtime"
TEXT = {"output_modalities": ["text"]}
SILENCE = b64encode(bytes(4800)).decode()  # 100 ms


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(["One."] + ["Two."] * 20) as server:
        yield server


def connect(server: MockServer, *faults: str, **options):
    return server.client().realtime.connect(model=MODEL, extra_query={"fault": list(faults)}, **options)


def types_until_closed(connection) -> list[str]:
    types = []
    with pytest.raises(ConnectionClosedError) as closed:
        while True:
            types.append(connection.recv().type)
    assert closed.value.rcvd is None  # no close frame: 1006
    return types


# -- asking ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "faults"),
    [
        ([], Faults()),
        (["drop_after_events=20"], Faults(drop_after_events=20)),
        (["drop_after_ms:1500, times:1", "error-after-events = 3"],
         Faults(drop_after_ms=1500, times=1, error_after_events=3)),
        (["drop_after=response.output_audio.delta:3"], Faults(drop_after="response.output_audio.delta:3")),
        (["transcription_fails"], Faults(transcription_fails=True)),
        (["times=2,transcription=Gibst du mir, bitte, a=b?"],
         Faults(times=2, transcription="Gibst du mir, bitte, a=b?")),
        (["transcription="], Faults(transcription="")),
    ],
)  # fmt: skip
def test_faults_are_read_from_text(texts, faults):
    assert Faults.parse(texts) == faults


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("explode=1", ["'explode'", "drop_after_events", "times"]),
        ("", ["''", "drop_after_events"]),
        ("refuse", ["refuse", "needs a value"]),
        ("refuse=soon", ["refuse", "'soon'", "whole number"]),
        ("drop_after_ms=-1", ["drop_after_ms", "'-1'"]),
        ("drop_after_ms=²", ["drop_after_ms"]),
        ("transcription_fails=maybe", ["transcription_fails", "'maybe'"]),
        ("error_after=respose.done", ["error_after", "'respose.done'", "does not exist"]),
        ("error_after=response.done:0", ["error_after", "from 1"]),
    ],
)
def test_a_bad_fault_is_named_in_one_sentence(text, words):
    with pytest.raises(FaultError) as why:
        Faults.parse([text])
    assert all(word in str(why.value) for word in words) and "\n" not in str(why.value)


def test_python_checks_as_text_does():
    for wrong in ({"refuse": "20"}, {"times": True}, {"drop_after": "x"}, {"transcription": 3}):
        with pytest.raises(FaultError, match=next(iter(wrong))):
            Faults(**wrong)
    with pytest.raises(FaultError):
        MockServer(faults="nope")


def test_the_handshake_refuses_a_fault_that_does_not_exist(server):
    with pytest.raises(InvalidStatus) as refused, connect(server, "explode=1"):
        pass
    response = refused.value.response
    error = json.loads(response.body)["error"]
    assert response.status_code == 400 and error["param"] == "fault" and "'explode'" in error["message"]


def test_the_command_line_takes_faults_and_refuses_what_is_none():
    command = [sys.executable, "-m", "realtime_helpers.mock_server", "--port", "0", "--until-eof", "--api-key", "k"]
    wrong = subprocess.run([*command, "--fault", "explode=1"], capture_output=True, text=True)
    assert wrong.returncode == 1 and wrong.stderr.startswith("There is no fault 'explode'")
    process = subprocess.Popen(
        [*command, "--fault", "refuse=7", "--fault", "times=1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    url = process.stdout.readline().removeprefix("Ready: http").strip()
    try:
        headers = {"Authorization": "Bearer k"}

        async def statuses() -> list[int | str]:
            with pytest.raises(InvalidStatus) as refused:
                await websockets.connect(f"ws{url}/realtime?model={MODEL}", additional_headers=headers)
            async with websockets.connect(f"ws{url}/realtime?model={MODEL}", additional_headers=headers) as socket:
                return [refused.value.response.status_code, json.loads(await socket.recv())["type"]]

        assert asyncio.run(statuses()) == [429, "session.created"]
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


# -- the wire ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 5])
def test_it_drops_after_so_many_events(server, count):
    with connect(server, f"drop_after_events={count}") as connection:
        with suppress(ConnectionClosedError):  # after one event it may be gone by now
            connection.response.create(response=TEXT)
        assert len(types_until_closed(connection)) == count
        assert server.connections[-1].wait_until_closed() == 1006


@pytest.mark.parametrize(
    ("moment", "last"),
    [
        ("response.output_audio.delta:3", "response.output_audio.delta"),  # in the middle of a reply
        ("response.done", "response.done"),
        ("input_audio_buffer.append:4", "session.created"),  # in the middle of an utterance
    ],
)
def test_it_drops_at_a_moment(server, moment, last):
    with connect(server, f"drop_after={moment}") as connection:
        if moment.startswith("input"):
            for _ in range(4):
                connection.input_audio_buffer.append(audio=SILENCE)
        else:
            connection.response.create()
        types = types_until_closed(connection)
    kind, _, count = moment.partition(":")
    assert types[-1] == last
    log = server.connections[-1]
    assert len(log.sent(kind) + log.received(kind)) == int(count or 1)


def test_it_drops_by_the_clock(server):
    with connect(server, "drop_after_ms=200") as connection:
        began = time.monotonic()
        assert types_until_closed(connection) == ["session.created"]
        assert time.monotonic() - began > 0.15


async def test_the_clock_is_the_servers():
    class Fast(Clock):
        slept: float = 0

        async def sleep_until(self, moment: float) -> None:
            self.slept = moment - self.now()

    house = House(None, None, clock=Fast(), faults=Faults(drop_after_ms=90_000))
    outbox = Outbox()
    wire = FaultyWire(outbox, house, None)
    wire.send({"type": "session.created"})
    await asyncio.wait_for(wire.drop_in_time(), 1)
    wire.send({"type": "too.late"})
    assert house.clock.slept == pytest.approx(90, abs=1)
    assert [await outbox.get(), await outbox.get()] == ['{"type":"session.created"}', None]


def test_it_throttles_at_the_handshake(server):
    with pytest.raises(InvalidStatus) as refused, connect(server, "refuse=20"):
        pass
    response = refused.value.response
    assert (response.status_code, response.headers["Retry-After"]) == (429, "20")
    assert json.loads(response.body)["error"]["code"] == "rate_limit_exceeded"


def test_realtime_may_be_unavailable_while_the_rest_works():
    with MockServer(["Hello."], faults="unavailable,times=1") as server, server.client() as client:
        with pytest.raises(InvalidStatus) as refused, client.realtime.connect(model=MODEL):
            pass
        assert refused.value.response.status_code == 503
        assert json.loads(refused.value.response.body)["error"]["code"] == "service_unavailable"
        said = client.chat.completions.create(model="gpt-5.4-mini", messages=[{"role": "user", "content": "Hi!"}])
        assert said.choices[0].message.content == "Hello."
        with client.realtime.connect(model=MODEL) as connection:
            assert connection.recv().type == "session.created"


async def test_the_workbook_explains_throttling_and_a_drop(server, monkeypatch):
    monkeypatch.setenv("REALTIME_MOCK_URL", server.url)
    monkeypatch.setenv("REALTIME_MOCK_API_KEY", server.api_key)
    service = choose_service()
    with pytest.raises(ServiceError, match="throttling"):
        async with service.connect(extra_query={"fault": "refuse=20"}):
            pass
    with pytest.raises(ServiceError, match="answered 503") as gone:
        async with service.connect(fault="unavailable"):
            pass
    assert gone.value.passing
    with pytest.raises(ServiceError, match="broke off"):
        async with service.connect(extra_query={"fault": "drop_after_events=3"}) as connection:
            await connection.response.create(response=TEXT)
            async for _ in connection:
                pass


def test_an_error_event_comes_once_and_the_session_goes_on(server):
    with connect(server, "error_after=response.created:1") as connection:
        seen = []
        for _ in range(2):
            connection.response.create(response=TEXT)
            while not seen or seen[-1].type != "response.done":
                seen.append(connection.recv())
            seen.append(connection.recv())
        errors = [e.error for e in seen if e.type == "error"]
    assert [(e.type, e.code) for e in errors] == [("server_error", None)]
    after = seen[[e.type for e in seen].index("error") - 1]
    assert after.type == "response.created"


def test_a_malformed_frame_is_no_json_and_the_session_goes_on(server):
    with connect(server, "malformed_after_events=1") as connection:
        assert connection.recv().type == "session.created"
        with pytest.raises(json.JSONDecodeError):
            connection.recv()
        connection.session.update(session={"type": "realtime"})
        assert connection.recv().type == "session.updated"


def test_a_session_expires_soon_and_says_so_from_the_start(server):
    with connect(server, "expires_after_ms=1000") as connection:
        created = connection.recv()
        assert created.session.expires_at == pytest.approx(time.time() + 1, abs=1.5)
        assert connection.recv().error.code == "session_expired"
        assert server.connections[-1].wait_until_closed() == 1000


async def test_only_so_many_connections_suffer_so_a_client_can_reconnect(server):
    """openai-python's own reconnecting."""
    attempts = []
    begun = len(server.connections)

    def reconnect(event):
        attempts.append(event.close_code)

    async with (
        server.async_client() as client,
        client.realtime.connect(
            model=MODEL,
            extra_query={"fault": "drop_after=response.created,times=2"},
            on_reconnecting=reconnect,
            initial_delay=0.01,
        ) as connection,
    ):
        async for event in connection:
            if event.type == "session.created":
                await connection.response.create(response=TEXT)
            elif event.type == "response.done":
                break
    assert attempts == [1006, 1006]
    assert [log.close_code for log in server.connections[begun:-1]] == [1006, 1006]


def test_a_servers_faults_may_change_and_a_url_lays_its_own_over_them():
    with MockServer(["One.", "Two."], faults=Faults(drop_after_events=2)) as server:
        with connect(server) as connection:
            connection.response.create(response=TEXT)
            assert len(types_until_closed(connection)) == 2
        with connect(server, "drop_after_events=3") as connection:
            connection.response.create(response=TEXT)
            assert len(types_until_closed(connection)) == 3
        server.faults = None
        with connect(server) as connection:
            connection.response.create(response=TEXT)
            server.connections[-1].wait_for("response.done")


# -- hearing and answering ---------------------------------------------------------------------------------------------


def transcribed(server: MockServer, pcm: bytes, fault: str):
    """The log of a connection in which someone said that and had it transcribed, and was answered."""
    audio = {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}, "turn_detection": None}}
    with connect(server, fault) as connection:
        connection.session.update(session={"type": "realtime", "audio": audio})
        connection.input_audio_buffer.append(audio=b64encode(pcm).decode())
        connection.input_audio_buffer.commit()
        connection.response.create(response=TEXT)
        log = server.connections[-1]
        log.wait_for("response.done", timeout=60)
        kind = "failed" if fault == "transcription_fails" else "completed"
        return log, log.wait_for(f"conversation.item.input_audio_transcription.{kind}", timeout=60)


def test_a_wrong_transcript_has_a_right_answer(say):
    with MockServer() as server:
        log, completed = transcribed(server, say("Please tell me about magnets."), "transcription=Gibst du mir, ja?")
        assert completed.event["transcript"] == "Gibst du mir, ja?"
        (user, heard), (assistant, said) = log.transcript()
        assert (user, heard, assistant) == ("user", "Gibst du mir, ja?", "assistant") and "magnet" in said.lower()


def test_a_transcription_fails_or_is_late(server, say):
    pcm = say("Hello.")
    log, failed = transcribed(server, pcm, "transcription_fails")
    assert failed.event["error"]["code"] == "transcription_failed"
    log, late = transcribed(server, pcm, "transcription_delay_ms=700")
    assert late.at - log.sent("input_audio_buffer.committed")[0].at >= 0.7


def test_a_reply_is_slow(server):
    with connect(server, "reply_delay_ms=500") as connection:
        connection.response.create(response=TEXT)
        log = server.connections[-1]
        done = log.wait_for("response.done")
    assert done.at - log.sent("response.created")[0].at >= 0.5
