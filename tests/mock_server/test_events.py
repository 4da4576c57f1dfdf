import pytest

from realtime_helpers.mock_server.events import CLIENT_EVENTS, ProtocolError, decode, validate


def update(**session):
    return {"type": "session.update", "session": session}


def vad(**fields):
    return update(type="realtime", audio={"input": {"turn_detection": fields}})


@pytest.mark.parametrize(
    "event",
    [
        update(type="realtime", model="gpt-realtime-2.1", tracing="auto"),
        vad(type="server_vad", threshold=1, idle_timeout_ms=None),
        vad(type="semantic_vad", eagerness="low"),
        update(type="realtime", audio={"input": {"noise_reduction": None, "turn_detection": None}}),
        update(type="realtime", max_output_tokens="inf", tool_choice={"type": "function", "name": "book"}),
        {"type": "response.create", "event_id": None, "response": None},
        {"type": "response.create", "response": {"input": [{"type": "item_reference", "id": "item_1"}]}},
        {"type": "input_audio_buffer.append", "audio": "AAAA", "event_id": "e1"},
        {"type": "conversation.item.create", "item": {"type": "function_call_output", "call_id": "c", "output": ""}},
    ],
)
def test_what_real_clients_send_is_accepted(event):
    validate(event)


@pytest.mark.parametrize(
    ("event", "code", "param"),
    [
        ({}, "missing_required_parameter", "type"),
        ({"type": "session.opdate"}, "invalid_value", "type"),
        ({"type": ["session.update"]}, "invalid_value", "type"),
        (update(), "missing_required_parameter", "session.type"),
        (update(type="beta"), "invalid_value", "session.type"),
        (update(type="realtime", bogus_field=1), "unknown_parameter", "session.bogus_field"),
        (vad(type="vad"), "invalid_value", "session.audio.input.turn_detection.type"),
        (vad(type="server_vad", treshold=0.5), "unknown_parameter", "session.audio.input.turn_detection.treshold"),
        (vad(type="server_vad", threshold="0.5"), "invalid_type", "session.audio.input.turn_detection.threshold"),
        (
            update(type="realtime", tools=[{"type": "function", "name": 3}]),
            "invalid_type",
            "session.tools[0].name",
        ),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "input_audio_buffer.append"}, "missing_required_parameter", "audio"),
        ({"type": "input_audio_buffer.append", "audio": "", "x": 1}, "unknown_parameter", "x"),
        ({"type": "response.create", "response": {"x": 1}}, "unknown_parameter", "response.x"),
        (
            {"type": "conversation.item.truncate", "item_id": "a", "content_index": "0", "audio_end_ms": 1},
            "invalid_type",
            "content_index",
        ),
        (
            {"type": "conversation.item.create", "item": {"type": "message", "role": "user"}},
            "missing_required_parameter",
            "item.content",
        ),
    ],
)
def test_a_bad_event_is_named(event, code, param):
    with pytest.raises(ProtocolError) as fault:
        validate(event)
    assert (fault.value.code, fault.value.param) == (code, param)


def test_a_wrong_choice_lists_the_right_ones():
    with pytest.raises(ProtocolError, match="'server_vad', 'semantic_vad'"):
        validate(vad(type="vad"))


@pytest.mark.parametrize("frame", ["{", "[]", '"text"', "", "nul", b"\xff\xfe"])
def test_a_frame_that_is_no_json_object(frame):
    with pytest.raises(ProtocolError) as fault:
        decode(frame)
    assert fault.value.code == "invalid_json"


def test_every_published_client_event_is_known():
    from typing import get_args

    from openai.types.realtime import RealtimeClientEvent

    union = get_args(RealtimeClientEvent)[0]
    published = {get_args(event.model_fields["type"].annotation)[0] for event in get_args(union)}
    assert published == set(CLIENT_EVENTS)
