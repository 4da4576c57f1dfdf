"""Client events as no client should send them: valid ones, mutated. Driven by hypothesis."""

import asyncio
import copy
import json
import logging
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as hypothesis_seed
from hypothesis import strategies as st

from realtime_helpers.mock_server.conversation import MAX_ITEMS
from realtime_helpers.mock_server.events import CLIENT_EVENTS, ProtocolError, decode
from realtime_helpers.mock_server.house import House
from realtime_helpers.mock_server.input_buffer import MAX_BYTES
from realtime_helpers.mock_server.replies import Call, Prompt
from realtime_helpers.mock_server.session import Session

_TOOL = {"type": "function", "name": "book", "description": "Book.", "parameters": {"type": "object"}}
_DETECTION = {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 200, "idle_timeout_ms": 6000}
_SILENCE = b64encode(bytes(4800)).decode()


def _item(**body: Any) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": body}


def _update(**session: Any) -> dict[str, Any]:
    return {"type": "session.update", "event_id": "e", "session": {"type": "realtime", **session}}


VALID: list[dict[str, Any]] = [
    _update(instructions="Be brief.", tools=[_TOOL], tool_choice="auto", max_output_tokens=100),
    _update(output_modalities=["text"], truncation={"type": "retention_ratio", "retention_ratio": 0.5}),
    _update(audio={"input": {"turn_detection": _DETECTION, "transcription": {"model": "whisper-1", "language": "en"}}}),
    _update(audio={"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "low"}, "noise_reduction": None}}),
    _update(audio={"input": {"format": {"type": "audio/pcmu"}}, "output": {"voice": "marin", "speed": 1.0}}),
    _update(audio={"input": {"format": {"type": "audio/pcm", "rate": 24000}, "turn_detection": None}}),
    _update(tools=[{"type": "mcp", "server_label": "files", "server_url": "https://example.org"}], tracing="auto"),
    {"type": "input_audio_buffer.append", "audio": _SILENCE},
    {"type": "input_audio_buffer.append", "audio": _SILENCE, "event_id": "e"},
    {"type": "input_audio_buffer.commit"},
    {"type": "input_audio_buffer.clear"},
    {"type": "output_audio_buffer.clear"},
    _item(type="message", role="user", id="a", content=[{"type": "input_text", "text": "hello"}]),
    _item(type="message", role="user", content=[{"type": "input_audio", "audio": _SILENCE}]),
    _item(type="message", role="user", content=[{"type": "input_image", "image_url": "data:image/png;base64,AAAA"}]),
    _item(type="message", role="assistant", content=[{"type": "output_text", "text": "hello"}]),
    _item(type="message", role="system", content=[{"type": "input_text", "text": "hello"}]),
    _item(type="function_call", call_id="c", name="book", arguments="{}"),
    _item(type="function_call_output", call_id="c", output="done"),
    {**_item(type="message", role="user", content=[]), "previous_item_id": "a"},
    {**_item(type="message", role="user", content=[]), "previous_item_id": "root"},
    {"type": "conversation.item.delete", "item_id": "a"},
    {"type": "conversation.item.retrieve", "item_id": "a"},
    {"type": "conversation.item.truncate", "item_id": "a", "content_index": 0, "audio_end_ms": 10},
    {"type": "response.create"},
    {"type": "response.create", "response": {"conversation": "none", "input": [], "metadata": {"k": "v"}}},
    {"type": "response.create", "response": {"tools": [_TOOL], "tool_choice": {"type": "function", "name": "book"}}},
    {"type": "response.create", "response": {"input": [{"type": "item_reference", "id": "a"}]}},
    {"type": "response.cancel"},
    {"type": "response.cancel", "response_id": "resp_1"},
]

_NUMBERS = st.sampled_from([0, -1, 1, 2, 2**31, 2**53, -(2**63), 2**64, 10**30, 1.5, -0.0, 1e300])
_SHORT = st.text(max_size=12) | st.sampled_from(
    ["", "\0", "é", "🎤", "a" * 300, "root", "auto", "none", "inf", "\u202e"]
)
_SCALARS = st.none() | st.booleans() | _NUMBERS | _SHORT
_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_SHORT, inner, max_size=3), max_leaves=6
)
_NASTY = st.sampled_from(
    ["x" * 100_000, b64encode(bytes(480_000)).decode(), [[[[[[[[]]]]]]]], _SILENCE[:-1], "AAA", "A" * 4001]
)


