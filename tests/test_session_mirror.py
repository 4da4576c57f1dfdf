"""What a client must know of a session to bring another to where it was. That it works is test_resume.py's."""

from base64 import b64decode, b64encode

import pytest

from realtime_helpers.session_mirror import OURS, Restoration, SessionMirror

MS = b"\1\0" * 24  # a millisecond of sound


@pytest.fixture
def mirror():
    return SessionMirror()


def append(mirror, ms, level=1):
    mirror.sent({"type": "input_audio_buffer.append", "audio": b64encode(bytes([level, 0]) * 24 * ms).decode()})


def said(mirror, item_id, words, previous=None):
    """A user's text item, acknowledged."""
    item = {"id": item_id, "type": "message", "role": "user", "content": [{"type": "input_text", "text": words}]}
    mirror.sent({"type": "conversation.item.create", "item": item})
    mirror.received({"type": "conversation.item.added", "item": item, "previous_item_id": previous})


def turn(mirror, item_id, start, stop, previous=None):
    """A spoken turn, found by turn detection."""
    mirror.received({"type": "input_audio_buffer.speech_started", "item_id": item_id, "audio_start_ms": start})
    mirror.received({"type": "input_audio_buffer.speech_stopped", "item_id": item_id, "audio_end_ms": stop})
    mirror.received({"type": "input_audio_buffer.committed", "item_id": item_id, "previous_item_id": previous})
    item = {"id": item_id, "type": "message", "role": "user", "content": [{"type": "input_audio", "transcript": None}]}
    mirror.received({"type": "conversation.item.added", "item": item, "previous_item_id": previous})


def reply_begins(mirror, response_id, item_id, previous):
    mirror.received({"type": "response.created", "response": {"id": response_id, "conversation_id": "conv_1"}})
    item = {"id": item_id, "type": "message", "role": "assistant", "status": "in_progress", "content": []}
    mirror.received({"type": "conversation.item.added", "item": item, "previous_item_id": previous})


def reply_ends(mirror, response_id, item_id, words, status="completed"):
    content = [{"type": "output_audio", "transcript": words}]
    item = {"id": item_id, "type": "message", "role": "assistant", "status": status, "content": content}
    mirror.received({"type": "conversation.item.done", "item": item, "previous_item_id": None})
    mirror.received({"type": "response.done", "response": {"id": response_id, "status": status}})


def call_comes(mirror, response_id, item_id="item_call", call_id="call_1"):
    item = {"id": item_id, "type": "function_call", "status": "in_progress", "call_id": call_id, "name": "f"}
    mirror.received({"type": "response.created", "response": {"id": response_id, "conversation_id": "conv_1"}})
    mirror.received({"type": "conversation.item.added", "item": item | {"arguments": ""}, "previous_item_id": "a"})
    done = {"response_id": response_id, "item_id": item_id, "call_id": call_id, "name": "f", "arguments": "{}"}
    mirror.received({"type": "response.function_call_arguments.done", **done})


def restored(mirror):
    """(type, what matters of it) of each event that restores."""
    what = []
    for event in mirror.restoration():
        item = event.get("item")
        texts = [part.get("text", part["type"]) for part in (item or {}).get("content", ())]
        what.append((event["type"], texts or (item or {}).get("type") or event.get("session")))
    return what


def test_settings_are_those_that_were_accepted(mirror):
    mirror.sent({"type": "session.update", "session": {"type": "realtime", "audio": {"output": {"voice": "ash"}}}})
    bad = mirror.sent({"type": "session.update", "event_id": "mine", "session": {"type": "realtime", "bogus": 1}})
    mirror.sent({"type": "session.update", "session": {"type": "realtime", "audio": {"input": {"format": None}}}})
    mirror.received({"type": "session.updated", "session": {}})
    mirror.received({"type": "error", "error": {"event_id": "mine", "message": "no"}})
    mirror.received({"type": "session.updated", "session": {}})
    assert bad["event_id"] == "mine"
    whole = {"type": "realtime", "audio": {"output": {"voice": "ash"}, "input": {"format": None}}}
    assert restored(mirror) == [("session.update", whole)]


