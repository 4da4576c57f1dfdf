import typing

import pytest
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent

from realtime_helpers.event_counts import event_table
from realtime_helpers.event_notes import RECEIVED, SENT, note
from realtime_helpers.wire import Wire
from tests.wires import Script, interrupted

NOT_IN_THE_WORKBOOK = ("mcp", "conversation.created", "conversation.item.created", "transcription.segment")


def types(union) -> set[str]:
    while typing.get_origin(union) is typing.Annotated:
        union = typing.get_args(union)[0]
    found = {kind for t in typing.get_args(union) for kind in typing.get_args(t.model_fields["type"].annotation)}
    return {kind for kind in found if not any(part in kind for part in NOT_IN_THE_WORKBOOK)}


@pytest.mark.parametrize(("notes", "union"), [(SENT, RealtimeClientEvent), (RECEIVED, RealtimeServerEvent)])
def test_every_event_of_the_protocol_has_its_note(notes, union):
    assert set(notes) == types(union)
    assert all(when and why and len(why) < 75 for when, why in notes.values())


def test_rows_are_in_order_of_first_arrival_and_counted_by_direction():
    rows = event_table(interrupted()).rows
    assert [row.first_at for row in rows] == sorted(row.first_at for row in rows)
    by_type = {row.type: row for row in rows}
    assert rows[0].type == "session.updated"
    assert (by_type["input_audio_buffer.append"].count, by_type["input_audio_buffer.append"].direction) == (100, "sent")
    assert by_type["input_audio_buffer.append"].audio_ms == pytest.approx(10_000)
    assert by_type["response.output_audio.delta"].audio_ms == pytest.approx(6_000)
    assert by_type["response.done"].count == 2 and by_type["response.done"].audio_ms is None
    assert by_type["conversation.item.truncate"].first_at == 3.25


def test_the_same_type_both_ways_is_two_rows():
    script = Script()
    script.sent(1, "twice")
    script.received(2, "twice")
    assert [(row.direction, row.count) for row in event_table(script.wire).rows] == [("sent", 1), ("received", 1)]


def test_what_never_crossed_the_wire_is_not_counted():
    script = Script()
    script.local(1, "speaker.started", item_id="a", heard_ms=0)
    assert event_table(script.wire).rows == []


def test_an_event_nobody_has_heard_of_is_counted_and_left_unexplained():
    script = Script()
    script.received(1, "brand.new")
    (row,) = event_table(script.wire).rows
    assert (row.when, row.why) == note("received", "brand.new") == ("–", "–")


def test_shows_itself_as_a_table_and_as_text():
    bundle = event_table(interrupted())._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    html, plain = bundle["text/html"], bundle["text/plain"]
    assert html.count("<tr>") == 1 + len(event_table(interrupted()).rows) and 'scope="row"' in html
    assert "tells the model how much of its reply was really heard" in html
    line = next(line for line in plain.splitlines() if "input_audio_buffer.append" in line)
    assert line.split()[:7] == ["you", "→", "input_audio_buffer.append", "100", "0.10", "s", "10.0"]


def test_what_came_over_the_wire_is_escaped():
    script = Script()
    script.received(1, "<b>bold</b>")
    html = event_table(script.wire)._repr_mimebundle_()["text/html"]
    assert "<b>" not in html and "&lt;b&gt;bold&lt;/b&gt;" in html


def test_no_events():
    assert str(event_table(Wire())) == "No events yet."
    assert "No events yet." in event_table(Wire())._repr_mimebundle_()["text/html"]
