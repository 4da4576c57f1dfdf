"""A conversation's log as text and as WebVTT, the latter read back by a parser of somebody else's."""

import re
from itertools import pairwise

import pytest
import webvtt

from realtime_helpers.service import choose_service
from realtime_helpers.transcript import TranscriptError, read_transcript
from realtime_helpers.wire import Wire, WireEvent

from .test_utterances import added, answer, append, completed, failed, turn


def wire(*events):
    flat = [each for event in events for each in (event if isinstance(event, list) else [event])]
    return Wire([WireEvent(n / 100, "received", event) for n, event in enumerate(flat)])


def cut(item_id, ms):
    return [
        {"type": "response.output_item.done", "item": {"id": item_id, "status": "incomplete"}},
        {"type": "conversation.item.truncated", "item_id": item_id, "content_index": 0, "audio_end_ms": ms},
    ]


TALK = wire(
    append(3), turn("u1", 400, 2600, None), answer("a1", "u1", "Mass bends space and time.", done=False),
    append(2), turn("u2", 4200, 5000, "a1"), cut("a1", 1500), answer("a2", "u2", "Blue."),
    append(4), turn("u3", 7000, 8900, "a2"), failed("u3"), answer("a3", "u3", "What?"),
    completed("u2", "Stop. Why blue?"), completed("u1", "Explain gravity."),
)  # fmt: skip


def cues(text):
    return [(seconds(cue.start), seconds(cue.end), cue.voice, cue.text) for cue in webvtt.from_string(text)]


def seconds(time):
    hours, minutes, rest = time.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def test_the_log_is_in_order_and_says_what_it_lacks():
    assert str(read_transcript(TALK)).split("\n") == [
        "User: Explain gravity.",
        "Assistant: Mass bends – (interrupted)",
        "User: Stop. Why blue?",
        "Assistant: Blue.",
        "User: (spoken, the transcription failed)",
        "Assistant: What?",
    ]


def test_without_transcription_the_users_lines_keep_their_place():
    log = read_transcript(wire(turn("u1", 0, 900, None), answer("a1", "u1", "Blue.")))
    assert str(log) == "User: (spoken, not transcribed)\nAssistant: Blue."


def test_words_whose_end_never_came_are_marked():
    partial = {"type": "conversation.item.input_audio_transcription.delta", "item_id": "u1", "delta": "Why is"}
    assert str(read_transcript(wire(turn("u1", 0, 900, None), partial))) == "User: Why is …"


def test_nothing_said():
    log = read_transcript(Wire())
    assert str(log) == "Nothing was said." and cues(log.webvtt) == []


def test_webvtt_has_times_and_voices_and_overlaps_nowhere():
    read = cues(read_transcript(TALK).webvtt)
    assert [(voice, text) for _, _, voice, text in read][:2] == [
        ("User", "Explain gravity."),
        ("Assistant", "Mass bends – (interrupted)"),
    ]
    assert [(start, end) for start, end, _, _ in read] == [
        (0.4, 2.6),
        (3.0, 4.2),  # he was cut after 1.5 s by a voice that began earlier
        (4.2, 5.0),
        (5.0, 6.0),
        (7.0, 8.9),
        (9.0, 10.0),
    ]


def test_what_would_begin_before_the_line_before_it_is_moved_behind():
    """Push to talk: no sound is sent while one listens, so the session's sound stands still."""
    commit = {"type": "input_audio_buffer.committed", "item_id": "u1", "previous_item_id": None}
    again = {"type": "input_audio_buffer.committed", "item_id": "u2", "previous_item_id": "a1"}
    log = read_transcript(
        wire(append(2), commit, answer("a1", "u1", "One. Two."), append(1), again, completed("u2", "Go on."))
    )
    assert [(line.start_ms, line.end_ms) for line in log] == [(0, 2000), (2000, 4000), (4000, 5000)]
    together = read_transcript(wire(*[answer(f"a{n}", f"a{n - 1}", "Yes.", seconds_each=0) for n in range(1, 4)]))
    times = [(line.start_ms, line.end_ms) for line in together]
    assert all(a < b <= c < d for (a, b), (c, d) in pairwise(times))


def test_an_hour_and_more_is_written_as_hours():
    log = read_transcript(wire(turn("u1", 3_723_004, 3_724_500, None), completed("u1", "Still there?")))
    assert "01:02:03.004 --> 01:02:04.500" in log.webvtt


@pytest.mark.parametrize("words", ["a --> b", "<v Nobody>Tom & Jerry</v>", "one\n\ntwo\n3 < 4", "WEBVTT", "&amp;"])
def test_no_words_can_break_the_file(words):
    text = read_transcript(wire(turn("u1", 0, 900, None), completed("u1", words), answer("a1", "u1", "Yes."))).webvtt
    read = cues(text)
    assert len(read) == 2 and [line.count("-->") for line in text.split("\n")].count(1) == 2
    payload = re.search(r"^<v User>(.*)</v>$", text, re.M)[1]
    plain = payload.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain == " ".join(words.split()) and "<" not in payload


def test_saved_by_its_ending(tmp_path):
    log = read_transcript(TALK)
    assert log.save(tmp_path / "a.txt").read_text(encoding="utf-8") == f"{log}\n"
    assert len(webvtt.read(str(log.save(str(tmp_path / "a.VTT"))))) == 6
    assert b"\r" not in (tmp_path / "a.VTT").read_bytes()
    with pytest.raises(TranscriptError, match=r"\.txt or \.vtt"):
        log.save(tmp_path / "a.srt")
    assert not (tmp_path / "a.srt").exists()


def test_typed_and_written_lines_last_as_long_as_they_take_to_read():
    typed = added("u1", "user", None, content=[{"type": "input_text", "text": "x" * 100}])
    written = [
        added("a1", "assistant", "u1", content=[]),
        {"type": "response.output_text.delta", "item_id": "a1", "delta": "Yes."},
        {"type": "response.output_text.done", "item_id": "a1", "text": "Yes."},
    ]
    log = read_transcript(wire(typed, written))
    assert [(line.words[-4:], line.end_ms - line.start_ms) for line in log] == [("xxxx", 6000), ("Yes.", 1000)]


async def test_of_a_real_conversation(monkeypatch):
    monkeypatch.setenv("REALTIME_SERVICE", "mock")
    service = choose_service()
    async with service.connect() as connection:
        await connection.session.update(session={"type": "realtime", "output_modalities": ["text"]})
        item = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "What is gravity?"}]}
        await connection.conversation.item.create(item=item)
        await connection.response.create()
        async for event in connection:
            if event.type == "response.done":
                break
    log = read_transcript(service.wire)
    assert [line.who for line in log] == ["User", "Assistant"] and log[0].words == "What is gravity?"
    assert log[1].words == service.wire.received("response.output_text.done")[0].event["text"]