def _paths(value: Any, path: tuple = ()) -> list[tuple]:
    found = [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        found += _paths(inner, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A text frame: a valid client event, changed in up to three places; now and then no event at all."""
    if draw(st.integers(0, 60)) == 0:
        return draw(st.text(max_size=40) | _JSON.map(json.dumps))
    event = copy.deepcopy(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3]))):
        path = draw(st.sampled_from(_paths(event)[1:]))
        parent = event
        for key in path[:-1]:
            parent = parent[key]
        match draw(st.sampled_from(["replace", "replace", "delete", "add", "nest", "nasty", "retype"])):
            case "replace":
                parent[path[-1]] = draw(_JSON)
            case "delete":
                del parent[path[-1]]
            case "add" if isinstance(parent, dict):
                parent[draw(_SHORT)] = draw(_JSON)
            case "nest":
                parent[path[-1]] = {path[-1]: parent[path[-1]]} if isinstance(path[-1], str) else [parent[path[-1]]]
            case "nasty":
                parent[path[-1]] = copy.deepcopy(draw(_NASTY))
            case "retype":
                event["type"] = draw(st.sampled_from(list(CLIENT_EVENTS)))
        if len(_paths(event)) < 2:
            break
    return json.dumps(event)


class _Calling:
    """A mind that calls the first tool, and says nothing: speech would only take time."""

    async def reply(self, prompt: Prompt) -> AsyncIterator[Call]:
        if prompt.tools:
            yield Call(prompt.tools[0]["name"], "{}")


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


@dataclass
class Tally:
    events: int = 0
    refused: int = 0
    codes: Counter = field(default_factory=Counter)


class Victim:
    """A session under attack, with the rules that it must keep."""

    def __init__(self, speech: Any, tally: Tally) -> None:
        self._tally = tally
        self._now: list[dict[str, Any]] = []
        self._complaints = _Complaints()
        logging.getLogger("realtime_helpers").addHandler(self._complaints)

        async def room() -> None:
            return None

        self.session = Session(House(speech, _Calling()), "gpt-realtime-2.1", self._take, room)

    def _take(self, event: dict[str, Any]) -> None:
        orjson.dumps(event)  # what cannot be sent would end the connection
        self._now.append(event)

    def send(self, frame: str) -> None:
        """As the socket's loop does it. Raises AssertionError where a rule is broken."""
        self._now.clear()
        try:
            event = decode(frame)
        except ProtocolError as fault:
            self.session.error(fault)
        else:
            self.session.handle(event)
        errors = [event["error"] for event in self._now if event["type"] == "error"]
        self._tally.events += 1
        shown = frame[:300]
        assert len(errors) <= 1, f"{len(errors)} errors for {shown}"
        assert not self._complaints.records, f"logged for {shown}: {self._complaints.records[0]}"
        for error in errors:
            self._tally.refused += 1
            self._tally.codes[error["code"]] += 1
            assert len(self._now) == 1, f"an error and other events for {shown}"
            assert error["type"] == "invalid_request_error" and error["code"], f"{error} for {shown}"
            assert 10 < len(error["message"]) < 2000, f"{len(error['message'])} letters for {shown}"
            assert error["param"] or error["code"] in NAMELESS, f"{error} names nothing for {shown}"
        conversation, buffer = self.session.conversation, self.session.listener.buffer
        assert len(conversation.items) <= MAX_ITEMS and len(buffer) <= MAX_BYTES

    def close(self) -> None:
        self.session.close()
        logging.getLogger("realtime_helpers").removeHandler(self._complaints)


# Errors that are about no field: a frame that is no event, or the state of the session.
NAMELESS = {
    "invalid_json",
    "input_audio_buffer_commit_empty",
    "conversation_already_has_active_response",
    "response_cancel_not_active",
    "context_length_exceeded",
    "conversation_full",
    "rate_limit_exceeded",
}


def attack(speech: Any, tally: Tally, conversations: int, seed: int | None = None) -> None:
    """`conversations` sessions of up to 60 events each. `seed` None: the same in every run."""

    @given(st.lists(mutated(), min_size=10, max_size=60))
    @settings(
        max_examples=conversations,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(HealthCheck),
    )
    def one(frames: list[str]) -> None:
        asyncio.run(_send(lambda: Victim(speech, tally), frames))

    (one if seed is None else hypothesis_seed(seed)(one))()


async def _send(new_victim: Callable[[], Victim], frames: list[str]) -> None:
    victim = new_victim()
    try:
        for frame in frames:
            victim.send(frame)
            await asyncio.sleep(0)  # lets the session's tasks run
    finally:
        victim.close()