def test_a_setting_on_its_way_is_sent_again_under_its_own_name(mirror):
    sent = mirror.sent({"type": "session.update", "session": {"type": "realtime"}})
    assert mirror.restoration() == [sent]


def test_the_conversation_comes_back_in_order(mirror):
    said(mirror, "a", "One")
    said(mirror, "c", "Three", previous="a")
    said(mirror, "b", "Two", previous="a")
    mirror.sent({"type": "conversation.item.delete", "item_id": "c"})
    said(mirror, "root", "Zero", previous=None)
    assert [texts for _, texts in restored(mirror)] == [["Zero"], ["One"], ["Two"]]


def test_an_item_nobody_acknowledged_comes_last_as_it_was_sent(mirror):
    mirror.sent({"type": "conversation.item.create", "item": {"type": "message", "role": "user", "content": []}})
    said(mirror, "a", "One")
    events = mirror.restoration()
    assert [event["item"].get("id") == "a" for event in events] == [True, False]
    assert not events[1]["event_id"].startswith(OURS)


def test_a_turn_comes_back_as_its_words_or_as_its_sound(mirror):
    append(mirror, 1000, level=1)
    append(mirror, 1000, level=2)
    append(mirror, 1000, level=3)
    turn(mirror, "a", 1000, 2000)
    create = mirror.restoration()[0]
    assert b64decode(create["item"]["content"][0]["audio"]) == bytes([2, 0]) * 24 * 1000
    words = {"item_id": "a", "transcript": " Hello there. "}
    mirror.received({"type": "conversation.item.input_audio_transcription.completed", **words})
    assert restored(mirror)[0] == ("conversation.item.create", ["Hello there."])


def test_a_turn_in_progress_is_heard_again_from_its_beginning(mirror):
    append(mirror, 1000, level=1)
    append(mirror, 500, level=2)
    mirror.received({"type": "input_audio_buffer.speech_started", "item_id": "a", "audio_start_ms": 1000})
    append(mirror, 500, level=3)
    mirror.lost()
    assert mirror.speaking
    sound = b"".join(b64decode(event["audio"]) for event in mirror.restoration())
    assert sound == bytes([2, 0]) * 24 * 500 + bytes([3, 0]) * 24 * 500
    append(mirror, 100, level=4)
    mirror.received({"type": "input_audio_buffer.speech_started", "item_id": "b", "audio_start_ms": 900})
    assert len(mirror.restoration()) == 1, "the new session counts from 0"


def test_what_nobody_spoke_in_is_kept_for_half_a_minute(mirror):
    append(mirror, 45_000)
    assert sum(len(b64decode(event["audio"])) for event in mirror.restoration()) == 30_000 * 48


def test_a_reply_that_is_owed_is_asked_for_once(mirror):
    append(mirror, 2000)
    turn(mirror, "a", 500, 2000)
    assert restored(mirror)[-1][0] == "response.create"
    reply_begins(mirror, "r", "b", "a")
    (ending,) = mirror.lost()
    assert ending["response"]["status"] == "cancelled"
    assert [kind for kind, _ in restored(mirror)] == ["conversation.item.create", "response.create"], (
        "not what was half said"
    )


def test_what_was_answered_is_not_asked_for(mirror):
    append(mirror, 2000)
    turn(mirror, "a", 500, 2000)
    reply_begins(mirror, "r", "b", "a")
    reply_ends(mirror, "r", "b", "Hello.")
    assert mirror.quiet and mirror.lost() == []
    assert restored(mirror) == [
        ("conversation.item.create", ["input_audio"]),
        ("conversation.item.create", ["Hello."]),
    ]


