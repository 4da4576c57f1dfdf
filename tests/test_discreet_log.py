"""What the log says of a conversation at DEBUG, everybody's log together; and what it never says."""

from __future__ import annotations

import asyncio
import logging

import pytest
from websockets.frames import Close, Frame, Opcode

from realtime_helpers import discreet_log
from realtime_helpers.mock_server import MockServer

from .dropped_calls import service_of
from .spoken_order import PACE, Clerk, Talk

INSTRUCTIONS = "You are a grocer, and you never mention the swordfish."
TYPED = "My password is marmalade."
EMBEDDED = "a sonnet about a haddock"
WORDS_OF_THEIRS = ("swordfish", "marmalade", "haddock")


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """Nobody asked for content."""
    monkeypatch.delenv("REALTIME_LOG_CONTENT", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def logged(caplog):
    """Everything that is logged, as text."""
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(f"{r.name}: {r.getMessage()} {r.exc_text or ''}" for r in caplog.records)


async def a_line_is_typed(server) -> None:
    async with asyncio.timeout(20), service_of(server).connect() as connection:
        await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        content = [{"type": "input_text", "text": TYPED}]
        await connection.conversation.item.create(item={"type": "message", "role": "user", "content": content})
        await connection.response.create()
        async for event in connection:
            if event.type == "response.done":
                break


def contents(wire) -> set[str]:
    """Whatever anybody said, wrote, heard or asked a tool for, in pieces that a log would show."""
    found: set[str] = set()

    def look(value, key="") -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                look(inner, name)
        elif isinstance(value, list):
            for inner in value:
                look(inner, key)
        elif key in ("audio", "delta", "transcript", "text", "arguments", "output", "instructions"):
            words = str(value)
            found.update(words[at : at + 20] for at in range(0, len(words) - 8, 20) if len(words[at : at + 20]) > 8)

    for noted in wire:
        look(noted.event)
    return {piece for piece in found if len(set(piece)) > 4}  # silence is no secret


async def test_a_spoken_conversation_leaves_its_events_in_the_log_and_nothing_that_was_said(logged):
    with MockServer(mind=Clerk(), pace=PACE) as server:
        service = service_of(server)
        await Talk(service, typed=TYPED, instructions=INSTRUCTIONS).hold()
        await service.client.embeddings.create(model="text-embedding-3-small", input=EMBEDDED)
    log, said = logged(), contents(service.wire)
    assert {"That is ordered.", INSTRUCTIONS[:20], TYPED[:20]} <= said and len(said) > 1000, (
        "there was something to leak"
    )
    assert [piece for piece in said if piece in log] == []
    assert [word for word in (*WORDS_OF_THEIRS, server.api_key) if word in log] == []
    for sent in ("session.update", "input_audio_buffer.append", "conversation.item.create"):
        assert f"websockets.client: > TEXT {sent} [" in log
    for received in ("response.output_audio.delta", "response.done", "error response_cancel_not_active"):
        assert f"websockets.client: < TEXT {received} [" in log
    assert "> Authorization: (hidden)" in log and "openai._base_client: " in log


async def test_without_the_filters_all_of_it_would_be_there(logged, monkeypatch):
    monkeypatch.setattr(discreet_log._Discreet, "filter", lambda self, record: True)
    monkeypatch.setattr(Frame, "MAX_LOG_SIZE", 10_000)
    with MockServer(script=["One."]) as server:
        await a_line_is_typed(server)
    assert TYPED in logged() and server.api_key in logged()


async def test_content_is_there_for_who_asks_and_the_key_is_not(logged, monkeypatch):
    monkeypatch.setenv("REALTIME_LOG_CONTENT", "1")
    monkeypatch.setattr(Frame, "MAX_LOG_SIZE", 10_000)
    with MockServer(script=["One."]) as server:
        await a_line_is_typed(server)
    assert TYPED in logged()
    assert server.api_key not in logged()


@pytest.mark.parametrize("asked", ["", "1"])
def test_bodies_and_headers_of_requests(logged, monkeypatch, asked):
    """As openai's client has logged them in some of its versions."""
    monkeypatch.setenv("REALTIME_LOG_CONTENT", asked)
    log = logging.getLogger("openai._base_client")
    headers = {"Authorization": "Bearer sk-key", "X-Request-Id": "req_1", "Set-Cookie": "sk-key"}
    log.debug("Request options: %s", {"method": "post", "url": "/embeddings", "json_data": {"input": "haddock"},
                                      "headers": headers})  # fmt: skip
    log.debug("HTTP Response: %s %i %s", "POST", 200, headers)
    assert "/embeddings" in logged() and "req_1" in logged() and "POST 200" in logged()
    assert "sk-key" not in logged()
    assert ("haddock" in logged()) is bool(asked)


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (Frame(Opcode.TEXT, b'{"item": {"type": "message"}, "type": "x.y"}'), "TEXT x.y [44 bytes]"),
        (Frame(Opcode.TEXT, b'{"type": "error", "error": {"code": "c", "message": "m"}}'), "TEXT error c [57 bytes]"),
        (Frame(Opcode.TEXT, b'{"type": "error", "error": null}'), "TEXT error [32 bytes]"),
        (Frame(Opcode.TEXT, b"not json"), "TEXT (no event) [8 bytes]"),
        (Frame(Opcode.TEXT, b"[1]"), "TEXT (no event) [3 bytes]"),
        (Frame(Opcode.TEXT, b'{"type": "x', fin=False), "TEXT [11 bytes, continued]"),
        (Frame(Opcode.CONT, b".y"), "CONT [2 bytes]"),
        (Frame(Opcode.BINARY, b"\1\2"), "BINARY [2 bytes]"),
        (Frame(Opcode.CLOSE, Close(1001, "going").serialize()), "CLOSE 1001 (going away) going [7 bytes]"),
    ],
)
def test_what_is_told_of_a_frame(logged, frame, told):
    logging.getLogger("websockets.client").debug("> %s", frame)
    assert logged().strip() == f"websockets.client: > {told}"


def test_a_key_within_a_message_is_hidden_even_from_who_asks_for_content(logged, monkeypatch):
    """A tool that runs on somebody's server is given to the session with a key of its own."""
    monkeypatch.setenv("REALTIME_LOG_CONTENT", "1")
    update = b'{"type": "session.update", "session": {"tools": [{"type": "mcp", "authorization": "sk-key"}]}}'
    logging.getLogger("websockets.client").debug("> %s", Frame(Opcode.TEXT, update))
    assert "session.update" in logged() and "sk-key" not in logged()


def test_settings_that_cannot_be_read_ask_for_nothing(logged, tmp_path):
    (tmp_path / ".env").write_bytes("REALTIME_LOG_CONTENT=1".encode("utf-16"))
    logging.getLogger("websockets.client").debug("> %s", Frame(Opcode.TEXT, b'{"type": "x", "text": "haddock"}'))
    assert "haddock" not in logged() and "TEXT x" in logged()


def test_once_more_is_no_more():
    before = [len(logging.getLogger(name).filters) for name in discreet_log._TALKATIVE]
    discreet_log.be_discreet()
    assert [len(logging.getLogger(name).filters) for name in discreet_log._TALKATIVE] == before
