import numpy as np
import pytest

from realtime_helpers.story import (
    SoundClock,
    audio_ms,
    find_messages,
    find_replies,
    find_turns,
    levels,
    sent_audio,
    turn_detection,
)
from tests.wires import Script, interrupted


def test_turns_in_sound_and_on_the_clock():
    first, second = find_turns(interrupted())
    assert (first.start, first.stop, first.started_at, first.stopped_at) == (0.5, 2.0, 0.5, 2.0)
    assert (first.words, second.words) == ("Explain gravity.", "")
    assert (second.start, second.stop) == (3.25, 5.0)


def test_a_turn_that_never_stopped():
    script = Script()
    script.turn(300, None, "item_1")
    (turn,) = find_turns(script.wire)
    assert turn.stop is None and turn.stopped_at is None


def test_a_transcript_belongs_to_its_item_whenever_it_comes():
    script = Script()
    script.turn(0, 1000, "one")
    script.turn(2000, 3000, "two")
    heard = "conversation.item.input_audio_transcription."
    script.received(3.2, heard + "delta", item_id="two", delta="Sec")
    script.received(3.3, heard + "delta", item_id="two", delta="ond")
    script.received(4.0, heard + "failed", item_id="one", error={})
    one, two = find_turns(script.wire)
    assert (one.words, one.words_at, one.failed) == ("", 4.0, True)
    assert (two.words, two.words_at, two.failed) == ("Second", None, False)
    script.received(5.0, heard + "completed", item_id="two", transcript=" Second! ")
    assert (find_turns(script.wire)[1].words, find_turns(script.wire)[1].words_at) == ("Second!", 5.0)


def test_messages_are_what_was_written_or_committed_by_hand_and_no_tool_output():
    script = Script()
    text = [{"type": "input_text", "text": "Hello."}]
    script.sent(1, "conversation.item.create", item={"type": "message", "role": "user", "content": text})
    script.sent(2, "conversation.item.create", item={"type": "function_call_output", "call_id": "1", "output": "{}"})
    script.turn(3000, 4000, "detected")
    script.received(4, "input_audio_buffer.committed", item_id="detected")
    script.received(5, "input_audio_buffer.committed", item_id="by_hand")
    script.received(
        6, "conversation.item.input_audio_transcription.completed", item_id="by_hand", transcript="By hand."
    )
    written, spoken = find_messages(script.wire)
    assert (written.at, written.words, written.words_at) == (1, "Hello.", None)
    assert (spoken.at, spoken.words, spoken.words_at) == (5, "By hand.", 6)


def test_a_call_that_was_interrupted_or_followed_by_a_new_turn_keeps_nobody_waiting():
    script = Script()
    script.turn(0, 1000, "item_1")
    script.received(1.1, "response.created", response={"id": "a"})
    script.received(1.2, "response.function_call_arguments.done", response_id="a", name="look", arguments="{}")
    script.received(1.3, "response.done", response={"id": "a", "status": "completed"})
    script.turn(2000, 3000, "item_2")
    script.reply(3.5, "b", "Never mind.", seconds=1, took=0.2)
    assert find_replies(script.wire)[1].asked_at == 3.0


def test_what_a_reply_holds_how_long_it_was_waited_for_and_what_was_heard_of_it():
    cut, whole = find_replies(interrupted())
    assert cut.audio_ms == 4000 and whole.audio_ms == 2000
    assert cut.wait_ms == pytest.approx(250) and whole.wait_ms == pytest.approx(40)
    assert (cut.first_at, cut.last_at) == (2.25, pytest.approx(3.05))
    assert (cut.status, cut.reason, cut.interrupted) == ("cancelled", "turn_detected", True)
    assert (cut.cut_at, cut.heard_ms) == (3.25, 1000)
    assert (whole.status, whole.interrupted, whole.words) == ("completed", False, "Energy.")