def test_nobody_is_asked_where_the_client_asks_itself(mirror):
    detection = {"type": "realtime", "audio": {"input": {"turn_detection": {"create_response": False}}}}
    mirror.sent({"type": "session.update", "session": detection})
    mirror.received({"type": "session.updated", "session": {}})
    append(mirror, 2000)
    turn(mirror, "a", 500, 2000)
    assert "response.create" not in [kind for kind, _ in restored(mirror)]


def test_a_call_that_came_is_never_made_anew(mirror):
    said(mirror, "a", "Order!")
    mirror.sent({"type": "response.create"})
    call_comes(mirror, "r")
    (ending,) = mirror.lost()
    assert ending["response"]["status"] == "completed" and ending["response"]["output"][0]["call_id"] == "call_1"
    assert [what for _, what in restored(mirror)] == [["Order!"], "function_call"], "and no response.create"
    output = {"type": "function_call_output", "call_id": "call_1", "output": "done"}
    assert not mirror.quiet
    mirror.sent({"type": "conversation.item.create", "item": output})
    mirror.sent({"type": "response.create"})
    assert [what for _, what in restored(mirror)] == [["Order!"], "function_call", "function_call_output", None]


def test_of_an_interrupted_reply_what_was_heard_is_kept(mirror):
    said(mirror, "a", "Tell me.")
    reply_begins(mirror, "r", "b", "a")
    mirror.received({"type": "response.output_audio.delta", "item_id": "b", "delta": b64encode(MS * 2000).decode()})
    content = [{"type": "output_audio", "transcript": "one two three four"}]
    done = {"id": "b", "type": "message", "role": "assistant", "status": "incomplete", "content": content}
    mirror.received({"type": "conversation.item.done", "item": done})
    mirror.sent({"type": "conversation.item.truncate", "item_id": "b", "content_index": 0, "audio_end_ms": 1000})
    assert restored(mirror)[1] == ("conversation.item.create", ["one two"])


def test_push_to_talk_lost_on_its_way(mirror):
    append(mirror, 300, level=1)
    mirror.sent({"type": "input_audio_buffer.commit"})
    mirror.sent({"type": "response.create", "response": {"instructions": "Be brief."}})
    kinds = [event["type"] for event in mirror.restoration()]
    assert kinds[-2:] == ["input_audio_buffer.commit", "response.create"]
    assert kinds[0] == "input_audio_buffer.append"


def test_old_sound_gives_way_and_says_so(mirror, monkeypatch):
    monkeypatch.setattr("realtime_helpers.session_mirror._AUDIO_KEPT_BYTES", 48 * 1500)
    for n in range(2):
        append(mirror, 1000)
        turn(mirror, f"item_{n}", n * 1000, (n + 1) * 1000, f"item_{n - 1}" if n else None)
    assert [texts for _, texts in restored(mirror)][:2] == [
        ["(something was said here that was not kept)"],
        ["input_audio"],
    ]


def test_the_loop_does_not_see_what_it_has_seen(mirror):
    mirror.sent({"type": "session.update", "session": {"type": "realtime"}})
    mirror.received({"type": "session.updated", "session": {}})
    said(mirror, "a", "One")
    said(mirror, "b", "Two", previous="a")
    restoring = Restoration(mirror.restoration(), began=0)
    a = {"id": "a"}
    assert restoring.takes({"type": "session.created"})
    assert restoring.takes({"type": "session.updated"})
    assert restoring.takes({"type": "conversation.item.added", "item": a})
    assert restoring.takes({"type": "conversation.item.done", "item": a})
    assert not restoring.complete
    assert restoring.takes({"type": "error", "error": {"event_id": f"{OURS}2", "message": "no such thing"}}), "item b's"
    assert restoring.complete and restoring.notice()["refused"] == ["no such thing"]
    assert not restoring.takes({"type": "session.updated"}), "the second is an answer to the learner"
    assert not restoring.takes({"type": "conversation.item.added", "item": {"id": "c"}})
