"""The wire as a table and as pictures, from a conversation with a barge-in in the shapes of the protocol."""

import io
from base64 import b64encode
from typing import get_args

import numpy as np
import openai.types.realtime as types
import pytest
from matplotlib.image import imread

from realtime_helpers import draw_turns, event_table, show_timeline
from realtime_helpers.audio import float_to_pcm16
from realtime_helpers.event_notes import RECEIVED, SENT, note
from realtime_helpers.story import find_replies, find_turns
from realtime_helpers.wire import Wire, WireEvent


def tone(ms: float) -> str:
    return b64encode(float_to_pcm16(0.3 * np.sin(np.arange(round(24 * ms)) / 10))).decode()


def answer(at: float, n: int, words: str, slices: int, **response: object) -> list[tuple]:
    """A reply that begins at `at`, whose slices of 200 ms come every 50 ms."""
    ids = {"response_id": f"resp_{n}", "item_id": f"item_{n}"}
    deltas = [(at + 0.05 * (k + 1), "response.output_audio.delta", {**ids, "delta": tone(200)}) for k in range(slices)]
    end = at + 0.05 * (slices + 1)
    return [
        (at, "response.created", {"response": {"id": f"resp_{n}"}}),
        (at, "response.output_item.added", {"response_id": f"resp_{n}", "item": {"id": f"item_{n}"}}),
        (at + 0.01, "response.output_audio_transcript.delta", {**ids, "delta": words}),
        *deltas,
        (end, "response.output_audio_transcript.done", {**ids, "transcript": words}),
        (end, "response.done", {"response": {"id": f"resp_{n}", "status": "completed", **response}}),
    ]