def test_where_a_response_speaks_twice_what_was_heard_counts_the_first_item_too():
    script = Script()
    script.received(1.0, "response.created", response={"id": "a"})
    for item in ("one", "two"):
        delta = "A" * 64_000  # 48,000 bytes
        script.received(1.1, "response.output_audio.delta", response_id="a", item_id=item, delta=delta)
    script.sent(2.0, "conversation.item.truncate", item_id="two", content_index=0, audio_end_ms=200)
    (reply,) = find_replies(script.wire)
    assert (reply.audio_ms, reply.heard_ms) == (2000, 1200)


def test_a_reply_asked_for_by_hand_is_waited_for_from_then_on():
    script = Script()
    script.turn(0, 1000, "item_1")
    script.sent(5.0, "response.create")
    script.reply(5.3, "a", "Yes.", seconds=1, took=0.2)
    assert find_replies(script.wire)[0].wait_ms == pytest.approx(300)


def test_a_function_call_and_a_failure():
    script = Script()
    script.received(1.0, "response.created", response={"id": "a"})
    call = {"name": "book_table", "arguments": '{"people": 2}'}
    script.received(1.1, "response.function_call_arguments.done", response_id="a", **call)
    failed = {"type": "failed", "error": {"type": "server_error", "message": "Too busy."}}
    script.received(1.2, "response.done", response={"id": "a", "status": "failed", "status_details": failed})
    (reply,) = find_replies(script.wire)
    assert reply.calls == ['book_table({"people": 2})'] and reply.wait_ms is None
    assert (reply.status, reply.reason) == ("failed", "Too busy.")


def test_the_turn_detection_in_force_is_the_last_the_service_told():
    script = Script()
    assert turn_detection(script.wire) is None
    script.settings(0, {"type": "server_vad", "silence_duration_ms": 500}, "session.created")
    script.settings(1, {"type": "server_vad", "silence_duration_ms": 200})
    assert turn_detection(script.wire)["silence_duration_ms"] == 200
    script.settings(2, None)
    assert turn_detection(script.wire) is None


def test_sent_audio_is_every_append_and_nothing_else():
    samples = sent_audio(interrupted())
    assert len(samples) == 10 * 24_000 and samples.max() == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(("base64", "ms"), [("", 0), ("AAAA" * 16, 1), ("AAA=" * 1, 2 / 48), (None, 0)])
def test_length_of_audio_without_decoding(base64, ms):
    assert audio_ms({"type": "response.output_audio.delta", "delta": base64}) == pytest.approx(ms)
    assert audio_ms({"type": "response.output_text.delta", "delta": base64}) == 0


def test_sound_sent_at_lifes_pace_is_where_it_was_spoken():
    clock = SoundClock(interrupted())
    assert clock(3.25) == pytest.approx(3.25) and clock.pace == pytest.approx(1)


def test_sound_sent_late_and_fast_is_pressed_together():
    script = Script()
    script.speak(10, 8, pace=4)
    clock = SoundClock(script.wire)
    assert clock(0) == pytest.approx(10, abs=0.1) and clock(8) == pytest.approx(12)
    assert clock(4) == pytest.approx(11, abs=0.1) and clock.pace == pytest.approx(4, rel=0.05)


def test_a_hole_in_the_sound_is_a_hole_on_the_clock():
    script = Script()
    script.speak(0, 1)
    script.speak(5, 1)
    clock = SoundClock(script.wire)
    assert clock(0.9) == pytest.approx(0.9) and clock(1.1) == pytest.approx(5.1)


def test_levels_keep_every_peak():
    samples = np.zeros(48_000, dtype=np.float32)
    samples[30_000], samples[7] = 0.9, -0.8
    at, low, high = levels(samples, 100)
    assert len(at) == 100 and high.max() == pytest.approx(0.9) and low[0] == pytest.approx(-0.8)
    assert at[high.argmax()] <= 30_000 / 24_000 < at[high.argmax() + 1]
    assert [len(x) for x in levels(samples[:0], 100)] == [0, 0, 0]
