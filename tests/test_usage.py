import numpy as np
import pytest

from realtime_helpers import usage_table
from realtime_helpers.wire import Wire
from tests.wires import Script, base64

HEARD = "conversation.item.input_audio_transcription.completed"


def usage(text_in: int, audio_in: int, audio_out: int, cached: int = 0) -> dict:
    return {
        "total_tokens": text_in + audio_in + audio_out + 7,
        "input_tokens": text_in + audio_in,
        "output_tokens": audio_out + 7,
        "input_token_details": {"text_tokens": text_in, "audio_tokens": audio_in, "cached_tokens": cached},
        "output_token_details": {"text_tokens": 7, "audio_tokens": audio_out},
    }


@pytest.fixture
def wire() -> Wire:
    """Two turns answered, a call that says nothing in between, and a reply that is not done."""
    script = Script()
    script.speak(0, 12)
    script.turn(500, 2000, "item_1")
    script.received(2.1, HEARD, item_id="item_1", transcript="One.", usage={"type": "tokens", "total_tokens": 15})
    script.reply(2.2, "a", "Yes.", seconds=2, took=0.5, usage=usage(1000, 15, 40))
    script.turn(5000, 7000, "item_2")
    script.received(7.1, HEARD, item_id="item_2", transcript="Two.", usage={"type": "tokens", "total_tokens": 20})
    script.received(7.1, "response.created", response={"id": "call"})
    script.received(7.3, "response.done", response={"id": "call", "status": "completed", "usage": None})
    script.reply(8.0, "b", "No.", seconds=1, took=0.5, usage=usage(1050, 35, 20, cached=960))
    script.received(11.0, "response.created", response={"id": "open"})
    script.received(11.1, "response.output_audio.delta", response_id="open", item_id="x", delta=base64(np.zeros(2400)))
    script.wire.sort(key=lambda e: e.at)
    return script.wire


def test_tokens_and_seconds_reply_by_reply_and_in_all(wire):
    used = usage_table(wire)
    first, call, second = used.replies
    assert (first.tokens_in, first.audio_in, first.cached, first.tokens_out, first.audio_out) == (1015, 15, 0, 47, 40)
    assert (first.spoken_s, first.made_s) == (1.5, 2.0)
    assert (call.tokens_in, call.spoken_s, call.made_s) == (None, 2.0, 0)
    assert (second.cached, second.spoken_s, second.made_s) == (960, 0, 1.0)
    assert (used.total.tokens_in, used.total.tokens_out, used.total.cached) == (2100, 74, 960)
    assert (used.total.spoken_s, used.total.made_s, used.sent_s) == (3.5, 3.0, pytest.approx(12))


def test_transcription_counts_apart_in_whatever_it_counts(wire):
    assert usage_table(wire).transcription == {"tokens": 35}
    assert "Transcribing what you said used 35 tokens, which" in str(usage_table(wire))
    script = Script()
    script.received(1, HEARD, item_id="a", transcript="One.", usage={"type": "duration", "seconds": 2.25})
    assert usage_table(script.wire).transcription == {"seconds": 2.25} and "2.2 s" in usage_table(script.wire).note
    assert "Transcribing" not in usage_table(Wire()).note


def test_reads_as_a_table_and_as_text(wire):
    lines = str(usage_table(wire)).splitlines()
    assert lines[0].split()[:3] == ["reply", "tokens", "in"] and lines[-2].split()[:2] == ["in", "all"]
    assert lines[1].split() == ["1", "1,015", "15", "0", "47", "40", "1.5", "s", "2.0", "s"]
    assert lines[2].split()[1:6] == ["–"] * 5
    assert lines[-1].startswith("Sound sent: 12.0 s, silence included.")
    assert len({len(line) for line in lines[:-1]}) == 1, "columns stand below one another"
    html = usage_table(wire)._repr_mimebundle_()["text/html"]
    assert html.count("<tr>") == 5 and html.count('scope="col"') == 8 and html.count('scope="row"') == 4
    assert "<td>2,100</td>" in html.split("<tfoot>")[1]


def test_before_any_reply_it_says_so():
    assert str(usage_table(Wire())) == "No reply yet. Sound sent: 0.0 s, silence included."
    assert "<table" not in usage_table(Wire())._repr_mimebundle_()["text/html"]