@pytest.fixture
def wire() -> Wire:
    detection = {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500}
    session = {"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
    cancelled = {"status": "cancelled", "status_details": {"type": "cancelled", "reason": "turn_detected"}}
    received = [
        (0.02, "session.created", {"session": session}),
        (0.05, "session.updated", {"session": session}),
        (1.2, "input_audio_buffer.speech_started", {"audio_start_ms": 900, "item_id": "user_1"}),
        (2.5, "input_audio_buffer.speech_stopped", {"audio_end_ms": 2400, "item_id": "user_1"}),
        *answer(2.6, 1, "It is the air.", 20, **cancelled),
        (
            2.7,
            "conversation.item.input_audio_transcription.completed",
            {"item_id": "user_1", "transcript": "Why <is> the sky blue?"},
        ),
        (3.6, "input_audio_buffer.speech_started", {"audio_start_ms": 3300, "item_id": "user_2"}),
        (3.7, "conversation.item.truncated", {"item_id": "item_1", "content_index": 0, "audio_end_ms": 900}),
        (5.0, "input_audio_buffer.speech_stopped", {"audio_end_ms": 4900, "item_id": "user_2"}),
        *answer(5.25, 2, "As you wish.", 4),
    ]
    sent = [(0.03, "session.update", {"session": {"type": "realtime"}})]
    sent += [(0.1 * n, "input_audio_buffer.append", {"audio": tone(100)}) for n in range(1, 70)]
    sent += [(3.65, "conversation.item.truncate", {"item_id": "item_1", "content_index": 0, "audio_end_ms": 900})]
    events = [WireEvent(at, way, {"type": kind, **rest}) for way, all_ in (("sent", sent), ("received", received))
              for at, kind, rest in all_]  # fmt: skip
    return Wire(sorted(events, key=lambda e: e.at))


def pixels(picture) -> np.ndarray:
    return imread(io.BytesIO(picture.png))


def test_table_counts_types_in_order_of_arrival(wire: Wire) -> None:
    rows = event_table(wire).rows
    assert [(r.direction, r.type) for r in rows][:4] == [
        ("received", "session.created"),
        ("sent", "session.update"),
        ("received", "session.updated"),
        ("sent", "input_audio_buffer.append"),
    ]
    by_type = {r.type: r for r in rows}
    append, delta = by_type["input_audio_buffer.append"], by_type["response.output_audio.delta"]
    assert (append.count, append.first_at, append.audio_ms) == (69, 0.1, pytest.approx(6900))
    assert (delta.count, delta.audio_ms) == (24, pytest.approx(4800))
    assert by_type["response.done"].audio_ms is None
    assert all(r.when != "–" for r in rows)


def test_table_is_shown_and_printed(wire: Wire) -> None:
    table = event_table([*wire, WireEvent(9, "received", {"type": "<b>new</b>"})])
    html = table._repr_mimebundle_()["text/html"]
    assert "&lt;b&gt;new" in html
    assert html.count("<tr>") == len(table.rows) + 1 == len(str(table).splitlines())
    assert "response.output_audio.delta" in str(table)


def test_every_event_of_the_api_that_a_learner_meets_has_its_notes() -> None:
    for union, notes in ((types.RealtimeServerEvent, RECEIVED), (types.RealtimeClientEvent, SENT)):
        known = {get_args(one.model_fields["type"].annotation)[0] for one in get_args(get_args(union)[0])}
        met = {kind for kind in known if not kind.startswith("mcp_") and ".mcp_" not in kind}
        missing = met - notes.keys() - {"conversation.created", "conversation.item.created"}  # the shut-down beta's
        assert missing <= {"conversation.item.input_audio_transcription.segment"}
        assert not notes.keys() - known - {"input_audio_buffer.dtmf_event_received"}
    assert note("local", "speaker.played") == ("–", "–")


def test_turns_and_replies_are_read_off_the_wire(wire: Wire) -> None:
    assert [(t.start, t.stop, t.words) for t in find_turns(wire)] == [
        (0.9, 2.4, "Why <is> the sky blue?"),
        (3.3, 4.9, ""),
    ]
    first, second = find_replies(wire)
    assert first.wait_ms == pytest.approx(150)
    assert (first.interrupted, first.heard_ms, first.audio_ms) == (True, 900, pytest.approx(4000))
    assert second.wait_ms == pytest.approx(300)
    assert (second.interrupted, second.words, second.status) == (False, "As you wish.", "completed")


def test_timeline_says_what_it_shows(wire: Wire) -> None:
    picture = show_timeline(wire)
    shown = picture._repr_mimebundle_()
    assert "2 turns of yours; 2 replies; first sound 150 ms, 300 ms" in picture.alt
    assert "1 interrupted" in picture.alt
    assert f'alt="{picture.alt}"' in shown["text/html"]
    assert "Why &lt;is&gt; the sky blue?" in shown["text/html"]
    assert "Why <is> the sky blue?" in shown["text/plain"]


def test_pictures_have_no_ground_and_leave_no_figure_behind(wire: Wire) -> None:
    from matplotlib import _pylab_helpers

    for picture in (show_timeline(wire), draw_turns(wire)):
        image = pixels(picture)
        assert image[0, 0, 3] == 0, "transparent"
        assert 0.01 < (image[..., 3] > 0.5).mean() < 0.8
    assert not _pylab_helpers.Gcf.get_all_fig_managers()


def test_turn_pictures_of_the_same_audio_can_be_laid_above_each_other(wire: Wire) -> None:
    two, none = draw_turns(wire), draw_turns([e for e in wire if "speech_" not in e.type])
    assert two.alt.startswith("Waveform of 6.9 s of audio. 2 turns")
    assert two.figure.axes[0].get_xlim() == none.figure.axes[0].get_xlim()
    assert two.figure.axes[0].get_position().bounds == none.figure.axes[0].get_position().bounds
    assert two.figure.axes[0].get_ylim() == none.figure.axes[0].get_ylim()


@pytest.mark.parametrize("draw", [show_timeline, draw_turns, event_table])
def test_an_empty_or_broken_off_wire_is_shown_too(draw, wire: Wire) -> None:
    for cut in (0, 1, 20, len(wire) // 2):
        assert draw(Wire(wire[:cut]))._repr_mimebundle_()["text/html"]


def test_bare_audio_is_a_waveform() -> None:
    assert draw_turns(bytes(48_000)).alt.startswith("Waveform of 1.0 s")
    assert draw_turns(np.zeros(12_000, np.float32)).alt.startswith("Waveform of 0.5 s")
    assert draw_turns(b"").png
